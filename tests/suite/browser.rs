//! The preview's page in Chromium: what a designer sees, clicks, presses and hears, and how soon a save is on the screen.

use std::io::Write as _;

use crate::tools::python;

#[test]
fn the_preview_in_chromium() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/preview.py");
    let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    let judge = "selenium and axe_playwright_python, or Chromium and its driver";
    let Some(said) = python(judge, &[script, env!("CARGO_BIN_EXE_pli"), templates]) else {
        return;
    };
    // Past the capture of the test harness: the figures are wanted from every run.
    let figures = said.lines().find(|line| line.contains("p95")).expect("figures");
    let _ = writeln!(std::io::stderr(), "preview in Chromium: {figures}");
}
