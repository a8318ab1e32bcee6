//! The job file's `[inserter]`: what the folding and inserting machines read on a sheet, one table for each machine.
//!
//! A template says where marks are drawn (`omr`, `control-code`); these keys say what they look like.

use serde::{Deserialize, Serialize};

mod fault;
mod results;

use fault::{MAX_CONTENT, PLACEHOLDERS};

pub use fault::InserterFault;
pub use results::{
    FieldPlace, Fields, InsertStatus, Lists, ReportField, ReportFormat, Results, ResultsFault, Span,
};

/// The inserting machines. Letters and mailers never share a run, and may not share a machine.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Inserter {
    /// The machine of the letters.
    pub letters: Machine,
    /// The machine of the mailers.
    pub mailers: Machine,
}

/// What one machine reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Machine {
    /// Distance from the top of one OMR mark to the top of the next, in millimetres.
    pub omr_pitch_mm: f64,
    /// Length of an OMR mark, in millimetres.
    pub omr_length_mm: f64,
    /// Thickness of an OMR mark, in millimetres.
    pub omr_thickness_mm: f64,
    /// The meaning of each mark of the strip, from the top.
    pub omr_marks: Vec<OmrBit>,
    /// The sequence marks count pieces modulo this number.
    pub sequence_modulus: u32,
    /// Whether the number of marks of a sheet, the parity mark included, is even or odd.
    pub parity: Parity,
    /// The text of the control code, with placeholders.
    pub code_content: String,
    /// The module of the control code, in millimetres.
    pub code_module_mm: f64,
    /// The files in which the machine reports its pieces. Not written where the settings of pages are kept.
    #[serde(skip_serializing)]
    pub results: Results,
}

impl Default for Machine {
    /// Marks of 7.5 × 0.5 mm, six to the inch, as common inserters read them (PB DI600 manual p. 75), and a code that
    /// names the sheet.
    fn default() -> Machine {
        use OmrBit::{Benchmark, EndOfSet, Parity as ParityBit, Safety, Sequence1, Sequence2, Sequence4};
        Machine {
            omr_pitch_mm: 4.23,
            omr_length_mm: 7.5,
            omr_thickness_mm: 0.5,
            omr_marks: vec![Benchmark, Safety, EndOfSet, Sequence1, Sequence2, Sequence4, ParityBit],
            sequence_modulus: 8,
            parity: Parity::Even,
            code_content: "{kind}{lot}{sequence}{sheet}{sheets}".to_owned(),
            code_module_mm: 0.508,
            results: Results::default(),
        }
    }
}

/// What one mark of the strip means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OmrBit {
    /// Always there: the reader finds the strip by it.
    Benchmark,
    /// Always there: a strip without it was misread.
    Safety,
    /// On the first sheet of a piece.
    StartOfSet,
    /// On the last sheet of a piece.
    EndOfSet,
    /// Bit 1 of the piece's sequence.
    #[serde(rename = "sequence_1")]
    Sequence1,
    /// Bit 2 of the sequence.
    #[serde(rename = "sequence_2")]
    Sequence2,
    /// Bit 4 of the sequence.
    #[serde(rename = "sequence_4")]
    Sequence4,
    /// Bit 8 of the sequence.
    #[serde(rename = "sequence_8")]
    Sequence8,
    /// Bit 16 of the sequence.
    #[serde(rename = "sequence_16")]
    Sequence16,
    /// Bit 32 of the sequence.
    #[serde(rename = "sequence_32")]
    Sequence32,
    /// Makes the number of marks even or odd.
    Parity,
}

impl OmrBit {
    /// The weight of a sequence mark; `None` for the other marks.
    pub fn weight(self) -> Option<u32> {
        match self {
            OmrBit::Sequence1 => Some(1),
            OmrBit::Sequence2 => Some(2),
            OmrBit::Sequence4 => Some(4),
            OmrBit::Sequence8 => Some(8),
            OmrBit::Sequence16 => Some(16),
            OmrBit::Sequence32 => Some(32),
            _ => None,
        }
    }
}

/// The parity of a sheet's marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parity {
    /// An even number of marks.
    Even,
    /// An odd number of marks.
    Odd,
}

impl Inserter {
    /// Checks the values of both machines.
    ///
    /// # Errors
    /// The first [`InserterFault`], the letters' machine first.
    pub fn check(&self) -> Result<(), InserterFault> {
        self.letters.check()?;
        self.mailers.check()?;
        let results = [
            ("inserter.letters.results", &self.letters.results),
            ("inserter.mailers.results", &self.mailers.results),
        ];
        results.into_iter().try_for_each(|(table, results)| {
            results.check().map_err(|fault| InserterFault::Results { table, fault })
        })
    }
}

