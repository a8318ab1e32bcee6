//! The templates: each loads, in every variant that a piece can have, with its fonts, for this press and inserter.

use jiff::civil::Date;

use super::{Finding, Scene};
use crate::failure::{Failure, counted};
use crate::job::Job;
use crate::night::find_template;
use crate::studio::load_template;
use mail::piece::PieceKind;

/// The codes of faults of fonts.
const OF_FONTS: &str = "font";

/// Lays out every variant of the templates, both at once. Nothing is kept of it.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    let (job, night, kinds) = (scene.job, scene.night, &scene.kinds);
    let found: Vec<Vec<Finding>> = std::thread::scope(|scope| {
        let looks: Vec<_> =
            kinds.iter().map(|kind| (*kind, scope.spawn(move || loaded(job, *kind, night)))).collect();
        let broken = || Err(Failure::bug("the layout of a template broke off"));
        looks
            .into_iter()
            .map(|(kind, look)| findings(kind, look.join().unwrap_or_else(|_| broken())))
            .collect()
    });
    let mut found: Vec<Finding> = found.into_iter().flatten().collect();
    if !found.iter().any(|finding| finding.look == "fonts") {
        found.push(Finding::ok("fonts", "the templates have every font that they name"));
    }
    found
}

/// How many variants a template of the job has.
fn loaded(job: &Job, kind: PieceKind, night: Date) -> Result<(String, usize), Failure> {
    let template = find_template(job, kind, night)?;
    let checked = load_template(&template, job)?;
    Ok((template.name().to_owned(), checked.variants))
}

fn findings(kind: PieceKind, loaded: Result<(String, usize), Failure>) -> Vec<Finding> {
    let look = match kind {
        PieceKind::Letter => "letter_template",
        PieceKind::Mailer => "mailer_template",
    };
    match loaded {
        Ok((name, variants)) => {
            vec![Finding::ok(look, format!("{name} loads in {}", counted(variants, "variant")))]
        }
        Err(failure) => {
            let fonts =
                failure.parts().iter().filter(|part| !part.is_warning() && part.code().contains(OF_FONTS));
            let mut found = vec![Finding::failure(look, &failure)];
            found.extend(fonts.map(|part| Finding::failure("fonts", part)));
            found
        }
    }
}
