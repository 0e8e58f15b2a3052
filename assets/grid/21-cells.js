// A cell: row, month, measure; what is saved in it and what it shows.
salesReports.grid.cells = (() => {
  const {typed} = salesReports.grid.numbers;
  const SEP = "\u001f"; // ids of sources may hold any visible sign

  /**
   * @param {string} rowId
   * @param {string} month
   * @param {number} measure
   */
  const idOf = (rowId, month, measure) => [rowId, month, measure].join(SEP);

  /** @param {string} id */
  const partsOf = (id) => {
    const [rowId, month, measure] = id.split(SEP);
    return {rowId, month, measure: Number(measure)};
  };

  /**
   * @param {string} id
   * @param {string} rowId
   */
  const isIn = (id, rowId) => id.startsWith(rowId + SEP);

  /**
   * As stored, "" for none.
   * @param {PlanRow} row
   * @param {string} month
   * @param {number} measure
   */
  const saved = (row, month, measure) => row.cells[month]?.[measure] ?? "";

  /**
   * What is typed there and not saved.
   * @param {Store} store
   * @param {PlanRow} row
   * @param {string} month
   * @param {number} measure
   */
  const unsaved = (store, row, month, measure = store.measure) => store.overlay.get(idOf(row.id, month, measure));

  /**
   * As one would type it: what is not saved yet, else what is.
   * @param {Store} store
   * @param {PlanRow} row
   * @param {string} month
   * @param {number} measure
   */
  const textOf = (store, row, month, measure = store.measure) =>
    unsaved(store, row, month, measure)?.text ?? typed(saved(row, month, measure));

  /**
   * @param {Store} store
   * @param {string} month
   */
  const isClosed = (store, month) => Boolean(store.data?.closed?.includes(month));

  return {idOf, partsOf, isIn, saved, unsaved, textOf, isClosed};
})();
