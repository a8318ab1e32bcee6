//! Secrets that stand in a job file by mistake. A job file is read by many and copied into reports, so it holds none.
//!
//! The text is searched before it is parsed: a secret is found in every value, key and comment, and no message repeats it.

/// A kind of secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// An age identity.
    Identity,
    /// A private key in PEM, sealed or not.
    Pem,
    /// The PIN of a token in a PKCS#11 URI.
    Pin,
    /// The password of a database in its URL.
    Password,
}

/// How an age identity begins, in upper case.
const IDENTITY: &str = "AGE-SECRET-KEY-";
/// How a PEM block begins and how the first line of a private key goes on, in upper case.
const PEM: [&str; 2] = ["-----BEGIN ", "PRIVATE KEY"];
/// The attribute of a PKCS#11 URI that holds the PIN itself, in upper case.
const PIN: &str = "PIN-VALUE=";
/// How the URLs of a PostgreSQL database begin, in upper case.
const SERVERS: [&str; 2] = ["POSTGRES://", "POSTGRESQL://"];

impl Secret {
    /// The first secret of a text, with its offset in bytes.
    pub(super) fn find(text: &str) -> Option<(usize, Secret)> {
        // Upper case in ASCII leaves every offset as it is.
        let text = &*text.to_ascii_uppercase();
        let kinds = [(IDENTITY, Secret::Identity), (PEM[0], Secret::Pem), (PIN, Secret::Pin)];
        let servers = SERVERS.map(|begin| (begin, Secret::Password));
        let found = kinds.into_iter().chain(servers).flat_map(|(begin, secret)| {
            let ends = text.match_indices(begin).map(move |(offset, begin)| (offset, offset + begin.len()));
            let real = ends.filter(move |(_, end)| secret.goes_on(&text[*end..]));
            real.map(move |(offset, _)| (offset, secret))
        });
        found.min_by_key(|(offset, _)| *offset)
    }

    /// Whether a secret follows its beginning; a comment may name the beginning alone.
    fn goes_on(self, rest: &str) -> bool {
        let next = rest.bytes().next();
        match self {
            Secret::Identity => next.is_some_and(|byte| byte.is_ascii_alphanumeric()),
            Secret::Pem => rest.lines().next().is_some_and(|line| line.contains(PEM[1])),
            Secret::Pin => next.is_some_and(|byte| byte.is_ascii_graphic() && !b"\"'`".contains(&byte)),
            Secret::Password => holds_password(rest),
        }
    }

    /// The problem, without the secret.
    pub(super) fn problem(self) -> &'static str {
        match self {
            Secret::Identity => "a private age key (`AGE-SECRET-KEY-…`) stands in the job file",
            Secret::Pem => "a private key in PEM stands in the job file",
            Secret::Pin => "the PIN of a token (`pin-value=`) stands in the job file",
            Secret::Password => "the password of a database stands in the job file",
        }
    }

    /// What to do.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Secret::Identity => {
                "take it out and write the path of a file in its place (`seal_to` takes public recipients, `age1…`, too); then make a new key with `pli keys new press` or `pli keys new codes`, since others may have seen this one"
            }
            Secret::Pem => {
                "take it out and write the path of the key's file in its place; then make a new key with `pli keys new signing`, since others may have seen this one"
            }
            Secret::Pin => {
                "write the PIN into a file of mode 0600, and here `pin-source=file:` and its path; then change the PIN, since others may have seen this one"
            }
            Secret::Password => {
                "leave it out of the URL and give it in the environment (`PGPASSWORD`) or in `~/.pgpass` (docs/postgresql.md); then change the password, since others may have seen this one"
            }
        }
    }
}

/// Whether a password follows the scheme of a database's URL, in upper case: between `:` and `@`, or as a setting. It may hold
/// any character itself, so that what stands before the last `@` is searched.
fn holds_password(rest: &str) -> bool {
    let url = rest.split(|c: char| c.is_whitespace() || "\"'`".contains(c)).next().unwrap_or(rest);
    let before_host = url.rsplit_once('@').map(|(user, _)| user);
    let of_user = before_host.and_then(|user| user.split_once(':')).is_some_and(|(_, word)| !word.is_empty());
    let setting = url.split(['?', '&']).find_map(|pair| pair.strip_prefix("PASSWORD="));
    of_user || setting.is_some_and(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        for (text, secret) in [
            ("seal_to = [\"AGE-SECRET-KEY-1QQ\"]", Secret::Identity),
            ("é = 'age-secret-key-pq-1qq'", Secret::Identity),
            ("# Age-Secret-Key-1qq", Secret::Identity),
            ("key = \"-----BEGIN PRIVATE KEY-----\\nMC4\"", Secret::Pem),
            ("key = \"\"\"\n-----BEGIN ENCRYPTED PRIVATE KEY-----\nMC4", Secret::Pem),
            ("key = \"-----BEGIN OPENSSH PRIVATE KEY-----", Secret::Pem),
            ("key = \"pkcs11:object=k?pin-value=493817\"", Secret::Pin),
            ("url = \"postgres://pli:zpqm@db/ledger\"", Secret::Password),
            ("# url = 'PostgreSQL://pli:zp/q?m@db:5432/ledger'", Secret::Password),
            ("url = \"postgres://db/ledger?sslmode=require&password=zpqm\"", Secret::Password),
        ] {
            let (offset, found) = Secret::find(text).expect(text);
            assert_eq!(found, secret, "{text}");
            assert!(text.is_char_boundary(offset) && offset > 0, "{text}");
        }
    }

    #[test]
    fn what_only_speaks_of_secrets_is_none() {
        for text in [
            "# the identity (`AGE-SECRET-KEY-…`) lies in keys/",
            "# never `pin-value=` here\nkey = \"pkcs11:object=k?pin-source=file:keys/hsm.pin\"",
            "# -----BEGIN PUBLIC KEY-----\n# the PRIVATE KEY lies in keys/",
            "seal_to = [\"age1qq\"]",
            "url = \"postgres://pli@db:5432/ledger\" # operator: a@b",
            "url = \"postgres://db:5432/ledger?sslmode=require\"",
        ] {
            assert_eq!(Secret::find(text), None, "{text}");
        }
    }
}
