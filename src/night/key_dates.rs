//! The keys of a night: who can open its mailers, what opens its records, and dates. A night uses no key that is not valid on it, and tells before one
//! ends.

use jiff::civil::Date;
use mail::piece::PieceKind;

use super::report::Alert;
use crate::audit::undone_retirements;
use crate::failure::Failure;
use crate::job::{Job, KeyLocation};
use crate::vault::{
    KeyError, KeyRegister, KeySummary, RecipientSummary, Recipients, SealError, UnfitDates, describe,
    describe_all, recipients, refuse_open_file,
};

/// The command that makes a codes identity.
pub(super) const MAKING_CODES_KEY: &str = "pli keys new codes";
/// The command that makes the identity of record files.
const MAKING_CARDS_KEY: &str = "pli keys new cards";
/// The key of the job that names it.
const CARDS_KEY: &str = "input.cards_identity";
/// How many days before its last one a key is told of.
const NOTICE: i32 = 30;

/// The day of a night, and the clock's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyDay {
    /// The date that pieces bear.
    pub night: Date,
    /// The clock's day; `None` for a night that is only replayed.
    pub today: Option<Date>,
}

/// A key that ends soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EndingKey {
    /// The key of the job that names it.
    pub place: &'static str,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Its last day.
    pub last: Date,
}

impl EndingKey {
    fn alert(&self, night: Date) -> Alert {
        let EndingKey { place, fingerprint, last } = self;
        let left = match days_between(night, *last) {
            0 => "this is its last day".to_owned(),
            1 => "1 day is left".to_owned(),
            days => format!("{days} days are left"),
        };
        let problem = format!(
            "the key {fingerprint} of `{place}` is valid until {last}, and {left}: make its successor with `pli keys rotate` and name it there in time"
        );
        Alert::of("key_ends_soon", problem)
    }
}

/// Refuses a night whose keys are not valid on it, and returns an alert for each that ends within 30 days. `kinds`: those that
/// are printed; `begun`: the ledger has released a night.
///
/// # Errors
/// `key_retirement_undone`: the register lacks a retirement that the audit log has; `key_not_yet_valid`, `key_expired`,
/// `key_retired`; those of the register and, where it has keys, of the job's keys.
pub(crate) fn check_key_dates(
    job: &Job,
    day: KeyDay,
    kinds: &[PieceKind],
    begun: bool,
) -> Result<Vec<Alert>, Failure> {
    let register = KeyRegister::of_job(job)?;
    if let Some(undone) = undone_retirements(&job.audit_folder(), &register)?.first() {
        return Err(undone.refusal());
    }
    if register.is_empty() {
        return Ok(Vec::new());
    }
    let mut ending = Vec::new();
    if kinds.contains(&PieceKind::Letter) {
        let settings = job.letters();
        let key = describe(&settings.key);
        let key = key.map_err(|error| error.in_job(settings.profile.making_a_key(), begun))?;
        ending.extend(ends(&register, &key, day, "signing.key")?);
    }
    if kinds.contains(&PieceKind::Mailer) {
        ending.extend(of_mailers(job, &register, day, begun)?);
    }
    if kinds.contains(&PieceKind::Letter) {
        ending.extend(ending_key_of_records(job, &register, day));
    }
    Ok(ending.iter().map(|key| key.alert(day.night)).collect())
}

/// Refuses to open sealed record files with a key that is not there, or not valid on the night.
///
/// # Errors
/// `key_not_yet_valid`, `key_expired`, `key_retired`, `key_rotation_unfinished`; those of the key's file and of the register.
pub(crate) fn check_key_of_records(job: &Job, day: KeyDay) -> Result<(), Failure> {
    let identities = describe_all(&KeyLocation::File(job.cards_identity()));
    // A job with a past may have its first sealed file tonight.
    let identities = identities.map_err(|error| error.in_job(MAKING_CARDS_KEY, false))?;
    of_identities(&KeyRegister::of_job(job)?, &identities, day, CARDS_KEY).map(drop)
}

/// The keys of a lot that end soon, for its work order. Keys that can't be used are others' to report.
pub(super) fn ending_keys(job: &Job, night: Date, kind: PieceKind, signer: Option<&str>) -> Vec<EndingKey> {
    let Ok(register) = KeyRegister::of_job(job) else { return Vec::new() };
    let day = KeyDay { night, today: None };
    let signing =
        register.keys().iter().filter(|key| kind == PieceKind::Letter && Some(&*key.fingerprint) == signer);
    let signing = signing.filter_map(|key| soon("signing.key", &key.fingerprint, key.last_day(), night));
    let mut ending: Vec<EndingKey> = signing.collect();
    if kind == PieceKind::Mailer && !register.is_empty() {
        ending.extend(of_mailers(job, &register, day, true).unwrap_or_default());
    }
    if kind == PieceKind::Letter {
        ending.extend(ending_key_of_records(job, &register, day));
    }
    ending
}

