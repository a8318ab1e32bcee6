//! The night's date against the calendar of working days.

use super::{Finding, Scene};

const LOOK: &str = "calendar";

/// Looks whether the night is a working day, and says the next one.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    let (calendar, night) = (scene.job.calendar(), scene.night);
    let next = calendar.mailer_due(night);
    if calendar.is_working_day(night) {
        return vec![Finding::ok(LOOK, format!("{night} is a working day, and the next one is {next}"))];
    }
    let problem = format!("{night} is no working day: what is overdue leaves all the same");
    vec![Finding::warning(
        LOOK,
        "no_working_day",
        problem,
        format!("run the night of the next working day: `--date {next}`"),
    )]
}
