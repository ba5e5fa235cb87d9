// What the server sends for the map (viz/atlas/map.py). Horizontal places are shares of the map's width, 0 to 1.

export interface Lane {
  idea: string;
  title: string;
  sentence: string;
  /** first row, and how many there are */
  row: number;
  rows: number;
}

export interface FamilyNode {
  family: string;
  title: string;
  x: number;
  row: number;
  lane: string;
  ideas: string[];
  date: string;
  sentence: string;
}

export interface FamilyEdge {
  source: string;
  target: string;
  idea: string;
  /** whether the source took the idea only in a later version */
  later: boolean;
}

export interface MapData {
  label: string;
  narrowest: number;
  rows: number;
  years: [year: string, share: number][];
  lanes: Lane[];
  nodes: FamilyNode[];
  edges: FamilyEdge[];
  chosen: string;
  /** the families that a search found; null without a search */
  hits: string[] | null;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Band = Lane & { y: number; height: number };

// What the server sends for the tour (viz/atlas/welcome.py).
export interface TourData {
  stops: { target: string; said: string; place: string }[];
  words: Record<string, string>;
}
