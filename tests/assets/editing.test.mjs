import assert from "node:assert/strict";
import {test} from "node:test";
import {FEBRUARY, JANUARY, opened} from "./grid.mjs";
import {clock, plain} from "./load.mjs";

const start = (row, month) => {
  const p = opened(clock());
  p.api.focus(row, month);
  /** What every cell of the measure on screen shows. */
  const texts = () => p.store.rows.map((each) => [JANUARY, FEBRUARY].map((m) => p.grid.cells.textOf(p.store, each, m)));
  return {...p, texts};
};

test("a range is the same from any of its corners", () => {
  const {grid: {selection}} = start(0, JANUARY);
  const corners = [[0, JANUARY, 1, FEBRUARY], [1, FEBRUARY, 0, JANUARY], [0, FEBRUARY, 1, JANUARY]];
  for (const [row, column, toRow, toColumn] of corners) {
    const range = selection.between({row, column}, {row: toRow, column: toColumn}, [JANUARY, FEBRUARY]);
    assert.deepEqual(plain(range), {top: 0, bottom: 1, left: 0, right: 1});
  }
});

test("the selection grows by Shift and arrows, stops at the edge, and starts anew with another focus", () => {
  const p = start(0, JANUARY);
  const {selection} = p.grid;
  const extend = (down, aside) => {
    selection.extend(selection.focused(), down, aside);
    return plain(selection.range());
  };
  assert.deepEqual(extend(1, 0), {top: 0, bottom: 1, left: 0, right: 0});
  assert.deepEqual(extend(1, 1), {top: 0, bottom: 1, left: 0, right: 1});
  assert.deepEqual(extend(-1, -1), {top: 0, bottom: 0, left: 0, right: 0});
  assert.equal(selection.isChosen(0, JANUARY), false); // one cell is the focus, not a selection
  extend(1, 1);
  assert.ok(selection.isChosen(1, FEBRUARY));
  p.api.focus(0, FEBRUARY); // Shift and an arrow before the grid told of it
  assert.deepEqual(extend(0, -1), {top: 0, bottom: 0, left: 0, right: 1});
  p.api.focus(1, JANUARY);
  selection.startAnew();
  assert.deepEqual(plain(selection.range()), {top: 1, bottom: 1, left: 0, right: 0});
});

test("neither the totals nor a name is selected", () => {
  const p = start(0, "manager");
  assert.equal(p.grid.selection.range(), null);
  p.api.focus(0, JANUARY, "bottom");
  assert.equal(p.grid.selection.range(), null);
});

test("a block is pasted from the focused cell on; what does not fit is not", () => {
  const p = start(1, JANUARY);
  p.grid.editing.paste([["1", "2", "3"], ["4", "5", "6"]]);
  assert.deepEqual(p.texts(), [["1000", "1500,50"], ["1", "2"]]);
  assert.deepEqual(plain(p.store.head), {row: 1, column: FEBRUARY});
});

test("a ragged block leaves what it says nothing of", () => {
  const p = start(0, JANUARY);
  p.grid.editing.paste([["1"], ["", "5"]]);
  assert.deepEqual(p.texts(), [["1", "1500,50"], ["", "5"]]);
});

test("a single cell is pasted into all of the selection", () => {
  const p = start(0, JANUARY);
  p.grid.selection.choose({row: 1, column: FEBRUARY});
  p.grid.editing.paste([["7"]]);
  assert.deepEqual(p.texts(), [["7", "7"], ["7", "7"]]);
});

test("what is copied is what the cells show", () => {
  const p = start(0, JANUARY);
  p.grid.selection.choose({row: 1, column: FEBRUARY});
  p.enter(["2:2", FEBRUARY], "7x");
  assert.deepEqual(plain(p.grid.editing.copied()), [["1000", "1500,50"], ["2000", "7x"]]);
});

test("down takes the top row of the selection, or the row above a single one", () => {
  const p = start(0, JANUARY);
  p.grid.selection.choose({row: 1, column: FEBRUARY});
  p.grid.editing.down();
  assert.deepEqual(p.texts(), [["1000", "1500,50"], ["1000", "1500,50"]]);
  const single = start(1, JANUARY);
  single.grid.editing.down();
  assert.deepEqual(single.texts(), [["1000", "1500,50"], ["1000", ""]]);
});

test("right takes the first month of the selection, or the month before a single one", () => {
  const p = start(0, JANUARY);
  p.grid.selection.choose({row: 1, column: FEBRUARY});
  p.grid.editing.right();
  assert.deepEqual(p.texts(), [["1000", "1000"], ["2000", "2000"]]);
  const single = start(0, FEBRUARY);
  single.grid.editing.right();
  assert.deepEqual(single.texts(), [["1000", "1000"], ["2000", ""]]);
});

test("fill goes to all rows below a single cell, to the selection's end otherwise", () => {
  const p = start(0, FEBRUARY);
  p.grid.editing.fill();
  assert.deepEqual(p.texts(), [["1000", "1500,50"], ["2000", "1500,50"]]);
});

test("a month is copied with every measure, empty ones left alone", () => {
  const p = start(0, JANUARY);
  p.grid.editing.copyMonth(false);
  const typed = [...p.store.flight.cells.values()].map(({row, month, measure, text}) => [row.id, month, measure, text]);
  assert.deepEqual(plain(typed), [
    ["1:all", FEBRUARY, 0, "1000"], ["1:all", FEBRUARY, 1, "5"], ["2:2", FEBRUARY, 0, "2000"], ["2:2", FEBRUARY, 2, "10"],
  ]);
});
