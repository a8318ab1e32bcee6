// @ts-check
// The keyboard. Nothing is taken from a form field, from a dialog, or from a key with Ctrl, Alt or Meta.

import { at, by, h, takesKeys } from './dom.js';
import { jumpToChange } from './changed.js';
import { turn } from './choices.js';
import { toggleDifference } from './difference.js';
import { openInEditor } from './inspector.js';
import { flash, toggleOverlays } from './overlays.js';
import { change, state, when } from './state.js';
import { fit, scrollBy, size, zoomStep } from './viewer.js';
import { t } from './words.js';

/** @import { Word } from './words.js' */

const help = by('help', HTMLDialogElement), scroller = at('scroller');

/** What the help lists. @type {[string[], Word][]} */
const LISTED = [
  [['←', '→', '↑', '↓'], 'key-move'], [['+', '−'], 'key-zoom'], [['0'], 'key-fit'], [['w'], 'key-width'], [['f'], 'key-full'],
  [['n', 'p'], 'key-pages'], [['o'], 'key-overlays'], [['d'], 'key-difference'], [['c'], 'key-change'], [['g'], 'key-gallery'],
  [['Enter'], 'key-open'], [['?'], 'key-help'], [['Esc'], 'key-close'],
];

/** @param {number} x @param {number} y */
const pan = (x, y) => { const { width, height } = size(); scrollBy(x * width / 8, y * height / 8); };

/** @type {Record<string, () => void>} */
const ACTS = {
  ArrowLeft: () => pan(-1, 0), ArrowRight: () => pan(1, 0), ArrowUp: () => pan(0, -1), ArrowDown: () => pan(0, 1),
  '+': () => zoomStep(1), '=': () => zoomStep(1), '-': () => zoomStep(-1), '−': () => zoomStep(-1),
  0: () => fit('page'), w: () => fit('width'), f: () => full(!state.full),
  n: () => turn(1), p: () => turn(-1), o: toggleOverlays, d: toggleDifference, c: jumpToChange,
  g: () => change({ room: state.room === 'gallery' ? 'page' : 'gallery' }),
  '?': openHelp,
};

/** The picture alone, over the whole window. @param {boolean} on */
export function full(on) {
  change({ full: on });
  document.documentElement.classList.toggle('is-full', on);
  at('full').setAttribute('aria-pressed', String(on));
}

/** Opens the help. */
export function openHelp() {
  help.showModal();
}

/** Esc closes what was opened last: the whole window, the light, the gallery, the choice. */
function close() {
  if (state.full) full(false);
  else if (state.light) change({ light: '' });
  else if (state.room !== 'page') change({ room: 'page' });
  else { change({ chosen: null }); flash([]); }
}

/** Keys that move the picture only while it, or nothing, has the focus. @param {EventTarget | null} target */
const onPicture = (target) => target === scroller || target === document.body;

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector('dialog[open]')) return;
  if (takesKeys(event.target)) return;
  if (event.key === 'Escape') { close(); return; }
  if (event.key === 'Enter' && onPicture(event.target)) { openInEditor(state.chosen); return; }
  if (!state.shortcuts) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key.startsWith('Arrow') && (!onPicture(event.target) || state.room !== 'page')) return;
  const act = ACTS[key];
  if (!act) return;
  event.preventDefault();
  act();
}

function write() {
  at('keys').replaceChildren(...LISTED.map(([keys, word]) => h('tr', {},
    h('th', { scope: 'row' }, ...keys.flatMap((key) => [h('kbd', {}, key), ' '])), h('td', {}, t(word)))));
}

/** Begins. */
export function startKeys() {
  const shortcuts = by('shortcuts', HTMLInputElement);
  shortcuts.checked = state.shortcuts;
  shortcuts.addEventListener('change', () => change({ shortcuts: shortcuts.checked }));
  document.addEventListener('keydown', pressed);
  at('open-help').addEventListener('click', openHelp);
  at('close-help').addEventListener('click', () => help.close());
  at('zoom-in').addEventListener('click', () => zoomStep(1));
  at('zoom-out').addEventListener('click', () => zoomStep(-1));
  at('fit-page').addEventListener('click', () => fit('page'));
  at('fit-width').addEventListener('click', () => fit('width'));
  at('full').addEventListener('click', () => full(!state.full));
  when(['language'], write);
  write();
}
