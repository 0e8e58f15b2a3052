// The menu and the filters on a narrow screen: sheets over the page that are opened, left by Escape or a click beside, and keep the focus.
(() => {
  /** id of a sheet -> id of its button */
  const SHEETS = Object.freeze({menu: "menu-button", "filter-sheet": "filter-sheet-button"});
  const FOCUSABLE = "a[href], button, input, [tabindex='0']";

  /** @typedef {keyof typeof SHEETS} Sheet */

  /**
   * @param {Sheet} id
   * @param {boolean} open
   */
  const turn = (id, open) => {
    const sheet = document.getElementById(id);
    const button = document.getElementById(SHEETS[id]);
    if (!sheet || !button) return;
    sheet.classList.toggle("is-open", open);
    document.body.classList.toggle("has-sheet", open);
    button.setAttribute("aria-expanded", String(open));
    if (open) {
      const first = /** @type {HTMLElement | null} */ (sheet.querySelector("button, a, input"));
      setTimeout(() => first?.focus(), 60);
    } else if (sheet.contains(document.activeElement)) button.focus();
  };

  /** @param {Sheet} id */
  const isOpen = (id) => Boolean(document.getElementById(id)?.classList.contains("is-open"));
  const open = () => /** @type {Sheet[]} */ (Object.keys(SHEETS)).filter(isOpen);

  document.addEventListener("click", (event) => {
    const at = (/** @type {string} */ selector) => salesReports.page.around(event, selector);
    if (at("#menu-button")) turn("menu", !isOpen("menu"));
    else if (at("#filter-sheet-button")) turn("filter-sheet", !isOpen("filter-sheet"));
    else if (at("[data-close-menu]") || at(".sidebar a")) turn("menu", false);
    else if (at("#filter-sheet-close") || at("[data-close-sheet]")) turn("filter-sheet", false);
    else if (at(".app") && !at(".sheet") && !at(".sidebar")) for (const id of open()) turn(id, false);
  });

  /**
   * Tab goes round inside an open sheet.
   * @param {KeyboardEvent} event
   * @param {HTMLElement} sheet
   */
  const keepFocus = (event, sheet) => {
    const all = /** @type {(HTMLElement & {disabled?: boolean})[]} */ ([...sheet.querySelectorAll(FOCUSABLE)]);
    const inside = all.filter((element) => element.offsetParent !== null && !element.disabled);
    if (!inside.length) return;
    const [from, to] = event.shiftKey ? [inside[0], inside[inside.length - 1]] : [inside[inside.length - 1], inside[0]];
    if (document.activeElement !== from) return;
    to.focus();
    event.preventDefault();
  };

  const PANELS = "details.report-settings[open], details.fresh-warning[open]"; // over the page: a click beside or Escape closes them
  /** @param {(panel: HTMLDetailsElement) => boolean} [isLeft] */
  const closePanels = (isLeft = () => true) => {
    for (const panel of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll(PANELS))) if (isLeft(panel)) panel.open = false;
  };
  document.addEventListener("pointerdown", (event) => closePanels((panel) => !panel.contains(/** @type {Node} */ (event.target))));

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closePanels();
    for (const id of open()) {
      const sheet = document.getElementById(id);
      if (!sheet) continue;
      const hasList = sheet.querySelector("[aria-expanded='true'][aria-haspopup='listbox']");
      if (event.key === "Escape" && !hasList) turn(id, false);
      if (event.key === "Tab") keepFocus(event, sheet);
    }
  });
})();
