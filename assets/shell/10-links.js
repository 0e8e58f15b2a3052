// Links of the navigation: they carry the filters on, and one of them is where we are.
salesReports.shell.links = (() => {
  const NO_FILTERS = ["/settings"];

  /** @param {string | null | undefined} pathname */
  const pathOf = (pathname) => (pathname || "/").replace(/\/+$/, "") || "/";

  /**
   * A report over all of time neither takes a period along nor is given one.
   * @param {string} path where to
   * @param {string} here
   * @param {string | null} search
   * @param {string[]} timeless reports over all of time
   * @param {Record<string, string> | null} [first] reports opened with a view of one's own
   */
  const hrefOf = (path, here, search, timeless, first) => {
    if (NO_FILTERS.includes(path)) return path;
    const {carried, opened} = salesReports.address;
    return path + opened(carried(search, !timeless.includes(here) && !timeless.includes(path)), first?.[path]);
  };

  const markHere = () => {
    for (const link of document.querySelectorAll(".nav-item")) {
      if (link.classList.contains("is-here")) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  };

  salesReports.page.offer("shell", {
    /**
     * @param {string | null} search
     * @param {string | null} pathname
     * @param {{path: string}[]} ids
     * @param {Record<string, string> | null} first
     * @param {string[]} timeless
     */
    navigate(search, pathname, first, ids, timeless) {
      const here = pathOf(pathname);
      setTimeout(markHere, 0);
      return [
        ids.map(({path}) => hrefOf(path, here, search, timeless, first)),
        ids.map(({path}) => "nav-item" + (path === here || (path !== "/" && here.startsWith(path + "/")) ? " is-here" : "")),
      ];
    },
    /** @param {string | null} text */
    title(text) {
      if (text) document.title = text;
      return salesReports.page.noUpdate();
    },
  });

  return {pathOf, hrefOf};
})();
