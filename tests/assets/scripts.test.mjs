import assert from "node:assert/strict";
import {test} from "node:test";
import {load, scripts} from "./load.mjs";

test("every script loads after what it takes from others", () => {
  assert.ok(scripts.length > 10 && scripts[0] === "00-namespace.js");
  load();
});

test("functions of one namespace come from several scripts", () => {
  const {window} = load();
  assert.deepEqual(Object.keys(window.dash_clientside.shell).sort(),
    ["firstData", "language", "more", "navigate", "shares", "theme", "title"]);
});

test("the share a slider stands at is told beside it, and only there", () => {
  const {window} = load();
  const ids = [{name: "a"}, {name: "b"}];
  const shown = window.dash_clientside.shell.shares([0.333, "x"], ids, [{name: "b"}, {name: "a"}, {name: "c"}]);
  assert.deepEqual([...shown], ["", "33\u00a0%", ""]);
});
