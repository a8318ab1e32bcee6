// @ts-check
// Before and after: by flicker, by a slider, or the changed tiles alone. Drawing is deterministic, so equal hashes are equal pixels.

/** @import { Box, TilePlace } from './types.d.ts' */
import { at, by, h, stillness } from './dom.js';
import { change, state, when } from './state.js';
import { mix } from './pixels.js';
import { say } from './said.js';
import { name, t } from './words.js';

/** How long each picture stands while they alternate, in milliseconds: slower than any flashing that harms. */
const PERIOD = 600;

/** Coloured tiles that are kept. */
const MIXED = 120;

let before = false;
/** The slider's place, from 0 to 1. */
let split = 0.5;
let timer = 0;
/** @type {() => void} */
let redraw = () => {};
const against = by('against', HTMLSelectElement), comparison = by('comparison', HTMLSelectElement);
const slider = by('split', HTMLInputElement), side = by('flip', HTMLButtonElement), divider = at('divider');
/** @type {Map<string, OffscreenCanvas>} Changed tiles in colours, by both hashes. */
const mixed = new Map();

/** True once there is a version to compare with: some tile has one that was before. */
let comparable = false;

/** Takes up the tiles of a comparison. Where none has one that was before there is nothing to compare, and it ends. @param {TilePlace[]} tiles */
export function compareWith(tiles) {
  if (tiles.length === 0) return;
  if (tiles.some((tile) => tile.before)) {
    if (comparable) return;
    comparable = true;
    begin();
    return;
  }
  change({ against: null });
  say(t('nothing-to-compare'));
}

/** True if a tile differs. @param {TilePlace} tile */
const differs = (tile) => comparable && tile.before !== undefined && tile.before !== tile.hash;

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
  if (state.comparison === 'changed') return paintChange(pen, tile, picture, whole);
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
 * Paints what went red, what came blue, and what stays faint.
 * @param {CanvasRenderingContext2D} pen @param {TilePlace} tile @param {(hash: string) => ImageBitmap | null} picture
 * @param {readonly [number, number, number, number]} place
 */
function paintChange(pen, tile, picture, place) {
  const key = `${tile.before} ${tile.hash}`;
  const known = mixed.get(key) ?? mix(tile, tile.before ? picture(tile.before) : null, picture(tile.hash));
  if (!known) return;
  if (mixed.size >= MIXED) mixed.clear();
  mixed.set(key, known);
  pen.drawImage(known, ...place);
}

/** Shows the other side. @param {boolean} shown */
function show(shown) {
  before = shown;
  side.setAttribute('aria-pressed', String(before));
  at('shown-side').textContent = comparable && state.against && state.comparison === 'flicker' ? t(before ? 'before' : 'after') : '';
  redraw();
}

function begin() {
  clearInterval(timer);
  const flickers = comparable && state.against !== null && state.comparison === 'flicker';
  if (flickers && !stillness()) timer = setInterval(() => show(!before), PERIOD);
  comparison.value = state.comparison;
  against.value = state.against ?? '';
  at('comparison-row').hidden = state.against === null;
  at('split-row').hidden = divider.hidden = !comparable || state.against === null || state.comparison !== 'slider';
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
  when(['against'], () => { comparable = false; begin(); });
  when(['comparison', 'language'], begin);
  begin();
}
