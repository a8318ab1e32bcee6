//! Conformance: which standards print files meet, for which press, and whether what was written meets them.
//!
//! Takes the job, and files as they were written. Gives faults with the clause they break. A sealed file can't be read
//! back, and is never in memory whole: its first pieces are written a second time by the same writer into memory that is
//! wiped, and that twin is checked in its stead.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::imposition::SheetLayout;
use super::printing::PrintedLot;
use super::proofing::Prove;
use crate::failure::Failure;
use crate::job::Job;
use mail::piece::PieceKind;
use preflight::{Marks, Standard, preflight};
use print_file::{
    Conformance, FileLabel, FontProgram, LotSheetLabel, OutputIntent, PieceLabel, PrintFile, PrintedPage,
    SheetLabel, Stock,
};

/// How many pieces a twin holds.
const TWIN_PIECES: usize = 16;

/// The printing condition that the job names; white uncoated paper where it names none.
///
/// # Errors
/// A profile that can't be read, or that is no CMYK press's.
pub(super) fn output_intent(job: &Job) -> Result<OutputIntent, Failure> {
    let press = &job.sections.press;
    let Some(named) = &press.output_intent else { return Ok(OutputIntent::uncoated()) };
    let path = job.path(named);
    let told = |problem: String| Failure::Usage(format!("`press.output_intent`: {problem}"));
    let profile = fs_err::read(&path).map_err(|error| told(error.to_string()))?;
    let intent = OutputIntent::of_press(&profile, press.output_condition.as_deref());
    intent.map_err(|fault| told(format!("{}: {fault}; {}", path.display(), fault.advice())))
}

/// Which standards the files of a kind meet. Mailers are never archived.
pub(super) fn conformance(job: &Job, kind: PieceKind) -> Conformance {
    match kind {
        PieceKind::Letter if job.sections.output.archive => Conformance::PressAndArchive,
        PieceKind::Letter | PieceKind::Mailer => Conformance::Press,
    }
}

/// Checks the files of a lot that are in clear; gives their faults, and those of the twins of sealed ones.
///
/// # Errors
/// A print file that can't be read.
pub(super) fn prove_files(
    prove: Prove,
    printed: &PrintedLot,
    standard: Standard,
    folder: &Path,
) -> Result<Vec<String>, Failure> {
    let mut faults = printed.faults.clone();
    let marks = if prove == Prove::All { Marks::All } else { Marks::Sample };
    for file in printed.files.iter().filter(|file| file.path.ends_with(".pdf")) {
        let bytes = Arc::new(fs_err::read(folder.join(&file.path))?);
        faults.extend(told(&file.path, &bytes, standard, marks));
    }
    Ok(faults)
}

fn told(name: &str, bytes: &Arc<Vec<u8>>, standard: Standard, marks: Marks) -> Vec<String> {
    preflight(bytes, standard, marks).iter().map(|fault| format!("{name}: {fault}")).collect()
}

/// The standard that files are held against.
pub(super) fn standard(conformance: Conformance, layout: SheetLayout) -> Standard {
    match (conformance, layout.imposed()) {
        (Conformance::PressAndArchive, false) => Standard::PressAndArchive,
        (Conformance::PressAndArchive, true) => Standard::ImposedAndArchive,
        (Conformance::Press | Conformance::Plain, false) => Standard::Press,
        (Conformance::Press | Conformance::Plain, true) => Standard::Imposed,
    }
}

/// The first pieces of a sealed file, written once more.
pub(super) struct Twin {
    file: PrintFile<Wiped>,
    layout: SheetLayout,
    pieces: usize,
}

impl Twin {
    /// Begins a twin, as its file is begun.
    ///
    /// # Errors
    /// None that memory has.
    pub fn begin(
        layout: SheetLayout,
        stock: &Stock,
        fonts: usize,
        intent: &OutputIntent,
    ) -> io::Result<Twin> {
        let out = Wiped { bytes: Zeroizing::new(Vec::with_capacity(stock.objects.len() + (1 << 20))) };
        let file = PrintFile::begin(out, layout.grid, stock, fonts, intent)?;
        let file = if layout.imposed() { file.imposed(layout.grid)? } else { file };
        Ok(Twin { file, layout, pieces: 0 })
    }

