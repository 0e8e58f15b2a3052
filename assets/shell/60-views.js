// A saved view is chosen by following its link: the address does the filtering, here the browser remembers which it was and shows its columns.
(() => {
  /** @typedef {{id: number, report: string, columns: Record<string, string[]>}} View */

  document.addEventListener("click", (event) => {
    const link = salesReports.page.around(event, "a.views-link");
    const said = /** @type {HTMLElement | null | undefined} */ (link?.querySelector("[data-view]"))?.dataset.view;
    if (!link || !said || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const view = /** @type {View} */ (JSON.parse(said));
    salesReports.page.set("view", {data: view});
    for (const [id, value] of Object.entries(view.columns)) {
      const chooser = {type: "grid-columns", report: view.report, id};
      if (salesReports.page.elementOf(chooser)) salesReports.page.set(chooser, {value});
    }
    const menu = link.closest("details");
    if (menu) menu.open = false;
  });
})();
