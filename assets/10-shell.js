// What the shell does in the browser alone: links that carry filters, theme, language, sheets. No data, no requests.
(() => {
  const CARRIED = ["period", "from", "to", "compare", "whole_base", "align", "as_of", "pipeline", "department", "manager"];
  const OF_PERIOD = ["period", "from", "to", "compare", "whole_base", "align"]; // stays behind on the way to or from a report over all of time
  const NO_FILTERS = ["/settings"];
  const root = document.documentElement;
  const theme = () => root.getAttribute("data-bs-theme") || "light";
  let loaded; // snapshot on screen since the page was loaded

  const carried = (search, withPeriod) => {
    const kept = new URLSearchParams();
    for (const [name, value] of new URLSearchParams(search || ""))
      if (CARRIED.includes(name) && (withPeriod || !OF_PERIOD.includes(name))) kept.append(name, value);
    const text = kept.toString();
    return text ? "?" + text : "";
  };

  const setSheet = (id, buttonId, open) => {
    const sheet = document.getElementById(id);
    const button = document.getElementById(buttonId);
    if (!sheet || !button) return;
    sheet.classList.toggle("is-open", open);
    document.body.classList.toggle("has-sheet", open);
    button.setAttribute("aria-expanded", String(open));
    if (open) {
      const first = sheet.querySelector("button, a, input");
      setTimeout(() => first && first.focus(), 60);
    } else if (sheet.contains(document.activeElement)) {
      button.focus();
    }
  };
  const isOpen = (id) => Boolean(document.getElementById(id)?.classList.contains("is-open"));
  const SHEETS = [["menu", "menu-button"], ["filter-sheet", "filter-sheet-button"]];

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target instanceof Element && event.target.closest(selector);
    if (at("#menu-button")) setSheet("menu", "menu-button", !isOpen("menu"));
    else if (at("#filter-sheet-button")) setSheet("filter-sheet", "filter-sheet-button", !isOpen("filter-sheet"));
    else if (at("[data-close-menu]") || at(".sidebar a")) setSheet("menu", "menu-button", false);
    else if (at("#filter-sheet-close") || at("[data-close-sheet]")) setSheet("filter-sheet", "filter-sheet-button", false);
    else if (at(".app") && !at(".sheet") && !at(".sidebar")) for (const [id, button] of SHEETS) if (isOpen(id)) setSheet(id, button, false);
  });
  document.addEventListener("keydown", (event) => {
    for (const [id, button] of SHEETS) {
      if (!isOpen(id)) continue;
      const sheet = document.getElementById(id);
      if (event.key === "Escape" && !sheet.querySelector("[aria-expanded='true'][aria-haspopup='listbox']")) setSheet(id, button, false);
      if (event.key === "Tab") { // focus stays in an open sheet
        const inside = [...sheet.querySelectorAll("a[href], button, input, [tabindex='0']")].filter((e) => e.offsetParent !== null && !e.disabled);
        if (!inside.length) continue;
        const [first, last] = [inside[0], inside[inside.length - 1]];
        if (event.shiftKey && document.activeElement === first) { last.focus(); event.preventDefault(); }
        else if (!event.shiftKey && document.activeElement === last) { first.focus(); event.preventDefault(); }
      }
    }
  });

  // dcc.Upload gives its file input no name: it takes the one of its surroundings
  new MutationObserver(() => {
    for (const input of document.querySelectorAll("[data-upload-label] input[type=file]:not([aria-label])")) {
      input.setAttribute("aria-label", input.closest("[data-upload-label]").dataset.uploadLabel);
      input.tabIndex = -1; // the button beside it is the way by keyboard
    }
  }).observe(document.body || root, {childList: true, subtree: true});

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    shell: {
      // what a slider of a share stands at
      shares(values, ids, shown) {
        const known = Object.fromEntries(ids.map(({name}, i) => [name, values[i]]));
        return shown.map(({name}) => (typeof known[name] === "number" ? `${Math.round(known[name] * 100)}\u00a0%` : ""));
      },
      navigate(search, pathname, ids, timeless) {
        const here = (pathname || "/").replace(/\/+$/, "") || "/";
        setTimeout(() => {
          for (const link of document.querySelectorAll(".nav-item")) {
            if (link.classList.contains("is-here")) link.setAttribute("aria-current", "page");
            else link.removeAttribute("aria-current");
          }
        }, 0);
        return [
          ids.map(({path}) => (NO_FILTERS.includes(path) ? path : path + carried(search, !timeless.includes(here) && !timeless.includes(path)))),
          ids.map(({path}) => "nav-item" + (path === here ? " is-here" : "")),
        ];
      },
      title(text) {
        if (text) document.title = text;
        return window.dash_clientside.no_update;
      },
      theme(clicks) {
        if (clicks) {
          const next = theme() === "dark" ? "light" : "dark";
          for (const name of ["data-bs-theme", "data-mantine-color-scheme", "data-ag-theme-mode"]) root.setAttribute(name, next);
          try { localStorage.setItem("theme", next); } catch { /* remembered for this page only */ }
        }
        return theme();
      },
      language(clicks, lang) {
        if (clicks) {
          document.cookie = `lang=${lang === "ru" ? "en" : "ru"}; path=/; max-age=31536000; samesite=lax`;
          location.reload();
        }
        return window.dash_clientside.no_update;
      },
      more(clicks) {
        const open = clicks % 2 === 1;
        return [open, String(open)];
      },
      pressed(clicks) {
        return clicks % 2 === 1 ? "true" : "false";
      },
      firstData(snapshot) { // a portal without data got its first snapshot: the filters' layout needs it
        if (loaded === null && snapshot) location.reload();
        loaded = snapshot ?? null;
        return window.dash_clientside.no_update;
      },
    },
  });

  // An option of a filter: depth of a department, name, how many records; greyed where there are none.
  const functions = (window.dashMantineFunctions = window.dashMantineFunctions || {});
  const numbers = new Intl.NumberFormat(root.lang === "en" ? "en" : "ru-RU");
  functions.renderPeriod = ({option}) => {
    const h = window.React.createElement;
    if (!option.short) return option.label;
    return h("span", {className: "period-cell period-" + option.kind},
      h("span", {className: "visually-hidden"}, option.label), h("span", {"aria-hidden": "true"}, option.short));
  };
  functions.renderChoice = ({option, checked}) => {
    const h = window.React.createElement;
    const empty = option.count === 0 || option.inactive;
    return h("span", {className: "choice" + (empty ? " is-empty" : ""), style: {paddingInlineStart: (option.depth || 0) * 16}},
      h("span", {className: "choice-box" + (checked ? " is-checked" : ""), "aria-hidden": "true"}),
      h("span", {className: "choice-label"}, option.label),
      option.count === null || option.count === undefined ? null : h("span", {className: "choice-count"}, numbers.format(option.count)));
  };
})();
