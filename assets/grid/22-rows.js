// The rows: those of the server, those added by hand, those found, their totals.
salesReports.grid.rows = (() => {
  const {numbers, cells, store: {word}} = salesReports.grid;
  const ALL = "all"; // in ids: all pipelines

  /**
   * @param {string} manager
   * @param {string} pipeline
   */
  const idOf = (manager, pipeline) => `${manager}:${pipeline || ALL}`;

  /**
   * @param {Store} store
   * @param {string} id
   */
  const rowOf = (store, id) => store.rows.find((row) => row.id === id);

  /**
   * An empty row as its id tells it.
   * @param {Store} store
   * @param {string} id
   * @returns {PlanRow}
   */
  const describe = (store, id) => {
    const at = id.lastIndexOf(":");
    const [manager, pipeline] = [id.slice(0, at), id.slice(at + 1)];
    const pipelineId = pipeline === ALL ? "" : pipeline;
    const [name, department] = store.names?.managers[manager] ?? [`№${manager}`, ""];
    const title = store.names?.pipelines[pipelineId] ?? pipelineId;
    return {id, manager_id: manager, manager: name, department, pipeline_id: pipelineId, pipeline: title, cells: {}};
  };

  /** @param {PlanRow} row */
  const nameOf = (row) => (row.pipeline ? `${row.manager} (${row.department}), ${row.pipeline}` : row.manager);

  /** @param {Store} store */
  const visible = (store) => {
    const wanted = store.find.trim().toLocaleLowerCase();
    if (!wanted) return store.rows;
    const words = (/** @type {PlanRow} */ row) => `${row.manager} ${row.department} ${row.pipeline}`;
    return store.rows.filter((row) => words(row).toLocaleLowerCase().includes(wanted));
  };

  /**
   * The sum of a row's months.
   * @param {Store} store
   * @param {PlanRow} row
   */
  const totalOf = (store, row) => numbers.sum(store.months.map((month) => cells.saved(row, month, store.measure)));

  /**
   * The row below all: what is saved in the rows on screen.
   * @param {Store} store
   * @returns {PlanRow}
   */
  const totals = (store) => {
    const rows = visible(store);
    const sums = store.months.map((month) => [month, store.measures.map((_, measure) => {
      const list = rows.map((row) => cells.saved(row, month, measure)).filter(Boolean);
      return list.length ? numbers.sum(list) : "";
    })]);
    const empty = {manager_id: "", department: "", pipeline_id: "", pipeline: ""};
    return {id: "totals", manager: word(store, "total"), ...empty, cells: Object.fromEntries(sums)};
  };

  /**
   * A month of a row is saved: an amount a measure, all "" for none.
   * @param {Store} store
   * @param {string} id
   * @param {string} month
   * @param {string[]} amounts
   */
  const put = (store, id, month, amounts) => {
    const row = rowOf(store, id);
    if (!row) return;
    row.cells = {...row.cells, [month]: amounts};
    if (amounts.every((text) => text === "")) delete row.cells[month];
  };

  /**
   * @param {Store} store
   * @param {string} id
   * @returns {PlanRow}
   */
  const add = (store, id) => {
    const row = describe(store, id);
    store.rows.push(row);
    store.added.set(id, row);
    return row;
  };

  /**
   * @param {Store} store
   * @param {string} id
   */
  const remove = (store, id) => {
    store.rows = store.rows.filter((row) => row.id !== id);
    store.added.delete(id);
  };

  /**
   * Rows came from the server; what is typed meanwhile waits its turn.
   * @param {Store} store
   * @param {PageData} data
   */
  const take = (store, data) => {
    store.months = data.months;
    const rows = data.rows.map((row) => ({...row, cells: {...row.cells}}));
    const there = new Set(rows.map((row) => row.id));
    for (const [id, row] of store.added) {
      if (there.has(id)) store.added.delete(id);
      else rows.push({...row, cells: {}});
    }
    store.rows = rows;
    for (const edit of store.queue.values()) edit.row = rowOf(store, edit.row.id) ?? edit.row;
    for (const [id, {kind, text}] of store.overlay) { // whoever saved the same ended the conflict
      const {rowId, month, measure} = cells.partsOf(id);
      const row = rowOf(store, rowId);
      if (kind !== "conflict" || !row) continue;
      if (numbers.typed(cells.saved(row, month, measure)) === text) store.overlay.delete(id);
    }
  };

  return {idOf, rowOf, describe, nameOf, visible, totalOf, totals, put, add, remove, take};
})();
