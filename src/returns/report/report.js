'use strict';
// Decisions on the doubtful pages. They stay in this tab until they are saved as `decisions.json`.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const cases = [...document.querySelectorAll('.case')];
  const byId = (id) => document.getElementById(id);
  const name = byId('by'), message = byId('message'), progress = byId('progress'), shortcuts = byId('shortcuts');
  const decisions = new Map(), past = [];
  let current = 0, saved = true;
  // The one of two texts that is in the report's language.
  const of = (french, english) => document.documentElement.lang === 'en' ? english : french;

  // A tab keeps its session over a reload; some browsers refuse it to files of the disk.
  const kept = `pli-${data.report}`;
  const keep = () => {
    try { sessionStorage.setItem(kept, JSON.stringify([name.value, [...decisions]])); } catch { /* nothing is kept */ }
  };
  const restore = () => {
    try {
      const [by, entries] = JSON.parse(sessionStorage.getItem(kept)) ?? ['', []];
      name.value = by;
      entries.forEach(([index, decision]) => { if (cases[index]) decisions.set(index, decision); });
      saved = decisions.size === 0;
    } catch { /* nothing was kept */ }
  };

  const say = (text) => { message.textContent = text; };
  const shown = (decision) => decision.none ? of('rien de nous', 'none of ours') : decision.card_number ?? decision.piece_id;

  const draw = (index) => {
    const decision = decisions.get(index), place = cases[index].querySelector('.decided');
    cases[index].classList.toggle('is-decided', decision !== undefined);
    place.textContent = decision === undefined ? '' : of(`Décidé : ${shown(decision)}`, `Decided: ${shown(decision)}`);
    progress.textContent = of(`${decisions.size} sur ${cases.length} décidés`, `${decisions.size} of ${cases.length} decided`);
  };

  const go = (index, focus = true) => {
    if (!cases[index]) return;
    cases[current].classList.remove('is-current');
    current = index;
    cases[index].classList.add('is-current');
    if (focus) cases[index].focus({ preventScroll: true });
    if (focus) cases[index].scrollIntoView({ block: 'start' });
  };

  const next = (step) => {
    if (cases[current + step]) go(current + step);
    else say(step > 0 ? of('C’est le dernier.', 'This is the last one.') : of('C’est le premier.', 'This is the first one.'));
  };

  const nextOpen = () => {
    for (let step = 1; step < cases.length; step += 1) {
      const index = (current + step) % cases.length;
      if (!decisions.has(index)) return go(index);
    }
    say(of('Tout est décidé : enregistrez (s).', 'All is decided: save (s).'));
    return go(current);
  };

  const decide = (index, decision) => {
    past.push([index, decisions.get(index)]);
    decisions.set(index, decision);
    saved = false;
    keep();
    draw(index);
    say(of(`${index + 1} : ${shown(decision)}`, `${index + 1}: ${shown(decision)}`));
    nextOpen();
  };

  const undo = () => {
    const last = past.pop();
    if (!last) return say(of('Rien à annuler.', 'Nothing to undo.'));
    const [index, before] = last;
    if (before === undefined) decisions.delete(index); else decisions.set(index, before);
    saved = false;
    keep();
    draw(index);
    go(index);
    return say(of(`${index + 1} : annulé`, `${index + 1}: undone`));
  };

  const accept = (number) => {
    const candidate = data.cases[current].candidates[number];
    if (!candidate) return say(of('Rien n’a été lu que l’on puisse accepter : corrigez (c) ou rejetez (n).', 'Nothing was read that can be accepted: correct it (c) or reject it (n).'));
    return decide(current, { [candidate.key]: candidate.text });
  };

  // A typed number counts if it was typed twice, or if a symbol of the page reads the same.
  const typed = (text) => {
    const plain = text.toUpperCase().replace(/\s/g, '');
    if (/^\d{10}$/.test(plain)) return { card_number: plain };
    if (/^[LM]?\d{5}[A-Z]\\?\d{6}(\.[1-9]\d*)?$/.test(plain)) return { piece_id: plain };
    return null;
  };
  const correct = (form, index) => {
    const [first, second] = form.querySelectorAll('input');
    const error = form.querySelector('.error');
    const decision = typed(first.value);
    const again = typed(second.value);
    const refuse = (text, input) => { error.textContent = text; input.focus(); };
    if (!decision) return refuse(of('Écrivez 10 chiffres, ou la référence imprimée (26327A000908).', 'Write 10 digits, or the printed reference (26327A000908).'), first);
    const checked = data.cases[index].read.includes(shown(decision));
    if (!checked && second.value === '') return refuse(of('Aucun symbole ne lit ce numéro : écrivez-le une seconde fois.', 'No symbol says this number: write it a second time.'), second);
    if (!checked && (!again || shown(again) !== shown(decision))) return refuse(of('Les deux saisies diffèrent.', 'The two entries differ.'), second);
    error.textContent = '';
    first.value = '';
    second.value = '';
    form.hidden = true;
    return decide(index, decision);
  };
  const open = (index) => {
    const form = cases[index].querySelector('form');
    form.hidden = false;
    form.querySelector('input').focus();
  };
  const close = (index) => {
    cases[index].querySelector('form').hidden = true;
    cases[index].focus({ preventScroll: true });
  };

  const save = () => {
    const by = name.value.trim();
    if (decisions.size === 0) return say(of('Rien n’est encore décidé.', 'Nothing is decided yet.'));
    if (by === '') { name.focus(); return say(of('Écrivez votre nom avant d’enregistrer.', 'Write your name before you save.')); }
    const rows = [...decisions].sort(([a], [b]) => a - b).map(([index, decision]) => {
      const { path, page, sha256 } = data.cases[index];
      return { path, page, sha256, ...decision, by };
    });
    const file = new Blob([`${JSON.stringify(rows, null, 1)}\n`], { type: 'application/json' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = 'decisions.json';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    saved = true;
    return say(of(`${rows.length} décisions enregistrées dans decisions.json.`, `${rows.length} decisions saved in decisions.json.`));
  };

  const keys = {
    j: () => next(1), ArrowRight: () => next(1), k: () => next(-1), ArrowLeft: () => next(-1),
    a: () => accept(0), n: () => decide(current, { none: true }), c: () => open(current), u: undo, s: save,
    z: () => cases[current].classList.toggle('is-large'),
  };
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement && event.target.type !== 'checkbox';
    if (event.key === 'Escape' && event.target.form) return close(current);
    if (typing || !shortcuts.checked || event.ctrlKey || event.altKey || event.metaKey) return undefined;
    const act = keys[event.key] ?? (/^[1-9]$/.test(event.key) ? () => accept(Number(event.key) - 1) : undefined);
    if (!act || cases.length === 0) return undefined;
    event.preventDefault();
    return act();
  });

  const frame = byId('decision');
  cases.forEach((article, index) => {
    const part = frame.content.cloneNode(true), choices = part.querySelector('.choices');
    data.cases[index].candidates.forEach(({ text }, number) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = number === 0 ? 'first' : '';
      button.textContent = `${number === 0 ? of('Accepter', 'Accept') : of('Plutôt', 'Rather')} ${text} (${number === 0 ? 'a' : number + 1})`;
      button.addEventListener('click', () => { go(index, false); accept(number); });
      choices.append(button);
    });
    part.querySelector('.none').addEventListener('click', () => { go(index, false); decide(index, { none: true }); });
    part.querySelector('.correct').addEventListener('click', () => { go(index, false); open(index); });
    part.querySelector('form').addEventListener('submit', (event) => {
      event.preventDefault();
      correct(event.target, index);
    });
    article.querySelector('.facts').prepend(part);
    article.addEventListener('focusin', () => go(index, false));
  });

  const table = byId('others');
  byId('filter')?.addEventListener('input', (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      count += row.hidden ? 0 : 1;
    }
    byId('found').textContent = of(`${count} lignes`, `${count} rows`);
  });

  [['previous', () => next(-1)], ['next', () => next(1)], ['undo', undo], ['save', save]]
    .forEach(([id, act]) => byId(id)?.addEventListener('click', act));
  if (cases.length > 0) {
    restore();
    name.addEventListener('input', keep);
    byId('bar').hidden = false;
    cases.forEach((_, index) => draw(index));
    const first = cases.findIndex((_, index) => !decisions.has(index));
    go(Math.max(first, 0), false);
    addEventListener('beforeunload', (event) => { if (!saved) event.preventDefault(); });
  }
  document.querySelectorAll('.filter').forEach((part) => { part.hidden = false; });
})();
