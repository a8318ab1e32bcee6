//! How long readers take for good pages: the whole of it, from the file's bytes.

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage};
use returns_bench::severity::SCAN_JPEG;
use returns_bench::{Fault, FileFormat, Kind, Letters, Page, damage_file};

use crate::readers::{Budget, Judge, ours};
use crate::times::{mean, summary};

/// The readers that are compared with ours.
const PEERS: [&str; 2] = ["zxing", "zxing-easy"];
/// Files that are read before the clock counts, so that no reader pays for what it loads once.
const WARM_UP: usize = 1;

/// The files of good pages.
#[derive(Debug, Clone, Copy)]
enum Scan {
    /// Grey JPEG at 300 dpi.
    Grey,
    /// Group 4 at 300 dpi.
    Group4,
    /// JPEG in colour at 600 dpi.
    Colour600,
}

impl Scan {
    const ALL: [Scan; 3] = [Scan::Grey, Scan::Group4, Scan::Colour600];

    fn name(self) -> &'static str {
        match self {
            Scan::Grey => "300 dpi, grey JPEG",
            Scan::Group4 => "300 dpi, Group 4",
            Scan::Colour600 => "600 dpi, colour JPEG",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Scan::Grey | Scan::Colour600 => "jpg",
            Scan::Group4 => FileFormat::Group4.ending(),
        }
    }

    fn file(self, page: &Page, index: usize) -> Result<Vec<u8>, Fault> {
        match self {
            Scan::Grey => Ok(damage_file(page, Kind::Clean300, index as u64)?.0),
            Scan::Group4 => Ok(damage_file(page, Kind::Threshold300, index as u64)?.0),
            Scan::Colour600 => in_colour(&page.print),
        }
    }
}

/// A page as it was printed, as a picture in colour.
fn in_colour(print: &GrayImage) -> Result<Vec<u8>, Fault> {
    let mut file = Cursor::new(Vec::new());
    let colour = DynamicImage::ImageLuma8(print.clone()).into_rgb8();
    colour.write_with_encoder(JpegEncoder::new_with_quality(&mut file, SCAN_JPEG))?;
    Ok(file.into_inner())
}

/// Has our readers and zxing-cpp read `pages` good pages as each kind of file, and returns a table in Markdown.
pub fn table(
    letters: &Letters,
    pages: usize,
    budget: Budget,
    python: &Path,
    scratch: &Path,
) -> Result<String, Fault> {
    fs_err::create_dir_all(scratch)?;
    let mut judges: Vec<Judge> =
        PEERS.iter().map(|peer| Judge::start(python, peer)).collect::<Result<_, Fault>>()?;
    let mut text = "Processor time with the decoding of the file. Both: pages on which both symbols were read.\n\n\
                    | files | reader | pages | both | pages a second | ms: mean; p50; p99; worst |\n|---|---|---|---|---|---|\n"
        .to_owned();
    let mut ours_in_parts = String::new();
    for scan in Scan::ALL {
        let mut times = vec![Vec::new(); PEERS.len() + 1];
        let mut parts: [Vec<f64>; 3] = Default::default();
        let mut both = vec![0; PEERS.len() + 1];
        for index in 0..pages + WARM_UP {
            let page = letters.page(index)?;
            let file = scan.file(&page, index)?;
            let path = scratch.join(format!("speed-{index:03}.{}", scan.ending()));
            fs_err::write(&path, &file)?;
            let mut readings = vec![ours(&file, budget)];
            for judge in &mut judges {
                readings.push(judge.ask(&path.to_string_lossy())?);
            }
            fs_err::remove_file(&path)?;
            if index < WARM_UP {
                continue;
            }
            parts.iter_mut().zip(readings[0].parts).for_each(|(part, milliseconds)| part.push(milliseconds));
            for (reader, reading) in readings.iter().enumerate() {
                times[reader].push(reading.milliseconds);
                let read =
                    reading.code39.contains(&page.card_number) && reading.datamatrix.contains(&page.twoddoc);
                both[reader] += usize::from(read);
            }
        }
        for (reader, name) in ["ours"].into_iter().chain(PEERS).enumerate() {
            let (times, both) = (&times[reader], both[reader]);
            let rate = 1000.0 / mean(times).max(f64::MIN_POSITIVE);
            let (files, times) = (scan.name(), summary(times));
            let _ = writeln!(text, "| {files} | {name} | {pages} | {both} | {rate:.1} | {times} |");
        }
        let [file, bars, modules] = parts.map(|part| mean(&part));
        let _ = writeln!(
            ours_in_parts,
            "- {}: file {file:.0} ms, bars {bars:.0} ms, Data Matrix {modules:.0} ms",
            scan.name()
        );
    }
    let _ = write!(text, "\nOurs, on the mean:\n\n{ours_in_parts}");
    Ok(text)
}
