// Saving: the queue's batches go to the server one by one, an answer that does not come is not waited for, what failed is tried again.
salesReports.grid.saving = (() => {
  const {page} = salesReports;
  const {queue, status, drawing, store: {current, own, element, word}} = salesReports.grid;
  const PATIENCE = 20_000;
  const SOON = 5_000; // after silence
  const LATER = 10_000; // after an answer that it cannot be done now

  /** What waits is sent; on another page it waits on. */
  const send = (store = current()) => {
    if (!element("grid", store)) return;
    const name = element("who", store);
    const ask = queue.depart(store, name instanceof HTMLInputElement ? name.value : "");
    const {flight} = store;
    if (!ask || !flight) return;
    page.set(own("ask", store), {data: ask});
    flight.timer = setTimeout(() => lost(store, flight, SOON), PATIENCE);
    status.draw(store);
  };

  /**
   * @param {Store} store
   * @param {Flight} flight
   * @param {number} [later] when it is tried again
   */
  const lost = (store, flight, later) => {
    clearTimeout(flight.timer);
    if (!queue.turnBack(store, flight)) return;
    status.draw(store);
    if (later) store.again = setTimeout(() => send(store), later);
  };

  /** @param {Typing[]} typings */
  const enter = (typings, store = current()) => {
    store.said = "";
    queue.enter(store, typings);
    setTimeout(() => drawing.draw(store), 0);
    send(store);
  };

  /** @param {Answer} answer */
  const answered = (answer, store = current()) => {
    const failed = queue.failed(store, answer);
    if (failed) {
      lost(store, failed, LATER);
      if (answer.said) status.say(answer.said, store);
      return;
    }
    if (store.flight?.n === answer.n) clearTimeout(store.flight.timer);
    const went = queue.arrive(store, answer);
    const said = went ? word(store, "deleted") : answer.said;
    const locale = page.isRussian ? "ru-RU" : "en-GB";
    if (!answer.said) store.savedAt = new Date().toLocaleTimeString(locale, {hour: "2-digit", minute: "2-digit"});
    if (went) setTimeout(() => drawing.show(store), 0);
    drawing.draw(store);
    if (said) status.say(said, store);
    send(store);
  };

  /**
   * The last of a list of batches is taken back, or done again.
   * @param {StepBack["kind"]} kind
   */
  const stepBack = (kind, store = current()) => {
    const changes = (kind === "undo" ? store.changes : store.undone).pop();
    if (!changes) return;
    salesReports.grid.store.remember(store);
    store.steps.push({kind, changes});
    send(store);
    if (store.flight?.step) status.say(word(store, `${kind}ing`), store);
  };

  /** Not waiting for the next try. */
  const retry = (store = current()) => {
    clearTimeout(store.again);
    send(store);
  };

  window.addEventListener("online", () => {
    if (current().stuck) send();
  });
  window.addEventListener("beforeunload", (event) => {
    const {queue: {size}, flight, overlay} = current();
    if (size || flight || overlay.size) event.preventDefault();
  });

  return {send, lost, enter, answered, stepBack, retry};
})();
