//! Arguments that hold a private key: refused before anything else reads them, and never repeated.

use std::ffi::OsString;

use crate::failure::Failure;

/// How the text of a private key begins or goes on, in upper case.
const SECRETS: [&str; 2] = ["AGE-SECRET-KEY-1", "PRIVATE KEY-----"];

/// Refuses a private key among the arguments. Other users can list the arguments of a process, and shells keep them.
///
/// # Errors
/// `key_in_arguments`.
pub(super) fn refuse_private_keys(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    for argument in arguments {
        let text = argument.to_string_lossy().to_ascii_uppercase();
        if SECRETS.iter().any(|secret| text.contains(secret)) {
            let problem =
                "a private key stands among the arguments, where others can read it and the shell keeps it";
            return Err(Failure::usage("key_in_arguments", problem).with_advice(
                "name the file of a key; then make a new one, since others may have seen this one",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_is_found_wherever_it_stands() {
        let refused = |argument: &str| refuse_private_keys([argument.into()].into_iter()).is_err();
        for secret in
            ["AGE-SECRET-KEY-1QQ", "--identity=age-secret-key-1qq", "-----BEGIN PRIVATE KEY-----\nMC4"]
        {
            assert!(refused(secret), "{secret}");
        }
        for argument in
            ["keys/signing.pem", "age1qq", "--reason", "the private key was lost", "AGE-SECRET-KEY-"]
        {
            assert!(!refused(argument), "{argument}");
        }
    }
}
