/** A map as the server sends it: bytes in base64, 0 for `low` and 255 for `high`. */
export interface GreyMap {
  height: number;
  width: number;
  pixels: string;
  low: number;
  high: number;
}

export interface Tile {
  node: number;
  label: string;
  title: string;
  kind: string;
  thumb: GreyMap | number[];
}

export interface TileGroup {
  name: string;
  tiles: Tile[];
}

export interface StripData {
  groups: TileGroup[];
  chosen: number;
  words: { play: string; stop: string };
}

export interface WallChannel {
  number: number;
  title: string;
  off: boolean;
  map: GreyMap;
}

export interface WallData {
  node: number;
  channels: WallChannel[];
  channel: number;
  chosen: GreyMap;
  size: [number, number];
  pixel: [number, number] | null;
  words: { wall: string; map: string };
}

/** Cells of a picture: a row of 0 and 1 for each row of cells; the edges of rows and columns are pixels. */
export interface Region {
  cells: string[];
  rows: number[];
  columns: number[];
}

export interface PictureData {
  source: string;
  alt: string;
  overlay: GreyMap | null;
  field: [number, number, number, number] | null;
  region: Region | null;
  size: [number, number];
}

export interface AttentionHead {
  map: GreyMap;
  label: string;
  small: string;
  title: string;
}

export interface AttentionData {
  source: string;
  heads: AttentionHead[];
  head: number;
  rollout: { map: GreyMap; label: string };
  size: [number, number];
  first: number;
  query: [number, number] | null;
  words: { map: string; heads: string; token: string };
}
