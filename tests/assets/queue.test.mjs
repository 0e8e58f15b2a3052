import assert from "node:assert/strict";
import {test} from "node:test";
import {FEBRUARY, JANUARY, data, page} from "./grid.mjs";
import {plain} from "./load.mjs";

const A = ["1:all", JANUARY];
const B = ["2:2", FEBRUARY];
const at = ([id, month, measure = 0]) => `${id} ${month} ${measure}`;
/** A cell saved: what the server says of it, all measures of the month. */
const saved = ([id, month], ...amounts) => {
  const [manager, pipeline] = id.split(":");
  return [manager, pipeline === "all" ? "" : pipeline, month, [...amounts, "", "", ""].slice(0, 3)];
};
const depart = ({grid, store}) => plain(grid.queue.depart(store, "Анна"));

test("what is typed waits, and leaves as one batch with what stood there", () => {
  const p = page();
  p.enter(A, " 7 ");
  p.enter(A, "8");
  p.enter(B, "9");
  assert.deepEqual(p.overlay(), {[at(A)]: ["pending", "8"], [at(B)]: ["pending", "9"]});
  assert.deepEqual(depart(p), {
    n: 1, kind: "edits", who: "Анна", cells: [["1", "", JANUARY, "plan_amount", "8", "1000"], ["2", "2", FEBRUARY, "plan_amount", "9", ""]],
  });
  assert.equal(p.store.queue.size, 0);
});

test("what is there already is not sent, in either writing; typed back, nothing is to be sent", () => {
  const p = page();
  for (const text of ["1500.50", "1500,50", " 1500,50 "]) p.enter(["1:all", FEBRUARY], text);
  p.enter(A, "7");
  p.enter(A, "1000");
  assert.deepEqual(p.overlay(), {});
  assert.equal(depart(p), null);
});

test("one batch is in flight at a time", () => {
  const p = page();
  p.enter(A, "7");
  assert.equal(depart(p).n, 1);
  p.enter(B, "8");
  assert.equal(depart(p), null);
  p.grid.queue.arrive(p.store, {n: 1, cells: [saved(A, "7")]});
  assert.deepEqual(depart(p).cells, [["2", "2", FEBRUARY, "plan_amount", "8", ""]]);
});

test("a saved cell shows what is saved", () => {
  const p = page();
  p.enter(A, "7");
  depart(p);
  p.grid.queue.arrive(p.store, {n: 1, cells: [saved(A, "7.00", "5")], changes: [11]});
  assert.deepEqual(p.overlay(), {});
  assert.deepEqual([...p.store.rows[0].cells[JANUARY]], ["7.00", "5", ""]);
});

test("typed again while it flies, a cell is sent against what the answer says", () => {
  const p = page();
  p.enter(A, "7");
  depart(p);
  p.enter(A, "8");
  p.grid.queue.arrive(p.store, {n: 1, cells: [saved(A, "7")]});
  assert.deepEqual(p.overlay(), {[at(A)]: ["pending", "8"]});
  assert.deepEqual(depart(p).cells, [["1", "", JANUARY, "plan_amount", "8", "7"]]);
});

test("typed back while it flies, a cell is sent too: the flight would change it", () => {
  const p = page();
  p.enter(A, "7");
  depart(p);
  p.enter(A, "1000");
  p.grid.queue.arrive(p.store, {n: 1, cells: [saved(A, "7")]});
  assert.deepEqual(depart(p).cells, [["1", "", JANUARY, "plan_amount", "1000", "7"]]);
});

test("without an answer everything goes back, what was typed since before what flew", () => {
  const p = page();
  p.enter(A, "7");
  p.enter(B, "9");
  depart(p);
  const {flight} = p.store;
  p.enter(A, "8");
  assert.equal(p.grid.queue.turnBack(p.store, flight), true);
  assert.deepEqual([p.store.flight, p.store.stuck], [null, true]);
  assert.equal(p.grid.queue.turnBack(p.store, flight), false);
  assert.deepEqual(depart(p).cells, [["1", "", JANUARY, "plan_amount", "8", "1000"], ["2", "2", FEBRUARY, "plan_amount", "9", ""]]);
});

