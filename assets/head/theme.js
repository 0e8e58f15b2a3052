// Before the first paint: the chosen theme, else the system's. Loaded from <head>, so that a dark page never flashes white.
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* storage may be forbidden */ }
  const dark = chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = dark ? "dark" : "light";
  for (const name of ["data-bs-theme", "data-mantine-color-scheme", "data-ag-theme-mode"]) document.documentElement.setAttribute(name, theme);
})();
