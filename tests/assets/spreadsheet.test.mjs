import assert from "node:assert/strict";
import {test} from "node:test";
import {load, plain} from "./load.mjs";

const {spreadsheet} = load().salesReports.grid;
const read = (text) => plain(spreadsheet.read(text));

test("rows end with any line end, the last one with or without", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    assert.deepEqual(read(["1\t2", "3\t4"].join(end)), [["1", "2"], ["3", "4"]]);
    assert.deepEqual(read(["1\t2", "3\t4", ""].join(end)), [["1", "2"], ["3", "4"]]);
  }
});

test("empty cells and rows stay", () => {
  assert.deepEqual(read(""), [[""]]);
  assert.deepEqual(read("\t\n\n1"), [["", ""], [""], ["1"]]);
});

test("a quoted cell holds tabs, line ends and quotes", () => {
  assert.deepEqual(read('"a\tb"\t"c\nd"\n"say ""hi"""\t5"'), [["a\tb", "c\nd"], ['say "hi"', '5"']]);
  assert.deepEqual(read('"never closed\t1'), [["never closed\t1"]]);
});

test("what is copied is read as it was", () => {
  const block = [["1200000,50", ""], ["", "7"]];
  assert.equal(spreadsheet.write(block), "1200000,50\t\n\t7");
  assert.deepEqual(read(spreadsheet.write(block)), block);
});
