//! Where a signing key lies: in a file, or on a token that a PKCS#11 URI names (RFC 7512).
//!
//! Locations are read from the job file and from arguments, and keep their paths as written. A URI names where the PIN is
//! kept; a URI that holds the PIN itself is refused, and the error does not repeat it.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::percent::decoded;

/// The scheme of a PKCS#11 URI.
const SCHEME: &str = "pkcs11:";
const PATH_ATTRIBUTES: &str = "`token`, `serial`, `model`, `manufacturer`, `object`, `id` and `type`";

/// Where a signing key lies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum KeyLocation {
    /// A file: PKCS#8 PEM.
    File(PathBuf),
    /// A token, reached through PKCS#11.
    Token(TokenKey),
}

/// A key on a token: `pkcs11:token=bureau;object=signing?module-path=…&pin-source=file:…`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenKey {
    /// The token's label.
    pub token: Option<String>,
    /// The token's serial number.
    pub serial: Option<String>,
    /// The token's model.
    pub model: Option<String>,
    /// The token's manufacturer.
    pub manufacturer: Option<String>,
    /// The key's label, CKA_LABEL.
    pub object: Option<String>,
    /// The key's identifier, CKA_ID.
    pub id: Option<Vec<u8>>,
    /// The HSM's PKCS#11 library.
    pub module_path: PathBuf,
    /// The file that keeps the user's PIN, which its owner alone can read, if the token asks for one.
    pub pin_source: Option<PathBuf>,
}

/// A PKCS#11 URI that is wrong. Names the attribute, never a value that could be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("PKCS#11 URI: {0}")]
pub struct KeyUriFault(String);

impl KeyLocation {
    /// Reads a path, or a URI that begins with `pkcs11:`.
    ///
    /// # Errors
    /// [`KeyUriFault`]: a URI is wrong. Every other text is a path.
    pub(crate) fn parse(text: &str) -> Result<KeyLocation, KeyUriFault> {
        match text.get(..SCHEME.len()) {
            Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => {
                TokenKey::parse(&text[SCHEME.len()..]).map(KeyLocation::Token)
            }
            _ => Ok(KeyLocation::File(text.into())),
        }
    }

    /// The same location with its paths resolved.
    #[must_use]
    pub(crate) fn resolved(&self, resolve: impl Fn(&Path) -> PathBuf) -> KeyLocation {
        match self {
            KeyLocation::File(path) => KeyLocation::File(resolve(path)),
            KeyLocation::Token(key) => KeyLocation::Token(TokenKey {
                module_path: resolve(&key.module_path),
                pin_source: key.pin_source.as_deref().map(resolve),
                ..key.clone()
            }),
        }
    }
}

impl TryFrom<String> for KeyLocation {
    type Error = KeyUriFault;

    fn try_from(text: String) -> Result<KeyLocation, KeyUriFault> {
        KeyLocation::parse(&text)
    }
}

impl fmt::Display for KeyLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyLocation::File(path) => path.display().fmt(f),
            KeyLocation::Token(key) => key.fmt(f),
        }
    }
}

/// The URI without its query: which key, not how it is reached.
impl fmt::Display for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = [
            ("token", &self.token),
            ("serial", &self.serial),
            ("model", &self.model),
            ("manufacturer", &self.manufacturer),
            ("object", &self.object),
        ];
        let texts = texts.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?.as_bytes())));
        let id = self.id.iter().map(|id| ("id", id.as_slice()));
        let all: Vec<String> =
            texts.chain(id).map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        write!(f, "{SCHEME}{}", all.join(";"))
    }
}

impl TokenKey {
    /// Reads what follows `pkcs11:`.
    fn parse(text: &str) -> Result<TokenKey, KeyUriFault> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let mut key = TokenKey::default();
        let mut seen = Vec::new();
        let attributes = path.split(';').map(|part| (part, false));
        let attributes = attributes.chain(query.split('&').map(|part| (part, true)));
        for (attribute, of_query) in attributes.filter(|(part, _)| !part.is_empty()) {
            let (name, value) = attribute
                .split_once('=')
                .ok_or_else(|| fault("an attribute lacks its `=`; write `name=value`"))?;
            if seen.contains(&name) {
                return Err(fault(format!("`{name}` stands twice; leave one")));
            }
            seen.push(name);
            match of_query {
                false => key.set_path_attribute(name, value)?,
                true => key.set_query_attribute(name, value)?,
            }
        }
        key.complete()
    }

    fn set_path_attribute(&mut self, name: &str, value: &str) -> Result<(), KeyUriFault> {
        let attribute = match name {
            "id" => {
                self.id = Some(bytes(name, value)?);
                return Ok(());
            }
            "type" if value == "private" => return Ok(()),
            "type" => return Err(fault("`type` must be `private`: it is the private key that signs")),
            "token" => &mut self.token,
            "serial" => &mut self.serial,
            "model" => &mut self.model,
            "manufacturer" => &mut self.manufacturer,
            "object" => &mut self.object,
            "pin-source" | "module-path" | "pin-value" => {
                return Err(fault(format!("`{name}` belongs behind the `?`, and `&` between two of them")));
            }
            _ => {
                return Err(fault(format!(
                    "unknown attribute `{name}`; a key is named by {PATH_ATTRIBUTES}"
                )));
            }
        };
        *attribute = Some(text(name, value)?);
        Ok(())
    }

    fn set_query_attribute(&mut self, name: &str, value: &str) -> Result<(), KeyUriFault> {
        match name {
            "module-path" => self.module_path = text(name, value)?.into(),
            "pin-source" => self.pin_source = Some(pin_file(&text(name, value)?)?),
            "pin-value" => {
                return Err(fault(
                    "`pin-value` would show the PIN to whoever reads the job or lists processes; write the PIN into a file of mode 0600, and here `pin-source=file:keys/hsm.pin`",
                ));
            }
            "module-name" => {
                return Err(fault(
                    "`module-name` is not looked up; write `module-path=` and the library's path",
                ));
            }
            _ => {
                return Err(fault(format!(
                    "unknown attribute `{name}`; behind the `?` stand `module-path` and `pin-source`"
                )));
            }
        }
        Ok(())
    }

    /// Checks that the URI names a key and a library.
    fn complete(self) -> Result<TokenKey, KeyUriFault> {
        if self.object.is_none() && self.id.is_none() {
            return Err(fault("the key is not named; add `object=` and its label, or `id=`"));
        }
        if self.module_path.as_os_str().is_empty() {
            return Err(fault(
                "the HSM's library is not named; add `?module-path=` and its path, such as /usr/lib/softhsm/libsofthsm2.so",
            ));
        }
        Ok(self)
    }
}

