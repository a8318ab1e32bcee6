//! Objections: why nothing is sent for a record, and what of it a person should know.

use super::{Outcome, Plan};
use crate::job::OnHold;
use crate::ledger::{DeadCard, Ledger, LedgerError, RecordKey};
use mail::card::CardStatus;
use mail::issuance::Issuance;
use mail::reason::Reason;

/// A finding of planning about a record: column, code and message.
pub(super) struct Remark {
    /// The column.
    pub field: &'static str,
    /// The stable code.
    pub code: &'static str,
    /// The problem, then what to do.
    pub message: String,
}

impl Remark {
    fn new(field: &'static str, code: &'static str, message: impl Into<String>) -> Remark {
        Remark { field, code, message: message.into() }
    }
}

/// What planning finds about a record before its pieces are decided.
#[derive(Default)]
pub(super) struct Remarks {
    /// Why nothing is sent, and the record's outcome.
    pub objection: Option<(Outcome, Remark)>,
    /// Warnings on a record that is sent.
    pub warnings: Vec<Remark>,
}

impl Remarks {
    fn rejected(remark: Remark) -> Remarks {
        Remarks { objection: Some((Outcome::Rejected, remark)), warnings: Vec::new() }
    }

    fn nothing(remark: Remark) -> Remarks {
        Remarks { objection: Some((Outcome::Nothing, remark)), warnings: Vec::new() }
    }
}

impl Plan {
    /// What the ledger has against a record.
    ///
    /// # Errors
    /// Ledger errors.
    pub(super) fn remarks(&mut self, issuance: &Issuance, ledger: &Ledger) -> Result<Remarks, LedgerError> {
        let card = issuance.card_number.as_str();
        if issuance.status == CardStatus::Revoked {
            let message = "the card is revoked: nothing is sent, and what still waited for it is cancelled";
            return Ok(Remarks::nothing(Remark::new("status", "revoked", message)));
        }
        let mut warnings = Vec::new();
        if let Some(dead) = ledger.dead_card(card)? {
            match names_another_holder(&dead, issuance, ledger)? {
                true => warnings.push(replaced_by_another(&dead, card, ledger)?),
                false => {
                    let message = format!(
                        "card `{card}` was revoked or replaced on {}; send the record of the card that is valid",
                        dead.night
                    );
                    return Ok(Remarks::rejected(Remark::new("card_number", "card_revoked", message)));
                }
            }
        }
        let sent = if issuance.reason.letter() { ledger.night_of_card(card)? } else { None };
        if sent.is_some() && ledger.waits_for_the_future(card, self.rules.night)? {
            self.superseded_cards.push(issuance.card_number);
            let message = "this record takes the place of an earlier one of the card, whose request lies in the future and of which nothing has left";
            warnings.push(Remark::new("requested_at", "record_superseded", message));
        } else if let Some(night) = sent {
            let message = format!(
                "the ledger has taken in card `{card}` on {night}; send only new and corrected records, in a file of their own (codes are asked again with reason `codes_reissue`)"
            );
            return Ok(Remarks::rejected(Remark::new("card_number", "already_taken_in", message)));
        }
        if let Some(remark) = replaces_another(issuance, ledger)? {
            return Ok(Remarks::rejected(remark));
        }
        if issuance.reason == Reason::CodesReissue {
            if let Some(problem) = unknown_addressee(issuance, ledger)? {
                let released = self.rules.reissues.release(card);
                let used = match &released {
                    Some(reason) => ledger.reissue_released(card, reason)?,
                    None => None,
                };
                match released {
                    None => return Ok(Remarks::rejected(reissue_rejected(&problem))),
                    Some(_) if used.is_some() => {
                        let night = used.unwrap_or_default();
                        let problem =
                            format!("{problem}, and its release with this reason served on {night}");
                        return Ok(Remarks::rejected(reissue_rejected(&problem)));
                    }
                    Some(reason) => {
                        let message =
                            format!("{problem}; the codes are sent because they were released: {reason}");
                        self.released_codes.push((issuance.card_number, reason));
                        warnings.push(Remark::new("reason", "reissue_released", message));
                    }
                }
            }
            if ledger.mailer_waits(card)? {
                let message = "the card's codes wait for their day already: they are not sent twice";
                return Ok(Remarks::nothing(Remark::new("reason", "mailer_waits", message)));
            }
        }
        Ok(Remarks { objection: None, warnings })
    }
}

