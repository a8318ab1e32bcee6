//! Age identities: the files that hold the private halves of the keys to which codes files and mailers are sealed.

use std::path::Path;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use zeroize::Zeroizing;

use super::key_error::KeyError;
use super::keys::read_private;
use super::recipients::Recipients;

/// The beginnings of a file that is sealed itself.
const SEALED: [&str; 2] = ["age-encryption.org/", "-----BEGIN AGE ENCRYPTED FILE-----"];

/// The identities of a file, in its order; at least one.
pub(super) struct Identities(Vec<Identity>);

impl Identities {
    /// Reads a file with one identity a line. Lines that begin with `#` and empty lines are passed over, as age does.
    ///
    /// # Errors
    /// [`KeyError`]: the file can't be read, others can read it, or a line is no identity.
    pub(super) fn read(path: &Path) -> Result<Identities, KeyError> {
        Identities::parse(path, &read_private(path)?)
    }

    /// A new identity that is in no file, and its recipient: what is sealed to it lives as long as this process.
    pub(super) fn of_nobody() -> (Identities, Recipients) {
        let identity = Identity::generate();
        let recipients = Recipients::of_process(identity.to_public());
        (Identities(vec![identity]), recipients)
    }

    /// Parses the text of an identity file.
    ///
    /// # Errors
    /// [`KeyError::Invalid`]: a line is no identity, or there is none.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Identities, KeyError> {
        let text = text.trim_start_matches('\u{feff}');
        if SEALED.iter().any(|beginning| text.starts_with(beginning)) {
            let reason =
                "this identity file is sealed itself, and nobody is there at night to type its passphrase";
            let advice =
                "open it (`age --decrypt`) into a file that this user alone can read, and name that one";
            return Err(KeyError::invalid(path, reason).with_advice(advice));
        }
        let mut identities = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let identity = line.parse().map_err(|_| unfit(line));
            identities.push(identity.map_err(|(reason, advice)| {
                KeyError::invalid_line(path, number, reason).with_advice(advice)
            })?);
        }
        if identities.is_empty() {
            let advice = "name the file that `pli keys new codes` made, or restore it from its backup";
            return Err(KeyError::invalid(path, "no age identity in it").with_advice(advice));
        }
        Ok(Identities(identities))
    }

    /// Whether a text is that of an identity file rather than of another key.
    pub(super) fn are_in(text: &str) -> bool {
        let text = text.trim_start_matches('\u{feff}');
        let sealed = SEALED.iter().any(|beginning| text.starts_with(beginning));
        sealed || text.lines().any(|line| line.trim_start().starts_with("AGE-"))
    }

    /// The identities as age takes them.
    pub(super) fn each(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.0.iter().map(|identity| identity as &dyn age::Identity)
    }

    /// The recipients to which these identities belong.
    pub(super) fn recipients(&self) -> Vec<String> {
        self.0.iter().map(|identity| identity.to_public().to_string()).collect()
    }

    /// The private halves as lines of a file, in its order.
    pub(super) fn lines(&self) -> Zeroizing<String> {
        let mut lines = Zeroizing::new(String::with_capacity(self.0.len() * 256));
        for identity in &self.0 {
            let secret = identity.to_string();
            let public = identity.to_public().to_string();
            lines.extend(["# public key: ", &public, "\n", secret.expose_secret(), "\n"]);
        }
        lines
    }

    /// The private halves as one text, the same whatever the file's order.
    pub(super) fn secret(&self) -> Zeroizing<String> {
        let mut secrets: Vec<Zeroizing<String>> =
            self.0.iter().map(|identity| identity.to_string().expose_secret().to_owned().into()).collect();
        secrets.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        let mut all = Zeroizing::new(String::with_capacity(secrets.iter().map(|secret| secret.len()).sum()));
        secrets.iter().for_each(|secret| all.push_str(secret));
        all
    }
}

/// Why a line is no identity, and what to do. Never repeats the line.
fn unfit(line: &str) -> (&'static str, &'static str) {
    let native =
        "name a file with identities that begin with `AGE-SECRET-KEY-1`, as `pli keys new` makes them";
    match line {
        _ if line.starts_with("AGE-SECRET-KEY-PQ-") => {
            ("a post-quantum identity, which this program can't use", native)
        }
        _ if line.starts_with("AGE-SECRET-KEY-") => {
            ("a damaged age identity: its checksum is wrong", "restore the file from its backup")
        }
        _ if line.starts_with("AGE-PLUGIN-") => {
            ("the identity of an age plugin, which this program can't use", native)
        }
        _ if line.starts_with("age1") => {
            ("a public key, and an identity is the private one", "name the identity's file")
        }
        _ if line.starts_with("-----BEGIN") => ("a key in PEM, and no age identity", native),
        _ => ("no age identity", "correct the line, or begin it with `#` if it is a comment"),
    }
}
