//! The standards that print files must meet, and the faults of a file that does not.

use foreign::UnreadableFile;
use mail::piece::PieceKind;
use preflight::{Marks, OpenFile, Standard, preflight_open};
use print_file::{Conformance, OutputIntent};

use crate::failure::Failure;
use crate::job::Job;
use crate::night::lot::SheetLayout;

/// The largest ICC profile that is read, in bytes.
const MAX_PROFILE_SIZE: u64 = 16 << 20;

/// The job's printing condition; white uncoated paper by default.
///
/// # Errors
/// `output_intent`: a profile that can't be read, or that is not of a CMYK press.
pub(crate) fn output_intent(job: &Job) -> Result<OutputIntent, Failure> {
    let Some(profile) = press_profile(job)? else { return Ok(OutputIntent::uncoated()) };
    let intent = OutputIntent::of_press(&profile, job.press().output_condition.as_deref());
    intent.map_err(|fault| unusable(job, fault.to_string(), fault.advice()))
}

/// The bytes of the profile of the job's press; `None` where it names none.
///
/// # Errors
/// `output_intent`: it can't be read.
pub(crate) fn press_profile(job: &Job) -> Result<Option<Vec<u8>>, Failure> {
    let Some(named) = &job.press().output_intent else { return Ok(None) };
    let unreadable = |error: UnreadableFile| {
        let advice = foreign::advice(&error.error);
        let advice = advice.unwrap_or("name the ICC profile of a CMYK press, or leave the key out");
        unusable(job, error.to_string(), advice)
    };
    foreign::read(&job.path(named), MAX_PROFILE_SIZE).map(Some).map_err(unreadable)
}

/// The failure of the profile that the job names.
fn unusable(job: &Job, problem: String, advice: &str) -> Failure {
    let failure =
        Failure::usage("output_intent", format!("`press.output_intent`: {problem}")).with_advice(advice);
    match &job.press().output_intent {
        Some(named) => failure.in_file(job.path(named).display()),
        None => failure,
    }
}

/// The conformance of the files of a kind. Mailers are never archived.
pub(crate) fn conformance(job: &Job, kind: PieceKind) -> Conformance {
    if job.archives(kind) { Conformance::PressAndArchive } else { Conformance::Press }
}

/// The faults of a file, one message each, with the file's name.
pub(crate) fn conformance_faults(
    name: &str,
    file: &OpenFile,
    standard: Standard,
    marks: Marks,
) -> Vec<String> {
    preflight_open(file, standard, marks).iter().map(|fault| format!("{name}: {fault}")).collect()
}

/// The standard that files are checked against.
pub(crate) fn standard(conformance: Conformance, layout: SheetLayout) -> Standard {
    match (conformance, layout.imposed()) {
        (Conformance::PressAndArchive, false) => Standard::PressAndArchive,
        (Conformance::PressAndArchive, true) => Standard::ImposedAndArchive,
        (Conformance::Press | Conformance::Plain, false) => Standard::Press,
        (Conformance::Press | Conformance::Plain, true) => Standard::Imposed,
    }
}
