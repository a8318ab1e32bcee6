//! The job file's `[inserter]`: how the machines that fold and insert read a sheet, one table for each.
//!
//! Marks are drawn only where a template has `omr` or `control-code`; the keys say what they look like.

use serde::Deserialize;

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
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Machine {
    /// From the top of one OMR mark to that of the next, in millimetres.
    pub omr_pitch_mm: f64,
    /// Length of an OMR mark, in millimetres.
    pub omr_length_mm: f64,
    /// Thickness of an OMR mark, in millimetres.
    pub omr_thickness_mm: f64,
    /// The places of the OMR marks, from the top.
    pub omr_marks: Vec<OmrBit>,
    /// The pieces are counted modulo this number in the sequence marks.
    pub sequence_modulus: u32,
    /// Whether the number of marks of a sheet, the parity mark included, is even or odd.
    pub parity: Parity,
    /// What the control code says: text with placeholders.
    pub code_content: String,
    /// The module of the control code, in millimetres.
    pub code_module_mm: f64,
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
        }
    }
}

/// What the mark of one place means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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
    /// One of the piece's sequence.
    #[serde(rename = "sequence_1")]
    Sequence1,
    /// Two of it.
    #[serde(rename = "sequence_2")]
    Sequence2,
    /// Four of it.
    #[serde(rename = "sequence_4")]
    Sequence4,
    /// Eight of it.
    #[serde(rename = "sequence_8")]
    Sequence8,
    /// Sixteen of it.
    #[serde(rename = "sequence_16")]
    Sequence16,
    /// Thirty-two of it.
    #[serde(rename = "sequence_32")]
    Sequence32,
    /// Makes the number of marks even or odd.
    Parity,
}

impl OmrBit {
    /// What a sequence mark counts; `None` for the others.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parity {
    /// An even number of marks.
    Even,
    /// An odd number of marks.
    Odd,
}

/// What a control code may say. Nothing of a person or a card is among it, and no code.
pub const PLACEHOLDERS: [&str; 5] = ["kind", "lot", "sequence", "sheet", "sheets"];

impl Inserter {
    /// The first value that is out of range: its key and what to do.
    pub fn fault(&self) -> Option<(&'static str, String)> {
        self.letters.fault().or_else(|| self.mailers.fault())
    }
}

impl Machine {
    fn fault(&self) -> Option<(&'static str, String)> {
        let told = |ok: bool, key, message: &str| (!ok).then(|| (key, message.to_owned()));
        let (pitch, thickness) = (self.omr_pitch_mm, self.omr_thickness_mm);
        told((2.0..=15.0).contains(&pitch), "omr_pitch_mm", "write 2 to 15 millimetres")
            .or_else(|| {
                let range = 3.0..=20.0;
                told(range.contains(&self.omr_length_mm), "omr_length_mm", "write 3 to 20 millimetres")
            })
            .or_else(|| {
                let apart = (0.2..=pitch / 2.0).contains(&thickness);
                told(apart, "omr_thickness_mm", "write 0.2 millimetres to half the pitch")
            })
            .or_else(|| self.marks_fault().map(|message| ("omr_marks", message)))
            .or_else(|| self.modulus_fault().map(|message| ("sequence_modulus", message)))
            .or_else(|| content_fault(&self.code_content).map(|message| ("code_content", message)))
            .or_else(|| {
                let range = 0.2..=2.0;
                told(range.contains(&self.code_module_mm), "code_module_mm", "write 0.2 to 2 millimetres")
            })
    }

    /// A strip has its benchmark at one end and an end of set; sequence marks count from one without a gap.
    fn marks_fault(&self) -> Option<String> {
        let marks = &self.omr_marks;
        let twice = marks.iter().enumerate().any(|(at, mark)| marks[..at].contains(mark));
        let at_end = [marks.first(), marks.last()].contains(&Some(&OmrBit::Benchmark));
        let mut weights: Vec<u32> = marks.iter().filter_map(|mark| mark.weight()).collect();
        weights.sort_unstable();
        let gap = weights.iter().zip(0..).any(|(weight, power)| *weight != 1 << power);
        let message = match () {
            () if twice => "names a mark twice",
            () if !at_end => "must begin or end with \"benchmark\", by which the machine finds the strip",
            () if !marks.contains(&OmrBit::EndOfSet) => {
                "must have \"end_of_set\", by which the machine closes a piece"
            }
            () if gap => "must have the sequence marks from \"sequence_1\" on, without a gap",
            () => return None,
        };
        Some(message.to_owned())
    }

    /// The sequence marks hold every value of the count.
    fn modulus_fault(&self) -> Option<String> {
        let most = 1 + self.omr_marks.iter().filter_map(|mark| mark.weight()).sum::<u32>();
        let ok = most == 1 || (2..=most).contains(&self.sequence_modulus);
        (!ok).then(|| format!("write 2 to {most}, which is what the sequence marks of `omr_marks` can count"))
    }
}

/// Known placeholders, and between them nothing that takes a code more room than it is worth.
fn content_fault(content: &str) -> Option<String> {
    let mut rest = content;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, following)) = after.split_once('}') else {
            return Some("a `{` is not closed".to_owned());
        };
        if !PLACEHOLDERS.contains(&name) {
            let known = PLACEHOLDERS.map(|name| format!("{{{name}}}")).join(" ");
            return Some(format!("a control code can't say `{{{name}}}`; it has {known}"));
        }
        if !plain(before) {
            break;
        }
        rest = following;
    }
    match () {
        () if !plain(rest) => {
            Some("between the placeholders write capitals, digits, space and -./: only".to_owned())
        }
        () if content.len() > 60 => Some("write at most 60 characters".to_owned()),
        () if !(content.contains("{lot}") && content.contains("{sequence}")) => {
            Some("must have {lot} and {sequence}, which name the piece".to_owned())
        }
        () => None,
    }
}

fn plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b" -./:".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_sound() {
        assert_eq!(Inserter::default().fault(), None);
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
            assert_eq!(with(marks).fault().map(|fault| fault.0), Some("omr_marks"), "{marks:?}");
        }
        let counted = with(&[Benchmark, EndOfSet, Sequence1]);
        assert_eq!(counted.fault().map(|fault| fault.0), Some("sequence_modulus"));
        assert_eq!(Machine { sequence_modulus: 2, ..counted }.fault(), None);
        assert_eq!(with(&[EndOfSet, Benchmark]).fault(), None, "a strip without sequence has no modulus");
    }

    #[test]
    fn a_control_code_names_a_piece_and_nothing_of_a_person() {
        assert_eq!(content_fault("{lot}-{sequence}"), None);
        for content in
            ["{lot}{sequence}{last_name}", "{lot}{sequence}{pin}", "{lot}{card_number}", "{lot", "{lot}"]
        {
            assert!(content_fault(content).is_some(), "{content}");
        }
        assert!(content_fault("{lot}{sequence}é").is_some() && content_fault("é{lot}{sequence}").is_some());
    }
}
