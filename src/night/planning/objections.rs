//! Objections: why nothing is sent for a record, and what of it a person should know.

use super::{Outcome, Plan};
use crate::failure::counted;
use crate::job::OnHold;
use crate::ledger::{DeadCard, Ledger, LedgerError, RecordKey};
use mail::card::CardStatus;
use mail::issuance::Issuance;
use mail::reason::Reason;
use mail::{Worded, Words};

/// A finding of planning about a record: column, code and message.
pub(super) struct Remark {
    /// The column.
    pub field: &'static str,
    /// The stable code.
    pub code: &'static str,
    /// The problem, then what to do.
    pub message: Words,
}

impl Remark {
    fn new(field: &'static str, code: &'static str, message: Words) -> Remark {
        Remark { field, code, message }
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
            let message = Words::new(
                "la carte est révoquée\u{202F}: rien n’est envoyé, et ce qui attendait encore pour elle est annulé",
                "the card is revoked: nothing is sent, and what still waited for it is cancelled",
            );
            return Ok(Remarks::nothing(Remark::new("status", "revoked", message)));
        }
        let mut warnings = Vec::new();
        if let Some(dead) = ledger.dead_card(card)? {
            match names_another_holder(&dead, issuance, ledger)? {
                true => warnings.push(replaced_by_another(&dead, card, ledger)?),
                false => {
                    let night = dead.night;
                    let message = Words::of(
                        format!(
                            "la carte «\u{A0}{card}\u{A0}» a été révoquée ou remplacée le {night}\u{202F}; envoyez l’enregistrement de la carte valable"
                        ),
                        format!(
                            "card `{card}` was revoked or replaced on {night}; send the record of the card that is valid"
                        ),
                    );
                    return Ok(Remarks::rejected(Remark::new("card_number", "card_revoked", message)));
                }
            }
        }
        let sent = if issuance.reason.letter() { ledger.night_of_card(card)? } else { None };
        if sent.is_some() && ledger.waits_for_the_future(card, self.rules.night)? {
            self.superseded_cards.push(issuance.card_number);
            let message = Words::new(
                "cet enregistrement remplace un précédent de la carte, dont la demande est à venir et dont rien n’est parti",
                "this record takes the place of an earlier one of the card, whose request lies in the future and of which nothing has left",
            );
            warnings.push(Remark::new("requested_at", "record_superseded", message));
        } else if let Some(night) = sent {
            let message = Words::of(
                format!(
                    "le registre a déjà pris la carte «\u{A0}{card}\u{A0}» le {night}\u{202F}; n’envoyez que des enregistrements nouveaux ou corrigés, dans un fichier à part (les codes se redemandent avec le motif «\u{A0}codes_reissue\u{A0}»)"
                ),
                format!(
                    "the ledger has taken in card `{card}` on {night}; send only new and corrected records, in a file of their own (codes are asked again with reason `codes_reissue`)"
                ),
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
                        let problem = Words::of(
                            format!(
                                "{}, et son autorisation pour ce motif a servi le {night}",
                                problem.french()
                            ),
                            format!("{problem}, and its release with this reason served on {night}"),
                        );
                        return Ok(Remarks::rejected(reissue_rejected(&problem)));
                    }
                    Some(reason) => {
                        let message = Words::of(
                            format!(
                                "{}\u{202F}; les codes sont envoyés car ils ont été autorisés\u{202F}: {reason}",
                                problem.french()
                            ),
                            format!("{problem}; the codes are sent because they were released: {reason}"),
                        );
                        self.released_codes.push((issuance.card_number, reason));
                        warnings.push(Remark::new("reason", "reissue_released", message));
                    }
                }
            }
            if ledger.mailer_waits(card)? {
                let message = Words::new(
                    "les codes de la carte attendent déjà leur jour\u{202F}: ils ne sont pas envoyés deux fois",
                    "the card's codes wait for their day already: they are not sent twice",
                );
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
        let remark = |problem: Words| {
            let message = Words::of(
                format!(
                    "le courrier à cette adresse est revenu {returns} fois{}\u{202F}; envoyez une adresse corrigée, ou confirmez celle-ci et faites-la ôter de la liste des adresses bloquées («\u{A0}pli returns held JOB\u{A0}» énumère les plis revenus\u{202F}; «\u{A0}pli returns release JOB --address-of PIECE --reason TEXT\u{A0}»)",
                    problem.french()
                ),
                format!(
                    "mail to this address came back {}{problem}; send a corrected address, or confirm this one and have it taken off the hold list (`pli returns held JOB` lists the pieces that came back; `pli returns release JOB --address-of PIECE --reason TEXT`)",
                    counted(returns, "time")
                ),
            );
            Remark::new("address_4", "address_on_hold", message)
        };
        let sent = Words::new(", et le pli part quand même", ", and the piece is sent all the same");
        match self.rules.holds.on_hold {
            OnHold::Warn => remarks.warnings.push(remark(sent)),
            OnHold::Reject => {
                remarks.objection = Some((Outcome::Rejected, remark(Words::new("", ""))));
            }
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
    let (fr, en) = by.map_or(("une autre carte".to_owned(), "another card".to_owned()), |by| {
        (format!("la carte «\u{A0}{by}\u{A0}»"), format!("card `{by}`"))
    });
    let night = dead.night;
    let message = Words::of(
        format!(
            "{fr} du {night} nomme la carte «\u{A0}{card}\u{A0}» comme celle qu’elle remplace, sous un autre titulaire\u{202F}: cet enregistrement est envoyé\u{202F}; demandez à l’émetteur quelle carte celle-là remplace"
        ),
        format!(
            "{en} of {night} names card `{card}` as the one it replaces, under another holder: this record is sent; ask the issuer which card that one replaces"
        ),
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
        Words::new(
            "cette carte est à un autre titulaire, et rien d’elle n’est annulé\u{202F}; écrivez le numéro de la carte du titulaire, ou laissez la colonne vide",
            "this card belongs to another holder, and nothing of it is cancelled; write the number of the holder's own card, or leave the column empty",
        ),
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
        Words::new(
            "cet enregistrement et un autre de cette nuit remplacent l’un la carte de l’autre, et rien d’aucun n’est annulé\u{202F}; écrivez le numéro de l’ancienne carte",
            "this record and another of tonight replace each other's cards, and nothing of either is cancelled; write the number of the old card",
        ),
    )
}

/// Why codes can't be sent again without a person's word: the ledger does not know the card, or knows it at another address.
fn unknown_addressee(issuance: &Issuance, ledger: &Ledger) -> Result<Option<Words>, LedgerError> {
    let card = issuance.card_number;
    Ok(match ledger.holder_of(card.as_str())? {
        None => Some(Words::of(
            format!("le registre ne connaît pas la carte «\u{A0}{card}\u{A0}»"),
            format!("the ledger does not know card `{card}`"),
        )),
        Some(known) if !ledger.is_holder(&known, issuance) => Some(Words::of(
            format!("le registre connaît la carte «\u{A0}{card}\u{A0}» sous un autre titulaire"),
            format!("the ledger knows card `{card}` under another holder"),
        )),
        Some(known) if !ledger.is_address(&known, issuance) => Some(Words::of(
            format!("le registre connaît la carte «\u{A0}{card}\u{A0}» à une autre adresse"),
            format!("the ledger knows card `{card}` at another address"),
        )),
        Some(_) => None,
    })
}

fn reissue_rejected(problem: &Words) -> Remark {
    let message = Words::of(
        format!(
            "{}\u{202F}; vérifiez la demande avec l’émetteur, puis inscrivez la carte avec un motif propre dans un fichier (colonnes «\u{A0}card_number,reason\u{A0}») et lancez avec «\u{A0}--release-reissues FILE\u{A0}»",
            problem.french()
        ),
        format!(
            "{problem}; verify the request with the issuer, then list the card with a reason of its own in a file (columns `card_number,reason`) and run with `--release-reissues FILE`"
        ),
    );
    Remark::new("reason", "reissue_address", message)
}
