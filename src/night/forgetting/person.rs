//! What the job keeps of one person, in ledger and files: exported (RGPD art. 15) or erased (art. 17).
//!
//! A person is given by the number of a card or by the holder's identifier. Rows of tables are found by these, so that a
//! file that the ledger has forgotten is searched too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use mail::card::CardNumber;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::LeftFile;
use super::outputs::{Outputs, place_of};
use super::table::{NamingRow, without, without_rows};
use crate::failure::{Failure, counted};
use crate::feedback;
use crate::files::{Draft, hexadecimal, write_whole};
use crate::job::Job;
use crate::ledger::{Author, Ledger, LotFile, MailerLinks, Person, State};
use crate::night::intake::taken_files;
use crate::night::release::{lock_alone, open_ledger};
use crate::night::run::{ready_ledger, refuse_interrupted};

/// What the job keeps of a person.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PersonReport {
    /// The number or identifier that was asked for.
    pub person: String,
    /// What the ledger keeps.
    #[serde(flatten)]
    pub ledger: Person,
    /// Rows of tables and pages of print files that name the person.
    pub files: Vec<NamingFile>,
}

/// A file that names a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct NamingFile {
    /// Its path or URL.
    pub path: String,
    /// The line of a table, the header being line 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The row of that line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// The first page of a piece in a print file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<i64>,
}

/// What an erasure removed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ErasureReport {
    /// The number or identifier that was given.
    pub person: String,
    /// Rows of the ledger.
    pub rows: u64,
    /// Rows of tables.
    pub table_rows: u64,
    /// Files that were removed whole.
    pub removed: Vec<String>,
    /// Files that still name the person.
    pub left: Vec<LeftFile>,
}

/// A table that names a person.
struct NamingTable {
    place: Place,
    rows: Vec<NamingRow>,
    rest: Vec<u8>,
}

