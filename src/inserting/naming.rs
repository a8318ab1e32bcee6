//! What a text that was read names: a card, a piece, a sheet or a mailer's tracking id. Knows no ledger: whether what it names
//! exists is another question.

use crate::job::Job;
use mail::card::CardNumber;
use mail::inserter::Machine;
use mail::lot::WrittenPiece;
use mail::piece::PieceKind;
use mail::tracking::TrackingId;

/// What a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// A card, by its number.
    Card(CardNumber),
    /// A piece, by its reference in any spelling.
    Piece(WrittenPiece),
    /// A piece, by the control code of one of its sheets.
    Sheet {
        /// The lot's name: `26327A`, or `26327A.1` for a lot of reprints.
        lot: String,
        /// Its kind; `None` where the control codes of this machine do not say it.
        kind: Option<PieceKind>,
        /// The piece's sequence in the lot.
        sequence: u32,
    },
    /// A mailer, by its tracking id, whose key fits.
    Tracking(TrackingId),
    /// Nothing that we write, or something that could be two things.
    Nothing,
}

/// How texts name pieces on the machine of one kind: its control codes, and the prefix of our tracking ids.
#[derive(Debug, Clone, Copy)]
pub(super) struct Naming<'j> {
    machine: &'j Machine,
    prefix: &'j str,
}

impl<'j> Naming<'j> {
    /// That of a job's machine of a kind.
    pub(super) fn of_job(job: &'j Job, kind: PieceKind) -> Naming<'j> {
        Naming { machine: job.machine(kind), prefix: job.mailers().tracking_prefix }
    }

    /// What a text names. Another product's tracking id names nothing of ours.
    pub(super) fn of(self, text: &str) -> Named {
        match Named::of(text, self.machine) {
            Named::Tracking(id) if TrackingId::new(self.prefix, id.number()).ok() != Some(id) => {
                Named::Nothing
            }
            named => named,
        }
    }
}

impl Named {
    /// What a text names on the machine of a kind, or on that of the other kind. Another product's tracking id names nothing of
    /// ours.
    pub(crate) fn in_job(job: &Job, text: &str) -> Named {
        let on_machine = |kind| Naming::of_job(job, kind).of(text);
        match on_machine(PieceKind::Letter) {
            Named::Nothing => on_machine(PieceKind::Mailer),
            named => named,
        }
    }

    /// What a text names, on a machine with these control codes. The text is as a reader gave it, without what readers add.
    pub fn of(text: &str, machine: &Machine) -> Named {
        if let Ok(card) = CardNumber::parse(text) {
            return Named::Card(card);
        }
        match (WrittenPiece::parse(text), sheet(text, machine)) {
            (Some(piece), Some(sheet)) if !sheet.is_of(&piece) => Named::Nothing,
            (Some(piece), _) => Named::Piece(piece),
            (None, Some(Sheet { lot: Some(lot), kind, sequence: Some(sequence), .. })) => {
                Named::Sheet { lot, kind, sequence }
            }
            (None, _) => TrackingId::parse(text).map_or(Named::Nothing, Named::Tracking),
        }
    }
}

/// What a control code says of its sheet, as far as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Sheet {
    kind: Option<PieceKind>,
    lot: Option<String>,
    sequence: Option<u32>,
    sheet: Option<u32>,
    sheets: Option<u32>,
}

/// The one way to read a text as a control code of this machine; `None` where there is none or more than one.
fn sheet(text: &str, machine: &Machine) -> Option<Sheet> {
    let mut found = Vec::new();
    // Readers drop blanks at the ends.
    read(machine.code_content.trim(), &text.to_ascii_uppercase(), &Sheet::default(), &mut found);
    found.dedup();
    found.pop().filter(|_| found.is_empty())
}

/// Adds to `found` each way in which `text` follows `template`. A lot of reprints ends in a number of open length, so there
/// may be several.
fn read(template: &str, text: &str, so_far: &Sheet, found: &mut Vec<Sheet>) {
    let placeholder = template.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let Some((name, template)) = placeholder else {
        let mut template = template.chars();
        match template.next() {
            None if text.is_empty() && so_far.is_possible() => found.push(so_far.clone()),
            Some(literal) => {
                if let Some(text) = text.strip_prefix(literal) {
                    read(template.as_str(), text, so_far, found);
                }
            }
            None => {}
        }
        return;
    };
    for length in lengths(name, text) {
        let Some((value, rest)) = text.split_at_checked(length) else { continue };
        if let Some(sheet) = so_far.with(name, value) {
            read(template, rest, &sheet, found);
        }
    }
}

