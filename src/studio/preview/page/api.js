// @ts-check
// The server, as functions. No request names a path: ids are the server's own.

/** @import { Bench, Cell, Piece, SymbolRead, VariantChange, ViewAnswer, ViewOrder, WindowView } from './types.d.ts' */

/** This tab, as the server knows it. */
export const client = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A refusal of the server: what is wrong, and what to do. */
export class Refusal extends Error {
  /** @param {string} message @param {string} advice @param {string} code */
  constructor(message, advice, code) {
    super(message);
    this.advice = advice;
    this.code = code;
  }
}

/** @param {Response} response @returns {Promise<any>} */
async function body(response) {
  if (response.ok) return response.status === 204 ? null : response.json();
  const said = await response.json().catch(() => null);
  const error = said?.error ?? {};
  throw new Refusal(error.message ?? `${response.status} ${response.statusText}`, error.advice ?? '', error.code ?? '');
}

/** @param {string} path @param {Record<string, string | number | null>} [query] @returns {Promise<any>} */
const get = async (path, query = {}) => body(await fetch(path + questions(query)));
/** @param {string} path @param {object} order @returns {Promise<any>} */
const post = async (path, order) => body(await fetch(path, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(order),
}));

/** The query of an address; values that are null are left out. @param {Record<string, string | number | null>} query */
export function questions(query) {
  const given = Object.entries(query).filter(([, value]) => value !== null).map(([name, value]) => [name, String(value)]);
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

/** @returns {Promise<Bench>} */
export const bench = () => get('/api/bench');
/** @param {string} variant @param {string} record @returns {Promise<Piece>} */
export const piece = (variant, record) => get('/api/piece', { variant, record });
/** @param {ViewOrder} order @returns {Promise<ViewAnswer>} */
export const view = (order) => post('/api/view', order);
/** @param {number} dpi @param {{variant: string, record: string}[]} cells @returns {Promise<Cell[]>} */
export const cells = (dpi, cells) => post('/api/cells', { dpi, cells });
/** @param {string} against @returns {Promise<VariantChange[]>} */
export const changes = (against) => get('/api/changes', { against });
/** @param {string} piece @param {number} page @returns {Promise<SymbolRead[]>} */
export const symbols = (piece, page) => get('/api/symbols', { piece, page });
/** @param {string} piece @param {number} dx @param {number} dy @returns {Promise<WindowView[]>} */
export const windows = (piece, dx, dy) => get('/api/windows', { piece, dx, dy });
/** @param {string} place @returns {Promise<null>} */
export const open = (place) => post('/api/open', { place });

/** The address of a piece that is held to the light. @param {string} piece @param {string} view @param {number} blur */
export const light = (piece, view, blur) => `/light/${encodeURIComponent(piece)}/${view}.png?blur=${blur}`;
/** The address of a page's ink coverage. @param {string} piece @param {number} page */
export const ink = (piece, page) => `/ink/${encodeURIComponent(piece)}/${page}.png`;
/** The address of a tile. @param {string} hash */
export const tile = (hash) => `/tile/${encodeURIComponent(hash)}.png`;

/**
 * Listens to the server. `heard` gets each event; `connected` whether the line stands.
 * @param {(name: string, body: any) => void} heard
 * @param {(stands: boolean) => void} connected
 */
export function listen(heard, connected) {
  const source = new EventSource('/events');
  for (const name of ['bench', 'view', 'reveal', 'end']) {
    source.addEventListener(name, (event) => {
      if (name === 'end') source.close();
      heard(name, event.data ? JSON.parse(event.data) : null);
    });
  }
  source.addEventListener('open', () => connected(true));
  source.addEventListener('error', () => connected(false));
}
