//! The job file's `[feedback]`: where the issuer is told what became of each request.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Where the issuer is told, and what (docs/feedback.md).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FeedbackSettings {
    /// The folder.
    pub dir: PathBuf,
    /// Whether the rows of mailers have the card's number.
    pub mailer_cards: bool,
}

impl Default for FeedbackSettings {
    fn default() -> FeedbackSettings {
        FeedbackSettings { dir: "feedback".into(), mailer_cards: false }
    }
}

impl FeedbackSettings {
    /// The first value that can't be used: its key, the problem and the advice. `folder` is the resolved folder.
    pub(super) fn fault(&self, folder: &Path) -> Option<(&'static str, String)> {
        let fault = |message: &str| Some(("dir", message.to_owned()));
        if self.dir.as_os_str().is_empty() {
            return fault("an empty path is no folder; write such as `feedback`");
        }
        if self.dir.to_string_lossy().contains('\0')
            || self.dir.components().all(|part| part.as_os_str() == ".")
        {
            return fault("the issuer's files lie in a folder of their own; write such as `feedback`");
        }
        if self.dir.to_string_lossy().contains("://") {
            return fault("the issuer's files are written on this machine; name a folder of it");
        }
        match folder.exists() && !folder.is_dir() {
            true => fault(
                "a file has this name, and the issuer's files need a folder; name a folder, or move the file away",
            ),
            false => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_this_machine_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs_err::write(&file, "").unwrap();
        let fault = |dir: &str| {
            let settings = FeedbackSettings { dir: dir.into(), ..FeedbackSettings::default() };
            settings.fault(&folder.path().join(dir)).map(|(_, message)| message)
        };
        assert_eq!(fault("feedback"), None);
        for (dir, word) in [
            ("", "empty"),
            (".", "of their own"),
            ("s3://bureau/word", "this machine"),
            ("file", "move the file"),
        ] {
            assert!(fault(dir).is_some_and(|message| message.contains(word)), "{dir}");
        }
    }
}
