//! The verdict on a claim (design rule 10): a number counts only where two things agree on it, and a miss is only a miss.

use mail::card::CardNumber;
use mail::piece::PieceKind;
use twoddoc::trust::Status;

use super::super::outcome::Verdict;
use super::claims::{Block, Claim};
use super::knowledge::Knowledge;
use crate::failure::Failure;
use crate::inserting::Named;
use crate::ledger::{PieceStatus, State};

/// What a claim is worth.
#[derive(Debug, Clone)]
pub(in super::super) struct Judgement {
    /// The verdict. That a piece came back before is found where the return is booked.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// The card's number, where two things agree on it.
    pub number: Option<CardNumber>,
    /// The piece, where it is known.
    pub piece: Option<PieceStatus>,
}

/// What speaks for a card's number.
enum Number {
    /// Two things agree on it; in words.
    Believed(CardNumber, &'static str),
    /// One thing states it, and nothing else.
    Alone(CardNumber),
    /// Bars and block state different ones.
    Contradicted(CardNumber, CardNumber),
    /// Nothing states one.
    None,
}

/// Judges a claim. `again`: bars that read a number without agreement have read the same in another picture of the pile.
///
/// # Errors
/// Those of the ledger.
pub(in super::super) fn judge(claim: &Claim, again: bool, known: &Knowledge) -> Result<Judgement, Failure> {
    let number = number(claim, again);
    if let Some(block) = claim.block.as_ref().filter(|block| !block.is_valid()) {
        return invalid_signature(block, number, known);
    }
    let said = |verdict, reason: String| Judgement { verdict, reason, number: None, piece: None };
    match number {
        Number::Contradicted(bars, block) => {
            let reason = format!("the bars read {bars}, the signed block says {block}");
            Ok(said(Verdict::Inconsistent, reason))
        }
        Number::Alone(number) => {
            let reason = format!("bars read {number}, and nothing agrees with them: look at the piece");
            Ok(said(Verdict::Unreadable, reason))
        }
        Number::Believed(number, because) => of_card(claim, number, because, known),
        Number::None if claim.named.is_empty() => {
            Ok(said(Verdict::Unreadable, "the signed block states no card number".to_owned()))
        }
        Number::None => {
            let because = "its control code names it; neither bars nor signed block were read";
            of_names(claim, because, known)
        }
    }
}

fn number(claim: &Claim, again: bool) -> Number {
    let block = claim.block.as_ref().and_then(|block| Some((block.number?, block.is_valid())));
    match (claim.bars, block) {
        (Some((bars, _)), Some((block, _))) if bars == block => {
            Number::Believed(bars, "bars and signed block agree")
        }
        (Some((bars, true)), Some((block, _))) => Number::Contradicted(bars, block),
        (_, Some((block, true))) => Number::Believed(block, "the signed block alone was read"),
        (Some((bars, true)), None) => {
            Number::Believed(bars, "two bands of the bars agree; the signed block was not seen")
        }
        (Some((bars, false)), None) if again => {
            Number::Believed(bars, "the bars of two pictures agree; the signed block was not seen")
        }
        (Some((bars, false)), _) => Number::Alone(bars),
        (None, _) => Number::None,
    }
}

/// A block that nobody vouches for.
fn invalid_signature(block: &Block, number: Number, known: &Knowledge) -> Result<Judgement, Failure> {
    let reason = match block.report.signature.status {
        Status::Untrusted => {
            format!("nobody vouches for the signer of its block: {}", block.report.signature.reason)
        }
        _ => format!("the signed block is not genuine: {}", block.report.signature.reason),
    };
    let number = match number {
        Number::Believed(number, _) => Some(number),
        _ => None,
    };
    let piece = match &number {
        Some(number) => known.letters(number)?.pop(),
        None => None,
    };
    Ok(Judgement { verdict: Verdict::SignatureInvalid, reason, number, piece })
}

/// Judges a number or a name that a person's wand read.
///
/// # Errors
/// Those of the ledger.
pub(in super::super) fn judge_name(name: Named, known: &Knowledge) -> Result<Judgement, Failure> {
    match name {
        Named::Card(number) => of_card(&Claim::default(), number, "its number was read by the wand", known),
        name => {
            let because = "its reference was read by the wand";
            of_names(&Claim { named: vec![name], ..Claim::default() }, because, known)
        }
    }
}

/// A believed number: the letter that it is, and whether all that the page says of it agrees.
fn of_card(
    claim: &Claim,
    number: CardNumber,
    because: &str,
    known: &Knowledge,
) -> Result<Judgement, Failure> {
    let letters = known.letters(&number)?;
    let told = |verdict, reason: String, piece| Judgement { verdict, reason, number: Some(number), piece };
    if letters.is_empty() {
        let reason = match known.knows(&number)? {
            true => "the ledger knows the card, and printed no letter for it",
            false => "the ledger knows no such card",
        };
        return Ok(told(Verdict::UnknownCard, format!("{because}; {reason}"), None));
    }
    let mut piece = in_the_post(&letters).clone();
    for name in &claim.named {
        let Some(named) = known.named(name)? else {
            let reason = "a control code on it names a piece that the ledger does not know".to_owned();
            return Ok(told(Verdict::Inconsistent, reason, Some(piece)));
        };
        if !letters.iter().any(|letter| is_same(letter, &named)) {
            let reason = format!(
                "it bears the number of {}, and the control code of {}",
                piece.piece_id, named.piece_id
            );
            return Ok(told(Verdict::Inconsistent, reason, None));
        }
        piece = named;
    }
    if let Some(difference) = difference(claim, &piece, known)? {
        return Ok(told(Verdict::Inconsistent, difference, Some(piece)));
    }
    let mut reason = because.to_owned();
    for note in known.notes(&piece, Some(&number))? {
        reason.push_str("; ");
        reason.push_str(&note);
    }
    Ok(told(Verdict::Matched, reason, Some(piece)))
}

/// Control codes and references alone: mailers that can be followed, and sheets of letters.
fn of_names(claim: &Claim, because: &str, known: &Knowledge) -> Result<Judgement, Failure> {
    let said =
        |verdict, reason: &str| Judgement { verdict, reason: reason.to_owned(), number: None, piece: None };
    let mut found: Option<PieceStatus> = None;
    for name in &claim.named {
        let Some(named) = known.named(name)? else {
            return Ok(said(Verdict::UnknownCard, "it names a piece that the ledger does not know"));
        };
        if found.as_ref().is_some_and(|found| !is_same(found, &named)) {
            return Ok(said(Verdict::Inconsistent, "its codes name two pieces"));
        }
        found = Some(named);
    }
    let Some(piece) = found else { return Ok(said(Verdict::Unreadable, "nothing of ours was read")) };
    let mut reason = match piece.kind == PieceKind::Mailer.code() {
        true => "a mailer, by its reference: it stays closed".to_owned(),
        false => because.to_owned(),
    };
    for note in known.notes(&piece, None)? {
        reason.push_str("; ");
        reason.push_str(&note);
    }
    Ok(Judgement { verdict: Verdict::Matched, reason, number: None, piece: Some(piece) })
}

/// Of the prints of a card's letters the one that is in the post as far as the ledger knows, else the latest.
fn in_the_post(letters: &[PieceStatus]) -> &PieceStatus {
    let away = |piece: &&PieceStatus| {
        matches!(piece.state, State::Dispatched | State::CodesCompromised) || piece.state.may_leave()
    };
    let back = |piece: &&PieceStatus| piece.state == State::Returned;
    letters.iter().rfind(away).or(letters.iter().rfind(back)).unwrap_or(&letters[letters.len() - 1])
}

fn is_same(one: &PieceStatus, other: &PieceStatus) -> bool {
    (&one.lot, &one.kind, one.sequence) == (&other.lot, &other.kind, other.sequence)
}

/// In what the signed block and the ledger's record of the piece differ; `None` where they agree, or where one of them is
/// not there.
fn difference(claim: &Claim, piece: &PieceStatus, known: &Knowledge) -> Result<Option<String>, Failure> {
    let Some(block) = &claim.block else { return Ok(None) };
    let Some(record) = known.record(piece)? else { return Ok(None) };
    let Some(expected) = known.words.block_map().field_values(&record) else { return Ok(None) };
    let differing = expected.iter().find_map(|(id, value)| {
        let found = block.report.fields.iter().find(|field| field.id == *id)?;
        (found.value != *value).then(|| found.name.unwrap_or(&found.id).to_owned())
    });
    Ok(differing
        .map(|name| format!("the signed block and the ledger's record of the piece differ in {name}")))
}

#[cfg(test)]
mod tests {
    use twoddoc::VerificationReport;
    use twoddoc::trust::Verdict as SignatureVerdict;

