//! The address of a ledger on a PostgreSQL server: `postgres://[user@]host[:port]/database[?sslmode=…]`.
//!
//! An address never holds a password, and an error never repeats what was written: it may be one in the wrong place.

use std::fmt;
use std::path::PathBuf;

use super::percent::decoded;

/// The schemes of the server's own tools.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];
/// The port of a server that names none.
const PORT: u16 = 5432;
const FORM: &str = "write `postgres://user@host/database`";

/// A text that is no address of a server: the problem, `; ` and the advice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ServerAddressFault(String);

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ServerHost {
    /// A host's name or number.
    Network(String),
    /// The folder of a socket of this machine.
    Socket(PathBuf),
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerTls {
    /// Never.
    Disable,
    /// If the server offers it; its certificate is not checked.
    Prefer,
    /// Always; the server's certificate is not checked.
    Require,
    /// Always, and the server's certificate names the host and is signed by an authority that this machine trusts.
    VerifyFull,
}

/// The address of a database on a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerAddress {
    /// Where the server listens.
    pub(crate) host: ServerHost,
    /// The server's port; it is part of a socket's name too.
    pub(crate) port: u16,
    /// The role; the environment names it where the address does not.
    pub(crate) user: Option<String>,
    /// The database.
    pub(crate) database: String,
    /// How the connection is encrypted.
    pub(crate) tls: ServerTls,
}

impl ServerAddress {
    /// Reads an address; `None` for a text that does not begin like one.
    pub(crate) fn parse(text: &str) -> Option<Result<ServerAddress, ServerAddressFault>> {
        let begins =
            |scheme: &&&str| text.get(..scheme.len()).is_some_and(|b| b.eq_ignore_ascii_case(scheme));
        let scheme = SCHEMES.iter().find(begins)?;
        Some(ServerAddress::after_scheme(&text[scheme.len()..]))
    }

    fn after_scheme(rest: &str) -> Result<ServerAddress, ServerAddressFault> {
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        let user = user.map(|user| part("user", user)).transpose()?.filter(|user| !user.is_empty());
        let database = part("database", database)?;
        if database.is_empty() || database.contains('/') {
            return fault(format!("the database is not named; {FORM}"));
        }
        let (name, port) = host_and_port(host)?;
        let mut settings = Settings::read(query)?;
        let host = match settings.socket.take() {
            Some(_) if !name.is_empty() => {
                return fault("it names a host and a socket; leave one of them out");
            }
            Some(folder) => ServerHost::Socket(folder),
            None if name.is_empty() => {
                return fault(format!(
                    "the server is not named; {FORM}, or `postgres://user@/database?host=/run/postgresql` for a socket"
                ));
            }
            None => ServerHost::Network(name),
        };
        let tls = settings.tls.unwrap_or_else(|| host.default_tls());
        if matches!(host, ServerHost::Socket(_)) && matches!(tls, ServerTls::Require | ServerTls::VerifyFull)
        {
            return fault("a socket is never encrypted; leave `sslmode` out, or name a host");
        }
        Ok(ServerAddress { host, port: port.or(settings.port).unwrap_or(PORT), user, database, tls })
    }
}

impl ServerHost {
    /// What leaves this machine is encrypted and checked, unless the address says otherwise.
    fn default_tls(&self) -> ServerTls {
        match self {
            ServerHost::Socket(_) => ServerTls::Disable,
            ServerHost::Network(name) if is_this_machine(name) => ServerTls::Prefer,
            ServerHost::Network(_) => ServerTls::VerifyFull,
        }
    }
}

fn is_this_machine(name: &str) -> bool {
    let number = name.parse::<core::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || number.is_ok_and(|number| number.is_loopback())
}

/// What stands behind the `?`.
#[derive(Default)]
struct Settings {
    socket: Option<PathBuf>,
    port: Option<u16>,
    tls: Option<ServerTls>,
}

impl Settings {
    fn read(query: &str) -> Result<Settings, ServerAddressFault> {
        let mut settings = Settings::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "host" => {
                    let folder = PathBuf::from(part("host", value)?);
                    if !folder.is_absolute() {
                        return fault(
                            "`host=` takes the folder of a socket; write such as `host=/run/postgresql`",
                        );
                    }
                    settings.socket = Some(folder);
                }
                "port" => settings.port = Some(port_number(value)?),
                "sslmode" => settings.tls = Some(tls(value)?),
                _ => {
                    return fault(
                        "behind the `?` stands a setting that is not known; `host`, `port` and `sslmode` are, a password comes from the environment or `.pgpass` (docs/postgresql.md)",
                    );
                }
            }
        }
        Ok(settings)
    }
}

fn tls(value: &str) -> Result<ServerTls, ServerAddressFault> {
    match value {
        "disable" => Ok(ServerTls::Disable),
        "prefer" => Ok(ServerTls::Prefer),
        "require" => Ok(ServerTls::Require),
        "verify-full" => Ok(ServerTls::VerifyFull),
        _ => fault("`sslmode` is none that is known; write `verify-full`, `require`, `prefer` or `disable`"),
    }
}

