// The line that says how saving stands, and the notes on cells that were not saved.
salesReports.grid.status = (() => {
  const {cells, rows, store: {current, element, word}} = salesReports.grid;
  const MOST_NOTES = 8;
  const SAID_FOR = 9000;

  /**
   * A button; 71-actions.js knows what it does.
   * @param {string} name
   * @param {string} text
   * @param {string} [cell]
   */
  const button = (name, text, cell) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button button-small";
    made.dataset.plan = name;
    if (cell) made.dataset.cell = cell;
    made.textContent = text;
    return made;
  };

  /** @param {Store} store */
  const open = (store) => [...store.overlay].filter(([, {kind}]) => kind !== "pending");

  /**
   * @param {Store} store
   * @param {boolean} saidNow
   * @returns {{kind: string, text: string, retry?: boolean}}
   */
  const standing = (store, saidNow) => {
    const unsaved = open(store).length;
    if (store.said && (saidNow || !store.stuck)) return {kind: "said", text: store.said};
    if (store.stuck) return {kind: "bad", text: word(store, "stuck") + " ", retry: true};
    if (store.flight || store.queue.size) return {kind: "", text: word(store, "saving")};
    if (unsaved) return {kind: "bad", text: word(store, "attention", {n: unsaved})};
    return {kind: "good", text: store.savedAt ? word(store, "saved_at", {time: store.savedAt}) : word(store, "saved")};
  };

  /** @param {Store} store */
  const drawWays = (store) => {
    for (const [name, list] of Object.entries({undo: store.changes, redo: store.undone})) {
      const way = /** @type {HTMLButtonElement | null} */ (document.querySelector(`[data-plan='${name}']`));
      if (way) way.disabled = !list.length;
    }
  };

  /**
   * @param {Store} store
   * @param {boolean} saidNow
   */
  const draw = (store = current(), saidNow = false) => {
    const place = element("state", store);
    if (!place || !store.names) return;
    const {kind, text, retry} = standing(store, saidNow);
    place.replaceChildren(document.createTextNode(text), ...(retry ? [button("retry", word(store, "retry"))] : []));
    place.dataset.kind = kind;
    drawWays(store);
  };

  /**
   * What is said stays for a while.
   * @param {string} text
   * @param {Store} store
   */
  const say = (text, store = current()) => {
    store.said = text;
    clearTimeout(store.silence);
    store.silence = setTimeout(() => {
      store.said = "";
      draw(store);
    }, SAID_FOR);
    draw(store, true);
  };

  /**
   * @param {Store} store
   * @param {string} id of the cell
   * @param {Unsaved} unsaved
   */
  const note = (store, id, {kind, why}) => {
    const {rowId, month, measure} = cells.partsOf(id);
    const row = rows.rowOf(store, rowId) ?? rows.describe(store, rowId);
    const strong = document.createElement("strong");
    strong.textContent = `${rows.nameOf(row)}, ${monthName(store, month)}: `;
    const text = document.createElement("p");
    text.append(strong, why ?? "");
    const ways = document.createElement("div");
    ways.className = "button-row";
    const isShown = measure === store.measure && store.months.includes(month);
    if (kind === "conflict") ways.append(button("mine", word(store, "mine"), id), button("theirs", word(store, "theirs"), id));
    else ways.append(...(isShown ? [button("mend", word(store, "mend"), id)] : []), button("theirs", word(store, "back"), id));
    const line = document.createElement("div");
    line.className = `notice notice-${kind === "conflict" ? "warning" : "bad"} plan-note`;
    line.append(text, ways);
    return line;
  };

  /** @param {Store} store */
  const drawNotes = (store) => {
    const place = element("notes", store);
    if (!place || !store.names) return;
    const all = open(store);
    place.replaceChildren(...all.slice(0, MOST_NOTES).map(([id, unsaved]) => note(store, id, unsaved)));
    if (all.length <= MOST_NOTES) return;
    const more = document.createElement("p");
    more.className = "muted";
    more.textContent = word(store, "more_notes", {n: all.length - MOST_NOTES});
    place.append(more);
  };

  /**
   * As the grid's heading says it.
   * @param {Store} store
   * @param {string} month
   */
  const monthName = (store, month) => store.api?.getColumn(month)?.getColDef().headerName ?? month;

  return {draw, say, drawNotes, monthName};
})();
