//! The verdict on a code: see the room's first page for what is weighed, and in which order.

use super::super::findings::Level;
use super::super::{Code, DocumentType, Header, KeyError, SignatureFault, VerifyingKey, verify};
use super::chain::Standing;
use super::speakers::Speaker;
use super::store::TrustStore;
use super::verdict::{Policy, Status, Verdict};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A check of a code's signature with a key.
type Check<'c> = dyn Fn(&Code, &VerifyingKey) -> Trial + 'c;

/// What came of it; a key that signs no 2D-DOC matches nothing.
type Trial = Result<(), SignatureFault>;

/// What the signature of one code is worth under each key, checked once however many certificates hold the key.
struct Trials<'t> {
    code: &'t Code,
    check: &'t Check<'t>,
    /// By the key in DER.
    known: BTreeMap<&'t [u8], Trial>,
}

impl<'t> Trials<'t> {
    fn of(&mut self, speaker: &'t Speaker<'_>) -> Trial {
        let Ok(key) = speaker.key else { return Err(SignatureFault::Mismatch) };
        *self.known.entry(speaker.key_info).or_insert_with(|| (self.check)(self.code, key))
    }
}

impl TrustStore {
    /// Judges a code that was read (S326 §6, p. 31): who signed it, whether that key is trusted and was on
    /// the day, and whether the code is sound.
    ///
    /// ```
    /// use crate::trust::{Policy, Status, TrustStore};
    /// let store = TrustStore::default();
    /// let code = crate::parse(b"DC04FR03ONI1FFFF265FC901FRI612345678901")?;
    /// assert_eq!(store.judge(&code, &Policy::default()).status, Status::Invalid); // no signature
    /// # Ok::<(), crate::Unreadable>(())
    /// ```
    #[must_use]
    pub fn judge(&self, code: &Code, policy: &Policy) -> Verdict {
        self.judge_with(code, *policy, &verify)
    }

    /// Judges with a given check of signatures, which is asked of each key once.
    fn judge_with(&self, code: &Code, policy: Policy, check: &Check<'_>) -> Verdict {
        if code.signature.is_none() {
            return Verdict::new(Status::Invalid, SignatureFault::Missing.to_string());
        }
        let speakers = self.speakers(&code.header);
        let bare_keys = self.bare_keys(&code.header.ca_id);
        let mut trials = Trials { code, check, known: BTreeMap::new() };
        let tried: Vec<_> = speakers.iter().map(|speaker| (trials.of(speaker), speaker)).collect();
        let (matching, others): (Vec<_>, Vec<_>) = tried.into_iter().partition(|(trial, _)| trial.is_ok());
        if matching.is_empty()
            && let Some(signer) = bare_keys.iter().find(|key| trials.of(key).is_ok())
        {
            return judge_trusted(code, policy, signer, &[]).of(signer);
        }
        let trusted = |(_, speaker): &&(Trial, &Speaker<'_>)| speaker.standing.is_trusted();
        match (matching.iter().find(trusted), others.iter().find(trusted), matching.first(), others.first()) {
            (Some((_, signer)), ..) => judge_trusted(code, policy, signer, &speakers).of(signer),
            (None, Some((trial, other)), ..) => mismatch(code, trial, other),
            (None, None, Some((_, signer)), _) => judge_untrusted(signer).of(signer),
            (None, None, None, Some((trial, other))) => mismatch(code, trial, other),
            (None, None, None, None) => self.judge_unknown(code, &bare_keys),
        }
    }

    fn unknown(&self, code: &Code) -> Verdict {
        Verdict::new(Status::Untrusted, self.silence(&code.header))
    }

    /// Nobody speaks for the code's ids, and no key without an id signed it. A code that names a test authority, or a
    /// type that is not national, claims to be the bureau's own: altered then.
    fn judge_unknown(&self, code: &Code, tried: &[Speaker<'_>]) -> Verdict {
        if tried.is_empty() {
            return self.unknown(code);
        }
        let national = DocumentType::find(&code.header.document_type).is_none_or(|known| known.national);
        let status = match names_test_authority(code) || !national {
            true => Status::Invalid,
            false => Status::Untrusted,
        };
        let reason = format!(
            "{}, and the signature is that of no public key without an id here ({} tried): altered, or \
             signed by someone else",
            self.silence(&code.header),
            tried.len()
        );
        Verdict::new(status, reason)
    }
}

impl Verdict {
    fn of(mut self, signer: &Speaker<'_>) -> Verdict {
        self.algorithm = signer.key.ok().map(|key| key.algorithm());
        self.signer = Some(signer.name.clone());
        self
    }
}

/// The key that should have signed did not, or can't have.
fn mismatch(code: &Code, trial: &Trial, speaker: &Speaker<'_>) -> Verdict {
    let id = &code.header.certificate_id;
    let (status, reason) = match (speaker.key, trial) {
        (Err(KeyError::Rsa), _) => {
            let reason = format!("certificate `{id}` holds an RSA key, and a 2D-DOC is signed with ECDSA");
            (Status::Untrusted, reason)
        }
        (Err(_), _) => {
            let reason =
                format!("certificate `{id}` holds a key of a kind or curve that no 2D-DOC is signed with");
            (Status::Untrusted, reason)
        }
        (Ok(_), Err(fault)) => (Status::Invalid, fault.to_string()),
        (Ok(_), Ok(())) => (Status::Untrusted, "its signer is not trusted".to_owned()),
    };
    Verdict::new(status, reason).of(speaker)
}

fn judge_untrusted(signer: &Speaker<'_>) -> Verdict {
    match &signer.standing {
        Standing::Invalid(reason) => {
            Verdict::new(Status::Invalid, format!("the signature matches, but {reason}"))
        }
        Standing::Untrusted(reason) => {
            Verdict::new(Status::Untrusted, format!("the signature matches, but {reason}"))
        }
        Standing::Chained(_) | Standing::AsItStands => {
            Verdict::new(Status::Untrusted, "its signer is not trusted")
        }
    }
}

/// The signature holds, and its key is trusted: what else there is against the code.
fn judge_trusted(code: &Code, policy: Policy, signer: &Speaker<'_>, speakers: &[Speaker<'_>]) -> Verdict {
    let (same_key, others): (Vec<_>, Vec<_>) = speakers
        .iter()
        .filter(|speaker| speaker.standing.is_trusted())
        .partition(|speaker| speaker.key_info == signer.key_info);
    let checks: [&dyn Fn() -> Option<Verdict>; 5] = [
        &|| doubled(signer, &others),
        &|| test_authority(code, policy, signer),
        &|| revoked(&same_key),
        &|| out_of_time(code, signer, &same_key),
        &|| unsound(code),
    ];
    checks
        .into_iter()
        .find_map(|check| check())
        .unwrap_or_else(|| Verdict::new(Status::Valid, word(code, signer)))
}

fn doubled(signer: &Speaker<'_>, others: &[&Speaker<'_>]) -> Option<Verdict> {
    let rival = others.iter().find(|rival| rival.revocation.is_none() && signer.revocation.is_none())?;
    let reason = format!(
        "the signature matches, but two keys here carry its id, in `{}` and `{}`: the authority must give an id once",
        signer.file, rival.file
    );
    Some(Verdict::new(Status::Untrusted, reason))
}

