// @ts-check
// Two pictures of a tile, pixel by pixel.

/** @import { Box, TilePlace } from './types.d.ts' */

/** The grey values of a picture, on white. @param {TilePlace} tile @param {ImageBitmap | null} picture */
function pixels({ width, height }, picture) {
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, height).getContext('2d'));
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, width, height);
  if (picture) pen.drawImage(picture, 0, 0);
  return pen.getImageData(0, 0, width, height);
}

/**
 * A tile in colours: what went is red, what came is blue, what stays is faint; null while a picture is not there.
 * @param {TilePlace} tile @param {ImageBitmap | null} was @param {ImageBitmap | null} after
 */
export function mix(tile, was, after) {
  if (!after || (tile.before && !was)) return null;
  const old = pixels(tile, was).data, image = pixels(tile, after), { data } = image;
  for (let at = 0; at < data.length; at += 4) {
    const gone = data[at] - old[at], ink = 255 - Math.min(data[at], old[at]);
    const [red, green, blue] = gone === 0 ? [0.25, 0.25, 0.25] : gone > 0 ? [0.12, 0.81, 0.88] : [0.96, 0.58, 0.16];
    data[at] = 255 - ink * red;
    data[at + 1] = 255 - ink * green;
    data[at + 2] = 255 - ink * blue;
  }
  const canvas = new OffscreenCanvas(tile.width, tile.height);
  /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d')).putImageData(image, 0, 0);
  return canvas;
}

/**
 * The part of a tile that differs, in its pixels; null while a picture is not there, or if nothing differs.
 * @param {TilePlace} tile @param {ImageBitmap | null} was @param {ImageBitmap | null} after @returns {Box | null}
 */
export function differing(tile, was, after) {
  if (!was || !after) return null;
  const old = new Uint32Array(pixels(tile, was).data.buffer), now = new Uint32Array(pixels(tile, after).data.buffer);
  let left = tile.width, top = tile.height, right = -1, foot = -1;
  for (let at = 0; at < now.length; at += 1) {
    if (now[at] === old[at]) continue;
    const x = at % tile.width, y = Math.floor(at / tile.width);
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    foot = Math.max(foot, y);
  }
  return right < 0 ? null : { x: left, y: top, width: right - left + 1, height: foot - top + 1 };
}
