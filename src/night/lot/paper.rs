//! The paper of mailers: what the template asks for, and what the job says that the press loads.

use mail::piece::PieceKind;
use template::Manifest;

use crate::failure::Failure;
use crate::job::Job;

/// Refuses a job whose mailers are printed on lighter paper than their template asks for: their codes could be read through
/// it. A job that does not say passes; the work order states what is asked for.
///
/// # Errors
/// `paper_opacity`: the job's paper is lighter.
pub(crate) fn refuse_light_paper(job: &Job, template: &str, manifest: &Manifest) -> Result<(), Failure> {
    let (Some(loaded), Some(least)) = (job.mailers().paper_opacity, manifest.paper.opacity) else {
        return Ok(());
    };
    if manifest.kind != PieceKind::Mailer || !manifest.paper.refuses(loaded) {
        return Ok(());
    }
    let problem = format!(
        "`mailers.paper_opacity` is {loaded} %, and template `{template}` asks for {least} % at least (ISO 2471): through \
         lighter paper its codes can be read"
    );
    Err(Failure::usage("paper_opacity", problem)
        .in_file(job.file.display())
        .with_advice(format!("load paper of that opacity, and write `paper_opacity = {least}` or more")))
}
