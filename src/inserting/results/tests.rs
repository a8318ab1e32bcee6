//! Files of several makers' manner, and files that are none.

use std::path::Path;

use mail::inserter::{FieldPlace, Fields, InsertStatus, Inserter, Lists, ReportFormat, Results, Span};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::failure::{Exit, Failure};
use crate::inserting::read::Read;

/// The tables of a job that describe a machine's files.
#[derive(Deserialize)]
struct JobTables {
    inserter: Inserter,
}

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/inserter").join(name)
}

/// The report of a fixture, as the job's table beside it describes it.
fn report_of(name: &str, table: &str) -> MachineReport {
    let text = fs_err::read_to_string(fixture(table)).expect("a table");
    let tables: JobTables = toml::from_str(&text).expect("keys of the job file");
    tables.inserter.check().expect("sound");
    read_report(&fixture(name), &tables.inserter.letters.results, false).expect("a report")
}

/// Line, time, value, position, camera, value of the card and status of a read.
type Row<'a> = (u64, &'a str, &'a str, Option<u64>, &'a str, &'a str, InsertStatus);

fn rows(report: &MachineReport) -> Vec<Row<'_>> {
    fn row(read: &Read) -> Row<'_> {
        let Read { line, at, value, position, camera, card_value, status } = read;
        (*line, at.as_str(), value.as_str(), *position, camera.as_str(), card_value.as_str(), *status)
    }
    report.reads.iter().map(row).collect()
}

#[test]
fn semicolons_a_header_and_a_code_page() {
    use InsertStatus::{Attention, Damaged, Ok};
    let report = report_of("semicolons.csv", "semicolons.toml");
    let wanted = [
        (2, "2026-11-24T09:30:12", "2400140649", Some(1), "K1", "2400140649", Ok),
        (3, "2026-11-24T09:30:13", "2400140650", Some(2), "K1", "2400140650", Ok),
        (4, "2026-11-24T09:30:14", "", Some(3), "K1", "2400140651", Attention),
        (5, "2026-11-24T09:30:16", "2400140652", Some(4), "K1", "", Damaged),
    ];
    assert_eq!(rows(&report), wanted);
    assert_eq!((report.lists, report.ended, report.unfinished), (Lists::Reads, false, false));
    assert_eq!(report.faults, []);
}

#[test]
fn records_of_fixed_length_for_every_piece() {
    use InsertStatus::{Attention, Damaged, None as Nothing, Ok, Pulled};
    let report = report_of("records.txt", "records.toml");
    let wanted = [
        (3, "2026-11-24T09:30:12", "L26327A0000010101", Some(1), "01", "", Ok),
        (4, "2026-11-24T09:30:13", "L26327A0000020101", Some(2), "01", "", Damaged),
        (5, "2026-11-24T09:30:14", "L26327A0000030101", Some(3), "01", "", Attention),
        (6, "2026-11-24T09:30:15", "L26327A0000040101", Some(4), "01", "", Pulled),
        (7, "", "L26327A0000050101", Some(5), "", "", Nothing),
    ];
    assert_eq!(rows(&report), wanted);
    assert_eq!((report.lists, report.ended), (Lists::All, true));
    assert_eq!(report.faults, []);
}

#[test]
fn bad_pieces_alone_without_a_header() {
    use InsertStatus::{Damaged, None as Nothing, Pulled};
    let report = report_of("bad-pieces.tsv", "bad-pieces.toml");
    let wanted = [
        (1, "2026-11-24T10:02:44", "L26327A000004", None, "", "", Damaged),
        (2, "2026-11-24T10:05:02.5", "L26327A000011", None, "", "", Pulled),
        (3, "", "L26327A000012", None, "", "", Nothing),
    ];
    assert_eq!(rows(&report), wanted);
    assert_eq!((report.lists, report.ended), (Lists::Bad, true));
    assert_eq!(report.faults, []);
}

