//! Why mail comes back: the reasons with their words, what the post's label says, and what becomes of the piece.
//!
//! Five reasons are built in, four with the words that La Poste prints. A job file adds others, and says by which texts of the
//! post's own label a reason is known: what that label holds is published nowhere, so none is built in.

mod settings;

use std::collections::BTreeMap;

use crate::Language;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

pub use settings::{ReasonFault, ReasonSettings};

/// The built-in reasons: code, words in French and in English, and what becomes of the piece.
const BUILT_IN: [(&str, [&str; 2], Disposition); 5] = [
    (
        "access_or_address",
        ["Défaut d'accès ou d'adressage", "No access, or a faulty address"],
        Disposition::Hold,
    ),
    ("unknown", ["Destinataire inconnu à l'adresse", "Not known at this address"], Disposition::Destroy),
    ("refused", ["Pli refusé par le destinataire", "Refused by the addressee"], Disposition::Hold),
    ("unclaimed", ["Pli avisé et non réclamé", "Notice left, not claimed"], Disposition::Hold),
    ("other", ["Autre motif", "Another reason"], Disposition::Hold),
];

/// What becomes of a piece that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// It is kept until somebody decides.
    #[default]
    Hold,
    /// It goes to the issuer.
    ToIssuer,
    /// It is destroyed before a witness.
    Destroy,
}

impl Disposition {
    /// Its code, as job files, tables and JSON have it.
    pub fn code(self) -> &'static str {
        match self {
            Disposition::Hold => "hold",
            Disposition::ToIssuer => "to_issuer",
            Disposition::Destroy => "destroy",
        }
    }
}

/// A reason.
#[derive(Debug, Clone)]
struct Reason {
    code: String,
    /// Its words in French: the post's own, for a built-in reason.
    words: String,
    /// Its words in English; those of the job stand for both languages.
    english: String,
    /// Patterns of the label's text, normalised.
    label: Vec<String>,
    disposition: Disposition,
}

/// The reasons of a job: the built-in ones in their order, then its own by their codes.
#[derive(Debug, Clone)]
pub struct ReturnReasons(Vec<Reason>);

impl Default for ReturnReasons {
    /// The built-in reasons.
    fn default() -> ReturnReasons {
        let reason = |(code, [words, english], disposition): (&str, [&str; 2], Disposition)| Reason {
            code: code.to_owned(),
            words: words.to_owned(),
            english: english.to_owned(),
            label: Vec::new(),
            disposition,
        };
        ReturnReasons(BUILT_IN.into_iter().map(reason).collect())
    }
}

impl ReturnReasons {
    /// What a barcode of a reason begins with.
    pub const BARCODE: &str = "RETURN/";

    /// The built-in reasons with what a job file adds: further reasons and labels, and what becomes of pieces by reason.
    ///
    /// # Errors
    /// The first value that can't be used.
    pub fn build(
        reasons: &BTreeMap<String, ReasonSettings>,
        dispositions: &BTreeMap<String, Disposition>,
    ) -> Result<ReturnReasons, ReasonFault> {
        let mut all = ReturnReasons::default();
        for (code, settings) in reasons {
            settings::check(code, settings, all.position(code).is_some())?;
            let at = all.position(code).unwrap_or(all.0.len());
            if at == all.0.len() {
                all.0.push(Reason {
                    code: code.clone(),
                    words: String::new(),
                    english: String::new(),
                    label: Vec::new(),
                    disposition: Disposition::Hold,
                });
            }
            let reason = &mut all.0[at];
            if let Some(words) = &settings.words {
                (reason.words, reason.english) = (words.clone(), words.clone());
            }
            reason.label = settings.label.iter().map(|pattern| normalised(pattern)).collect();
        }
        for (code, disposition) in dispositions {
            let at = all.position(code).ok_or_else(|| ReasonFault::unknown_disposition(code, &all))?;
            all.0[at].disposition = *disposition;
        }
        Ok(all)
    }

    fn position(&self, code: &str) -> Option<usize> {
        self.0.iter().position(|reason| reason.code == code)
    }

    fn get(&self, code: &str) -> Option<&Reason> {
        self.0.iter().find(|reason| reason.code == code)
    }

    /// The codes.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|reason| reason.code.as_str())
    }

    /// The words of a reason, as the post prints them; the code itself where it is no reason of this job.
    pub fn words<'c>(&'c self, code: &'c str) -> &'c str {
        self.words_in(Language::French, code)
    }

    /// The words of a reason in a language; the code itself where it is no reason of this job.
    pub fn words_in<'c>(&'c self, language: Language, code: &'c str) -> &'c str {
        self.get(code).map_or(code, |reason| language.of(&reason.words, &reason.english))
    }

    /// The code of a reason that is written as its code or in its words; case and accents do not matter.
    pub fn find(&self, text: &str) -> Option<&str> {
        let wanted = normalised(text);
        let is_it = |reason: &&Reason| {
            normalised(&reason.code) == wanted
                || normalised(&reason.words) == wanted
                || normalised(&reason.english) == wanted
                || normalised(&reason.code.replace('_', "-")) == wanted
        };
        self.0.iter().find(is_it).map(|reason| reason.code.as_str())
    }

    /// The code of the reason that the text of a label says; `None` where no pattern fits it, or those of two reasons do.
    pub fn of_label(&self, text: &str) -> Option<&str> {
        let text = normalised(text);
        let fits = |reason: &&Reason| reason.label.iter().any(|pattern| matches(pattern, &text));
        let mut found = self.0.iter().filter(fits);
        let first = found.next()?;
        found.next().is_none().then_some(first.code.as_str())
    }

    /// The text of a reason's barcode (Code 39).
    pub fn barcode(code: &str) -> String {
        format!("{}{}", ReturnReasons::BARCODE, code.to_ascii_uppercase().replace('_', "-"))
    }

    /// The code of the reason whose barcode was read; `None` for other texts.
    pub fn of_barcode(&self, text: &str) -> Option<&str> {
        let text = text.trim();
        self.codes().find(|code| ReturnReasons::barcode(code) == text)
    }

    /// What becomes of a piece that came back for a reason; held where it is no reason of this job.
    pub fn disposition(&self, code: &str) -> Disposition {
        self.get(code).map_or(Disposition::Hold, |reason| reason.disposition)
    }
}

