// The panel in which columns of a list are chosen: a click beside it or Escape folds it.
(() => {
  const open = () =>
    /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.columns-chooser[open]"));

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