#[test]
fn the_documentation_shows_these_files() {
    let page = fs_err::read_to_string(fixture("../../docs/inserter.md")).expect("the page");
    for name in [
        "semicolons.toml",
        "semicolons.csv",
        "records.toml",
        "records.txt",
        "bad-pieces.toml",
        "bad-pieces.tsv",
    ] {
        let bytes = fs_err::read(fixture(name)).expect("a fixture");
        let encoding = if name == "semicolons.csv" { Encoding::Windows1252 } else { Encoding::Utf8 };
        for line in decoded(&bytes, encoding).lines() {
            assert!(page.lines().any(|shown| shown.trim_end() == line.trim_end()), "{name}: {line}");
        }
    }
}

/// What `camera.csv` with these bytes says.
fn camera(bytes: &[u8]) -> MachineReport {
    parse_report("camera.csv", bytes, &Results::default(), false).expect("a report")
}

fn values(report: &MachineReport) -> Vec<&str> {
    report.reads.iter().map(|read| read.value.as_str()).collect()
}

#[test]
fn every_manner_to_write_the_same_rows() {
    for bytes in [
        &b"read_at,value,position\n,2400140649,1\n,2400140650,\n"[..],
        b"\xef\xbb\xbfread_at,value,position\r\n,2400140649,1\r\n,2400140650,\r\n",
        b"read_at,value,position\r,2400140649,1\r,2400140650,\r",
        b"\n Position ; VALUE ;read_at;\n\n1;\"2400140649\";;\n;2400140650;;\n;;;\n\n",
        b"value\tposition\toperator\n2400140649\t1\tA\n2400140650\t\tB\n",
        b"read_at,value,position\n,]A0*2400140649* ,1\n,2400140650,\n\0\0\0\0",
        b"read_at,value,position\n,2400140649,1\n,2400140650,\n,24001406",
        b"read_at,value,position\n,2400140649\r,1\r\n,2400140650,\r\n",
    ] {
        let report = camera(bytes);
        assert_eq!(values(&report), ["2400140649", "2400140650"], "{bytes:?}");
        assert_eq!(report.reads.iter().map(|read| read.position).collect::<Vec<_>>(), [Some(1), None]);
        assert_eq!((report.faults.len(), report.ended), (0, false));
        assert_eq!(report.unfinished, bytes.ends_with(b"24001406"), "{bytes:?}");
    }
}

#[test]
fn the_last_line_counts_without_its_end_only_where_the_file_is_closed() {
    let bytes = b"value\n2400140649\n2400140650";
    let read = |closed| parse_report("camera.csv", bytes, &Results::default(), closed).expect("a report");
    assert_eq!((values(&read(true)).len(), read(true).unfinished), (2, false));
    assert_eq!((values(&read(false)).len(), read(false).unfinished), (1, true));
    let ended = camera(b"value\n2400140649\nEND");
    assert_eq!((ended.ended, ended.unfinished, values(&ended).len()), (true, false, 1));
    let header_alone = camera(b"value\n");
    assert!(header_alone.reads.is_empty() && !header_alone.ended);
}

