//! Signing keys on a token, an HSM's above all, through PKCS#11 (OASIS, version 2.40 and on).
//!
//! A key is found by its URI, which also says where the PIN is kept. Several threads can sign with it. The private key
//! never leaves its token, and the PIN is wiped after the login.

mod objects;
mod sessions;
mod token;

use cryptoki::error::Error;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use sha2::{Digest, Sha256};

use super::key_error::KeyError;
use crate::job::TokenKey;
use sessions::Sessions;
use token::Token;
use twoddoc::{Algorithm, RemoteSigner, SignError, SigningKey, VerifyingKey};

/// Finds a key on its token, logs in, and has it sign once.
///
/// # Errors
/// [`KeyError::Unreachable`]: the HSM is not there or does not answer; [`KeyError::Invalid`]: the job, the PIN or the key is at
/// fault.
pub(super) fn open(key: &TokenKey) -> Result<SigningKey, KeyError> {
    let token = Token::find(key)?;
    let session = token.log_in()?;
    let private = objects::private_key(key, &session)?;
    let public = objects::public_key(key, &session, private)?;
    let mechanism = match public.algorithm() {
        Algorithm::Ed25519 => MechanismType::EDDSA,
        _ => MechanismType::ECDSA,
    };
    if !token.has(mechanism)? {
        return Err(KeyError::of(
            key,
            format!("the token has this key, and can't sign with it ({mechanism})"),
        ));
    }
    let sessions = Sessions::new(session, move || token.session());
    let signer = TokenSigner { sessions, private, public };
    SigningKey::remote(Box::new(signer)).map_err(|fault| match fault {
        SignError::Invalid => KeyError::of(key, "the public key on the token is not that of the private key"),
        fault => token::unreachable(key, fault.to_string()),
    })
}

/// Generates a key on a token.
///
/// # Errors
/// Those of [`open`]; [`KeyError::Invalid`]: the token has a key of that name, or can't generate one.
pub(super) fn generate(key: &TokenKey, algorithm: Algorithm) -> Result<(), KeyError> {
    let token = Token::find(key)?;
    let _login = token.log_in()?;
    objects::generate(key, &token.writing_session()?, algorithm)
}

/// A key on a token, with the sessions that sign with it.
struct TokenSigner {
    sessions: Sessions<Session, Error>,
    private: ObjectHandle,
    public: VerifyingKey,
}

impl RemoteSigner for TokenSigner {
    fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    /// CKM_ECDSA over a SHA-256 that is computed here, CKM_EDDSA over the bytes. Both return raw `r‖s`.
    fn sign(&self, bytes: &[u8]) -> Result<[u8; 64], SignError> {
        let signature = match self.public.algorithm() {
            Algorithm::Ed25519 => {
                let pure = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519));
                self.sessions.with(|session| session.sign(&pure, self.private, bytes))
            }
            _ => {
                let digest = Sha256::digest(bytes);
                self.sessions.with(|session| session.sign(&Mechanism::Ecdsa, self.private, &digest))
            }
        };
        let signature = signature.map_err(|error| SignError::Refused(token::words(&error)))?;
        signature.try_into().map_err(|_| SignError::Invalid)
    }
}
