// Light or dark: as the system has it until the button says otherwise.
"use strict";

(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");
  const other = () => (theme() === "dark" ? "light" : "dark");
  function name() {
    button.textContent = other() === "dark" ? "Dark" : "Light";
    button.title = `Change to the ${other()} theme`;
  }
  try {
    const chosen = localStorage.getItem("multirec-theme");
    if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
  } catch {
    // The theme of the system, then.
  }
  button.addEventListener("click", () => {
    root.dataset.theme = other();
    name();
    try {
      localStorage.setItem("multirec-theme", root.dataset.theme);
    } catch {
      // It holds for this visit.
    }
  });
  dark.addEventListener("change", name);
  name();
})();