/// A text in capitals without accents, and with single blanks. Other characters stay: of a label's text, any may matter.
fn normalised(text: &str) -> String {
    let letters = text.nfd().filter(|character| !is_combining_mark(*character));
    let capitals: String = letters.flat_map(char::to_uppercase).collect();
    capitals.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a pattern, in which `*` stands for any characters, fits a whole text. Its time is the product of both lengths at most.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < text.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, from));
            at += 1;
        } else if pattern.get(at) == Some(&text[from]) {
            at += 1;
            from += 1;
        } else if let Some((before, taken)) = star {
            star = Some((before, taken + 1));
            at = before + 1;
            from = taken + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|character| *character == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(reasons: &str, disposition: &str) -> Result<ReturnReasons, ReasonFault> {
        let read = serde_json::from_str(reasons).unwrap();
        ReturnReasons::build(&read, &serde_json::from_str(disposition).unwrap())
    }

    #[test]
    fn a_reason_is_found_by_code_words_and_barcode() {
        let reasons = ReturnReasons::default();
        for text in [
            "access_or_address",
            "ACCESS-OR-ADDRESS",
            "Défaut d'accès ou d'adressage",
            "defaut  D'ACCES ou d'adressage",
            "no access, or a faulty address",
        ] {
            assert_eq!(reasons.find(text), Some("access_or_address"), "{text}");
        }
        assert_eq!(reasons.find("moved"), None);
        for code in reasons.codes() {
            let barcode = ReturnReasons::barcode(code);
            assert_eq!(reasons.of_barcode(&barcode), Some(code));
            assert!(
                barcode.bytes().all(|byte| byte.is_ascii_uppercase() || b"/-".contains(&byte)),
                "{barcode}"
            );
        }
        assert_eq!(reasons.of_barcode("RETURN/MOVED"), None);
        assert_eq!(reasons.words("unknown"), "Destinataire inconnu à l'adresse");
        assert_eq!(reasons.words_in(Language::English, "unknown"), "Not known at this address");
        assert_eq!(reasons.disposition("unknown"), Disposition::Destroy);
    }

    #[test]
    fn a_job_adds_reasons_labels_and_what_becomes_of_pieces() {
        let moved = r#""moved": {"words": "A déménagé", "label": ["dém*nagé", "*NPAI 7*"]}"#;
        let reasons = reasons(
            &format!(r#"{{{moved}, "unknown": {{"label": ["npai*"]}}}}"#),
            r#"{"moved": "to_issuer", "unknown": "hold"}"#,
        )
        .unwrap();
        assert_eq!(reasons.codes().last(), Some("moved"));
        assert_eq!(reasons.find("a demenage"), Some("moved"));
        assert_eq!(reasons.words_in(Language::English, "moved"), "A déménagé", "as the job says it");
        assert_eq!(reasons.words("unknown"), "Destinataire inconnu à l'adresse", "its words stay");
        for (text, code) in [
            ("Déménagé", Some("moved")),
            ("demXXnage", Some("moved")),
            ("NPAI 12", Some("unknown")),
            ("x NPAI 7 y", Some("moved")),
            ("NPAI 7", None),
            ("demenagement", None),
            ("", None),
        ] {
            assert_eq!(reasons.of_label(text), code, "{text}");
        }
        assert_eq!(reasons.disposition("moved"), Disposition::ToIssuer);
        assert_eq!(reasons.disposition("unknown"), Disposition::Hold);
    }

    #[test]
    fn what_can_t_be_used_is_said_with_its_key() {
        for (settings, disposition, key) in [
            (r#"{"Moved": {"words": "x"}}"#, "{}", "returns.reasons.Moved"),
            (r#"{"moved": {}}"#, "{}", "returns.reasons.moved"),
            (r#"{"moved": {"words": ""}}"#, "{}", "returns.reasons.moved.words"),
            (r#"{"unknown": {"label": ["**"]}}"#, "{}", "returns.reasons.unknown.label"),
            ("{}", r#"{"moved": "hold"}"#, "returns.disposition.moved"),
        ] {
            let fault = reasons(settings, disposition).expect_err(settings);
            assert_eq!(fault.path(), key, "{fault}");
        }
    }

    #[test]
    fn stars_of_any_number_end_in_time() {
        let (pattern, text) = ("*A".repeat(60) + "B", "A".repeat(4000));
        assert!(!matches(&pattern, &text) && matches("", "") && matches("**", "") && !matches("", "A"));
    }
}
