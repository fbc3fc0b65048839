"use strict";
const form = document.getElementById("reset");
const said = document.getElementById("said");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const password = document.getElementById("password").value;
  const answer = await fetch(`${form.dataset.api}/password-reset/confirm`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token: form.dataset.token, password }),
  });
  const body = await answer.json();
  said.textContent = answer.ok ? "The password is set. Sign in with it." : body.error;
});
