//! Any bytes as a machine's report of every manner and as the lines of a hand scanner: every row ends as a read or with a
//! reason, and every line of a scanner is counted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mail::Encoding;
use mail::inserter::{FieldPlace, Fields, Lists, Machine, ReportFormat, Results, Span};
use pli::inserting::{HandAct, MachineReport, Named, parse_report, read_hand};

fuzz_target!(|bytes: &[u8]| {
    let machine = Machine::default();
    for results in layouts() {
        assert!(results.check().is_ok());
        for closed in [false, true] {
            let Ok(report) = parse_report("report", bytes, &results, closed) else { continue };
            assert!(!(closed && report.unfinished));
            check_lines(&report);
            for read in &report.reads {
                let _ = Named::of(&read.value, &machine);
            }
        }
    }
    if let Ok(found) = read_hand("hand", bytes, HandAct::Spoiled) {
        let lines = found.scans.len() as u64 + found.taken_back + found.commands + found.blank;
        assert!(found.scans.last().is_none_or(|scan| scan.line <= lines && !scan.value.is_empty()));
    }
});

/// The reads and the faults of a report are of different lines, each in their order, and a message is short.
fn check_lines(report: &MachineReport) {
    assert!(report.reads.is_sorted_by(|one, next| one.line < next.line));
    assert!(report.faults.is_sorted_by(|one, next| one.line < next.line));
    for fault in &report.faults {
        assert!(report.reads.binary_search_by_key(&fault.line, |read| read.line).is_err());
        assert!(fault.problem.to_string().len() < 1000 && fault.problem.advice().len() < 1000);
    }
}

/// `camera.csv`, columns by number, and fields of fixed length.
fn layouts() -> [Results; 3] {
    let column = |number| Some(FieldPlace::Column(number));
    let span = |start, length| Some(FieldPlace::Span(Span { start, length }));
    let by_number = Fields { status: column(1), value: column(2), position: column(4), ..Fields::default() };
    let by_character =
        Fields { value: span(1, 12), read_at: span(8, 14), status: span(22, 1), ..Fields::default() };
    [
        Results::default(),
        Results {
            fields: Some(by_number),
            encoding: Encoding::Windows1252,
            lists: Lists::All,
            skip_lines: 1,
            ..Results::default()
        },
        Results {
            format: ReportFormat::Fixed,
            fields: Some(by_character),
            time_format: Some("%Y%m%d%H%M%S".to_owned()),
            end_mark: "T".to_owned(),
            ..Results::default()
        },
    ]
}
