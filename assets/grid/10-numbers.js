// Amounts as stored ("1200000.50"), as shown («1 200 000,50») and as one would type them («1200000,50»). Never floats.
salesReports.grid.numbers = (() => {
  const {isRussian} = salesReports.page;
  const THOUSANDS = isRussian ? "\u00a0" : ",";
  const DECIMAL = isRussian ? "," : ".";

  /**
   * @param {string | undefined} stored
   * @param {(whole: string) => string} written
   */
  const say = (stored, written) => {
    if (stored === undefined || stored === "") return "";
    const [whole, rest = ""] = String(stored).split(".");
    return written(whole) + (/[1-9]/.test(rest) ? DECIMAL + rest.padEnd(2, "0") : "");
  };

  /** @param {string | undefined} stored */
  const shown = (stored) => say(stored, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, THOUSANDS));

  /** @param {string | undefined} stored */
  const typed = (stored) => say(stored, (whole) => whole);

  /** @param {string} stored */
  const cents = (stored) => {
    const [whole, rest = ""] = stored.split(".");
    return BigInt(whole) * 100n + BigInt((rest + "00").slice(0, 2));
  };

  /**
   * The sum of what is stored, "0.00" of nothing.
   * @param {string[]} list
   */
  const sum = (list) => {
    const total = list.reduce((part, stored) => (stored ? part + cents(stored) : part), 0n);
    return `${total / 100n}.${String(total % 100n).padStart(2, "0")}`;
  };

  return {shown, typed, sum};
})();
