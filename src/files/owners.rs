//! To whom files belong, as whom this process makes files, and what users are called.

use std::path::Path;

/// The largest book of users that is read, in bytes.
const MAX_BOOK: u64 = 16 << 20;

/// User and group of a file or folder, by their numbers; links are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    /// The user.
    pub user: u32,
    /// The group.
    pub group: u32,
}

/// To whom a file or folder belongs. `None` where it can't be examined, and on systems without owners.
#[cfg(unix)]
pub(crate) fn owner_of(path: &Path) -> Option<Owner> {
    use std::os::unix::fs::MetadataExt as _;
    // The folder of a file that is named without one.
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let found = fs_err::metadata(path).ok()?;
    Some(Owner { user: found.uid(), group: found.gid() })
}

/// Other systems have no such owners.
#[cfg(not(unix))]
pub(crate) fn owner_of(_path: &Path) -> Option<Owner> {
    None
}

/// The user as whom this process makes files: the effective one.
#[cfg(unix)]
pub(crate) fn working_user() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

/// Other systems have no such numbers.
#[cfg(not(unix))]
pub(crate) fn working_user() -> Option<u32> {
    None
}

/// The name of the user with a number, in the system's book of users.
pub(crate) fn name_of_user(number: u32) -> Option<String> {
    let book = foreign::read_text(Path::new("/etc/passwd"), MAX_BOOK).ok()?;
    name_in(&book, number)
}

fn name_in(book: &str, number: u32) -> Option<String> {
    book.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(number)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_the_name_of_the_book() {
        let book = "root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/:/bin/sh\n";
        assert_eq!(name_in(book, 1000).as_deref(), Some("anna"));
        assert_eq!(name_in(book, 7), None);
    }

    #[test]
    #[cfg(unix)]
    fn what_this_process_makes_is_its_working_users() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(owner_of(file.path()).map(|owner| owner.user), working_user());
        assert_eq!(owner_of(Path::new("")), owner_of(Path::new(".")));
        assert_eq!(owner_of(&file.path().join("nothing")), None);
    }
}
