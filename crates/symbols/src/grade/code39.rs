//! The grade of a Code 39 by ISO/IEC 15416: ten lines over the bars, each with its parameters.

use super::aperture::{View, disc};
use super::profile::{Profile, extremes};
use super::widths::{Means, Widths};
use super::{Measure, Parameter, hundredths, letter, worst};
use crate::code39::{Code39, Code39Reading};
use crate::locate::Point;
use crate::picture::Picture;

/// Scan lines.
const SCANS: usize = 10;
/// The part of the bars' height at each end that no line crosses.
const OUTSIDE_BAND: f32 = 0.1;
/// The quiet zone at each side, in X dimensions (ISO/IEC 16388 4.4 d).
const QUIET_ZONE: f32 = 10.0;
/// The quiet zone that counts as whole: where it ends shows a picture to a quarter of X.
const LEAST_QUIET_ZONE: f32 = QUIET_ZONE - 0.25;
/// What is looked at beside the bars, in X dimensions.
const BESIDE: f32 = 12.0;
/// Samples of a profile in an X dimension.
const SAMPLES: f32 = 12.0;
/// The diameter of the aperture in X dimensions: 0.125 mm for 0.254 mm (ISO/IEC 15416, table of apertures).
const APERTURE: f32 = 0.5;
/// The most samples of a profile.
const MOST_SAMPLES: f32 = 60_000.0;

/// The grade of a Code 39. Indicative: the picture's levels are no calibrated reflectances.
#[derive(Debug, Clone, PartialEq)]
pub struct Code39Grade {
    /// The ten scan lines, from the upper end of the bars down. Empty if the picture does not hold the symbol.
    pub scans: Vec<ScanGrade>,
    /// The mean of the scan lines' grades, from 4.0 to 0.0.
    pub overall: f32,
    /// The letter of the overall grade, A to F.
    pub letter: char,
    /// The X dimension in pixels. Below 3 pixels the lens and the pixels of the scanner are graded rather than the print.
    pub x_pixels: f32,
    /// Width of wide elements over that of narrow ones: the mean of the lines that were decoded. Not graded.
    pub ratio: Option<f32>,
    /// How much wider bars are than printed for, in percent of X: the mean of the lines that were decoded. Not graded.
    pub bar_growth: Option<f32>,
    /// Whether the picture has two levels only: then contrast, modulation and defects say nothing of the ink.
    pub bilevel: bool,
}

/// The grade of one scan line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScanGrade {
    /// 4 if edges were found for each element and the reference algorithm decodes the text that was read, else 0.
    pub decode: u8,
    /// The highest reflectance of bars, spaces and quiet zones, in percent.
    pub maximum_reflectance: f32,
    /// The lowest reflectance.
    pub minimum_reflectance: Parameter,
    /// The highest reflectance less the lowest.
    pub symbol_contrast: Parameter,
    /// The least difference of reflectance of a bar and a space beside it.
    pub minimum_edge_contrast: Parameter,
    /// Minimum edge contrast, as a part of the symbol contrast.
    pub modulation: Parameter,
    /// The greatest unevenness within a bar, a space or a quiet zone, as a part of the symbol contrast.
    pub defects: Parameter,
    /// The room that widths have before a narrow element is taken for a wide one, as a part of the ideal room.
    pub decodability: Parameter,
    /// The smaller of the two quiet zones, in X dimensions, and 10 where it is more.
    pub quiet_zone: Parameter,
    /// The least grade of all.
    pub grade: u8,
}

/// Grades a Code 39 that was read on a picture.
///
/// ```
/// use symbols::code39::{Code39, Ratio};
/// use symbols::grade::grade_code39;
/// use symbols::{Effort, Picture, read_code39s};
///
/// let layout = Code39::new("2800012345")?.layout(6, Ratio::TwoAndHalf, 0)?;
/// let dark = |x: u32, y: u32| (40..240).contains(&y) && layout.bars.iter().any(|bar| (bar.x..bar.x + bar.width).contains(&x));
/// let pixels: Vec<u8> = (0..layout.width_dots * 280)
///     .flat_map(|pixel| match dark(pixel % layout.width_dots, pixel / layout.width_dots) {
///         true => [20, 20, 20, 255],
///         false => [240, 240, 240, 255],
///     })
///     .collect();
/// let picture = Picture::from_rgba(layout.width_dots, 280, pixels)?;
/// let grade = grade_code39(&picture, &read_code39s(&picture, &Effort::unlimited())[0]);
/// assert_eq!((grade.letter, grade.overall), ('A', 4.0));
/// // 240 and 20 of 255.
/// assert_eq!(grade.scans[0].symbol_contrast.value, Some(86.27));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn grade_code39(picture: &Picture, reading: &Code39Reading) -> Code39Grade {
    Bars::of(picture, reading).map_or(Code39Grade::UNKNOWN, |bars| bars.grade())
}

