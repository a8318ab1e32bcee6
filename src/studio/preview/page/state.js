// @ts-check
// What is chosen on the page. What names a view stands in the address's hash; the rest stays with the tab.

/** @import { Bench, Piece, Fault } from './types.d.ts' */

/** @typedef {'page' | 'gallery' | 'changes'} Room */
/** @typedef {'flicker' | 'slider' | 'changed'} Comparison */

/** The state. Change it by `change` alone. */
export const state = {
  /** @type {Bench | null} */ bench: null,
  /** @type {Piece | null} */ piece: null,
  /** @type {Fault[]} Faults of the record that is shown. */ recordFaults: [],
  stale: false,
  connected: true,
  ended: false,
  /** @type {Room} */ room: 'page',
  variant: '',
  record: '',
  page: 1,
  spread: false,
  /** @type {string | null} The mark or item that is chosen. */ chosen: null,
  /** @type {string | null} */ against: null,
  /** @type {Comparison} */ comparison: 'flicker',
  /** @type {string[]} The overlays that are on. */ overlays: ['folds', 'windows'],
  /** @type {string} The view of the piece against the light, or ''. */ light: '',
  blur: 0.3,
  /** The sheet's place in its envelope. */ dx: 0,
  dy: 0,
  pitch: 4.0,
  offset: 0,
  follow: false,
  /** @type {'variants' | 'records'} */ gallery: 'variants',
  full: false,
  shortcuts: true,
  language: 'en',
};

/** @typedef {keyof typeof state} Key */

const IN_HASH = /** @type {const} */ (['room', 'variant', 'record', 'page', 'against']);
const IN_TAB = /** @type {const} */ (['spread', 'comparison', 'overlays', 'light', 'blur', 'pitch', 'offset', 'follow', 'gallery', 'shortcuts', 'language']);

/** @type {{keys: Key[], act: () => void}[]} */
const listeners = [];

/** Calls `act` after any of the keys has changed. @param {Key[]} keys @param {() => void} act */
export function when(keys, act) {
  listeners.push({ keys, act });
}

/** Changes the state and tells those who asked. @param {Partial<typeof state>} patch */
export function change(patch) {
  const keys = /** @type {Key[]} */ (Object.keys(patch)).filter((key) => state[key] !== patch[key]);
  if (keys.length === 0) return;
  Object.assign(state, patch);
  keep();
  for (const listener of listeners) {
    if (listener.keys.some((key) => keys.includes(key))) listener.act();
  }
}

function keep() {
  const hash = new URLSearchParams();
  for (const key of IN_HASH) {
    if (state[key] !== null && state[key] !== '') hash.set(key, String(state[key]));
  }
  // The language of the address is taken up by now, and may be another since.
  history.replaceState(null, '', `/#${hash}`);
  const kept = Object.fromEntries(IN_TAB.map((key) => [key, state[key]]));
  try { sessionStorage.setItem('pli-preview', JSON.stringify(kept)); } catch { /* nothing is kept */ }
}

/** Takes up what the tab and the address say. Values of another type are passed over. */
export function restore() {
  /** @type {Record<string, any>} */
  let kept = {};
  try { kept = JSON.parse(sessionStorage.getItem('pli-preview') ?? '{}') ?? {}; } catch { /* nothing was kept */ }
  for (const key of IN_TAB) {
    if (typeof kept[key] === typeof state[key] && Array.isArray(kept[key]) === Array.isArray(state[key])) Object.assign(state, { [key]: kept[key] });
  }
  const hash = new URLSearchParams(location.hash.slice(1));
  const room = hash.get('room');
  if (room === 'gallery' || room === 'changes') state.room = room;
  state.variant = hash.get('variant') ?? '';
  state.record = hash.get('record') ?? '';
  state.page = Math.max(1, Math.trunc(Number(hash.get('page'))) || 1);
  state.against = hash.get('against');
  const asked = new URLSearchParams(location.search).get('language');
  if (asked === 'fr' || asked === 'en') state.language = asked;
  else if (kept.language !== 'fr' && kept.language !== 'en') state.language = navigator.language.toLowerCase().startsWith('fr') ? 'fr' : 'en';
}

/** True if an overlay is on. @param {string} name */
export const shows = (name) => state.overlays.includes(name);

/** Switches an overlay. @param {string} name @param {boolean} on */
export function switchOverlay(name, on) {
  const others = state.overlays.filter((other) => other !== name);
  change({ overlays: on ? [...others, name] : others });
}

/** The pages that are shown side by side. */
export function shownPages() {
  const pages = state.piece?.pages ?? [];
  if (!state.spread) return pages.filter((page) => page.page === state.page);
  const first = state.page - ((state.page - 1) % 2);
  return pages.filter((page) => page.page === first || page.page === first + 1);
}

/** Marks and items of a page, by id. @param {string} id */
export function found(id) {
  for (const page of state.piece?.pages ?? []) {
    const part = page.marks.find((mark) => mark.id === id) ?? page.items.find((item) => item.id === id);
    if (part) return { page, part };
  }
  return null;
}
