// Grids of records ask anew when the filters, the data or the columns change; those far below when somebody comes near.
(() => {
  const {page} = salesReports;

  /**
   * On a phone the pinned title leaves room for the rest.
   * @param {GridApi} api
   */
  const fit = (api) => {
    if (window.innerWidth >= 640) return;
    // pinned columns wider than the screen were set free by the grid
    const title = {colId: "title", pinned: "left", width: 150};
    api.applyColumnState({state: [title, {colId: "act", pinned: "right", width: 56}]});
  };

  const met = new WeakSet();

  /**
   * A grid met for the first time asks for its first rows itself.
   * @param {DashId} id
   * @param {GridApi} api
   */
  const isNew = (id, api) => {
    const element = page.elementOf(id);
    if (!element || met.has(element)) return false;
    met.add(element);
    api.addEventListener("firstDataRendered", () => fit(api));
    return true;
  };

  /** @type {WeakMap<Element, () => void>} */
  const waiting = new WeakMap();
  const near = new IntersectionObserver((entries) => {
    for (const {isIntersecting, target} of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      waiting.get(target)?.();
      waiting.delete(target);
    }
  }, {rootMargin: "400px"});

  /**
   * @param {DashId} id
   * @param {() => void} act
   */
  const whenNear = (id, act) => {
    const element = page.elementOf(id);
    if (!element) return;
    waiting.set(element, act);
    near.observe(element);
  };

  /**
   * @param {GridApi} api
   * @param {string[]} columns those a person wants beside the title and the act
   */
  const show = (api, columns) => {
    const shown = new Set([...columns, "title", "act"]);
    const all = api.getColumns() || [];
    api.setColumnsVisible(all.filter((c) => shown.has(c.getColId()) && !c.isVisible()), true);
    api.setColumnsVisible(all.filter((c) => !shown.has(c.getColId()) && c.isVisible()), false);
  };

  page.offer("blocks", {
    /**
     * @param {string} _query
     * @param {string | null} _snapshot
     * @param {string[] | null} columns
     * @param {Record<string, string>} id
     */
    async reload(_query, _snapshot, columns, id) {
      const api = await window.dash_ag_grid.getApiAsync(id);
      if (columns) show(api, columns);
      fit(api);
      if (isNew(id, api)) return page.noUpdate();
      whenNear(id, () => {
        api.purgeInfiniteCache();
        if (api.getDisplayedRowCount()) api.ensureIndexVisible(0);
      });
      return page.noUpdate();
    },
    async reloadDrawer() { // another number in the same drawer: the grid that is there already asks anew
      const holder = document.querySelector(".drawer-grid .records-ag");
      if (!holder?.id) return page.noUpdate();
      const api = await window.dash_ag_grid.getApiAsync(holder.id);
      fit(api);
      if (!isNew(holder.id, api)) api.purgeInfiniteCache();
      return page.noUpdate();
    },
  });
})();
