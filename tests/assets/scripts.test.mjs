import assert from "node:assert/strict";
import {test} from "node:test";
import {load, scripts} from "./load.mjs";

test("every script loads after what it takes from others", () => {
  assert.ok(scripts.length > 10);
  load();
});

test("the theme is the chosen one, else the system's, and lasts", () => {
  assert.equal(load().window.dash_clientside.shell.theme(null), "light");
  const {window} = load({dark: true});
  const {theme} = window.dash_clientside.shell;
  assert.equal(theme(0), "dark");
  assert.equal(theme(1), "light");
  assert.equal(window.document.documentElement.getAttribute("data-ag-theme-mode"), "light");
  const {localStorage} = window;
  assert.equal(load({dark: true, globals: {localStorage}}).window.dash_clientside.shell.theme(0), "light");
  const forbidden = {getItem() { throw Error("forbidden"); }, setItem() { throw Error("forbidden"); }};
  assert.equal(load({globals: {localStorage: forbidden}}).window.dash_clientside.shell.theme(1), "dark");
});

test("functions of one namespace come from several scripts", () => {
  const {window} = load();
  assert.deepEqual(Object.keys(window.dash_clientside.shell).sort(),
    ["connected", "firstData", "language", "more", "navigate", "shares", "theme", "title"]);
});

test("the share a slider stands at is told beside it, and only there", () => {
  const {window} = load();
  const ids = [{name: "a"}, {name: "b"}];
  const shown = window.dash_clientside.shell.shares([0.333, "x"], ids, [{name: "b"}, {name: "a"}, {name: "c"}]);
  assert.deepEqual([...shown], ["", "33\u00a0%", ""]);
});
