//! Whether a press and an inserter can print and read the marks of a template.

use mail::inserter::Machine;
use mail::lot::{LotName, LotPosition};
use mail::piece::PieceKind;
use print_file::Grid;
use symbols::code39::{Code39, Code39Error, Ratio};
use symbols::datamatrix::{self, TooLong};
use template::{Code39Mark, ControlCodeMark, Mark, OmrMark, TwoDDocMark};

use crate::control::{POINTS_PER_MM, SheetId};
use crate::symbol::QUIET_MODULES;

/// The narrowest element of Code 39 in millimetres.
const MIN_X_MM: f64 = 0.19;
/// A lot whose name is as long as that of every night's lot.
const SAMPLE_LOT: &str = "00000A";

/// A mark that the press can't print or the inserter can't read as the template has it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PressFault {
    /// The narrow element of Code 39 is too few dots.
    #[error("at {dpi} dpi the narrow element of code39 would be {dots} dots")]
    NarrowElement {
        /// The resolution of the press.
        dpi: u32,
        /// The narrow element in dots.
        dots: u32,
    },
    /// Code 39 can't be laid out.
    #[error("code39: {0}")]
    Code39(#[from] Code39Error),
    /// Code 39 is wider than its rectangle.
    #[error("at {dpi} dpi code39 needs {needed} dots and has {available}")]
    Code39Width {
        /// The resolution of the press.
        dpi: u32,
        /// The width it needs, in dots.
        needed: u32,
        /// The width of its rectangle, in dots.
        available: u32,
    },
    /// Code 39 is too low to be read.
    #[error("code39 must be {least} dots high at {dpi} dpi and is {height} (ISO/IEC 16388 4.4)")]
    Code39Height {
        /// The resolution of the press.
        dpi: u32,
        /// The least height, in dots.
        least: u32,
        /// Its height, in dots.
        height: u32,
    },
    /// The module of the 2D-DOC is too small for the press.
    #[error("the 2D-DOC's module is less than a dot of this press")]
    TwoDDocModule,
    /// The OMR marks are larger than their rectangle.
    #[error(
        "the marks of `inserter` need {width:.1} × {height:.1} mm with {clear:.1} mm clear around them, and `omr` has {has_width:.1} × {has_height:.1} mm"
    )]
    OmrRoom {
        /// The width they need, in millimetres.
        width: f64,
        /// The height they need, in millimetres.
        height: f64,
        /// What is left clear on each side, in millimetres.
        clear: f64,
        /// The width of the rectangle, in millimetres.
        has_width: f64,
        /// The height of the rectangle, in millimetres.
        has_height: f64,
    },
    /// The module of the control code is too small for the press.
    #[error("`code_module_mm` of `inserter` is less than a dot of this press")]
    ControlCodeModule,
    /// No symbol holds the text of the control code.
    #[error("`code_content` of `inserter`: {0}")]
    ControlCodeText(TooLong),
    /// The control code is larger than its rectangle.
    #[error("the code of `inserter` needs {needed} dots at {dpi} dpi and `control-code` has {available}")]
    ControlCodeRoom {
        /// The resolution of the press.
        dpi: u32,
        /// The width it needs, in dots.
        needed: u32,
        /// The width of its rectangle, in dots.
        available: u32,
    },
}

impl PressFault {
    /// The stable code of this kind of fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NarrowElement { .. } => "code39_narrow_element",
            Self::Code39(_) => "code39_layout",
            Self::Code39Width { .. } => "code39_width",
            Self::Code39Height { .. } => "code39_height",
            Self::TwoDDocModule => "twoddoc_module",
            Self::OmrRoom { .. } => "omr_room",
            Self::ControlCodeModule => "control_code_module",
            Self::ControlCodeText(_) => "control_code_text",
            Self::ControlCodeRoom { .. } => "control_code_room",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::NarrowElement { .. } => Some("give `x` more"),
            Self::Code39Width { .. } | Self::OmrRoom { .. } | Self::ControlCodeRoom { .. } => {
                Some("give it more room")
            }
            _ => None,
        }
    }
}

/// A press, and the inserter that reads its sheets.
pub(crate) struct Press {
    pub(crate) grid: Grid,
    /// Dots taken off every bar and module, since ink spreads.
    pub(crate) bar_width_reduction: u32,
    pub(crate) machine: Machine,
}

