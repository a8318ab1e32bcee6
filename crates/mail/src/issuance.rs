//! One valid record of a night: what the ledger stores and planning works on. Rows are checked by the intake.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;
use crate::card::{CardFamily, CardNumber, CardStatus, Generation};
use crate::holder::Holder;
use crate::identifiers::{PsIdNat, StructureId};
use crate::profession::Profession;
use crate::reason::Reason;
use crate::text::postal_capitals;

/// One valid record: a card that is issued, or whose codes are asked for again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuance {
    /// The logical number of the new card.
    pub card_number: CardNumber,
    /// Its family.
    pub family: CardFamily,
    /// Why it is issued.
    pub reason: Reason,
    /// When it was asked for, in local time; the cut-off of incidents is counted from here.
    pub requested_at: DateTime,
    /// When the replaced card was issued. A date after the request is that of the new card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<Date>,
    /// When the replaced card expires; always there for a renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_date: Option<Date>,
    /// The card that this one cancels, where the record names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_card_number: Option<CardNumber>,
    /// The generation of the replaced card, on which the codes mailer depends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_generation: Option<Generation>,
    /// The holder's national identifier.
    pub ps_id_nat: PsIdNat,
    /// The structure's national identifier; may be missing for CPS and CPF only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structure_id: Option<StructureId>,
    /// The person who holds the card, or none.
    pub holder: Holder,
    /// The profession; may be missing for staff and directors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profession: Option<Profession>,
    /// The name of the structure; empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub organisation: String,
    /// The correspondence address.
    pub address: PostalAddress,
    /// Whether the card may still be sent.
    pub status: CardStatus,
    /// The issuer's own reference of the request, character for character; empty when there is none. It is for outcomes
    /// alone: no template can print it, and nothing of a mailer carries it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub client_ref: String,
}

impl Issuance {
    /// Whether two records are of one holder: the same national identifier, or the same name (the identifier changes when a
    /// professional moves from ADELI to RPPS). Cards without a person belong to one holder if they have the structure in
    /// common.
    pub fn has_holder_of(&self, other: &Issuance) -> bool {
        let name = self.holder_name();
        self.ps_id_nat == other.ps_id_nat || (name.is_some() && name == other.holder_name())
    }

    /// The holder's name in postal capitals, or the identifier of the structure that holds a card without a person; `None` where
    /// the record has neither. Two records with the same one are of one holder.
    pub fn holder_name(&self) -> Option<String> {
        match &self.holder {
            Holder::Named { last_name, first_name, .. } => {
                Some(format!("{}\n{}", postal_capitals(last_name), postal_capitals(first_name)))
            }
            Holder::Structure => self.structure_id.as_ref().map(|structure| format!("structure {structure}")),
        }
    }
}