test("what others saved while it went back is not written over unseen", () => {
  const p = page();
  p.enter(A, "7");
  depart(p);
  p.enter(A, "8");
  p.grid.queue.turnBack(p.store, p.store.flight);
  const others = data();
  others.rows[0].cells[JANUARY][0] = "3000";
  p.grid.rows.take(p.store, others);
  assert.deepEqual(depart(p).cells, [["1", "", JANUARY, "plan_amount", "8", "1000"]]);
});

test("an answer that comes after all finds its flight gone and changes what is saved alone", () => {
  const p = page();
  p.enter(A, "7");
  depart(p);
  p.grid.queue.turnBack(p.store, p.store.flight);
  assert.equal(depart(p).n, 2);
  p.grid.queue.arrive(p.store, {n: 1, cells: [saved(A, "7")]});
  assert.equal(p.store.flight.n, 2);
  assert.deepEqual(p.overlay(), {[at(A)]: ["pending", "7"]});
  assert.equal(p.store.rows[0].cells[JANUARY][0], "7");
});

test("refused and foreign values keep what was typed and say why", () => {
  const p = page();
  p.enter(A, "7x");
  p.enter(B, "");
  p.enter(["2:2", JANUARY], "5");
  depart(p);
  p.grid.queue.arrive(p.store, {
    n: 1,
    refused: [["1", "", JANUARY, "plan_amount", "7x", "не число"]],
    conflicts: [["2", "2", JANUARY, "plan_amount", "5", "1200000.00", "Пётр"]],
  });
  assert.deepEqual(p.overlay(), {
    [at(A)]: ["refused", "7x", "не число"],
    [at(["2:2", JANUARY])]: ["conflict", "5", "Пётр: 1\u00a0200\u00a0000, у вас 5"],
  });
});

test("a conflict over an emptied cell says so in words", () => {
  const p = page();
  p.enter(A, "");
  depart(p);
  p.grid.queue.arrive(p.store, {n: 1, conflicts: [["1", "", JANUARY, "plan_amount", "", "", "Пётр"]]});
  assert.deepEqual(p.overlay(), {[at(A)]: ["conflict", "", "Пётр: пусто, у вас пусто"]});
});

test("refused while something newer waits, the newer is sent against what stood there before both", () => {
  const p = page();
  p.enter(A, "7x");
  depart(p);
  p.enter(A, "8");
  p.grid.queue.arrive(p.store, {n: 1, refused: [["1", "", JANUARY, "plan_amount", "7x", "не число"]]});
  assert.deepEqual(p.overlay(), {[at(A)]: ["pending", "8"]});
  assert.deepEqual(depart(p).cells, [["1", "", JANUARY, "plan_amount", "8", "1000"]]);
});

test("a conflict while something newer waits is one for the newer, too", () => {
  const p = page();
  p.enter(A, "7");
  depart(p);
  p.enter(A, "8");
  p.grid.queue.arrive(p.store, {
    n: 1, cells: [saved(A, "3000")], conflicts: [["1", "", JANUARY, "plan_amount", "7", "3000", "Пётр"]],
  });
  assert.deepEqual(depart(p).cells, [["1", "", JANUARY, "plan_amount", "8", "1000"]]);
});

test("mine is undone, what was undone done again, until something new is typed", () => {
  const p = page();
  const {store, grid} = p;
  const step = (kind, changes, done) => {
    store.steps.push({kind, changes});
    assert.deepEqual(depart(p), {n: store.number, kind, who: "Анна", changes});
    grid.queue.arrive(store, {n: store.number, said: "ok", changes: done});
  };
  p.enter(A, "7");
  depart(p);
  grid.queue.arrive(store, {n: 1, cells: [saved(A, "7")], changes: [11, 12]});
  assert.deepEqual(plain(store.changes), [[11, 12]]);
  step("undo", store.changes.pop(), [13, 14]);
  assert.deepEqual(plain([store.changes, store.undone]), [[], [[13, 14]]]);
  step("redo", store.undone.pop(), [15, 16]);
  assert.deepEqual(plain([store.changes, store.undone]), [[[15, 16]], []]);
  step("undo", store.changes.pop(), [17]);
  p.enter(B, "9");
  depart(p);
  grid.queue.arrive(store, {n: store.number, cells: [saved(B, "9")], changes: [18]});
  assert.deepEqual(plain([store.changes, store.undone]), [[[18]], []]);
});

