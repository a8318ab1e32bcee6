//! The verdict on a claim (design rule 10): a number counts only where two things agree on it, and a miss is only a miss.

use mail::card::CardNumber;
use mail::piece::PieceKind;
use twoddoc::trust::Status;

use super::super::outcome::Verdict;
use super::super::remark::Remark;
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
    pub remark: Remark,
    /// The card's number, where two things agree on it.
    pub number: Option<CardNumber>,
    /// The piece, where it is known.
    pub piece: Option<PieceStatus>,
}

/// What speaks for a card's number.
enum Number {
    /// Two things agree on it; in words.
    Believed(CardNumber, Remark),
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
    let said = |verdict, remark: Remark| Judgement { verdict, remark, number: None, piece: None };
    match number {
        Number::Contradicted(bars, block) => {
            let remark = Remark::of(
                format!("les barres disent {bars}, le bloc signé {block}"),
                format!("the bars read {bars}, the signed block says {block}"),
            );
            Ok(said(Verdict::Inconsistent, remark))
        }
        Number::Alone(number) => {
            let remark = Remark::of(
                format!(
                    "les barres disent {number}, et rien d’autre ne le confirme\u{202F}: regardez le pli"
                ),
                format!("bars read {number}, and nothing agrees with them: look at the piece"),
            );
            Ok(said(Verdict::Unreadable, remark))
        }
        Number::Believed(number, because) => of_card(claim, number, because, known),
        Number::None if claim.named.is_empty() => {
            let remark = Remark::new(
                "le bloc signé ne dit aucun numéro de carte",
                "the signed block states no card number",
            );
            Ok(said(Verdict::Unreadable, remark))
        }
        Number::None => {
            let because = Remark::new(
                "son code de contrôle le nomme\u{202F}; ni barres ni bloc signé n’ont été lus",
                "its control code names it; neither bars nor signed block were read",
            );
            of_names(claim, because, known)
        }
    }
}

fn number(claim: &Claim, again: bool) -> Number {
    let block = claim.block.as_ref().and_then(|block| Some((block.number?, block.is_valid())));
    match (claim.bars, block) {
        (Some((bars, _)), Some((block, _))) if bars == block => {
            let remark = Remark::new("barres et bloc signé concordent", "bars and signed block agree");
            Number::Believed(bars, remark)
        }
        (Some((bars, true)), Some((block, _))) => Number::Contradicted(bars, block),
        (_, Some((block, true))) => {
            let remark = Remark::new("seul le bloc signé a été lu", "the signed block alone was read");
            Number::Believed(block, remark)
        }
        (Some((bars, true)), None) => {
            let remark = Remark::new(
                "deux bandes des barres concordent\u{202F}; le bloc signé n’a pas été vu",
                "two bands of the bars agree; the signed block was not seen",
            );
            Number::Believed(bars, remark)
        }
        (Some((bars, false)), None) if again => {
            let remark = Remark::new(
                "les barres de deux images concordent\u{202F}; le bloc signé n’a pas été vu",
                "the bars of two pictures agree; the signed block was not seen",
            );
            Number::Believed(bars, remark)
        }
        (Some((bars, false)), _) => Number::Alone(bars),
        (None, _) => Number::None,
    }
}

/// A block that nobody vouches for.
fn invalid_signature(block: &Block, number: Number, known: &Knowledge) -> Result<Judgement, Failure> {
    // Why in particular, is of certificates, and English.
    let reason = &block.report.signature.reason;
    let remark = match block.report.signature.status {
        Status::Untrusted => Remark::of(
            "personne ne répond du signataire de son bloc".to_owned(),
            format!("nobody vouches for the signer of its block: {reason}"),
        ),
        _ => Remark::of(
            "le bloc signé n’est pas authentique".to_owned(),
            format!("the signed block is not genuine: {reason}"),
        ),
    };
    let number = match number {
        Number::Believed(number, _) => Some(number),
        _ => None,
    };
    let piece = match &number {
        Some(number) => known.letters(number)?.pop(),
        None => None,
    };
    Ok(Judgement { verdict: Verdict::SignatureInvalid, remark, number, piece })
}

/// Judges a number or a name that a person's wand read.
///
/// # Errors
/// Those of the ledger.
pub(in super::super) fn judge_name(name: Named, known: &Knowledge) -> Result<Judgement, Failure> {
    match name {
        Named::Card(number) => {
            let because =
                Remark::new("son numéro a été lu à la douchette", "its number was read by the wand");
            of_card(&Claim::default(), number, because, known)
        }
        name => {
            let because =
                Remark::new("sa référence a été lue à la douchette", "its reference was read by the wand");
            of_names(&Claim { named: vec![name], ..Claim::default() }, because, known)
        }
    }
}

