//! The clock of this machine: the night's date, the audit log and approvals rest on it.

use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::civil::Date;

use super::patience::within;
use super::{Finding, Scene};

const LOOK: &str = "clock";
/// The first day on which this version of the program can run.
const EARLIEST: Date = jiff::civil::date(2025, 1, 1);
/// The last year of nights.
const LAST_YEAR: i16 = 2099;
/// How far a file may lie ahead of the clock: another machine may have written it.
const AHEAD: Duration = Duration::from_secs(3600);
/// How long the system may take to say whether its clock is synchronised.
const ASKING: Duration = Duration::from_secs(5);
/// What to do about a clock that is wrong.
const SET_IT: &str = "set the clock of this machine, and let it be synchronised: `timedatectl set-ntp true`";

/// Looks whether the clock can be right.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    let mut found: Vec<Finding> = [implausible(scene.today), behind(scene)].into_iter().flatten().collect();
    match is_synchronised() {
        Some(false) => found.push(Finding::warning(
            LOOK,
            "clock_not_synchronised",
            "the clock of this machine is not synchronised",
            "run `timedatectl set-ntp true`, or set up another service of time",
        )),
        answer if found.is_empty() => {
            let word =
                if answer.is_some() { "synchronised" } else { "whether it is synchronised is not known" };
            found.push(Finding::ok(LOOK, format!("{}, {word}", scene.today)));
        }
        _ => {}
    }
    found
}

fn implausible(today: Date) -> Option<Finding> {
    let wrong = today < EARLIEST || today.year() > LAST_YEAR;
    let problem = format!("the clock says {today}, which can't be");
    wrong.then(|| Finding::warning(LOOK, "clock_implausible", problem, SET_IT))
}

/// A file of the job that was written later than the clock says.
fn behind(scene: &Scene) -> Option<Finding> {
    let files = [scene.job.file.clone(), scene.job.ledger_file(), scene.job.audit_stamp()];
    let now = std::time::SystemTime::from(scene.now);
    let later = files.into_iter().find(|file| {
        let written = fs_err::metadata(file).and_then(|found| found.modified());
        written.is_ok_and(|written| written.duration_since(now).is_ok_and(|ahead| ahead > AHEAD))
    })?;
    let problem = format!("{} was written later than the clock says ({})", later.display(), scene.today);
    Some(Finding::warning(
        LOOK,
        "clock_behind",
        problem,
        format!("{SET_IT}; if the file's own time is wrong, `touch` it"),
    ))
}

/// What the system says of its clock; `None` where it does not say.
fn is_synchronised() -> Option<bool> {
    let ask = || {
        let mut asked = Command::new("timedatectl");
        asked.args(["show", "--property=NTPSynchronized", "--value"]);
        Ok(asked.stdin(Stdio::null()).stderr(Stdio::null()).output()?)
    };
    let said = within(ASKING, "timedatectl", ask).ok().filter(|said| said.status.success())?;
    match String::from_utf8_lossy(&said.stdout).trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_can_t_be_right_is_told() {
        for (today, wrong) in
            [("1970-01-01", true), ("2024-12-31", true), ("2026-11-28", false), ("2100-01-01", true)]
        {
            let found = implausible(today.parse().unwrap());
            assert_eq!(
                found.map(|finding| finding.code),
                wrong.then(|| "clock_implausible".to_owned()),
                "{today}"
            );
        }
    }
}
