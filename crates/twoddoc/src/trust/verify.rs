//! Verifies a code under a trust folder. The documentation of the module `trust` lists the checks and their order.

use super::super::findings::Level;
use super::super::{Code, DocumentType, Form, Header, KeyError, SignatureError, VerifyingKey, verify};
use super::candidates::Candidate;
use super::content::SigningDays;
use super::key_trust::KeyTrust;
use super::store::TrustStore;
use super::verdict::{Policy, Status, Verdict};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Checks the signature of a code with a key.
type Check<'c> = dyn Fn(&Code, &VerifyingKey) -> CheckResult + 'c;

/// The result of a check. For a key that can't sign 2D-DOC, it is [`SignatureError::Mismatch`].
type CheckResult = Result<(), SignatureError>;

/// The results for one code, by key. Each key is checked once, even if several certificates have it.
struct SignatureChecks<'t> {
    code: &'t Code,
    check: &'t Check<'t>,
    /// Results by the key in DER.
    known: BTreeMap<&'t [u8], CheckResult>,
}

impl<'t> SignatureChecks<'t> {
    fn of(&mut self, candidate: &'t Candidate<'_>) -> CheckResult {
        let Ok(key) = candidate.key else { return Err(SignatureError::Mismatch) };
        *self.known.entry(candidate.key_info).or_insert_with(|| (self.check)(self.code, key))
    }
}

impl TrustStore {
    /// Verifies a parsed code (S326 §6, p. 31): whose key signed it, whether the folder trusts that key, and whether it did
    /// on the day of the signature.
    ///
    /// ```
    /// use twoddoc::trust::{Policy, Status, TrustStore};
    /// let store = TrustStore::default();
    /// let code = twoddoc::parse(b"DC04FR03ONI1FFFF265FC901FRI612345678901")?;
    /// assert_eq!(store.verify(&code, &Policy::default()).status, Status::Invalid); // no signature
    /// # Ok::<(), twoddoc::ParseError>(())
    /// ```
    #[must_use]
    pub fn verify(&self, code: &Code, policy: &Policy) -> Verdict {
        self.verify_with(code, *policy, &verify)
    }

    /// Verifies the signature of bytes that are no code, such as those of a document, under the same rules as that of a code.
    /// `signer` holds the ids of the key, and the day of the signature.
    #[must_use]
    pub fn verify_document(
        &self,
        signer: &Header,
        bytes: &[u8],
        signature: &[u8],
        policy: &Policy,
    ) -> Verdict {
        let code = Code {
            form: Form::C40,
            header: signer.clone(),
            fields: Vec::new(),
            annex: Vec::new(),
            signature: Some(signature.to_vec()),
            signed: bytes.to_vec(),
            scanner: None,
            findings: Vec::new(),
        };
        self.verify(&code, policy)
    }

