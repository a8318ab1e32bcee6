//! The connection: a thread that carries what is asked and answered, and waits that end.
//!
//! tokio runs on that thread alone. Everybody else waits by parking, so that a ledger can be used from any thread and a server
//! that hangs is an error, not a hang.

use std::cell::Cell;
use std::env;
use std::path::Path;
use std::pin::{Pin, pin};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Error};

use super::credentials::{self, Password};
use super::fault::{AUTHORITY, Kind, ROLE, ServerFault};
use super::tls::Tls;
use crate::job::{ServerAddress, ServerHost, ServerTls};

/// How long each address of the server's host is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may take, with the host's name, TLS and the password.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the server may take to answer a statement, or from one part of an answer to the next.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(600);
/// When an idle connection is asked whether it is still there, how often, and how many times.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(30), Duration::from_secs(10), 3);
/// How long sent bytes may stay without an acknowledgement.
const UNACKNOWLEDGED: Duration = Duration::from_secs(60);
/// How long the reason of a closed connection is waited for.
const REASON_TIMEOUT: Duration = Duration::from_secs(1);

/// An open connection.
pub(super) struct Connection {
    client: Arc<Client>,
    /// The reason for the connection's end, sent by its thread.
    end: Mutex<Receiver<Error>>,
    place: String,
    /// How long an answer is waited for.
    limit: Duration,
    /// An answer did not come in time: later ones are not waited for.
    silent: Cell<bool>,
}

impl Connection {
    /// Connects to a server.
    ///
    /// # Errors
    /// The server can't be reached, or does not take role, password, database or encryption.
    pub(super) fn open(address: &ServerAddress) -> Result<Connection, ServerFault> {
        let role = credentials::role(address);
        let password = credentials::password(address, &role);
        let authorities = env::var_os("PGSSLROOTCERT").filter(|path| !path.is_empty() && path != "system");
        let tls = Tls::new(address.tls, authorities.as_ref().map(Path::new));
        Connection::with(address, &configuration(address, &role, password.as_ref()), tls)
    }

    /// Connects as `config` says, with TLS if it could be made ready.
    ///
    /// # Errors
    /// As [`Connection::open`].
    pub(super) fn with(
        address: &ServerAddress,
        config: &Config,
        tls: Result<Tls, String>,
    ) -> Result<Connection, ServerFault> {
        let place = address.to_string();
        let tls = tls.map_err(|reason| ServerFault::new(&place, AUTHORITY, reason))?;
        let config = config.clone();
        let (opened, open) = sync_channel(1);
        let (ended, end) = sync_channel(1);
        let carrier = thread::Builder::new().name("ledger-server".to_owned());
        let carry = move || carry(&config, tls, &opened, &ended);
        carrier.spawn(carry).map_err(|error| ServerFault::new(&place, Kind::Away, error.to_string()))?;
        match open.recv_timeout(LOGIN_TIMEOUT) {
            Ok(Ok(client)) => Ok(Connection {
                client: Arc::new(client),
                end: Mutex::new(end),
                place,
                limit: ANSWER_TIMEOUT,
                silent: Cell::new(false),
            }),
            Ok(Err(error)) => Err(refused(&place, &error)),
            Err(RecvTimeoutError::Timeout) => Err(ServerFault::silent(&place, LOGIN_TIMEOUT.as_secs())),
            Err(RecvTimeoutError::Disconnected) => {
                Err(ServerFault::new(&place, Kind::Away, "the connection could not be opened"))
            }
        }
    }

    /// The address, without a password.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// What makes requests; [`Connection::wait`] waits for their answers.
    pub(super) fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// Waits for an answer.
    ///
    /// # Errors
    /// Those of the server; [`Kind::Away`] where it does not answer in time.
    pub(super) fn wait<T>(&self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, ServerFault> {
        let limit = if self.silent.get() { Duration::ZERO } else { self.limit };
        match parked(pin!(answer), limit) {
            Some(Ok(value)) => Ok(value),
            Some(Err(error)) => Err(self.fault(error)),
            None => {
                self.silent.set(true);
                Err(ServerFault::silent(&self.place, self.limit.as_secs()))
            }
        }
    }

    /// The fault of an error; the reason of the connection's end, where it has ended.
    pub(super) fn fault(&self, error: Error) -> ServerFault {
        let reason = match self.end.lock() {
            Ok(end) if error.is_closed() => end.recv_timeout(REASON_TIMEOUT).ok(),
            _ => None,
        };
        ServerFault::of(&self.place, &reason.unwrap_or(error))
    }

    /// Waits at most `limit` for an answer from now on.
    #[cfg(test)]
    pub(super) fn set_limit(&mut self, limit: Duration) {
        self.limit = limit;
    }
}

/// Opens a connection and carries it until it ends.
fn carry(config: &Config, tls: Tls, opened: &SyncSender<Result<Client, Error>>, ended: &SyncSender<Error>) {
    // Without a runtime the sender goes, which says so.
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        let connection = match config.connect(tls).await {
            Ok((client, connection)) => opened.send(Ok(client)).map(|()| connection),
            Err(error) => {
                let _ = opened.send(Err(error));
                return;
            }
        };
        // Whoever asked may have gone.
        let Ok(connection) = connection else { return };
        let mut connection = pin!(connection);
        if let Err(error) = connection.as_mut().await {
            let _ = ended.send(error);
        }
    });
    // A host's name may still be looked up.
    runtime.shutdown_background();
}

/// What a connection asks for.
pub(super) fn configuration(address: &ServerAddress, role: &str, password: Option<&Password>) -> Config {
    let mut config = Config::new();
    match &address.host {
        ServerHost::Network(name) => config.host(name),
        #[cfg(unix)]
        ServerHost::Socket(folder) => config.host_path(folder),
        #[cfg(not(unix))]
        ServerHost::Socket(folder) => config.host(folder.display().to_string()),
    };
    let mode = match address.tls {
        ServerTls::Disable => SslMode::Disable,
        ServerTls::Prefer => SslMode::Prefer,
        ServerTls::Require | ServerTls::VerifyFull => SslMode::Require,
    };
    let (idle, interval, retries) = KEEPALIVE;
    config.port(address.port).dbname(&address.database).ssl_mode(mode).application_name("pli");
    config.connect_timeout(CONNECT_TIMEOUT).tcp_user_timeout(UNACKNOWLEDGED);
    config.keepalives_idle(idle).keepalives_interval(interval).keepalives_retries(retries);
    config.user(role);
    if let Some(password) = password {
        config.password(password.as_bytes());
    }
    config
}

/// The fault of a connection that was not opened.
fn refused(place: &str, error: &Error) -> ServerFault {
    let fault = ServerFault::of(place, error);
    match std::error::Error::source(error).map(ToString::to_string).as_deref() {
        Some("password missing") => {
            ServerFault::new(place, ROLE, "the server asks for a password, and none is given")
        }
        _ => fault,
    }
}

/// Wakes a thread that waits for an answer.
struct Parked(Thread);

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future; `None` where it takes longer than `limit`.
fn parked<F: Future>(mut future: Pin<&mut F>, limit: Duration) -> Option<F::Output> {
    let waker = Waker::from(Arc::new(Parked(thread::current())));
    let mut context = Context::from_waker(&waker);
    let began = Instant::now();
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
        thread::park_timeout(limit.checked_sub(began.elapsed())?);
    }
}
