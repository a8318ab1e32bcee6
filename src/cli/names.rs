//! Lots and pieces as arguments, in every spelling, and what to do where one names a letter's and a mailer's alike.

use std::fmt::Display;

use clap::ValueEnum;

use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::Ledger;
use crate::night::no_ledger;
use mail::lot::{LotName, WrittenLot, WrittenPiece};
use mail::piece::PieceKind;

/// A kind of piece, as `--kind` has it.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    /// Card carrier letters
    Letter,
    /// PIN/PUK mailers
    Mailer,
}

impl From<Kind> for PieceKind {
    fn from(kind: Kind) -> PieceKind {
        match kind {
            Kind::Letter => PieceKind::Letter,
            Kind::Mailer => PieceKind::Mailer,
        }
    }
}

/// Reads a lot: `26327A`, `L26327A`, `M26327A`.
///
/// # Errors
/// The problem and what to write.
pub(super) fn lot(text: &str) -> Result<WrittenLot, String> {
    WrittenLot::parse(text).ok_or_else(|| match WrittenPiece::parse(text) {
        Some(WrittenPiece { lot: name, kind, .. }) => {
            format!("it is a piece; write its lot, {}", WrittenLot { name, kind })
        }
        None => "it is no lot; write 26327A, or with its kind L26327A or M26327A".to_owned(),
    })
}

/// Reads a piece's reference: `26327A000001`, `26327A\000001`, `L26327A000001`, `M26327A000001`, of a reprint with `.1`
/// behind it.
///
/// # Errors
/// The problem and what to write.
pub(super) fn piece(text: &str) -> Result<WrittenPiece, String> {
    WrittenPiece::parse(text).ok_or_else(|| match WrittenLot::parse(text) {
        Some(lot) => format!("it is a lot; write a piece of it, such as {lot}000001"),
        None => {
            "it is no reference; write 26327A000001 as printed, or with its kind L26327A000001 or M26327A000001"
                .to_owned()
        }
    })
}

/// The most characters of a person's mark or of a reason.
const MAX_WORDS: usize = 200;

/// Reads a person's mark.
///
/// # Errors
/// The problem and what to write.
pub(super) fn person(text: &str) -> Result<String, String> {
    words(text, "a name or a mark, such as `JD`")
}

/// Reads a reason.
///
/// # Errors
/// The problem and what to write.
pub(super) fn reason(text: &str) -> Result<String, String> {
    words(text, "what happened, in a few words that name nobody")
}

fn words(text: &str, what: &str) -> Result<String, String> {
    let text = text.trim();
    match text.is_empty() || text.chars().count() > MAX_WORDS || text.chars().any(char::is_control) {
        true => Err(format!("write {what}, in one line of at most {MAX_WORDS} characters")),
        false => Ok(text.to_owned()),
    }
}

/// A lot of a report with its kind, `L26327A`.
pub(super) fn marked(lot: &str, kind: &str) -> String {
    let marked = LotName::parse(lot).zip(PieceKind::parse(kind)).map(|(lot, kind)| lot.marked(kind));
    marked.unwrap_or_else(|| lot.to_owned())
}

/// The lot that is meant, as `find` has it.
///
/// # Errors
/// `unknown_lot`; `lot_ambiguous`: both kinds have it; `kind_contradicted`; those of `find`.
pub(super) fn one_lot<T>(
    written: &WrittenLot,
    asked: Option<Kind>,
    mut find: impl FnMut(&LotName, PieceKind) -> Result<Option<T>, Failure>,
) -> Result<T, Failure> {
    let mut found = Vec::new();
    for kind in kinds(written, written.kind, asked)? {
        found.extend(find(&written.name, kind)?);
    }
    match (found.pop(), found.is_empty()) {
        (Some(lot), true) => Ok(lot),
        (Some(_), false) => {
            let [letters, mailers] = PieceKind::ALL.map(|kind| written.name.marked(kind));
            let problem =
                format!("`{written}` is a lot of letters, `{letters}`, and a lot of mailers, `{mailers}`");
            Err(Failure::usage("lot_ambiguous", problem)
                .with_advice(format!("write `{letters}` or `{mailers}`")))
        }
        (None, _) => Err(Failure::usage("unknown_lot", format!("the ledger knows no lot `{written}`"))
            .with_advice("`pli status JOB` lists the lots")),
    }
}

/// The pieces that are meant, as `find` has them by their printed reference: one, or a letter and a mailer.
///
/// # Errors
/// `unknown_piece`; `kind_contradicted`; those of `find`.
pub(super) fn pieces<T>(
    written: &WrittenPiece,
    asked: Option<Kind>,
    mut find: impl FnMut(&str) -> Result<Option<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut found = Vec::new();
    for kind in kinds(written, written.kind, asked)? {
        found.extend(find(&written.piece_id(kind))?);
    }
    if found.is_empty() {
        return Err(Failure::usage("unknown_piece", format!("the ledger knows no piece `{written}`"))
            .with_advice("`pli status JOB` lists the lots and how many pieces each has"));
    }
    Ok(found)
}

/// The lot of a job that is meant.
///
/// # Errors
/// Those of [`one_lot`]; `no_ledger`; ledger errors.
pub(super) fn lot_of(
    job: &Job,
    written: &WrittenLot,
    asked: Option<Kind>,
) -> Result<(LotName, PieceKind), Failure> {
    let ledger = view(job)?;
    one_lot(written, asked, |name, kind| {
        let lots = ledger.lots(Some(name.as_str()))?;
        Ok(lots.iter().any(|lot| lot.kind == kind.code()).then(|| (name.clone(), kind)))
    })
}

