//! Pictures of what a night printed.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::files::write_whole;
use crate::night::report::Report;
use crate::raster::OpenPdf;

/// Pixels per inch of pictures of a night.
const PICTURE_DPI: f64 = 110.0;

/// Writes a picture of the first piece of each variant that a night printed in clear.
///
/// # Errors
/// `manifest`: a manifest that can't be read; print files that can't be drawn; I/O errors.
pub(crate) fn pictures_of_variants(report: &Report, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let night = PathBuf::from(&report.folder);
    let mut pictures = Vec::new();
    fs_err::create_dir_all(folder)?;
    for lot in &report.lots {
        let manifest = night.join(&lot.manifest);
        let unreadable = |error: csv::Error| {
            Failure::midway("manifest", error.to_string()).in_file(manifest.display()).caused_by(error)
        };
        let mut table = csv::Reader::from_path(&manifest).map_err(unreadable)?;
        let mut seen: Vec<String> = Vec::new();
        for row in table.deserialize::<PrintedRow>() {
            let row = row.map_err(unreadable)?;
            if seen.contains(&row.variant) || !row.file.ends_with(".pdf") {
                continue;
            }
            let path = manifest.with_file_name(&row.file);
            let pdf = OpenPdf::open(&path)?;
            let renderer = pdf.renderer();
            for page in 0..row.pages {
                let name = format!("{} {} page {}.png", lot.kind, row.variant, page + 1).replace(' ', "_");
                let picture = folder.join(name);
                let drawn = renderer.picture(row.first_page + page, PICTURE_DPI)?;
                write_whole(&picture, &drawn.to_png()?)?;
                pictures.push(picture);
            }
            seen.push(row.variant);
        }
    }
    Ok(pictures)
}

/// What a picture needs of a manifest's row.
#[derive(serde::Deserialize)]
struct PrintedRow {
    file: String,
    first_page: u32,
    pages: u32,
    variant: String,
}
