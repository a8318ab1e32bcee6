//! The numbers of a piece as it prints them (pieces.md §1 and §2, mail_production.md §2).

use std::borrow::Cow;

use mail::piece::PieceKind;
use mail::tracking::TrackingId;

use super::ClaimedPiece;

/// The printed reference of a piece: lot and six digits, `26327A000908`; a mailer's has a backslash between them. In a
/// reprint lot it is the reference that was given, if it is one of a piece of the lot's night: `26327A000908.1`.
///
/// `None` where that is not so.
pub(super) fn reference<'p>(piece: &ClaimedPiece<'p>) -> Option<Cow<'p, str>> {
    let lot = piece.position.lot.as_str();
    let separator = if piece.position.kind == PieceKind::Mailer { "\\" } else { "" };
    let Some((night, _)) = lot.split_once('.') else {
        return Some(format!("{lot}{separator}{:06}", piece.position.sequence).into());
    };
    let rest = piece.piece_id.strip_prefix(night)?.strip_prefix(separator)?;
    let (sequence, attempt) = rest.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let sound = sequence.len() == 6 && digits(sequence) && digits(attempt) && !attempt.starts_with('0');
    sound.then_some(piece.piece_id.into())
}

/// A mailer's reference as a barcode: `M26327A000001`. Code 39 has no backslash.
pub(super) fn barcode(piece: &ClaimedPiece) -> Option<String> {
    let mut barcode = String::from("M");
    barcode.extend(reference(piece)?.chars().filter(|character| *character != '\\'));
    Some(barcode)
}

/// A tracking identifier: the product's two characters, ten digits in groups of three, three and four, and the key.
pub(super) fn tracking(id: TrackingId) -> Option<String> {
    let compact = id.compact();
    let product = compact.get(..2)?;
    let digits = format!("{:010}", id.number());
    let (first, second, third) = (digits.get(..3)?, digits.get(3..6)?, digits.get(6..)?);
    Some(format!("{product} {first} {second} {third} {}", key(&digits)))
}

/// The key of ten digits: what they lack to a multiple of ten, where every second digit counts three times, beginning with
/// the last.
fn key(digits: &str) -> u32 {
    let mut sum = 0;
    for (place, digit) in digits.bytes().rev().enumerate() {
        let weight = if place % 2 == 0 { 3 } else { 1 };
        sum += weight * u32::from(digit - b'0');
    }
    (10 - sum % 10) % 10
}
