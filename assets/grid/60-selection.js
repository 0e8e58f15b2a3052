// The selection: from the focused cell to the one Shift or the mouse led to.
salesReports.grid.selection = (() => {
  const {store: {current, own}} = salesReports.grid;

  /**
   * The focused cell of the rows, not of the totals.
   * @returns {Place | null}
   */
  const focused = (store = current()) => {
    const at = store.api?.getFocusedCell();
    return at && !at.rowPinned ? {row: at.rowIndex, column: at.column.getColId()} : null;
  };

  /**
   * @param {Place} at
   * @param {Place} head
   * @param {string[]} months
   * @returns {CellRange}
   */
  const between = (at, head, months) => {
    const columns = [months.indexOf(at.column), months.indexOf(head.column)];
    return {
      top: Math.min(at.row, head.row),
      bottom: Math.max(at.row, head.row),
      left: Math.min(...columns),
      right: Math.max(...columns),
    };
  };

  /** Null where no month is focused. */
  const range = (store = current()) => {
    const at = focused(store);
    return at && store.months.includes(at.column) ? between(at, store.head ?? at, store.months) : null;
  };

  /**
   * @param {number} row
   * @param {string} month
   */
  const isChosen = (row, month, store = current()) => {
    const r = store.head && range(store);
    if (!r) return false;
    const column = store.months.indexOf(month);
    return row >= r.top && row <= r.bottom && column >= r.left && column <= r.right;
  };

  /** @param {Place | null} head null: the focused cell alone */
  const choose = (head, store = current()) => {
    const at = focused(store);
    store.head = at && head && (head.row !== at.row || head.column !== at.column) ? head : null;
    store.api?.refreshCells({force: true});
  };

  /**
   * The selection's end moves by rows and months, not beyond the grid.
   * @param {Place} at
   * @param {number} down
   * @param {number} aside
   */
  const extend = (at, down, aside, store = current()) => {
    const {api, anchor, months} = store;
    if (!api) return;
    if (at.row !== anchor?.row || at.column !== anchor?.column) { // pressed before the grid told of its new focus
      store.anchor = at;
      store.head = null;
    }
    const head = store.head ?? at;
    const row = Math.max(0, Math.min(api.getDisplayedRowCount() - 1, head.row + down));
    const column = months[Math.max(0, Math.min(months.length - 1, months.indexOf(head.column) + aside))];
    choose({row, column}, store);
    api.ensureIndexVisible(row);
    api.ensureColumnVisible(column);
  };

  /** Another cell was focused: the selection starts anew. */
  const startAnew = (store = current()) => {
    const at = focused(store);
    if (at?.row === store.anchor?.row && at?.column === store.anchor?.column) return;
    store.anchor = at;
    if (!store.head) return;
    store.head = null;
    const {api} = store;
    setTimeout(() => api && !api.isDestroyed() && api.refreshCells({force: true}), 0);
  };

  /**
   * @param {number} index
   * @returns {PlanRow | undefined}
   */
  const rowAt = (index, store = current()) => store.api?.getDisplayedRowAtIndex(index)?.data;

  /**
   * The cell of a month under the mouse.
   * @param {EventTarget | null} target
   * @returns {Place | null}
   */
  const cellUnder = (target, store = current()) => {
    const cell = target instanceof Element ? target.closest(".ag-cell") : null;
    const row = cell?.closest(".ag-row");
    const column = cell?.getAttribute("col-id");
    if (!row || !column || row.closest(".ag-floating-bottom") || !store.months.includes(column)) return null;
    return {row: Number(row.getAttribute("row-index")), column};
  };

  /** @param {EventTarget | null} target */
  const isInGrid = (target) => target instanceof Element && target.closest(`#${own("grid")}`) !== null;

  const isEditing = (store = current()) => Boolean(store.api?.getEditingCells().length);

  /**
   * @param {string} id of a row
   * @param {string} month
   * @returns {number | null} its place, null where it is not on screen
   */
  const focus = (id, month, store = current()) => {
    const index = store.api?.getRowNode(id)?.rowIndex ?? null;
    if (!store.api || index === null) return null;
    store.api.ensureIndexVisible(index);
    store.api.ensureColumnVisible(month);
    store.api.setFocusedCell(index, month);
    return index;
  };

  return {focused, between, range, isChosen, choose, extend, startAnew, rowAt, cellUnder, isInGrid, isEditing, focus};
})();
