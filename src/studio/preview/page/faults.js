// @ts-check
// What is wrong, each fault with its line, its advice and its place on the picture; and whether the picture is stale.

/** @import { Fault, VariantBox } from './types.d.ts' */
import { at, h, rewrite } from './dom.js';
import { line, openInEditor } from './inspector.js';
import { flash } from './overlays.js';
import { say } from './said.js';
import { change, state, when } from './state.js';
import { bring } from './viewer.js';
import { counted, t } from './words.js';

const list = at('faults'), chip = at('state'), banner = at('stale');
let told = '';

/** Shows a box of a variant on the picture. @param {VariantBox} box */
export function showBox(box) {
  const variant = box.variant && state.bench?.variants.some((known) => known.id === box.variant) ? box.variant : state.variant;
  change({ room: 'page', light: '', variant, page: box.page, chosen: null });
  flash([box]);
  bring(box);
}

/** @param {Fault} fault */
function entry(fault) {
  const box = fault.boxes.find((each) => each.variant === state.variant || each.variant === null) ?? fault.boxes[0];
  const where = line(fault), open = fault.place !== null && state.bench?.editor;
  return h('li', { class: `fault is-${fault.severity}` },
    h('p', {}, h('strong', {}, t(fault.severity)), ' ', h('span', { lang: 'en' }, fault.message)),
    fault.advice && h('p', { class: 'advice', lang: 'en' }, fault.advice),
    h('p', { class: 'row' },
      where && h('code', {}, where),
      fault.variants > 1 && h('span', { class: 'soft' }, t('in-variants', { count: fault.variants })),
      box ? h('button', { type: 'button', class: 'quiet', 'data-key': `show ${where} ${fault.code}`, 'aria-label': t('show-what', { what: fault.message }), onclick: () => showBox(box) }, t('show')) : null,
      open ? h('button', { type: 'button', class: 'quiet', 'data-key': `open ${where} ${fault.code}`, 'aria-label': t('open-what', { what: where || fault.message }), onclick: () => openInEditor(fault.place) }, t('open')) : null));
}

/** Faults of the record that the template does not have anyway. */
function ofRecord() {
  const known = new Set((state.bench?.faults ?? []).map((fault) => `${fault.code} ${line(fault)} ${fault.message}`));
  return state.recordFaults.filter((fault) => !known.has(`${fault.code} ${line(fault)} ${fault.message}`));
}

function write() {
  const order = { error: 0, warning: 1 };
  const faults = [...state.bench?.faults ?? [], ...ofRecord()].sort((a, b) => order[a.severity] - order[b.severity]);
  const errors = faults.filter((fault) => fault.severity === 'error').length;
  const warnings = faults.length - errors;
  const words = [errors && counted('errors', errors), warnings && counted('warnings', warnings)].filter(Boolean).join(', ') || t('no-faults');
  rewrite(list, ...faults.map(entry));
  at('faults-count').textContent = words;
  at('faults-title').dataset.errors = String(errors);
  if (told && told !== words) say(t('faults-are', { words }));
  told = words;
  status(errors);
}

/** @param {number} errors */
function status(errors) {
  const name = state.ended ? 'ended' : !state.connected ? 'lost' : state.bench?.state ?? 'working';
  chip.className = `chip is-${name === 'sound' && errors > 0 ? 'broken' : name}`;
  chip.textContent = t(`chip-${name}`);
  banner.hidden = !state.stale && !state.ended && state.connected;
  banner.textContent = state.ended ? t('ended-long') : !state.connected ? t('lost-long') : t('stale');
  document.documentElement.classList.toggle('is-stale', state.stale);
  document.title = `${errors > 0 ? '✗ ' : ''}${state.bench?.template?.title ?? 'pli'} – pli preview`;
}

/** Begins. */
export function startFaults() {
  when(['bench', 'recordFaults', 'stale', 'connected', 'ended', 'variant', 'language'], write);
  write();
}