#[test]
fn a_row_that_can_t_be_read_is_a_fault_and_the_others_count() {
    let header = b"read_at,value,position,status\n,2400140649,1,ok\n";
    for (row, column, code) in [
        (&b",2400140650,2\n"[..], "", "report_too_few_columns"),
        (b",2400140650,2,ok,x\n", "", "report_too_many_columns"),
        (b",\"2400140650,2,ok\n", "", "report_quote"),
        (b",24001\x0040650,2,ok\n", "", "report_nul_byte"),
        (b",2400\xff140650,2,ok\n", "value", "report_row_encoding"),
        (b",2400140650,2.5,ok\n", "position", "report_position"),
        (b",2400140650,-1,ok\n", "position", "report_position"),
        (b",2400140650,99999999999999999999,ok\n", "position", "report_position"),
        (b"09:30,2400140650,2,ok\n", "read_at", "report_time"),
        (b",2400140650,2,spoiled\n", "status", "report_status"),
        (b"END\n,2400140650,2,ok\n", "", "report_behind_end"),
    ] {
        let report = camera(&[header, row].concat());
        assert_eq!(values(&report), ["2400140649"], "{code}");
        let [fault] = report.faults.as_slice() else { panic!("{code}: {:?}", report.faults) };
        let line = if code == "report_behind_end" { 4 } else { 3 };
        assert_eq!((fault.line, fault.column.as_str(), fault.problem.code()), (line, column, code));
        let shown = fault.failure(&report.file);
        assert_eq!(shown.position().and_then(|position| position.line), Some(line));
        assert!(shown.advice().is_some_and(|advice| !advice.is_empty()) && !shown.message().contains('\0'));
    }
    let long = [header, &b",x"[..], &vec![b'x'; MAX_LINE], b",2,ok\n,2400140651,3,\n"].concat();
    let report = camera(&long);
    assert_eq!(values(&report), ["2400140649", "2400140651"], "a read without a status is one as any other");
    assert_eq!(report.faults[0].problem, RowProblem::TooLong(MAX_LINE));
}

fn span(start: u32, length: u32) -> Option<FieldPlace> {
    Some(FieldPlace::Span(Span { start, length }))
}

#[test]
fn a_line_that_was_cut_is_never_half_believed() {
    let fields = Fields { value: span(1, 10), status: span(12, 2), ..Fields::default() };
    let status = Some([("0".to_owned(), InsertStatus::Ok), ("07".to_owned(), InsertStatus::Damaged)].into());
    let results = Results { format: ReportFormat::Fixed, fields: Some(fields), status, ..Results::default() };
    let report = parse_report("r", b"2400140649 07\n2400140650 0\n\n", &results, false).expect("a report");
    assert_eq!(values(&report), ["2400140649"]);
    assert_eq!(report.faults[0].problem, RowProblem::TooShort { found: 12, wanted: 13 });
}

#[test]
fn characters_of_a_record_are_counted_and_not_its_bytes() {
    let fields = Fields { camera: span(1, 4), value: span(5, 10), ..Fields::default() };
    let fixed = Results { format: ReportFormat::Fixed, fields: Some(fields), ..Results::default() };
    let read = |bytes: &[u8], encoding| {
        let results = Results { encoding, ..fixed.clone() };
        let report = parse_report("r", bytes, &results, false).expect("a report");
        (report.reads[0].camera.clone(), report.reads[0].value.clone())
    };
    let wanted = ("Süd".to_owned(), "2400140649".to_owned());
    assert_eq!(read("Süd 2400140649\n".as_bytes(), Encoding::Utf8), wanted);
    assert_eq!(read(b"S\xfcd 2400140649\n", Encoding::Windows1252), wanted);
}

#[test]
fn an_empty_status_is_said_or_asked() {
    let status_of = |lists, bytes: &[u8]| {
        let report =
            parse_report("r", bytes, &Results { lists, ..Results::default() }, false).expect("a report");
        (report.reads.iter().map(|read| read.status).collect::<Vec<_>>(), report.faults.len())
    };
    let bytes = b"value,status\n1,damaged\n2,\n";
    use InsertStatus::{Damaged, None as Nothing, Ok};
    assert_eq!(status_of(Lists::Reads, bytes), (vec![Damaged, Ok], 0));
    assert_eq!(status_of(Lists::All, bytes), (vec![Damaged, Nothing], 0));
    assert_eq!(status_of(Lists::Bad, bytes), (vec![Damaged], 1));
}

