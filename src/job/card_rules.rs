//! The job file's `[rules]`: the generations of cards, and which of them need new codes when they are replaced.

use mail::card::Generation;
use serde::Deserialize;

use super::Job;

/// What is sent for which card.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CardRules {
    /// The generations of cards, by their codes in records.
    pub generations: Vec<String>,
    /// Those whose codes do not open the card that replaces them.
    pub new_codes_when_replaced: Vec<String>,
}

impl Default for CardRules {
    fn default() -> CardRules {
        let codes = |all: &[Generation]| all.iter().map(|generation| generation.code().to_owned()).collect();
        CardRules {
            generations: codes(&Generation::ALL),
            new_codes_when_replaced: codes(&[Generation::CPS2TER]),
        }
    }
}

impl CardRules {
    /// The first value that can't be used: its key and the advice.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        if let Some(code) = self.generations.iter().find(|code| Generation::named(code, false).is_none()) {
            let problem = format!("`{}` can't be a generation", foreign::legible(code));
            return Some((
                "generations",
                format!("{problem}; write 1 to 12 capitals and digits, such as CPS3"),
            ));
        }
        let unknown = |code: &&String| !self.generations.contains(code);
        let code = self.new_codes_when_replaced.iter().find(unknown)?;
        let problem = format!("`{}` is no generation of `generations`", foreign::legible(code));
        Some(("new_codes_when_replaced", format!("{problem}; add it there, or take it out here")))
    }
}

impl Job {
    /// The generations of cards that records may name.
    pub(crate) fn generations(&self) -> Vec<Generation> {
        let rules = &self.sections.rules;
        let named = |code: &String| Generation::named(code, rules.new_codes_when_replaced.contains(code));
        rules.generations.iter().filter_map(named).collect()
    }
}
