//! The signing key, in its file or token, and the days of every key.

use super::patience::{PATIENCE, within};
use super::{Finding, Scene, finding};
use crate::failure::Failure;
use crate::job::{Job, KeyLocation};
use crate::night::{KeyDay, check_key_dates, check_key_of_records};
use crate::vault::{KeySummary, load_signing_key};
use mail::piece::PieceKind;

/// Loads the key that signs the letters, as the run does. A key on a token signs once.
pub(super) fn look_at_signing_key(scene: &mut Scene) -> Vec<Finding> {
    const LOOK: &str = "signing_key";
    if !scene.prints(PieceKind::Letter) {
        return vec![Finding::ok(LOOK, "this user signs no letters")];
    }
    let (job, begun) = (scene.job.clone(), scene.begun);
    let signs = in_time(scene.job, move || {
        let settings = job.letters();
        let key = load_signing_key(&settings.key, settings.profile);
        let key = key.map_err(|error| error.in_job(settings.profile.making_a_key(), begun))?;
        let summary = KeySummary::of_signing_key(&settings.key, &key)?;
        Ok(format!("{} {} signs the letters", summary.kind, summary.fingerprint))
    });
    vec![finding::of(LOOK, signs.map_err(|failure| with_remedy(scene.job, failure)))]
}

/// What is wrong with a token's library or PIN is said by the HSM, and the job names both.
fn with_remedy(job: &Job, failure: Failure) -> Failure {
    let on_token = matches!(job.letters().key, KeyLocation::Token(_));
    if !on_token || failure.advice().is_some() {
        return failure;
    }
    failure.with_advice(
        "correct `signing.key` in the job: `module-path` is the HSM's library, `pin-source` the file of the PIN (docs/keys.md)",
    )
}

/// Holds every key against its days, as the run does.
pub(super) fn look_at_dates(scene: &mut Scene) -> Vec<Finding> {
    const LOOK: &str = "key_dates";
    let (job, kinds, begun) = (scene.job.clone(), scene.kinds.clone(), scene.begun);
    let day = KeyDay { night: scene.night, today: Some(scene.today) };
    let dates = match in_time(scene.job, move || check_key_dates(&job, day, &kinds, begun)) {
        Ok(alerts) => alerts,
        Err(failure) => return vec![Finding::failure(LOOK, &failure)],
    };
    let advice = "make its successor with `pli keys rotate KEY --output FILE --from DAY`, and name it in the job in time (docs/keys.md)";
    let mut found: Vec<Finding> = dates.iter().map(|alert| Finding::alert(LOOK, alert, advice)).collect();
    if scene.prints(PieceKind::Letter)
        && scene.job.cards_identity().exists()
        && let Err(failure) = check_key_of_records(scene.job, day)
    {
        // It stops a night with sealed record files, and the look at the inbox says so.
        found.push(Finding::failure(LOOK, &failure).into_warning());
    }
    if found.is_empty() {
        found.push(Finding::ok(LOOK, format!("every key may be used on {}", scene.night)));
    }
    found
}

/// Does work with the signing key; where that lies on a token, within a time.
fn in_time<T: Send + 'static>(
    job: &Job,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match job.letters().key {
        KeyLocation::File(_) => work(),
        KeyLocation::Token(_) => within(PATIENCE, "the HSM", work),
    }
}
