// @ts-check
// Which variant, which record, which page, which room; and what can be exported.

/** @import { RecordChoice, Variant } from './types.d.ts' */
import { questions } from './api.js';
import { at, by, h, rewrite, settled } from './dom.js';
import { change, state, when } from './state.js';
import { press } from './viewer.js';
import { known, name, t } from './words.js';

const facts = at('facts'), record = by('record', HTMLSelectElement), exports = at('exports');

/** The variant that has a value, and else as many facts of the present one as can be. @param {string} fact @param {string} value */
function nearest(fact, value) {
  const variants = state.bench?.variants ?? [], present = variants.find((each) => each.id === state.variant)?.facts ?? {};
  const alike = (/** @type {Variant} */ variant) => Object.entries(present).filter(([key, held]) => variant.facts[key] === held).length;
  return variants.filter((variant) => variant.facts[fact] === value).sort((a, b) => alike(b) - alike(a))[0];
}

function variants() {
  const present = state.bench?.variants.find((each) => each.id === state.variant)?.facts ?? {};
  for (const select of facts.querySelectorAll('select')) select.value = present[select.dataset.fact ?? ''] ?? '';
}

function listFacts() {
  const present = state.bench?.variants.find((each) => each.id === state.variant)?.facts ?? {};
  rewrite(facts, ...(state.bench?.facts ?? []).map((fact) => h('label', {},
    h('span', {}, known('fact', fact.name)),
    h('select', {
      'data-fact': fact.name, 'data-key': fact.name,
      onchange: (/** @type {Event} */ event) => {
        const found = nearest(fact.name, /** @type {HTMLSelectElement} */ (event.target).value);
        if (found) change({ variant: found.id });
      },
    }, ...fact.values.map(({ value, variants }) => h('option', { value, selected: present[fact.name] === value }, `${value} (${variants})`))))));
  at('variants-count').textContent = String(state.bench?.variants.length ?? '');
}

function records() {
  const all = state.bench?.records ?? [];
  const groups = /** @type {RecordChoice['group'][]} */ (['samples', 'csv', 'job']).map((group) => ({ group, here: all.filter((each) => each.group === group) }));
  record.replaceChildren(...groups.filter(({ here }) => here.length > 0).map(({ group, here }) => h('optgroup', { label: t(`records-${group}`) },
    ...here.map((each) => h('option', { value: each.id, selected: each.id === state.record }, name(each))))));
}

/** The next or the previous page. @param {1 | -1} way */
export function turn(way) {
  const pages = state.piece?.pages.length ?? 1, step = state.spread ? 2 : 1;
  change({ page: Math.min(pages, Math.max(1, state.page + way * step)) });
}

function pages() {
  const count = state.piece?.pages.length ?? 0;
  if (count > 0 && state.page > count) change({ page: 1 });
  const shown = state.piece?.pages[state.page - 1];
  at('page-number').textContent = count === 0 ? '–' : `${state.page} / ${count}${shown ? ` · ${t(shown.side)}` : ''}`;
  by('previous-page', HTMLButtonElement).disabled = state.page <= 1;
  by('next-page', HTMLButtonElement).disabled = state.page >= count;
  const spread = by('spread', HTMLButtonElement);
  spread.disabled = count < 2;
  spread.setAttribute('aria-pressed', String(state.spread && count > 1));
}

function rooms() {
  for (const button of document.querySelectorAll('[data-room]')) {
    button.setAttribute('aria-pressed', String(button.getAttribute('data-room') === state.room));
  }
}

/** The address of an export. @param {string} file @param {number | null} [dpi] */
function address(file, dpi = null) {
  const here = { variant: state.variant, record: state.record };
  if (file === 'page.pdf') return `/export/page.pdf${questions(here)}`;
  if (file === 'page.png') return `/export/page.png${questions({ ...here, page: state.page, dpi })}`;
  return `/export/${file}${file === 'texts.html' ? questions({ against: state.against }) : ''}`;
}

function links() {
  const rows = (state.bench?.exports ?? []).flatMap((file) => (file === 'page.png'
    ? [300, press()].map((dpi) => ({ href: address(file, dpi), words: `${t('export-page.png')} · ${dpi} dpi` }))
    : [{ href: address(file), words: known('export', file) }]));
  rewrite(exports, ...rows.map(({ href, words }) => h('li', {}, h('a', { href, download: true, 'data-key': words }, words))));
}

/** Keeps to variants and records that there are. */
function settle() {
  const { bench } = state;
  if (!bench) return;
  const variant = bench.variants.some((each) => each.id === state.variant) ? state.variant : bench.variants[0]?.id ?? '';
  const chosen = bench.records.some((each) => each.id === state.record) ? state.record : bench.records[0]?.id ?? '';
  change({ variant, record: chosen });
  const { template } = bench;
  at('title').textContent = template?.title ?? 'pli';
  // The first digits of a version tell it from others.
  const words = at('subtitle');
  words.textContent = template ? [template.name.split(/[\\/]/).pop(), template.version.slice(0, 12), template.media].filter(Boolean).join(' · ') : '';
  at('names').title = [at('title').textContent, words.textContent].join(' · ');
}

/** What the lists were made of. */
let listed = '';

/** Makes the lists of facts and records anew if they have changed. */
function list() {
  const made = JSON.stringify([state.bench?.facts, state.bench?.records, state.language]);
  if (made === listed) return;
  listed = made;
  listFacts();
  records();
}

/** Begins. */
export function startChoices() {
  record.addEventListener('change', () => change({ record: record.value }));
  at('previous-page').addEventListener('click', () => turn(-1));
  at('next-page').addEventListener('click', () => turn(1));
  at('spread').addEventListener('click', () => change({ spread: !state.spread }));
  for (const button of document.querySelectorAll('[data-room]')) {
    button.addEventListener('click', () => change({ room: /** @type {typeof state.room} */ (button.getAttribute('data-room')) }));
  }
  when(['bench'], settle);
  when(['bench', 'language'], list);
  when(['variant'], variants);
  when(['record'], () => { record.value = state.record; });
  when(['piece', 'page', 'spread', 'language'], pages);
  when(['room'], rooms);
  when(['bench', 'variant', 'record', 'page', 'against', 'language'], settled(200, links));
  rooms();
}
