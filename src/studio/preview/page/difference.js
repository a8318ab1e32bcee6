// @ts-check
// Before and after: by flicker, by a slider, or the changed tiles alone. Drawing is deterministic, so equal hashes are equal pixels.

/** @import { Box, TilePlace } from './types.d.ts' */
import { at, by, h, stillness } from './dom.js';
import { change, state, when } from './state.js';
import { say } from './said.js';
import { name, t } from './words.js';

/** How long each picture stands while they alternate, in milliseconds: slower than any flashing that harms. */
const PERIOD = 600;

let before = false;
/** The slider's place, from 0 to 1. */
let split = 0.5;
let timer = 0;
/** @type {() => void} */
let redraw = () => {};
const against = by('against', HTMLSelectElement), comparison = by('comparison', HTMLSelectElement);
const slider = by('split', HTMLInputElement), side = by('flip', HTMLButtonElement), divider = at('divider');
const mixed = document.createElement('canvas');

/** True if a tile differs. @param {TilePlace} tile */
export const differs = (tile) => tile.before !== undefined && tile.before !== tile.hash;

/**
 * Paints a tile as the comparison wants it.
 * @param {CanvasRenderingContext2D} pen @param {TilePlace} tile @param {Box} place @param {(hash: string) => ImageBitmap | null} picture
 */
export function paintTile(pen, tile, place, picture) {
  const after = picture(tile.hash), was = tile.before ? picture(tile.before) : null;
  const whole = /** @type {const} */ ([place.x, place.y, place.width, place.height]);
  if (!state.against || !differs(tile)) {
    if (!after) return;
    const faded = state.against && state.comparison === 'changed';
    if (faded) { pen.fillStyle = '#fff'; pen.fillRect(...whole); pen.globalAlpha = 0.15; }
    pen.drawImage(after, ...whole);
    pen.globalAlpha = 1;
    return;
  }
  if (state.comparison === 'changed') return paintChange(pen, after, was, whole);
  if (state.comparison === 'flicker') return paintOne(pen, before ? was : after, whole);
  const edge = Math.round(split * pen.canvas.width);
  paintPart(pen, was, whole, 0, edge);
  return paintPart(pen, after, whole, edge, pen.canvas.width);
}

/** @param {CanvasRenderingContext2D} pen @param {ImageBitmap | null} picture @param {readonly [number, number, number, number]} place */
function paintOne(pen, picture, place) {
  if (picture) { pen.drawImage(picture, ...place); return; }
  pen.fillStyle = '#fff';
  pen.fillRect(...place);
}

/**
 * @param {CanvasRenderingContext2D} pen @param {ImageBitmap | null} picture @param {readonly [number, number, number, number]} place
 * @param {number} from @param {number} to
 */
function paintPart(pen, picture, place, from, to) {
  pen.save();
  pen.beginPath();
  pen.rect(from, 0, to - from, pen.canvas.height);
  pen.clip();
  paintOne(pen, picture, place);
  pen.restore();
}

/**
 * What went is red, what came is blue, what stays is nearly black.
 * @param {CanvasRenderingContext2D} pen @param {ImageBitmap | null} after @param {ImageBitmap | null} was
 * @param {readonly [number, number, number, number]} place
 */
function paintChange(pen, after, was, place) {
  pen.fillStyle = '#fff';
  pen.fillRect(...place);
  pen.globalCompositeOperation = 'multiply';
  for (const [picture, colour] of /** @type {const} */ ([[was, '#e0301e'], [after, '#0a6cd6']])) {
    if (!picture) continue;
    mixed.width = picture.width;
    mixed.height = picture.height;
    const ink = /** @type {CanvasRenderingContext2D} */ (mixed.getContext('2d'));
    ink.drawImage(picture, 0, 0);
    ink.globalCompositeOperation = 'lighten';
    ink.fillStyle = colour;
    ink.fillRect(0, 0, mixed.width, mixed.height);
    pen.drawImage(mixed, ...place);
  }
  pen.globalCompositeOperation = 'source-over';
}

/** Shows the other side. @param {boolean} shown */
function show(shown) {
  before = shown;
  side.setAttribute('aria-pressed', String(before));
  at('shown-side').textContent = state.against && state.comparison === 'flicker' ? t(before ? 'before' : 'after') : '';
  redraw();
}

function begin() {
  clearInterval(timer);
  const flickers = state.against !== null && state.comparison === 'flicker';
  if (flickers && !stillness()) timer = setInterval(() => show(!before), PERIOD);
  comparison.value = state.comparison;
  against.value = state.against ?? '';
  at('comparison-row').hidden = state.against === null;
  at('split-row').hidden = divider.hidden = state.against === null || state.comparison !== 'slider';
  side.hidden = !flickers;
  at('colours').hidden = state.against === null || state.comparison !== 'changed';
  at('shown-side').hidden = !flickers;
  show(false);
  place();
}

function place() {
  divider.style.left = `${split * 100}%`;
  slider.value = String(Math.round(split * 100));
  redraw();
}

/** Moves the slider. @param {number} share of the view's width, from 0 to 1 */
export function slide(share) {
  split = Math.min(1, Math.max(0, share));
  place();
}

/** The key d: compares with the first of the list, then with nothing. */
export function toggleDifference() {
  const first = state.bench?.against[0];
  if (state.against) change({ against: null });
  else if (first) change({ against: first.id, room: 'page' });
  else say(t('nothing-to-compare'));
}

function list() {
  const choices = state.bench?.against ?? [];
  against.replaceChildren(h('option', { value: '' }, t('nothing')), ...choices.map((choice) => h('option', { value: choice.id }, name(choice))));
  if (state.against && !choices.some((choice) => choice.id === state.against)) change({ against: null });
  against.value = state.against ?? '';
}

/** Begins. `act` draws the picture again. @param {() => void} act */
export function startDifference(act) {
  redraw = act;
  against.addEventListener('change', () => change({ against: against.value || null }));
  comparison.addEventListener('change', () => change({ comparison: /** @type {typeof state.comparison} */ (comparison.value) }));
  slider.addEventListener('input', () => slide(Number(slider.value) / 100));
  side.addEventListener('click', () => { clearInterval(timer); show(!before); });
  matchMedia('(prefers-reduced-motion: reduce)').addEventListener('change', begin);
  when(['bench', 'language'], list);
  when(['against', 'comparison', 'language'], begin);
  begin();
}
