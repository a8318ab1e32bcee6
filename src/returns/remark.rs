//! Why a page is what it is said to be, in both languages: `reason` and `reason_fr` of its outcome.

use std::fmt;

use mail::{Language, Worded, Words};
use serde::{Deserialize, Serialize};

/// A remark on a page. Its `Display` is English.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Remark {
    #[serde(rename = "reason")]
    english: String,
    /// Empty in outcomes that were noted by earlier versions.
    #[serde(rename = "reason_fr", default)]
    french: String,
}

impl Remark {
    /// A remark that is always the same.
    pub(super) fn new(french: &str, english: &str) -> Remark {
        Remark::of(french.to_owned(), english.to_owned())
    }

    /// A remark with values in it, the same in both languages.
    pub(super) fn of(french: String, english: String) -> Remark {
        Remark { english, french }
    }

    /// Adds a further sentence, unless it is said already.
    pub(super) fn add(&mut self, more: &Remark) {
        let said = format!("; {}", more.english);
        if self.english.contains(&said) {
            return;
        }
        self.english.push_str(&said);
        // What earlier versions said has no French to which more could be added.
        if !self.french.is_empty() {
            self.french.push_str(&format!("\u{202F}; {}", more.french));
        }
    }

    /// The remark in a language; in English where it has no French.
    pub(crate) fn text(&self, language: Language) -> &str {
        match language {
            Language::French if !self.french.is_empty() => &self.french,
            _ => &self.english,
        }
    }
}

impl From<Words> for Remark {
    fn from(words: Words) -> Remark {
        Remark::of(words.french(), words.to_string())
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_earlier_versions_noted_is_read_and_stays_english() {
        let mut remark: Remark = serde_json::from_str("{\"reason\":\"bars agree\"}").unwrap();
        remark.add(&Remark::new("son numéro est connu", "its number is known"));
        assert_eq!(remark.text(Language::French), "bars agree; its number is known");
        let written = serde_json::to_value(Remark::new("oui", "yes")).unwrap();
        assert_eq!(written, serde_json::json!({ "reason": "yes", "reason_fr": "oui" }));
    }

    #[test]
    fn a_sentence_is_said_once() {
        let mut remark = Remark::new("les barres concordent", "bars agree");
        for _ in 0..2 {
            remark.add(&Remark::new("à voir", "look at it"));
        }
        assert_eq!(remark.text(Language::English), "bars agree; look at it");
        assert_eq!(remark.text(Language::French), "les barres concordent\u{202F}; à voir");
    }
}
