// The query string in the browser. Which parameters there are is said by the server (dash_app/web/state.py), on <html>.
salesReports.address = (() => {
  /**
   * when: period and day; ofPeriod: of those, what a report over all of time has no use for; carried: what goes along to another report;
   * drawer: what opens the drawer.
   * @type {{when: string[], ofPeriod: string[], carried: string[], drawer: string[]}}
   */
  const NAMES = JSON.parse(document.documentElement.dataset.address ?? "null");

  /** @param {string | null} [search] */
  const params = (search = window.location.search) => new URLSearchParams(search || "");

  /** @param {URLSearchParams} given */
  const searchOf = (given) => {
    const text = given.toString();
    return text ? "?" + text : "";
  };

  /**
   * @param {string | null | undefined} search
   * @param {(name: string) => boolean} isKept
   */
  const only = (search, isKept) => new URLSearchParams([...params(search ?? "")].filter(([name]) => isKept(name)));

  /**
   * What goes along to another report.
   * @param {string | null} search
   * @param {boolean} withPeriod
   */
  const carried = (search, withPeriod) =>
    searchOf(only(search, (name) => NAMES.carried.includes(name) && (withPeriod || !NAMES.ofPeriod.includes(name))));

  /**
   * What a report is opened with: what goes along, over the view somebody opens it with; the same as state.opened_with.
   * @param {string} along
   * @param {string | undefined} first
   */
  const opened = (along, first) => {
    const kept = params(along);
    const ofPeriod = NAMES.ofPeriod.some((name) => kept.has(name));
    const own = only(first ?? "", (name) => !kept.has(name) && !(ofPeriod && NAMES.ofPeriod.includes(name)));
    return searchOf(new URLSearchParams([...own, ...kept]));
  };

  /**
   * The period and the day alone: no filters, no drawer.
   * @param {string | null} search
   */
  const withoutFilters = (search) => only(search, (name) => NAMES.when.includes(name));

  /** @param {string | null} search */
  const withoutDrawer = (search) => only(search, (name) => !NAMES.drawer.includes(name) && !name.startsWith("row."));

  /** @param {string | null} search */
  const hasDrawer = (search) => NAMES.drawer.some((name) => params(search).get(name));

  /**
   * The same page with the drawer open.
   * @param {string | null} search
   * @param {string} kind drill | explain
   * @param {string} target BLOCK.FIGURE&row.KEY=VALUE
   */
  const withDrawer = (search, kind, target) =>
    new URLSearchParams([...withoutDrawer(search), ...new URLSearchParams(`${kind}=${target}`)]);

  /** @param {URLSearchParams} wanted */
  const go = (wanted) => salesReports.page.set("url", {search: searchOf(wanted)});

  return {params, searchOf, carried, opened, withoutFilters, withoutDrawer, hasDrawer, withDrawer, go};
})();
