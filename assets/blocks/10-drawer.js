// The drawer is open where the address says so; numbers, bars and question marks open it by the address.
salesReports.blocks.drawer = (() => {
  const {address, page} = salesReports;

  /**
   * @param {"drill" | "explain"} kind
   * @param {string} target BLOCK.FIGURE&row.KEY=VALUE
   */
  const open = (kind, target) => address.go(address.withDrawer(window.location.search, kind, target));

  /**
   * What a click on a chart means: the first of its points whose customdata is a piece of the address.
   * @param {{customdata?: unknown}[]} points
   */
  const openPoint = (points) => {
    const target = points.map(({customdata}) => customdata).find((data) => typeof data === "string");
    if (typeof target !== "string") return;
    open(target.startsWith("explain:") ? "explain" : "drill", target.replace(/^explain:/, ""));
  };

  /**
   * Unchanged queries reload nothing.
   * @param {string} next
   * @param {string | undefined} known
   */
  const ifNew = (next, known) => (next === known ? page.noUpdate() : next);

  page.offer("blocks", {
    /**
     * The query without the drawer.
     * @param {string | null} search
     * @param {string} [known]
     */
    query: (search, known) => ifNew(address.searchOf(address.withoutDrawer(search)), known),
    /**
     * @param {string} search
     * @param {string} [known]
     */
    drawerQuery: (search, known) => ifNew(address.hasDrawer(search) ? search : "", known),
    /** @param {string | null} search */
    drawer: (search) => address.hasDrawer(search),
    /** @param {boolean} isOpen */
    close(isOpen) {
      const {search} = window.location;
      if (!isOpen && address.hasDrawer(search)) address.go(address.withoutDrawer(search));
      return page.noUpdate();
    },
    help() {
      const {triggered_id: fired, triggered} = window.dash_clientside.callback_context;
      if (fired && triggered[0]?.value) open("explain", `${fired.id}.`);
      return page.noUpdate();
    },
  });

  return {open, openPoint};
})();
