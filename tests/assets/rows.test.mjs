import assert from "node:assert/strict";
import {test} from "node:test";
import {FEBRUARY, JANUARY, data, page} from "./grid.mjs";
import {plain} from "./load.mjs";

test("totals are of the rows found, a measure each", () => {
  const {grid: {rows}, store} = page();
  assert.deepEqual(plain(rows.totals(store).cells), {[JANUARY]: ["3000.00", "5.00", "10.00"], [FEBRUARY]: ["1500.50", "", ""]});
  store.find = " БОРИС ";
  assert.deepEqual(rows.visible(store).map((row) => row.id), ["2:2"]);
  assert.deepEqual(plain(rows.totals(store).cells), {[JANUARY]: ["2000.00", "", "10.00"], [FEBRUARY]: ["", "", ""]});
  assert.equal(rows.totalOf(store, store.rows[0]), "2500.50");
});

test("a row is known by its id, whatever is in it", () => {
  const {grid: {rows}, store} = page();
  const named = ({manager, department, pipeline_id: id, pipeline}) => [manager, department, id, pipeline];
  assert.deepEqual(named(rows.describe(store, "3:2")), ["Вера", "Опт", "2", "Опт"]);
  assert.deepEqual(named(rows.describe(store, "3:all")), ["Вера", "Опт", "", "Все воронки"]);
  assert.deepEqual(named(rows.describe(store, "CALL:9:all")), ["№CALL:9", "", "", "Все воронки"]);
});

test("a saved month is put into its row; one without amounts goes", () => {
  const {grid: {rows}, store} = page();
  rows.put(store, "2:2", FEBRUARY, ["", "7", ""]);
  rows.put(store, "2:2", JANUARY, ["", "", ""]);
  rows.put(store, "9:all", JANUARY, ["1", "", ""]);
  assert.deepEqual(plain(rows.rowOf(store, "2:2").cells), {[FEBRUARY]: ["", "7", ""]});
  assert.equal(store.rows.length, 2);
});

test("rows added by hand stay while others' changes arrive, until the server has them", () => {
  const {grid: {rows}, store} = page();
  rows.add(store, "3:all");
  rows.take(store, data());
  assert.deepEqual(store.rows.map((row) => row.id), ["1:all", "2:2", "3:all"]);
  const later = data();
  later.rows.push({...rows.describe(store, "3:all"), cells: {[JANUARY]: ["1", "", ""]}});
  rows.take(store, later);
  assert.deepEqual(store.rows.map((row) => row.id), ["1:all", "2:2", "3:all"]);
  rows.take(store, data());
  assert.deepEqual(store.rows.map((row) => row.id), ["1:all", "2:2"]);
});

test("rows that arrive are the page's own: what it puts there does not change what came", () => {
  const {grid: {rows}, store} = page();
  const came = data();
  rows.take(store, came);
  rows.put(store, "1:all", JANUARY, ["7", "", ""]);
  assert.deepEqual(came, data());
});

test("a conflict ends when what is saved is what was typed", () => {
  const {grid: {rows}, store, overlay} = page();
  const cell = (id) => [id, JANUARY, 0].join("\u001f");
  store.overlay.set(cell("1:all"), {text: "7,50", kind: "conflict", why: "x"});
  store.overlay.set(cell("2:2"), {text: "7,50", kind: "conflict", why: "x"});
  const later = data();
  later.rows[0].cells[JANUARY] = ["7.50", "", ""];
  rows.take(store, later);
  assert.deepEqual(overlay(), {[`2:2 ${JANUARY} 0`]: ["conflict", "7,50", "x"]});
});
