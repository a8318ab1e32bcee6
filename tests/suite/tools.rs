//! Other people's tools: poppler, qpdf, libdmtx, zbar, openssl, Python's libraries. A missing one fails the test, or skips
//! it with `PLI_SKIP_MISSING=1`: every function here then returns `None`.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use crate::missing::missing;

/// Runs a tool and returns what it writes.
pub fn tool(name: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = output(name, arguments)?;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {arguments:?}: {errors}");
    Some(output.stdout)
}

/// Runs a tool that may fail.
pub fn output(name: &str, arguments: &[impl AsRef<OsStr>]) -> Option<Output> {
    match Command::new(name).args(arguments).output() {
        Ok(output) => Some(output),
        Err(_) => {
            missing(&format!("`{name}`"));
            None
        }
    }
}

/// The exit code of a Python script whose packages are not installed.
const NO_PACKAGE: i32 = 77;

/// Runs Python on a script that needs `package`, and returns what it writes.
pub fn python(package: &str, arguments: &[&str]) -> Option<String> {
    // Where `tests/run` and `cargo bench --bench twoddoc` install packages, and then the machine's own.
    let installed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python/bin/python3");
    let run = |python: &Path| Command::new(python).args(arguments).output().ok();
    let mut ran = [&installed, Path::new("python3")].into_iter().filter_map(run);
    let Some(output) = ran.find(|output| output.status.code() != Some(NO_PACKAGE)) else {
        missing(&format!("Python's {package}"));
        return None;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// The text of a PDF's pages.
pub fn pdf_text(pdf: &Path) -> Option<Vec<String>> {
    let bytes = tool("pdftotext", &["-layout", text(pdf), "-"])?;
    let all = String::from_utf8_lossy(&bytes).into_owned();
    Some(all.split('\u{c}').map(str::to_owned).collect())
}

/// Draws a part of a page: left, top, width, height in millimetres.
pub fn picture(pdf: &Path, page: u32, dpi: u32, part: [f64; 4], out: &Path) -> Option<()> {
    let pixels = |mm: f64| ((mm / 25.4 * f64::from(dpi)).round() as i64).to_string();
    let [x, y, w, h] = part.map(pixels);
    let (page, dpi) = (page.to_string(), dpi.to_string());
    let stem = out.with_extension("");
    let arguments = [
        "-r",
        &dpi,
        "-f",
        &page,
        "-l",
        &page,
        "-x",
        &x,
        "-y",
        &y,
        "-W",
        &w,
        "-H",
        &h,
        "-png",
        "-singlefile",
        text(pdf),
        text(&stem),
    ];
    tool("pdftoppm", &arguments).map(drop)
}
