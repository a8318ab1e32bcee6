// @ts-check
// Decoded tiles, by the hash of their pixels: a tile that did not change is neither fetched nor decoded again.

import * as api from './api.js';

/** Decoded tiles that are kept, in bytes: some 30 whole pages at 300 dpi. */
const LIMIT = 400 * 1024 * 1024;

/** @type {Map<string, {bitmap: ImageBitmap | null, failed: boolean, ready: Promise<void>}>} Oldest use first. */
const store = new Map();
let bytes = 0;

/** @param {string} hash */
async function load(hash) {
  const response = await fetch(api.tile(hash));
  if (!response.ok) throw new Error(`tile: ${response.status}`);
  return createImageBitmap(await response.blob());
}

/** A tile's picture, if it is decoded. @param {string} hash @returns {ImageBitmap | null} */
export function picture(hash) {
  return store.get(hash)?.bitmap ?? null;
}

/** True if nothing more is to come of a tile. @param {string} hash */
export function settledTile(hash) {
  const tile = store.get(hash);
  return tile !== undefined && (tile.bitmap !== null || tile.failed);
}

/** Fetches and decodes a tile unless it is there. @param {string} hash @returns {Promise<void>} */
export function want(hash) {
  const known = store.get(hash);
  if (known && !known.failed) {
    store.delete(hash);
    store.set(hash, known);
    return known.ready;
  }
  const tile = { bitmap: /** @type {ImageBitmap | null} */ (null), failed: false, ready: Promise.resolve() };
  tile.ready = load(hash).then((bitmap) => {
    tile.bitmap = bitmap;
    bytes += bitmap.width * bitmap.height * 4;
  }, () => { tile.failed = true; });
  store.set(hash, tile);
  return tile.ready;
}

/** Lets go of the tiles that were not used for longest, except those in use. @param {Set<string>} used */
export function tidy(used) {
  for (const [hash, tile] of store) {
    if (bytes <= LIMIT) return;
    if (used.has(hash) || !tile.bitmap) continue;
    bytes -= tile.bitmap.width * tile.bitmap.height * 4;
    tile.bitmap.close();
    store.delete(hash);
  }
}
