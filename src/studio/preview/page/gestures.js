// @ts-check
// The hand on the picture: drag to scroll, wheel and pinch to zoom, a click to choose, a window to drag, a slider to slide.

import { at } from './dom.js';
import { slide } from './difference.js';
import { moveSheet, onWindow } from './envelope.js';
import { choose, point } from './inspector.js';
import { state } from './state.js';
import { resolution, scale, scrollBy, zoomTo } from './viewer.js';

const stage = at('stage'), scroller = at('scroller'), divider = at('divider');
/** How far the pointer may shake in a click, in pixels. */
const SHAKE = 4;

/** @type {Map<number, PointerEvent>} */
const fingers = new Map();
/** @type {{x: number, y: number, dx: number, dy: number, what: 'scroll' | 'sheet' | 'none', far: boolean} | null} */
let drag = null;
/** @type {{distance: number, dpi: number} | null} */
let pinch = null;
/** The zoom that the wheel asks for, before it is made sharp. */
let wished = 0;

function spread() {
  const [a, b] = [...fingers.values()];
  return { distance: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2 };
}

/** @param {PointerEvent} event */
function down(event) {
  fingers.set(event.pointerId, event);
  if (fingers.size === 2) {
    pinch = { distance: spread().distance, dpi: resolution() };
    drag = null;
    return;
  }
  if (event.button !== 0 && event.button !== 1) return;
  // The scroll bars are the browser's.
  const frame = scroller.getBoundingClientRect();
  if (event.clientX - frame.left > scroller.clientWidth || event.clientY - frame.top > scroller.clientHeight) return;
  const sheet = event.button === 0 && onWindow(event.clientX, event.clientY);
  // A finger scrolls by itself; a mouse drags.
  const what = sheet ? 'sheet' : event.pointerType === 'touch' ? 'none' : 'scroll';
  drag = { x: event.clientX, y: event.clientY, dx: state.dx, dy: state.dy, what, far: false };
  if (event.button === 1) event.preventDefault();
}

/** @param {PointerEvent} event */
function move(event) {
  if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event);
  if (pinch && fingers.size === 2) {
    const now = spread();
    zoomTo(pinch.dpi * now.distance / pinch.distance, now.x, now.y);
    return;
  }
  if (!drag) { point(event.clientX, event.clientY); hand(event); return; }
  const x = event.clientX - drag.x, y = event.clientY - drag.y;
  if (!drag.far && Math.hypot(x, y) < SHAKE) return;
  if (!drag.far) scroller.setPointerCapture(event.pointerId);
  drag.far = true;
  stage.classList.add('is-dragged');
  if (drag.what === 'sheet') moveSheet(drag.dx - x / scale(), drag.dy - y / scale());
  if (drag.what === 'scroll') {
    scrollBy(-x, -y);
    drag.x = event.clientX;
    drag.y = event.clientY;
  }
}

/** @param {PointerEvent} event */
const hand = (event) => scroller.classList.toggle('is-on-window', onWindow(event.clientX, event.clientY));

/** @param {PointerEvent} event */
function up(event) {
  fingers.delete(event.pointerId);
  if (fingers.size < 2) pinch = null;
  if (drag && !drag.far && event.type === 'pointerup' && event.button === 0) choose(event.clientX, event.clientY);
  drag = null;
  stage.classList.remove('is-dragged');
}

/** @param {WheelEvent} event */
function wheel(event) {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const now = resolution();
  // Several small turns add up to the next sharp step.
  if (wished < now * 0.66 || wished > now * 1.5) wished = now;
  wished *= Math.exp(-event.deltaY * (event.deltaMode === 0 ? 0.003 : 0.08));
  zoomTo(wished, event.clientX, event.clientY);
}

function slideDivider() {
  const slideTo = (/** @type {PointerEvent} */ event) => {
    const frame = scroller.getBoundingClientRect();
    slide((event.clientX - frame.left) / scroller.clientWidth);
  };
  divider.addEventListener('pointerdown', (event) => {
    divider.setPointerCapture(event.pointerId);
    divider.addEventListener('pointermove', slideTo);
    event.preventDefault();
  });
  divider.addEventListener('pointerup', () => divider.removeEventListener('pointermove', slideTo));
  divider.addEventListener('pointercancel', () => divider.removeEventListener('pointermove', slideTo));
}

/** Begins. */
export function startGestures() {
  scroller.addEventListener('pointerdown', down);
  scroller.addEventListener('pointermove', move);
  scroller.addEventListener('pointerup', up);
  scroller.addEventListener('pointercancel', up);
  scroller.addEventListener('pointerleave', () => { if (!drag) at('hover').textContent = ''; });
  scroller.addEventListener('dblclick', (event) => zoomTo(resolution() * 2, event.clientX, event.clientY));
  scroller.addEventListener('wheel', wheel, { passive: false });
  slideDivider();
}
