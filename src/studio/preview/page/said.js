// @ts-check
// What the page says in a word: seen at the foot, and read aloud.

import { at } from './dom.js';

const place = at('said');

/** Says something once. @param {string} text */
export function say(text) {
  // The same words again are said again.
  place.textContent = place.textContent === text ? `${text}\u00a0` : text;
}
