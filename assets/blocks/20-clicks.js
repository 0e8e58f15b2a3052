// What the buttons inside blocks mean: they are plain markup, so one listener serves thousands of them.
(() => {
  const {address, page} = salesReports;

  /** @type {[selector: string, act: (element: HTMLElement) => void][]} the first that is found is meant */
  const MEANINGS = [
    ["[data-act]", ({dataset: {act: name, key, value}}) => {
      page.set("act", {data: {name, key, value: value || "", search: window.location.search, n: Date.now()}});
    }],
    ["[data-drill]", ({dataset}) => salesReports.blocks.drawer.open("drill", dataset.drill ?? "")],
    ["[data-explain]", ({dataset}) => salesReports.blocks.drawer.open("explain", dataset.explain ?? "")],
    ["[data-search]", ({dataset: {search}}) => {
      page.set("url", {search: search ? "?" + search.replace(/^\?/, "") : ""});
    }],
    ["[data-reset]", () => address.go(address.withoutFilters(window.location.search))],
    ["[data-look]", (element) => { // another order, all rows, all columns of a table
      const section = element.closest("section.block");
      if (!section) return;
      const {report, id} = JSON.parse(section.id);
      page.set({type: "block-look", report, id}, {data: element.dataset.look});
    }],
  ];

  document.addEventListener("click", (event) => {
    for (const [selector, act] of MEANINGS) {
      const found = page.around(event, selector);
      if (found) return act(found);
    }
    return undefined;
  });
})();
