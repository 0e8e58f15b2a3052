// What the buttons around the grid do: data-plan names an action, data-cell the cell it is about.
(() => {
  const {page} = salesReports;
  const {cells, rows, drawing, saving, selection, editing, rowsByHand, status, store: {current, own}} = salesReports.grid;

  /** @type {Record<string, (cell: string) => void>} */
  const ACTIONS = {
    fill: editing.fill,
    next: () => editing.copyMonth(false),
    "all-next": () => editing.copyMonth(true),
    undo: () => saving.stepBack("undo"),
    redo: () => saving.stepBack("redo"),
    retry: () => saving.retry(),
    add: () => rowsByHand.open(null),
    "copy-row": rowsByHand.copy,
    "add-close": rowsByHand.close,
    "delete-row": rowsByHand.remove,
    history() {
      const store = current();
      const at = editing.need(selection.focused());
      const row = at && selection.rowAt(at.row);
      if (!row || !editing.need(store.months.includes(at.column))) return;
      const title = [row.manager, row.pipeline, status.monthName(store, at.column)].filter(Boolean).join(", ");
      page.set(own("history-ask"), {data: {key: `${row.id}:${at.column}`, title, at: Date.now()}});
    },
    "history-close": () => page.set(own("history"), {children: []}),
    "errors-close": () => page.set(own("import-report"), {children: []}),
    mine(cell) { // of a conflict
      const store = current();
      const {rowId, month, measure} = cells.partsOf(cell);
      const row = rows.rowOf(store, rowId) ?? rows.describe(store, rowId);
      saving.enter([{row, month, measure, text: store.overlay.get(cell)?.text}]);
    },
    theirs(cell) {
      current().overlay.delete(cell);
      drawing.draw();
    },
    mend(cell) {
      const {rowId, month} = cells.partsOf(cell);
      const index = selection.focus(rowId, month);
      if (index !== null) current().api?.startEditingCell({rowIndex: index, colKey: month});
    },
  };

  document.addEventListener("click", (event) => {
    const pressed = page.around(event, "[data-plan]");
    if (!(pressed instanceof HTMLButtonElement) || pressed.disabled) return;
    ACTIONS[pressed.dataset.plan ?? ""]?.(pressed.dataset.cell ?? "");
  });
})();
