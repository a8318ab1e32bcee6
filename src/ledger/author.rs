//! Who changes the ledger, and when.

use std::path::Path;

/// The largest book of users that is read, in bytes.
const MAX_BOOK: u64 = 16 << 20;

/// Who changes the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Author {
    /// The system's user, or the person who is named on the command line.
    pub name: String,
}

impl Author {
    /// The person who is named; without a name, the user that runs this program.
    pub(crate) fn named(name: Option<&str>) -> Author {
        name.map_or_else(Author::of_process, |name| Author { name: name.to_owned() })
    }

    /// The user that runs this program, by the system's book of users; its number where the book has no name.
    pub(crate) fn of_process() -> Author {
        #[cfg(unix)]
        let number = std::fs::metadata("/proc/self")
            .map(|process| std::os::unix::fs::MetadataExt::uid(&process).to_string());
        #[cfg(not(unix))]
        let number = Err::<String, _>(std::io::Error::from(std::io::ErrorKind::Unsupported));
        let Ok(number) = number else { return Author { name: "unknown".to_owned() } };
        Author { name: name_of(&number).unwrap_or_else(|| format!("user {number}")) }
    }
}

/// The name of a user in the system's book.
fn name_of(number: &str) -> Option<String> {
    let book = foreign::read_text(Path::new("/etc/passwd"), MAX_BOOK).ok()?;
    book.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(number)).then(|| name.to_owned())
    })
}

/// The present time, as an event has it: UTC, to the second.
#[expect(clippy::disallowed_methods, reason = "an event has its time, and no print file shows it")]
pub(crate) fn present() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
