// @ts-check
// The picture: asks for the tiles in view, and draws them dot for dot. What was drawn stays until all that replaces it is decoded.

/** @import { Fault, PageBox, PageTiles, TilePlace, ViewAnswer } from './types.d.ts' */
import * as api from './api.js';
import { by } from './dom.js';
import { INCH, shared } from './geometry.js';
import { change, state } from './state.js';
import { compareWith, paintTile } from './difference.js';
import { picture, settledTile, tidy, want } from './tiles.js';
import { inView, onMove, pagePlaces, press, resolution, scale, size } from './viewer.js';

/** @typedef {{width: number, height: number, tiles: Map<string, TilePlace>}} FramePage */
/** @typedef {{key: string, shows: string, generation: number, pages: Map<number, FramePage>}} Frame */

/** The shadow of the paper, a step of four. */
const SHADOW = '#0000001c';

const canvas = by('picture', HTMLCanvasElement);
const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: true }));

/** @type {Frame[]} What is drawn, the newest last. */
let frames = [];
/** The newest generation that was drawn whole. */
let drawn = -1;
let waiting = false;
let asking = false;
let again = false;
/** Tiles that could not be had are asked for a few times more. */
let retries = 3;
/** @type {(answer: ViewAnswer) => void} */
let heard = () => {};
/** @type {(error: unknown) => void} */
let refused = () => {};

/** Hears every answer, and every refusal. @param {(answer: ViewAnswer) => void} answer @param {(error: unknown) => void} refusal */
export function onAnswer(answer, refusal) {
  heard = answer;
  refused = refusal;
}

/** The resolution of the tiles: that of the screen, at most the press's own. */
const tileResolution = () => Math.min(resolution(), press());

function order() {
  const dpi = tileResolution(), k = dpi / INCH;
  const pages = inView().map(({ page, x, y, width, height }) => {
    const left = Math.floor(x * k), top = Math.floor(y * k);
    return { page, x: left, y: top, width: Math.ceil((x + width) * k) - left, height: Math.ceil((y + height) * k) - top };
  });
  return { client: api.client, variant: state.variant, record: state.record, against: state.against, dpi, pages };
}

/** Asks for what is in view. While an answer is awaited, only the last wish is kept. */
export async function ask() {
  if (asking) { again = true; return; }
  if (!state.variant || !state.record || resolution() === 0 || state.room !== 'page') return;
  const asked = order();
  if (asked.pages.length === 0) return;
  asking = true;
  try {
    const answer = await api.view(asked);
    if (asked.variant === state.variant && asked.record === state.record) take(answer);
  } catch (error) {
    refused(error);
  }
  asking = false;
  if (again) { again = false; ask(); }
}

/** Takes an answer: of a question, or of a save. @param {ViewAnswer} answer */
export function take(answer) {
  // What is said of the picture comes after the tiles are asked for.
  const say = () => change({ stale: answer.stale, recordFaults: sameFaults(answer.faults) });
  if (answer.piece === null) { say(); return; }
  const widths = answer.pages.map((page) => `${page.page}:${page.width}`).join();
  const shows = [answer.piece, answer.generation, state.against ?? ''].join(' '), key = `${shows} ${widths}`;
  let frame = frames.at(-1);
  if (!frame || frame.key !== key) {
    frame = { key, shows, generation: answer.generation, pages: new Map() };
    frames = [...frames.slice(0, 1), frame];
  }
  for (const page of answer.pages) add(frame, page);
  if (answer.against !== null && answer.against === state.against) compareWith(answer.pages.flatMap((page) => page.tiles));
  heard(answer);
  if (complete(frame)) draw();
  say();
}

/** The faults of an answer, or those that are shown if they are the same. @param {Fault[]} faults */
const sameFaults = (faults) => (JSON.stringify(faults) === JSON.stringify(state.recordFaults) ? state.recordFaults : faults);

/** @param {Frame} frame @param {PageTiles} page */
function add(frame, { page, width, height, tiles }) {
  const known = frame.pages.get(page) ?? { width, height, tiles: new Map() };
  frame.pages.set(page, known);
  for (const tile of tiles) {
    known.tiles.set(`${tile.x} ${tile.y}`, tile);
    for (const hash of hashes(tile)) if (!settledTile(hash)) want(hash).then(() => came(frame));
  }
}