impl Code39Grade {
    const UNKNOWN: Code39Grade = Code39Grade {
        scans: Vec::new(),
        overall: 0.0,
        letter: 'F',
        x_pixels: 0.0,
        ratio: None,
        bar_growth: None,
        bilevel: false,
    };

    /// The parameters by name: the mean of the scan lines' values and grades.
    #[must_use]
    pub fn measures(&self) -> Vec<Measure> {
        let measure = |index: usize| {
            let all = self.scans.iter().map(|scan| scan.parameters()[index]);
            let grades = all.clone().map(|(_, parameter)| f32::from(parameter.grade));
            let name = ScanGrade::UNKNOWN.parameters()[index].0;
            let value = mean(all.filter_map(|(_, parameter)| parameter.value)).and_then(hundredths);
            Measure { name, value, grade: mean(grades).unwrap_or_default() }
        };
        (0..ScanGrade::UNKNOWN.parameters().len()).map(measure).collect()
    }

    /// The name of the parameter with the lowest grade. `None` if all scan lines have grade 4 everywhere.
    #[must_use]
    pub fn worst(&self) -> Option<&'static str> {
        worst(&self.measures())
    }
}

impl ScanGrade {
    const UNKNOWN: ScanGrade = ScanGrade {
        decode: 0,
        maximum_reflectance: 0.0,
        minimum_reflectance: Parameter::UNKNOWN,
        symbol_contrast: Parameter::UNKNOWN,
        minimum_edge_contrast: Parameter::UNKNOWN,
        modulation: Parameter::UNKNOWN,
        defects: Parameter::UNKNOWN,
        decodability: Parameter::UNKNOWN,
        quiet_zone: Parameter::UNKNOWN,
        grade: 0,
    };

    /// The parameters by name.
    #[must_use]
    pub fn parameters(&self) -> [(&'static str, Parameter); 8] {
        [
            ("decode", Parameter { value: None, grade: self.decode }),
            ("minimum_reflectance", self.minimum_reflectance),
            ("symbol_contrast", self.symbol_contrast),
            ("minimum_edge_contrast", self.minimum_edge_contrast),
            ("modulation", self.modulation),
            ("defects", self.defects),
            ("decodability", self.decodability),
            ("quiet_zone", self.quiet_zone),
        ]
    }

    /// What the extremes of a profile say.
    fn of_extremes((least, most): (f32, f32)) -> ScanGrade {
        let (least, most) = (100.0 * least, 100.0 * most);
        // At the limit of half the maximum the grade must not hang on how the two were rounded.
        let dark = least <= most / 2.0 + 0.005;
        ScanGrade {
            maximum_reflectance: hundredths(most).unwrap_or_default(),
            minimum_reflectance: Parameter { value: hundredths(least), grade: if dark { 4 } else { 0 } },
            symbol_contrast: Parameter::at_least(most - least, [70.0, 55.0, 40.0, 20.0]),
            ..ScanGrade::UNKNOWN
        }
    }

    /// The scan with its grade: the least of its parameters'.
    fn graded(self) -> ScanGrade {
        let least = self.parameters().iter().map(|(_, parameter)| parameter.grade).min();
        ScanGrade { grade: least.unwrap_or_default(), ..self }
    }
}

/// A symbol in its part of the picture.
struct Bars {
    view: View,
    /// The corners of the bars in the view, as in [`Code39Reading::polygon`].
    corners: [Point; 4],
    /// Which elements are wide.
    elements: Vec<bool>,
    /// The X dimension in pixels, by the length of the symbol.
    x: f32,
}

/// A scan line, measured.
struct Scan {
    grade: ScanGrade,
    means: Option<Means>,
}

impl Bars {
    fn of(picture: &Picture, reading: &Code39Reading) -> Option<Bars> {
        let elements = Code39::new(&reading.text).ok()?.elements().to_vec();
        let corners = reading.polygon.map(|[x, y]| (x, y));
        let [start, end, lower_end, lower_start] = corners;
        let length = (distance(start, end) + distance(lower_start, lower_end)) / 2.0;
        // A character has about 13.5 X, and a gap of 1 X. Its true width is measured later.
        let characters = (elements.len() + 1) as f32 / 10.0;
        let x = length / (14.5 * characters - 1.0);
        let view = View::around(picture, &corners, (BESIDE + 1.0) * x)?;
        let corners = corners.map(|corner| view.local(corner));
        (x > 0.1).then_some(Bars { view, corners, elements, x })
    }

