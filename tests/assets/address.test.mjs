import assert from "node:assert/strict";
import {test} from "node:test";
import {load, plain} from "./load.mjs";

const {salesReports, window, props, none} = load();
const {address, shell} = salesReports;
const SEARCH = "?period=month&from=2026-01-01&as_of=2026-02-01&manager=1&manager=2&show=bonus&drill=a.b&row.manager=2";

test("filters go along to another report, what is of one page does not", () => {
  assert.equal(address.carried(SEARCH, true), "?period=month&from=2026-01-01&as_of=2026-02-01&manager=1&manager=2");
  assert.equal(address.carried("?show=bonus", true), "");
  assert.equal(address.carried(null, true), "");
});

test("the period stays behind on the way to or from a report over all of time", () => {
  assert.equal(address.carried(SEARCH, false), "?as_of=2026-02-01&manager=1&manager=2");
  const hrefOf = (path, here) => shell.links.hrefOf(path, here, "?period=month&manager=1", ["/forgotten"]);
  assert.equal(hrefOf("/sales", "/team"), "/sales?period=month&manager=1");
  assert.equal(hrefOf("/forgotten", "/team"), "/forgotten?manager=1");
  assert.equal(hrefOf("/team", "/forgotten"), "/team?manager=1");
});

test("a view of one's own opens a report, what goes along stands over it", () => {
  const first = {"/sales": "period=last_month&manager=7&show=bonus"};
  const hrefOf = (search) => shell.links.hrefOf("/sales", "/team", search, [], first);
  assert.equal(hrefOf(""), "/sales?period=last_month&manager=7&show=bonus");
  assert.equal(hrefOf("?period=month&manager=1"), "/sales?show=bonus&period=month&manager=1");
});

test("settings take no filters", () => {
  assert.equal(shell.links.hrefOf("/settings", "/", SEARCH, []), "/settings");
});

test("a path is the same with a slash at its end", () => {
  assert.deepEqual(["/team/", "/team", "/", "", null].map(shell.links.pathOf), ["/team", "/team", "/", "/", "/"]);
});

test("links and their marks are told to Dash in the order of their ids", () => {
  const ids = [{path: "/team"}, {path: "/settings"}];
  assert.deepEqual(plain(window.dash_clientside.shell.navigate("?manager=1", "/team/", {}, ids, [])), [
    ["/team?manager=1", "/settings"],
    ["nav-item is-here", "nav-item"],
  ]);
});

test("filters taken off leave period and day", () => {
  assert.equal(String(address.withoutFilters(SEARCH)), "period=month&from=2026-01-01&as_of=2026-02-01");
});

test("the drawer is opened and closed without anything else of the address", () => {
  assert.equal(String(address.withoutDrawer(SEARCH)), "period=month&from=2026-01-01&as_of=2026-02-01&manager=1&manager=2&show=bonus");
  assert.equal(String(address.withDrawer(SEARCH, "explain", "deals.won&row.source=WEB%26X")),
    "period=month&from=2026-01-01&as_of=2026-02-01&manager=1&manager=2&show=bonus&explain=deals.won&row.source=WEB%26X");
  assert.deepEqual([SEARCH, "?explain=x", "?drill=", "", null].map(address.hasDrawer), [true, true, false, false, false]);
});

test("a query that has not changed reloads nothing", () => {
  const {query, drawerQuery} = window.dash_clientside.blocks;
  assert.equal(query("?manager=1&drill=a.b", undefined), "?manager=1");
  assert.equal(query("?manager=1&drill=a.b&row.x=1", "?manager=1"), none);
  assert.equal(query("", ""), none);
  assert.equal(drawerQuery("?manager=1", ""), none);
  assert.equal(drawerQuery("?drill=a.b", ""), "?drill=a.b");
});

test("a bar opens its records, or how it is counted", () => {
  const click = (...customdata) => {
    window.location.search = "?manager=1&drill=old.one";
    props.length = 0;
    salesReports.blocks.drawer.openPoint(customdata.map((data) => ({customdata: data})));
    return plain(props);
  };
  assert.deepEqual(click([1], "deals.won&row.m=1"), [["url", {search: "?manager=1&drill=deals.won&row.m=1"}]]);
  assert.deepEqual(click("explain:deals.won"), [["url", {search: "?manager=1&explain=deals.won"}]]);
  assert.deepEqual(click(7), []);
});
