//! Who runs this program: the system's user, by its real number.

use std::path::Path;

use crate::failure::Failure;
use crate::files::name_of_user;

/// The largest status of a process that is read, in bytes.
const MAX_STATUS: u64 = 1 << 20;

/// A user of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SystemUser {
    /// The name in the system's book of users; `user N` where the book has none.
    pub name: String,
    /// The number.
    pub number: u32,
}

impl SystemUser {
    /// The user that runs this program, by the process's real number: a program that changes its user keeps it.
    ///
    /// # Errors
    /// `no_user`: the system does not say it.
    pub(crate) fn of_process() -> Result<SystemUser, Failure> {
        let status = foreign::read_text(Path::new("/proc/self/status"), MAX_STATUS);
        let number = status.ok().as_deref().and_then(real_number).ok_or_else(|| {
            Failure::refused("no_user", "the system does not say which user runs this program")
                .with_advice("run it on Linux with `/proc` mounted")
        })?;
        Ok(SystemUser::of_number(number))
    }

    /// The user with this number.
    pub(crate) fn of_number(number: u32) -> SystemUser {
        let name = name_of_user(number).unwrap_or_else(|| format!("user {number}"));
        SystemUser { name, number }
    }

    /// Whether a text of the job means this user: the name, or the number.
    pub(crate) fn is(&self, text: &str) -> bool {
        let text = text.trim();
        match text.parse::<u32>() {
            Ok(number) => number == self.number,
            Err(_) => text == self.name,
        }
    }
}

/// The real number in the status of a process: the first of the line `Uid:`.
fn real_number(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_the_real_one_and_known_by_name_or_number() {
        let status = "Name:\tpli\nUid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\n";
        assert_eq!(real_number(status), Some(1000));
        assert_eq!(real_number("Gid:\t5\n"), None);
        let anna = SystemUser { name: "anna".to_owned(), number: 1000 };
        assert!(anna.is("anna") && anna.is(" 1000 ") && !anna.is("bruno") && !anna.is("0"));
        assert!(SystemUser::of_process().is_ok());
    }
}