    /// Takes a piece, while it is one of the first.
    ///
    /// # Errors
    /// None that memory has.
    pub fn piece(&mut self, pages: &[PrintedPage], label: &PieceLabel) -> io::Result<()> {
        self.pieces += 1;
        match self.pieces <= TWIN_PIECES {
            true => self.file.piece(pages, label),
            false => Ok(()),
        }
    }

    /// Takes a sheet at an end of the lot.
    ///
    /// # Errors
    /// None that memory has.
    pub fn lot_sheet(&mut self, pages: &[PrintedPage], label: &LotSheetLabel) -> io::Result<()> {
        self.file.lot_sheet(pages, label)
    }

    /// Takes an imposed sheet, while its pieces are among the first.
    ///
    /// # Errors
    /// None that memory has.
    pub fn sheet(&mut self, sides: &[[Option<&PrintedPage>; 2]], label: &SheetLabel) -> io::Result<()> {
        self.pieces += 2;
        match self.pieces <= TWIN_PIECES {
            true => self.file.sheet(sides, label),
            false => Ok(()),
        }
    }

    /// Ends the twin and checks it; `name` is that of the sealed file.
    ///
    /// # Errors
    /// A font that can't be subset.
    pub fn finish(self, fonts: &[FontProgram], label: &FileLabel, name: &str) -> io::Result<Vec<String>> {
        let (mut out, ..) = self.file.finish(fonts, label)?;
        let bytes = Arc::new(std::mem::take(&mut *out.bytes));
        let faults = told(name, &bytes, standard(label.conformance, self.layout), Marks::All);
        if let Ok(bytes) = Arc::try_unwrap(bytes) {
            drop(Zeroizing::new(bytes));
        }
        Ok(faults)
    }
}

/// Memory that is wiped when it grows and when it goes.
struct Wiped {
    bytes: Zeroizing<Vec<u8>>,
}

impl Write for Wiped {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if self.bytes.capacity() - self.bytes.len() < more.len() {
            let mut larger = Vec::with_capacity(2 * (self.bytes.len() + more.len()));
            larger.extend_from_slice(&self.bytes);
            self.bytes = Zeroizing::new(larger);
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Imposition;
    use crate::night::imposition::Turn;
    use print_file::{Grid, PageContent};

    fn faults_of_twin(pieces: usize, draw: impl Fn(&mut PageContent)) -> Vec<String> {
        let (grid, intent) = (Grid::new(600), OutputIntent::uncoated());
        let layout = SheetLayout { grid, imposition: Imposition::OneUp, turn: Turn::Simplex };
        let stock = Stock { forms: vec![16], objects: FORM.to_vec(), offsets: vec![(16, 0)] };
        let mut twin = Twin::begin(layout, &stock, 0, &intent).expect("memory");
        for sequence in 1..=pieces {
            let mut page = PageContent::new(grid, 0);
            draw(&mut page);
            let piece = format!("26327A\\{sequence:06}");
            let label = PieceLabel {
                piece: &piece,
                lot: "26327A",
                sequence: sequence as u32,
                kind: "mailer",
                sheets: 1,
                weight_class: 20,
            };
            twin.piece(&[page.finish()], &label).expect("memory");
        }
        let label = FileLabel {
            title: "mailers 26327A".to_owned(),
            lot: "26327A".to_owned(),
            day: (2026, 11, 23),
            conformance: Conformance::Press,
        };
        twin.finish(&[], &label, "mailers/26327A-0001.pdf.age").expect("memory")
    }

    const FORM: &[u8] = b"16 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<>>/GTS_Encapsulated true\
        /GTS_Scope/File/GTS_XID(uuid:00000000-0000-8000-8000-000000000000)/Length 3>>\nstream\nq Q\nendstream\nendobj\n";

    #[test]
    fn a_sound_twin_has_no_fault_however_many_pieces_its_file_has() {
        let bars = |page: &mut PageContent| page.bars(10, 10, 30, &[(0, 3), (6, 3)]);
        assert_eq!(faults_of_twin(3 * TWIN_PIECES, bars), [""; 0]);
    }

    #[test]
    fn a_fault_of_a_twin_names_the_sealed_file_and_the_clause() {
        let faults = faults_of_twin(1, |page| page.outline(5.0, 5.0, 9.0, 9.0, [1.0, 0.0, 0.0]));
        let colour = "mailers/26327A-0001.pdf.age: PDF/X-4 colour: page 1: ";
        assert!(faults.iter().any(|fault| fault.starts_with(colour)), "{faults:?}");
    }
}
