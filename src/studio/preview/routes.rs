//! Requests and their answers. A request names an address of this list, identifiers that the server gave out, and numbers.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue, LOCATION, SET_COOKIE};
use hyper::{Request, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::against::Against;
use super::events::EventStream;
use super::export::{Compared, Document};
use super::guard::Admission;
use super::orders::{CellsRequest, Order, PieceRequest, ViewRequest, check_dpi};
use super::query::Query;
use super::refusal::Refusal;
use super::shared::Shared;
use super::specimens::Shown;
use super::{assets, export, ink, light, marks, reveal, symbols, windows};
use crate::failure::Failure;
use crate::studio::light::View;

/// The largest body of a request, in bytes.
const MAX_BODY: usize = 64 << 10;
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(10);

/// What browsers may do with an answer: nothing from elsewhere, no frame around it, nothing of it in other sites.
const SECURITY: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// The body of an answer: whole, or events as they come.
pub(super) type Body = Either<Full<Bytes>, EventStream>;

/// Answers a request.
pub(super) async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let answered = match reveal::is_asked(&head, shared) {
        Some(true) => reveal::answer(shared, body).await,
        Some(false) => Err(Refusal::new(StatusCode::FORBIDDEN, "token", "the token is another")),
        None => match shared.guard.judge(&head) {
            Ok(Admission::Entry) => Ok(entry(shared, &Query::new(head.uri.query().unwrap_or_default()))),
            Ok(Admission::Admitted) if head.method == hyper::Method::POST => {
                post(shared, head.uri.path(), body).await
            }
            Ok(Admission::Admitted) => {
                get(shared, head.uri.path(), Query::new(head.uri.query().unwrap_or_default())).await
            }
            Err(refusal) => Err(refusal),
        },
    };
    let mut response = answered.unwrap_or_else(|refusal| refused(&refusal));
    let headers = response.headers_mut();
    for (name, value) in SECURITY {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Gives the browser its cookie, and takes the token out of its address. The language stays in it.
fn entry(shared: &Shared, query: &Query) -> Response<Body> {
    let page = match query.optional("language") {
        Some("fr") => "/?language=fr",
        Some("en") => "/?language=en",
        _ => "/",
    };
    let mut response = whole("text/plain; charset=utf-8", Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(page));
    if let Ok(cookie) = HeaderValue::from_str(&shared.guard.set_cookie()) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

async fn get(shared: &Arc<Shared>, path: &str, query: Query) -> Result<Response<Body>, Refusal> {
    if let Some(asset) = assets::find(path) {
        return Ok(whole(asset.media_type, asset.bytes()));
    }
    if let Some(hash) = path.strip_prefix("/tile/").and_then(|name| name.strip_suffix(".png")) {
        let (shared, hash) = (shared.clone(), hash.to_owned());
        return png(aside(move || shared.tiles.png(&hash).ok_or_else(Refusal::not_found)).await?);
    }
    match path {
        "/api/bench" => Ok(whole("application/json", Bytes::from(shared.bench().as_bytes().to_vec()))),
        "/events" => {
            let stream = shared.events.listen().ok_or_else(too_many)?;
            let mut response = Response::new(Either::Right(stream));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
            Ok(response)
        }
        "/api/piece" => {
            let (shown, shared) = (shown(shared, &query).await?, shared.clone());
            aside(move || json(&marks::describe(&shown, &shared)?)).await
        }
        "/api/symbols" => {
            let (piece, page) = (piece(shared, query.text("piece")?)?, query.number("page")?);
            let night = shared.order.night;
            aside(move || json(&symbols::read(&piece, page, night)?)).await
        }
        "/api/windows" => {
            let piece = piece(shared, query.text("piece")?)?;
            let (dx, dy) = (query.number("dx")?, query.number("dy")?);
            aside(move || json(&windows::seen(&piece, dx, dy))).await
        }
        "/api/changes" => {
            let against = Against::parse(query.text("against")?).ok_or_else(Refusal::not_found)?;
            json(&shared.ask(|reply| Order::Changes(against, reply)).await?)
        }
        "/export/page.pdf" => {
            let shown = shown(shared, &query).await?;
            let piece = shown.piece.ok_or_else(Refusal::not_found)?;
            let name = export::file_name(&piece, "pdf");
            Ok(download(whole("application/pdf", Bytes::from(piece.pdf.to_vec())), &name))
        }
        "/export/page.png" => {
            let shown = shown(shared, &query).await?;
            let piece = shown.piece.ok_or_else(Refusal::not_found)?;
            let (page, dpi) = (query.number("page")?, query.number("dpi")?);
            check_dpi(dpi)?;
            let name = export::file_name(&piece, "png");
            Ok(download(png(aside(move || export::page_png(&piece, page, dpi)).await?)?, &name))
        }
        path if path.starts_with("/light/") => {
            let (id, view) = light_path(path).ok_or_else(Refusal::not_found)?;
            let (piece, blur) = (piece(shared, id)?, query.number("blur")?);
            png(aside(move || light::picture(&piece, view, blur)).await?)
        }
        path => match (Document::at(path), picture_path(path)) {
            (Some(document), _) => {
                let against = compared(shared, query.optional("against")).await?;
                let shared = shared.clone();
                let made = aside(move || document.make(&shared.order, against)).await?;
                let (media_type, name) = document.media_type_and_name();
                Ok(download(whole(media_type, Bytes::from(made)), name))
            }
            (None, Some((id, page))) => {
                let piece = piece(shared, id)?;
                png(aside(move || ink::picture(&piece, page)).await?)
            }
            (None, None) => Err(Refusal::not_found()),
        },
    }
}

async fn post(shared: &Arc<Shared>, path: &str, body: Incoming) -> Result<Response<Body>, Refusal> {
    match path {
        "/api/view" => {
            let request = parsed::<ViewRequest>(body).await?.checked()?;
            let view = shared.ask(|reply| Order::View(request, reply)).await?;
            Ok(whole("application/json", Bytes::from(view.as_bytes().to_vec())))
        }
        "/api/cells" => {
            let request = parsed::<CellsRequest>(body).await?.checked()?;
            json(&shared.ask(|reply| Order::Cells(request, reply)).await?)
        }
        "/api/open" => {
            let Opened { place } = parsed(body).await?;
            let shared = shared.clone();
            aside(move || {
                let place = shared.places.find(&place).ok_or_else(Refusal::not_found)?;
                let editor = shared.editor.as_ref().ok_or_else(|| {
                    Refusal::new(StatusCode::CONFLICT, "no_editor", "start `pli preview` with `--editor`")
                })?;
                editor.open(&place)?;
                let mut response = whole("application/json", Bytes::new());
                *response.status_mut() = StatusCode::NO_CONTENT;
                Ok(response)
            })
            .await
        }
        _ => Err(Refusal::not_found()),
    }
}

/// What the page asks to open in the editor.
#[derive(serde::Deserialize)]
struct Opened {
    place: String,
}

/// The piece and page of `/ink/PIECE/PAGE.png`.
fn picture_path(path: &str) -> Option<(&str, u32)> {
    let (piece, page) = path.strip_prefix("/ink/")?.split_once('/')?;
    Some((piece, page.strip_suffix(".png")?.parse().ok()?))
}

/// The piece and the view of `/light/PIECE/VIEW.png`.
fn light_path(path: &str) -> Option<(&str, View)> {
    let (piece, name) = path.strip_prefix("/light/")?.split_once('/')?;
    Some((piece, light::view(name.strip_suffix(".png")?)?))
}

/// The version with this identifier, for a document.
async fn compared(shared: &Shared, against: Option<&str>) -> Result<Option<Compared>, Refusal> {
    let Some(against) = against else { return Ok(None) };
    Ok(Some(match Against::parse(against).ok_or_else(Refusal::not_found)? {
        Against::Saved => Compared::Saved(shared.ask(Order::SavedBefore).await?),
        against => Compared::Lies(against),
    }))
}

async fn shown(shared: &Shared, query: &Query) -> Result<Shown, Refusal> {
    let request =
        PieceRequest { variant: query.text("variant")?.to_owned(), record: query.text("record")?.to_owned() };
    shared.ask(|reply| Order::Show(request, reply)).await
}

fn piece(shared: &Shared, id: &str) -> Result<Arc<super::pieces::Piece>, Refusal> {
    shared.piece(id).ok_or_else(Refusal::not_found)
}

/// Does work that takes long on a thread of its own, so that others are answered meanwhile.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(Failure::bug("the answer broke off").into()))
}

/// The body of a request, as JSON.
pub(super) async fn parsed<T: DeserializeOwned>(body: Incoming) -> Result<T, Refusal> {
    let too_large =
        || Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "body", "the body is larger than 64 KiB or broke off");
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(too_large());
    }
    let body = timeout(BODY_TIME, Limited::new(body, MAX_BODY).collect()).await;
    let slow = |_| Refusal::new(StatusCode::REQUEST_TIMEOUT, "slow", "the body did not come within 10 s");
    let body = body.map_err(slow)?.map_err(|_| too_large())?;
    serde_json::from_slice(&body.to_bytes()).map_err(|error| unreadable(&error))
}

/// The refusal of a body that was not understood.
fn unreadable(error: &serde_json::Error) -> Refusal {
    Refusal::bad_request(match error.classify() {
        serde_json::error::Category::Data => {
            "a value of the body is missing, or is of another kind than is asked"
        }
        _ => "the body is no JSON document",
    })
}

fn json(value: &impl Serialize) -> Result<Response<Body>, Refusal> {
    let json = serde_json::to_vec(value).map_err(|error| Failure::bug(error.to_string()))?;
    Ok(whole("application/json", Bytes::from(json)))
}

fn png(bytes: Vec<u8>) -> Result<Response<Body>, Refusal> {
    Ok(whole("image/png", Bytes::from(bytes)))
}

/// An answer that the browser saves.
fn download(mut response: Response<Body>, name: &str) -> Response<Body> {
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    response
}

pub(super) fn whole(media_type: &'static str, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Either::Left(Full::new(bytes)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn refused(refusal: &Refusal) -> Response<Body> {
    let mut response = whole("application/json", Bytes::from(refusal.document()));
    *response.status_mut() = refusal.status();
    response
}

fn too_many() -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "too_many", "too many pages are open; close one")
}
