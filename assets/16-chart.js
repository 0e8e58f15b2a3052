// Draws what dash_app/views/charts.py sends: a figure of Plotly. Dash makes a block anew with every answer; the picture is not: the element that
// was drawn goes along into the new block, and Plotly changes what is different in it. Plotly itself is loaded by the first chart there is.
salesReports.Chart = (() => {
  const FONT = "12px Inter";
  /** @type {WeakMap<Element, Map<string, PlotlyGraph>>} what answers are put into -> its pictures by part */
  const drawn = new WeakMap();
  /** @type {WeakMap<Element, object>} picture -> the latest figure it is to show */
  const wanted = new WeakMap();
  /** @type {Promise<Plotly> | null} */
  let loading = null;

  /** @returns {Promise<Plotly>} */
  const load = () => new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = document.body.dataset.plotly ?? "";
    script.onload = () => (window.Plotly ? done(window.Plotly) : failed());
    script.onerror = () => {
      loading = null; // the next chart tries again
      failed();
    };
    document.head.append(script);
  });

  /** Plotly, and the font its labels are measured by. */
  const plotly = async () => {
    loading ??= load();
    const [known] = await Promise.all([loading, document.fonts?.load(FONT, "Аа ₽").catch(() => [])]);
    return known;
  };

  const sizes = new ResizeObserver((entries) => {
    for (const {target} of entries) {
      const graph = /** @type {PlotlyGraph} */ (target);
      if (graph.isConnected && graph.clientWidth && graph.layout && graph.clientWidth !== graph.layout.width) {
        void window.Plotly?.relayout(graph, {width: graph.clientWidth});
      }
    }
  });

  /**
   * @param {PlotlyGraph} graph
   * @param {PlotlyFigure} figure
   */
  const draw = async (graph, figure) => {
    wanted.set(graph, figure);
    const known = await plotly();
    if (wanted.get(graph) !== figure || !graph.isConnected) return; // another answer came meanwhile, or the block is gone
    const layout = {...figure.layout, ...(graph.clientWidth ? {width: graph.clientWidth} : {})};
    await known.react(graph, figure.data, layout, {displayModeBar: false, locale: document.documentElement.lang});
    graph.removeAllListeners("plotly_click");
    graph.on("plotly_click", ({points}) => salesReports.blocks.drawer.openPoint(points));
    sizes.observe(graph);
  };

  /** @param {Element} home */
  const picturesOf = (home) => {
    const known = drawn.get(home) ?? new Map();
    drawn.set(home, known);
    return known;
  };

  /** @returns {PlotlyGraph} */
  const blank = () => /** @type {PlotlyGraph} */ (/** @type {HTMLElement} */ (document.createElement("div")));

  /** @param {{figure: PlotlyFigure, part: string}} props ``part``: tells apart the charts of one block */
  const Chart = ({figure, part}) => {
    const ref = window.React.useRef(/** @type {Element | null} */ (null));
    window.React.useLayoutEffect(() => {
      const holder = ref.current;
      if (!holder) return;
      const pictures = picturesOf(holder.closest(".block-body, [id]") ?? document.body);
      const graph = pictures.get(part) ?? blank();
      pictures.set(part, graph);
      if (graph.parentElement !== holder) holder.replaceChildren(graph);
      void draw(graph, figure);
    }, [figure, part]);
    const height = figure.layout.height;
    return window.React.createElement("div", {ref, className: "chart", style: {height: `${height}px`}});
  };

  return Chart;
})();
