// A session that ended while a page stood open: one message with the way back, nothing for the renderer to stumble over.
import assert from "node:assert/strict";
import {test} from "node:test";
import {html, load} from "./load.mjs";

const HERE = "http://127.0.0.1:8050";

const page = (status, lang = "ru") => {
  const shown = [];
  const element = () => {
    const children = [];
    return {children, setAttribute() {}, append: (...more) => children.push(...more), focus() {}};
  };
  const {window} = load({
    lang,
    globals: {
      fetch: async () => ({status, body: "whatever came"}),
      location: {origin: HERE, href: `${HERE}/plans?year=2026`, pathname: "/plans", search: "?year=2026"},
      document: {
        documentElement: html({lang}),
        addEventListener() {},
        getElementById: () => null,
        querySelector: () => null,
        querySelectorAll: () => [],
        createElement: element,
        body: {append: (box) => shown.push(box)},
      },
    },
  });
  return {window, shown};
};

test("an update that is refused for want of a session says so once and changes nothing", async () => {
  const {window, shown} = page(401);
  const first = await window.fetch("/_dash-update-component");
  await window.fetch("/_dash-update-component");
  assert.equal(first.status, 204);
  assert.equal(shown.length, 1);
  const [title, , link] = shown[0].children[0].children;
  assert.equal(title.textContent, "Вы вышли – войдите снова.");
  assert.equal(link.href, "/sign-in?next=%2Fplans%3Fyear%3D2026");
});

test("what is answered, or refused by somebody else, goes through as it came", async () => {
  const well = page(200), elsewhere = page(401, "en");
  assert.equal((await well.window.fetch("/_dash-update-component")).body, "whatever came");
  assert.equal((await elsewhere.window.fetch("https://other.example/x")).status, 401);
  assert.equal(well.shown.length + elsewhere.shown.length, 0);
});
