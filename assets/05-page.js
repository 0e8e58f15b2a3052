// What every script needs of the page it is on: the language, Dash, where a click went.
salesReports.page = (() => {
  const isRussian = document.documentElement.lang !== "en";
  const noUpdate = () => window.dash_clientside.no_update;

  /**
   * Changes a component of Dash.
   * @param {DashId} id
   * @param {object} props
   */
  const set = (id, props) => window.dash_clientside.set_props(id, props);

  /**
   * Functions that callbacks name: ClientsideFunction(namespace, name).
   * @param {string} namespace
   * @param {Record<string, (...args: any[]) => unknown>} functions
   */
  const offer = (namespace, functions) => {
    const known = window.dash_clientside ?? {};
    window.dash_clientside = Object.assign({}, known, {[namespace]: {...known[namespace], ...functions}});
  };

  /** @param {DashId} id */
  const elementOf = (id) =>
    document.getElementById(typeof id === "string" ? id : JSON.stringify(id, Object.keys(id).sort()));

  /**
   * The nearest element around what an event was about.
   * @param {Event} event
   * @param {string} selector
   * @returns {HTMLElement | null}
   */
  const around = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

  return {isRussian, noUpdate, set, offer, elementOf, around};
})();
