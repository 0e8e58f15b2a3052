// Panels that unfold – columns of a list, saved views –: a click beside one or Escape folds it.
(() => {
  const open = () =>
    /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.columns-chooser[open], details.views[open]"));

  document.addEventListener("click", ({target}) => {
    for (const panel of open()) if (!(target instanceof Node) || !panel.contains(target)) panel.open = false;
  });
  document.addEventListener("keydown", ({key}) => {
    if (key !== "Escape") return;
    for (const panel of open()) {
      panel.open = false;
      panel.querySelector("summary")?.focus();
    }
  });
})();
