// How the page looks: theme, language, what is unfolded; and the reload when a portal gets its first data.
(() => {
  const root = document.documentElement;
  const theme = () => root.getAttribute("data-bs-theme") || "light";
  /** @type {string | null | undefined} */
  let loaded; // snapshot on screen since the page was loaded

  salesReports.page.offer("shell", {
    /** @param {number | null} clicks */
    theme(clicks) {
      if (clicks) {
        const next = theme() === "dark" ? "light" : "dark";
        for (const name of ["data-bs-theme", "data-mantine-color-scheme", "data-ag-theme-mode"]) root.setAttribute(name, next);
        try {
          localStorage.setItem("theme", next);
        } catch { /* remembered for this page only */ }
      }
      return theme();
    },
    /**
     * @param {number | null} clicks
     * @param {string} lang
     */
    language(clicks, lang) {
      if (clicks) {
        document.cookie = `lang=${lang === "ru" ? "en" : "ru"}; path=/; max-age=31536000; samesite=lax`;
        window.location.reload();
      }
      return salesReports.page.noUpdate();
    },
    /** @param {number} clicks */
    more(clicks) {
      const open = clicks % 2 === 1;
      return [open, String(open)];
    },
    /**
     * The layout of the filters needs the data.
     * @param {string | null} snapshot
     */
    firstData(snapshot) {
      if (loaded === null && snapshot) window.location.reload();
      loaded = snapshot ?? null;
      return salesReports.page.noUpdate();
    },
  });
})();
