//! A judge that is not there.

use std::io::Write as _;

/// Fails the test: what judges its result is not there. With `PLI_SKIP_MISSING=1` the test is skipped, which is written
/// past the capture of the test harness.
///
/// # Panics
/// `PLI_SKIP_MISSING` is not `1`.
pub(crate) fn missing(judge: &str) {
    let skip = std::env::var_os("PLI_SKIP_MISSING").is_some_and(|value| value == "1");
    assert!(skip, "{judge} is not installed: `tests/run` installs it, `PLI_SKIP_MISSING=1` skips the test");
    let _ = writeln!(std::io::stderr(), "skipped: {judge} is not installed");
}
