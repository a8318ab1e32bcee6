// @ts-check
// The overlays over the picture, each with a switch and its key; and the frames of what is chosen, read, wrong or changed.

/** @import { PageBox, SymbolRead } from './types.d.ts' */
import { at, by, h, s, settled } from './dom.js';
import { LAYERS, rect } from './layers.js';
import { change, found, shows, state, switchOverlay, when, shownPages } from './state.js';
import { say } from './said.js';
import { onMove, pagePlaces, scale, size } from './viewer.js';
import { known, t } from './words.js';

const svg = by('overlay', SVGSVGElement), list = at('overlays');
/** @type {Map<number, SVGGElement>} */
const groups = new Map();
/** @type {SymbolRead[]} What is read on the shown page. */
let read = [];
/** @type {PageBox[]} What is pointed out. */
let flashes = [];
/** The overlays that were on before all were switched off. */
let before = ['folds', 'windows', 'frames'];

/** Shows what a scanner reads. @param {SymbolRead[]} symbols */
export function showRead(symbols) {
  read = symbols;
  rebuild();
}

/** Points places out until something else is pointed out. @param {PageBox[]} boxes */
export function flash(boxes) {
  flashes = boxes;
  rebuild();
}

/** The key o: all off, or those that were on. */
export function toggleOverlays() {
  if (state.overlays.length > 0) {
    before = state.overlays;
    change({ overlays: [] });
    say(t('overlays-off'));
  } else {
    change({ overlays: before });
    say(t('overlays-on'));
  }
}

/** Draws all overlays anew. */
export function rebuild() {
  groups.clear();
  for (const page of shownPages()) {
    const parts = Object.entries(LAYERS).filter(([name]) => shows(name)).flatMap(([, layer]) => layer(page));
    groups.set(page.page, s('g', {}, ...parts, ...faults(page.page), ...symbols(page.page), ...pointed(page.page), ...chosen(page.page)));
  }
  svg.replaceChildren(...groups.values());
  follow();
}

/** @param {number} page @returns {Element[]} */
function faults(page) {
  return [...state.recordFaults, ...state.bench?.faults ?? []].flatMap((fault) => fault.boxes
    .filter((box) => box.page === page && (box.variant === null || box.variant === state.variant))
    .map((box) => rect(box, `o-fault is-${fault.severity}`)));
}

/** @param {number} page @returns {Element[]} */
function symbols(page) {
  if (page !== state.page) return [];
  return read.filter((symbol) => symbol.dpi === 300)
    .map((symbol) => s('polygon', { points: symbol.polygon.map((point) => point.join(',')).join(' '), class: `o-read ${symbol.ok ? '' : 'is-wrong'}` }));
}

/** @param {number} page @returns {Element[]} */
const pointed = (page) => flashes.filter((box) => box.page === page)
  .map((box) => rect({ x: box.x - 1, y: box.y - 1, width: box.width + 2, height: box.height + 2 }, 'o-flash', { rx: 0.8 }));

/** @param {number} page @returns {Element[]} */
function chosen(page) {
  const choice = state.chosen ? found(state.chosen) : null;
  return choice && choice.page.page === page ? [rect(choice.part, 'o-chosen')] : [];
}

/** Follows the view. */
function follow() {
  const k = scale(), { width, height } = size();
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.style.width = `${width}px`;
  svg.style.height = `${height}px`;
  for (const { page, x, y } of pagePlaces()) {
    const group = groups.get(page);
    group?.setAttribute('transform', `translate(${x} ${y}) scale(${k})`);
    group?.setAttribute('font-size', String(11 / k));
    group?.classList.toggle('is-near', k > 5);
    group?.classList.toggle('is-far', k < 1.2);
  }
}

function switches() {
  list.replaceChildren(...Object.keys(LAYERS).reverse().map((name) => h('li', {},
    h('label', {},
      h('input', { type: 'checkbox', checked: shows(name), 'data-overlay': name, onchange: (/** @type {Event} */ event) => switchOverlay(name, /** @type {HTMLInputElement} */ (event.target).checked) }),
      h('span', { class: `key key-${name}`, 'aria-hidden': 'true' }),
      known('overlay', name)))));
}

function checks() {
  for (const box of list.querySelectorAll('input')) box.checked = shows(box.dataset.overlay ?? '');
  at('baseline-row').hidden = !shows('baselines');
  at('ink-row').hidden = !shows('ink');
  at('ink-figures').textContent = (state.piece?.pages ?? []).map((page) => t('coverage', { page: page.page, percent: page.coverage_percent.toFixed(1) })).join(' · ');
}

/** Begins. */
export function startOverlays() {
  const pitch = by('pitch', HTMLInputElement), offset = by('offset', HTMLInputElement);
  pitch.value = String(state.pitch);
  offset.value = String(state.offset);
  pitch.addEventListener('input', () => { if (pitch.valueAsNumber >= 0.5) change({ pitch: pitch.valueAsNumber }); });
  offset.addEventListener('input', () => { if (offset.valueAsNumber >= 0) change({ offset: offset.valueAsNumber }); });
  when(['language'], () => { switches(); checks(); });
  when(['overlays', 'piece'], checks);
  const soon = settled(0, rebuild);
  when(['overlays', 'piece', 'page', 'spread', 'chosen', 'recordFaults', 'bench', 'dx', 'dy', 'pitch', 'offset', 'language'], soon);
  onMove(follow);
  switches();
  checks();
}
