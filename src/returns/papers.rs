//! What is written of a pile once it is booked: the clerk's report, `returns.csv`, the pictures that are kept, the grades.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use super::booking::MailerUnderWay;
use super::crop::Crop;
use super::outcome::Outcome;
use super::patience::open_patiently;
use super::reading::{Done, MAX_FILE, Pool, Shown, Task};
use super::report::{KnownPiece, Report, write};
use super::session::ScanOrder;
use crate::failure::Failure;
use crate::files::{hexadecimal, write_private};
use crate::job::Job;
use crate::ledger::Ledger;
use mail::piece::PieceKind;
use sha2::{Digest, Sha256};

/// The most pages whose pictures a report shows.
const MOST_PICTURES: usize = 400;

/// The value of the signed block's field that is the card's number.
const CARD_NUMBER: &str = "{card_number}";

/// The files of a pile, by the names that its outcomes have.
pub(super) type Sources = HashMap<String, PathBuf>;

/// Tells of what was booked: the issuer's files, and the `returns.csv` of each day that has news.
///
/// # Errors
/// Ledger and I/O errors.
pub(super) fn tell(job: &Job) -> Result<(), Failure> {
    open_patiently(job)?.tell()
}

/// Writes the report of a pile, and returns its path.
///
/// # Errors
/// Ledger and I/O errors.
pub(super) fn write_report(
    order: &ScanOrder,
    outcomes: &[Outcome],
    mailers: &[MailerUnderWay],
    sources: &Sources,
) -> Result<PathBuf, Failure> {
    let batch = order.batch();
    let path = order.job.returns_file(order.day, &format!("report-{batch}.html"))?;
    let pictures = order.pictures.then(|| pictures(outcomes, sources));
    let ledger = Ledger::view(&order.job.ledger())?.with_keys()?;
    let block_map = order.job.letters().block_map;
    let number_field = block_map.fields.iter().find(|field| field.value == CARD_NUMBER);
    let report = Report {
        language: order.job.language(),
        bureau: &order.job.bureau().name,
        day: order.day,
        batch: &batch,
        by: &order.author.name,
        outcomes,
        reasons: &order.job.return_reasons(),
        number_field: number_field.map(|field| field.id.as_str()),
        known: &known(outcomes, &ledger)?,
        pictures: pictures.as_ref(),
        mailers,
        repeated: &ledger.repeated_returns(2)?,
        held: &ledger.held_addresses(order.job.hold_after())?,
    };
    let mut html = Vec::new();
    write(&mut html, &report)?;
    write_private(&path, &html)?;
    Ok(path)
}

/// What the ledger knows of the pieces that doubtful pages name.
fn known(outcomes: &[Outcome], ledger: &Ledger) -> Result<HashMap<String, KnownPiece>, Failure> {
    let mut known = HashMap::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.is_doubtful()) {
        let Some(piece_id) = &outcome.piece_id else { continue };
        let Some(piece) = ledger.piece(piece_id)? else { continue };
        let Some(place) = piece.place() else { continue };
        let is_letter = piece.kind == PieceKind::Letter.code();
        let record = if is_letter { ledger.record_of_piece(&place)? } else { None };
        let returned = ledger.past_return(&place)?.map(|past| past.on);
        known.insert(
            piece_id.clone(),
            KnownPiece {
                card_number: record.map(|record| record.card_number.to_string()),
                state: piece.state,
                dispatched: piece.dispatched.as_ref().and_then(|day| day.parse().ok()),
                returned: returned.into_iter().collect(),
            },
        );
    }
    Ok(known)
}

/// Small pictures of the doubtful pages, made by the workers. A file that has changed since is not shown.
fn pictures(outcomes: &[Outcome], sources: &Sources) -> HashMap<(String, u32), Crop> {
    let mut wanted: BTreeMap<&str, (String, Vec<Shown>)> = BTreeMap::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.is_doubtful()).take(MOST_PICTURES) {
        let (_, pages) = wanted.entry(&outcome.path).or_insert((outcome.sha256.clone(), Vec::new()));
        match pages.iter_mut().find(|shown| shown.page == outcome.page) {
            Some(shown) => shown.symbols.extend(outcome.symbols.iter().cloned()),
            None => pages.push(Shown {
                page: outcome.page,
                symbols: outcome.symbols.clone(),
                unread: outcome.unread.clone(),
            }),
        }
    }
    let wanted: Vec<_> = wanted.into_iter().collect();
    let mut pictures = HashMap::new();
    std::thread::scope(|scope| {
        let pool = Pool::start(scope);
        let mut given = 0;
        for (number, (path, (sha256, pages))) in wanted.iter().enumerate() {
            let bytes = sources.get(*path).and_then(|source| foreign::read(source, MAX_FILE).ok());
            if let Some(bytes) = bytes.filter(|bytes| hexadecimal(Sha256::digest(bytes)) == *sha256) {
                pool.give(number, bytes, Task::Show(pages.clone()));
                given += 1;
            }
        }
        for _ in 0..given {
            let Some((number, Done::Pictures(found))) = pool.next() else { continue };
            let (path, (_, pages)) = &wanted[number];
            for (page, crop) in pages.iter().zip(found) {
                pictures.extend(crop.map(|crop| (((*path).to_owned(), page.page), crop)));
            }
        }
    });
    pictures
}

/// Keeps copies of the pictures of a pile, each under its digest, readable for this user alone.
///
/// # Errors
/// I/O errors.
pub(super) fn keep_pictures(
    order: &ScanOrder,
    outcomes: &[Outcome],
    sources: &Sources,
) -> Result<(), Failure> {
    let mut kept = HashSet::new();
    for outcome in outcomes.iter().filter(|outcome| !outcome.sha256.is_empty()) {
        let Some(source) = sources.get(&outcome.path).filter(|_| kept.insert(&outcome.sha256)) else {
            continue;
        };
        let ending = source.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let ending = ending.filter(|ending| ending.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let name = format!("{}.{}", outcome.sha256, ending.as_deref().unwrap_or("bin"));
        let path = order.job.returns_picture(order.day, &name)?;
        if path.exists() {
            continue;
        }
        match foreign::read(source, MAX_FILE) {
            Ok(bytes) if hexadecimal(Sha256::digest(&bytes)) == outcome.sha256 => {
                write_private(&path, &bytes)?
            }
            Ok(_) => tracing::warn!(
                code = "picture_not_kept",
                "{}: has changed since it was read, and is not kept",
                outcome.path
            ),
            Err(error) => tracing::warn!(code = "picture_not_kept", "{error}: the picture is not kept"),
        }
    }
    Ok(())
}
