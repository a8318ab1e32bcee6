// @ts-check
// Many pieces side by side: all variants of a record, all records of a variant, or what a change moves in all variants.
// Only what is on the screen is asked for.

/** @import { Cell, VariantChange } from './types.d.ts' */
import * as api from './api.js';
import { at, by, h, s, settled } from './dom.js';
import { INCH } from './geometry.js';
import { change, state, when } from './state.js';
import { say } from './said.js';
import { picture, want } from './tiles.js';
import { counted, name, t } from './words.js';

/** @typedef {{variant: string, record: string, label: string, boxes: VariantChange['pages'], against?: string}} Wish */

/** The resolution of the small pictures, in pixels of the page. */
const DPI = 28;
/** Cells of one question: the first are there before the last are drawn. */
const BATCH = 6;

const grid = at('cells'), kind = by('gallery-kind', HTMLSelectElement), summary = at('gallery-summary');
/** @type {Map<Element, Wish>} */
const wishes = new Map();
/** @type {Set<Element>} */
const onScreen = new Set();
/** @type {Set<Element>} */
const waiting = new Set();
let asking = false;

const dpi = () => Math.round(DPI * Math.min(2, Math.max(1, devicePixelRatio)) * 2);

/** The value of a fact. Yes and no say nothing by themselves. @param {string} fact @param {string | undefined} value */
const factWords = (fact, value) => (value === 'yes' || value === 'no' ? `${fact}: ${value}` : value);

/** What tells a variant from the others: the facts that have more than one value. @param {string} id */
export function variantWords(id) {
  const variant = state.bench?.variants.find((each) => each.id === id);
  const telling = (state.bench?.facts ?? []).filter((fact) => fact.values.length > 1);
  return variant ? telling.map(({ name: fact }) => factWords(fact, variant.facts[fact])).filter(Boolean).join(' · ') || variant.id : id;
}

/** @param {Cell['pages'][number]} page @param {{x: number, y: number, width: number, height: number}[]} boxes */
function draw(page, boxes) {
  const canvas = h('canvas', { width: page.width, height: page.height, role: 'presentation' });
  canvas.style.aspectRatio = `${page.width} / ${page.height}`;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  for (const tile of page.tiles) {
    want(tile.hash).then(() => {
      const drawn = picture(tile.hash);
      if (drawn) pen.drawImage(drawn, tile.x, tile.y);
    });
  }
  const k = dpi() / INCH;
  const frames = boxes.map((box) => s('rect', { x: box.x * k - 3, y: box.y * k - 3, width: box.width * k + 6, height: box.height * k + 6, class: 'o-flash' }));
  return h('span', { class: 'paper' }, canvas, frames.length > 0 ? s('svg', { viewBox: `0 0 ${page.width} ${page.height}`, 'aria-hidden': 'true' }, ...frames) : null);
}

/** @param {Element} element @param {Cell} cell */
function put(element, cell) {
  const wish = wishes.get(element);
  if (!wish) return;
  const errors = cell.faults.filter((fault) => fault.severity === 'error').length;
  element.querySelector('.papers')?.replaceChildren(
    ...cell.pages.map((page, index) => draw(page, wish.boxes.find((each) => each.page === index + 1)?.boxes ?? [])));
  const note = element.querySelector('.note');
  if (note) note.textContent = errors > 0 ? counted('errors', errors) : '';
  element.classList.toggle('is-bad', errors > 0);
}

/** Asks for the cells that are on the screen and not there yet, a few at a time. */
async function ask() {
  if (asking) return;
  const next = [...waiting].filter((element) => onScreen.has(element)).slice(0, BATCH);
  if (next.length === 0 || state.room === 'page') return;
  asking = true;
  next.forEach((element) => waiting.delete(element));
  try {
    const wished = next.map((element) => /** @type {Wish} */ (wishes.get(element)));
    const cells = await api.cells(dpi(), wished.map(({ variant, record }) => ({ variant, record })));
    next.forEach((element, index) => {
      const cell = cells.find((each) => each.variant === wished[index].variant && each.record === wished[index].record);
      if (cell) put(element, cell);
    });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
  asking = false;
  ask();
}

const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) onScreen.add(target); else onScreen.delete(target);
  }
  ask();
}, { rootMargin: '200px' });

/** @param {Wish} wish */
function entry(wish) {
  const current = wish.variant === state.variant && wish.record === state.record;
  const first = wish.boxes[0]?.page ?? 1;
  const element = h('li', {},
    h('button', { type: 'button', class: 'cell', 'aria-current': current ? 'true' : null, onclick: () => change({ variant: wish.variant, record: wish.record, room: 'page', page: first, light: '', ...wish.against ? { against: wish.against } : {} }) },
      h('span', { class: 'papers', 'aria-hidden': 'true' }), h('span', { class: 'caption' }, wish.label), h('span', { class: 'note' })));
  wishes.set(element, wish);
  waiting.add(element);
  watcher.observe(element);
  return element;
}

/** @param {Wish[]} cells @param {string} words */
function lay(cells, words) {
  watcher.disconnect();
  for (const set of [wishes, onScreen, waiting]) set.clear();
  summary.textContent = words;
  grid.replaceChildren(...cells.map(entry));
}

async function changed() {
  const against = state.against ?? state.bench?.against[0]?.id;
  if (!against) { lay([], t('nothing-to-compare')); return; }
  summary.textContent = t('comparing');
  try {
    const moved = (await api.changes(against)).filter((each) => each.pages.some((page) => page.boxes.length > 0));
    if (state.room !== 'changes') return;
    const all = state.bench?.variants.length ?? 0;
    lay(moved.map(({ variant, pages }) => ({ variant, record: state.record, label: variantWords(variant), boxes: pages, against })),
      moved.length === 0 ? t('moves-nothing', { all }) : t('moves', { count: moved.length, all }));
  } catch (error) {
    lay([], error instanceof Error ? error.message : String(error));
  }
}

const write = settled(0, () => {
  at('gallery-room').hidden = state.room === 'page';
  at('gallery-choice').hidden = state.room !== 'gallery';
  at('gallery-title').textContent = t(state.room === 'changes' ? 'changes' : 'gallery');
  const bench = state.bench;
  if (state.room === 'page' || !bench) { lay([], ''); return; }
  if (state.room === 'changes') { changed(); return; }
  const { variant, record } = state, boxes = /** @type {VariantChange['pages']} */ ([]);
  const cells = state.gallery === 'variants'
    ? bench.variants.map((each) => ({ variant: each.id, record, label: variantWords(each.id), boxes }))
    : bench.records.map((each) => ({ variant, record: each.id, label: name(each), boxes }));
  kind.value = state.gallery;
  lay(cells, t(state.gallery === 'variants' ? 'gallery-of-variants' : 'gallery-of-records', { count: cells.length }));
});

/** Begins. */
export function startGallery() {
  kind.addEventListener('change', () => change({ gallery: /** @type {typeof state.gallery} */ (kind.value) }));
  when(['room', 'gallery', 'bench', 'language', 'against'], write);
  write();
}
