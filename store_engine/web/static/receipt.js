// Nothing here is needed: the forms work without it.
"use strict";
for (const form of document.querySelectorAll("form")) {
  const many = form.querySelector(".fewer");
  const show = () => {
    const chosen = form.querySelector("input[name=claim]:checked");
    if (many && chosen) many.hidden = chosen.value !== "fewer";
  };
  form.addEventListener("change", show);
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    button.disabled = true;
    button.textContent = "Sending...";
  });
  show();
}
// Only one form is open at a time: the page stays short on a phone.
const drawers = document.querySelectorAll("details");
for (const drawer of drawers) {
  drawer.addEventListener("toggle", () => {
    if (drawer.open) for (const other of drawers) if (other !== drawer) other.open = false;
  });
}