/// The file of a PIN: `file:` and a path (with or without `//`), or a bare path.
fn pin_file(text: &str) -> Result<PathBuf, KeyUriFault> {
    let file = |path: &str| path.strip_prefix("//").unwrap_or(path).into();
    match text.split_once(':') {
        Some(("file", path)) if !path.is_empty() => Ok(file(path)),
        None if !text.is_empty() && !text.starts_with('|') => Ok(file(text)),
        Some(("env", _)) => Err(fault(
            "`pin-source=env:` is not read: an environment is inherited by every process that is started, and stays readable as long as one of them lives; write the PIN into a file of mode 0600, and here `pin-source=file:` and its path",
        )),
        _ => Err(fault("`pin-source` must be `file:` and a path")),
    }
}

fn fault(message: impl Into<String>) -> KeyUriFault {
    KeyUriFault(message.into())
}

fn text(name: &str, value: &str) -> Result<String, KeyUriFault> {
    String::from_utf8(bytes(name, value)?).map_err(|_| fault(format!("`{name}` is not UTF-8")))
}

fn bytes(name: &str, value: &str) -> Result<Vec<u8>, KeyUriFault> {
    let wrong = || fault(format!("`{name}` has a `%` without two hexadecimal digits; write `%25` for it"));
    decoded(value).ok_or_else(wrong)
}

fn escaped(value: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    value
        .iter()
        .map(|&byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> TokenKey {
        match KeyLocation::parse(text) {
            Ok(KeyLocation::Token(key)) => key,
            other => panic!("{other:?}"),
        }
    }

    fn refused(text: &str) -> String {
        KeyLocation::parse(text).expect_err(text).to_string()
    }

    #[test]
    fn what_is_no_uri_is_a_path() {
        assert_eq!(KeyLocation::parse("keys/signing.pem"), Ok(KeyLocation::File("keys/signing.pem".into())));
        assert_eq!(KeyLocation::parse("clé"), Ok(KeyLocation::File("clé".into())));
    }

    #[test]
    fn the_uri_that_p11tool_prints_is_read() {
        let key = token(
            "pkcs11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=9ace;token=bureau;id=%01%fe;object=signing;type=private?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:keys/hsm.pin",
        );
        assert_eq!((key.model.as_deref(), key.id.as_deref()), (Some("SoftHSM v2"), Some(&[1, 0xFE][..])));
        assert_eq!(key.pin_source, Some("keys/hsm.pin".into()));
        let shown = "pkcs11:token=bureau;serial=9ace;model=SoftHSM%20v2;manufacturer=SoftHSM%20project;object=signing;id=%01%FE";
        assert_eq!(key.to_string(), shown, "the query is left out");
    }

    #[test]
    fn paths_are_found_from_the_jobs_folder() {
        let location =
            KeyLocation::parse("PKCS11:object=k?module-path=m.so&pin-source=file:///run/pin").unwrap();
        let KeyLocation::Token(key) = location.resolved(|path| Path::new("/job").join(path)) else {
            panic!()
        };
        assert_eq!(key.module_path, Path::new("/job/m.so"));
        assert_eq!(key.pin_source, Some("/run/pin".into()));
    }

    #[test]
    fn faults_name_the_attribute_and_never_a_secret() {
        let pin = refused("pkcs11:object=k?module-path=m&pin-value=493817");
        assert!(pin.contains("pin-source") && !pin.contains("493817"), "{pin}");
        for (text, word) in [
            ("pkcs11:token=bureau?module-path=m", "`object=`"),
            ("pkcs11:object=k", "`?module-path=`"),
            ("pkcs11:object=k;object=l?module-path=m", "`object` stands twice"),
            ("pkcs11:object=k;type=public?module-path=m", "`private`"),
            ("pkcs11:object=k;pin-value=493817?module-path=m", "behind the `?`"),
            ("pkcs11:object=k?module-path=m&pin=493817", "unknown attribute `pin`"),
            ("pkcs11:object=k;colour=red?module-path=m", "unknown attribute `colour`"),
            ("pkcs11:object=%4?module-path=m", "`object` has a `%`"),
            ("pkcs11:object=%+4?module-path=m", "`object` has a `%`"),
            ("pkcs11:object=%ff?module-path=m", "UTF-8"),
            ("pkcs11:object=k?module-path=m&pin-source=%7Cecho%20493817", "`file:`"),
            ("pkcs11:object=k?module-path=m&pin-source=https:493817", "`file:`"),
            ("pkcs11:object=k?module-path=m&pin-source=env:493817", "a file of mode 0600"),
            ("pkcs11:object=k?module-path=m&493817", "`name=value`"),
        ] {
            let message = refused(text);
            assert!(message.contains(word) && !message.contains("493817"), "{text}: {message}");
        }
    }
}
