//! Pictures of what a night printed.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{GrayImage, ImageFormat, imageops};

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
        let mut table = csv::Reader::from_path(&manifest).map_err(|error| unreadable(&manifest, error))?;
        let mut seen: Vec<String> = Vec::new();
        for row in table.deserialize::<PrintedRow>() {
            let row = row.map_err(|error| unreadable(&manifest, error))?;
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

/// Pixels per inch at which a clerk scans.
const SCAN_DPI: f64 = 200.0;

/// Writes scans of the fronts of a night's first three letters as they came back: one upright, one upside down, one turned.
/// A front is the upper half of the sheet, which an envelope's windows show.
///
/// # Errors
/// As [`pictures_of_variants`].
pub(crate) fn scans_of_envelopes(report: &Report, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let night = PathBuf::from(&report.folder);
    fs_err::create_dir_all(folder)?;
    let mut scans = Vec::new();
    for lot in report.lots.iter().take(1) {
        let manifest = night.join(&lot.manifest);
        let mut table = csv::Reader::from_path(&manifest).map_err(|error| unreadable(&manifest, error))?;
        for (number, row) in (1..=3).zip(table.deserialize::<PrintedRow>()) {
            let row = row.map_err(|error| unreadable(&manifest, error))?;
            let pdf = OpenPdf::open(&manifest.with_file_name(&row.file))?;
            let sheet = pdf.renderer().picture(row.first_page, SCAN_DPI)?;
            let (width, height) = (sheet.width(), sheet.height());
            let Some(sheet) = GrayImage::from_raw(width, height, sheet.to_luma()) else { continue };
            let front = imageops::crop_imm(&sheet, 0, 0, width, height / 2).to_image();
            let scan = match number {
                1 => front,
                2 => imageops::rotate180(&front),
                _ => imageops::rotate90(&front),
            };
            let picture = folder.join(format!("envelope-{number}.png"));
            let mut png = Cursor::new(Vec::new());
            scan.write_to(&mut png, ImageFormat::Png)
                .map_err(|error| std::io::Error::other(error.to_string()))?;
            write_whole(&picture, &png.into_inner())?;
            scans.push(picture);
        }
    }
    Ok(scans)
}

fn unreadable(manifest: &Path, error: csv::Error) -> Failure {
    Failure::midway("manifest", error.to_string()).in_file(manifest.display()).caused_by(error)
}

/// What a picture needs of a manifest's row.
#[derive(serde::Deserialize)]
struct PrintedRow {
    file: String,
    first_page: u32,
    pages: u32,
    variant: String,
}
