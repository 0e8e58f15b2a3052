// The first script, from <head>: the one name all of them share, and the theme before the first paint – the chosen one, else the system's –,
// so that a dark page never flashes white. Dash loads the others by name, those of folders after those beside them; what a script takes from
// another is loaded before it. Types are JSDoc, checked by tsc (tsconfig.json).
var salesReports = {};
salesReports.shell = {};
salesReports.blocks = {};
salesReports.grid = {};

salesReports.theme = (() => {
  const KEPT = "theme";
  const ATTRIBUTES = ["data-bs-theme", "data-mantine-color-scheme", "data-ag-theme-mode"];
  const root = document.documentElement;

  /** @returns {string} light | dark */
  const current = () => root.getAttribute(ATTRIBUTES[0]) || "light";

  /** @param {string} theme */
  const put = (theme) => {
    for (const name of ATTRIBUTES) root.setAttribute(name, theme);
  };

  /** @param {string} theme */
  const choose = (theme) => {
    put(theme);
    try {
      localStorage.setItem(KEPT, theme);
    } catch { /* remembered for this page only */ }
  };

  const chosen = () => {
    try {
      return localStorage.getItem(KEPT);
    } catch {
      return null; // storage may be forbidden
    }
  };
  const isDark = () => window.matchMedia("(prefers-color-scheme: dark)").matches;

  put((chosen() ?? (isDark() ? "dark" : "light")) === "dark" ? "dark" : "light");
  return {current, choose};
})();
