// A page of plans as the server fills it, for tests.
import {html, load} from "./load.mjs";

export const NAMES = {
  page: "plan",
  path: "/plans",
  measures: ["plan_amount", "plan_count", "bonus"],
  managers: {1: ["Анна", "Опт"], 2: ["Борис", "Розница"], 3: ["Вера", "Опт"]},
  pipelines: {"": "Все воронки", 2: "Опт"},
  year: 2026,
  words: {total: "Итого", nothing: "пусто", conflict: "{who}: {theirs}, у вас {yours}", deleted: "Удалён", saving: "Сохраняется"},
};
export const [JANUARY, FEBRUARY] = ["2026-01", "2026-02"];

const row = (manager, pipeline, cells) => {
  const [name, department] = NAMES.managers[manager];
  const title = NAMES.pipelines[pipeline];
  return {
    id: `${manager}:${pipeline || "all"}`, manager_id: manager, manager: name, department, pipeline_id: pipeline, pipeline: title, cells,
  };
};

export const data = () => ({
  months: [JANUARY, FEBRUARY],
  rows: [
    row("1", "", {[JANUARY]: ["1000", "5", ""], [FEBRUARY]: ["1500.50", "", ""]}),
    row("2", "2", {[JANUARY]: ["2000", "", "10"]}),
  ],
});

/** ``enter(cell, text)`` with a cell as [row id, month, measure]. */
export const page = (options) => {
  const loaded = load(options);
  const {grid} = loaded.salesReports;
  const store = grid.store.turn(NAMES);
  store.data = data();
  grid.rows.take(store, store.data);
  const enter = ([id, month, measure = 0], text) =>
    grid.queue.enter(store, [{row: grid.rows.rowOf(store, id), month, measure, text}]);
  const overlay = () => Object.fromEntries(
    [...store.overlay].map(([id, {text, kind, why}]) => [id.split("\u001f").join(" "), why ? [kind, text, why] : [kind, text]]));
  return {...loaded, grid, store, enter, overlay};
};

/** What of AG Grid the scripts ask, over the rows of the store; ``focus(row, column)`` is a click. */
export const gridApi = (store) => {
  let focused = null;
  return {
    focus(rowIndex, column, rowPinned = null) {
      focused = {rowIndex, rowPinned, column: {getColId: () => column}};
    },
    getFocusedCell: () => focused,
    getDisplayedRowCount: () => store.rows.length,
    getDisplayedRowAtIndex: (index) => (store.rows[index] ? {data: store.rows[index]} : undefined),
    getEditingCells: () => [],
    getColumn: () => null,
    isDestroyed: () => false,
    ensureIndexVisible() {},
    ensureColumnVisible() {},
    refreshCells() {},
    setGridOption() {},
    setColumnWidths() {},
  };
};

/** The page with its grid on screen: what is sent is in ``sent``, ``says()`` what the line says. */
export const opened = (time) => {
  const line = {dataset: {}, replaceChildren: (...said) => (line.said = said.map((part) => part.textContent ?? part).join(""))};
  const places = {"plan-grid": {clientWidth: 900}, "plan-state": line};
  const here = page({
    globals: {
      setTimeout: time.setTimeout,
      clearTimeout: time.clearTimeout,
      HTMLInputElement: class {},
      innerWidth: 1440,
      document: {
        documentElement: html(),
        addEventListener() {},
        createElement: () => ({dataset: {}}),
        createTextNode: (text) => text,
        getElementById: (id) => places[id] ?? null,
        querySelector: () => null,
        querySelectorAll: () => [],
      },
    },
  });
  const {store, props} = here;
  const api = store.api = gridApi(store);
  const sent = () => props.filter(([id]) => id === "plan-ask").map(([, {data: ask}]) => JSON.parse(JSON.stringify(ask)));
  return {...here, api, places, sent, says: () => [line.dataset.kind, line.said]};
};
