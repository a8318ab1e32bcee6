// @ts-check
// The page of `pli preview`: begins every part, and brings the server's news to those who show them.

/** @import { Bench, Reveal, ViewAnswer } from './types.d.ts' */
import * as api from './api.js';
import { compare, jumpToChange, write as writeSaved } from './changed.js';
import { startChoices } from './choices.js';
import { startDifference } from './difference.js';
import { at, by, settled } from './dom.js';
import { startEnvelope } from './envelope.js';
import { startFaults } from './faults.js';
import { startFields } from './fields.js';
import { startGallery, variantWords } from './gallery.js';
import { startGestures } from './gestures.js';
import { startInspector } from './inspector.js';
import { startKeys } from './keys.js';
import { startLight } from './light.js';
import { flash, rebuild, startOverlays } from './overlays.js';
import { ask, drawSoon, onAnswer, take } from './picture.js';
import { say } from './said.js';
import { startScanner } from './scanner.js';
import { change, restore, state, when } from './state.js';
import { bring, fittedTo, onMove, relayout, resolution, scale } from './viewer.js';
import { name, t, writeWords } from './words.js';

/** @param {unknown} error */
function tell(error) {
  if (!(error instanceof api.Refusal)) say(t('lost-long'));
  // A newer question follows one that is obsolete.
  else if (error.code !== 'obsolete') say(`${error.message} ${error.advice}`);
}

/** The variant and record that were shown last. */
let shown = '';

/** What is shown, in words. */
function shownWords() {
  const record = state.bench?.records.find((each) => each.id === state.record);
  return [variantWords(state.variant), record ? name(record) : ''].filter(Boolean).join(' – ');
}

/** Loads the places and values of the piece that is shown. */
async function loadPiece() {
  const { variant, record } = state;
  if (!variant || !record) return;
  try {
    const piece = await api.piece(variant, record);
    if (variant !== state.variant || record !== state.record) return;
    const another = piece.piece !== null && state.piece !== null && shown !== `${variant} ${record}`;
    shown = `${variant} ${record}`;
    change({ piece: piece.piece === null ? null : piece });
    if (another) say(shownWords());
    at('empty').hidden = piece.piece !== null;
  } catch (error) {
    if (!state.piece) at('empty').hidden = false;
    tell(error);
  }
}
// After the picture: what is seen first comes first.
const loadSoon = settled(120, loadPiece);

/** @param {Bench} bench */
function takeBench(bench) {
  const first = state.bench === null, newer = bench.generation !== state.bench?.generation;
  const chosen = `${state.variant} ${state.record}`;
  change({ bench });
  if (!first && newer) loadSoon();
  // After a reload variant and record are known before the bench is, and don't change with it.
  if (first && chosen === `${state.variant} ${state.record}`) { loadPiece(); ask(); }
}

/** @param {Reveal} place */
function reveal(place) {
  const variant = state.bench?.variants.some((each) => each.id === place.variant) ? place.variant : null;
  change({ room: 'page', light: '', page: place.page, chosen: place.place, ...variant ? { variant } : {} });
  flash([place]);
  bring(place);
  say(t('revealed', { page: place.page }));
  window.focus();
}

/** @param {string} event @param {any} body */
function hear(event, body) {
  if (event === 'bench') takeBench(body);
  if (event === 'view' && body.client === api.client && state.room === 'page') take(body);
  if (event === 'reveal') reveal(body);
  if (event === 'end') change({ ended: true });
}

let wasConnected = true;
/** @param {boolean} stands */
function connected(stands) {
  // What was said meanwhile was not heard.
  if (stands && !wasConnected) { refresh(); ask(); }
  wasConnected = stands;
  change({ connected: stands });
}

async function refresh() {
  try {
    takeBench(await api.bench());
  } catch (error) {
    at('empty').hidden = state.piece !== null;
    tell(error);
  }
}

/** @param {ViewAnswer} answer */
function answered(answer) {
  compare(answer);
  if (state.piece && answer.piece !== state.piece.piece) loadSoon();
}

function zoomWords() {
  const percent = Math.round(scale() * 25.4 / 96 * 100), how = fittedTo();
  at('zoom').textContent = `${percent} % · ${resolution()} dpi`;
  at('fit-page').setAttribute('aria-pressed', String(how === 'page'));
  at('fit-width').setAttribute('aria-pressed', String(how === 'width'));
}

function startLanguage() {
  const choice = by('language', HTMLSelectElement);
  choice.value = state.language;
  choice.addEventListener('change', () => change({ language: choice.value }));
  when(['language'], () => { writeWords(); writeSaved(); });
  writeWords();
}

function startFollow() {
  const follow = by('follow', HTMLInputElement);
  follow.checked = state.follow;
  follow.addEventListener('change', () => change({ follow: follow.checked }));
  at('jump').addEventListener('click', jumpToChange);
}

function start() {
  restore();
  startLanguage();
  startFollow();
  for (const begin of [startOverlays, startInspector, startFields, startFaults, startScanner, startEnvelope, startLight, startGallery, startGestures, startKeys, startChoices]) begin();
  startDifference(drawSoon);
  onAnswer(answered, tell);
  onMove(zoomWords);
  when(['variant', 'record'], loadPiece);
  when(['variant', 'record', 'against'], ask);
  when(['piece', 'page', 'spread'], () => { relayout(); rebuild(); });
  when(['room'], () => { at('stage').hidden = state.room !== 'page'; ask(); });
  at('stage').hidden = state.room !== 'page';
  api.listen(hear, connected);
  refresh();
}

start();
