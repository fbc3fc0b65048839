"use strict";
const form = document.getElementById("reset");
const status = document.getElementById("status");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const password = document.getElementById("password").value;
  const response = await fetch(`${form.dataset.api}/password-reset/confirm`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token: form.dataset.token, password }),
  });
  const body = await response.json();
  status.textContent = response.ok ? "The password is set. Sign in with it." : body.error;
});
