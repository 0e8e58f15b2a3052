// Copy and paste, to and from spreadsheets.
(() => {
  const {editing, selection, spreadsheet} = salesReports.grid;

  document.addEventListener("paste", (event) => {
    const isHere = [event.target, document.activeElement].some(selection.isInGrid);
    if (!isHere || selection.isEditing()) return;
    event.preventDefault();
    editing.paste(spreadsheet.read(event.clipboardData?.getData("text/plain") ?? ""));
  });
  document.addEventListener("copy", (event) => {
    const isHere = selection.isInGrid(document.activeElement) && !selection.isEditing();
    const texts = isHere ? editing.copied() : null;
    if (!texts) return;
    event.preventDefault();
    event.clipboardData?.setData("text/plain", spreadsheet.write(texts));
  });
})();
