// Grids of records ask anew when the filters, the data or the columns change; those far below when somebody comes near.
(() => {
  const {page} = salesReports;

  const CARD = "as_card";

  const isNarrow = () => window.innerWidth < 640;

  /**
   * On a phone a record is a card, the one column there is.
   * @param {GridApi} api
   * @param {Element | null} element
   */
  const fit = (api, element) => {
    if (!isNarrow() || !api.getColumn(CARD)) return;
    const others = (api.getColumns() ?? []).map((column) => column.getColId()).filter((name) => name !== CARD);
    api.applyColumnState({state: [
      ...others.map((colId) => ({colId, hide: true, pinned: null})),
      {colId: CARD, hide: false, width: (element?.clientWidth || window.innerWidth - 62) - 2}, // not flex: it hides rows until it is laid out
    ]});
  };

  document.addEventListener("change", async (event) => {
    const select = page.around(event, "[data-order]");
    const holder = select?.closest("[role=region]")?.querySelector(".records-ag");
    if (!(select instanceof HTMLSelectElement) || !holder) return;
    const api = await window.dash_ag_grid.getApiAsync(holder.id);
    const [colId, sort] = select.value.split(":");
    api.applyColumnState({state: colId ? [{colId, sort}] : [], defaultState: {sort: null}});
  });

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
    for (const name of ["firstDataRendered", "gridSizeChanged"]) api.addEventListener(name, () => fit(api, element));
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
    const all = (api.getColumns() || []).filter((c) => c.getColId() !== CARD);
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
      if (columns && !isNarrow()) show(api, columns);
      fit(api, page.elementOf(id));
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
      fit(api, holder);
      if (!isNew(holder.id, api)) api.purgeInfiniteCache();
      return page.noUpdate();
    },
  });
})();
