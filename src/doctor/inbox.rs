//! The inbox: files that the night takes, files that it would refuse or pass over, and how long they have waited.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Finding, Scene};
use crate::failure::{Failure, counted};
use crate::job::ObjectUrl;
use crate::ledger::Ledger;
use crate::night::intake::{IntakeSettings, RecordSources, count_rows, record_files};
use crate::night::{KeyDay, check_key_of_records};
use mail::piece::PieceKind;
use mail::{Language, Worded};

const LOOK: &str = "inbox";
/// How many working days a record file may wait.
const WORKING_DAYS: u32 = 1;

/// Finds tonight's record files, as the run does: names, signatures, announcements, files that were taken in before.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    if scene.job.input().cards.iter().any(|pattern| ObjectUrl::parse(pattern).is_some()) {
        return vec![Finding::ok(LOOK, "records lie in an object store: `pli check` reads them")];
    }
    let Some(ledger) = &scene.ledger else {
        let problem = "not looked at: whether files were taken in before stands in the ledger";
        return vec![Finding::warning(
            LOOK,
            "not_looked_at",
            problem,
            "mend the ledger first, then look again",
        )];
    };
    match tonight(scene, ledger) {
        Ok((rows, found)) => {
            scene.rows = rows;
            found
        }
        Err(failure) => vec![Finding::failure(LOOK, &failure)],
    }
}

/// How many rows wait, and what is to be said of their files. A file whose rows can't be read is told as the run would tell it.
fn tonight(scene: &Scene, ledger: &Ledger) -> Result<(u64, Vec<Finding>), Failure> {
    let only = (scene.kinds == [PieceKind::Mailer]).then_some(PieceKind::Mailer);
    let sources = record_files(scene.job, scene.night, only, ledger)?;
    if sources.are_sealed() {
        check_key_of_records(scene.job, KeyDay { night: scene.night, today: Some(scene.today) })?;
    }
    let settings = IntakeSettings::of_job(scene.job, Some(scene.night));
    let (mut rows, mut found) = (0u64, Vec::new());
    for file in &sources.fresh {
        match count_rows(file, &settings) {
            Ok(count) => rows += count,
            Err(error) => found.push(Finding::failure(LOOK, &error.into())),
        }
    }
    found.extend(stray(&sources));
    found.extend(too_old(scene, &sources));
    if found.is_empty() {
        let files = counted(sources.fresh.len(), "record file");
        found.push(Finding::ok(LOOK, format!("waiting: {files}, {}", counted(rows, "row"))));
    }
    Ok((rows, found))
}

/// The files that no pattern takes.
fn stray(sources: &RecordSources) -> Vec<Finding> {
    let finding = |name: &str, code: &str, message: &str| {
        let (problem, advice) = message.split_once("; ").unwrap_or((message, "move it out of the inbox"));
        Finding::warning(LOOK, code, format!("{name}: {problem}"), advice)
    };
    let untaken = sources.untaken.iter();
    untaken.map(|file| finding(&file.name, file.code, &file.message.words(Language::English))).collect()
}

/// The file that has waited longest, where a night has passed it over.
fn too_old(scene: &Scene, sources: &RecordSources) -> Option<Finding> {
    let arrived = |name: String| Some((day_of(Path::new(&name))?, name));
    let (day, name) = sources.fresh.iter().filter_map(|file| arrived(file.shown())).min()?;
    let waited = scene.job.calendar().working_days_between(day, scene.night);
    let problem = format!("{name} has waited since {day}, for {}", counted(waited, "working day"));
    let advice = format!("run the night: `pli run {} --date {}`", scene.job.file.display(), scene.night);
    (waited > WORKING_DAYS).then(|| Finding::warning(LOOK, "inbox_old", problem, advice))
}

/// The day on which a file was written here.
fn day_of(file: &Path) -> Option<Date> {
    let written = fs_err::metadata(file).ok()?.modified().ok()?;
    Some(Timestamp::try_from(written).ok()?.to_zoned(TimeZone::system()).date())
}
