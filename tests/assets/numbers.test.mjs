import assert from "node:assert/strict";
import {test} from "node:test";
import {load} from "./load.mjs";

const ru = load().salesReports.grid.numbers;
const en = load({lang: "en"}).salesReports.grid.numbers;

test("thousands are apart and do not break, kopecks are there where there are any", () => {
  const shown = {"": "", "0": "0", "999": "999", "1000": "1\u00a0000", "1200000.50": "1\u00a0200\u00a0000,50", "1.00": "1", "1.5": "1,50"};
  for (const [stored, text] of Object.entries(shown)) assert.equal(ru.shown(stored), text);
  assert.equal(ru.shown(undefined), "");
  assert.equal(en.shown("1200000.50"), "1,200,000.50");
});

test("what is edited is written as one would type it", () => {
  assert.deepEqual(["1200000.50", "1200000.00", "", undefined].map(ru.typed), ["1200000,50", "1200000", "", ""]);
  assert.equal(en.typed("1200000.5"), "1200000.50");
});

test("sums are exact, however large", () => {
  assert.equal(ru.sum([]), "0.00");
  assert.equal(ru.sum(["0.1", "0.2", ""]), "0.30");
  assert.equal(ru.sum(["9007199254740993", "0.01", "0.009"]), "9007199254740993.01");
  assert.equal(ru.sum(Array(1000).fill("0.07")), "70.00");
});