test("edits leave before steps back, these in their order", () => {
  const p = page();
  p.store.steps.push({kind: "undo", changes: [1]}, {kind: "undo", changes: [2]});
  p.enter(A, "7");
  assert.equal(depart(p).kind, "edits");
  p.grid.queue.arrive(p.store, {n: 1, cells: [saved(A, "7")]});
  assert.equal(depart(p).kind, "undo");
  p.grid.queue.turnBack(p.store, p.store.flight);
  assert.deepEqual(depart(p), {n: 3, kind: "undo", who: "Анна", changes: [1]});
});

test("where the server could not try, edits wait; a step back that cannot be done is over", () => {
  const p = page();
  p.enter(A, "7");
  depart(p);
  const {queue} = p.grid;
  assert.equal(queue.failed(p.store, {n: 1, failed: true, said: "x"}), p.store.flight);
  assert.equal(queue.failed(p.store, {n: 9, failed: true}), null);
  assert.equal(queue.failed(p.store, {n: 1}), null);
  queue.arrive(p.store, {n: 1, cells: [saved(A, "7")]});
  p.store.steps.push({kind: "undo", changes: [1]});
  depart(p);
  assert.equal(queue.failed(p.store, {n: 2, failed: true}), null);
  queue.arrive(p.store, {n: 2, failed: true, said: "Отменить нельзя"});
  assert.deepEqual([p.store.flight, p.store.steps.length, p.store.stuck], [null, 0, false]);
});

test("a file that was read can be undone; the flight goes on", () => {
  const p = page();
  p.enter(A, "7");
  depart(p);
  p.grid.queue.arrive(p.store, {n: 0, changes: [21]});
  assert.equal(p.store.flight.n, 1);
  assert.deepEqual(plain(p.store.changes), [[21]]);
  assert.deepEqual(p.overlay(), {[at(A)]: ["pending", "7"]});
});

test("a row goes when the server has taken the last of its cells, not where one was refused", () => {
  const emptied = (refused) => {
    const p = page();
    const {store, grid} = p;
    for (const month of [JANUARY, FEBRUARY]) p.enter(["1:all", month], "");
    store.gone.add("1:all");
    depart(p);
    const cells = [saved(A), ...(refused ? [] : [saved(["1:all", FEBRUARY])])];
    const why = refused ? [["1", "", FEBRUARY, "plan_amount", "", "закрыт"]] : [];
    return [grid.queue.arrive(store, {n: 1, cells, refused: why}), store.rows.map((row) => row.id).join()];
  };
  assert.deepEqual(emptied(false), [true, "2:2"]);
  assert.deepEqual(emptied(true), [false, "1:all,2:2"]);
});

test("a row that is typed into again stays", () => {
  const p = page();
  p.enter(["2:2", JANUARY], "");
  p.store.gone.add("2:2");
  depart(p);
  p.enter(B, "3");
  assert.equal(p.grid.queue.arrive(p.store, {n: 1, cells: [saved(["2:2", JANUARY])]}), false);
  assert.equal(p.store.rows.length, 2);
});

test("a row that is to go waits for its own answer", () => {
  const p = page();
  p.enter(["2:2", JANUARY], "");
  p.store.gone.add("2:2");
  depart(p);
  assert.equal(p.grid.queue.arrive(p.store, {n: 0, changes: [1]}), false);
  assert.equal(p.grid.queue.arrive(p.store, {n: 1, cells: [saved(["2:2", JANUARY])]}), true);
});

test("what waits is about the rows that arrived last", () => {
  const p = page();
  p.enter(A, "7");
  const old = p.store.rows[0];
  p.grid.rows.take(p.store, data());
  const [edit] = p.store.queue.values();
  assert.ok(edit.row !== old && edit.row === p.store.rows[0]);
});
