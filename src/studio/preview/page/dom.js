// @ts-check
// Elements made by hand: attributes, children, listeners. Never a string of HTML, never an inline style.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {Element} element @param {Record<string, any>} attributes @param {(Node | string | null | false)[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => typeof child === 'string' || child instanceof Node));
}

/**
 * An HTML element. An attribute `on…` is a listener; null and false are left out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, any>} [attributes] @param {...(Node | string | null | false)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/**
 * An SVG element.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag @param {Record<string, any>} [attributes] @param {...(Node | string | null | false)} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  fill(element, attributes, children);
  return /** @type {SVGElementTagNameMap[T]} */ (element);
}

/**
 * The element of an id, which index.html has.
 * @template {Element} E
 * @param {string} id @param {new (...args: any[]) => E} type
 * @returns {E}
 */
export function by(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`index.html has no ${type.name} #${id}`);
  return element;
}

/** The HTML element of an id. @param {string} id */
export const at = (id) => by(id, HTMLElement);

/** True where keys belong to the element, not to the page. @param {EventTarget | null} target */
export function takesKeys(target) {
  return target instanceof HTMLElement
    && (target.isContentEditable || target.matches('input:not([type=checkbox]), select, textarea'));
}

/** Reduced motion is wished. */
export const stillness = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/**
 * Calls `act` once things have been quiet for `ms`.
 * @template {any[]} A
 * @param {number} ms @param {(...args: A) => void} act
 * @returns {(...args: A) => void}
 */
export function settled(ms, act) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...args), ms);
  };
}

/**
 * Replaces what an element holds. The focus stays on the element of the same `data-key`.
 * @param {Element} element @param {...Node} children
 */
export function rewrite(element, ...children) {
  const key = element.contains(document.activeElement) ? document.activeElement?.getAttribute('data-key') : null;
  element.replaceChildren(...children);
  if (!key) return;
  const again = element.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}
