// @ts-check
// What the last save changed on the picture, and the way to it.

/** @import { PageBox, TilePlace, ViewAnswer } from './types.d.ts' */
import * as api from './api.js';
import { at } from './dom.js';
import { flash } from './overlays.js';
import { drawnTiles } from './picture.js';
import { differing } from './pixels.js';
import { say } from './said.js';
import { change, state } from './state.js';
import { picture } from './tiles.js';
import { bring } from './viewer.js';
import { t } from './words.js';

/** @typedef {TilePlace & {page: number, pixel: number}} Drawn */

/** @type {Map<string, Drawn>} The tiles that were drawn before, by page, place and size. */
let before = new Map();
/** @type {{tile: Drawn, old: string}[]} Those in view that the last save changed, with what they were. */
let changed = [];
let generation = -1;
let piece = '';
/** @type {'saved-here' | 'saved-elsewhere' | null} What is said of the last save. */
let said = null;
/** Which of the changes was shown last. */
let last = -1;

const now = () => new Map(drawnTiles().map((tile) => [`${tile.page} ${tile.x} ${tile.y} ${tile.pixel.toFixed(4)}`, tile]));

/** Hears an answer: after a save, finds what changed in view. @param {ViewAnswer} answer */
export function compare(answer) {
  const tiles = now(), shown = `${state.variant} ${state.record}`;
  const saved = answer.generation !== generation && generation >= 0 && shown === piece;
  if (saved && !answer.stale) {
    changed = [...tiles].flatMap(([key, tile]) => {
      const old = before.get(key)?.hash;
      return old && old !== tile.hash ? [{ tile, old }] : [];
    });
    last = -1;
    said = changed.length > 0 ? 'saved-here' : 'saved-elsewhere';
    write();
    at('jump').hidden = false;
    // Once it is drawn.
    if (state.follow) addEventListener('drawn', () => jumpToChange(), { once: true });
  }
  if (shown !== piece) changed = [];
  if (saved || shown !== piece) before = tiles;
  else for (const [key, tile] of tiles) before.set(key, tile);
  generation = answer.generation;
  piece = shown;
}

/** Says what the last save changed. */
export function write() {
  at('saved').textContent = said ? t(said) : '';
}

/** What the last save changed in view, in millimetres. @returns {PageBox[]} */
function inView() {
  return changed.flatMap(({ tile, old }) => {
    const part = differing(tile, picture(old), picture(tile.hash)), k = tile.pixel;
    return part ? [{ page: tile.page, x: (tile.x + part.x) * k, y: (tile.y + part.y) * k, width: part.width * k, height: part.height * k }] : [];
  });
}

/** What the last save changed elsewhere: in this variant, otherwise in the first that has a change. @returns {Promise<PageBox[]>} */
async function elsewhere() {
  const changes = (await api.changes('saved')).filter((each) => each.pages.some((page) => page.boxes.length > 0));
  const found = changes.find((each) => each.variant === state.variant) ?? changes[0];
  if (found) change({ variant: found.variant });
  return (found?.pages ?? []).flatMap(({ page, boxes }) => boxes.map((box) => ({ page, ...box })));
}

/** Goes to the next place that the last save changed. */
export async function jumpToChange() {
  try {
    let boxes = inView();
    if (boxes.length === 0) boxes = await elsewhere();
    if (boxes.length === 0) { say(t('no-change')); return; }
    last = (last + 1) % boxes.length;
    change({ page: boxes[last].page, room: 'page', light: '' });
    flash(boxes);
    bring(boxes[last]);
    say(t('change-of', { number: last + 1, all: boxes.length }));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}