/// The lot in which a piece with this printed reference lies.
///
/// # Errors
/// `unknown_piece`; `no_ledger`; ledger errors.
pub(super) fn lot_of_piece(job: &Job, reference: &str) -> Result<(LotName, PieceKind), Failure> {
    let piece = view(job)?.piece(reference)?;
    let lot = piece.and_then(|piece| LotName::parse(&piece.lot).zip(PieceKind::parse(&piece.kind)));
    lot.ok_or_else(|| Failure::usage("unknown_piece", format!("the ledger knows no piece `{reference}`")))
}

/// The ledger of a job, for queries.
///
/// # Errors
/// `no_ledger`; ledger errors.
pub(super) fn view(job: &Job) -> Result<Ledger, Failure> {
    let home = job.ledger();
    Ledger::find(&home)?.ok_or_else(|| no_ledger(&home))
}

/// The kinds that a name may have: its own, that of `--kind`, or both.
fn kinds(
    name: &impl Display,
    said: Option<PieceKind>,
    asked: Option<Kind>,
) -> Result<Vec<PieceKind>, Failure> {
    match (said, asked.map(PieceKind::from)) {
        (Some(said), Some(asked)) if said != asked => {
            let problem = format!("`{name}` means {}, and `--kind` says {asked}", said.folder());
            Err(Failure::usage("kind_contradicted", problem).with_advice("leave `--kind` out"))
        }
        (Some(kind), _) | (None, Some(kind)) => Ok(vec![kind]),
        (None, None) => Ok(PieceKind::ALL.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks a lot up in a ledger that has it for these kinds.
    fn find_lot(text: &str, asked: Option<Kind>, has: &[PieceKind]) -> Result<PieceKind, &'static str> {
        let written = lot(text).expect("a lot");
        let find = |_: &LotName, kind| Ok(has.contains(&kind).then_some(kind));
        one_lot(&written, asked, find).map_err(|failure| failure.code())
    }

    #[test]
    fn a_bare_name_is_that_of_the_only_lot_or_ambiguous() {
        use PieceKind::{Letter, Mailer};
        for kind in PieceKind::ALL {
            assert_eq!(find_lot("26327A", None, &[kind]), Ok(kind));
        }
        let both = &PieceKind::ALL;
        assert_eq!(find_lot("26327A", None, both), Err("lot_ambiguous"));
        assert_eq!(find_lot("26327A", Some(Kind::Mailer), both), Ok(Mailer));
        assert_eq!(find_lot("L26327A", None, both), Ok(Letter));
        assert_eq!(find_lot("m26327a", Some(Kind::Mailer), both), Ok(Mailer));
        assert_eq!(find_lot("M26327A", Some(Kind::Letter), both), Err("kind_contradicted"));
        assert_eq!(find_lot("L26327A", None, &[Mailer]), Err("unknown_lot"));
        assert_eq!(find_lot("26327A", None, &[]), Err("unknown_lot"));
    }

    #[test]
    fn the_advice_of_an_ambiguous_name_is_unambiguous() {
        let find = |_: &LotName, kind| Ok(Some(kind));
        let failure = one_lot(&lot("26327A").expect("a lot"), None, find).expect_err("two lots");
        assert!(["`L26327A`", "`M26327A`"].iter().all(|name| failure.message().contains(name)), "{failure}");
        assert_eq!(failure.advice(), Some("write `L26327A` or `M26327A`"));
        for kind in PieceKind::ALL {
            let advised = LotName::parse("26327A").expect("a lot").marked(kind);
            assert_eq!(find_lot(&advised, None, &PieceKind::ALL), Ok(kind));
        }
    }

    #[test]
    fn a_bare_reference_may_be_two_pieces() {
        let looked_up = |text: &str, asked| {
            let find = |id: &str| Ok(Some(id.to_owned()));
            pieces(&piece(text).expect("a piece"), asked, find).map_err(|failure| failure.code())
        };
        let (letter, mailer) = ("26327A000001".to_owned(), "26327A\\000001".to_owned());
        assert_eq!(looked_up("26327A000001", None), Ok(vec![letter.clone(), mailer.clone()]));
        assert_eq!(looked_up("26327A000001", Some(Kind::Letter)), Ok(vec![letter.clone()]));
        assert_eq!(looked_up("L26327A000001", None), Ok(vec![letter]));
        assert_eq!(looked_up("26327A\\000001", None), Ok(vec![mailer]));
        assert_eq!(looked_up("M26327A000001.1", None), Ok(vec!["26327A\\000001.1".to_owned()]));
        assert_eq!(looked_up("26327A\\000001", Some(Kind::Letter)), Err("kind_contradicted"));
        let nothing = pieces(&piece("26327A000001").expect("a piece"), None, |_| Ok(None::<()>));
        assert_eq!(nothing.map_err(|failure| failure.code()), Err("unknown_piece"));
    }

    #[test]
    fn a_lot_for_a_piece_and_a_piece_for_a_lot_are_told() {
        assert_eq!(lot("26327A\\000001").expect_err("a piece"), "it is a piece; write its lot, M26327A");
        let advice = piece("l26327a").expect_err("a lot");
        assert_eq!(advice, "it is a lot; write a piece of it, such as L26327A000001");
        assert!(lot("monday").is_err() && piece("L26327A\\000001").is_err());
    }

    #[test]
    fn a_lot_of_a_report_is_shown_with_its_kind() {
        assert_eq!(marked("26327A", "mailer"), "M26327A");
        assert_eq!(marked("26327A", "parcel"), "26327A");
    }
}