/// How many characters of a text a placeholder may take.
fn lengths(name: &str, text: &str) -> Vec<usize> {
    match name {
        "kind" => vec![1],
        "lot" => lot_lengths(text),
        "sequence" => vec![6],
        "sheet" | "sheets" => vec![2],
        _ => vec![],
    }
}

/// The lengths of the lots that a text may begin with: `26327A`, and with each number of reprint lots behind it.
fn lot_lengths(text: &str) -> Vec<usize> {
    const NAME: usize = 6;
    const MOST_DIGITS: usize = 9;
    let name = text.as_bytes().get(..NAME);
    if !name.is_some_and(|name| name[..5].iter().all(u8::is_ascii_digit) && name[5].is_ascii_uppercase()) {
        return vec![];
    }
    let again = text.as_bytes()[NAME..].strip_prefix(b".").unwrap_or_default();
    let digits = again.iter().take(MOST_DIGITS).take_while(|byte| byte.is_ascii_digit()).count();
    let counted = if again.first() == Some(&b'0') { 0 } else { digits };
    std::iter::once(NAME).chain((1..=counted).map(|digits| NAME + 1 + digits)).collect()
}

impl Sheet {
    /// With what a placeholder says; `None` where the text is no such thing, or contradicts what another one said.
    fn with(&self, name: &str, value: &str) -> Option<Sheet> {
        let mut sheet = self.clone();
        let agrees = match name {
            "kind" => set(
                &mut sheet.kind,
                PieceKind::ALL.into_iter().find(|kind| value == kind.prefix().to_string())?,
            ),
            "lot" => set(&mut sheet.lot, value.to_owned()),
            "sequence" => set(&mut sheet.sequence, number(value)?),
            "sheet" => set(&mut sheet.sheet, number(value)?),
            _ => set(&mut sheet.sheets, number(value)?),
        };
        agrees.then_some(sheet)
    }

    /// Sheets and pieces count from 1, and a sheet is one of its piece's.
    fn is_possible(&self) -> bool {
        let among = self.sheets.is_none_or(|sheets| self.sheet.unwrap_or(1) <= sheets);
        among && self.sheet != Some(0) && self.sequence != Some(0)
    }

    /// Whether it names the same piece, the original.
    fn is_of(&self, piece: &WrittenPiece) -> bool {
        let same_kind = self.kind.is_none() || piece.kind.is_none() || self.kind == piece.kind;
        let same_lot = self.lot.as_deref() == Some(piece.lot.as_str());
        same_kind && same_lot && self.sequence == Some(piece.sequence) && piece.attempt == 0
    }
}

/// Sets a part, or compares it with what is set; whether it agrees.
fn set<T: PartialEq>(part: &mut Option<T>, value: T) -> bool {
    match part {
        Some(known) => *known == value,
        None => {
            *part = Some(value);
            true
        }
    }
}

