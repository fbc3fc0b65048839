"use strict";
// The page is readable without this script, which adds the search, the choice of a language and copying.
const entries = [...document.querySelectorAll("nav li")].map((item) => {
    const target = document.getElementById(decodeURIComponent(item.firstChild.getAttribute("href").slice(1)));
    const route = target && target.querySelector(".route");
    return { item, text: `${item.textContent} ${target ? target.id : ""} ${route ? route.textContent : ""}`.toLowerCase() };
});
const search = document.getElementById("search");
const status = document.getElementById("found");
search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { item, text } of entries) {
        const matches = words.every((word) => text.includes(word));
        item.hidden = !matches;
        count += matches ? 1 : 0;
    }
    for (const group of document.querySelectorAll("nav details")) {
        group.hidden = !group.querySelector("li:not([hidden])");
        if (words.length) group.open = true;
    }
    status.textContent = words.length ? `${count} found` : "";
});
search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const first = document.querySelector("nav details:not([hidden]) li:not([hidden]) a");
    if (first) location.hash = first.hash;
});

function choose(language) {
    for (const samples of document.querySelectorAll(".samples")) {
        for (const button of samples.querySelectorAll("button[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
        for (const text of samples.querySelectorAll("pre")) text.hidden = text.dataset.language !== language;
    }
}
document.addEventListener("click", async (event) => {
    const button = event.target.closest(".samples button");
    if (!button) return;
    if (button.dataset.language) {
        const before = button.getBoundingClientRect().top;
        choose(button.dataset.language);
        scrollBy(0, button.getBoundingClientRect().top - before);
        return;
    }
    const text = button.closest(".samples").querySelector("pre:not([hidden])").textContent;
    try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
    } catch {
        getSelection().selectAllChildren(button.closest(".samples").querySelector("pre:not([hidden])"));
        button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
});
// A typed fragment may not be percent-encoded.
function decoded(fragment) {
    try {
        return decodeURIComponent(fragment);
    } catch {
        return fragment;
    }
}
// A link to a part in a closed box opens the box.
function open() {
    const target = location.hash && document.getElementById(decoded(location.hash.slice(1)));
    for (let box = target && target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    if (target) target.scrollIntoView();
}
addEventListener("hashchange", open);
open();