/// A believed number: the letter that it is, and whether all that the page says of it agrees.
fn of_card(
    claim: &Claim,
    number: CardNumber,
    because: Remark,
    known: &Knowledge,
) -> Result<Judgement, Failure> {
    let letters = known.letters(&number)?;
    let mut remark = because;
    let told = |verdict, remark: Remark, piece| Judgement { verdict, remark, number: Some(number), piece };
    if letters.is_empty() {
        remark.add(&match known.knows(&number)? {
            true => Remark::new(
                "le registre connaît la carte, et n’a imprimé aucun courrier pour elle",
                "the ledger knows the card, and printed no letter for it",
            ),
            false => Remark::new("le registre ne connaît pas cette carte", "the ledger knows no such card"),
        });
        return Ok(told(Verdict::UnknownCard, remark, None));
    }
    let mut piece = in_the_post(&letters).clone();
    for name in &claim.named {
        let Some(named) = known.named(name)? else {
            let remark = Remark::new(
                "un code de contrôle y nomme un pli que le registre ne connaît pas",
                "a control code on it names a piece that the ledger does not know",
            );
            return Ok(told(Verdict::Inconsistent, remark, Some(piece)));
        };
        if !letters.iter().any(|letter| is_same(letter, &named)) {
            let (number, code) = (&piece.piece_id, &named.piece_id);
            let remark = Remark::of(
                format!("il porte le numéro de {number}, et le code de contrôle de {code}"),
                format!("it bears the number of {number}, and the control code of {code}"),
            );
            return Ok(told(Verdict::Inconsistent, remark, None));
        }
        piece = named;
    }
    if let Some(difference) = difference(claim, &piece, known)? {
        return Ok(told(Verdict::Inconsistent, difference, Some(piece)));
    }
    known.notes(&piece, Some(&number))?.iter().for_each(|note| remark.add(note));
    Ok(told(Verdict::Matched, remark, Some(piece)))
}

/// Control codes and references alone: mailers that can be followed, and sheets of letters.
fn of_names(claim: &Claim, because: Remark, known: &Knowledge) -> Result<Judgement, Failure> {
    let said = |verdict, french, english| {
        let remark = Remark::new(french, english);
        Judgement { verdict, remark, number: None, piece: None }
    };
    let mut found: Option<PieceStatus> = None;
    for name in &claim.named {
        let Some(named) = known.named(name)? else {
            return Ok(said(
                Verdict::UnknownCard,
                "il nomme un pli que le registre ne connaît pas",
                "it names a piece that the ledger does not know",
            ));
        };
        if found.as_ref().is_some_and(|found| !is_same(found, &named)) {
            let (french, english) = ("ses codes nomment deux plis", "its codes name two pieces");
            return Ok(said(Verdict::Inconsistent, french, english));
        }
        found = Some(named);
    }
    let Some(piece) = found else {
        let (french, english) = ("rien de nous n’a été lu", "nothing of ours was read");
        return Ok(said(Verdict::Unreadable, french, english));
    };
    let mut remark = match piece.kind == PieceKind::Mailer.code() {
        true => Remark::new(
            "un courrier codes, par sa référence\u{202F}: il reste fermé",
            "a mailer, by its reference: it stays closed",
        ),
        false => because,
    };
    known.notes(&piece, None)?.iter().for_each(|note| remark.add(note));
    Ok(Judgement { verdict: Verdict::Matched, remark, number: None, piece: Some(piece) })
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
fn difference(claim: &Claim, piece: &PieceStatus, known: &Knowledge) -> Result<Option<Remark>, Failure> {
    let Some(block) = &claim.block else { return Ok(None) };
    let Some(record) = known.record(piece)? else { return Ok(None) };
    let Some(expected) = known.words.block_map().field_values(&record) else { return Ok(None) };
    let differing = expected.iter().find_map(|(id, value)| {
        let found = block.report.fields.iter().find(|field| field.id == *id)?;
        (found.value != *value).then(|| found.name.unwrap_or(&found.id).to_owned())
    });
    Ok(differing.map(|name| {
        Remark::of(
            format!("le bloc signé et l’enregistrement du pli au registre diffèrent par {name}"),
            format!("the signed block and the ledger's record of the piece differ in {name}"),
        )
    }))
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
