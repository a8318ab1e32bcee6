// @ts-check
// The piece held to the light: what ink and paper let through, flat or folded. A simulation of designs, no proof of paper.

import * as api from './api.js';
import { at, by, h, settled } from './dom.js';
import { change, state, when } from './state.js';
import { figure, known, t } from './words.js';

const VIEWS = ['front', 'back', 'flat-front', 'flat-back'];
const choice = by('light', HTMLSelectElement), blur = by('blur', HTMLInputElement);
const room = at('light-room'), picture = by('light-picture', HTMLImageElement);

function list() {
  choice.replaceChildren(h('option', { value: '' }, t('light-none')), ...VIEWS.map((view) => h('option', { value: view }, known('light', view))));
  choice.value = state.light;
}

const load = settled(80, () => {
  if (!state.light || !state.piece) return;
  at('light-message').textContent = t('drawing');
  picture.src = api.light(state.piece.piece, state.light, state.blur);
});

function write() {
  const on = state.light !== '';
  choice.value = state.light;
  blur.value = String(state.blur);
  at('blur-value').textContent = `${figure(state.blur, 2)} mm`;
  at('blur-row').hidden = !on;
  room.hidden = !on;
  picture.alt = on ? t('light-alt', { view: known('light', state.light) }) : '';
  if (on) load();
}

/** Begins. */
export function startLight() {
  choice.addEventListener('change', () => change({ light: choice.value, room: 'page' }));
  blur.addEventListener('input', () => change({ blur: blur.valueAsNumber }));
  room.addEventListener('click', () => room.classList.toggle('is-large'));
  room.addEventListener('keydown', (event) => {
    if (event.key === '+' || event.key === '-') room.classList.toggle('is-large', event.key === '+');
  });
  picture.addEventListener('load', () => { at('light-message').textContent = ''; });
  picture.addEventListener('error', () => { at('light-message').textContent = t('no-picture'); });
  when(['language'], list);
  when(['light', 'blur', 'piece', 'language'], write);
  if (!VIEWS.includes(state.light)) change({ light: '' });
  list();
  write();
}