impl Machine {
    fn check(&self) -> Result<(), InserterFault> {
        let (pitch, thickness) = (self.omr_pitch_mm, self.omr_thickness_mm);
        ranged((2.0..=15.0).contains(&pitch), "omr_pitch_mm", "2 to 15 millimetres")?;
        ranged((3.0..=20.0).contains(&self.omr_length_mm), "omr_length_mm", "3 to 20 millimetres")?;
        let apart = (0.2..=pitch / 2.0).contains(&thickness);
        ranged(apart, "omr_thickness_mm", "0.2 millimetres to half the pitch")?;
        self.check_marks()?;
        self.check_modulus()?;
        check_content(&self.code_content)?;
        ranged((0.2..=2.0).contains(&self.code_module_mm), "code_module_mm", "0.2 to 2 millimetres")
    }

    /// A strip has its benchmark at one end and an end of set; its sequence marks count from one without a gap.
    fn check_marks(&self) -> Result<(), InserterFault> {
        let marks = &self.omr_marks;
        let repeated = marks.iter().enumerate().any(|(index, mark)| marks[..index].contains(mark));
        let benchmark = [marks.first(), marks.last()].contains(&Some(&OmrBit::Benchmark));
        let mut weights: Vec<u32> = marks.iter().filter_map(|mark| mark.weight()).collect();
        weights.sort_unstable();
        let gap = weights.iter().zip(0..).any(|(weight, power)| *weight != 1 << power);
        match () {
            () if repeated => Err(InserterFault::RepeatedMark),
            () if !benchmark => Err(InserterFault::NoBenchmark),
            () if !marks.contains(&OmrBit::EndOfSet) => Err(InserterFault::NoEndOfSet),
            () if gap => Err(InserterFault::SequenceGap),
            () => Ok(()),
        }
    }

    /// The sequence marks can show every value below the modulus. A strip without sequence marks has no modulus.
    fn check_modulus(&self) -> Result<(), InserterFault> {
        let largest = 1 + self.omr_marks.iter().filter_map(|mark| mark.weight()).sum::<u32>();
        match largest == 1 || (2..=largest).contains(&self.sequence_modulus) {
            true => Ok(()),
            false => Err(InserterFault::Modulus { largest }),
        }
    }
}

fn ranged(within: bool, key: &'static str, range: &'static str) -> Result<(), InserterFault> {
    if within { Ok(()) } else { Err(InserterFault::Range { key, range }) }
}

/// A control code has known placeholders, plain characters between them, and names the piece.
fn check_content(content: &str) -> Result<(), InserterFault> {
    let mut rest = content;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, following) = after.split_once('}').ok_or(InserterFault::UnclosedPlaceholder)?;
        if !PLACEHOLDERS.contains(&name) {
            return Err(InserterFault::UnknownPlaceholder(name.to_owned()));
        }
        if !is_plain(before) {
            return Err(InserterFault::ContentCharacter);
        }
        rest = following;
    }
    match () {
        () if !is_plain(rest) => Err(InserterFault::ContentCharacter),
        () if content.len() > MAX_CONTENT => Err(InserterFault::ContentLength),
        () if !(content.contains("{lot}") && content.contains("{sequence}")) => {
            Err(InserterFault::PieceNotNamed)
        }
        () => Ok(()),
    }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b" -./:".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_sound() {
        assert_eq!(Inserter::default().check(), Ok(()));
    }

    #[test]
    fn marks_that_a_machine_could_not_read_are_refused() {
        let with = |marks: &[OmrBit]| Machine { omr_marks: marks.to_vec(), ..Machine::default() };
        use OmrBit::{Benchmark, EndOfSet, Sequence1, Sequence4};
        for marks in [
            &[][..],
            &[EndOfSet, Benchmark, Sequence1],
            &[Benchmark, Sequence1],
            &[Benchmark, EndOfSet, EndOfSet],
            &[Benchmark, EndOfSet, Sequence4],
        ] {
            assert_eq!(with(marks).check().map_err(|fault| fault.key()), Err("omr_marks"), "{marks:?}");
        }
        let counted = with(&[Benchmark, EndOfSet, Sequence1]);
        assert_eq!(counted.check().map_err(|fault| fault.key()), Err("sequence_modulus"));
        assert_eq!(Machine { sequence_modulus: 2, ..counted }.check(), Ok(()));
        assert_eq!(with(&[EndOfSet, Benchmark]).check(), Ok(()), "a strip without sequence has no modulus");
    }

    #[test]
    fn a_control_code_names_a_piece_and_nothing_of_a_person() {
        assert_eq!(check_content("{lot}-{sequence}"), Ok(()));
        for content in
            ["{lot}{sequence}{last_name}", "{lot}{sequence}{pin}", "{lot}{card_number}", "{lot", "{lot}"]
        {
            assert!(check_content(content).is_err(), "{content}");
        }
        assert!(check_content("{lot}{sequence}é").is_err() && check_content("é{lot}{sequence}").is_err());
    }
}
