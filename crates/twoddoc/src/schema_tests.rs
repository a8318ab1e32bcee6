//! The JSON Schema of a report, `fixtures/report.schema.json`, made from the types. `PLI_WRITE_SCHEMAS=1` writes it anew.

use std::path::Path;

use schemars::generate::SchemaSettings;

use super::VerificationReport;

#[test]
fn the_schema_of_a_report_is_that_of_its_types() {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut made = settings.for_serialize().into_generator().into_root_schema_for::<VerificationReport>();
    made.insert("title".to_owned(), "What a 2D-DOC says".into());
    let text = serde_json::to_string_pretty(&made).unwrap() + "\n";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/report.schema.json");
    if std::env::var_os("PLI_WRITE_SCHEMAS").is_some() {
        fs_err::write(&file, &text).unwrap();
    }
    let there = fs_err::read_to_string(&file).unwrap();
    assert!(there == text, "fixtures/report.schema.json is written anew by `PLI_WRITE_SCHEMAS=1`");
}
