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
  timer?: ReturnType<typeof setTimeout>;
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
