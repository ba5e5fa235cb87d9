// What the server sends (viz/graph/payload.py, viz/graph/offline.py) and what the viewer sends back (viz/graph/view_state.py).

export type Point = [x: number, y: number];

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What the server must know. It is sent whole, so that no message can be lost. */
export interface ViewState {
  of: string;
  /** "stage", "block", "operation", or "" where the user opened items one by one */
  level: string;
  open: string[];
  selected: string | null;
  /** the selected tensor, "node.slot" */
  ref: string | null;
  find: string;
  direction: "TB" | "LR";
  /** number of messages sent so far */
  n?: number;
  /** an item that was found and must come into sight */
  reveal?: string | null;
  export?: { format: string; overlay: string; dark: boolean; n: number } | null;
}

export interface Item {
  /** title */
  t: string;
  path: string;
  /** shape of what comes out of it */
  shape?: string;
  /** kind of operation, or "module" */
  k: string;
  opens: boolean;
  /** readings by overlay */
  m: Record<string, number>;
}

export interface Overlay {
  id: string;
  label: string;
  unit: string;
}

/** Receptive field along one axis: size, stride, beginning (may be negative), whether it is the whole input, and each position's first and last input position. */
export type FieldAxis = [size: number, stride: number, low: number, whole: boolean, firsts: number[], lasts: number[]];

export interface Field {
  axes: [FieldAxis, FieldAxis];
  map: [rows: number, columns: number];
  input: [rows: number, columns: number];
}

export interface Card {
  id: string;
  facts: [name: string, value: string][];
  formulas: string[];
  knobs: string;
  source: string;
  field: Field | null;
  tensor: string;
}

export interface Hit {
  id: string;
  title: string;
  path: string;
  kind: string;
  /** the visible item that it lies in */
  shown: string;
}

export interface Download {
  n: number;
  name: string;
  mime: string;
  text?: string;
  base64?: string;
  raster?: { width: number; height: number; scale: number };
}

export interface GraphData {
  of: string;
  key: string;
  height: number;
  svg: string;
  direction: "TB" | "LR";
  items: Record<string, Item>;
  overlay: string;
  overlays: Overlay[];
  /** the largest value of each reading where several graphs share one scale */
  scale: Record<string, number>;
  /** colour stops for light and for dark ground */
  ramp: [string[], string[]];
  /** what the legend calls each kind of operation that is drawn */
  kinds: Record<string, string>;
  changed: string[];
  failed: string[];
  marks: Record<string, string>;
  card: Card | null;
  found: Hit[];
  reveal?: string | null;
  error: string;
  group: string;
  figure?: boolean;
  widths?: boolean;
  /** translations by the English words */
  words?: Record<string, string>;
  download?: Download | null;
  view: ViewState;
}

// --- The file without a server -------------------------------------------------------------------------

export interface OfflineItem extends Item {
  parent: string | null;
  inside: string[];
  role: string;
  /** the lower-case text that a search looks in */
  search: string;
  card: Card;
  heading: string;
  /** width of the plate that carries the heading */
  plate: number;
  classes: string;
  size: [number, number];
  /** paths as [style, commands], texts as [style, text, x, y, anchor] */
  shapes: ([string, string] | [string, string, number, number, string])[];
}

export interface OfflineLine {
  from: string;
  to: string;
  ref: string;
  path: string;
  /** channels as a share of the largest line's */
  c: number;
  /** the shape, on the first line of each tensor, and where it begins in the closed picture */
  text: string;
  at: Point;
  /** control points of a cubic spline; the last is the arrow's tip */
  points: Point[];
}

export type Rectangle = [x: number, y: number, width: number, height: number];

/** The children of one module, closed, as laid out beforehand. */
export interface Inside {
  size: [number, number];
  boxes: Record<string, Rectangle>;
  lines: OfflineLine[];
}

export interface OfflineData {
  of: string;
  direction: "TB" | "LR";
  open: string[];
  items: Record<string, OfflineItem>;
  insides: Record<string, Inside>;
  /** fold states as the app draws them */
  scenes: { open: string[]; svg: string }[];
  levels: Record<string, string[]>;
  overlays: Overlay[];
  ramp: [string[], string[]];
  /** what the legend calls each kind of operation that is drawn */
  kinds: Record<string, string>;
  words?: Record<string, string>;
  error: string;
}
