//! Credentials of S3 in a file: the one that Amazon's own tools read.
//!
//! The file (`AWS_SHARED_CREDENTIALS_FILE`, or `.aws/credentials` at home) has a section for each profile; that of `AWS_PROFILE`, or
//! `default`, counts. Credentials in the environment come first. A file that others may read is refused where it or a profile is named,
//! and left alone with a warning otherwise.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use zeroize::Zeroizing;

use crate::files::open_to_others;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;
/// The settings of a profile that are taken; others are other tools'.
const TAKEN: [(&str, AmazonS3ConfigKey); 3] = [
    ("aws_access_key_id", AmazonS3ConfigKey::AccessKeyId),
    ("aws_secret_access_key", AmazonS3ConfigKey::SecretAccessKey),
    ("aws_session_token", AmazonS3ConfigKey::Token),
];

/// A file of credentials that can't be used: why, and what to do. Neither repeats what is in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unusable {
    /// What is wrong, with the file.
    pub reason: String,
    /// What to do.
    pub advice: &'static str,
}

/// The builder with the credentials of the file, where the environment has none and there is a file.
///
/// # Errors
/// [`Unusable`]: a file or profile is named, and others may read the file, it can't be read, or it lacks the profile.
pub(super) fn with_credentials_of_file(builder: AmazonS3Builder) -> Result<AmazonS3Builder, Unusable> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    if set("AWS_ACCESS_KEY_ID").is_some() {
        return Ok(builder);
    }
    let profile = set("AWS_PROFILE").and_then(|name| name.into_string().ok());
    let named = set("AWS_SHARED_CREDENTIALS_FILE").map(PathBuf::from);
    let at_home = || Some(PathBuf::from(set("HOME")?).join(".aws/credentials"));
    let is_asked_for = named.is_some() || profile.is_some();
    let Some(file) = named.or_else(at_home) else { return Ok(builder) };
    let profile = profile.as_deref().unwrap_or("default");
    let found = match of_file(&file, profile) {
        // Nobody asked for the file at home: the role of the machine may do.
        Err(Unusable { reason, advice }) if !is_asked_for => {
            tracing::warn!(code = "store_credentials", "{reason}, so it is left alone; {advice}");
            return Ok(builder);
        }
        found => found?,
    };
    if found.is_empty() && is_asked_for {
        let reason = format!("{}: there is no `aws_access_key_id` under `[{profile}]`", shown(&file));
        return Err(Unusable {
            reason,
            advice: "correct the file, `AWS_SHARED_CREDENTIALS_FILE` or `AWS_PROFILE` (docs/object-stores.md)",
        });
    }
    Ok(found.into_iter().fold(builder, |builder, (key, value)| builder.with_config(key, value.as_str())))
}

/// What a profile of a file has; nothing where there is no such file or profile.
fn of_file(file: &Path, profile: &str) -> Result<Vec<(AmazonS3ConfigKey, Zeroizing<String>)>, Unusable> {
    let text = match foreign::read_text(file, LARGEST) {
        Ok(text) => Zeroizing::new(text),
        Err(unreadable) if unreadable.error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(unreadable) => {
            let reason = format!("{}: {}", shown(file), unreadable.error);
            return Err(Unusable {
                reason,
                advice: "let this user read the file of credentials (docs/object-stores.md)",
            });
        }
    };
    if open_to_others(file) {
        let reason = format!("{}: others may read this file of credentials", shown(file));
        return Err(Unusable {
            reason,
            advice: "run `chmod 600` on the file, and change the credentials if others may have read them",
        });
    }
    Ok(of_profile(&text, profile))
}

/// The settings of a profile; none without the access key.
fn of_profile(text: &str, profile: &str) -> Vec<(AmazonS3ConfigKey, Zeroizing<String>)> {
    let mut found = Vec::new();
    let mut is_inside = false;
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_inside = name.trim() == profile;
        } else if let Some((name, value)) =
            line.split_once('=').filter(|_| is_inside && !line.starts_with(['#', ';']))
        {
            let taken = TAKEN.iter().find(|(taken, _)| name.trim().eq_ignore_ascii_case(taken));
            let value = value.trim();
            found.extend(
                taken.filter(|_| !value.is_empty()).map(|(_, key)| (*key, Zeroizing::new(value.to_owned()))),
            );
        }
    }
    if found.iter().all(|(key, _)| *key != AmazonS3ConfigKey::AccessKeyId) {
        found.clear();
    }
    found
}

fn shown(file: &Path) -> String {
    foreign::legible(&file.display().to_string()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# ours\n[default]\naws_access_key_id = AKIDEFAULT\naws_secret_access_key = zp=qm/+\nregion = eu-west-3\n\n[ bureau ]\n; next\nAWS_ACCESS_KEY_ID=AKBUREAU\naws_secret_access_key=\naws_session_token = tok\n[empty]\naws_secret_access_key = x\n";

    fn found(text: &str, profile: &str) -> Vec<(AmazonS3ConfigKey, String)> {
        of_profile(text, profile).into_iter().map(|(key, value)| (key, value.to_string())).collect()
    }

    #[test]
    fn a_profile_is_read_and_no_other() {
        let (access, secret, token) =
            (AmazonS3ConfigKey::AccessKeyId, AmazonS3ConfigKey::SecretAccessKey, AmazonS3ConfigKey::Token);
        assert_eq!(
            found(FILE, "default"),
            [(access, "AKIDEFAULT".to_owned()), (secret, "zp=qm/+".to_owned())]
        );
        assert_eq!(found(FILE, "bureau"), [(access, "AKBUREAU".to_owned()), (token, "tok".to_owned())]);
        assert_eq!(found(FILE, "empty"), [], "a secret without its key is none");
        assert_eq!(found(FILE, "other"), []);
        assert_eq!(found("", "default"), []);
    }

    #[test]
    #[cfg(unix)]
    fn a_file_that_others_may_read_is_refused_and_not_repeated() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("credentials");
        assert_eq!(of_file(&file, "default").unwrap(), [], "no file is no credentials");
        fs_err::write(&file, FILE).unwrap();
        for (mode, is_taken) in [(0o600, true), (0o640, false), (0o604, false)] {
            fs_err::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
            match of_file(&file, "default") {
                Ok(found) => assert!(is_taken && found.len() == 2, "{mode:o}"),
                Err(error) => {
                    assert!(!is_taken && error.advice.contains("chmod 600"), "{mode:o}");
                    assert!(!error.reason.contains("AKI") && !error.reason.contains("zp=qm"), "{error:?}");
                }
            }
        }
    }
}
