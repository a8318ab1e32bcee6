//! The other way: an editor names a place in a file, and the preview that is open shows it (`pli preview --reveal`).
//!
//! Each preview leaves a file that only its user reads, with its port, its token and its folder, and removes it at the end.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, ORIGIN};
use hyper::http::request::Parts;
use hyper::{Method, Response};
use serde::{Deserialize, Serialize};
use template::Template;

use super::bench::PreviewOrder;
use super::guard::same;
use super::orders::{Order, RevealRequest};
use super::refusal::Refusal;
use super::routes::{Body, parsed, whole};
use super::shared::Shared;
use crate::failure::Failure;
use crate::files::{private_folder, remove_file, write_private};

/// The address of the server for this, which no page asks.
const PATH: &str = "/reveal";
/// How long a preview may take to answer.
const TIME: Duration = Duration::from_secs(10);
/// The largest session file and the longest answer, in bytes.
const MAX_SIZE: u64 = 64 << 10;

/// What a preview leaves for `--reveal`.
#[derive(Serialize, Deserialize)]
struct Note {
    port: u16,
    token: String,
    /// The folders whose files the template sees, with all links followed.
    folders: Vec<PathBuf>,
}

/// The note of this preview. It is removed when this is dropped.
pub(super) struct Session(PathBuf);

impl Session {
    /// Leaves the note of a preview of a folder, and of the one that it shares with others; `None` for a built-in template, and, with a line in the log, where it can't be
    /// written for this user alone.
    pub(super) fn open(order: &PreviewOrder, port: u16, token: &str) -> Option<Session> {
        let own = fs_err::canonicalize(&order.template).ok()?;
        let seen = Template::find(&order.template).map(|template| template.folders()).unwrap_or_default();
        let others = seen.iter().skip(1).filter_map(|folder| fs_err::canonicalize(folder).ok());
        let folders = std::iter::once(own).chain(others).collect();
        let note = Note { port, token: token.to_owned(), folders };
        let written = notes().and_then(|notes| {
            let path = notes.join(format!("preview-{port}.json"));
            // One that a killed preview left on this port.
            remove_file(&path)?;
            write_private(&path, &serde_json::to_vec(&note)?)?;
            Ok(path)
        });
        written
            .map(Session)
            .map_err(|error| {
                tracing::warn!(code = "preview_not_noted", "`--reveal` will not find this preview: {error}")
            })
            .ok()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = remove_file(&self.0);
    }
}

/// The folder of the notes: in the folder that the system gives each user, or in the one for temporary files.
///
/// # Errors
/// I/O errors; it is not this user's alone.
fn notes() -> std::io::Result<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = match runtime {
        Some(runtime) => runtime.join("pli"),
        None => std::env::temp_dir().join(format!("pli-{}", whoami::username().unwrap_or_default())),
    };
    private_folder(&folder)?;
    match is_private(&folder)? {
        true => Ok(folder),
        false => Err(std::io::Error::other(format!("`{}` is not yours alone", folder.display()))),
    }
}

/// Whether a folder is this user's and closed to others.
#[cfg(unix)]
fn is_private(folder: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let of_folder = fs_err::symlink_metadata(folder)?;
    let own = tempfile::tempfile_in(folder)?.metadata()?.uid();
    Ok(of_folder.is_dir() && of_folder.uid() == own && of_folder.permissions().mode() & 0o077 == 0)
}

/// Other systems keep each user's folder for temporary files apart.
#[cfg(not(unix))]
fn is_private(folder: &Path) -> std::io::Result<bool> {
    Ok(folder.is_dir())
}

/// Whether a request is for this, and if so whether it may be answered.
pub(super) fn is_asked(head: &Parts, shared: &Shared) -> Option<bool> {
    if head.method != Method::POST || head.uri.path() != PATH {
        return None;
    }
    let bearer = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let of_a_page = head.headers.contains_key(ORIGIN) || head.headers.contains_key("sec-fetch-site");
    Some(!of_a_page && shared.guard.knows_host(head) && same(token, shared.guard.token()))
}

/// Shows a place on the pages that are open.
///
/// # Errors
/// A refusal if nothing on the pages comes from there, or no page is open.
pub(super) async fn answer(shared: &Arc<Shared>, body: Incoming) -> Result<Response<Body>, Refusal> {
    let request: RevealRequest = parsed(body).await?;
    let located = shared.ask(|reply| Order::Reveal(request, reply)).await?;
    let json = serde_json::to_string(&located).map_err(|error| Failure::bug(error.to_string()))?;
    shared.events.send("reveal", &json);
    let pages = shared.events.listeners();
    let revealed = RevealedPlace { variant: located.variant, page: located.page, pages };
    let answer = serde_json::to_vec(&revealed).map_err(|error| Failure::bug(error.to_string()))?;
    Ok(whole("application/json", Bytes::from(answer)))
}

/// Where the preview shows a place.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RevealedPlace {
    /// The identifier of a variant that has it.
    pub variant: String,
    /// The page, from 1.
    pub page: usize,
    /// How many browser pages show it.
    pub pages: usize,
}

/// Asks the preview that is open on a file's template to show a place of it. Line and column count from 1.
///
/// # Errors
/// `preview_none`: no preview of the file is open; `preview_nothing`: nothing on the pages comes from there.
pub(crate) fn reveal(file: &Path, line: usize, column: usize) -> Result<RevealedPlace, Failure> {
    let none = || {
        Failure::usage("preview_none", "no preview of this file's template is open")
            .in_file(file.display())
            .with_advice("start `pli preview` on the template's folder, then run the same command again")
    };
    let full = fs_err::canonicalize(file).map_err(|_| {
        Failure::usage("preview_file", "there is no such file")
            .in_file(file.display())
            .with_advice("name a file of a template whose preview is open")
    })?;
    let request = serde_json::json!({ "file": full, "line": line, "column": column }).to_string();
    let entries = notes().and_then(fs_err::read_dir).map_err(|_| none())?;
    let mut said = None;
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let note =
            foreign::read(&path, MAX_SIZE).ok().and_then(|bytes| serde_json::from_slice::<Note>(&bytes).ok());
        let Some(note) = note.filter(|note| note.folders.iter().any(|folder| full.starts_with(folder)))
        else {
            continue;
        };
        match ask(&note, &request) {
            Ok(answer) => match serde_json::from_slice::<RevealedPlace>(&answer) {
                Ok(revealed) => return Ok(revealed),
                Err(_) => said = Some(answer),
            },
            // A preview that was killed left it.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                let _ = remove_file(&path);
            }
            Err(error) => tracing::debug!("{}: {error}", path.display()),
        }
    }
    match said {
        Some(_) => Err(Failure::usage("preview_nothing", "nothing on the pages comes from this place")
            .in_file(format!("{}:{line}:{column}", file.display()))
            .with_advice("name the line and column of a text, a field or a picture of the template")),
        None => Err(none()),
    }
}

/// Sends a request to a preview. Returns the body of its answer.
///
/// # Errors
/// I/O errors.
fn ask(note: &Note, request: &str) -> std::io::Result<Vec<u8>> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, note.port));
    let mut stream = TcpStream::connect_timeout(&address, TIME)?;
    stream.set_read_timeout(Some(TIME))?;
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        note.token,
        request.len()
    );
    stream.write_all(format!("{head}{request}").as_bytes())?;
    let mut answer = Vec::new();
    stream.take(MAX_SIZE).read_to_end(&mut answer)?;
    let body = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    Ok(answer.split_off(body.map_or(answer.len(), |head| head + 4)))
}