/// Where a table is.
enum Place {
    /// A table of a night, by night and name.
    Report(String, &'static str),
    /// A manifest, with whether its lot is dispatched.
    Manifest(LotFile),
    /// A record file of the inbox, with its SHA-256.
    Input(PathBuf, String),
    /// A file of the issuer's.
    Feedback(PathBuf),
    /// The table of a day's returns.
    Returns(Date, PathBuf),
}

/// Finds what the job keeps of a person. With opaque links the report has no reference and no page of a mailer: its file holds
/// many others, and nothing says which is the person's.
///
/// # Errors
/// `person_unknown`; those of ledger, files and stores.
pub(crate) fn export(job: &Job, name: &str, mailers: MailerLinks) -> Result<PersonReport, Failure> {
    let ledger = open_ledger(job, Ledger::open)?;
    let mut person = ledger.person(name)?;
    if mailers == MailerLinks::Opaque {
        person.hide_mailers();
    }
    let outputs = Outputs::of(job)?;
    let mut files = Vec::new();
    for table in tables(job, &ledger, &outputs, &person)? {
        let path = table.place.display(&outputs);
        files.extend(table.rows.into_iter().map(|row| NamingFile {
            path: path.clone(),
            line: Some(row.line),
            row: Some(row.text),
            page: None,
        }));
    }
    for piece in person.pieces().filter(|piece| piece.file_removed.is_none()) {
        if let (Some(file), Some(night)) = (&piece.file, &piece.day) {
            let path = outputs.display(&format!("{night}/{file}"));
            files.push(NamingFile { path, line: None, row: None, page: piece.first_page });
        }
    }
    if person.is_unknown() && files.is_empty() {
        return Err(unknown(name));
    }
    Ok(PersonReport { person: name.to_owned(), ledger: person, files })
}

/// Erases what the job keeps of a person. Hashes of cards stay, by which a late return is known.
///
/// # Errors
/// `person_unknown`; `piece_under_way`: a piece waits or may be printed again; `person_held`; those of ledger, files and
/// stores. The same command finishes what a failed one began.
pub(crate) fn erase(job: &Job, name: &str, day: Date) -> Result<ErasureReport, Failure> {
    let _lock = lock_alone(job)?;
    let ledger = ready_ledger(job)?;
    refuse_interrupted(&ledger)?;
    let person = ledger.person(name)?;
    refuse_needed(&person)?;
    let outputs = Outputs::of(job)?;
    let tables = tables(job, &ledger, &outputs, &person)?;
    if person.is_unknown() && tables.is_empty() {
        return Err(unknown(name));
    }
    let mut report = ErasureReport {
        person: name.to_owned(),
        rows: 0,
        table_rows: 0,
        removed: Vec::new(),
        left: Vec::new(),
    };
    let mut gone = Vec::new();
    for lot in lots(&person) {
        let files = ledger.files_of_lot(lot)?;
        match is_dispatched(ledger.lot_state(lot)?) {
            true => {
                files.iter().try_for_each(|file| outputs.forget_salts(&place_of(file)))?;
                gone.extend(printed(&person, lot, files));
            }
            false => report.left.extend(printed(&person, lot, files).map(|file| waits(job, &outputs, &file))),
        }
    }
    let (mut told, mut returns) = (BTreeSet::new(), BTreeSet::new());
    for table in tables {
        match &table.place {
            Place::Feedback(path) => {
                told.insert(path.clone());
            }
            Place::Returns(day, _) => {
                returns.insert(*day);
            }
            _ => {}
        }
        if let Place::Manifest(file) = &table.place
            && !is_dispatched(ledger.lot_state(file.lot)?)
        {
            report.left.push(waits(job, &outputs, file));
            continue;
        }
        report.table_rows += table.rows.len() as u64;
        table.cut(&ledger, &outputs)?;
    }
    for file in &gone {
        outputs.remove(&place_of(file))?;
        report.removed.push(outputs.display(&place_of(file)));
    }
    ledger.note_removed(&gone, day)?;
    report.rows = ledger.erase(&person, day)?;
    feedback::write_again(job, &ledger, &told)?;
    for day in &returns {
        feedback::write_returns_csv(job, &ledger, *day)?;
    }
    report.left.extend(pictures_of(job, &returns)?);
    Ok(report)
}

fn unknown(name: &str) -> Failure {
    Failure::usage("person_unknown", format!("neither ledger nor files know `{name}`"))
        .with_advice("give the number of a card (10 digits) or the holder's PS_Id_nat; what was purged is known by its card only")
}

/// Refuses to erase a person of whom a piece is under way or who is held.
fn refuse_needed(person: &Person) -> Result<(), Failure> {
    if let Some(reason) = person.holds.first() {
        let problem = format!("the person is held: {reason}");
        return Err(Failure::refused("person_held", problem)
            .with_advice("let it go first, with `pli ledger JOB person … --let-go`"));
    }
    match person.pieces().find(|piece| piece.is_under_way()) {
        None => Ok(()),
        Some(piece) => {
            let what = match piece.piece_id.as_str() {
                "" => format!("a {} of the person waits", piece.kind),
                id => format!("piece `{id}` is {} and may be printed again", piece.state.replace('_', " ")),
            };
            Err(Failure::refused("piece_under_way", format!("{what}; nothing was erased")).with_advice(
                "erase once it has left (`person … export` shows its day), or have the card revoked by a record with `status` `revoked`, which cancels what waits",
            ))
        }
    }
}

/// Reports and pictures of the days on which a piece of a person came back: they may show it, among others.
fn pictures_of(job: &Job, days: &BTreeSet<Date>) -> Result<Vec<LeftFile>, Failure> {
    let files = feedback::return_files(job)?.into_iter();
    let may_show =
        |file: &feedback::ReturnFile| days.contains(&file.day) && !file.is_table() && !file.names_nobody();
    let reason = "a piece of the person came back on this day, and what lies here may show it; remove it, or what it shows of the person";
    let left = |file: feedback::ReturnFile| LeftFile {
        path: file.path.display().to_string(),
        reason: reason.to_owned(),
    };
    Ok(files.filter(may_show).map(left).collect())
}

/// The lots of a person's pieces whose files are not removed.
fn lots(person: &Person) -> BTreeSet<i64> {
    person.pieces().filter(|piece| piece.file_removed.is_none()).filter_map(|piece| piece.lot).collect()
}

/// The print files of a lot that hold a page of the person.
fn printed(person: &Person, lot: i64, files: Vec<LotFile>) -> impl Iterator<Item = LotFile> {
    let of_person = person.pieces().filter(move |piece| piece.lot == Some(lot));
    let paths: Vec<String> = of_person.filter_map(|piece| piece.file.clone()).collect();
    files.into_iter().filter(move |file| paths.contains(&file.path))
}

/// Whether the press needs no file of a lot any more.
fn is_dispatched(state: Option<State>) -> bool {
    matches!(state, Some(State::Dispatched | State::Returned | State::Destroyed))
}

/// A file of a lot that may not be printed yet.
fn waits(job: &Job, outputs: &Outputs, file: &LotFile) -> LeftFile {
    let days = job.retention().files;
    let until =
        file.night.parse::<Date>().map(|night| night.saturating_add(jiff::Span::new().days(i64::from(days))));
    let when = until
        .map_or_else(|_| format!("{} after its night", counted(days, "day")), |day| format!("from {day} on"));
    let reason = format!(
        "its lot is not known to be dispatched, and the press may need it; `pli ledger JOB purge` removes it {when}"
    );
    LeftFile { path: outputs.display(&place_of(file)), reason }
}

/// The tables that name a person.
fn tables(
    job: &Job,
    ledger: &Ledger,
    outputs: &Outputs,
    person: &Person,
) -> Result<Vec<NamingTable>, Failure> {
    let mut found = tables_of_issuer(job, person)?;
    let mut look = |bytes: Option<Vec<u8>>, place: Place| {
        let cut = bytes.and_then(|bytes| without_rows(&bytes, &person.names));
        found.extend(cut.map(|(rows, rest)| NamingTable { place, rows, rest }));
    };
    for night in ledger.nights_until(Date::MAX)? {
        for table in ["rejects.csv", "warnings.csv"] {
            let bytes = outputs.read(&format!("{night}/{table}"))?;
            look(bytes, Place::Report(night.to_string(), table));
        }
    }
    for file in ledger.manifests()? {
        look(outputs.read(&place_of(&file))?, Place::Manifest(file));
    }
    for file in taken_files(job, ledger)? {
        if let Some(path) = file.path() {
            look(Some(read(path)?), Place::Input(path.to_owned(), file.sha256.clone()));
        }
    }
    Ok(found)
}

/// The files of the issuer's that name a person.
fn tables_of_issuer(job: &Job, person: &Person) -> Result<Vec<NamingTable>, Failure> {
    let of_person = feedback::RowsOf::person(person);
    let mut found = Vec::new();
    for path in feedback::files(job)? {
        let cut = without(&read(&path)?, |_, row| of_person.has(row));
        found.extend(cut.map(|(rows, rest)| NamingTable { place: Place::Feedback(path), rows, rest }));
    }
    for file in feedback::return_files(job)?.into_iter().filter(feedback::ReturnFile::is_table) {
        let cut = without(&read(&file.path)?, |_, row| of_person.has(row));
        let place = Place::Returns(file.day, file.path);
        found.extend(cut.map(|(rows, rest)| NamingTable { place, rows, rest }));
    }
    Ok(found)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    foreign::read(path, super::outputs::MAX_FILE).map_err(|error| {
        Failure::usage("input_unreadable", error.to_string())
            .in_file(path.display())
            .with_advice("check its permissions and the disk")
            .caused_by(error)
    })
}

impl Place {
    fn display(&self, outputs: &Outputs) -> String {
        match self {
            Place::Report(night, table) => outputs.display(&format!("{night}/{table}")),
            Place::Manifest(file) => outputs.display(&place_of(file)),
            Place::Input(path, _) | Place::Feedback(path) | Place::Returns(_, path) => {
                path.display().to_string()
            }
        }
    }
}

impl NamingTable {
    /// Cuts the rows out. The ledger has the new digest before the file has the new bytes: a kill in between leaves a row
    /// that the same command finds again.
    fn cut(&self, ledger: &Ledger, outputs: &Outputs) -> Result<(), Failure> {
        let digest = hexadecimal(Sha256::digest(&self.rest));
        match &self.place {
            Place::Report(night, table) => outputs.replace(night, table, &self.rest),
            Place::Manifest(file) => {
                ledger.note_rewritten(file, &digest)?;
                outputs.replace(&file.night, &file.path, &self.rest)
            }
            Place::Input(path, before) => {
                ledger.note_rewritten_input(before, &digest)?;
                replace_input(path, &self.rest)
            }
            Place::Feedback(path) | Place::Returns(_, path) => Ok(write_whole(path, &self.rest)?),
        }
    }
}

/// Gives a record file other bytes, all at once, and leaves it the permissions that it has. Meanwhile the new file is hidden,
/// so that no night takes it in.
fn replace_input(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let draft = Draft::begin(path)?;
    fs_err::write(draft.place(), bytes)?;
    fs_err::set_permissions(draft.place(), fs_err::metadata(path)?.permissions())?;
    Ok(draft.finish()?)
}

/// Holds a person: a purge forgets nothing of the cards that the ledger can still read. Returns how many these are.
///
/// # Errors
/// `person_unknown`; those of the job's lock and of the ledger.
pub(crate) fn hold(job: &Job, name: &str, reason: &str, day: Date) -> Result<u64, Failure> {
    let _lock = lock_alone(job)?;
    let ledger = open_ledger(job, Ledger::open)?;
    let cards = cards(&ledger, name)?;
    ledger.hold(&cards, reason, day, &Author::of_process())?;
    Ok(cards.len() as u64)
}

/// Lets a person go; returns how many cards were held.
///
/// # Errors
/// As [`hold`].
pub(crate) fn let_go(job: &Job, name: &str) -> Result<u64, Failure> {
    let _lock = lock_alone(job)?;
    let ledger = open_ledger(job, Ledger::open)?;
    Ok(ledger.let_go(&cards(&ledger, name)?)?)
}

/// The numbers of a person's cards.
fn cards(ledger: &Ledger, name: &str) -> Result<Vec<String>, Failure> {
    let person = ledger.person(name)?;
    let mut cards = person.cards();
    if !person.is_unknown() && CardNumber::parse(name).is_ok() && !cards.iter().any(|card| card == name) {
        cards.push(name.to_owned());
    }
    if cards.is_empty() { Err(unknown(name)) } else { Ok(cards) }
}
