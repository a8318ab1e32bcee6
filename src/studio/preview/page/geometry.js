// @ts-check
// Where pages stand beside each other, and how far one may zoom. Pure: no element, no state.

/** @import { Box, PageBox, PiecePage } from './types.d.ts' */

/** Millimetres of an inch. */
export const INCH = 25.4;
/** The gap between two pages, in millimetres. */
const GAP = 8;
/** The coarsest picture that is drawn. */
const LEAST = 20;
/** Pixels of the screen to a dot of the press, at most. */
const PIXELS_A_DOT = 16;

/**
 * Pages side by side, in millimetres from the corner of the first.
 * @param {PiecePage[]} pages @returns {{places: PageBox[], width: number, height: number}}
 */
export function sideBySide(pages) {
  /** @type {PageBox[]} */
  const places = [];
  let x = 0;
  for (const { page, width, height } of pages) {
    places.push({ page, x, y: 0, width, height });
    x += width + GAP;
  }
  return { places, width: Math.max(0, x - GAP), height: Math.max(0, ...pages.map((page) => page.height)) };
}

/**
 * The nearest resolution that is drawn sharp: whole dots an inch, and beyond the press whole pixels a dot.
 * @param {number} dpi @param {number} press
 */
export function sharp(dpi, press) {
  if (dpi <= press) return Math.max(LEAST, Math.round(dpi));
  return press * Math.min(PIXELS_A_DOT, Math.max(1, Math.round(dpi / press)));
}

/**
 * The next step of the zoom, a quarter more or less, and a pixel a dot beyond the press.
 * @param {number} dpi @param {number} press @param {1 | -1} way
 */
export function step(dpi, press, way) {
  const wished = way > 0 ? dpi * 1.25 : dpi / 1.25;
  if (way > 0 && dpi >= press) return sharp(Math.max(wished, dpi + press), press);
  if (way < 0 && dpi > press) return sharp(Math.min(wished, dpi - press), press);
  return sharp(way > 0 ? Math.min(wished, press) : wished, press);
}

/** The part that two rectangles share, or null. @param {Box} a @param {Box} b @returns {Box | null} */
export function shared(a, b) {
  const x = Math.max(a.x, b.x), y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x, height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/** The smallest rectangle around several. @param {Box[]} boxes @returns {Box} */
export function around(boxes) {
  const x = Math.min(...boxes.map((box) => box.x)), y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width)), foot = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: foot - y };
}

/** True if a rectangle holds a point, with a margin around. @param {Box} box @param {number} x @param {number} y @param {number} [margin] */
export function holds(box, x, y, margin = 0) {
  return x >= box.x - margin && x <= box.x + box.width + margin && y >= box.y - margin && y <= box.y + box.height + margin;
}

/** @param {number} value @param {number} least @param {number} most */
export const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

/** The panels of a folded page, from its head. @param {number[]} folds @param {Box} page @returns {Box[]} */
export function panels(folds, page) {
  const edges = [0, ...folds, page.height];
  return edges.slice(1).map((foot, index) => ({ x: 0, y: edges[index], width: page.width, height: foot - edges[index] }));
}
