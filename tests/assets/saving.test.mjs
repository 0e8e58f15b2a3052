import assert from "node:assert/strict";
import {test} from "node:test";
import {JANUARY, opened} from "./grid.mjs";
import {clock} from "./load.mjs";

const start = () => {
  const time = clock();
  const p = opened(time);
  const type = (text) => p.grid.saving.enter([{row: p.store.rows[0], month: JANUARY, measure: 0, text}]);
  const answer = (n, given = {}) => p.grid.saving.answered({n, cells: [["1", "", JANUARY, ["7", "", ""]]], ...given});
  return {...p, time, type, answer, texts: () => p.sent().map(({cells}) => cells[0][4])};
};

test("what is typed goes to the server at once; its answer is the end of it", () => {
  const p = start();
  p.type("7");
  assert.deepEqual(p.texts(), ["7"]);
  assert.deepEqual(p.says(), ["", "Сохраняется"]);
  p.answer(1);
  p.time.pass(120_000);
  assert.deepEqual(p.texts(), ["7"]);
  assert.equal(p.store.overlay.size, 0);
});

test("what was typed meanwhile follows the answer", () => {
  const p = start();
  p.type("7");
  p.type("8");
  assert.deepEqual(p.texts(), ["7"]);
  p.answer(1);
  assert.deepEqual(p.texts(), ["7", "8"]);
});

test("without an answer it is tried again after twenty seconds and five more, until there is one", () => {
  const p = start();
  p.type("7");
  p.time.pass(19_999);
  assert.equal(p.store.stuck, false);
  p.time.pass(1);
  assert.equal(p.says()[0], "bad");
  p.time.pass(5_000);
  assert.deepEqual(p.sent().map(({n}) => n), [1, 2]);
  p.time.pass(25_000);
  p.answer(3);
  p.time.pass(120_000);
  assert.deepEqual(p.sent().map(({n}) => n), [1, 2, 3]);
  assert.equal(p.store.stuck, false);
});

test("tried by hand, it is not tried once more by itself", () => {
  const p = start();
  p.type("7");
  p.time.pass(20_000);
  p.grid.saving.retry();
  p.answer(2);
  p.time.pass(120_000);
  assert.deepEqual(p.texts(), ["7", "7"]);
});

test("where the server says it cannot now, that is said, and it is tried again", () => {
  const p = start();
  p.type("7");
  p.grid.saving.answered({n: 1, failed: true, said: "База занята."});
  assert.deepEqual(p.says(), ["said", "База занята."]);
  p.time.pass(10_000);
  assert.deepEqual(p.texts(), ["7", "7"]);
});

test("on another page it waits: nothing of it is sent, or said, there", () => {
  const p = start();
  p.type("7");
  const names = {...p.store.names, page: "cost", measures: ["amount"]};
  const cost = p.grid.store.turn(names);
  const {"plan-grid": grid, "plan-state": line} = p.places;
  Object.assign(p.places, {"plan-grid": null, "plan-state": null, "cost-grid": grid, "cost-state": line});
  cost.flight = {n: 1, cells: new Map()}; // of that page's own
  line.said = "";
  p.time.pass(120_000);
  assert.deepEqual([p.sent().length, line.said, p.store.queue.size], [1, "", 1]);
  assert.equal(cost.flight.n, 1);
  Object.assign(p.places, {"plan-grid": grid, "cost-grid": null});
  assert.equal(p.grid.store.turn({...names, page: "plan"}), p.store);
  p.grid.saving.send();
  assert.deepEqual(p.texts(), ["7", "7"]);
});

test("my last change is taken back, one press one step", () => {
  const p = start();
  p.type("7");
  p.answer(1, {changes: [11]});
  p.grid.saving.stepBack("undo");
  p.grid.saving.stepBack("undo");
  assert.deepEqual(p.sent().slice(1), [{n: 2, kind: "undo", who: "", changes: [11]}]);
});
