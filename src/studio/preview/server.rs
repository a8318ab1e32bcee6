//! The server: two listeners on loopback, connections within limits, and an end within a second.

use std::convert::Infallible;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpStream;
use tokio::time::{interval, sleep};

use super::connection::Connection;
use super::connections::{AnswerBody, Connections, Usage};
use super::routes;
use super::shared::Shared;
use crate::failure::Failure;

/// The most connections at once. Beyond it the oldest that is idle is closed.
const MAX_CONNECTIONS: usize = 96;
/// The most bytes of a request's line and headers.
const MAX_HEAD: usize = 16 << 10;
/// The most headers of a request.
const MAX_HEADERS: usize = 64;
/// How long a request's line and headers may take, and a connection may be idle.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How often pages that listen hear something.
const BEAT: Duration = Duration::from_secs(15);
/// How long is waited before a place is looked for again.
const AGAIN: Duration = Duration::from_millis(50);
/// How long answers that are on their way may take at the end.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// The sockets of the server, of one port on both loopback addresses.
pub(crate) struct Listeners {
    sockets: Vec<TcpListener>,
    port: u16,
}

impl Listeners {
    /// Opens them on this port, or on a free one.
    ///
    /// # Errors
    /// `preview_port`: another program has the port, or the system gives none.
    pub(crate) fn open(port: Option<u16>) -> Result<Listeners, Failure> {
        const ATTEMPTS: usize = 20;
        let taken = |error: std::io::Error| {
            let problem = match port {
                Some(port) => format!("port {port} can't be used: {error}"),
                None => format!("no port of 127.0.0.1 can be used: {error}"),
            };
            Failure::usage("preview_port", problem)
                .with_advice("name a free port with `--port`, or leave it out to take any")
        };
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).map_err(taken)?;
            let port_taken = first.local_addr().map_err(taken)?.port();
            // A system without IPv6 has one loopback address.
            match TcpListener::bind((Ipv6Addr::LOCALHOST, port_taken)) {
                Ok(second) => return Ok(Listeners { sockets: vec![first, second], port: port_taken }),
                Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => last = Some(error),
                Err(_) => return Ok(Listeners { sockets: vec![first], port: port_taken }),
            }
        }
        Err(taken(last.unwrap_or_else(|| std::io::ErrorKind::AddrInUse.into())))
    }

    /// The port.
    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

/// Serves until the process is asked to end (Ctrl-C, SIGTERM).
///
/// # Errors
/// `io`: the system starts no server.
pub(super) fn serve(listeners: Listeners, shared: &Arc<Shared>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let connections = Arc::new(Connections::new(MAX_CONNECTIONS));
        for socket in listeners.sockets {
            socket.set_nonblocking(true)?;
            let socket = tokio::net::TcpListener::from_std(socket)?;
            tokio::spawn(accept(socket, connections.clone(), shared.clone()));
        }
        let beat = shared.clone();
        tokio::spawn(async move {
            let mut beats = interval(BEAT);
            loop {
                beats.tick().await;
                beat.events.beat();
            }
        });
        asked_to_end().await;
        shared.events.end();
        sleep(LAST_WORDS).await;
        Ok::<(), std::io::Error>(())
    })?;
    runtime.shutdown_background();
    Ok(())
}

/// Accepts connections. Where too many are open, the oldest that is idle makes room.
async fn accept(socket: tokio::net::TcpListener, connections: Arc<Connections>, shared: Arc<Shared>) {
    loop {
        match socket.accept().await {
            Ok((stream, peer)) if is_loopback(peer) => {
                while !connections.make_room() {
                    sleep(AGAIN).await;
                }
                let usage = Usage::begin();
                let task = tokio::spawn(serve_connection(stream, usage.clone(), shared.clone()));
                connections.add(usage, task.abort_handle());
            }
            Ok(_) => {}
            // Out of open files, or the peer left: nothing is gained by trying at once.
            Err(_) => sleep(AGAIN).await,
        }
    }
}

/// Answers the requests of a connection.
async fn serve_connection(stream: TcpStream, usage: Arc<Usage>, shared: Arc<Shared>) {
    let service = service_fn(|request| {
        let (answering, usage, shared) = (usage.answering(), usage.clone(), shared.clone());
        async move {
            let response = routes::answer(&shared, request).await;
            if !response.status().is_client_error() {
                usage.admit();
            }
            Ok::<_, Infallible>(response.map(|body| AnswerBody { body, _answering: answering }))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD)
        .serve_connection(Connection::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!("a connection ended: {error}");
    }
}

fn is_loopback(peer: SocketAddr) -> bool {
    peer.ip().is_loopback()
}

/// Resolves once the process is asked to end.
#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut asked = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
    let waits = asked.iter_mut().flatten().map(|signal| Box::pin(signal.recv()));
    futures_util::future::select_all(waits).await;
}

/// Resolves once the process is asked to end.
#[cfg(not(unix))]
async fn asked_to_end() {
    let _ = tokio::signal::ctrl_c().await;
}
