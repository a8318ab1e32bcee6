//! A request in words, as somebody reads it before signing.

use foreign::legible;

use super::decision::Standing;
use super::request::SignedRequest;
use crate::ledger::SystemUser;

/// A request in words, with its hash: everything that is signed, and nothing else. The user's name is the system's for the number
/// that asks, not what the request says.
pub(crate) fn in_words(request: &SignedRequest) -> Vec<String> {
    let asked = request.request();
    let mut lines = vec![
        format!("This asks for leave to {}.", asked.subject.act.words()),
        format!(
            "asked by    {} (user {}, key {})",
            legible(&SystemUser::of_number(asked.uid).name),
            asked.uid,
            request.key().fingerprint()
        ),
        format!("valid until {}", asked.not_after),
    ];
    let named = |(name, value): (&String, &String)| format!("  {}: {}", legible(name), legible(value));
    lines.extend(asked.subject.details.iter().map(named));
    if !asked.subject.pieces.is_empty() {
        lines.push(format!("{} in all:", asked.subject.pieces.len()));
        lines.extend(asked.subject.pieces.iter().map(|piece| format!("  {}", legible(piece))));
    }
    lines.push("It holds for exactly these (SHA-256):".to_owned());
    lines.extend(asked.subject.hashes.iter().map(named));
    lines.push(format!("hash of the request: {}", request.hash()));
    lines
}

/// How a request stands, in words.
pub(crate) fn standing_in_words(standing: &Standing, used: bool) -> Vec<String> {
    let state = match (used, standing.expired, standing.is_approved()) {
        (true, ..) => "used".to_owned(),
        (_, true, _) => "expired".to_owned(),
        (_, _, true) => "approved".to_owned(),
        _ => format!("waits for {} of {} approvals", standing.missing(), standing.required),
    };
    let mut lines = vec![state];
    lines.extend(standing.approved_by.iter().map(|name| format!("  signed with {}", legible(name))));
    let aside = standing.set_aside.iter();
    lines.extend(
        aside.map(|(key, objection)| format!("  the key {key} {}: it does not count", objection.words())),
    );
    lines
}
