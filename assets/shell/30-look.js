// How the page looks: theme, language, what is unfolded; and the reload when a portal gets its first data.
(() => {
  const {theme} = salesReports;
  /** @type {string | null | undefined} */
  let loaded; // snapshot on screen since the page was loaded

  salesReports.page.offer("shell", {
    /** @param {number | null} clicks */
    theme(clicks) {
      if (clicks) theme.choose(theme.current() === "dark" ? "light" : "dark");
      return theme.current();
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
    /** @param {number | null} done */
    connected(done) {
      if (done) window.location.assign("/");
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