#[test]
fn a_camera_file_is_known_whatever_the_machine_writes() {
    let column = |number| Some(FieldPlace::Column(number));
    let named = |name: &str| Some(FieldPlace::Header(name.to_owned()));
    let of =
        |fields| Results { fields: Some(fields), skip_lines: 3, lists: Lists::All, ..Results::default() };
    let bytes = b"read_at,value,position\n,2400140649,1\n";
    for fields in [
        Fields { value: column(1), status: column(2), ..Fields::default() },
        Fields { value: named("Code"), status: named("Zustand"), ..Fields::default() },
    ] {
        let report = parse_report("camera.csv", bytes, &of(fields), false).expect("a camera's file");
        assert_eq!((values(&report), report.lists), (vec!["2400140649"], Lists::Reads));
    }
    // The machine's own file may have these columns too.
    let fields = Fields { value: named("value"), status: named("Zustand"), ..Fields::default() };
    let bytes = b"read_at,value,position,zustand\n,2400140649,1,pulled\n";
    let report = parse_report("r", bytes, &Results { skip_lines: 0, ..of(fields) }, false).expect("a report");
    assert_eq!((report.lists, report.reads[0].status), (Lists::All, InsertStatus::Pulled));
}

#[test]
fn a_file_that_is_no_report() {
    let windows = Results { encoding: Encoding::Windows1252, ..Results::default() };
    let usual = Results::default();
    let skipping = Results { skip_lines: 2, ..Results::default() };
    let all = Results { lists: Lists::All, ..Results::default() };
    for (bytes, results, code, line) in [
        (&b""[..], &usual, "report_empty", None),
        (b"\xef\xbb\xbf\r\n \n\0\0", &usual, "report_empty", None),
        (b"\x1f\x8b\x08\0rest", &usual, "report_other_kind", None),
        (b"PK\x03\x04rest", &usual, "report_other_kind", None),
        (b"\xff\xfev\0a\0", &usual, "report_utf16", None),
        (b"v\0a\0l\0u\0e\0\n\0", &usual, "report_utf16", None),
        (b"\x7fELF\0\0\0\x01", &usual, "report_not_text", None),
        (b"\xef\xbb\xbfvalue\n1\n", &windows, "report_encoding", None),
        (b"value,Pr\xfcfer\n1,A\n", &usual, "report_encoding", Some(1)),
        (b"\nvalue,\"x\n1,2\n", &usual, "report_header_quote", Some(2)),
        (b"value\n1\n", &skipping, "report_no_header", None),
        (b"value", &usual, "report_no_header", None),
        (b"values;position\n1;2\n", &usual, "report_missing_column", Some(1)),
        (b"value\n1\n", &all, "report_missing_column", Some(1)),
        (b"value,VALUE\n1,2\n", &usual, "report_duplicate_column", Some(1)),
        (b"value,position\n1,a\n2,b\n", &usual, "report_no_row", None),
    ] {
        let error = parse_report("r.csv", bytes, results, false).expect_err(code);
        let failure = Failure::from(error);
        assert_eq!((failure.code(), failure.exit()), (code, Exit::Usage), "{bytes:?}");
        assert_eq!(failure.position().and_then(|position| position.line), line, "{code}");
        assert!(failure.advice().is_some(), "{code}");
    }
    let missing = read_report(Path::new("/no/such/file"), &usual, false).expect_err("no file");
    assert_eq!(Failure::from(missing).code(), "report_unreadable");
}

#[test]
fn too_many_rows_are_refused() {
    let rows = b"1\n".repeat(MAX_ROWS as usize + 1);
    let error = parse_report("r.csv", &[&b"value\n"[..], &rows].concat(), &Results::default(), false);
    assert_eq!(Failure::from(error.expect_err("too many")).code(), "report_too_many_rows");
}