    use super::*;

    fn card(text: &str) -> CardNumber {
        CardNumber::parse(text).expect("a number")
    }

    /// What speaks for a number: bars with or without agreement, a block with or without a good signature.
    fn of(bars: Option<(&str, bool)>, block: Option<(&str, bool)>, again: bool) -> (char, String) {
        let bars = bars.map(|(text, agreed)| (card(text), agreed));
        let block = block.map(|(text, valid)| {
            let mut report = VerificationReport::unreadable("");
            report.signature = SignatureVerdict::unreadable("");
            report.signature.status = if valid { Status::Valid } else { Status::Invalid };
            Block { report, number: Some(card(text)) }
        });
        match number(&Claim { bars, block, ..Claim::default() }, again) {
            Number::Believed(number, _) => ('b', number.to_string()),
            Number::Alone(number) => ('a', number.to_string()),
            Number::Contradicted(..) => ('c', String::new()),
            Number::None => ('n', String::new()),
        }
    }

    #[test]
    fn a_number_is_believed_where_two_things_agree_on_it_and_nowhere_else() {
        const ONE: &str = "2400140649";
        const TWO: &str = "2400140650";
        let believed = |text: &str| ('b', text.to_owned());
        let contradicted = ('c', String::new());
        for (bars, block, again, wanted) in [
            (None, None, false, ('n', String::new())),
            (Some((ONE, true)), None, false, believed(ONE)),
            (Some((ONE, false)), None, false, ('a', ONE.to_owned())),
            (Some((ONE, false)), None, true, believed(ONE)),
            (Some((ONE, false)), Some((ONE, true)), false, believed(ONE)),
            (Some((ONE, false)), Some((ONE, false)), false, believed(ONE)),
            // The signature is the last judge of a block, and never of bars that read another number with agreement.
            (None, Some((ONE, true)), false, believed(ONE)),
            (Some((TWO, false)), Some((ONE, true)), false, believed(ONE)),
            (Some((TWO, true)), Some((ONE, true)), false, contradicted.clone()),
            (Some((TWO, true)), Some((ONE, false)), false, contradicted.clone()),
            (None, Some((ONE, false)), false, ('n', String::new())),
            (Some((TWO, false)), Some((ONE, false)), false, ('a', TWO.to_owned())),
        ] {
            assert_eq!(of(bars, block, again), wanted, "{bars:?} {block:?} {again}");
        }
    }
}
