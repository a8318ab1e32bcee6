// @ts-check
// What each overlay draws on a page, in millimetres. Nothing of it is printed.

/** @import { Box, Mark, PiecePage } from './types.d.ts' */
import * as api from './api.js';
import { s } from './dom.js';
import { facsimile } from './facsimile.js';
import { panels } from './geometry.js';
import { state } from './state.js';
import { known, markName } from './words.js';

/** Marks that a designer sees as frames. */
export const PRINTED = ['field', 'address', 'code39', 'two-d-doc', 'omr', 'control-code'];

/** A rectangle. @param {Box} box @param {string} style @param {Record<string, any>} [more] */
export const rect = (box, style, more = {}) => s('rect', { x: box.x, y: box.y, width: box.width, height: box.height, class: style, ...more });

/** Words at a rectangle's corner, above it or inside. @param {Box} box @param {string} words @param {string} style @param {boolean} [inside] */
function label(box, words, style, inside = false) {
  return s('text', { x: box.x, y: box.y, dx: inside ? '.4em' : 0, dy: inside ? '1.2em' : '-.3em', class: `label ${style}` }, words);
}

/** @param {PiecePage} page @param {string[]} kinds */
const marks = (page, kinds) => page.marks.filter((mark) => kinds.includes(mark.kind));

/** The fold lines of a page, from its head. @param {PiecePage} page */
export function foldsOf(page) {
  const folds = state.bench?.sheet?.fold?.at_mm ?? [];
  if (page.side === 'front' || state.bench?.sheet?.turn !== 'short-edge') return folds;
  return folds.map((fold) => page.height - fold).reverse();
}

/** The envelope's outline around the panel of a window. @param {PiecePage} page @param {Mark} window @returns {Box | null} */
function envelope(page, window) {
  const shape = state.bench?.sheet?.envelope;
  if (!shape?.width_mm || !shape.height_mm) return null;
  const middle = window.y + window.height / 2;
  const panel = panels(foldsOf(page), { x: 0, y: 0, width: page.width, height: page.height })
    .find((part) => middle >= part.y && middle <= part.y + part.height) ?? { x: 0, y: 0, width: page.width, height: page.height };
  return {
    x: panel.x + (panel.width - shape.width_mm) / 2 - state.dx, y: panel.y + (panel.height - shape.height_mm) / 2 - state.dy,
    width: shape.width_mm, height: shape.height_mm,
  };
}

/** @param {PiecePage} page @returns {Element[]} */
function windows(page) {
  const cutouts = marks(page, ['window']), play = state.bench?.sheet?.envelope?.play_mm ?? { x: 0, y: 0 };
  const outline = cutouts.length > 0 ? envelope(page, cutouts[0]) : null;
  return [
    ...outline ? [rect(outline, 'o-envelope', { rx: 1.5 }), label(outline, state.bench?.sheet?.envelope?.name ?? '', 'o-window')] : [],
    ...cutouts.flatMap((mark) => {
      const at = { ...mark, x: mark.x - state.dx, y: mark.y - state.dy };
      const reach = { x: mark.x - play.x, y: mark.y - play.y, width: mark.width + 2 * play.x, height: mark.height + 2 * play.y };
      return [rect(reach, 'o-play', { rx: 1 }), rect(at, 'o-window', { rx: 1 }), label(at, markName(mark), 'o-window')];
    }),
  ];
}

/** @param {PiecePage} page @returns {Element[]} */
function folds(page) {
  return foldsOf(page).map((y) => s('line', { x1: -4, x2: page.width + 4, y1: y, y2: y, class: 'o-fold' }));
}

/** @param {PiecePage} page @returns {Element[]} */
function areas(page) {
  return marks(page, ['panel-inside', 'panel-outside', 'glue', 'perforation', 'tear-strip'])
    .flatMap((mark) => [rect(mark, `o-area o-${mark.kind}`), label(mark, known('kind', mark.kind), `o-${mark.kind}`, true)]);
}

/** @param {PiecePage} page @returns {Element[]} */
function card(page) {
  return marks(page, ['card']).flatMap((mark) => (state.piece?.card ? [facsimile(state.piece.card, mark)] : [rect(mark, 'o-card', { rx: 3.2 })]));
}

/** @param {PiecePage} page @returns {Element[]} */
function quiet(page) {
  return page.marks.flatMap((mark) => (mark.quiet ? [rect(mark.quiet, 'o-quiet')] : []));
}

/** @param {PiecePage} page @returns {Element[]} */
function frames(page) {
  return marks(page, PRINTED).flatMap((mark) => [
    rect(mark, `o-frame o-${mark.state ?? 'fits'}`), label(mark, markName(mark), 'o-frame'),
  ]);
}

/** Lines every so many millimetres. @param {PiecePage} page @param {number} pitch @param {string} style @param {number} [from] @param {boolean} [across] */
function lines(page, pitch, style, from = 0, across = true) {
  const parts = [];
  for (let y = from; y <= page.height; y += pitch) parts.push(`M0 ${y.toFixed(3)}H${page.width}`);
  if (across) for (let x = 0; x <= page.width; x += pitch) parts.push(`M${x.toFixed(3)} 0V${page.height}`);
  return s('path', { d: parts.join(''), class: style });
}

/** @param {PiecePage} page @returns {Element[]} */
function millimetres(page) {
  return [lines(page, 1, 'o-mm o-fine'), lines(page, 5, 'o-mm o-five'), lines(page, 10, 'o-mm o-ten')];
}

/** @param {PiecePage} page @returns {Element[]} */
const baselines = (page) => [lines(page, Math.max(0.5, state.pitch), 'o-baseline', state.offset, false)];

/** @param {PiecePage} page @returns {Element[]} */
function ink(page) {
  if (!state.piece) return [];
  return [s('image', { href: api.ink(state.piece.piece, page.page), x: 0, y: 0, width: page.width, height: page.height, preserveAspectRatio: 'none', class: 'o-ink' })];
}

/** The overlays in the order of their switches, each drawn under the next. @type {Record<string, (page: PiecePage) => Element[]>} */
export const LAYERS = {
  ink,
  millimetres,
  baselines,
  safe: (page) => marks(page, ['safe']).map((mark) => rect(mark, 'o-safe')),
  areas,
  folds,
  quiet,
  frames,
  card,
  windows,
};