/** @param {TilePlace} tile */
const hashes = (tile) => (tile.before && tile.before !== tile.hash ? [tile.hash, tile.before] : [tile.hash]);

/** @param {Frame} frame */
const complete = (frame) => [...frame.pages.values()].every((page) => [...page.tiles.values()].every((tile) => hashes(tile).every(settledTile)));

/** @param {Frame} frame */
function came(frame) {
  if (frame !== frames.at(-1)) return;
  if (complete(frame) || frame.shows === frames[0].shows) draw();
  if (!complete(frame)) return;
  const failed = [...frame.pages.values()].some((page) => [...page.tiles.values()].some((tile) => !picture(tile.hash)));
  if (!failed) retries = 3;
  else if (retries > 0) { retries -= 1; setTimeout(ask, 500); }
}

/** Draws at the next picture of the screen. */
export function drawSoon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; draw(); });
}

function fitCanvas() {
  const { width, height } = size(), ratio = devicePixelRatio;
  const across = Math.round(width * ratio), down = Math.round(height * ratio);
  if (canvas.width === across && canvas.height === down) return;
  canvas.width = across;
  canvas.height = down;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
}

function draw() {
  fitCanvas();
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const newest = frames.at(-1), whole = newest !== undefined && complete(newest);
  if (whole) frames = [newest];
  for (const place of pagePlaces()) drawPage(place, whole);
  if (!whole) return;
  tidy(new Set(frames.flatMap((frame) => [...frame.pages.values()].flatMap((page) => [...page.tiles.values()].flatMap(hashes)))));
  told(newest.generation);
}

/** Says that a generation is on the screen. @param {number} generation */
function told(generation) {
  if (generation === drawn) return;
  drawn = generation;
  canvas.dataset.generation = String(generation);
  canvas.dispatchEvent(new CustomEvent('drawn', { bubbles: true, detail: { generation } }));
}

/** @param {PageBox} place @param {boolean} whole */
function drawPage(place, whole) {
  const ratio = devicePixelRatio;
  const left = Math.round(place.x * ratio), top = Math.round(place.y * ratio);
  const width = Math.round(place.width * ratio), height = Math.round(place.height * ratio);
  pen.fillStyle = SHADOW;
  for (let edge = 1; edge <= 4; edge += 1) pen.fillRect(left - edge, top - edge + 2, width + 2 * edge, height + 2 * edge);
  pen.fillStyle = '#fff';
  pen.fillRect(left, top, width, height);
  // Tiles of the same picture, nearer or further, may come one by one; another picture comes at once.
  const layers = whole ? frames : frames.filter((frame) => frame.shows === frames[0].shows);
  for (const frame of layers) {
    const page = frame.pages.get(place.page);
    if (page) drawTiles(page, left, top, place.width * ratio / page.width);
  }
}

/** @param {FramePage} page @param {number} left @param {number} top @param {number} stretched */
function drawTiles(page, left, top, stretched) {
  // A page is a whole number of dots, so its millimetres may be a part of a dot more or less.
  const dots = Math.round(stretched), k = dots >= 1 && Math.abs(stretched - dots) < 0.005 * dots ? dots : stretched;
  const window = { x: 0, y: 0, width: canvas.width, height: canvas.height };
  // Dots of the press stay dots; a coarser picture that waits for its tiles is smoothed.
  pen.imageSmoothingEnabled = resolution() <= press() || k !== dots;
  for (const tile of page.tiles.values()) {
    const x = left + Math.round(tile.x * k), y = top + Math.round(tile.y * k);
    const place = { x, y, width: left + Math.round((tile.x + tile.width) * k) - x, height: top + Math.round((tile.y + tile.height) * k) - y };
    if (shared(place, window)) paintTile(pen, tile, place, picture);
  }
}

/** The tiles that are drawn, of all pages; `pixel` is a pixel's size in millimetres. @returns {(TilePlace & {page: number, pixel: number})[]} */
export function drawnTiles() {
  const frame = frames.at(-1), places = pagePlaces();
  if (!frame) return [];
  return [...frame.pages].flatMap(([page, { width, tiles }]) => {
    const place = places.find((shown) => shown.page === page);
    return place ? [...tiles.values()].map((tile) => ({ ...tile, page, pixel: place.width / scale() / width })) : [];
  });
}

onMove(() => { drawSoon(); ask(); });
