// The plain scripts of assets/ in a page that is not there: loaded in the order of the real one, into a context of their own.
import {readdirSync, readFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import vm from "node:vm";

const ASSETS = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "assets");
const NOT_LOADED = ["head", "vendor"]; // named by dash_app/web/index.py

/** As Dash loads them: by name, those of folders after those beside it. */
const walked = (folder = "") => {
  const entries = readdirSync(join(ASSETS, folder), {withFileTypes: true}).sort((a, b) => (a.name < b.name ? -1 : 1));
  const path = ({name}) => (folder ? `${folder}/${name}` : name);
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".js")).map(path);
  const folders = entries.filter((entry) => entry.isDirectory() && !NOT_LOADED.includes(path(entry))).map(path);
  return [...files, ...folders.flatMap(walked)];
};

/** SCRIPTS: those of the page as it is served (tests/assets/test_scripts.py). */
export const scripts = process.env.SCRIPTS ? JSON.parse(process.env.SCRIPTS) : walked();

export const ADDRESS = {
  when: ["period", "from", "as_of"],
  ofPeriod: ["period", "from"],
  carried: ["period", "from", "as_of", "manager"],
  drawer: ["drill", "explain"],
};

class Observer {
  observe() {}
  unobserve() {}
}

const storage = () => {
  const kept = new Map();
  return {getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value)};
};

/** <html>, with what the server says on it. */
export const html = ({lang = "ru", address = ADDRESS} = {}) => {
  const attributes = new Map();
  return {
    lang,
    dataset: {address: JSON.stringify(address)},
    getAttribute: (name) => attributes.get(name) ?? null,
    setAttribute: (name, value) => attributes.set(name, value),
  };
};

/**
 * ``globals``: what of the browser a test wants another way. ``props``: what Dash's components were given, in order; ``heard``: what
 * listeners there are.
 */
export const load = ({lang = "ru", search = "", dark = false, address = ADDRESS, globals = {}} = {}) => {
  const heard = [];
  const props = [];
  const addEventListener = (name, listener) => heard.push([name, listener]);
  const none = Symbol("no update");
  const window = {
    document: {
      documentElement: html({lang, address}),
      addEventListener,
      getElementById: () => null,
      querySelector: () => null,
      querySelectorAll: () => [],
      createTextNode: (text) => text,
    },
    location: {search, pathname: "/"},
    dash_clientside: {no_update: none, set_props: (id, given) => props.push([id, given])},
    addEventListener,
    sessionStorage: storage(),
    localStorage: storage(),
    matchMedia: () => ({matches: dark}),
    MutationObserver: Observer,
    IntersectionObserver: Observer,
    ResizeObserver: Observer,
    fetch: async () => ({status: 200}),
    Element: class {},
    Request: class {},
    Response: class {
      constructor(body, {status = 200} = {}) {
        this.status = status;
      }
    },
    URL,
    URLSearchParams,
    setTimeout: () => 0,
    clearTimeout() {},
    console,
    ...globals,
  };
  window.window = window;
  vm.createContext(window);
  for (const name of ["head/theme.js", ...scripts]) vm.runInContext(readFileSync(join(ASSETS, name), "utf8"), window, {filename: name});
  return {salesReports: window.salesReports, window, heard, props, none};
};

/** What comes from another context, to be compared with what is made here. */
export const plain = (value) => JSON.parse(JSON.stringify(value));

/** A clock that goes when it is told to. */
export const clock = () => {
  let now = 0, last = 0;
  const waiting = new Map();
  return {
    setTimeout: (act, after = 0) => {
      waiting.set(++last, [now + after, act]);
      return last;
    },
    clearTimeout: (id) => waiting.delete(id),
    pass(time) {
      const until = now + time;
      for (;;) {
        const due = [...waiting].filter(([, [at]]) => at <= until).sort((a, b) => a[1][0] - b[1][0])[0];
        if (!due) break;
        const [id, [at, act]] = due;
        waiting.delete(id);
        now = at;
        act();
      }
      now = until;
    },
  };
};
