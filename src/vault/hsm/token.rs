//! Tokens: loads a module, finds the token, logs the user in.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::MechanismType;
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;

use crate::job::TokenKey;
use crate::vault::key_error::KeyError;
use crate::vault::keys::read_private;

/// The modules of this process. A module is initialised once and stays loaded, since other keys may need it.
static MODULES: Mutex<Vec<(PathBuf, Pkcs11)>> = Mutex::new(Vec::new());

/// A token that is there.
pub(super) struct Token {
    key: TokenKey,
    module: Pkcs11,
    slot: Slot,
    facts: TokenInfo,
}

impl Token {
    /// Finds the one token that a key's URI names.
    ///
    /// # Errors
    /// [`KeyError::Invalid`]: the module can't be loaded, or several tokens fit; [`KeyError::Unreachable`]: no such token, or the
    /// module fails.
    pub(super) fn find(key: &TokenKey) -> Result<Token, KeyError> {
        let module = load(key)?;
        let lost = |error: Error| unreachable(key, words(&error));
        let mut fitting = Vec::new();
        let mut others = Vec::new();
        for slot in module.get_slots_with_token().map_err(lost)? {
            match module.get_token_info(slot) {
                Ok(facts) if !facts.token_initialized() => {}
                Ok(facts) if fits(key, &facts) => fitting.push((slot, facts)),
                Ok(facts) => others.push(format!("`{}`", facts.label())),
                Err(error) => others.push(format!("one that can't be read ({})", words(&error))),
            }
        }
        match (fitting.pop(), fitting.is_empty()) {
            (Some((slot, facts)), true) => Ok(Token { key: key.clone(), module, slot, facts }),
            (Some(_), false) => Err(KeyError::of(key, "several tokens fit; add `token=` or `serial=`")),
            (None, _) if others.is_empty() => Err(unreachable(key, "the HSM shows no token".to_owned())),
            (None, _) => {
                let others = others.join(", ");
                let reason = format!("the HSM shows no such token, but {others}; is the URI mistyped?");
                Err(unreachable(key, reason))
            }
        }
    }

    /// Whether it has a mechanism.
    ///
    /// # Errors
    /// [`KeyError::Unreachable`].
    pub(super) fn has(&self, mechanism: MechanismType) -> Result<bool, KeyError> {
        let known = self.module.get_mechanism_list(self.slot);
        let known = known.map_err(|error| unreachable(&self.key, words(&error)))?;
        Ok(known.contains(&mechanism))
    }

    /// Opens a session and logs the user in, for all sessions of this process. The PIN is tried once, and not at all if one
    /// more mistake would lock the token.
    ///
    /// # Errors
    /// [`KeyError::Invalid`]: the PIN is missing, locked or refused; [`KeyError::Unreachable`].
    pub(super) fn log_in(&self) -> Result<Session, KeyError> {
        let key = &self.key;
        let session = self.session().map_err(|error| unreachable(key, words(&error)))?;
        if !self.facts.login_required() {
            return Ok(session);
        }
        let source = self.pin_source()?;
        match session.login(UserType::User, Some(&pin(key, source)?)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) => {
                let advice = "correct it before the next run: a token locks after a few wrong ones";
                let source = source.display();
                Err(KeyError::of(key, format!("the token refuses the PIN of {source}")).with_advice(advice))
            }
            Err(error) => Err(unreachable(key, words(&error))),
        }
    }

    /// The file of the PIN. Fails where it is not safe to try one.
    fn pin_source(&self) -> Result<&Path, KeyError> {
        let unfit = |reason: &str| Err(KeyError::of(&self.key, reason));
        if self.facts.user_pin_locked() {
            return unfit("the token has locked its PIN; whoever administers the HSM unlocks it");
        }
        if self.facts.user_pin_final_try() {
            let problem = "one more wrong PIN would lock the token, so none is tried";
            return Err(KeyError::of(&self.key, problem)
                .with_advice("correct the PIN, and log in once by other means"));
        }
        match &self.key.pin_source {
            Some(source) => Ok(source),
            None => unfit(
                "the token asks for a PIN; write it into a file of mode 0600 and add `pin-source=file:` and its path",
            ),
        }
    }

    /// Opens a further session, which is logged in as long as the first one is.
    ///
    /// # Errors
    /// The token's, such as that it opens no more.
    pub(super) fn session(&self) -> Result<Session, Error> {
        self.module.open_ro_session(self.slot)
    }

    /// A session that may make objects.
    ///
    /// # Errors
    /// [`KeyError::Unreachable`].
    pub(super) fn writing_session(&self) -> Result<Session, KeyError> {
        self.module.open_rw_session(self.slot).map_err(|error| unreachable(&self.key, words(&error)))
    }
}

/// Loads a module, or returns the loaded one.
fn load(key: &TokenKey) -> Result<Pkcs11, KeyError> {
    // The dynamic loader would search the system's folders for a bare file name.
    let path = &Path::new(".").join(&key.module_path);
    let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, module)) = modules.iter().find(|(known, _)| known == path) {
        return Ok(module.clone());
    }
    let module = Pkcs11::new(path).map_err(|error| {
        KeyError::of(
            key,
            format!("`{}` can't be loaded as a PKCS#11 library: {}", path.display(), words(&error)),
        )
    })?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(unreachable(key, words(&error))),
    }
    modules.push((path.to_owned(), module.clone()));
    Ok(module)
}

fn fits(key: &TokenKey, facts: &TokenInfo) -> bool {
    let same =
        |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|text| text == found.trim_end());
    same(&key.token, facts.label())
        && same(&key.serial, facts.serial_number())
        && same(&key.model, facts.model())
        && same(&key.manufacturer, facts.manufacturer_id())
}

/// The PIN, wiped when it is dropped. The copy in a file's buffer is wiped here.
fn pin(key: &TokenKey, file: &Path) -> Result<AuthPin, KeyError> {
    let text = read_private(file).map_err(|error| match error {
        KeyError::Unreadable(file) => {
            KeyError::of(key, format!("{} {file}; the token's PIN belongs there", file.file))
        }
        error => error,
    })?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(KeyError::of(key, format!("no PIN in {}", file.display()))),
        pin => Ok(AuthPin::new(pin.into())),
    }
}

/// [`KeyError::Unreachable`]: the HSM is at fault, not the job.
pub(super) fn unreachable(key: &TokenKey, reason: String) -> KeyError {
    KeyError::Unreachable { key: key.to_string(), reason }
}

/// A module's error by its name in the standard, which a manual can be searched for.
pub(super) fn words(error: &Error) -> String {
    match error {
        Error::Pkcs11(code, function) => format!("the HSM answers {code:?} to C_{function:?}"),
        Error::LibraryLoading(error) => error.to_string(),
        error => error.to_string(),
    }
}
