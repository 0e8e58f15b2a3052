// Cells as spreadsheets copy them: separated by tabs and line ends; those that hold any of these are quoted.
salesReports.grid.spreadsheet = (() => {
  /**
   * @param {string} text
   * @returns {string[][]} rows of cells, at least one of one
   */
  const read = (text) => {
    const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    /** @type {string[]} */
    let row = [];
    const rows = [row];
    let cell = "", quoted = false;
    for (let i = 0; i < source.length; i++) {
      const c = source[i];
      if (quoted) {
        if (c !== '"') cell += c;
        else if (source[i + 1] === '"') { cell += c; i++; }
        else quoted = false;
      } else if (c === '"' && cell === "") quoted = true;
      else if (c === "\t" || c === "\n") {
        row.push(cell);
        cell = "";
        if (c === "\n") rows.push(row = []);
      } else cell += c;
    }
    row.push(cell);
    return rows;
  };

  /** @param {string[][]} rows */
  const write = (rows) => rows.map((row) => row.join("\t")).join("\n");

  return {read, write};
})();
