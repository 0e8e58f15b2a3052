// What the scripts use of the libraries on the page; nothing more. The scripts themselves are typed by JSDoc and by what they say.

interface Window {
  dash_clientside: DashClientside;
  dash_ag_grid: { getApiAsync(id: string | object): Promise<GridApi> };
  dashAgGridFunctions?: Record<string, (params: CellParams, ...rest: any[]) => unknown>;
  dashAgGridComponentFunctions?: Record<string, (props: any) => unknown>;
  dashMantineFunctions?: Record<string, (props: any) => unknown>;
  React: React;
  Plotly?: Plotly;
  PlotlyLocales?: object[];
}

// -- Dash --------------------------------------------------------------------------------------------------------

type DashId = string | { [key: string]: string | number };

interface DashClientside {
  no_update: object;
  set_props(id: DashId, props: object): void;
  callback_context: { triggered: { prop_id: string; value: any }[]; triggered_id: any };
  [namespace: string]: any;
}

// -- React -------------------------------------------------------------------------------------------------------

interface React {
  createElement(tag: string, props?: object | null, ...children: unknown[]): object;
  useRef<T>(value: T | null): { current: T };
  useLayoutEffect(effect: () => (() => void) | void, dependencies: unknown[]): void;
}

// -- Plotly ------------------------------------------------------------------------------------------------------

interface PlotlyFigure {
  data: object[];
  layout: { font?: object; height: number; width?: number } & Record<string, unknown>;
}

interface PlotlyClick {
  points: { customdata?: unknown }[];
}

interface PlotlyGraph extends HTMLElement, PlotlyFigure {
  on(event: "plotly_click", act: (event: PlotlyClick) => void): void;
  removeAllListeners(event: string): void;
}

interface CanvasRenderingContext2D {
  roundRect(x: number, y: number, width: number, height: number, radius: number): void; // newer than tsc's own list
}

interface Plotly {
  react(graph: HTMLElement, data: object[], layout: object, config: object): Promise<unknown>;
  register(module: object): void;
  relayout(graph: HTMLElement, change: object): Promise<unknown>;
  toImage(figure: object, options: object): Promise<string>;
}

// -- AG Grid -----------------------------------------------------------------------------------------------------

interface GridColumn {
  getColId(): string;
  getColDef(): { headerName?: string };
  getActualWidth(): number;
  isVisible(): boolean;
}

interface GridCell {
  rowIndex: number;
  rowPinned: string | null;
  column: GridColumn;
}

interface GridApi {
  addEventListener(name: string, listener: () => void): void;
  applyColumnState(params: object): boolean;
  ensureColumnVisible(key: string): void;
  ensureIndexVisible(index: number): void;
  getColumn(key: string): GridColumn | null;
  getColumns(): GridColumn[] | null;
  getDisplayedRowAtIndex(index: number): { data: PlanRow } | undefined;
  getDisplayedRowCount(): number;
  getEditingCells(): object[];
  getFocusedCell(): GridCell | null;
  getRowNode(id: string): { rowIndex: number | null } | undefined;
  isDestroyed(): boolean;
  purgeInfiniteCache(): void;
  refreshCells(params: { force: boolean }): void;
  setColumnsPinned(keys: string[], pinned: string | null): void;
  setColumnsVisible(columns: GridColumn[], visible: boolean): void;
  setColumnWidths(widths: { key: string; newWidth: number }[]): void;
  setFocusedCell(index: number, key: string): void;
  setGridOption(name: string, value: unknown): void;
  startEditingCell(params: { rowIndex: number; colKey: string }): void;
}

/** What a function of a column is called with. */
interface CellParams {
  column?: GridColumn;
  colDef: { colId: string };
  node: { rowPinned?: string | null; rowIndex: number };
  data?: PlanRow;
  value?: any;
  newValue?: any;
}
