//! Paths that a command is asked to write: judged before the work begins.

use std::path::{Path, is_separator};

use crate::failure::Failure;
use crate::files::is_special;

/// Refuses the path of a file where no file can be: a folder, a device, a pipe or a socket is there, the path names a folder, or
/// a file lies on its way.
///
/// # Errors
/// A failure of usage with this code.
pub(super) fn refuse_unless_file(code: &'static str, option: &str, path: &Path) -> Result<(), Failure> {
    let text = path.to_string_lossy();
    let names_folder = text.trim_end_matches('.').ends_with(is_separator);
    if is_special(path) {
        let problem =
            format!("`{option} {text}` is a device, a pipe or a socket, and a file is to be written");
        return Err(Failure::usage(code, problem).with_advice("write the path of a file"));
    }
    match path.is_dir() || names_folder {
        true => Err(Failure::usage(
            code,
            format!("`{option} {text}` names a folder, and a file is to be written"),
        )
        .with_advice("write the path of a file: a folder, then the name of the file in it")),
        false => refuse_file_on_the_way(code, option, path),
    }
}

/// Refuses the path of a folder where no folder can be: a file is there, or lies on its way.
///
/// # Errors
/// A failure of usage with this code.
pub(super) fn refuse_unless_folder(code: &'static str, option: &str, path: &Path) -> Result<(), Failure> {
    match path.exists() && !path.is_dir() {
        true => {
            let problem = format!("`{option} {}` names a file, and a folder is to be made", path.display());
            Err(Failure::usage(code, problem).with_advice("name a folder, or move the file away"))
        }
        false => refuse_file_on_the_way(code, option, path),
    }
}

fn refuse_file_on_the_way(code: &'static str, option: &str, path: &Path) -> Result<(), Failure> {
    match path.ancestors().skip(1).find(|above| above.exists() && !above.is_dir()) {
        Some(file) => Err(Failure::usage(code, format!("a file, and `{option}` needs a folder there"))
            .in_file(file.display())
            .with_advice("name another folder, or move the file away")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_refused_where_the_other_kind_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs_err::write(path("file"), "").unwrap();
        #[cfg(unix)]
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        for (name, file, made_folder) in [
            ("new.png", true, true),
            ("new/new.png", true, true),
            ("new.png/", false, true),
            ("new.png/.", false, true),
            ("", false, true),
            ("file", true, false),
            ("file/new.png", false, false),
            ("/dev/null", false, false),
            #[cfg(unix)]
            ("socket", false, false),
        ] {
            assert_eq!(refuse_unless_file("c", "--output", &path(name)).is_ok(), file, "{name}");
            assert_eq!(refuse_unless_folder("c", "--out", &path(name)).is_ok(), made_folder, "{name}");
        }
    }
}
