// @ts-check
// The sheet in its envelope: moved as far as it can go, and what each window then shows or loses, in words.

/** @import { WindowView } from './types.d.ts' */
import * as api from './api.js';
import { at, by, h, settled } from './dom.js';
import { clamp, holds } from './geometry.js';
import { change, shows, state, when } from './state.js';
import { pointed } from './viewer.js';
import { figure, t } from './words.js';

const across = by('dx', HTMLInputElement), down = by('dy', HTMLInputElement), place = at('windows');

const play = () => state.bench?.sheet.envelope?.play_mm ?? { x: 0, y: 0 };

/** Moves the sheet, to its limits. @param {number} dx @param {number} dy */
export function moveSheet(dx, dy) {
  const { x, y } = play();
  const tenth = (/** @type {number} */ value) => Math.round(value * 10) / 10;
  change({ dx: clamp(tenth(dx), -x, x), dy: clamp(tenth(dy), -y, y) });
}

/** True if a window is under a point of the screen, and can be dragged. @param {number} clientX @param {number} clientY */
export function onWindow(clientX, clientY) {
  const spot = shows('windows') ? pointed(clientX, clientY) : null, { x, y } = play();
  if (!spot || (x === 0 && y === 0)) return false;
  const page = state.piece?.pages.find((each) => each.page === spot.page);
  return page?.marks.some((mark) => mark.kind === 'window' && holds({ ...mark, x: mark.x - state.dx, y: mark.y - state.dy }, spot.x, spot.y)) ?? false;
}

/** @param {WindowView} window */
function words(window) {
  const mark = state.piece?.pages.flatMap((page) => page.marks).find((each) => each.id === window.id);
  const shown = window.shows.map(({ name, part_percent: part }) => (part >= 99.5 ? name : t('part-of', { name, percent: Math.round(part) })));
  return h('li', { class: window.loses.length > 0 ? 'is-bad' : '' },
    h('strong', {}, mark?.name ?? t('kind-window')), ' ',
    shown.length === 0 ? t('shows-nothing') : t('shows', { what: shown.join(', ') }), ' ',
    ...window.loses.map(({ name, by_mm: lost }) => h('span', { class: 'loses' }, t('loses', { name, mm: figure(lost) }), ' ')));
}

const ask = settled(60, async () => {
  if (!state.piece || !shows('windows')) return;
  const { piece } = state.piece;
  try {
    const views = await api.windows(piece, state.dx, state.dy);
    if (state.piece.piece === piece) place.replaceChildren(...views.map(words));
  } catch (error) {
    place.replaceChildren(h('li', {}, error instanceof Error ? error.message : String(error)));
  }
});

function write() {
  const { x, y } = play(), shape = state.bench?.sheet.envelope;
  for (const [input, most, value] of /** @type {const} */ ([[across, x, state.dx], [down, y, state.dy]])) {
    input.min = String(-most);
    input.max = String(most);
    input.disabled = most === 0;
    input.value = String(value);
  }
  at('dx-value').textContent = `${figure(state.dx)} mm`;
  at('dy-value').textContent = `${figure(state.dy)} mm`;
  at('envelope-row').hidden = !shows('windows') || !shape;
  at('envelope-name').textContent = [
    shape?.name, shape?.width_mm && shape.height_mm ? `${shape.width_mm} × ${shape.height_mm} mm` : '', t('play', { x: figure(x), y: figure(y) }),
  ].filter(Boolean).join(' · ');
}

/** Begins. */
export function startEnvelope() {
  across.addEventListener('input', () => moveSheet(across.valueAsNumber, state.dy));
  down.addEventListener('input', () => moveSheet(state.dx, down.valueAsNumber));
  at('centre').addEventListener('click', () => moveSheet(0, 0));
  when(['bench'], () => moveSheet(state.dx, state.dy));
  when(['bench', 'dx', 'dy', 'overlays', 'language'], write);
  when(['piece', 'dx', 'dy', 'overlays', 'language'], ask);
  write();
}
