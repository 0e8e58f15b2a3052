// Charts as pictures, as they look on the page; and the button that shows a chart as a table.
(() => {
  const {page} = salesReports;

  /**
   * @param {PlotlyGraph} graph
   * @param {string} filename
   */
  const save = async (graph, filename) => {
    const {backgroundColor, color, fontFamily: family} = getComputedStyle(document.body);
    const font = {...(graph.layout.font || {}), color, family};
    const layout = {...graph.layout, paper_bgcolor: backgroundColor, plot_bgcolor: backgroundColor, font};
    const size = {width: graph.clientWidth, height: graph.clientHeight, scale: 2, format: "png"};
    await window.Plotly?.downloadImage({data: graph.data, layout, config: {locale: "ru"}}, {...size, filename});
  };

  /** @param {string} block */
  const chartsOf = (block) => {
    const graphs = /** @type {NodeListOf<PlotlyGraph>} */ (document.querySelectorAll(".chart .js-plotly-plot"));
    return [...graphs].filter((graph) => {
      const holder = graph.closest("[id*='\"type\":\"chart\"']");
      return holder !== null && JSON.parse(holder.id).id === block;
    });
  };

  page.offer("blocks", {
    async picture() {
      const {triggered_id: fired, triggered} = window.dash_clientside.callback_context;
      if (!fired || fired.format !== "png" || !triggered[0]?.value) return page.noUpdate();
      const name = `${fired.report}-${fired.id}`;
      for (const [i, graph] of chartsOf(fired.id).entries()) await save(graph, i ? `${name}-${i + 1}` : name);
      return page.noUpdate();
    },
    /** @param {number | null} clicks */
    pressed: (clicks) => String(Boolean((clicks || 0) % 2)),
  });
})();