/// A host, its number of IPv6 without the brackets, and its port.
fn host_and_port(text: &str) -> Result<(String, Option<u16>), ServerAddressFault> {
    let (name, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, "")) => (name, None),
        Some((name, rest)) => (name, Some(rest.strip_prefix(':').unwrap_or(rest))),
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        },
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    if !name.bytes().all(plain) {
        return fault(format!("the host's name holds a character that none has; {FORM}"));
    }
    Ok((name.to_owned(), port.map(port_number).transpose()?))
}

fn port_number(text: &str) -> Result<u16, ServerAddressFault> {
    match text.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => {
            fault("the port is no number from 1 to 65535; write such as `postgres://user@host:5432/database`")
        }
    }
}

fn part(name: &str, text: &str) -> Result<String, ServerAddressFault> {
    let text = decoded(text).and_then(|bytes| String::from_utf8(bytes).ok());
    match text {
        Some(text) if !text.chars().any(char::is_control) => Ok(text),
        _ => fault(format!("its {name} is not UTF-8 in percent-encoding; write `%25` for a `%`")),
    }
}

fn fault<T>(message: impl Into<String>) -> Result<T, ServerAddressFault> {
    Err(ServerAddressFault(message.into()))
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEMES[0])?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match &self.host {
            ServerHost::Network(name) if name.contains(':') => write!(f, "[{name}]")?,
            ServerHost::Network(name) => f.write_str(name)?,
            ServerHost::Socket(_) => {}
        }
        if self.port != PORT {
            write!(f, ":{}", self.port)?;
        }
        write!(f, "/{}", self.database)?;
        match &self.host {
            ServerHost::Socket(folder) => write!(f, "?host={}", folder.display()),
            ServerHost::Network(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> ServerAddress {
        ServerAddress::parse(text).expect("an address").expect(text)
    }

    #[test]
    fn what_has_another_scheme_is_no_address() {
        for text in ["sqlite:ledger.db", "ledger.db", "s3://bureau/ledger", "postgres:ledger"] {
            assert_eq!(ServerAddress::parse(text), None, "{text}");
        }
    }

    #[test]
    fn parts_are_read_and_shown_as_they_are_meant() {
        let whole = address("postgresql://pli%40mail@db.bureau.example:5433/ledger?sslmode=require");
        assert_eq!(whole.host, ServerHost::Network("db.bureau.example".to_owned()));
        assert_eq!(
            (whole.port, whole.user.as_deref(), whole.database.as_str()),
            (5433, Some("pli@mail"), "ledger")
        );
        assert_eq!(whole.tls, ServerTls::Require);
        assert_eq!(whole.to_string(), "postgres://pli@mail@db.bureau.example:5433/ledger");
        let number = address("postgres://[2001:db8::1]:5432/ledger");
        assert_eq!(number.to_string(), "postgres://[2001:db8::1]/ledger");
        let socket = address("postgres://pli@/ledger?host=/run/postgresql&port=5433");
        assert_eq!(socket.host, ServerHost::Socket("/run/postgresql".into()));
        assert_eq!(socket.to_string(), "postgres://pli@:5433/ledger?host=/run/postgresql");
        assert_eq!(address(&socket.to_string()), socket, "what is shown can be written");
    }

    #[test]
    fn what_leaves_this_machine_is_encrypted_and_checked() {
        for (text, tls) in [
            ("postgres://db/ledger", ServerTls::VerifyFull),
            ("postgres://10.0.0.7/ledger", ServerTls::VerifyFull),
            ("postgres://localhost/ledger", ServerTls::Prefer),
            ("postgres://127.0.0.1/ledger", ServerTls::Prefer),
            ("postgres://[::1]/ledger", ServerTls::Prefer),
            ("postgres:///ledger?host=/run/postgresql", ServerTls::Disable),
            ("postgres://db/ledger?sslmode=disable", ServerTls::Disable),
        ] {
            assert_eq!(address(text).tls, tls, "{text}");
        }
    }

    #[test]
    fn faults_name_the_part_and_repeat_nothing() {
        for (text, word) in [
            ("postgres://zpqm", "database"),
            ("postgres://zpqm/", "database"),
            ("postgres:///zpqm", "server"),
            ("postgres://zpqm:zpqm/ledger", "port"),
            ("postgres://zpqm:0/ledger", "port"),
            ("postgres://zpqm,zpqm/ledger", "host"),
            ("postgres://zpqm%zz@db/ledger", "user"),
            ("postgres://db/ledger?sslmode=zpqm", "verify-full"),
            ("postgres://db/ledger?zpqm=zpqm", "`sslmode`"),
            ("postgres:///ledger?host=zpqm", "`host=/run/postgresql`"),
            ("postgres://db/ledger?host=/zpqm", "a socket"),
            ("postgres:///ledger?host=/zpqm&sslmode=require", "never encrypted"),
        ] {
            let message = ServerAddress::parse(text).expect("an address").expect_err(text).to_string();
            assert!(message.contains(word) && !message.contains("zpqm"), "{text}: {message}");
            assert!(message.contains("; "), "the advice stands apart: {message}");
        }
    }
}