    fn grade(&self) -> Code39Grade {
        let scans: Vec<Scan> = (0..SCANS).map(|index| self.scan(index)).collect();
        let means = || scans.iter().filter_map(|scan| scan.means);
        let samples = mean(means().map(|means| means.narrow));
        let overall = mean(scans.iter().map(|scan| f32::from(scan.grade.grade))).unwrap_or_default();
        Code39Grade {
            overall,
            letter: letter(overall),
            x_pixels: samples.unwrap_or(self.x),
            ratio: mean(means().map(|means| means.ratio)).and_then(hundredths),
            bar_growth: mean(means().map(|means| 100.0 * means.growth)).and_then(hundredths),
            bilevel: self.view.is_bilevel(),
            scans: scans.into_iter().map(|scan| scan.grade).collect(),
        }
    }

    /// Measures one of the scan lines.
    fn scan(&self, index: usize) -> Scan {
        let part = OUTSIDE_BAND + (1.0 - 2.0 * OUTSIDE_BAND) * (index as f32 + 0.5) / SCANS as f32;
        let [start, end, lower_end, lower_start] = self.corners;
        let (from, to) = (between(start, lower_start, part), between(end, lower_end, part));
        let length = distance(from, to);
        let step = (self.x / SAMPLES).max(length / MOST_SAMPLES);
        let (samples, before) = self.samples(from, to, step);
        let last = before + length / step;
        let quiet = BESIDE * self.x / step;
        match Profile::divided(&samples, before, last, quiet) {
            Some(profile) => self.measured(&profile, step),
            None => {
                let grade = extremes(&samples).map_or(ScanGrade::UNKNOWN, ScanGrade::of_extremes);
                Scan { grade: ScanGrade { grade: 0, ..grade }, means: None }
            }
        }
    }

    /// The reflectances along a line and beside it, a sample for each `step` pixels, as far as the picture shows them, and how
    /// many lie before the line.
    fn samples(&self, from: Point, to: Point, step: f32) -> (Vec<f32>, f32) {
        let length = distance(from, to).max(f32::MIN_POSITIVE);
        let (dx, dy) = ((to.0 - from.0) / length * step, (to.1 - from.1) / length * step);
        let aperture = disc(APERTURE * self.x / 2.0);
        let beside = BESIDE * self.x / step;
        let count = (2.0 * beside + length / step) as usize + 1;
        let place = |index: usize| {
            let along = index as f32 - beside;
            (from.0 + dx * along, from.1 + dy * along)
        };
        let shown = |index: &usize| self.view.contains(place(*index));
        let first = (0..count).find(shown).unwrap_or(count);
        let samples = (first..count).take_while(shown).map(|index| {
            let (x, y) = place(index);
            self.view.reflectance(aperture.iter().map(|point| (x + point.0, y + point.1)))
        });
        (samples.collect(), beside - first as f32)
    }

    /// The parameters of a profile with a sample for each `step` pixels.
    fn measured(&self, profile: &Profile, step: f32) -> Scan {
        let grade = ScanGrade::of_extremes(profile.extremes);
        let widths = Widths::between(&profile.edges);
        let decoded = widths.decode_to(&self.elements);
        let means = widths.means(&self.elements).filter(|_| decoded);
        let Some(means) = means else { return Scan { grade: ScanGrade { grade: 0, ..grade }, means } };
        let contrast = profile.extremes.1 - profile.extremes.0;
        let edge = 100.0 * profile.least_edge_contrast();
        let quiet_zone = (profile.quiet_zone / means.narrow).min(QUIET_ZONE);
        let limits = [70.0, 60.0, 50.0, 40.0];
        let grade = ScanGrade {
            decode: 4,
            minimum_edge_contrast: Parameter::at_least(edge, [15.0; 4]),
            modulation: Parameter::at_least(edge / contrast, limits),
            defects: Parameter::at_most(
                100.0 * profile.greatest_non_uniformity() / contrast,
                [15.0, 20.0, 25.0, 30.0],
            ),
            decodability: Parameter::at_least(
                100.0 * widths.decodability(&self.elements, &means),
                [62.0, 50.0, 37.0, 25.0],
            ),
            quiet_zone: Parameter::at_least(quiet_zone, [LEAST_QUIET_ZONE; 4]),
            ..grade
        };
        Scan { grade: grade.graded(), means: Some(Means { narrow: means.narrow * step, ..means }) }
    }
}

fn distance(from: Point, to: Point) -> f32 {
    (to.0 - from.0).hypot(to.1 - from.1)
}

fn between(from: Point, to: Point, part: f32) -> Point {
    (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
}

/// The mean. `None` of nothing.
fn mean(values: impl Iterator<Item = f32>) -> Option<f32> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then_some(sum / count)
}
