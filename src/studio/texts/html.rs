//! The wording of a template as one HTML file that opens from the disk, without network and script, and prints well.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{Change, ShownSentence, Side, Texts, Words};
use crate::files::Escaped;

/// The style sheet.
const STYLE: &str = include_str!("texts.css");

/// The wording as HTML, in French.
pub(crate) fn texts_html(texts: &Texts) -> String {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let title = format!("Textes : {}", texts.title);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{style}'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<h1>{title}</h1>\n",
        title = Escaped(&title)
    );
    head(&mut html, texts);
    html.push_str("<table>\n<thead><tr><th scope=\"col\">N°</th><th scope=\"col\">Phrase</th><th scope=\"col\">Variantes</th><th scope=\"col\">Page</th></tr></thead>\n<tbody>\n");
    for (number, sentence) in (1..).zip(&texts.sentences) {
        row(&mut html, number, sentence, false);
    }
    html.push_str("</tbody>\n</table>\n");
    if !texts.removed.is_empty() {
        html.push_str("<h2>Phrases supprimées</h2>\n<table>\n<thead><tr><th scope=\"col\">N°</th><th scope=\"col\">Phrase</th><th scope=\"col\">Variantes</th><th scope=\"col\">Page</th></tr></thead>\n<tbody>\n");
        for (number, sentence) in (texts.sentences.len() + 1..).zip(&texts.removed) {
            row(&mut html, number, sentence, true);
        }
        html.push_str("</tbody>\n</table>\n");
    }
    html.push_str("</body>\n</html>\n");
    html
}

/// What the file is about, and how much changed.
fn head(html: &mut String, texts: &Texts) {
    let count = |of: fn(&Change) -> bool| {
        texts.sentences.iter().filter(|sentence| sentence.change.as_ref().is_some_and(of)).count()
    };
    // Writing to a text never fails.
    let _ = writeln!(
        html,
        "<p>Modèle <strong>{}</strong>, version <code>{}</code> : {} phrases dans {} variantes. Un nom entre ‹ › est une donnée de la fiche.</p>",
        Escaped(&texts.template),
        Escaped(short(&texts.version)),
        texts.sentences.len(),
        texts.variants
    );
    let Some(against) = &texts.against else { return };
    let _ = writeln!(
        html,
        "<p>Comparé à <strong>{}</strong>, version <code>{}</code> : {} ajoutées, {} modifiées, {} supprimées, {} dans d’autres variantes.</p>",
        Escaped(&against.template),
        Escaped(short(&against.version)),
        count(|change| *change == Change::Added),
        count(|change| matches!(change, Change::Changed { .. })),
        texts.removed.len(),
        count(|change| matches!(change, Change::Moved { .. }))
    );
}

/// The begin of a version, which people compare.
fn short(version: &str) -> &str {
    version.get(..12).unwrap_or(version)
}

fn row(html: &mut String, number: usize, sentence: &ShownSentence, removed: bool) {
    let (class, text, note) = match &sentence.change {
        _ if removed => ("removed", format!("<del>{}</del>", Escaped(&sentence.text)), String::new()),
        None | Some(Change::Same) => ("", Escaped(&sentence.text).to_string(), String::new()),
        Some(Change::Added) => ("added", format!("<ins>{}</ins>", Escaped(&sentence.text)), String::new()),
        Some(Change::Changed { words }) => ("changed", marked(words), String::new()),
        Some(Change::Moved { before }) => {
            ("moved", Escaped(&sentence.text).to_string(), format!("<br><del>{}</del>", Escaped(before)))
        }
    };
    let pages: Vec<String> = sentence.places.iter().map(|place| place.page.to_string()).collect();
    let _ = writeln!(
        html,
        "<tr class=\"{class}\"><td>{number}</td><td>{text}</td><td>{}{note} <small>({})</small></td><td>{}</td></tr>",
        Escaped(&sentence.shown),
        sentence.variants,
        pages.join(", ")
    );
}

/// The words of a changed sentence: those that went and those that came are marked.
fn marked(words: &[Words]) -> String {
    let mark = |words: &Words| match words.of {
        Side::Both => Escaped(&words.text).to_string(),
        Side::Old => format!("<del>{}</del>", Escaped(&words.text)),
        Side::New => format!("<ins>{}</ins>", Escaped(&words.text)),
    };
    words.iter().map(mark).collect::<Vec<_>>().join(" ")
}