    /// Verifies a code with `check`, which is called once for each key.
    fn verify_with(&self, code: &Code, policy: Policy, check: &Check<'_>) -> Verdict {
        if code.signature.is_none() {
            return Verdict::new(Status::Invalid, SignatureError::Missing.to_string());
        }
        let candidates = self.candidates(&code.header);
        let unbound_keys = self.unbound_keys(&code.header.ca_id);
        let mut checks = SignatureChecks { code, check, known: BTreeMap::new() };
        let results: Vec<_> = candidates.iter().map(|candidate| (checks.of(candidate), candidate)).collect();
        let (matching, others): (Vec<_>, Vec<_>) =
            results.into_iter().partition(|(result, _)| result.is_ok());
        if matching.is_empty()
            && let Some(signer) = unbound_keys.iter().find(|key| checks.of(key).is_ok())
        {
            return self.judge_trusted(code, policy, signer, &[]).of(signer);
        }
        let trusted = |(_, candidate): &&(CheckResult, &Candidate<'_>)| candidate.trust.is_trusted();
        match (matching.iter().find(trusted), others.iter().find(trusted), matching.first(), others.first()) {
            (Some((_, signer)), ..) => self.judge_trusted(code, policy, signer, &candidates).of(signer),
            (None, Some((result, other)), ..) => mismatch(code, result, other),
            (None, None, Some((_, signer)), _) => judge_untrusted(signer).of(signer),
            (None, None, None, Some((result, other))) => mismatch(code, result, other),
            (None, None, None, None) => self.judge_unknown(code, &unbound_keys),
        }
    }

    /// The verdict if a trusted key matches: the remaining checks.
    fn judge_trusted(
        &self,
        code: &Code,
        policy: Policy,
        signer: &Candidate<'_>,
        candidates: &[Candidate<'_>],
    ) -> Verdict {
        let (same_key, others): (Vec<_>, Vec<_>) = candidates
            .iter()
            .filter(|candidate| candidate.trust.is_trusted())
            .partition(|candidate| candidate.key_info == signer.key_info);
        // A key that signs on other days has its id by right: the issuer's key was followed by another.
        let day = code.header.signature_date;
        let others: Vec<_> = others
            .into_iter()
            .filter(|other| {
                day.is_none_or(|day| self.signing_days(other.key_info).all(|days| days.hold(day)))
            })
            .collect();
        let checks: [&dyn Fn() -> Option<Verdict>; 6] = [
            &|| duplicate_id(signer, &others),
            &|| test_authority(code, policy, signer),
            &|| revoked(&same_key),
            &|| outside_validity(code, signer, &same_key),
            &|| self.outside_signing_days(code, signer),
            &|| invalid_finding(code),
        ];
        checks
            .into_iter()
            .find_map(|check| check())
            .unwrap_or_else(|| Verdict::new(Status::Valid, valid_reason(code, signer)))
    }

    /// Refuses a code that was not signed on a day on which its key signs, as the files of the bare key say. Of several files of
    /// one key each counts. Test authorities are no exception: the days are the issuer's own.
    fn outside_signing_days(&self, code: &Code, signer: &Candidate<'_>) -> Option<Verdict> {
        let invalid = |reason: String| {
            Some(Verdict::new(Status::Invalid, format!("the signature matches, but {reason}")))
        };
        for SigningDays { from, until } in self.signing_days(signer.key_info) {
            let Some(day) = code.header.signature_date else {
                return invalid("is not dated: nothing shows that its key signed then".to_owned());
            };
            if let Some(from) = from.filter(|from| day < *from) {
                return invalid(format!("it was made on {day}, and the key signs from {from} on"));
            }
            if let Some(until) = until.filter(|until| day > *until) {
                return invalid(format!("it was made on {day}, and the key signed until {until} only"));
            }
        }
        None
    }

    /// The days on which a bare key signs, as far as its files limit them.
    fn signing_days<'a>(&'a self, key_info: &'a [u8]) -> impl Iterator<Item = SigningDays> + 'a {
        let same = self.public_keys.iter().filter(move |stored| stored.key.key_info == key_info);
        same.map(|stored| stored.key.days).filter(|days| *days != SigningDays::default())
    }

    fn unknown(&self, code: &Code) -> Verdict {
        Verdict::new(Status::Untrusted, self.no_candidate_reason(&code.header))
    }

    /// The verdict if no candidate has the code's ids and no unbound key matches. A code with a test authority or a type
    /// that is not national claims to be the issuer's own, so it was altered.
    fn judge_unknown(&self, code: &Code, tried: &[Candidate<'_>]) -> Verdict {
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
            self.no_candidate_reason(&code.header),
            tried.len()
        );
        Verdict::new(status, reason)
    }
}

impl Verdict {
    fn of(mut self, signer: &Candidate<'_>) -> Verdict {
        self.algorithm = signer.key.ok().map(|key| key.algorithm());
        self.signer = Some(signer.name.clone());
        self
    }
}

/// The verdict if the key that should have signed the code does not match, or can't sign 2D-DOC.
fn mismatch(code: &Code, result: &CheckResult, candidate: &Candidate<'_>) -> Verdict {
    let id = &code.header.certificate_id;
    let (status, reason) = match (candidate.key, result) {
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
    Verdict::new(status, reason).of(candidate)
}

/// The verdict if the key that matches is not trusted.
fn judge_untrusted(signer: &Candidate<'_>) -> Verdict {
    match &signer.trust {
        KeyTrust::Invalid(reason) => {
            Verdict::new(Status::Invalid, format!("the signature matches, but {reason}"))
        }
        KeyTrust::Untrusted(reason) => {
            Verdict::new(Status::Untrusted, format!("the signature matches, but {reason}"))
        }
        KeyTrust::Chained(_) | KeyTrust::Direct => {
            Verdict::new(Status::Untrusted, "its signer is not trusted")
        }
    }
}

/// Refuses a code if another trusted key has the same id. A revoked key does not count.
fn duplicate_id(signer: &Candidate<'_>, others: &[&Candidate<'_>]) -> Option<Verdict> {
    let other = others.iter().find(|other| other.revocation.is_none() && signer.revocation.is_none())?;
    let reason = format!(
        "the signature matches, but two keys here carry its id, in `{}` and `{}`: the authority must give an id once",
        signer.file, other.file
    );
    Some(Verdict::new(Status::Untrusted, reason))
}

/// Whether the code names a test authority (S326 p. 15).
fn names_test_authority(code: &Code) -> bool {
    code.header.ca_id.ends_with("00")
}

/// Refuses a code of a test authority or a test certificate, unless the policy accepts them or the key is trusted directly.
fn test_authority(code: &Code, policy: Policy, signer: &Candidate<'_>) -> Option<Verdict> {
    let Header { ca_id, certificate_id, .. } = &code.header;
    let is_test_id = certificate_id.bytes().all(|digit| digit == b'0');
    let is_accepted = policy.accept_test_authorities || signer.trust == KeyTrust::Direct;
    if is_accepted || !(names_test_authority(code) || is_test_id) {
        return None;
    }
    let reason = format!(
        "the signature matches, but `{ca_id}/{certificate_id}` is kept for tests, which are accepted only when \
         asked for"
    );
    Some(Verdict::new(Status::Untrusted, reason))
}

/// Refuses a code if a certificate with the key was revoked.
fn revoked(certificates: &[&Candidate<'_>]) -> Option<Verdict> {
    let revocation = certificates.iter().find_map(|certificate| certificate.revocation.as_ref())?;
    Some(Verdict::new(
        Status::Invalid,
        format!("the signature matches, but the certificate was revoked on {revocation}"),
    ))
}

/// Refuses a code that was not signed within the validity period of a certificate with this key (S326 p. 31). The periods
/// apply even if the folder also binds the bare key to the id.
fn outside_validity(code: &Code, signer: &Candidate<'_>, certificates: &[&Candidate<'_>]) -> Option<Verdict> {
    let periods: Vec<(Date, Date)> = certificates.iter().filter_map(|certificate| certificate.days).collect();
    let is_exempt = names_test_authority(code) && signer.trust == KeyTrust::Direct;
    if is_exempt || periods.is_empty() {
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

/// `from 2024-01-01 to 2026-12-31 and from …`.
fn in_words(periods: &[(Date, Date)]) -> String {
    let periods: Vec<_> = periods.iter().map(|(first, last)| format!("from {first} to {last}")).collect();
    periods.join(" and ")
}

fn invalid_finding(code: &Code) -> Option<Verdict> {
    let finding = code.findings.iter().find(|finding| finding.level == Level::Invalid)?;
    Some(Verdict::new(Status::Invalid, format!("the signature matches, but {finding}")))
}

/// The reason for a valid code: who signed it, and who vouches for the key.
fn valid_reason(code: &Code, signer: &Candidate<'_>) -> String {
    let (ca_id, id) = (&code.header.ca_id, &code.header.certificate_id);
    let mut reason = match (&signer.trust, signer.days) {
        (KeyTrust::Chained(operator), _) => {
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
        reason += &test_note(code, signer);
    }
    reason
}

/// The addition to the reason for a code of a test authority or of a test certificate.
fn test_note(code: &Code, signer: &Candidate<'_>) -> String {
    let (ca_id, id) = (&code.header.ca_id, &code.header.certificate_id);
    let as_a_test = format!("; valid as a test: `{ca_id}/{id}` signs no real documents");
    match (&signer.trust, signer.days) {
        (KeyTrust::Direct, Some(days)) => {
            format!(", whose validity, {}, is not held against tests{as_a_test}", in_words(&[days]))
        }
        (KeyTrust::Direct, None) => {
            format!(
                "; `{ca_id}/{id}` is a name for tests, so that this trust folder alone vouches for the signer"
            )
        }
        _ => as_a_test,
    }
}

#[cfg(test)]
mod tests;
