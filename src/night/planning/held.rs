//! Why a piece is held back, in words.

use crate::ledger::State;
use mail::{Language, Worded, Words};

/// Why a piece waits whose card a rejected row may have reported lost.
pub(super) const DOUBTFUL: Words = Words::new(
    "un enregistrement rejeté de cette nuit déclare cette carte perdue ou volée, sous un titulaire illisible ou autre\u{202F}: le pli attend cette nuit\u{202F}; corrigez cet enregistrement",
    "a rejected record of tonight reports this card lost or stolen, under a holder that can't be read or is another: the piece waits this night; correct that record",
);

/// Why a mailer waits whose letter does not leave, and what to do.
pub(super) fn held_by_letter(piece_id: &str, why: &str) -> Words {
    let advice = match why {
        "card_lost" | "card_spoiled" => Words::new(
            "la carte est refaite, et l’enregistrement qui la révoque ou la remplace annule ce courrier codes",
            "the card is made again, and the record that revokes or replaces it cancels this mailer",
        ),
        "returned" | "destroyed" => Words::of(
            format!(
                "l’enregistrement de la carte qui la remplace annule ce courrier codes, ou laissez-le partir («\u{A0}pli returns release JOB {piece_id} --reason TEXT\u{A0}»)"
            ),
            format!(
                "the record of the card that replaces it cancels this mailer, or let it go (`pli returns release JOB {piece_id} --reason TEXT`)"
            ),
        ),
        "duplicate" | "mismatch" | "attention" => Words::of(
            format!(
                "examinez le courrier carte, puis acceptez-le («\u{A0}pli reconcile JOB --accept {piece_id} --reason TEXT\u{A0}») ou réimprimez-le («\u{A0}pli reprint\u{A0}»)"
            ),
            format!(
                "look at the letter, then accept it (`pli reconcile JOB --accept {piece_id} --reason TEXT`) or print it again (`pli reprint`)"
            ),
        ),
        _ => Words::of(
            format!(
                "réimprimez le courrier carte («\u{A0}pli reprint JOB {piece_id} --reason TEXT --card-in-hand\u{A0}»), ou enregistrez-le là où on le retrouve («\u{A0}pli reconcile JOB --hand FILE\u{A0}»)"
            ),
            format!(
                "print the letter again (`pli reprint JOB {piece_id} --reason TEXT --card-in-hand`), or book it where it is found (`pli reconcile JOB --hand FILE`)"
            ),
        ),
    };
    let french = match State::parse(why) {
        Some(state) => state.name(Language::French),
        None => match why {
            "duplicate" => "en double",
            "mismatch" => "discordant",
            "attention" => "à examiner",
            other => other,
        },
    };
    let why = why.replace('_', " ");
    Words::of(
        format!(
            "le courrier carte «\u{A0}{piece_id}\u{A0}» ne part pas ({french})\u{202F}: le courrier codes attend\u{202F}; {}",
            advice.french()
        ),
        format!("the card's letter `{piece_id}` does not leave ({why}): the mailer waits; {advice}"),
    )
}