impl Plan {
    /// Adds what is to be said of a record whose address is on the hold list, where something is sent for it.
    pub(super) fn heed_hold_list(&self, key: &RecordKey, remarks: &mut Remarks) {
        let Some(returns) = self.hold_list.returns(key).filter(|_| remarks.objection.is_none()) else {
            return;
        };
        let remark = |problem: &str| {
            let message = format!(
                "mail to this address came back {returns} times{problem}; send a corrected address, or confirm this one and have it taken off the hold list (`pli returns held JOB` lists the pieces that came back; `pli returns release JOB --address-of PIECE --reason TEXT`)"
            );
            Remark::new("address_4", "address_on_hold", message)
        };
        match self.rules.holds.on_hold {
            OnHold::Warn => remarks.warnings.push(remark(", and the piece is sent all the same")),
            OnHold::Reject => remarks.objection = Some((Outcome::Rejected, remark(""))),
        }
    }
}

/// Whether a card was replaced by a record of another holder than this one's: that record named a wrong card.
fn names_another_holder(dead: &DeadCard, issuance: &Issuance, ledger: &Ledger) -> Result<bool, LedgerError> {
    let replacing = ledger.holder_of_replacing(dead)?;
    Ok(replacing.is_some_and(|replacing| !ledger.is_holder(&replacing, issuance)))
}

fn replaced_by_another(dead: &DeadCard, card: &str, ledger: &Ledger) -> Result<Remark, LedgerError> {
    let by = ledger.replacing_card(dead)?;
    let by = by.map_or("another card".to_owned(), |by| format!("card `{by}`"));
    let message = format!(
        "{by} of {} names card `{card}` as the one it replaces, under another holder: this record is sent; ask the issuer which card that one replaces",
        dead.night
    );
    Ok(Remark::new("card_number", "replaced_by_another", message))
}

/// The objection to a record that replaces a card which the ledger knows under another holder.
fn replaces_another(issuance: &Issuance, ledger: &Ledger) -> Result<Option<Remark>, LedgerError> {
    let Some(replaced) = issuance.replaced_card_number else { return Ok(None) };
    let known = ledger.holder_of(replaced.as_str())?;
    Ok(known.filter(|known| !ledger.is_holder(known, issuance)).map(|_| stranger_replaced()))
}

/// The objection to a record that replaces the card of another holder.
pub(super) fn stranger_replaced() -> Remark {
    Remark::new(
        "replaced_card_number",
        "replaced_card_of_another",
        "this card belongs to another holder, and nothing of it is cancelled; write the number of the holder's own card, or leave the column empty",
    )
}

/// Whether a record replaces a card that the ledger knows under another holder.
///
/// # Errors
/// Ledger errors.
pub(super) fn replaces_stranger(issuance: &Issuance, ledger: &Ledger) -> Result<bool, LedgerError> {
    Ok(replaces_another(issuance, ledger)?.is_some())
}

/// The objection to records that replace each other's cards.
pub(super) fn replaced_in_a_circle() -> Remark {
    Remark::new(
        "replaced_card_number",
        "replaced_in_a_circle",
        "this record and another of tonight replace each other's cards, and nothing of either is cancelled; write the number of the old card",
    )
}

/// Why codes can't be sent again without a person's word: the ledger does not know the card, or knows it at another address.
fn unknown_addressee(issuance: &Issuance, ledger: &Ledger) -> Result<Option<String>, LedgerError> {
    let card = issuance.card_number;
    Ok(match ledger.holder_of(card.as_str())? {
        None => Some(format!("the ledger does not know card `{card}`")),
        Some(known) if !ledger.is_holder(&known, issuance) => {
            Some(format!("the ledger knows card `{card}` under another holder"))
        }
        Some(known) if !ledger.is_address(&known, issuance) => {
            Some(format!("the ledger knows card `{card}` at another address"))
        }
        Some(_) => None,
    })
}

fn reissue_rejected(problem: &str) -> Remark {
    let message = format!(
        "{problem}; verify the request with the issuer, then list the card with a reason of its own in a file (columns `card_number,reason`) and run with `--release-reissues FILE`"
    );
    Remark::new("reason", "reissue_address", message)
}
