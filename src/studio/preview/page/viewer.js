// @ts-check
// The stage: which part of which pages is in view, and how large. Zoom and place change by the designer's hand alone.

/** @import { PageBox } from './types.d.ts' */
import { at, settled, stillness } from './dom.js';
import { INCH, holds, shared, sharp, sideBySide, step } from './geometry.js';
import { found, shownPages, state } from './state.js';

/** Free space around the pages, in pixels of the page: for the envelope around the sheet, and its name. */
const MARGIN = 28;
const KEPT = 'pli-preview-zoom';

const scroller = at('scroller'), space = at('space');
/** @type {(() => void)[]} */
const movers = [];
/** @type {{places: PageBox[], width: number, height: number}} */
let layout = { places: [], width: 0, height: 0 };
let dpi = 0;
/** @type {'page' | 'width' | null} */
let fitted = 'page';

/** Calls `act` after the view has moved, grown or shrunk. @param {() => void} act */
export const onMove = (act) => { movers.push(act); };
/** The resolution of the view on the screen. */
export const resolution = () => dpi;
/** The resolution of the press. */
export const press = () => state.bench?.sheet?.dpi ?? 600;
/** How the view was fitted, or null once it is zoomed by hand. */
export const fittedTo = () => fitted;
/** The size of the view, in pixels of the page. */
export const size = () => ({ width: scroller.clientWidth, height: scroller.clientHeight });
/** Pixels of the page to a millimetre. */
export const scale = () => dpi / INCH / devicePixelRatio;

function origin() {
  const { width, height } = size(), k = scale();
  return {
    left: Math.max(MARGIN, (width - layout.width * k) / 2) - scroller.scrollLeft,
    top: Math.max(MARGIN, (height - layout.height * k) / 2) - scroller.scrollTop,
  };
}

/** Where the shown pages stand in the view, in pixels of the page. @returns {PageBox[]} */
export function pagePlaces() {
  const { left, top } = origin(), k = scale();
  return layout.places.map(({ page, x, y, width, height }) => (
    { page, x: left + x * k, y: top + y * k, width: width * k, height: height * k }));
}

/** The parts of pages that are in view, in millimetres. @returns {PageBox[]} */
export function inView() {
  const k = scale(), window = { x: 0, y: 0, ...size() };
  return pagePlaces().flatMap((place) => {
    const part = shared(place, window);
    return part ? [{ page: place.page, x: (part.x - place.x) / k, y: (part.y - place.y) / k, width: part.width / k, height: part.height / k }] : [];
  });
}

/** The page and the place on it under a point of the screen, or null. @param {number} clientX @param {number} clientY */
export function pointed(clientX, clientY) {
  const frame = scroller.getBoundingClientRect(), k = scale();
  const x = clientX - frame.left, y = clientY - frame.top;
  const place = pagePlaces().find((page) => holds(page, x, y));
  return place ? { page: place.page, x: (x - place.x) / k, y: (y - place.y) / k } : null;
}

function resize() {
  const k = scale(), { width, height } = size();
  space.style.width = `${Math.max(width, layout.width * k + 2 * MARGIN)}px`;
  space.style.height = `${Math.max(height, layout.height * k + 2 * MARGIN)}px`;
}

const keep = settled(300, () => {
  try { sessionStorage.setItem(KEPT, JSON.stringify([fitted, dpi, scroller.scrollLeft, scroller.scrollTop])); } catch { /* nothing is kept */ }
});

function moved() {
  keep();
  movers.forEach((act) => act());
}

/**
 * Zooms; the place under a point of the screen stays there. Without a point it is the view's middle.
 * @param {number} wished @param {number} [clientX] @param {number} [clientY]
 */
export function zoomTo(wished, clientX, clientY) {
  const frame = scroller.getBoundingClientRect(), before = origin(), k = scale();
  const x = (clientX ?? frame.left + frame.width / 2) - frame.left, y = (clientY ?? frame.top + frame.height / 2) - frame.top;
  const [mmX, mmY] = [(x - before.left) / k, (y - before.top) / k];
  fitted = null;
  dpi = sharp(wished, press());
  resize();
  const after = origin(), now = scale();
  scroller.scrollLeft += after.left + mmX * now - x;
  scroller.scrollTop += after.top + mmY * now - y;
  moved();
}

/** The middle of what is chosen, as a point of the screen, if it is in view. @returns {[number, number] | []} */
function chosenPoint() {
  const choice = state.chosen ? found(state.chosen) : null, k = scale(), frame = scroller.getBoundingClientRect();
  const place = pagePlaces().find((page) => page.page === choice?.page.page);
  if (!choice || !place) return [];
  const x = place.x + (choice.part.x + choice.part.width / 2) * k, y = place.y + (choice.part.y + choice.part.height / 2) * k;
  return holds({ x: 0, y: 0, ...size() }, x, y) ? [frame.left + x, frame.top + y] : [];
}

/** One step nearer or further, around what is chosen. @param {1 | -1} way */
export const zoomStep = (way) => zoomTo(step(dpi, press(), way), ...chosenPoint());

/** Fits the shown pages into the view. @param {'page' | 'width'} how */
export function fit(how) {
  if (layout.width === 0) return;
  const { width, height } = size();
  const across = (width - 2 * MARGIN) / layout.width, down = (height - 2 * MARGIN) / layout.height;
  const k = how === 'width' ? across : Math.min(across, down);
  dpi = Math.max(20, Math.floor(k * INCH * devicePixelRatio));
  if (dpi > press()) dpi = sharp(dpi, press());
  fitted = how;
  resize();
  moved();
}

/** Takes up the pages that are shown now. The zoom stays. */
export function relayout() {
  const before = layout;
  layout = sideBySide(shownPages());
  if (layout.width === 0) return moved();
  if (dpi === 0) return restore();
  if (fitted && (before.width !== layout.width || before.height !== layout.height)) return fit(fitted);
  resize();
  return moved();
}

function restore() {
  fit('page');
  try {
    const [how, zoom, left, top] = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]');
    if (how === 'page' || how === 'width') fit(how);
    else if (typeof zoom === 'number' && zoom >= 20) {
      zoomTo(zoom);
      scroller.scrollTo(left, top);
    }
  } catch { /* nothing was kept */ }
}

/** Scrolls by pixels of the page. @param {number} x @param {number} y */
export const scrollBy = (x, y) => scroller.scrollBy({ left: x, top: y, behavior: 'instant' });

/** Brings a rectangle of a page into the view's middle; zooms out if it is larger, in if it could not be seen. @param {PageBox} box */
export function bring(box) {
  const { width, height } = size(), most = Math.min(width / (box.width + 10), height / (box.height + 10));
  if (scale() > most) zoomTo(most * INCH * devicePixelRatio);
  else if (Math.max(box.width, box.height) * scale() < 12) zoomTo(Math.min(most, 40 / Math.max(box.width, box.height, 1)) * INCH * devicePixelRatio);
  const place = pagePlaces().find((page) => page.page === box.page);
  if (!place) return;
  const k = scale();
  scroller.scrollBy({
    left: place.x + (box.x + box.width / 2) * k - width / 2, top: place.y + (box.y + box.height / 2) * k - height / 2,
    behavior: stillness() ? 'instant' : 'smooth',
  });
}


scroller.addEventListener('scroll', moved, { passive: true });
// At the next picture of the screen: within the observer's own turn the space must not grow.
new ResizeObserver(() => requestAnimationFrame(() => {
  if (fitted) fit(fitted);
  else if (dpi > 0) { resize(); moved(); }
})).observe(scroller);
