//! The bar with which decisions are made, and what the script adds to each doubtful page.

use std::io::{self, Write};

use mail::Language;

/// The words of the bar, in their order: French, English.
const BAR: [(&str, &str); 20] = [
    (
        "Sans JavaScript, ce rapport se lit ; les décisions ne s’y enregistrent pas.",
        "Without JavaScript this report can be read; decisions can’t be saved in it.",
    ),
    ("Décisions", "Decisions"),
    ("Votre nom", "Your name"),
    ("Précédent", "Previous"),
    ("Suivant", "Next"),
    ("Annuler", "Undo"),
    ("Enregistrer", "Save"),
    ("raccourcis clavier", "keyboard shortcuts"),
    ("Touches :", "Keys:"),
    ("suivant", "next"),
    ("précédent", "previous"),
    ("accepter le premier numéro", "accept the first number"),
    ("à", "to"),
    ("un autre", "another"),
    ("corriger", "correct"),
    ("rien de nous", "none of ours"),
    ("agrandir", "enlarge"),
    ("annuler", "undo"),
    ("enregistrer", "save"),
    ("<kbd>Échap</kbd> quitter la saisie", "<kbd>Esc</kbd> leave the field"),
];

/// The words of a decision, in their order: French, English.
const DECISION: [(&str, &str); 6] = [
    ("Décision", "Decision"),
    ("Corriger", "Correct"),
    ("Rien de nous", "None of ours"),
    ("Numéro de carte (10 chiffres) ou référence imprimée", "Card number (10 digits) or printed reference"),
    (
        "Encore une fois, si aucun symbole de l’image ne le lit",
        "Once more, if no symbol of the picture says it",
    ),
    ("Valider (Entrée)", "Confirm (Enter)"),
];

fn in_language<const COUNT: usize>(
    words: [(&'static str, &'static str); COUNT],
    language: Language,
) -> [&'static str; COUNT] {
    words.map(|(french, english)| language.of(french, english))
}

/// Writes the bar of the decisions, which the script shows.
///
/// # Errors
/// Those of `out`.
pub(super) fn bar(out: &mut impl Write, language: Language) -> io::Result<()> {
    let [
        no_script,
        decisions,
        name,
        previous,
        next,
        undo,
        save,
        shortcuts,
        keys,
        to_next,
        to_previous,
        accept,
        to,
        another,
        correct,
        none,
        enlarge,
        take_back,
        store,
        leave,
    ] = in_language(BAR, language);
    write!(
        out,
        r#"<noscript><p>{no_script}</p></noscript>
<div class="bar" id="bar" role="toolbar" aria-label="{decisions}" hidden>
<strong id="progress"></strong>
<label>{name} <input id="by" autocomplete="name" maxlength="200"></label>
<button type="button" id="previous">{previous} (k)</button>
<button type="button" id="next">{next} (j)</button>
<button type="button" id="undo">{undo} (u)</button>
<button type="button" id="save" class="first">{save} (s)</button>
<label><input type="checkbox" id="shortcuts" checked> {shortcuts}</label>
<span id="message" role="status"></span>
</div>
<p class="soft">{keys} <kbd>j</kbd> <kbd>→</kbd> {to_next}, <kbd>k</kbd> <kbd>←</kbd> {to_previous}, <kbd>a</kbd> {accept},
<kbd>2</kbd> {to} <kbd>9</kbd> {another}, <kbd>c</kbd> {correct}, <kbd>n</kbd> {none}, <kbd>z</kbd> {enlarge}, <kbd>u</kbd> {take_back}, <kbd>s</kbd> {store},
{leave}.</p>
"#
    )
}

/// Writes what the script adds to each doubtful page.
///
/// # Errors
/// Those of `out`.
pub(super) fn decision(out: &mut impl Write, language: Language) -> io::Result<()> {
    let [decision, correct, none, number, again, confirm] = in_language(DECISION, language);
    writeln!(
        out,
        r#"<template id="decision">
<div class="decision" role="group" aria-label="{decision}">
<p class="decided"></p>
<div class="row choices"></div>
<div class="row">
<button type="button" class="correct">{correct} (c)</button>
<button type="button" class="none">{none} (n)</button>
</div>
<form hidden>
<label>{number} <input autocomplete="off" spellcheck="false"></label>
<label>{again} <input autocomplete="off" spellcheck="false"></label>
<p class="error" role="alert"></p>
<button>{confirm}</button>
</form>
</div>
</template>"#
    )
}
