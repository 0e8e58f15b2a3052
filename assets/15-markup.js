// Draws what dash_app/views/markup.py sends: the inside of an element as text, put there whole. Dash makes a block anew with every answer; what
// a person did to it stays: what is unfolded, how far a table is scrolled, where the focus is.
(() => {
  const MARKS = ["data-mark", "data-drill", "data-explain", "data-act", "data-search"];
  const left = new WeakMap(); // body of a block -> what its parts looked like when they went

  const place = (element) => {
    const name = MARKS.find((mark) => element.hasAttribute(mark));
    if (name) return `[${name}="${CSS.escape(element.getAttribute(name))}"]`;
    return element.tagName === "SUMMARY" ? "summary" : element.classList.contains("table-scroll") ? ".table-scroll" : null;
  };
  const look = (node) => ({
    open: [...node.querySelectorAll("details")].map((details) => details.open),
    scrolled: [...node.querySelectorAll(".table-scroll")].map((box) => [box.scrollLeft, box.scrollTop]),
    focused: node.contains(document.activeElement) ? place(document.activeElement) : null,
  });
  const restore = (node, {open, scrolled, focused}) => {
    node.querySelectorAll("details").forEach((details, i) => { if (open[i]) details.open = true; });
    node.querySelectorAll(".table-scroll").forEach((box, i) => { if (scrolled[i]?.some(Boolean)) [box.scrollLeft, box.scrollTop] = scrolled[i]; });
    if (focused) node.querySelector(focused)?.focus({preventScroll: true});
  };

  const Markup = ({tag, attributes, html}) => {
    const ref = window.React.useRef(null);
    window.React.useLayoutEffect(() => {
      const node = ref.current;
      node.innerHTML = html;
      const body = node.closest(".block-body");
      const part = `${tag}.${node.className}`;
      const before = body && left.get(body)?.[part];
      if (before) {
        restore(node, before);
        before.focused = null;
      }
      return () => { if (body) left.set(body, {...left.get(body), [part]: look(node)}); };
    }, [tag, html]);
    return window.React.createElement(tag, {...attributes, ref});
  };

  window.sales_reports = {Markup};
})();
