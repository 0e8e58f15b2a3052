// What a page with a grid knows: one store a page, kept while another page is on screen.
salesReports.grid.store = (() => {
  const MOST_STEPS = 60;

  /**
   * @param {string} name
   * @returns {number[][]}
   */
  const remembered = (name) => {
    try {
      return JSON.parse(sessionStorage.getItem(name) ?? "null") || [];
    } catch {
      return [];
    }
  };

  /**
   * @param {string} page
   * @returns {Store}
   */
  const fresh = (page) => ({
    page,
    names: null,
    measures: [],

    data: null,
    deferred: false,
    rows: [],
    added: new Map(),
    gone: new Set(),
    source: null,
    months: [],
    measure: 0,
    find: "",
    api: null,

    anchor: null,
    head: null,
    dragging: false,

    overlay: new Map(),
    queue: new Map(),
    steps: [],
    flight: null,
    number: 0,
    stuck: false,
    again: undefined,
    changes: remembered(`${page}-undo`),
    undone: remembered(`${page}-redo`),

    said: "",
    silence: undefined,
    savedAt: null,
  });

  /** @type {Map<string, Store>} */
  const stores = new Map();

  /** @param {string} page */
  const of = (page) => {
    const store = stores.get(page) ?? fresh(page);
    stores.set(page, store);
    return store;
  };

  let shown = of("plan");

  /** The store of the page on screen. */
  const current = () => shown;

  /**
   * Another page is on screen; what was typed on the one before waits for it there.
   * @param {PageNames} names
   */
  const turn = (names) => {
    shown = of(names.page);
    shown.names = names;
    shown.measures = names.measures;
    return shown;
  };

  /**
   * What can be undone and done again outlives a reload.
   * @param {Store} store
   */
  const remember = (store) => {
    store.changes = store.changes.slice(-MOST_STEPS);
    try {
      sessionStorage.setItem(`${store.page}-undo`, JSON.stringify(store.changes));
      sessionStorage.setItem(`${store.page}-redo`, JSON.stringify(store.undone));
    } catch { /* for this page only */ }
  };

  /**
   * The id of an element of the page.
   * @param {string} name
   * @param {Store} store
   */
  const own = (name, store = shown) => `${store.page}-${name}`;

  /**
   * @param {string} name
   * @param {Store} store
   */
  const element = (name, store = shown) => document.getElementById(own(name, store));

  /**
   * A sentence in the person's language.
   * @param {Store} store
   * @param {string} name
   * @param {Record<string, string | number>} values
   */
  const word = (store, name, values = {}) => {
    const text = store.names?.words[name] ?? "";
    return Object.entries(values).reduce((said, [key, value]) => said.replaceAll(`{${key}}`, String(value)), text);
  };

  return {current, turn, remember, own, element, word};
})();
