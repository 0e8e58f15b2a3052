// Draws what dash_app/views/markup.py sends: the inside of an element as text, put there whole. What a person did to it stays: what is
// unfolded, how far a table is scrolled, where the focus is.
(() => {
  const MARKS = ["data-mark", "data-drill", "data-explain", "data-act", "data-search"];

  const place = (inside) => {
    const name = MARKS.find((mark) => inside.hasAttribute(mark));
    return name ? `[${name}="${CSS.escape(inside.getAttribute(name))}"]` : inside.tagName === "SUMMARY" || inside.classList.contains("table-scroll") ? inside.tagName + (inside.className ? "." + inside.classList[0] : "") : null;
  };

  const draw = (node, html) => {
    const all = (selector) => [...node.querySelectorAll(selector)];
    const open = all("details").map((details) => details.open);
    const scrolled = all(".table-scroll").map((box) => [box.scrollLeft, box.scrollTop]);
    const active = document.activeElement;
    const focused = active !== node && node.contains(active) ? place(active) : null;
    node.innerHTML = html;
    all("details").forEach((details, i) => { if (open[i]) details.open = true; });
    all(".table-scroll").forEach((box, i) => { if (scrolled[i]) [box.scrollLeft, box.scrollTop] = scrolled[i]; });
    if (focused) node.querySelector(focused)?.focus({preventScroll: true});
  };

  const Markup = ({tag, attributes, html}) => {
    const ref = window.React.useRef(null);
    window.React.useLayoutEffect(() => draw(ref.current, html), [tag, html]);
    return window.React.createElement(tag, {...attributes, ref});
  };

  window.sales_reports = {Markup};
})();
