//! Who changes the ledger, and when.

use super::SystemUser;

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

    /// The user that runs this program, by its real number.
    pub(crate) fn of_process() -> Author {
        let user = SystemUser::of_process().map(|user| user.name);
        Author { name: user.unwrap_or_else(|_| "unknown".to_owned()) }
    }
}

/// The present time, as an event has it: UTC, to the second.
#[expect(clippy::disallowed_methods, reason = "an event has its time, and no print file shows it")]
pub(crate) fn present() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