/// A number of digits only.
fn number(digits: &str) -> Option<u32> {
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn machine(code_content: &str) -> Machine {
        Machine { code_content: code_content.to_owned(), ..Machine::default() }
    }

    fn sheet_of(text: &str, content: &str) -> Option<(String, char, u32)> {
        match Named::of(text, &machine(content)) {
            Named::Sheet { lot, kind, sequence } => {
                Some((lot, kind.map_or('-', PieceKind::prefix), sequence))
            }
            _ => None,
        }
    }

    #[test]
    fn cards_pieces_and_tracking_ids() {
        let of = |text| Named::of(text, &Machine::default());
        assert_eq!(of("2400140649"), Named::Card(CardNumber::parse("2400140649").expect("a card")));
        for text in ["26327A000908", "L26327A000908", "m26327a\\000908.1"] {
            assert_eq!(of(text), Named::Piece(WrittenPiece::parse(text).expect("a piece")), "{text}");
        }
        let tracking = TrackingId::new("XX", 97_959).expect("an id");
        assert_eq!(of("XX 000 009 7959 7"), Named::Tracking(tracking));
        assert_eq!(of("XX00000979597"), Named::Tracking(tracking));
        for text in
            ["", "240014064", "24001406490", "XX 000 009 7959 8", "26327A", "NOREAD", "]A02400140649", "é"]
        {
            assert_eq!(of(text), Named::Nothing, "{text}");
        }
    }

    #[test]
    fn control_codes_of_the_default_machine() {
        let of = |text| sheet_of(text, &Machine::default().code_content);
        assert_eq!(of("L26327A0009080101"), Some(("26327A".to_owned(), 'L', 908)));
        assert_eq!(of("m26327a0000010203"), Some(("26327A".to_owned(), 'M', 1)));
        assert_eq!(of("L26327A.10009080101"), Some(("26327A.1".to_owned(), 'L', 908)));
        assert_eq!(of("L26327A.120009080101"), Some(("26327A.12".to_owned(), 'L', 908)));
        for text in [
            "L26327A000908010",
            "L26327A00090801011",
            "X26327A0009080101",
            "L2632AA0009080101",
            "L26327A0009080201",
            "L26327A0009080001",
            "L26327A0000000101",
            "L26327A.00009080101",
            "L26327A.0009080101",
            "L26327A+009080101",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn control_codes_with_characters_between() {
        let of = |text| sheet_of(text, "JOB {lot}/{sequence}-{sheet} ");
        assert_eq!(of("JOB 26327A/000012-01"), Some(("26327A".to_owned(), '-', 12)));
        assert_eq!(of("JOB 26327A.3/000012-02"), Some(("26327A.3".to_owned(), '-', 12)));
        assert_eq!(of("JOB 26327A-000012-01"), None);
        assert_eq!(
            sheet_of("26327A000012/26327A", "{lot}{sequence}/{lot}"),
            Some(("26327A".to_owned(), '-', 12))
        );
        assert_eq!(sheet_of("26327A000012/26327B", "{lot}{sequence}/{lot}"), None, "two lots");
    }

    #[test]
    fn what_could_be_two_things_names_nothing() {
        // Sheet 10 of a piece, or the piece's tenth reprint.
        assert_eq!(Named::of("26327A000012.10", &machine("{lot}{sequence}.{sheet}")), Named::Nothing);
        // Lot 26327A.1 or 26327A.11.
        assert_eq!(
            Named::of("26327A.1111111111111111", &machine("{lot}{sequence}{lot}{sequence}")),
            Named::Nothing
        );
        assert!(matches!(Named::of("26327A000012", &machine("{lot}{sequence}")), Named::Piece(_)));
    }

    /// A control code as a sheet has it.
    fn written(content: &str, lot: &str, kind: PieceKind, [sequence, sheet, sheets]: [u32; 3]) -> String {
        content
            .replace("{kind}", &kind.prefix().to_string())
            .replace("{lot}", lot)
            .replace("{sequence}", &format!("{sequence:06}"))
            .replace("{sheets}", &format!("{sheets:02}"))
            .replace("{sheet}", &format!("{sheet:02}"))
    }

    proptest! {
        #[test]
        fn a_control_code_reads_back_or_is_refused(
            content in "[A-Z/-]{0,2}(\\{kind\\})?\\{lot\\}[./-]?(\\{sheet\\})?\\{sequence\\}[:-]?(\\{sheet\\}\\{sheets\\})?",
            lot in "[0-9]{5}[A-Z](\\.[1-9][0-9]?)?",
            kind in prop::sample::select(&PieceKind::ALL[..]),
            sequence in 1..1_000_000_u32,
            (sheet, sheets) in (1..100_u32, 1..100_u32).prop_map(|(one, two)| (one.min(two), one.max(two))),
        ) {
            let text = written(&content, &lot, kind, [sequence, sheet, sheets]);
            let said = content.contains("{kind}").then_some(kind);
            match Named::of(&text, &machine(&content)) {
                Named::Sheet { lot: read, kind: as_kind, sequence: as_sequence } => {
                    prop_assert_eq!((read, as_kind, as_sequence), (lot, said, sequence));
                }
                Named::Piece(piece) => prop_assert_eq!((piece.lot.as_str(), piece.sequence), (lot.as_str(), sequence)),
                Named::Nothing => {}
                other => prop_assert!(false, "{:?}", other),
            }
        }

        #[test]
        fn the_default_control_code_reads_back(
            lot in "[0-9]{5}[A-Z](\\.[1-9][0-9]{0,3})?",
            sequence in 1..1_000_000_u32,
        ) {
            let content = Machine::default().code_content;
            let text = written(&content, &lot, PieceKind::Letter, [sequence, 1, 2]);
            prop_assert_eq!(sheet_of(&text, &content), Some((lot, 'L', sequence)));
        }

        #[test]
        fn any_text_names_something_or_nothing(text in ".{0,30}", content in "[A-Z{}lotsequence]{0,40}") {
            let _ = Named::of(&text, &machine(&content));
        }
    }
}
