// @ts-check
// What the last save changed on the picture, and the way to it.

/** @import { PageBox, ViewAnswer } from './types.d.ts' */
import * as api from './api.js';
import { at } from './dom.js';
import { flash } from './overlays.js';
import { drawnTiles } from './picture.js';
import { say } from './said.js';
import { change, state } from './state.js';
import { bring, scale } from './viewer.js';
import { t } from './words.js';

/** @type {Map<string, {place: PageBox, hash: string}>} The tiles that were drawn before, by page and place. */
let before = new Map();
let generation = -1;
let piece = '';
/** @type {'saved-here' | 'saved-elsewhere' | null} What is said of the last save. */
let said = null;
/** Which of the changes was shown last. */
let last = -1;

const shown = () => `${state.variant} ${state.record}`;

/** The tiles that are drawn, in millimetres. */
function now() {
  return new Map(drawnTiles().map((tile) => {
    const k = tile.scale / scale();
    const place = { page: tile.page, x: tile.x * k, y: tile.y * k, width: tile.width * k, height: tile.height * k };
    return [`${tile.page} ${tile.x} ${tile.y} ${tile.scale.toFixed(4)}`, { place, hash: tile.hash }];
  }));
}

/** Hears an answer: after a save, counts what changed in view. @param {ViewAnswer} answer */
export function compare(answer) {
  const tiles = now();
  const saved = answer.generation !== generation && generation >= 0 && shown() === piece;
  if (saved && !answer.stale) {
    const changed = [...tiles].filter(([key, tile]) => before.has(key) && before.get(key)?.hash !== tile.hash);
    last = -1;
    said = changed.length > 0 ? 'saved-here' : 'saved-elsewhere';
    write();
    at('jump').hidden = false;
    if (state.follow) jumpToChange();
  }
  if (saved || shown() !== piece) before = tiles;
  else for (const [key, tile] of tiles) before.set(key, tile);
  generation = answer.generation;
  piece = shown();
}

/** Says what the last save changed. */
export function write() {
  at('saved').textContent = said ? t(said) : '';
}

/** Goes to the next place that the last save changed. */
export async function jumpToChange() {
  try {
    const changes = await api.changes('saved');
    const here = changes.find((each) => each.variant === state.variant) ?? changes.find((each) => each.pages.some((page) => page.boxes.length > 0));
    const boxes = (here?.pages ?? []).flatMap(({ page, boxes: places }) => places.map((box) => ({ page, ...box })));
    if (!here || boxes.length === 0) { say(t('no-change')); return; }
    last = (last + 1) % boxes.length;
    const page = boxes[last].page;
    change({ variant: here.variant, page, room: 'page', light: '' });
    flash(boxes);
    bring(boxes[last]);
    say(t('change-of', { number: last + 1, all: boxes.length }));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}
