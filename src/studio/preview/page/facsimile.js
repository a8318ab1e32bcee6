// @ts-check
// The front of the card as it will lie on the letter: visual CPS3.3, with its contacts where ISO/IEC 7816-2 has them.

/** @import { Box, CardLines } from './types.d.ts' */
import { s } from './dom.js';
import { t } from './words.js';

/** The right edge of the text, in millimetres of the card. */
const EDGE = 81;
/** How wide a capital is, in its size. */
const CAPITAL = 0.62;

/** A line of the card; one that is too long is drawn narrower. @param {number} x @param {number} y @param {number} size @param {string} text @param {string} [style] */
function line(x, y, size, text, style = '') {
  const room = EDGE - x, tight = text.length * size * CAPITAL > room;
  return s('text', { x, y, 'font-size': size, class: `f-text ${style}`, ...tight ? { textLength: room, lengthAdjust: 'spacingAndGlyphs' } : {} }, text);
}

function contacts() {
  return s('g', {},
    s('rect', { x: 9.6, y: 18.6, width: 13, height: 12, rx: 1.6, class: 'f-chip' }),
    s('path', { d: 'M9.6 22.6h4.4M9.6 26.6h4.4M18.2 22.6h4.4M18.2 26.6h4.4M14 18.6v12M18.2 18.6v12M14 24.6h4.2', class: 'f-line' }));
}

/** @param {CardLines} card @param {Box} place @returns {Element} */
export function facsimile(card, place) {
  return s('g', { transform: `translate(${place.x} ${place.y}) scale(${place.width / 85.6} ${place.height / 54})`, role: 'img', 'aria-label': t('facsimile') },
    s('rect', { x: 0, y: 0, width: 85.6, height: 54, rx: 3.2, class: 'f-card' }),
    s('path', { d: 'M0 12.4V3.2A3.2 3.2 0 0 1 3.2 0H82.4A3.2 3.2 0 0 1 85.6 3.2V9.2C60 15.5 32 8.4 0 12.4Z', class: 'f-band' }),
    line(4.6, 6.6, 3.1, card.title, 'f-title'),
    contacts(),
    line(27, 19.4, 2.7, card.order, 'f-strong'),
    line(27, 23, 2.2, card.site),
    line(27, 28.4, 2.7, card.profession, 'f-strong'),
    line(27, 32.2, 2.7, card.reference),
    line(4.6, 40.6, 3.4, card.name, 'f-strong'),
    line(4.6, 49.4, 3, card.number, 'f-number'),
    line(52, 49.4, 2.3, card.issued));
}
