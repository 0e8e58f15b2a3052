// Rows that people add, copy and delete: the panel in which managers and a pipeline are chosen.
salesReports.grid.rowsByHand = (() => {
  const {page} = salesReports;
  const {cells, rows, drawing, saving, selection, status, editing: {need}, store: {current, own, element, word}} = salesReports.grid;

  /** @param {PlanRow | null} source the row that is copied */
  const open = (source) => {
    const store = current();
    const panel = element("add");
    if (!panel) return;
    store.source = source;
    const title = source ? word(store, "copy_of", {row: rows.nameOf(source)}) : word(store, "add_title");
    page.set(own("add-title"), {children: title});
    page.set(own("add-managers"), {value: []});
    panel.hidden = false;
    setTimeout(() => element("add-managers")?.focus(), 30);
  };

  const close = () => {
    const panel = element("add");
    if (panel) panel.hidden = true;
    /** @type {HTMLElement | null} */ (document.querySelector("[data-plan='add']"))?.focus();
  };

  /** The focused row; it is said where there is none. */
  const chosen = () => {
    const at = need(selection.focused());
    return at ? selection.rowAt(at.row) ?? null : null;
  };

  const copy = () => {
    const row = chosen();
    if (row) open(row);
  };

  /** A row is there until the server has taken the last of its cells. */
  const remove = () => {
    const store = current();
    const row = chosen();
    if (!row) return;
    for (const cell of [...store.overlay.keys()].filter((id) => cells.isIn(id, row.id))) {
      store.overlay.delete(cell);
      store.queue.delete(cell);
    }
    const filled = store.months.filter((month) => row.cells[month]);
    if (filled.length) {
      store.gone.add(row.id);
      saving.enter(filled.map((month) => ({row, month, measure: 0, text: ""})));
    } else {
      rows.remove(store, row.id);
      drawing.show(store);
    }
  };

  page.offer("plans", {
    /**
     * @param {number | null} clicks
     * @param {string[] | null} managers
     * @param {string} pipeline
     */
    added(clicks, managers, pipeline) {
      if (!clicks || !managers?.length) return page.noUpdate();
      const store = current();
      const {source} = store;
      const known = new Set(store.rows.map((row) => row.id));
      const ids = managers.map((manager) => rows.idOf(manager, pipeline));
      const wanted = ids.map((id) => rows.rowOf(store, id) ?? rows.add(store, id));
      const typings = wanted.filter((row) => source && row.id !== source.id).flatMap((row) =>
        store.measures.flatMap((_, measure) => store.months.flatMap((month) => {
          const text = source ? cells.textOf(store, source, month, measure) : "";
          return text === "" ? [] : [{row, month, measure, text}];
        })));
      store.find = "";
      page.set(own("find"), {value: ""});
      close();
      drawing.show(store);
      if (typings.length) saving.enter(typings);
      setTimeout(() => selection.focus(wanted[0].id, store.months[0]), 60);
      if (!source && ids.some((id) => known.has(id))) setTimeout(() => status.say(word(store, "there"), store), 80);
      return page.noUpdate();
    },
  });

  return {open, close, copy, remove};
})();
