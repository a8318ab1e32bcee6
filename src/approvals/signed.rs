//! Signed canonical JSON (RFC 8785): a document with its signature under the key `signature`.
//!
//! The signature covers the canonical bytes of everything else. A file whose bytes are not canonical is refused, so that one
//! document has one text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use twoddoc::SigningKey;

use super::public_key::PublicKey;
use crate::certificate::canonical_json;
use crate::failure::Failure;

/// The key of the signature.
const SIGNATURE: &str = "signature";

/// A document that can be signed: it names the key that signs it.
pub(super) trait Document: Serialize + DeserializeOwned {
    /// What the document says it is; no two kinds of documents have the same.
    const FORMAT: &'static str;

    /// What it says it is.
    fn format(&self) -> &str;

    /// The text of the key that signs it.
    fn key(&self) -> &str;
}

/// A document whose signature is that of the key which it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signed<D> {
    /// The document.
    pub document: D,
    /// The key that signed it.
    pub key: PublicKey,
    /// The bytes that are signed.
    pub bytes: Vec<u8>,
    signature: Vec<u8>,
}

impl<D: Document> Signed<D> {
    /// Signs a document.
    ///
    /// # Errors
    /// `approval_key`: the key is not Ed25519, or its token does not sign.
    pub(super) fn sign(document: D, key: &SigningKey) -> Result<Signed<D>, Failure> {
        let unfit = |problem: String| {
            Failure::usage("approval_key", problem)
                .with_advice("sign with an Ed25519 key: `pli keys new signing` makes one")
        };
        let public = PublicKey::of(key.verifying_key())
            .ok_or_else(|| unfit("requests and approvals are signed with Ed25519 only".to_owned()))?;
        let bytes = serde_json::to_value(&document).ok().and_then(|value| canonical_json(&value));
        let bytes = bytes.ok_or_else(|| Failure::bug("a document has a number that is not whole"))?;
        let signature = key.sign(&bytes).map_err(|error| unfit(error.to_string()))?.to_vec();
        Ok(Signed { document, key: public, bytes, signature })
    }

    /// Reads a document and verifies its signature.
    ///
    /// # Errors
    /// Why it can't be used, in words.
    pub(super) fn parse(file: &[u8]) -> Result<Signed<D>, String> {
        let mut value: Value =
            serde_json::from_slice(file).map_err(|error| format!("it is no JSON: {error}"))?;
        if canonical_json(&value).as_deref() != Some(file) {
            return Err("it was edited: its JSON is not canonical (RFC 8785)".to_owned());
        }
        let signature = value.as_object_mut().and_then(|entries| entries.remove(SIGNATURE));
        let signature = signature.as_ref().and_then(Value::as_str);
        let signature = signature.and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
        let bytes = canonical_json(&value).unwrap_or_default();
        let document: D =
            serde_json::from_value(value).map_err(|error| format!("it is no {}: {error}", D::FORMAT))?;
        if document.format() != D::FORMAT {
            return Err(format!("it is no {}", D::FORMAT));
        }
        let key = PublicKey::parse(document.key()).ok_or("it names no key of Ed25519")?;
        match key.has_signed(&bytes, &signature) {
            true => Ok(Signed { document, key, bytes, signature }),
            false => Err("it was edited: its signature is wrong".to_owned()),
        }
    }

    /// The text of its file: canonical JSON with the signature.
    pub(super) fn text(&self) -> String {
        let mut value = serde_json::to_value(&self.document).unwrap_or_default();
        if let Some(entries) = value.as_object_mut() {
            entries.insert(SIGNATURE.to_owned(), STANDARD.encode(&self.signature).into());
        }
        String::from_utf8(canonical_json(&value).unwrap_or_default()).unwrap_or_default()
    }
}
