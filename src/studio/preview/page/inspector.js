// @ts-check
// What lies under the pointer, and what is chosen: the designer's own line, its place, its type and the room that is left.

/** @import { Item, Mark, PiecePage } from './types.d.ts' */
import * as api from './api.js';
import { at, h, rewrite } from './dom.js';
import { holds } from './geometry.js';
import { change, found, state, when } from './state.js';
import { say } from './said.js';
import { bring, pointed, scale } from './viewer.js';
import { figure, known, t } from './words.js';

const panel = at('chosen'), hover = at('hover');
/** What surrounds others, and is meant only where nothing else is. */
const AROUND = ['safe', 'window', 'card', 'panel-inside', 'panel-outside', 'fold'];

/** What a part is called. @param {Mark | Item} part */
export function title(part) {
  if ('name' in part && part.name) return part.name;
  if ('text' in part && part.text) return `“${part.text.length > 40 ? `${part.text.slice(0, 40)}…` : part.text}”`;
  return known('kind', part.kind);
}

/** The file, line and column of a part or fault, or ''. @param {{file: string | null, line: number | null, column: number | null}} part */
export const line = (part) => (part.file ? [part.file, part.line, part.column].filter((piece) => piece !== null && piece !== undefined).join(':') : '');

/** A rectangle in words. @param {{x: number, y: number, width: number, height: number}} box */
export const place = (box) => `x ${figure(box.x)} · y ${figure(box.y)} · ${figure(box.width)} × ${figure(box.height)} mm`;

/** The smallest part under a place. @param {PiecePage} page @param {number} x @param {number} y @returns {Mark | Item | null} */
export function under(page, x, y) {
  const margin = 3 / scale();
  /** @param {(Mark | Item)[]} parts */
  const smallest = (parts) => parts.filter((part) => holds(part, x, y, margin))
    .sort((a, b) => a.width * a.height - b.width * b.height)[0] ?? null;
  return smallest([...page.marks.filter((mark) => !AROUND.includes(mark.kind)), ...page.items])
    ?? smallest(page.marks.filter((mark) => AROUND.includes(mark.kind)));
}

/** The part under a point of the screen. @param {number} clientX @param {number} clientY */
export function partAt(clientX, clientY) {
  const spot = pointed(clientX, clientY);
  const page = spot && state.piece?.pages.find((candidate) => candidate.page === spot.page);
  return page && spot ? under(page, spot.x, spot.y) : null;
}

/** Says the place under the pointer. @param {number} clientX @param {number} clientY */
export function point(clientX, clientY) {
  const spot = pointed(clientX, clientY), part = partAt(clientX, clientY);
  const words = spot ? `x ${figure(spot.x)}  y ${figure(spot.y)} mm` : '';
  hover.textContent = part ? `${words} · ${title(part)}` : words;
}

/** Chooses what lies under a point of the screen. @param {number} clientX @param {number} clientY */
export function choose(clientX, clientY) {
  const part = partAt(clientX, clientY);
  change({ chosen: part?.id ?? null });
  say(part ? [title(part), line(part)].filter(Boolean).join(', ') : '');
}

/** Chooses a part and brings it into view. @param {string} id */
export function show(id) {
  const choice = found(id);
  if (!choice) return;
  change({ room: 'page', light: '', page: choice.page.page, chosen: id });
  bring({ ...choice.part, page: choice.page.page });
}

/** Opens a place in the editor. @param {string | null} id */
export async function openInEditor(id) {
  if (!id) return;
  if (!state.bench?.editor) { say(t('no-editor')); return; }
  try {
    await api.open(id);
    say(t('opened'));
  } catch (error) {
    say(error instanceof api.Refusal ? `${error.message} ${error.advice}` : String(error));
  }
}

/** A button that opens a place in the editor, or nothing. @param {string | null} id @param {string} what */
export function opener(id, what) {
  if (!id || !state.bench?.editor) return null;
  return h('button', { type: 'button', class: 'quiet', 'data-key': `open ${id}`, 'aria-label': t('open-what', { what }), onclick: () => openInEditor(id) }, t('open'));
}

/** A row of the panel; nothing without a value. @param {string} term @param {string | null | undefined} value @param {string} [style] */
const row = (term, value, style = '') => (value ? [h('dt', {}, term), h('dd', { class: style }, value)] : []);

/** @param {number | null | undefined} size */
const points = (size) => (size === null || size === undefined ? '' : `${figure(size)} pt`);

/** @param {Mark | Item} part */
function type(part) {
  const set = 'set_pt' in part && part.set_pt && part.set_pt !== part.size_pt ? ` → ${points(part.set_pt)}` : '';
  return [part.font, part.size_pt ? `${points(part.size_pt)}${set}` : ''].filter(Boolean).join(' · ');
}

/** @param {Mark} mark */
function markRows(mark) {
  const room = mark.room_mm === null || mark.room_mm === undefined ? '' : `${figure(mark.room_mm)} mm`;
  return [
    ...row(t('value'), mark.value, 'mono'),
    ...row(t('room'), room),
    ...row(t('lines'), mark.lines ? t('lines-of', { used: mark.lines_used ?? 0, all: mark.lines }) : ''),
    ...row(t('state'), mark.state ? [known('state', mark.state), mark.reason].filter(Boolean).join(': ') : '', `is-${mark.state}`),
    ...row(t('holds'), mark.holds?.join(', ')),
  ];
}

function describe() {
  const choice = state.chosen ? found(state.chosen) : null;
  if (!choice) {
    panel.replaceChildren(h('p', { class: 'soft' }, t('choose-something')));
    return;
  }
  const { part, page } = choice, name = title(part);
  const source = line(part);
  rewrite(panel,
    h('p', { class: 'source' }, h('code', { id: 'source' }, source || t('no-line')), opener(part.id, name)),
    h('dl', {},
      ...row(t('name'), `${name === known('kind', part.kind) ? '' : `${name} · `}${known('kind', part.kind)}`),
      ...row(t('place'), `${place(part)} · ${t('page-n', { page: page.page })}`),
      ...row(t('type'), type(part)),
      ...'text' in part ? row(t('text'), part.text) : markRows(/** @type {Mark} */ (part))));
}

/** Begins. */
export function startInspector() {
  when(['chosen', 'piece', 'language', 'bench'], describe);
  describe();
}
