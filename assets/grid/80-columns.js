// What AG Grid asks of a cell (dash_app/web/cell_editor.py names these functions): may it be typed into, what it shows, what it looks like.
(() => {
  const {numbers, cells, rows, saving, selection, store: {current, word}} = salesReports.grid;

  /** @param {CellParams} params */
  const columnOf = (params) => params.column?.getColId() ?? params.colDef.colId;

  /** @param {CellParams} params */
  const planMay = (params) => !params.node.rowPinned && !cells.isClosed(current(), columnOf(params));

  /** @param {CellParams} params */
  const planText = (params) => {
    const month = columnOf(params);
    const row = params.data;
    if (!row?.cells) return "";
    return month === "total" ? rows.totalOf(current(), row) : cells.textOf(current(), row, month);
  };

  /** @param {CellParams} params */
  const planShown = (params) => {
    const store = current();
    const month = columnOf(params);
    const row = params.data;
    if (!row?.cells) return "";
    if (month === "total") return numbers.shown(params.value);
    return cells.unsaved(store, row, month) ? params.value : numbers.shown(cells.saved(row, month, store.measure));
  };

  /** @param {CellParams} params */
  const planTyped = (params) => {
    const {data: row, newValue: text} = params;
    if (row) saving.enter([{row, month: columnOf(params), measure: current().measure, text}]);
    return true;
  };

  /** @param {CellParams} params */
  const planWhy = (params) => {
    const store = current();
    const month = columnOf(params);
    const row = params.data;
    if (!row?.cells) return null;
    return cells.unsaved(store, row, month)?.why ?? (cells.isClosed(store, month) ? word(store, "closed") : null);
  };

  /**
   * @param {CellParams} params
   * @param {Unsaved["kind"] | "closed" | "chosen"} kind
   */
  const planIs = (params, kind) => {
    const store = current();
    const month = columnOf(params);
    const row = params.data;
    if (!row?.cells || params.node.rowPinned) return false;
    if (kind === "closed") return cells.isClosed(store, month);
    if (kind === "chosen") return selection.isChosen(params.node.rowIndex, month);
    return cells.unsaved(store, row, month)?.kind === kind;
  };

  /** @param {{data?: PlanRow}} props */
  const PlanPerson = ({data}) => {
    if (!data) return "";
    const h = window.React.createElement;
    return h("div", {className: "plan-person", title: `${data.manager} · ${data.department}`},
      h("span", null, data.manager), h("small", null, data.department));
  };

  window.dashAgGridFunctions = {...window.dashAgGridFunctions, planMay, planText, planShown, planTyped, planWhy, planIs};
  window.dashAgGridComponentFunctions = {...window.dashAgGridComponentFunctions, PlanPerson};
})();
