// Draws what dash_app/views/markup.py sends: the inside of an element as text, put there whole. Dash makes a block anew with every answer;
// what a person did to it stays: what is unfolded, how far a table is scrolled, where the focus is.
salesReports.Markup = (() => {
  const MARKS = ["data-mark", "data-drill", "data-explain", "data-act", "data-search"];

  /** @typedef {{open: boolean[], scrolled: [number, number][], focused: string | null}} Look what a person did to a part */

  /** @type {WeakMap<Element, Record<string, Look>>} body of a block -> what its parts looked like when they went */
  const left = new WeakMap();

  /**
   * How to find an element again in what replaces it.
   * @param {Element} element
   */
  const place = (element) => {
    const name = MARKS.find((mark) => element.hasAttribute(mark));
    if (name) return `[${name}="${CSS.escape(element.getAttribute(name) ?? "")}"]`;
    if (element.tagName === "SUMMARY") return "summary";
    return element.classList.contains("table-scroll") ? ".table-scroll" : null;
  };

  /**
   * @param {Element} node
   * @returns {Look}
   */
  const look = (node) => ({
    open: [...node.querySelectorAll("details")].map((details) => details.open),
    scrolled: [...node.querySelectorAll(".table-scroll")].map((box) => [box.scrollLeft, box.scrollTop]),
    focused: document.activeElement && node.contains(document.activeElement) ? place(document.activeElement) : null,
  });

  /**
   * @param {Element} node
   * @param {Look} before
   */
  const restore = (node, {open, scrolled, focused}) => {
    node.querySelectorAll("details").forEach((details, i) => {
      if (open[i]) details.open = true;
    });
    node.querySelectorAll(".table-scroll").forEach((box, i) => {
      if (scrolled[i]?.some(Boolean)) [box.scrollLeft, box.scrollTop] = scrolled[i];
    });
    const again = focused ? node.querySelector(focused) : null;
    if (again instanceof HTMLElement) again.focus({preventScroll: true});
  };

  /** @param {{tag: string, attributes: object, html: string}} props */
  const Markup = ({tag, attributes, html}) => {
    const ref = window.React.useRef(/** @type {Element | null} */ (null));
    window.React.useLayoutEffect(() => {
      const node = ref.current;
      if (!node) return undefined;
      node.innerHTML = html;
      const body = node.closest(".block-body");
      const part = `${tag}.${node.className}`;
      const before = body && left.get(body)?.[part];
      if (before) {
        restore(node, before);
        before.focused = null;
      }
      return () => {
        if (body) left.set(body, {...left.get(body), [part]: look(node)});
      };
    }, [tag, html]);
    return window.React.createElement(tag, {...attributes, ref});
  };

  return Markup;
})();
