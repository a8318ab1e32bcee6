//! Why a card is issued, and which pieces are sent for that reason. The [calendar](crate::calendar) says when they are
//! due.

use serde::{Deserialize, Serialize};

use crate::card::Generation;

/// Why a card is issued or its codes are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// First issue.
    First,
    /// Renewal at expiry; never for a CPF.
    Renewal,
    /// Loss, theft, malfunction, card or codes not received.
    Incident,
    /// Early renewal after a change of name, first name or activity.
    Change,
    /// Codes asked again: forgotten code, lost mailer.
    CodesReissue,
}

/// Which codes the mailer of a reason holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodesDuty {
    /// No mailer: the codes of the replaced card stay and are not sent again.
    None,
    /// A mailer with the codes of the new card.
    New,
    /// A mailer with the same codes, read again from the codes file.
    Same,
}

impl Reason {
    /// Every reason, in the order of the table.
    pub const ALL: [Self; 5] = [Self::First, Self::Renewal, Self::Incident, Self::Change, Self::CodesReissue];

    /// `first`, `renewal`, `incident`, `change` or `codes_reissue`.
    pub fn code(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Renewal => "renewal",
            Self::Incident => "incident",
            Self::Change => "change",
            Self::CodesReissue => "codes_reissue",
        }
    }

    /// Whether a card carrier letter is sent.
    pub fn letter(self) -> bool {
        self != Self::CodesReissue
    }

    /// Which codes are sent, given the generation of the replaced card (`None`: unknown, taken as current).
    pub fn codes(self, replaced: Option<Generation>) -> CodesDuty {
        match self {
            Self::First | Self::Incident => CodesDuty::New,
            Self::Renewal | Self::Change if replaced.is_some_and(Generation::needs_new_codes) => {
                CodesDuty::New
            }
            Self::Renewal | Self::Change => CodesDuty::None,
            Self::CodesReissue => CodesDuty::Same,
        }
    }

    /// Whether the new card replaces another.
    pub fn replaces_a_card(self) -> bool {
        matches!(self, Self::Renewal | Self::Incident | Self::Change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_reasons() {
        let old = Some(Generation::CPS2TER);
        let new = Some(Generation::CPS3);
        let table = [
            (Reason::First, true, CodesDuty::New, CodesDuty::New),
            (Reason::Renewal, true, CodesDuty::None, CodesDuty::New),
            (Reason::Incident, true, CodesDuty::New, CodesDuty::New),
            (Reason::Change, true, CodesDuty::None, CodesDuty::New),
            (Reason::CodesReissue, false, CodesDuty::Same, CodesDuty::Same),
        ];
        for (reason, letter, usual, after_cps2ter) in table {
            assert_eq!(reason.letter(), letter, "{reason:?}");
            assert_eq!(reason.codes(None), usual, "{reason:?}");
            assert_eq!(reason.codes(new), usual, "{reason:?}");
            assert_eq!(reason.codes(old), after_cps2ter, "{reason:?}");
        }
    }

    #[test]
    fn serde_writes_the_codes() {
        for reason in Reason::ALL {
            let json = serde_json::to_string(&reason).expect("json");
            assert_eq!(json, format!("\"{}\"", reason.code()));
        }
    }
}
