// Blocks in the browser: numbers open their records by the address, headings ask for another order, grids link to cards. No data, no requests of their own.
(() => {
  const DRAWER = ["drill", "explain"];
  const noUpdate = () => window.dash_clientside.no_update;
  const go = (params) => {
    const text = params.toString();
    window.dash_clientside.set_props("url", {search: text ? "?" + text : ""});
  };
  const withoutDrawer = (search) => {
    const params = new URLSearchParams(search || "");
    for (const name of [...params.keys()]) if (DRAWER.includes(name) || name.startsWith("row.")) params.delete(name);
    return params;
  };
  const open = (kind, target) => {
    const params = withoutDrawer(window.location.search);
    for (const [name, value] of new URLSearchParams(`${kind}=${target}`)) params.append(name, value);
    go(params);
  };

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target instanceof Element && event.target.closest(selector);
    let found;
    if ((found = at("[data-act]"))) {
      const {act: name, key, value} = found.dataset;
      window.dash_clientside.set_props("act", {data: {name, key, value: value || "", search: window.location.search, n: Date.now()}});
    } else if ((found = at("[data-drill]"))) open("drill", found.dataset.drill);
    else if ((found = at("[data-explain]"))) open("explain", found.dataset.explain);
    else if ((found = at("[data-search]"))) window.dash_clientside.set_props("url", {search: found.dataset.search ? "?" + found.dataset.search.replace(/^\?/, "") : ""});
    else if (at("[data-reset]")) {
      const kept = new URLSearchParams();
      for (const [name, value] of new URLSearchParams(window.location.search)) if (["period", "from", "to", "compare", "whole_base", "align", "as_of"].includes(name)) kept.append(name, value);
      go(kept);
    } else if ((found = at("[data-look]"))) {
      const {report, id} = JSON.parse(found.closest("section.block").id);
      window.dash_clientside.set_props({type: "block-look", report, id}, {data: found.dataset.look});
    }
    for (const panel of document.querySelectorAll("details.columns-chooser[open]")) if (!panel.contains(event.target)) panel.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const panel of document.querySelectorAll("details.columns-chooser[open]")) {
      panel.open = false;
      panel.querySelector("summary").focus();
    }
  });

  // on a phone the pinned title leaves room for the rest
  const fit = (api) => {
    if (window.innerWidth >= 640) return;
    // pinned columns wider than the screen were set free by the grid
    api.applyColumnState({state: [{colId: "title", pinned: "left", width: 150}, {colId: "act", pinned: "right", width: 56}]});
  };

  const elementOf = (id) => document.getElementById(typeof id === "string" ? id : JSON.stringify(id, Object.keys(id).sort()));
  const grids = new WeakSet();
  const isNew = (id) => {
    const element = elementOf(id);
    if (!element || grids.has(element)) return false;
    grids.add(element);
    return true;
  };

  // a list far below asks anew when somebody comes near
  const waiting = new WeakMap();
  const near = new IntersectionObserver((entries) => {
    for (const {isIntersecting, target} of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      waiting.get(target)?.();
      waiting.delete(target);
    }
  }, {rootMargin: "400px"});
  const nearby = (id, act) => {
    const element = elementOf(id);
    waiting.set(element, act);
    near.observe(element);
  };

  let asked; // the latest query
  const inSight = (section) => {
    const {top, bottom} = section ? section.getBoundingClientRect() : {top: 0, bottom: 0};
    return top < window.innerHeight + 100 && bottom > -100;
  };
  const isWaiting = (section) => section.querySelector(":scope > .block-body[data-dash-is-loading], :scope > .block-body > .skeleton");
  const sightFilled = async () => {
    for (let step = 0; step < 100; step += 1) {
      if (step > 1 && ![...document.querySelectorAll("section.block")].some((section) => inSight(section) && isWaiting(section))) return;
      await new Promise((done) => setTimeout(done, 40));
    }
  };

  const paper = () => getComputedStyle(document.body);
  const savePicture = async (graph, name, number) => {
    const style = paper();
    const layout = {...graph.layout, paper_bgcolor: style.backgroundColor, plot_bgcolor: style.backgroundColor};
    layout.font = {...(layout.font || {}), color: style.color, family: style.fontFamily};
    const size = {width: graph.clientWidth, height: graph.clientHeight, scale: 2, format: "png"};
    await window.Plotly.downloadImage({data: graph.data, layout, config: {locale: "ru"}}, {...size, filename: number ? `${name}-${number + 1}` : name});
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    blocks: {
      // url.search -> the query without the drawer; unchanged queries reload nothing
      query(search, known) {
        const text = withoutDrawer(search).toString();
        const next = text ? "?" + text : "";
        return next === known ? noUpdate() : next;
      },
      // a block's turn to ask: in sight at once, below when those in sight are filled; a list that has its grid reloads itself
      async turn(query, id, grid) {
        if (grid) return noUpdate();
        asked = query;
        if (!inSight(elementOf({...id, type: "block-section"}))) await sightFilled();
        return asked === query ? query : noUpdate();
      },
      // the query, once what people look at is there: then the counts beside filters' options may be asked
      async filled(query) {
        asked = query;
        await sightFilled();
        return asked === query ? query : noUpdate();
      },
      drawerQuery(search, known) {
        const params = new URLSearchParams(search || "");
        const next = DRAWER.some((name) => params.get(name)) ? search : "";
        return next === known ? noUpdate() : next;
      },
      drawer(search) {
        const params = new URLSearchParams(search || "");
        return DRAWER.some((name) => params.get(name));
      },
      close(isOpen) {
        const params = new URLSearchParams(window.location.search);
        if (!isOpen && DRAWER.some((name) => params.get(name))) go(withoutDrawer(window.location.search));
        return noUpdate();
      },
      clicked(clicks) {
        const fired = window.dash_clientside.callback_context.triggered[0];
        const target = fired?.value?.points?.find((point) => typeof point.customdata === "string")?.customdata;
        if (target) open(target.startsWith("explain:") ? "explain" : "drill", target.replace(/^explain:/, ""));
        return noUpdate();
      },
      help(clicks) {
        const fired = window.dash_clientside.callback_context.triggered_id;
        const pressed = window.dash_clientside.callback_context.triggered[0]?.value;
        if (fired && pressed) open("explain", `${fired.id}.`);
        return noUpdate();
      },
      pressed: (clicks) => String(Boolean((clicks || 0) % 2)),
      async picture(clicks) {
        const {triggered_id: fired, triggered} = window.dash_clientside.callback_context;
        if (!fired || fired.format !== "png" || !triggered[0]?.value) return noUpdate();
        const graphs = [...document.querySelectorAll(".chart .js-plotly-plot")].filter((graph) => {
          const holder = graph.closest("[id*='\"type\":\"chart\"']");
          return holder && JSON.parse(holder.id).id === fired.id;
        });
        for (const [number, graph] of graphs.entries()) await savePicture(graph, `${fired.report}-${fired.id}`, number);
        return noUpdate();
      },
      // the page's filters, the data or the columns changed: the grid asks anew
      async reload(query, snapshot, columns, id) {
        const api = await window.dash_ag_grid.getApiAsync(id);
        if (columns) {
          const shown = new Set([...columns, "title", "act"]);
          const all = api.getColumns() || [];
          api.setColumnsVisible(all.filter((c) => shown.has(c.getColId()) && !c.isVisible()), true);
          api.setColumnsVisible(all.filter((c) => !shown.has(c.getColId()) && c.isVisible()), false);
        }
        fit(api);
        if (isNew(id)) { // it asks for its first rows itself
          api.addEventListener("firstDataRendered", () => fit(api));
          return noUpdate();
        }
        nearby(id, () => {
          api.purgeInfiniteCache();
          if (api.getDisplayedRowCount()) api.ensureIndexVisible(0);
        });
        return noUpdate();
      },
      // another number in the same drawer: the grid that is there already asks anew
      async reloadDrawer() {
        const holder = document.querySelector(".drawer-grid .records-ag");
        if (!holder?.id) return noUpdate();
        const api = await window.dash_ag_grid.getApiAsync(holder.id);
        fit(api);
        if (isNew(holder.id)) {
          api.addEventListener("firstDataRendered", () => fit(api));
          return noUpdate();
        }
        api.purgeInfiniteCache();
        return noUpdate();
      },
    },
  });

  // AG Grid gives its colours to "whatever holds a grid" by a :has() without a subject, so every change anywhere – a chart being drawn – makes
  // the browser style the whole page anew. What holds our grids has a class.
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node.tagName !== "STYLE" || !node.dataset.agCssVersion) continue;
      for (const rule of node.sheet?.cssRules || []) {
        if (rule.selectorText?.includes(":has(> :where(.ag-theme-params")) rule.selectorText = rule.selectorText.replace(/:has\(> :where\(\.ag-theme-params[^)]*\)\):not\(:where\([^)]*\)\)/, ":where(.records-ag)");
      }
    }
  }).observe(document.documentElement, {childList: true, subtree: true});

  // AG Grid renderers
  const grid = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const link = (href, label, key) =>
    window.React.createElement("a", {href, key, target: "_blank", rel: "noopener noreferrer", className: "card-link"}, label,
      window.React.createElement("span", {className: "card-arrow", "aria-hidden": "true"}, "\u00a0↗"));
  grid.CardLink = (props) => {
    const href = props.data?.[props.link];
    return href ? link(href, props.value) : props.value ?? "";
  };
  // an own field of several values, those that lead somewhere as links
  grid.FieldLinks = (props) => {
    const parts = props.data?.[props.parts];
    if (!parts) return props.value ?? "";
    const h = window.React.createElement;
    return h("span", null, parts.map(([text, url], n) => h("span", {key: n}, n ? "; " : "", /^https?:\/\//.test(url) ? link(url, text) : text)));
  };
  grid.Act = (props) => {
    const act = props.value;
    if (!act) return "";
    const h = window.React.createElement;
    return h("button", {type: "button", className: "button button-small act", "data-act": act.name, "data-key": act.key, "aria-label": act.spoken, title: act.label},
      h("i", {className: act.name === "snooze" ? "bi bi-alarm" : "bi bi-arrow-counterclockwise", "aria-hidden": "true"}),
      h("span", {className: "act-label"}, act.label));
  };
  grid.ClientLinks = (props) => {
    const {contact_url: contact, company_url: company} = props.data || {};
    const ru = document.documentElement.lang !== "en";
    return window.React.createElement("span", {className: "client-links"}, [
      company && link(company, ru ? "комп." : "comp.", "company"),
      contact && link(contact, ru ? "контакт" : "contact", "contact"),
    ]);
  };
})();
