//! Other people's tools: poppler, qpdf, libdmtx, zbar, age.

use std::io::Write;
use std::path::Path;
use std::process::Command;

/// Runs a tool; `None`, said by name past the capture of the test harness, where it is not installed.
pub fn tool(name: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    match Command::new(name).args(arguments).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{name} {arguments:?}: {said}");
            Some(output.stdout)
        }
        Err(_) => {
            let _ = writeln!(std::io::stderr(), "skipped: `{name}` is not installed");
            None
        }
    }
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
