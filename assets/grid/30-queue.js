// What is typed on its way to the server: it waits in a queue, one batch at a time is in flight, an answer says what became of it. What a
// cell shows of this is in the overlay; a newer text of a cell waits for the answer to the older one. No page, no clock.
salesReports.grid.queue = (() => {
  const {numbers, cells, rows, store: {remember, word}} = salesReports.grid;

  /**
   * Cells were typed into. What is there already is not sent.
   * @param {Store} store
   * @param {Typing[]} typings
   */
  const enter = (store, typings) => {
    for (const {row, month, measure, text: given} of typings) {
      const id = cells.idOf(row.id, month, measure);
      const text = String(given ?? "").trim();
      const stored = cells.saved(row, month, measure);
      const flying = Boolean(store.flight?.cells.has(id));
      if (!flying && (text === numbers.typed(stored) || text === stored)) {
        store.overlay.delete(id);
        store.queue.delete(id);
        continue;
      }
      store.queue.set(id, {id, row, month, measure, text, was: flying ? null : stored});
      store.overlay.set(id, {text, kind: "pending", why: null});
    }
  };

  /** @param {Edit} edit */
  const before = (edit) => edit.was ?? cells.saved(edit.row, edit.month, edit.measure);

  /**
   * The next batch; it is in flight from now on. Null where there is none, or one is in flight already.
   * @param {Store} store
   * @param {string} who
   * @returns {Ask | null}
   */
  const depart = (store, who) => {
    if (store.flight) return null;
    if (store.queue.size) {
      const flying = new Map(store.queue);
      store.queue.clear();
      store.flight = {n: ++store.number, cells: flying};
      const list = [...flying.values()].map((edit) =>
        [edit.row.manager_id, edit.row.pipeline_id, edit.month, store.measures[edit.measure], edit.text, before(edit)]);
      return {n: store.flight.n, kind: "edits", who, cells: list};
    }
    const step = store.steps.shift();
    if (!step) return null;
    store.flight = {n: ++store.number, cells: new Map(), step};
    return {n: store.flight.n, kind: step.kind, who, changes: step.changes};
  };

  /**
   * No answer: everything goes back into the queue. False where that flight is over.
   * @param {Store} store
   * @param {Flight} flight
   */
  const turnBack = (store, flight) => {
    if (store.flight !== flight) return false;
    store.flight = null;
    for (const [id, edit] of flight.cells) {
      const newer = store.queue.get(id);
      if (newer) newer.was = edit.was;
      else store.queue.set(id, edit);
    }
    if (flight.step) store.steps.unshift(flight.step);
    store.stuck = true;
    return true;
  };

  /**
   * Cells that were not saved keep what was typed and say why; where something newer waits, that is sent against what was there.
   * @param {Store} store
   * @param {Answer} answer
   * @param {Map<string, string>} was what stood in the cells of the flight
   */
  const open = (store, answer, was) => {
    const nothing = word(store, "nothing");
    /** @type {(rowId: string, month: string, measure: string, unsaved: Unsaved) => void} */
    const put = (rowId, month, measure, unsaved) => {
      const id = cells.idOf(rowId, month, store.measures.indexOf(measure));
      const newer = store.queue.get(id);
      if (newer) newer.was = was.get(id) ?? newer.was;
      else store.overlay.set(id, unsaved);
    };
    for (const [manager, pipeline, month, measure, text, why] of answer.refused ?? []) {
      put(rows.idOf(manager, pipeline), month, measure, {text, kind: "refused", why});
    }
    for (const [manager, pipeline, month, measure, text, theirs, who] of answer.conflicts ?? []) {
      const why = word(store, "conflict", {who, theirs: numbers.shown(theirs) || nothing, yours: text || nothing});
      put(rows.idOf(manager, pipeline), month, measure, {text, kind: "conflict", why});
    }
  };

  /**
   * What was changed can be undone; what was undone done again, until something new is typed.
   * @param {Store} store
   * @param {number[]} changes
   * @param {StepBack | undefined} step
   */
  const note = (store, changes, step) => {
    (step?.kind === "undo" ? store.undone : store.changes).push(changes);
    if (!step) store.undone = [];
    remember(store);
  };

  /**
   * Rows that were to go and have no cell any more. True where one went.
   * @param {Store} store
   */
  const clear = (store) => {
    let went = false;
    for (const id of store.gone) {
      store.gone.delete(id);
      const busy = [...store.overlay.keys()].some((cell) => cells.isIn(cell, id));
      const row = rows.rowOf(store, id);
      if (!row || busy || Object.keys(row.cells).length) continue;
      rows.remove(store, id);
      went = true;
    }
    return went;
  };

  /**
   * The server's answer to the flight, or of a file that was read (n: 0). True where rows went.
   * @param {Store} store
   * @param {Answer} answer
   */
  const arrive = (store, answer) => {
    const flight = store.flight?.n === answer.n ? store.flight : null;
    if (flight) {
      store.flight = null;
      store.stuck = false;
    }
    const was = new Map([...flight?.cells ?? []].map(([id, edit]) => [id, before(edit)]));
    for (const [manager, pipeline, month, amounts] of answer.cells ?? []) {
      rows.put(store, rows.idOf(manager, pipeline), month, amounts);
    }
    for (const id of was.keys()) {
      const newer = store.queue.get(id);
      if (!newer) store.overlay.delete(id);
      else if (newer.was === null) newer.was = before(newer);
    }
    open(store, answer, was);
    if (answer.changes?.length) note(store, answer.changes, flight?.step);
    return flight !== null && clear(store);
  };

  /**
   * Where the server could not try at all: it is to be tried again. A step back that could not be done is over.
   * @param {Store} store
   * @param {Answer} answer
   * @returns {Flight | null}
   */
  const failed = (store, answer) => {
    const {flight} = store;
    return flight && flight.n === answer.n && answer.failed && !flight.step ? flight : null;
  };

  return {enter, depart, turnBack, arrive, failed};
})();
