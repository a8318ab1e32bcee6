//! The standards that print files must meet, and the faults of a file that does not.

use std::sync::Arc;

use foreign::UnreadableFile;
use mail::piece::PieceKind;
use preflight::{Marks, Standard, preflight};
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
    let press = job.press();
    let Some(named) = &press.output_intent else { return Ok(OutputIntent::uncoated()) };
    let path = job.path(named);
    let unusable = |problem: String, advice: &str| {
        Failure::usage("output_intent", format!("`press.output_intent`: {problem}"))
            .in_file(path.display())
            .with_advice(advice)
    };
    let unreadable = |error: UnreadableFile| {
        let advice = foreign::advice(&error.error);
        let advice = advice.unwrap_or("name the ICC profile of a CMYK press, or leave the key out");
        unusable(error.to_string(), advice)
    };
    let profile = foreign::read(&path, MAX_PROFILE_SIZE).map_err(unreadable)?;
    let intent = OutputIntent::of_press(&profile, press.output_condition.as_deref());
    intent.map_err(|fault| unusable(fault.to_string(), fault.advice()))
}

/// The conformance of the files of a kind. Mailers are never archived.
pub(crate) fn conformance(job: &Job, kind: PieceKind) -> Conformance {
    if job.archives(kind) { Conformance::PressAndArchive } else { Conformance::Press }
}

/// The faults of a file, one message each, with the file's name.
pub(crate) fn conformance_faults(
    name: &str,
    bytes: &Arc<Vec<u8>>,
    standard: Standard,
    marks: Marks,
) -> Vec<String> {
    preflight(bytes, standard, marks).iter().map(|fault| format!("{name}: {fault}")).collect()
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
