// What AG Grid draws anew: the rows, the totals below them, every cell, widths that cut no number.
salesReports.grid.drawing = (() => {
  const {numbers, cells, rows, status, store: {current, element}} = salesReports.grid;
  const PHONE = 640;

  /** @param {Store} store */
  const apiOf = ({api}) => (api && !api.isDestroyed?.() ? api : null);

  /**
   * Months are as wide as the longest number, or share the room there is.
   * @param {Store} store
   * @param {GridApi} api
   */
  const fit = (store, api) => {
    const all = [...rows.visible(store), rows.totals(store)];
    const lengths = all.flatMap((row) => store.months.flatMap((month) =>
      [cells.textOf(store, row, month).length, numbers.shown(cells.saved(row, month, store.measure)).length]));
    const longest = lengths.reduce((most, length) => Math.max(most, length), 7);
    const whole = all.reduce((most, row) => Math.max(most, numbers.shown(rows.totalOf(store, row)).length), 6);
    const taken = ["manager", "pipeline", "total"].reduce((sum, key) => sum + (api.getColumn(key)?.getActualWidth() ?? 0), 0);
    const room = Math.floor(((element("grid", store)?.clientWidth ?? 0) - taken - 4) / store.months.length);
    const width = Math.max(room, Math.min(190, Math.ceil(longest * 7.7 + 24)));
    api.setColumnWidths([
      ...store.months.map((key) => ({key, newWidth: width})),
      {key: "total", newWidth: Math.min(220, Math.ceil(whole * 8.2 + 24))},
    ]);
  };

  const draw = (store = current()) => {
    const api = apiOf(store);
    if (!api) return;
    api.setGridOption("pinnedBottomRowData", store.rows.length ? [rows.totals(store)] : []);
    api.refreshCells({force: true});
    fit(store, api);
    status.drawNotes(store);
    status.draw(store);
  };

  /**
   * On a phone only the name stays in place.
   * @param {GridApi} api
   */
  const narrow = (api) => {
    api.setColumnsPinned(["pipeline", "total"], null);
    api.setColumnWidths([{key: "manager", newWidth: 132}]);
    api.setColumnsPinned(["manager"], "left");
  };

  /** The rows themselves. */
  const show = (store = current()) => {
    const api = apiOf(store);
    if (!api) return;
    if (window.innerWidth < PHONE) narrow(api);
    api.setGridOption("rowData", [...rows.visible(store)]);
    draw(store);
  };

  return {draw, show};
})();
