// The grid and Dash (callbacks/cell_editor.py): rows and answers come, the controls and the address move each other.
(() => {
  const {page, address} = salesReports;
  const {rows, drawing, saving, selection, store: {current, turn, own}} = salesReports.grid;
  const WHOLE_YEAR = "-"; // of the control; the address says nothing then

  const arrive = (store = current()) => {
    if (!store.data) return;
    store.deferred = selection.isEditing(store);
    if (store.deferred) return;
    rows.take(store, store.data);
    drawing.show(store);
  };

  const attach = async (store = current()) => {
    const api = await window.dash_ag_grid.getApiAsync(own("grid", store));
    if (store.api === api) return;
    store.api = api;
    store.anchor = store.head = null;
    if (store.flight) saving.lost(store, store.flight); // its answer went to the page that was left
    if (window.matchMedia("(pointer: coarse)").matches) api.setGridOption("singleClickEdit", true);
    api.addEventListener("cellFocused", () => selection.startAnew(store));
    api.addEventListener("cellEditingStopped", () => {
      if (store.deferred) setTimeout(() => arrive(store), 0);
    });
  };

  /** @param {PageNames | null} names */
  const isOnPage = (names) => window.location.pathname.replace(/\/+$/, "") === names?.path;

  page.offer("plans", {
    /**
     * @param {PageData | null} data
     * @param {PageNames} names
     */
    async loaded(data, names) {
      if (!data) return page.noUpdate();
      const store = turn(names);
      store.data = data;
      await attach(store);
      arrive(store);
      saving.send(store);
      return page.noUpdate();
    },
    /** @param {Answer | null} answer */
    answered(answer) {
      if (answer) saving.answered(answer);
      return page.noUpdate();
    },
    /**
     * The controls say it to the address, the address to everything else.
     * @param {string} year
     * @param {string} half
     * @param {string} [measure]
     */
    chosen(year, half, measure) {
      const {names, measures} = current();
      if (!names || !isOnPage(names)) return page.noUpdate();
      /** @type {Record<string, [name: string, value: string | undefined, usual: string]>} */
      const values = {
        [own("year")]: ["year", year, String(names.year)],
        [own("half")]: ["half", half, WHOLE_YEAR],
        [own("measure")]: ["show", measure, measures[0]],
      };
      const wanted = address.params();
      for (const {prop_id: property} of window.dash_clientside.callback_context.triggered) {
        const [name, value, usual] = values[property.split(".")[0]] ?? [];
        if (!name || !value || value === (wanted.get(name) ?? usual)) continue;
        if (value === usual) wanted.delete(name);
        else wanted.set(name, value);
      }
      if (address.searchOf(wanted) !== window.location.search) address.go(wanted);
      return page.noUpdate();
    },
    /**
     * Back and Forward move the controls.
     * @param {string | null} search
     * @param {PageNames | null} names
     */
    address(search, names) {
      if (!names || !isOnPage(names)) return page.noUpdate();
      const store = turn(names);
      const asked = address.params(search);
      const half = asked.get("half") ?? "";
      store.head = null;
      store.measure = Math.max(0, store.measures.indexOf(asked.get("show") ?? ""));
      if (store.measures.length > 1) page.set(own("measure"), {value: store.measures[store.measure]});
      page.set(own("half"), {value: ["1", "2"].includes(half) ? half : WHOLE_YEAR});
      page.set(own("year"), {value: asked.get("year") ?? String(names.year)});
      drawing.draw(store);
      return page.noUpdate();
    },
    /** @param {string | null} text */
    found(text) {
      const store = current();
      store.find = text || "";
      store.head = null;
      drawing.show(store);
      return page.noUpdate();
    },
  });
})();
