//! The committed night, `fixtures/night`: its table of expected ends against intake, calendar and codes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::ToSpan;
use jiff::civil::Date;

use super::reasons::NIGHT;
use crate::night::intake::{Finding, IntakeSettings, take_in};
use crate::vault::{CodesFile, CodesOfNight, sealed_and_opened};
use mail::calendar::{CUT_OFF, Calendar};
use mail::card::CardStatus;
use mail::issuance::Issuance;
use mail::reason::{CodesDuty, Reason};

const WAITS: &str = "waits";
const NOTHING: &str = "—";

fn fixture(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/night").join(file)
}

/// The table of the README: by line, the card and how it ends on the two nights.
fn expected() -> BTreeMap<u64, [String; 3]> {
    let readme = fs_err::read_to_string(fixture("README.md")).expect("the README");
    let rows = readme.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
        let [line, card, _, first, second] = cells[..] else { return None };
        Some((line.parse().ok()?, [card, first, second].map(str::to_owned)))
    });
    rows.collect()
}

fn codes() -> CodesOfNight {
    let plain = fs_err::read(fixture("inbox/codes.csv")).expect("the codes");
    let mut night = CodesOfNight::default();
    night.add(
        CodesFile::read("codes.csv", sealed_and_opened(&plain)).unwrap_or_else(|error| panic!("{error}")),
    );
    night
}

/// The codes of a line's findings, as the table writes them.
fn listed(findings: &[Finding], line: u64) -> Vec<String> {
    findings
        .iter()
        .filter(|finding| finding.line == line)
        .map(|finding| format!("`{}`", finding.code))
        .collect()
}

/// How a record ends on the two nights, warnings of intake aside.
fn ends(issuance: &Issuance, codes: &CodesOfNight) -> [String; 2] {
    if issuance.status == CardStatus::Revoked {
        return ["nothing; warning `revoked`".to_owned(), NOTHING.to_owned()];
    }
    let calendar = Calendar::default();
    let monday = NIGHT.saturating_add(3.days());
    let night = |due: Date| [NIGHT, monday].into_iter().find(|night| due <= *night);
    let letter = calendar.letter_due(issuance, CUT_OFF).map(night);
    let mailer = match (issuance.reason.codes(issuance.replaced_generation), letter) {
        (CodesDuty::None, _) => None,
        (CodesDuty::New, letter) => Some(letter.flatten().map(|night| calendar.mailer_due(night))),
        (CodesDuty::Same, _) => Some(night(calendar.first_piece_due(issuance, CUT_OFF))),
    };
    [NIGHT, monday].map(|night| end(issuance, codes, night, letter, mailer))
}

/// How a record ends on one night. A piece's day is `None` where it is later than both.
fn end(
    issuance: &Issuance,
    codes: &CodesOfNight,
    night: Date,
    letter: Option<Option<Date>>,
    mailer: Option<Option<Date>>,
) -> String {
    let later = |piece: Option<Option<Date>>| piece.is_some_and(|day| day.is_none_or(|day| day > night));
    if letter == Some(Some(night)) {
        let next = mailer.flatten().filter(|_| night != NIGHT);
        return next.map_or("letter".to_owned(), |day| format!("letter (mailer on the {}th)", day.day()));
    }
    match codes.of_card(issuance.card_number.as_str()) {
        _ if later(letter) => WAITS.to_owned(),
        None if mailer.flatten().is_some_and(|day| day <= night) => {
            format!("{WAITS}; warning `codes_missing`")
        }
        Some(Err(fault)) if mailer == Some(Some(night)) => format!("rejected: `{}`", fault.code),
        _ if mailer == Some(Some(night)) => "mailer".to_owned(),
        _ if later(mailer) => WAITS.to_owned(),
        _ => NOTHING.to_owned(),
    }
}

#[test]
fn the_table_of_the_night_is_true() {
    let intake = take_in(&[fixture("inbox/cards.csv")], &IntakeSettings::default());
    let intake = intake.unwrap_or_else(|error| panic!("{error}"));
    let mut found: BTreeMap<u64, [String; 3]> = BTreeMap::new();
    for reject in &intake.rejects {
        let codes = listed(&intake.rejects, reject.line).join(", ");
        found.insert(
            reject.line,
            [reject.card_number.clone(), format!("rejected: {codes}"), NOTHING.to_owned()],
        );
    }
    let codes = codes();
    for taken in &intake.records {
        let [mut first, second] = ends(&taken.issuance, &codes);
        let mut warnings = listed(&intake.warnings, taken.line);
        if taken.issuance.reason == Reason::CodesReissue {
            // Its card was sent before the ledger began.
            warnings.push("`reissue_released`".to_owned());
            if let Some((end, missing)) = first.clone().split_once("; warning ") {
                first = end.to_owned();
                warnings.insert(0, missing.to_owned());
            }
        }
        if !warnings.is_empty() {
            let plural = if warnings.len() > 1 { "s" } else { "" };
            first.push_str(&format!("; warning{plural} {}", warnings.join(", ")));
        }
        found.insert(taken.line, [taken.issuance.card_number.to_string(), first, second]);
    }
    for (line, row) in &expected() {
        assert_eq!(found.get(line), Some(row), "line {line}");
    }
    assert_eq!(expected().len() as u64, intake.rows);
}

#[test]
fn the_job_of_the_night_loads_and_no_key_is_committed() {
    assert!(crate::job::Job::load(&fixture("job.toml")).is_ok());
    assert!(!fixture("keys").exists());
}