/// The advice of a failure, followed by hand here.
#[test]
fn the_advice_works() {
    // Two columns of a name: each by its number, and the header counted in `skip_lines`.
    let fields = Fields { value: Some(FieldPlace::Column(2)), ..Fields::default() };
    let by_number = Results { fields: Some(fields), skip_lines: 1, ..Results::default() };
    for bytes in [
        &b"value,VALUE\n1,2400140649\n"[..],
        b"a,\"b\n1,2400140649\n",
        b"a,b,c\n1,2400140649\n",
        b"a,b\n1,2400140649,x\n",
    ] {
        let report = parse_report("r.csv", bytes, &by_number, false).expect("a report");
        assert_eq!((values(&report), report.faults.len()), (vec!["2400140649"], 0));
    }
    // Another name of the column.
    let fields = Fields { value: Some(FieldPlace::Header("Code".to_owned())), ..Fields::default() };
    let by_name = Results { fields: Some(fields), ..Results::default() };
    assert_eq!(
        values(&parse_report("r", b"code;x\n2400140649;\n", &by_name, false).expect("a report")),
        ["2400140649"]
    );
    // Another encoding.
    let windows = Results { encoding: Encoding::Windows1252, ..Results::default() };
    assert!(parse_report("r", b"value,Pr\xfcfer\n1,A\n", &windows, false).is_ok());
    // A status, an empty one too.
    let status = [("spoiled".to_owned(), InsertStatus::Damaged), (String::new(), InsertStatus::None)];
    let results = Results { status: Some(status.into()), lists: Lists::Bad, ..Results::default() };
    let report = parse_report("r", b"value,status\n1,spoiled\n2,\n", &results, false).expect("a report");
    assert_eq!((report.reads.len(), report.faults.len()), (2, 0));
    // A report of nothing.
    let none = parse_report("r", b"END\n", &by_number_without_header(), false).expect("a report");
    assert!(none.ended && none.reads.is_empty());
    // No end mark.
    let results = Results { end_mark: String::new(), ..Results::default() };
    assert_eq!(
        values(&parse_report("r", b"value\nEND1\n2\n", &results, false).expect("a report")),
        ["END1", "2"]
    );
}

fn by_number_without_header() -> Results {
    let fields = Fields { value: Some(FieldPlace::Column(1)), ..Fields::default() };
    Results { fields: Some(fields), ..Results::default() }
}

/// Reads as `camera.csv` has them.
fn a_read() -> impl Strategy<Value = Read> {
    let at = prop_oneof![
        Just(String::new()),
        (0..24_u8, 0..60_u8).prop_map(|(hour, minute)| format!("2026-11-24T{hour:02}:{minute:02}:07")),
    ];
    let value =
        prop_oneof!["[1-9][0-9]{9}", Just(String::new()), "[1-9]{5}A\\\\[0-9]{6}", "[a-z,;\"\t1é]{0,8}"];
    let value = value.prop_map(|value: String| crate::inserting::value::plain_value(&value).to_owned());
    let status = prop::sample::select(&InsertStatus::ALL[..]);
    let camera = "[A-Z]{0,2}";
    (at, value.clone(), prop::option::of(any::<u64>()), camera, value, status).prop_map(
        |(at, value, position, camera, card_value, status)| Read {
            line: 0,
            at,
            value,
            position,
            camera,
            card_value,
            status,
        },
    )
}

proptest! {
    #[test]
    fn reads_written_as_camera_csv_are_read_back(reads in prop::collection::vec(a_read(), 0..20), delimiter in "[,;\t]") {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter.as_bytes()[0]).from_writer(Vec::new());
        writer.write_record(["read_at", "value", "position", "camera", "card_value", "status"]).expect("memory");
        for read in &reads {
            let position = read.position.map(|position| position.to_string()).unwrap_or_default();
            let cells = [&read.at, &read.value, &position, &read.camera, &read.card_value, read.status.name()];
            writer.write_record(cells).expect("memory");
        }
        let bytes = writer.into_inner().expect("memory");
        let report = camera(&bytes);
        prop_assert!(report.faults.is_empty() && !report.unfinished);
        let numbered = reads.into_iter().zip(2..).map(|(read, line)| Read { line, ..read });
        prop_assert_eq!(report.reads, numbered.collect::<Vec<_>>());
    }
}
