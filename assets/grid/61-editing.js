// Many cells at once: cleared, filled, copied to later months, pasted.
salesReports.grid.editing = (() => {
  const {cells, rows, saving, selection, status, store: {current, word}} = salesReports.grid;

  /**
   * What is needed and not there is said.
   * @template T
   * @param {T} found
   * @param {string} name of the sentence
   * @returns {T}
   */
  const need = (found, name = "choose_cell") => {
    if (!found) status.say(word(current(), name));
    return found;
  };

  /**
   * @param {CellRange} range
   * @param {(row: PlanRow, month: string, i: number, j: number) => string | undefined} make undefined: stays as it is
   */
  const every = ({top, bottom, left, right}, make) => {
    const store = current();
    const typings = [];
    for (let i = top; i <= bottom; i++) for (let j = left; j <= right; j++) {
      const row = selection.rowAt(i);
      const month = store.months[j];
      const text = row && make(row, month, i, j);
      if (row && text !== undefined) typings.push({row, month, measure: store.measure, text});
    }
    saving.enter(typings);
  };

  /** @param {number} index of a row; its texts go to others */
  const textsOf = (index) => {
    const from = selection.rowAt(index);
    return (/** @type {PlanRow} */ _row, /** @type {string} */ month) => from && cells.textOf(current(), from, month);
  };

  const clear = () => {
    const r = selection.range();
    if (r) every(r, () => "");
  };

  /** The top row of the selection down; a single cell to all rows below. */
  const fill = () => {
    const {api, head} = current();
    const r = need(selection.range());
    if (!r || !api) return;
    const bottom = head ? r.bottom : api.getDisplayedRowCount() - 1;
    if (need(bottom > r.top, "no_below")) every({...r, top: r.top + 1, bottom}, textsOf(r.top));
  };

  /** The top row of the selection down; a single one takes the row above. */
  const down = () => {
    const r = selection.range();
    if (!r) return;
    if (r.top === r.bottom && r.top > 0) every(r, textsOf(r.top - 1));
    else every({...r, top: r.top + 1}, textsOf(r.top));
  };

  /** The first month of the selection to the right; a single one takes the month before. */
  const right = () => {
    const store = current();
    const r = selection.range();
    if (!r) return;
    const isOne = r.left === r.right && r.left > 0;
    const from = store.months[isOne ? r.left - 1 : r.left];
    every(isOne ? r : {...r, left: r.left + 1}, (row) => cells.textOf(store, row, from));
  };

  /**
   * Every measure of a month, in all rows on screen, to the next month or to all that follow.
   * @param {boolean} all
   */
  const copyMonth = (all) => {
    const store = current();
    const at = selection.focused();
    const from = store.months.indexOf(at?.column ?? "");
    if (!need(from >= 0)) return;
    const targets = store.months.slice(from + 1, all ? undefined : from + 2);
    if (!need(targets.length, "no_next")) return;
    const typings = rows.visible(store).flatMap((row) => store.measures.flatMap((_, measure) => {
      const text = cells.textOf(store, row, store.months[from], measure);
      return text === "" ? [] : targets.map((month) => ({row, month, measure, text}));
    }));
    if (need(typings.length, "nothing_to_copy")) saving.enter(typings);
  };

  /**
   * A block of cells from the selection's corner on, a single one into all of the selection. What does not fit is said.
   * @param {string[][]} block
   */
  const paste = (block) => {
    const store = current();
    const r = selection.range();
    if (!r || !store.api) return;
    if (block.length === 1 && block[0].length === 1) {
      every(r, () => block[0][0]);
      return;
    }
    const wide = Math.max(...block.map((row) => row.length));
    const bottom = Math.min(r.top + block.length, store.api.getDisplayedRowCount()) - 1;
    const last = Math.min(r.left + wide, store.months.length) - 1;
    every({top: r.top, bottom, left: r.left, right: last}, (_row, _month, i, j) => block[i - r.top][j - r.left]);
    store.head = bottom > r.top || last > r.left ? {row: bottom, column: store.months[last]} : null;
    const cut = {rows: block.length - (bottom - r.top + 1), columns: wide - (last - r.left + 1)};
    if (cut.rows || cut.columns) setTimeout(() => status.say(word(store, "cut", cut), store), 30);
  };

  /** The texts of the selection; null where there is none. */
  const copied = () => {
    const store = current();
    const r = selection.range();
    if (!r) return null;
    const months = store.months.slice(r.left, r.right + 1);
    return Array.from({length: r.bottom - r.top + 1}, (_, i) => {
      const row = selection.rowAt(r.top + i);
      return months.map((month) => (row ? cells.textOf(store, row, month) : ""));
    });
  };

  return {need, clear, fill, down, right, copyMonth, paste, copied};
})();
