// @ts-check
// What a scanner reads on the page that is shown, at 150, 200 and 300 dots an inch. It is asked only while its panel is open.

/** @import { SymbolRead } from './types.d.ts' */
import * as api from './api.js';
import { at, by, h, settled } from './dom.js';
import { showRead } from './overlays.js';
import { state, when } from './state.js';
import { known, t } from './words.js';

const panel = by('scanner-panel', HTMLDetailsElement), place = at('scanner');
const RESOLUTIONS = [150, 200, 300];

/** @param {SymbolRead} symbol */
function verdict(symbol) {
  const wrong = symbol.expected !== null && symbol.text !== symbol.expected;
  return h('li', { class: symbol.ok ? 'is-good' : 'is-bad' },
    h('span', { class: 'tag' }, symbol.format === 'DataMatrix' ? 'Data Matrix' : 'Code 39'),
    ' ', h('code', {}, symbol.text),
    ' ', h('strong', {}, t(symbol.ok ? 'read-right' : 'read-wrong')),
    wrong && h('span', {}, ` ${t('expected', { text: symbol.expected ?? '' })}`),
    symbol.signature && h('span', { class: 'soft' }, ` ${known('signature', symbol.signature)}`));
}

/** @param {SymbolRead[]} symbols */
function write(symbols) {
  place.replaceChildren(...RESOLUTIONS.flatMap((dpi) => {
    const here = symbols.filter((symbol) => symbol.dpi === dpi);
    return [
      h('h3', {}, `${dpi} dpi`),
      here.length === 0 ? h('p', { class: 'soft' }, t('nothing-read')) : h('ul', { class: 'plain' }, ...here.map(verdict)),
    ];
  }));
}

const read = settled(150, async () => {
  if (!panel.open || !state.piece) { showRead([]); return; }
  const { piece } = state.piece, { page } = state;
  try {
    const symbols = await api.symbols(piece, page);
    if (state.piece.piece !== piece || state.page !== page) return;
    write(symbols);
    showRead(symbols);
  } catch (error) {
    place.replaceChildren(h('p', {}, error instanceof Error ? error.message : String(error)));
  }
});

/** Begins. */
export function startScanner() {
  panel.addEventListener('toggle', read);
  when(['piece', 'page', 'language'], read);
}
