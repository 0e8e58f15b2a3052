// What is drawn inside the controls: a period, an option with its count, the share a slider stands at.
(() => {
  const numbers = new Intl.NumberFormat(salesReports.page.isRussian ? "ru-RU" : "en");

  /** @param {{option: {label: string, short?: string, kind?: string}}} props */
  const renderPeriod = ({option}) => {
    const h = window.React.createElement;
    if (!option.short) return option.label;
    return h("span", {className: "period-cell period-" + option.kind},
      h("span", {className: "visually-hidden"}, option.label), h("span", {"aria-hidden": "true"}, option.short));
  };

  /**
   * Depth of a department, name, how many records; greyed where there are none.
   * @param {{option: {label: string, depth?: number, count?: number | null, inactive?: boolean}, checked: boolean}} props
   */
  const renderChoice = ({option, checked}) => {
    const h = window.React.createElement;
    const empty = option.count === 0 || option.inactive;
    const style = {paddingInlineStart: (option.depth || 0) * 16};
    const count = option.count ?? null;
    return h("span", {className: "choice" + (empty ? " is-empty" : ""), style},
      h("span", {className: "choice-box" + (checked ? " is-checked" : ""), "aria-hidden": "true"}),
      h("span", {className: "choice-label"}, option.label),
      count === null ? null : h("span", {className: "choice-count"}, numbers.format(count)));
  };

  window.dashMantineFunctions = {...window.dashMantineFunctions, renderPeriod, renderChoice};

  salesReports.page.offer("shell", {
    /**
     * @param {unknown[]} values of the options
     * @param {{name: string}[]} ids of the options
     * @param {{name: string}[]} shown ids of the places beside sliders
     */
    shares(values, ids, shown) {
      const known = new Map(ids.map(({name}, i) => [name, values[i]]));
      return shown.map(({name}) => {
        const value = known.get(name);
        return typeof value === "number" ? `${Math.round(value * 100)}\u00a0%` : "";
      });
    },
  });
})();
