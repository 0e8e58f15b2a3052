// Pages people sign in on: the button that shows what is typed as a password.
for (const button of document.querySelectorAll("[data-show]")) {
  const input = button.parentElement?.querySelector("input");
  button.removeAttribute("hidden");
  button.addEventListener("click", () => {
    if (!input) return;
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    input.focus();
  });
}
