// @ts-check
// English and French. An element of index.html with `data-t` gets its text here, with `data-t-label` its accessible name.

/** @import { Named } from './types.d.ts' */
import { english } from './words-en.js';
import { french } from './words-fr.js';
import { state } from './state.js';

/** @typedef {keyof typeof english} Word */

const dictionaries = { en: english, fr: /** @type {Record<Word, string>} */ (french) };

const dictionary = () => dictionaries[state.language === 'fr' ? 'fr' : 'en'];

/** Words in the page's language; `{name}` is replaced. @param {Word} word @param {Record<string, string | number>} [values] */
export function t(word, values = {}) {
  return dictionary()[word].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

/** So many errors or warnings, in words. @param {'errors' | 'warnings'} what @param {number} count */
export function counted(what, count) {
  const one = state.language === 'fr' ? count < 2 : count === 1;
  return t(`${what}-${one ? 'one' : 'many'}`, { count });
}

/** A word that may have no translation, or itself. @param {string} prefix @param {string} word */
export function known(prefix, word) {
  const key = `${prefix}-${word}`;
  return key in english ? t(/** @type {Word} */ (key)) : word;
}

/** A name in the page's language. @param {Named} named */
export const name = (named) => (state.language === 'fr' ? named.fr : named.en) || named.id;

/** A number of millimetres, points or percent. @param {number} value @param {number} [places] */
export function figure(value, places = 1) {
  return value.toLocaleString(state.language === 'fr' ? 'fr-FR' : 'en-GB', { minimumFractionDigits: places, maximumFractionDigits: places });
}

/** Writes the page's fixed words. */
export function writeWords() {
  document.documentElement.lang = state.language;
  for (const element of document.querySelectorAll('[data-t]')) {
    element.textContent = t(/** @type {Word} */ (element.getAttribute('data-t')));
  }
  for (const element of document.querySelectorAll('[data-t-label]')) {
    element.setAttribute('aria-label', t(/** @type {Word} */ (element.getAttribute('data-t-label'))));
  }
}
