// @ts-check
// The fields as a table: what the picture shows, for those who don't see it, and for those who look one up.

/** @import { Mark } from './types.d.ts' */
import { at, h, rewrite } from './dom.js';
import { line, opener, show, shownValue } from './inspector.js';
import { PRINTED } from './layers.js';
import { state, when } from './state.js';
import { figure, known, markName } from './words.js';

const table = at('fields');

/** A name that may be broken after an underscore. @param {string} name */
const parted = (name) => name.split(/(?<=_)/).flatMap((part, index) => (index > 0 ? [h('wbr'), part] : [part]));

/** @param {Mark} mark @param {number} page @param {boolean} several */
function row(mark, page, several) {
  const name = markName(mark);
  const condition = mark.state ? known('state', mark.state) : known('kind', mark.kind);
  return h('tr', { 'data-mark': mark.id, 'aria-current': mark.id === state.chosen ? 'true' : null },
    h('th', { scope: 'row' }, h('button', { type: 'button', class: 'link', 'data-key': mark.id, title: line(mark) || null, onclick: () => show(mark.id) }, ...parted(name))),
    h('td', { class: 'figures' }, `${figure(mark.x)}`, h('br'), `${figure(mark.y)}`, ...several ? [h('br'), h('span', { class: 'soft' }, `p. ${page}`)] : []),
    h('td', { class: 'mono' }, shownValue(mark.value, 90)),
    h('td', { class: `is-${mark.state}`, title: mark.reason || null }, condition, ' ', opener(mark.id, name)));
}

function write() {
  const pages = state.piece?.pages ?? [];
  const rows = pages.flatMap((page) => page.marks.map((mark) => ({ mark, page: page.page })));
  const rank = (/** @type {Mark} */ mark) => (PRINTED.includes(mark.kind) ? 0 : 1);
  rows.sort((a, b) => a.page - b.page || rank(a.mark) - rank(b.mark) || a.mark.y - b.mark.y || a.mark.x - b.mark.x);
  rewrite(table, ...rows.map(({ mark, page }) => row(mark, page, pages.length > 1)));
  at('fields-count').textContent = String(rows.filter(({ mark }) => PRINTED.includes(mark.kind)).length);
}

function mark() {
  for (const line of table.querySelectorAll('tr')) {
    if (line.dataset.mark === state.chosen) line.setAttribute('aria-current', 'true');
    else line.removeAttribute('aria-current');
  }
}

/** Begins. */
export function startFields() {
  when(['piece', 'language', 'bench'], write);
  when(['chosen'], mark);
  write();
}
