//! Who connects: role and password, from the address, the environment and `.pgpass`.
//!
//! The rules are those of PostgreSQL's own tools (PostgreSQL, "The Password File" and "Environment Variables"), so that what
//! `psql` takes is taken here.

use std::env;
use std::path::{Path, PathBuf};

use foreign::UnreadableFile;
use zeroize::Zeroizing;

use crate::files::open_to_others;
use crate::job::{ServerAddress, ServerHost};

/// The longest password file that is read, in bytes.
const LONGEST: u64 = 1 << 20;
/// The folders of sockets that `localhost` stands for in a password file.
const DEFAULT_SOCKETS: [&str; 3] = ["/run/postgresql", "/var/run/postgresql", "/tmp"];

/// A password.
pub(super) type Password = Zeroizing<String>;

/// The role: that of the address, of `PGUSER`, or the user of this process.
pub(super) fn role(address: &ServerAddress) -> String {
    let named = || env::var("PGUSER").ok().filter(|name| !name.is_empty());
    let own = || whoami::username().unwrap_or_default();
    address.user.clone().or_else(named).unwrap_or_else(own)
}

/// The password: that of `PGPASSWORD`, or of the password file; `None` where neither has one.
pub(super) fn password(address: &ServerAddress, role: &str) -> Option<Password> {
    let set = env::var("PGPASSWORD").ok().filter(|word| !word.is_empty()).map(Password::new);
    set.or_else(|| in_file(&password_file()?, address, role))
}

/// `PGPASSFILE`, or `.pgpass` at home.
fn password_file() -> Option<PathBuf> {
    let named = env::var_os("PGPASSFILE").filter(|path| !path.is_empty());
    named.map(PathBuf::from).or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".pgpass")))
}

/// The password of a password file. One that others may read, or that can't be read, is left alone with a warning.
fn in_file(file: &Path, address: &ServerAddress, role: &str) -> Option<Password> {
    let shown = foreign::legible(&file.display().to_string()).into_owned();
    if !file.exists() {
        return None;
    }
    if open_to_others(file) {
        tracing::warn!(
            code = "password_file",
            "{shown}: others may read this password file, so it is left alone; `chmod 0600` it"
        );
        return None;
    }
    let read = |UnreadableFile { error, .. }| tracing::warn!(code = "password_file", "{shown}: {error}");
    let text = Zeroizing::new(foreign::read_text(file, LONGEST).map_err(read).ok()?);
    text.lines().find_map(|line| of_line(line, address, role))
}

/// The password of a line `host:port:database:role:password`, if the line is for this connection.
fn of_line(line: &str, address: &ServerAddress, role: &str) -> Option<Password> {
    if line.starts_with('#') {
        return None;
    }
    let (host, rest) = field(line)?;
    let (port, rest) = field(rest)?;
    let (database, rest) = field(rest)?;
    let (user, rest) = field(rest)?;
    let fits = |field: &str, value: &str| field == "*" || unescaped(field).as_str() == value;
    let fits_host = host == "*" || names(address).iter().any(|name| fits(host, name));
    let fits = fits_host
        && fits(port, &address.port.to_string())
        && fits(database, &address.database)
        && fits(user, role);
    // The password is the last field; libpq too ends it at a colon that is not escaped.
    let word = field(rest).map_or(rest, |(word, _)| word);
    fits.then(|| unescaped(word)).filter(|word| !word.is_empty())
}

/// The names that a password file may give the server.
fn names(address: &ServerAddress) -> Vec<String> {
    match &address.host {
        ServerHost::Network(name) => vec![name.clone()],
        ServerHost::Socket(folder) => {
            let local = DEFAULT_SOCKETS.iter().any(|default| folder == Path::new(default));
            let local = local.then(|| "localhost".to_owned());
            local.into_iter().chain([folder.display().to_string()]).collect()
        }
    }
}

/// A field up to the next colon that is not escaped, still with its escapes, and what follows the colon.
fn field(line: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (offset, byte) in line.bytes().enumerate() {
        match byte {
            b':' if !escaped => return Some((&line[..offset], &line[offset + 1..])),
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    None
}

/// A field without its escapes: a backslash stands before a colon or a backslash.
fn unescaped(field: &str) -> Password {
    let mut plain = Zeroizing::new(String::with_capacity(field.len()));
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> ServerAddress {
        ServerAddress::parse(text).expect("an address").expect(text)
    }

    fn found(line: &str, url: &str) -> Option<String> {
        of_line(line, &address(url), "pli").map(|word| word.to_string())
    }

    #[test]
    fn a_line_is_for_one_connection_or_for_many() {
        let url = "postgres://db.example:5433/ledger";
        for (line, word) in [
            ("db.example:5433:ledger:pli:zpqm", Some("zpqm")),
            ("*:*:*:*:zpqm", Some("zpqm")),
            ("*:*:*:*:zp\\:q\\\\m", Some("zp:q\\m")),
            ("*:*:*:*:zpqm:rest", Some("zpqm")),
            ("other:5433:ledger:pli:zpqm", None),
            ("db.example:5432:ledger:pli:zpqm", None),
            ("*:*:ledger:other:zpqm", None),
            ("# *:*:*:*:zpqm", None),
            ("*:*:*:*:", None),
            ("*:*:*", None),
            ("", None),
        ] {
            assert_eq!(found(line, url).as_deref(), word, "{line}");
        }
    }

    #[test]
    fn escapes_and_sockets_are_read_as_psql_reads_them() {
        assert_eq!(
            found("2001\\:db8\\:\\:1:5432:l:pli:w", "postgres://[2001:db8::1]/l").as_deref(),
            Some("w")
        );
        assert_eq!(
            found("localhost:5432:l:pli:w", "postgres:///l?host=/run/postgresql").as_deref(),
            Some("w")
        );
        assert_eq!(found("localhost:5432:l:pli:w", "postgres:///l?host=/srv/socket"), None);
        assert_eq!(found("/srv/socket:5432:l:pli:w", "postgres:///l?host=/srv/socket").as_deref(), Some("w"));
    }

    #[test]
    #[cfg(unix)]
    fn a_file_that_others_may_read_is_left_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pgpass");
        let url = address("postgres://db/ledger");
        assert!(in_file(&file, &url, "pli").is_none(), "no file is no password");
        fs_err::write(&file, "# ours\nother:*:*:*:x\n*:*:*:*:zpqm\n").expect("written");
        for (mode, word) in [(0o600, Some("zpqm")), (0o640, None), (0o604, None)] {
            fs_err::set_permissions(&file, PermissionsExt::from_mode(mode)).expect("a mode");
            assert_eq!(in_file(&file, &url, "pli").as_ref().map(|word| word.as_str()), word, "{mode:o}");
        }
    }
}