/// Whether the code names a test authority: S326 p. 15.
fn names_test_authority(code: &Code) -> bool {
    code.header.ca_id.ends_with("00")
}

fn test_authority(code: &Code, policy: Policy, signer: &Speaker<'_>) -> Option<Verdict> {
    let Header { ca_id, certificate_id, .. } = &code.header;
    let is_test_id = certificate_id.bytes().all(|digit| digit == b'0');
    let is_asked_for = policy.accept_test_authorities || signer.standing == Standing::AsItStands;
    if is_asked_for || !(names_test_authority(code) || is_test_id) {
        return None;
    }
    let reason = format!(
        "the signature matches, but `{ca_id}/{certificate_id}` is kept for tests, which are accepted only when \
         asked for"
    );
    Some(Verdict::new(Status::Untrusted, reason))
}

fn revoked(certificates: &[&Speaker<'_>]) -> Option<Verdict> {
    let revocation = certificates.iter().find_map(|certificate| certificate.revocation.as_ref())?;
    Some(Verdict::new(
        Status::Invalid,
        format!("the signature matches, but the certificate was revoked on {revocation}"),
    ))
}

/// Whether the days of no certificate with this key hold the day of the signature: S326 p. 31. That the key lies here
/// without a certificate too, bound to the id, takes no certificate's days away.
fn out_of_time(code: &Code, signer: &Speaker<'_>, certificates: &[&Speaker<'_>]) -> Option<Verdict> {
    let periods: Vec<(Date, Date)> = certificates.iter().filter_map(|certificate| certificate.days).collect();
    let is_free = names_test_authority(code) && signer.standing == Standing::AsItStands;
    if is_free || periods.is_empty() {
        return None;
    }
    let Some(day) = code.header.signature_date else {
        let reason =
            "the signature matches, but is not dated: nothing shows that its certificate was valid then";
        return Some(Verdict::new(Status::Invalid, reason));
    };
    if periods.iter().any(|(first, last)| (*first..=*last).contains(&day)) {
        return None;
    }
    let reason = format!(
        "the signature matches, but it was made on {day}, and the certificate is valid {}",
        in_words(&periods)
    );
    Some(Verdict::new(Status::Invalid, reason))
}

fn in_words(periods: &[(Date, Date)]) -> String {
    let periods: Vec<_> = periods.iter().map(|(first, last)| format!("from {first} to {last}")).collect();
    periods.join(" and ")
}

fn unsound(code: &Code) -> Option<Verdict> {
    let finding = code.findings.iter().find(|finding| finding.level == Level::Invalid)?;
    Some(Verdict::new(Status::Invalid, format!("the signature matches, but {finding}")))
}

/// What is told of a valid code: who signed, and by whose word.
fn word(code: &Code, signer: &Speaker<'_>) -> String {
    let (ca_id, id) = (&code.header.ca_id, &code.header.certificate_id);
    let mut word = match (&signer.standing, signer.days) {
        (Standing::Chained(operator), _) => {
            let operator = operator.as_ref().map(|operator| format!(" ({operator})")).unwrap_or_default();
            format!("signed with certificate `{id}`, issued by authority `{ca_id}`{operator}")
        }
        (_, Some(_)) => {
            format!("signed with certificate `{id}` of `{ca_id}`, which the trust folder holds as it stands")
        }
        (_, None) if signer.is_bound => {
            format!("signed with the public key that the trust folder holds for `{ca_id}/{id}`")
        }
        (_, None) => {
            format!(
                "signed with a public key of the trust folder that names no id: nothing vouches for `{ca_id}/{id}`"
            )
        }
    };
    if names_test_authority(code) {
        word += &test_word(signer);
    }
    word
}

fn test_word(signer: &Speaker<'_>) -> String {
    let proof = "; a test authority, which proves nothing of a real document";
    match (&signer.standing, signer.days) {
        (Standing::AsItStands, Some(days)) => {
            format!(", whose validity, {}, is not held against tests{proof}", in_words(&[days]))
        }
        _ => proof.to_owned(),
    }
}

#[cfg(test)]
mod tests;
