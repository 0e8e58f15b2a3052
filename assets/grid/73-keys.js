// Keys inside the grid: Ctrl with a letter, Delete, Shift with an arrow, Escape.
(() => {
  const {editing, rowsByHand, saving, selection, store: {current, element}} = salesReports.grid;

  /** @type {Record<string, [down: number, aside: number]>} */
  const SHIFTED = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};
  /** @type {Record<string, () => void>} by the key's place, so that they work in any layout */
  const WITH_CTRL = {
    KeyD: editing.down,
    KeyR: editing.right,
    KeyZ: () => saving.stepBack("undo"),
    KeyY: () => saving.stepBack("redo"),
    "Shift+KeyZ": () => saving.stepBack("redo"),
  };

  /**
   * What a key does here; null: nothing of ours.
   * @param {KeyboardEvent} event
   * @returns {(() => void) | null}
   */
  const meaning = (event) => {
    const {key, code, shiftKey, altKey} = event;
    const letter = (event.ctrlKey || event.metaKey) && !altKey && WITH_CTRL[shiftKey ? `Shift+${code}` : code];
    if (letter) return letter;
    if (key === "Delete" || key === "Backspace") return editing.clear;
    const at = shiftKey && SHIFTED[key] ? selection.focused() : null;
    return at && current().months.includes(at.column) ? () => selection.extend(at, ...SHIFTED[key]) : null;
  };

  /** @param {KeyboardEvent} event */
  const escape = ({target}) => {
    if (selection.isInGrid(target) && current().head && !selection.isEditing()) selection.choose(null);
    const lists = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[role='listbox']"));
    const isInPanel = target instanceof Node && element("add")?.contains(target);
    if (isInPanel && ![...lists].some((list) => list.offsetParent)) rowsByHand.close();
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") escape(event);
    if (!selection.isInGrid(event.target) || selection.isEditing() || !current().api) return;
    const act = meaning(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }, true);
})();
