// The mouse selects cells: Shift and a click, or a drag.
(() => {
  const {selection, store: {current}} = salesReports.grid;

  /** @param {MouseEvent} event */
  const cellOf = (event) => {
    const isHere = event.button === 0 && selection.isInGrid(event.target) && !selection.isEditing();
    return isHere ? selection.cellUnder(event.target) : null;
  };

  /** @param {MouseEvent} event */
  const pressed = (event) => {
    const cell = cellOf(event);
    if (cell && event.shiftKey && current().api && selection.focused()) {
      event.preventDefault();
      event.stopPropagation();
      if (event.type === "pointerdown") selection.choose(cell);
    } else if (event.type === "mousedown") current().dragging = cell !== null;
  };

  document.addEventListener("pointerdown", pressed, true);
  document.addEventListener("mousedown", pressed, true);
  document.addEventListener("click", pressed, true);
  document.addEventListener("mouseover", (event) => {
    if (!current().dragging || !(event.buttons & 1) || selection.isEditing()) return;
    const cell = selection.cellUnder(event.target);
    if (cell) selection.choose(cell);
  });
  document.addEventListener("mouseup", () => {
    current().dragging = false;
  });
})();
