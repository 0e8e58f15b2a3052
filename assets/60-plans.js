// The grids of plans and expenses in the browser (one at a time; ids begin with the page's name): typing, selecting, pasting, filling, undo. Every change goes to the server at once, one batch at a time; what was typed
// stays in its cell until the server has taken it. Amounts are texts with at most two decimals ("1200000.50"): exact, never floats.
(() => {
  const SEP = "\u001f"; // ids of sources may hold any visible sign
  let MEASURES = ["plan_amount", "plan_count", "bonus"];
  const PATIENCE = 20000;
  const NBSP = "\u00a0";
  const ru = document.documentElement.lang !== "en";

  // What is on screen. overlay: what a cell holds that is not saved – {text, kind: pending | refused | conflict, why, theirs, who}
  const remembered = (page, what) => {
    try { return JSON.parse(sessionStorage.getItem(`${page}-${what}`)) || []; } catch { return []; }
  };
  const fresh = (page) => ({
    page, rows: [], added: new Map(), months: [], measure: 0, find: "", data: null, deferred: false, api: null, said: "", anchor: null,
    overlay: new Map(), queue: new Map(), undos: [], flight: null, number: 0, stuck: false, head: null, dragging: false, source: null, gone: new Set(), savedAt: null,
    changes: remembered(page, "undo"), undone: remembered(page, "redo"), // each a batch of changes on the server: mine, and those that took mine back
  });
  const state = {names: null, ...fresh("plan")};
  const left = {}; // pages as they were left
  const turn = (names) => { // which page is on screen; what was typed on the other waits for it there
    if (names.page !== state.page) {
      left[state.page] = {...state};
      Object.assign(state, left[names.page] ?? fresh(names.page));
      MEASURES = names.measures;
    }
    state.names = names;
  };
  const own = (name) => `${state.page}-${name}`;

  const remember = () => {
    state.changes = state.changes.slice(-60);
    try {
      sessionStorage.setItem(own("undo"), JSON.stringify(state.changes));
      sessionStorage.setItem(own("redo"), JSON.stringify(state.undone));
    } catch { /* for this page only */ }
  };
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const noUpdate = () => window.dash_clientside.no_update;
  const word = (name, values = {}) => Object.entries(values).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, value), state.names?.words[name] ?? "");
  const element = (id) => document.getElementById(id);
  const grid = () => element(own("grid"));

  // -- numbers ---------------------------------------------------------------------------------------------------
  const parts = (stored) => {
    const [whole, rest = ""] = String(stored).split(".");
    return [whole, /[1-9]/.test(rest) ? rest.padEnd(2, "0") : ""];
  };
  const shown = (stored) => { // «1 200 000,50»
    if (stored === "" || stored === undefined) return "";
    const [whole, rest] = parts(stored);
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ru ? NBSP : ",");
    return rest ? grouped + (ru ? "," : ".") + rest : grouped;
  };
  const typed = (stored) => { // as one would type it
    if (stored === "" || stored === undefined) return "";
    const [whole, rest] = parts(stored);
    return rest ? whole + (ru ? "," : ".") + rest : whole;
  };
  const cents = (stored) => {
    if (!stored) return 0n;
    const [whole, rest = ""] = stored.split(".");
    return BigInt(whole) * 100n + BigInt((rest + "00").slice(0, 2));
  };
  const fromCents = (sum) => `${sum / 100n}.${String(sum % 100n).padStart(2, "0")}`;

  // -- cells -----------------------------------------------------------------------------------------------------
  const cellId = (row, month, measure = state.measure) => [row.id, month, measure].join(SEP);
  const saved = (row, month, measure = state.measure) => row.cells[month]?.[measure] ?? "";
  const isMonth = (colId) => state.months.includes(colId);
  const rowOf = (id) => state.rows.find((row) => row.id === id);
  const sumOf = (list) => list.reduce((sum, stored) => sum + cents(stored), 0n);
  const visible = () => {
    const wanted = state.find.trim().toLocaleLowerCase();
    return wanted ? state.rows.filter((row) => `${row.manager} ${row.department} ${row.pipeline}`.toLocaleLowerCase().includes(wanted)) : state.rows;
  };
  const monthName = (month) => state.api?.getColumn(month)?.getColDef().headerName ?? month;
  const rowName = (row) => row.pipeline ? `${row.manager} (${row.department}), ${row.pipeline}` : row.manager;

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const columnOf = (params) => params.column?.getColId() ?? params.colDef.colId;
  const isClosed = (month) => Boolean(state.data?.closed?.includes(month));
  functions.planMay = (params) => !params.node.rowPinned && !isClosed(columnOf(params));
  functions.planText = (params) => {
    const month = columnOf(params);
    const row = params.data;
    if (!row?.cells) return "";
    if (month === "total") return fromCents(sumOf(state.months.map((m) => saved(row, m))));
    return state.overlay.get(cellId(row, month))?.text ?? typed(saved(row, month));
  };
  functions.planShown = (params) => {
    const month = columnOf(params);
    const row = params.data;
    if (!row?.cells) return "";
    if (month === "total") return shown(params.value);
    return state.overlay.has(cellId(row, month)) ? params.value : shown(saved(row, month));
  };
  functions.planTyped = (params) => {
    enter([{row: params.data, month: columnOf(params), measure: state.measure, text: params.newValue}]);
    return true;
  };
  functions.planWhy = (params) => {
    const row = params.data;
    return row?.cells ? state.overlay.get(cellId(row, columnOf(params)))?.why ?? (isClosed(columnOf(params)) ? word("closed") : null) : null;
  };
  functions.planIs = (params, kind) => {
    const row = params.data;
    const month = columnOf(params);
    if (!row?.cells || params.node.rowPinned) return false;
    if (kind === "closed") return isClosed(month);
    if (kind === "chosen") return isChosen(params.node.rowIndex, month);
    return state.overlay.get(cellId(row, month))?.kind === kind;
  };
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  components.PlanPerson = (props) => {
    const h = window.React.createElement;
    if (!props.data) return "";
    return h("div", {className: "plan-person", title: `${props.data.manager} · ${props.data.department}`}, h("span", null, props.data.manager), h("small", null, props.data.department));
  };

  // -- what is drawn ---------------------------------------------------------------------------------------------
  const totals = () => {
    const rows = visible();
    const cells = Object.fromEntries(state.months.map((month) => [month, MEASURES.map((_, m) => {
      const list = rows.map((row) => saved(row, month, m)).filter(Boolean);
      return list.length ? fromCents(sumOf(list)) : "";
    })]));
    return [{id: "totals", manager: word("total"), department: "", pipeline: "", cells}];
  };
  const draw = () => {
    if (!state.api || state.api.isDestroyed?.()) return;
    state.api.setGridOption("pinnedBottomRowData", state.rows.length ? totals() : []);
    state.api.refreshCells({force: true});
    fit();
    notes();
    status();
  };
  const fit = () => { // a number is never cut: months are as wide as the longest one, or share the room there is
    const api = state.api;
    let longest = 7;
    for (const row of [...visible(), ...totals()]) for (const month of state.months) longest = Math.max(longest, current(row, month).length, shown(saved(row, month)).length);
    const taken = ["manager", "pipeline", "total"].reduce((sum, key) => sum + (api.getColumn(key)?.getActualWidth() ?? 0), 0);
    const room = Math.floor(((grid()?.clientWidth ?? 0) - taken - 4) / state.months.length);
    const width = Math.max(room, Math.min(190, Math.ceil(longest * 7.7 + 24)));
    const whole = Math.max(...[...visible(), ...totals()].map((row) => shown(fromCents(sumOf(state.months.map((m) => saved(row, m))))).length), 6);
    api.setColumnWidths([...state.months.map((key) => ({key, newWidth: width})), {key: "total", newWidth: Math.min(220, Math.ceil(whole * 8.2 + 24))}]);
  };
  const narrow = () => { // on a phone only the name stays in place
    state.api.setColumnsPinned(["pipeline", "total"], null);
    state.api.setColumnWidths([{key: "manager", newWidth: 132}]);
    state.api.setColumnsPinned(["manager"], "left");
  };
  const show = () => { // the rows themselves
    if (!state.api || state.api.isDestroyed?.()) return;
    if (window.innerWidth < 640) narrow();
    state.api.setGridOption("rowData", visible().map((row) => row));
    draw();
  };
  const status = (said) => { // what was said stays for a while
    if (said) {
      state.said = said;
      clearTimeout(state.silence);
      state.silence = setTimeout(() => { state.said = ""; status(); }, 9000);
    }
    const place = element(own("state"));
    if (!place || !state.names) return;
    const unsaved = [...state.overlay.values()].filter((o) => o.kind !== "pending").length;
    place.replaceChildren();
    place.dataset.kind = "";
    const say = (text, kind = "") => { place.append(document.createTextNode(text)); place.dataset.kind = kind; };
    if (state.said && !(state.stuck && !said)) say(state.said, "said");
    else if (state.stuck) {
      say(word("stuck") + " ", "bad");
      place.append(button("retry", word("retry")));
    } else if (state.flight || state.queue.size) say(word("saving"));
    else if (unsaved) say(word("attention", {n: unsaved}), "bad");
    else say(state.savedAt ? word("saved_at", {time: state.savedAt}) : word("saved"), "good");
    for (const [name, list] of [["undo", state.changes], ["redo", state.undone]]) {
      const way = document.querySelector(`[data-plan='${name}']`);
      if (way) way.disabled = !list.length;
    }
  };
  const button = (name, text, cell) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button button-small";
    made.dataset.plan = name;
    if (cell) made.dataset.cell = cell;
    made.textContent = text;
    return made;
  };
  const MOST_NOTES = 8;
  const notes = () => {
    const place = element(own("notes"));
    if (!place || !state.names) return;
    const open = [...state.overlay].filter(([, o]) => o.kind !== "pending");
    place.replaceChildren(...open.slice(0, MOST_NOTES).map(([id, o]) => {
      const [rowId, month, measure] = id.split(SEP);
      const row = rowOf(rowId) ?? describe(rowId);
      const line = document.createElement("div");
      line.className = `notice notice-${o.kind === "conflict" ? "warning" : "bad"} plan-note`;
      const text = document.createElement("p");
      const strong = document.createElement("strong");
      strong.textContent = `${rowName(row)}, ${monthName(month)}: `;
      text.append(strong, o.why);
      const ways = document.createElement("div");
      ways.className = "button-row";
      if (o.kind === "conflict") ways.append(button("mine", word("mine"), id), button("theirs", word("theirs"), id));
      else ways.append(...(Number(measure) === state.measure && isMonth(month) ? [button("mend", word("mend"), id)] : []), button("theirs", word("back"), id));
      line.append(text, ways);
      return line;
    }));
    if (open.length > MOST_NOTES) {
      const more = document.createElement("p");
      more.className = "muted";
      more.textContent = word("more_notes", {n: open.length - MOST_NOTES});
      place.append(more);
    }
  };
  const describe = (rowId) => {
    const at = rowId.lastIndexOf(":");
    const [manager, pipeline] = [rowId.slice(0, at), rowId.slice(at + 1)];
    const id = pipeline === "all" ? "" : pipeline;
    const [name, department] = state.names.managers[manager] ?? [`№${manager}`, ""];
    return {id: rowId, manager_id: manager, manager: name, department, pipeline_id: id, pipeline: state.names.pipelines[id] ?? id, cells: {}};
  };

  // -- saving ----------------------------------------------------------------------------------------------------
  const enter = (edits) => {
    state.said = "";
    for (const {row, month, measure, text: given} of edits) {
      const id = cellId(row, month, measure);
      const text = String(given ?? "").trim();
      const stored = saved(row, month, measure);
      const flying = state.flight?.cells.has(id);
      if (!flying && (text === typed(stored) || text === stored)) {
        state.overlay.delete(id);
        state.queue.delete(id);
        continue;
      }
      state.queue.set(id, {id, row, month, measure, text, was: flying ? null : stored});
      state.overlay.set(id, {text, kind: "pending", why: null});
    }
    setTimeout(draw, 0);
    send();
  };
  const send = () => {
    if (state.flight || !grid()) return; // on another page it waits
    const who = element(own("who"))?.value ?? "";
    if (state.queue.size) {
      const cells = new Map(state.queue);
      state.queue.clear();
      state.flight = {n: ++state.number, cells};
      const list = [...cells.values()].map((e) => [e.row.manager_id, e.row.pipeline_id, e.month, MEASURES[e.measure], e.text, e.was ?? saved(e.row, e.month, e.measure)]);
      set(own("ask"), {data: {n: state.flight.n, kind: "edits", who, cells: list}});
    } else if (state.undos.length) {
      const undo = state.undos.shift();
      state.flight = {n: ++state.number, cells: new Map(), undo};
      set(own("ask"), {data: {n: state.flight.n, kind: undo.kind, who, changes: undo.changes}});
    } else return;
    state.flight.timer = setTimeout(() => lost(state.flight), PATIENCE);
    status();
  };
  const lost = (flight, later = 5000) => { // no answer: everything goes back into the queue and is tried again
    if (!flight || state.flight !== flight) return;
    clearTimeout(flight.timer);
    state.flight = null;
    for (const [id, edit] of flight.cells) {
      const newer = state.queue.get(id);
      if (newer) newer.was = edit.was;
      else state.queue.set(id, edit);
    }
    if (flight.undo) state.undos.unshift(flight.undo);
    state.stuck = true;
    status();
    if (later) state.again = setTimeout(send, later);
  };
  window.addEventListener("online", () => state.stuck && send());
  window.addEventListener("beforeunload", (event) => {
    if (state.queue.size || state.flight || state.overlay.size) event.preventDefault();
  });

  const put = (manager, pipeline, month, cells) => {
    const id = `${manager}:${pipeline || "all"}`;
    const row = rowOf(id);
    if (!row) return;
    if (cells.some((text) => text !== "")) row.cells = {...row.cells, [month]: cells};
    else {
      row.cells = {...row.cells};
      delete row.cells[month];
    }
  };
  const taken = (answer) => {
    const flight = state.flight?.n === answer.n ? state.flight : null;
    if (answer.failed && flight && !flight.undo) {
      lost(flight, 10000);
      status(answer.said);
      return;
    }
    if (flight) {
      clearTimeout(flight.timer);
      state.flight = null;
      state.stuck = false;
    }
    const before = new Map(flight ? [...flight.cells].map(([id, e]) => [id, e.was ?? saved(e.row, e.month, e.measure)]) : []);
    for (const [manager, pipeline, month, cells] of answer.cells ?? []) put(manager, pipeline, month, cells);
    for (const id of flight?.cells.keys() ?? []) {
      const newer = state.queue.get(id);
      if (!newer) state.overlay.delete(id);
      else if (newer.was === null) newer.was = saved(newer.row, newer.month, newer.measure);
    }
    const open = (kind) => ([manager, pipeline, month, measure, text, why, who]) => {
      const id = [`${manager}:${pipeline || "all"}`, month, MEASURES.indexOf(measure)].join(SEP);
      const newer = state.queue.get(id);
      if (newer) {
        newer.was = before.get(id) ?? newer.was;
        return;
      }
      const values = {who, theirs: shown(why) || word("nothing"), yours: text || word("nothing")};
      state.overlay.set(id, {text, kind, why: kind === "conflict" ? word("conflict", values) : why});
    };
    (answer.refused ?? []).forEach(open("refused"));
    (answer.conflicts ?? []).forEach(open("conflict"));
    if (answer.changes?.length) {
      (flight?.undo?.kind === "undo" ? state.undone : state.changes).push(answer.changes);
      if (!flight?.undo) state.undone = []; // something new was typed: there is no way forward any more
      remember();
    }
    if (!answer.said) state.savedAt = new Date().toLocaleTimeString(ru ? "ru-RU" : "en-GB", {hour: "2-digit", minute: "2-digit"});
    for (const id of [...state.gone]) {
      const busy = [...state.overlay.keys()].some((key) => key.startsWith(id + SEP));
      const row = rowOf(id);
      if (!flight) continue;
      state.gone.delete(id);
      if (row && !busy && !Object.keys(row.cells).length) {
        state.rows = state.rows.filter((r) => r !== row);
        state.added.delete(id);
        answer.said = word("deleted");
        setTimeout(show, 0);
      }
    }
    draw();
    if (answer.said) status(answer.said);
    send();
  };

  // -- selection ---------------------------------------------------------------------------------------------------
  const focused = () => {
    const at = state.api?.getFocusedCell();
    return at && !at.rowPinned ? {row: at.rowIndex, column: at.column.getColId()} : null;
  };
  const range = () => {
    const at = focused();
    if (!at || !isMonth(at.column)) return null;
    const head = state.head ?? at;
    const columns = [state.months.indexOf(at.column), state.months.indexOf(head.column)].sort((a, b) => a - b);
    const rows = [at.row, head.row].sort((a, b) => a - b);
    return {top: rows[0], bottom: rows[1], left: columns[0], right: columns[1]};
  };
  const isChosen = (row, month) => {
    if (!state.head) return false;
    const r = range();
    const column = state.months.indexOf(month);
    return Boolean(r) && row >= r.top && row <= r.bottom && column >= r.left && column <= r.right;
  };
  const rowAt = (index) => state.api.getDisplayedRowAtIndex(index)?.data;
  const choose = (head) => {
    const at = focused();
    state.head = at && head && (head.row !== at.row || head.column !== at.column) ? head : null;
    state.api.refreshCells({force: true});
  };
  const cellUnder = (target) => {
    const cell = target instanceof Element && target.closest(".ag-cell");
    const row = cell && cell.closest(".ag-row");
    if (!row || row.closest(".ag-floating-bottom")) return null;
    const column = cell.getAttribute("col-id");
    return isMonth(column) ? {row: Number(row.getAttribute("row-index")), column} : null;
  };
  const isEditing = () => Boolean(state.api?.getEditingCells().length);
  const inGrid = (target) => target instanceof Element && Boolean(target.closest(`#${own("grid")}`));

  // -- actions -----------------------------------------------------------------------------------------------------
  const every = (r, make) => {
    const edits = [];
    for (let i = r.top; i <= r.bottom; i++) for (let j = r.left; j <= r.right; j++) {
      const row = rowAt(i);
      const month = state.months[j];
      const text = row && make(row, month, i, j);
      if (row && text !== undefined) edits.push({row, month, measure: state.measure, text});
    }
    enter(edits);
  };
  const current = (row, month, measure = state.measure) => state.overlay.get(cellId(row, month, measure))?.text ?? typed(saved(row, month, measure));
  const need = (found, name = "choose_cell") => {
    if (!found) status(word(name));
    return found;
  };
  const actions = {
    clear: () => { const r = range(); if (r) every(r, () => ""); },
    fill() { // the top row of the selection down; a single cell to all rows below
      const r = need(range());
      if (!r) return;
      const last = state.head ? r.bottom : state.api.getDisplayedRowCount() - 1;
      if (!need(last > r.top, "no_below")) return;
      every({...r, top: r.top + 1, bottom: last}, (row, month) => current(rowAt(r.top), month));
    },
    down() { // Ctrl+D
      const r = range();
      if (!r) return;
      if (r.top === r.bottom && r.top > 0) every(r, (row, month) => current(rowAt(r.top - 1), month));
      else every({...r, top: r.top + 1}, (row, month) => current(rowAt(r.top), month));
    },
    right() { // Ctrl+R
      const r = range();
      if (!r) return;
      if (r.left === r.right && r.left > 0) every(r, (row) => current(row, state.months[r.left - 1]));
      else every({...r, left: r.left + 1}, (row) => current(row, state.months[r.left]));
    },
    month(all) { // amounts, counts and bonuses of a month, in all rows on screen
      const at = focused();
      if (!need(at && isMonth(at.column))) return;
      const from = state.months.indexOf(at.column);
      const targets = state.months.slice(from + 1, all ? undefined : from + 2);
      if (!need(targets.length, "no_next")) return;
      const edits = [];
      for (const row of visible()) MEASURES.forEach((_, measure) => {
        const text = current(row, at.column, measure);
        if (text !== "") for (const month of targets) edits.push({row, month, measure, text});
      });
      if (need(edits.length, "nothing_to_copy")) enter(edits);
    },
    next: () => actions.month(false),
    "all-next": () => actions.month(true),
    back(kind, list) {
      const changes = list.pop();
      if (!changes) return;
      remember();
      state.undos.push({kind, changes});
      send();
      if (state.flight?.undo) status(word(`${kind}ing`));
    },
    undo: () => actions.back("undo", state.changes),
    redo: () => actions.back("redo", state.undone),
    retry() {
      clearTimeout(state.again);
      send();
    },
    history() {
      const at = focused();
      if (!need(at && isMonth(at.column))) return;
      const row = rowAt(at.row);
      set(own("history-ask"), {data: {key: `${row.id}:${at.column}`, title: [row.manager, row.pipeline, monthName(at.column)].filter(Boolean).join(", "), at: Date.now()}});
    },
    "history-close": () => set(own("history"), {children: []}),
    "errors-close": () => set(own("import-report"), {children: []}),
    add: () => openAdding(null),
    "copy-row"() {
      const at = focused();
      if (need(at)) openAdding(rowAt(at.row));
    },
    "add-close": () => closeAdding(),
    "delete-row"() {
      const at = focused();
      if (!need(at)) return;
      const row = rowAt(at.row);
      for (const key of [...state.overlay.keys()]) if (key.startsWith(row.id + SEP)) { state.overlay.delete(key); state.queue.delete(key); }
      const filled = state.months.filter((month) => row.cells[month]);
      if (filled.length) {
        state.gone.add(row.id);
        enter(filled.map((month) => ({row, month, measure: 0, text: ""})));
      } else {
        state.rows = state.rows.filter((r) => r !== row);
        state.added.delete(row.id);
        show();
      }
    },
    mine(cell) {
      const [rowId, month, measure] = cell.split(SEP);
      const row = rowOf(rowId) ?? describe(rowId);
      enter([{row, month, measure: Number(measure), text: state.overlay.get(cell).text}]);
    },
    theirs(cell) {
      state.overlay.delete(cell);
      draw();
    },
    mend(cell) {
      const [rowId, month] = cell.split(SEP);
      const index = state.api.getRowNode(rowId)?.rowIndex;
      if (index === undefined || index === null) return;
      state.api.ensureIndexVisible(index);
      state.api.ensureColumnVisible(month);
      state.api.setFocusedCell(index, month);
      state.api.startEditingCell({rowIndex: index, colKey: month});
    },
  };
  const openAdding = (source) => {
    state.source = source;
    set(own("add-title"), {children: source ? word("copy_of", {row: rowName(source)}) : word("add_title")});
    set(own("add-managers"), {value: []});
    element(own("add")).hidden = false;
    setTimeout(() => element(own("add-managers"))?.focus(), 30);
  };
  const closeAdding = () => {
    element(own("add")).hidden = true;
    document.querySelector("[data-plan='add']")?.focus();
  };
  const focusRow = (row) => {
    const index = state.api.getRowNode(row.id)?.rowIndex;
    if (index === undefined || index === null) return;
    state.api.ensureIndexVisible(index);
    state.api.setFocusedCell(index, state.months[0]);
  };

  // -- clipboard ---------------------------------------------------------------------------------------------------
  const table = (text) => { // tab-separated, as spreadsheets copy: cells with line ends are quoted
    const rows = [[]];
    let cell = "", quoted = false;
    const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    for (let i = 0; i < source.length; i++) {
      const c = source[i];
      if (quoted) {
        if (c !== '"') cell += c;
        else if (source[i + 1] === '"') { cell += c; i++; }
        else quoted = false;
      } else if (c === '"' && cell === "") quoted = true;
      else if (c === "\t") { rows.at(-1).push(cell); cell = ""; }
      else if (c === "\n") { rows.at(-1).push(cell); cell = ""; rows.push([]); }
      else cell += c;
    }
    rows.at(-1).push(cell);
    return rows;
  };
  const paste = (text) => {
    const r = range();
    const block = table(text);
    if (!r || !block.length) return;
    if (block.length === 1 && block[0].length === 1) return every(r, () => block[0][0]);
    const count = state.api.getDisplayedRowCount();
    const wide = Math.max(...block.map((row) => row.length));
    const bottom = Math.min(r.top + block.length, count) - 1;
    const right = Math.min(r.left + wide, state.months.length) - 1;
    every({top: r.top, bottom, left: r.left, right}, (row, month, i, j) => block[i - r.top][j - r.left]);
    state.head = bottom > r.top || right > r.left ? {row: bottom, column: state.months[right]} : null;
    const cut = {rows: block.length - (bottom - r.top + 1), columns: wide - (right - r.left + 1)};
    if (cut.rows || cut.columns) setTimeout(() => status(word("cut", cut)), 30);
  };
  document.addEventListener("paste", (event) => {
    if (!inGrid(event.target) && !inGrid(document.activeElement)) return;
    if (isEditing()) return;
    event.preventDefault();
    paste(event.clipboardData.getData("text/plain"));
  });
  document.addEventListener("copy", (event) => {
    if (!inGrid(document.activeElement) || isEditing()) return;
    const r = range();
    if (!r) return;
    const lines = [];
    for (let i = r.top; i <= r.bottom; i++) lines.push(state.months.slice(r.left, r.right + 1).map((month) => current(rowAt(i), month)).join("\t"));
    event.preventDefault();
    event.clipboardData.setData("text/plain", lines.join("\n"));
  });

  // -- keys and mouse ------------------------------------------------------------------------------------------------
  const SHIFTED = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};
  const LETTERS = {KeyD: "down", KeyR: "right", KeyZ: "undo", KeyY: "redo"};
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && inGrid(event.target) && state.head && !isEditing()) choose(null);
    if (event.key === "Escape" && element(own("add"))?.contains(event.target) && ![...document.querySelectorAll("[role='listbox']")].some((list) => list.offsetParent)) closeAdding();
    if (!inGrid(event.target) || isEditing() || !state.api) return;
    const done = () => { event.preventDefault(); event.stopPropagation(); };
    if ((event.ctrlKey || event.metaKey) && !event.altKey && (!event.shiftKey || event.code === "KeyZ") && LETTERS[event.code]) {
      done();
      actions[event.shiftKey ? "redo" : LETTERS[event.code]]();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      done();
      actions.clear();
    } else if (event.shiftKey && SHIFTED[event.key] && focused() && isMonth(focused().column)) {
      done();
      const at = focused();
      if (at.row !== state.anchor?.row || at.column !== state.anchor?.column) { // pressed before the grid told of its new focus
        state.anchor = at;
        state.head = null;
      }
      const head = state.head ?? at;
      const [down, aside] = SHIFTED[event.key];
      const row = Math.max(0, Math.min(state.api.getDisplayedRowCount() - 1, head.row + down));
      const column = state.months[Math.max(0, Math.min(state.months.length - 1, state.months.indexOf(head.column) + aside))];
      choose({row, column});
      state.api.ensureIndexVisible(row);
      state.api.ensureColumnVisible(column);
    }
  }, true);
  const extending = (event) => event.shiftKey && event.button === 0 && inGrid(event.target) && state.api && !isEditing() && focused() && cellUnder(event.target);
  for (const kind of ["pointerdown", "mousedown", "click"]) document.addEventListener(kind, (event) => { // Shift and a click extend the selection
    const cell = extending(event);
    if (cell) {
      event.preventDefault();
      event.stopPropagation();
      if (kind === "pointerdown") choose(cell);
    } else if (kind === "mousedown") state.dragging = inGrid(event.target) && event.button === 0 && !isEditing() && Boolean(cellUnder(event.target));
  }, true);
  document.addEventListener("mouseover", (event) => {
    if (!state.dragging || !(event.buttons & 1) || isEditing()) return;
    const cell = cellUnder(event.target);
    if (cell) choose(cell);
  });
  document.addEventListener("mouseup", () => { state.dragging = false; });
  document.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element && event.target.closest("[data-plan]");
    if (pressed && !pressed.disabled) actions[pressed.dataset.plan]?.(pressed.dataset.cell);
  });

  // -- Dash ----------------------------------------------------------------------------------------------------------
  const attach = async () => {
    const api = await window.dash_ag_grid.getApiAsync(own("grid"));
    if (state.api === api) return;
    state.api = api;
    state.anchor = state.head = null;
    if (state.flight) lost(state.flight, 0); // its answer went to the page that was left
    if (window.matchMedia("(pointer: coarse)").matches) api.setGridOption("singleClickEdit", true);
    api.addEventListener("cellFocused", () => { // another anchor: the selection starts anew
      const at = focused();
      if (at?.row === state.anchor?.row && at?.column === state.anchor?.column) return;
      state.anchor = at;
      if (!state.head) return;
      state.head = null;
      setTimeout(() => !api.isDestroyed() && api.refreshCells({force: true}), 0);
    });
    api.addEventListener("cellEditingStopped", () => {
      if (state.deferred) setTimeout(arrive, 0);
    });
  };
  const arrive = () => { // rows from the server; what is typed meanwhile waits its turn
    if (isEditing()) {
      state.deferred = true;
      return;
    }
    state.deferred = false;
    state.months = state.data.months;
    const rows = state.data.rows.map((row) => ({...row, cells: {...row.cells}}));
    const there = new Set(rows.map((row) => row.id));
    for (const [id, row] of state.added) {
      if (there.has(id)) state.added.delete(id);
      else rows.push({...row, cells: {}});
    }
    state.rows = rows;
    for (const edit of state.queue.values()) edit.row = rowOf(edit.row.id) ?? edit.row;
    for (const [id, o] of state.overlay) { // a conflict says what is there now
      const [rowId, month, measure] = id.split(SEP);
      const row = rowOf(rowId);
      if (o.kind === "conflict" && row && typed(saved(row, month, Number(measure))) === o.text) state.overlay.delete(id);
    }
    show();
  };
  const params = () => new URLSearchParams(window.location.search);
  const onPage = (names = state.names) => window.location.pathname.replace(/\/+$/, "") === names?.path;

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    plans: {
      async loaded(data, names) {
        if (!data) return noUpdate();
        turn(names);
        state.data = data;
        await attach();
        arrive();
        send();
        return noUpdate();
      },
      answered(answer) {
        if (answer) taken(answer);
        return noUpdate();
      },
      chosen(year, half, measure) { // the controls say it to the address, the address to everything else
        if (!onPage()) return noUpdate();
        const wanted = params();
        const values = {[own("year")]: ["year", year, String(state.names.year)], [own("half")]: ["half", half, "-"], [own("measure")]: ["show", measure, MEASURES[0]]};
        for (const {prop_id: property} of window.dash_clientside.callback_context.triggered) {
          const [name, value, usual] = values[property.split(".")[0]] ?? [];
          if (!name || !value || value === (wanted.get(name) ?? usual)) continue;
          if (value === usual) wanted.delete(name);
          else wanted.set(name, value);
        }
        const text = wanted.toString();
        if ((text ? "?" + text : "") !== window.location.search) set("url", {search: text ? "?" + text : ""});
        return noUpdate();
      },
      address(search, names) { // Back and Forward move the controls
        if (!names || !onPage(names)) return noUpdate();
        turn(names);
        const asked = new URLSearchParams(search || "");
        state.head = null;
        state.measure = Math.max(0, MEASURES.indexOf(asked.get("show")));
        if (MEASURES.length > 1) set(own("measure"), {value: MEASURES[state.measure]});
        set(own("half"), {value: ["1", "2"].includes(asked.get("half")) ? asked.get("half") : "-"});
        set(own("year"), {value: asked.get("year") ?? String(names.year)});
        draw();
        return noUpdate();
      },
      found(text) {
        state.find = text || "";
        state.head = null;
        show();
        return noUpdate();
      },
      added(clicks, managers, pipeline) {
        if (!clicks || !managers?.length) return noUpdate();
        const source = state.source;
        const edits = [];
        let first = null, twice = false;
        for (const manager of managers) {
          const id = `${manager}:${pipeline}`;
          let row = rowOf(id);
          if (row && !source) twice = true;
          if (!row) {
            row = describe(id);
            state.rows.push(row);
            state.added.set(id, row);
          }
          first = first ?? row;
          if (source && source.id !== id) MEASURES.forEach((_, measure) => {
            for (const month of state.months) {
              const text = current(source, month, measure);
              if (text !== "") edits.push({row, month, measure, text});
            }
          });
        }
        state.find = "";
        set(own("find"), {value: ""});
        closeAdding();
        show();
        if (edits.length) enter(edits);
        setTimeout(() => focusRow(first), 60);
        if (twice) setTimeout(() => status(word("there")), 80);
        return noUpdate();
      },
    },
  });
})();