/// Whether a key may sign what bears the date of a night: a certificate, say.
///
/// # Errors
/// `key_not_yet_valid`, `key_expired`, `key_retired`; those of the register.
pub(super) fn may_sign(job: &Job, key: &KeySummary, day: KeyDay) -> Result<(), KeyError> {
    KeyRegister::of_job(job)?.require(key, day.night, day.today, "signing.key").map(drop)
}

/// The recipients of a job's sealed mailers; `None` where it writes them in clear.
///
/// # Errors
/// [`SealError`]: a recipient that can't be used, or a job file or file of recipients that everybody may write.
pub(crate) fn recipients_of_mailers(job: &Job) -> Result<Option<Recipients>, SealError> {
    let Some(texts) = job.mailers().seal_to else { return Ok(None) };
    refuse_open_file(&job.file)?;
    recipients(texts, |text| job.path(text)).map(Some)
}

/// Checks who can open mailers and with what codes are opened.
fn of_mailers(
    job: &Job,
    register: &KeyRegister,
    day: KeyDay,
    begun: bool,
) -> Result<Vec<EndingKey>, Failure> {
    let mut ending = Vec::new();
    for recipient in recipients_of_mailers(job)?.iter().flat_map(|all| all.summaries()) {
        ending.extend(ends(register, &summary(recipient), day, "output.seal_to")?);
    }
    let identities = describe_all(&KeyLocation::File(job.mailers().codes_identity));
    let identities = identities.map_err(|error| error.in_job(MAKING_CODES_KEY, begun))?;
    ending.extend(of_identities(register, &identities, day, "input.codes_identity")?);
    Ok(ending)
}

/// The key that opens sealed record files, if the job has one and it ends soon. Others are told where it is used.
fn ending_key_of_records(job: &Job, register: &KeyRegister, day: KeyDay) -> Option<EndingKey> {
    let identities = describe_all(&KeyLocation::File(job.cards_identity())).ok()?;
    of_identities(register, &identities, day, CARDS_KEY).ok().flatten()
}

/// Checks the identities of a file: one must be valid, and none retired. Returns the last one that ends, if that is soon.
fn of_identities(
    register: &KeyRegister,
    identities: &[KeySummary],
    day: KeyDay,
    place: &'static str,
) -> Result<Option<EndingKey>, Failure> {
    let (mut last, mut first_fault) = (None, None);
    let mut valid = 0;
    for identity in identities {
        match register.require(identity, day.night, day.today, place) {
            Ok(until) => {
                valid += 1;
                last = last.max(Some((until.unwrap_or(Date::MAX), &identity.fingerprint)));
            }
            Err(error @ KeyError::Dates { dates: UnfitDates::Retired { .. }, .. }) => {
                return Err(Failure::from(error).with_advice(format!(
                    "take its line (`AGE-SECRET-KEY-…`) out of this file, or name one without it in `{place}`; keep it in its backup"
                )));
            }
            // A key whose days are not known is not used beside others either.
            Err(error @ KeyError::Unfinished { .. }) => return Err(error.into()),
            Err(error) => first_fault = first_fault.or(Some(error)),
        }
    }
    if let Some(fault) = first_fault.filter(|_| valid == 0) {
        return Err(fault.into());
    }
    Ok(last.and_then(|(until, fingerprint)| soon(place, fingerprint, Some(until), day.night)))
}

fn summary(recipient: RecipientSummary) -> KeySummary {
    let RecipientSummary { fingerprint, recipient, source } = recipient;
    KeySummary { file: source, kind: "age".to_owned(), public: recipient, fingerprint }
}

fn ends(
    register: &KeyRegister,
    key: &KeySummary,
    day: KeyDay,
    place: &'static str,
) -> Result<Option<EndingKey>, KeyError> {
    let last = register.require(key, day.night, day.today, place)?;
    Ok(soon(place, &key.fingerprint, last, day.night))
}

fn soon(place: &'static str, fingerprint: &str, last: Option<Date>, night: Date) -> Option<EndingKey> {
    let last = last.filter(|last| (0..=NOTICE).contains(&days_between(night, *last)))?;
    Some(EndingKey { place, fingerprint: fingerprint.to_owned(), last })
}

/// The days from one date to another.
fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}
