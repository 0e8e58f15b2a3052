// AG Grid gives its colours to "whatever holds a grid" by a :has() without a subject, so every change anywhere – a chart being drawn – makes
// the browser style the whole page anew. What holds our grids has a class.
(() => {
  const HAS = /:has\(> :where\(\.ag-theme-params[^)]*\)\):not\(:where\([^)]*\)\)/;

  /** @param {Node} node */
  const narrow = (node) => {
    if (!(node instanceof HTMLStyleElement) || !node.dataset.agCssVersion) return;
    for (const rule of node.sheet?.cssRules ?? []) {
      if (rule instanceof CSSStyleRule && HAS.test(rule.selectorText)) {
        rule.selectorText = rule.selectorText.replace(HAS, ":where(.records-ag)");
      }
    }
  };
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) narrow(node);
  }).observe(document.documentElement, {childList: true, subtree: true});
})();
