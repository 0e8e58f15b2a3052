// What the editor of cells works with. Amounts are texts with at most two decimals ("1200000.50"): exact, never floats; "" is an empty cell.

/** A row of the grid: a manager, or a source of expenses, perhaps in one pipeline. */
interface PlanRow {
  id: string; // manager:pipeline, "all" for all pipelines
  manager_id: string;
  manager: string;
  department: string;
  pipeline_id: string; // "" for all pipelines
  pipeline: string;
  cells: Record<string, string[]>; // by month "2026-01": an amount a measure
}

/** Said by the server once: names, and the words the browser says itself. */
interface PageNames {
  page: string; // ids begin with it
  path: string;
  measures: string[];
  managers: Record<string, [name: string, department: string]>;
  pipelines: Record<string, string>;
  year: number;
  words: Record<string, string>;
}

/** Rows as saved on the server. */
interface PageData {
  months: string[];
  rows: PlanRow[];
  closed?: string[]; // months that cannot be changed any more
}

/** What a person typed into a cell. */
interface Typing {
  row: PlanRow;
  month: string;
  measure: number;
  text: unknown;
}

/** A cell on its way to the server. */
interface Edit {
  id: string;
  row: PlanRow;
  month: string;
  measure: number;
  text: string;
  was: string | null; // what stood there when it was typed; null: what the answer on its way will say
}

/** What a cell shows that is not saved. */
interface Unsaved {
  text: string;
  kind: "pending" | "refused" | "conflict";
  why: string | null;
}

/** A batch of changes on the server to be taken back or done again. */
interface StepBack {
  kind: "undo" | "redo";
  changes: number[];
}

/** What was sent and not answered yet. */
interface Flight {
  n: number;
  cells: Map<string, Edit>;
  step?: StepBack;
  timer?: Timer;
}

type Timer = ReturnType<typeof setTimeout>;

/** What a page with a grid knows. */
interface Store {
  page: string; // ids of its elements begin with it
  names: PageNames | null;
  measures: string[];

  // on screen
  data: PageData | null; // as it came last
  deferred: boolean; // it came while a cell was typed into
  rows: PlanRow[];
  added: Map<string, PlanRow>; // by a person, without a cell on the server
  gone: Set<string>; // rows that go when the server has taken the last of their cells
  source: PlanRow | null; // the row that is being copied
  months: string[];
  measure: number;
  find: string;
  api: GridApi | null;

  // selection: from the focused cell to the head
  anchor: Place | null; // the focused cell as it was last
  head: Place | null;
  dragging: boolean;

  // saving
  overlay: Map<string, Unsaved>;
  queue: Map<string, Edit>;
  steps: StepBack[];
  flight: Flight | null;
  number: number; // of the last flight
  stuck: boolean; // there was no answer
  again: Timer | undefined; // the next try
  changes: number[][]; // batches of changes on the server: mine,
  undone: number[][]; // and those that took mine back

  // said
  said: string;
  silence: Timer | undefined; // until what was said goes
  savedAt: string | null;
}

type Ask =
  | { n: number; kind: "edits"; who: string; cells: string[][] } // [manager, pipeline, month, measure, text, was]
  | { n: number; kind: "undo" | "redo"; who: string; changes: number[] };

interface Answer {
  n: number;
  said?: string;
  failed?: boolean;
  changes?: number[];
  cells?: [manager: string, pipeline: string, month: string, amounts: string[]][];
  refused?: [manager: string, pipeline: string, month: string, measure: string, text: string, why: string][];
  conflicts?: [manager: string, pipeline: string, month: string, measure: string, text: string, theirs: string, who: string][];
}

interface Place {
  row: number;
  column: string;
}

interface CellRange {
  top: number;
  bottom: number;
  left: number;
  right: number;
}