impl Press {
    /// Checks that a mark can be printed and read.
    ///
    /// # Errors
    /// The first [`PressFault`] of the mark.
    pub(crate) fn check(&self, mark: &Mark) -> Result<(), PressFault> {
        match mark {
            Mark::Code39(mark) => self.check_code39(mark),
            Mark::Omr(mark) => self.check_omr(mark),
            Mark::ControlCode(mark) => self.check_control_code(mark),
            Mark::TwoDDoc(mark) => self.check_twoddoc(mark),
            Mark::Text(_) | Mark::Confusion(_) | Mark::Area(_) => Ok(()),
        }
    }

    fn check_code39(&self, mark: &Code39Mark) -> Result<(), PressFault> {
        let dpi = self.grid.dpi();
        let dots = self.x_dots(mark);
        if f64::from(dots) * 25.4 / f64::from(dpi) < MIN_X_MM {
            return Err(PressFault::NarrowElement { dpi, dots });
        }
        let sample = Code39::new(&"0".repeat(mark.chars))?;
        let layout = sample.layout(dots, self.ratio(mark), self.bar_width_reduction)?;
        let (available, height) = (self.grid.dots(mark.rect.width), self.grid.dots(mark.rect.height));
        let (needed, least) = (layout.width_dots, layout.min_height_dots(dpi));
        if needed > available + 1 {
            return Err(PressFault::Code39Width { dpi, needed, available });
        }
        if height < least { Err(PressFault::Code39Height { dpi, least, height }) } else { Ok(()) }
    }

    fn check_twoddoc(&self, mark: &TwoDDocMark) -> Result<(), PressFault> {
        let cell = self.grid.dots(mark.module);
        let printable = cell > self.bar_width_reduction && cell > 0;
        if printable { Ok(()) } else { Err(PressFault::TwoDDocModule) }
    }

    fn check_omr(&self, mark: &OmrMark) -> Result<(), PressFault> {
        const SLACK_MM: f64 = 0.01;
        let machine = &self.machine;
        let clear = mark.clear / POINTS_PER_MM;
        let steps = machine.omr_marks.len().saturating_sub(1) as f64;
        let width = machine.omr_length_mm + 2.0 * clear;
        let height = steps * machine.omr_pitch_mm + machine.omr_thickness_mm + 2.0 * clear;
        let (has_width, has_height) = (mark.rect.width / POINTS_PER_MM, mark.rect.height / POINTS_PER_MM);
        match width <= has_width + SLACK_MM && height <= has_height + SLACK_MM {
            true => Ok(()),
            false => Err(PressFault::OmrRoom { width, height, clear, has_width, has_height }),
        }
    }

    fn check_control_code(&self, mark: &ControlCodeMark) -> Result<(), PressFault> {
        let cell = self.control_code_cell();
        if cell <= self.bar_width_reduction {
            return Err(PressFault::ControlCodeModule);
        }
        let sample = LotName::parse(SAMPLE_LOT).map(|lot| {
            let position = LotPosition { lot: &lot, kind: PieceKind::Letter, sequence: 1 };
            SheetId::new(position, 1, 1).control_code(&self.machine)
        });
        let size = datamatrix::required_size(sample.unwrap_or_default().as_bytes())
            .map_err(PressFault::ControlCodeText)?;
        let (needed, available) =
            ((size.side() as u32 + 2 * QUIET_MODULES) * cell, self.grid.dots(mark.rect.width));
        match needed <= available {
            true => Ok(()),
            false => Err(PressFault::ControlCodeRoom { dpi: self.grid.dpi(), needed, available }),
        }
    }

    /// The narrow element of Code 39 in dots.
    pub(crate) fn x_dots(&self, mark: &Code39Mark) -> u32 {
        self.grid.dots(mark.x)
    }

    /// The ratio of Code 39. It is 3 instead of 2.5 if the narrow element is an odd number of dots.
    pub(crate) fn ratio(&self, mark: &Code39Mark) -> Ratio {
        match mark.ratio == 2.5 && self.x_dots(mark).is_multiple_of(2) {
            true => Ratio::TwoAndHalf,
            false => Ratio::Three,
        }
    }

    /// The module of a control code in dots.
    pub(crate) fn control_code_cell(&self) -> u32 {
        self.grid.dots(self.machine.code_module_mm * POINTS_PER_MM)
    }
}
