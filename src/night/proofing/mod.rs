//! Proofing: print files are read back from the disk and held against the records of their pieces.
//!
//! Every piece is proved from the bytes ([`judge`]): what a page shows is compared with what its record asks for
//! ([`claims`]), and symbols are decoded by other people's decoders ([`symbols`]). A sample is drawn and read as a scanner
//! would ([`optical`]), so that the two ways check each other. The stock that pieces share is drawn once ([`stock`]). Counts
//! and findings are returned. Memory holds two files at a time, with their rows and records and those of the next two.

mod claims;
mod judge;
#[cfg(test)]
mod mutant_tests;
mod optical;
mod stock;
mod symbols;
#[cfg(test)]
mod tests;

use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::thread::ScopedJoinHandle;

use preflight::{Fault, Marks, OpenFile, Standard};

pub(super) use judge::{LotRules, LotRulesOrder};
pub(super) use optical::Expected;
pub(super) use stock::StockProof;
pub(crate) use symbols::{read_code39, read_data_matrix};

use super::certifying::DigestTable;
use super::lot::{Lot, NumberedPiece, PrintFile, Proof};
use super::order::{NoProgress, Progress, Prove};
use super::paperwork::{ManifestRow, manifest_path};
use super::printing::conformance_faults;
use crate::certificate::{Digester, FileDigests};
use crate::failure::Failure;
use judge::{FileProof, PrintedFile, prove_and_digest, prove_file, prove_rows};
use optical::{is_read, read_letters};

/// A lot with more failures than this is not proved any further.
const MOST_FAILURES: usize = 1000;

/// What is proved of a lot, and by what.
pub(super) struct ProofOrder<'a> {
    /// How much.
    pub prove: Prove,
    /// The lot.
    pub lot: &'a Lot,
    /// The folder that it was printed to.
    pub folder: &'a Path,
    /// The standard that its files meet.
    pub standard: Standard,
    /// What pictures are compared with; `None` for mailers, which are never drawn.
    pub expected: Option<&'a Expected<'a>>,
    /// What bytes are judged by; `None` where only a sample is drawn.
    pub rules: Option<&'a LotRules<'a>>,
    /// Receives the progress.
    pub progress: &'a dyn Progress,
}

/// The next pieces of a lot, as many as asked for, with their records.
pub(super) type Records<'r> = &'r mut dyn FnMut(usize) -> Result<Vec<NumberedPiece>, Failure>;

/// Proves a printed lot. Of sealed files only the rows are proved: their pages were before they were sealed. What the pieces of
/// other files show is digested into `digests`.
///
/// # Errors
/// `manifest`: a manifest that can't be read; I/O errors; a page that can't be drawn; those of `records`.
pub(super) fn prove_lot(
    order: &ProofOrder,
    records: Records,
    mut digests: Option<&mut DigestTable>,
) -> Result<Proof, Failure> {
    let mut proof = Proof::default();
    if order.prove == Prove::None {
        return Ok(proof);
    }
    let manifest = order.folder.join(manifest_path(order.lot.kind(), order.lot.name()));
    let unreadable =
        |error: csv::Error| Failure::midway("manifest", error.to_string()).in_file(manifest.display());
    let mut table = csv::Reader::from_path(&manifest).map_err(unreadable)?;
    let mut rows = table.deserialize::<ManifestRow>();
    let mut files = order.lot.files.iter().zip(1..);
    // A share does not know the sheets of the others.
    let mut sheets = None;
    let mut read_next = |(file, number): (_, usize)| -> Result<FileToProve, Failure> {
        let file: &PrintFile = file;
        let of_file = rows.by_ref().take(file.pieces as usize);
        let of_file: Vec<ManifestRow> = of_file.collect::<Result<_, _>>().map_err(unreadable)?;
        let pieces = match order.rules {
            Some(_) => records(file.pieces as usize)?,
            None => Vec::new(),
        };
        // A share ends with the lot only if it holds the lot's last file.
        let last = number == order.lot.files.len() && order.lot.ends_here;
        if number == 1 && pieces.first().is_some_and(|piece| piece.sequence == 1) {
            sheets = Some(0);
        }
        let sheets_before = sheets;
        sheets = sheets.map(|before| before + order.lot.layout.sheets(file.pages));
        Ok(FileToProve { file, rows: of_file, pieces, last, sheets_before })
    };
    let mut read_some = |most: usize| -> Result<Vec<FileToProve>, Failure> {
        files.by_ref().take(most).map(&mut read_next).collect()
    };
    // The first file gives the forms by which those of the others are told. Of the others two are proved at a time, so that
    // no core waits while one thread opens a file.
    let mut next = read_some(1)?;
    while !next.is_empty() {
        // Meanwhile rows and records of the next are read: their readers are for one thread.
        let (proved, following) = std::thread::scope(|scope| {
            let prove = |file| {
                let digester = digests.as_deref().map(DigestTable::digester);
                scope.spawn(move || prove_printed(order, file, digester))
            };
            let proving: Vec<_> = next.iter().map(prove).collect();
            let following = read_some(2);
            let ended =
                |thread: ScopedJoinHandle<_>| thread.join().unwrap_or_else(|panic| resume_unwind(panic));
            let proved: Vec<_> = proving.into_iter().map(ended).collect();
            (proved, following)
        });
        for (file, proved) in next.iter().zip(proved) {
            let (of_pieces, digested) = proved?;
            proof.add(of_pieces);
            if let Some(digests) = digests.as_deref_mut() {
                if digested.is_none() && proof.failures.is_empty() {
                    let failure = Failure::bug("a file that was judged has no digests");
                    return Err(failure.in_file(&file.file.path));
                }
                digests.file(&file.rows, digested.unwrap_or_default())?;
            }
        }
        if proof.failures.len() > MOST_FAILURES {
            return Ok(proof);
        }
        next = following?;
    }
    if rows.next().is_some() {
        proof.failures.push(format!("{}: row: a row too many", order.lot.name()));
    }
    Ok(proof)
}

/// A file with what is needed to prove it.
struct FileToProve<'f> {
    file: &'f PrintFile,
    rows: Vec<ManifestRow>,
    pieces: Vec<NumberedPiece>,
    /// Whether it is the last of its lot.
    last: bool,
    /// The sheets of the lot's files before it; `None` where they are not known.
    sheets_before: Option<u32>,
}

/// Proves one file.
fn prove_printed(
    order: &ProofOrder,
    to_prove: &FileToProve,
    digester: Option<Digester>,
) -> Result<(Proof, Option<FileDigests>), Failure> {
    let FileToProve { file, rows, pieces, last, sheets_before } = to_prove;
    let (last, sheets_before) = (*last, *sheets_before);
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    if order.lot.sealed {
        let printed = PrintedFile { name, open: None, pieces, rows: Some(rows), last, sheets_before: None };
        let findings = order.rules.map_or_else(Vec::new, |rules| prove_rows(&printed, rules));
        return Ok((Proof { failures: messages(&findings), ..Proof::default() }, None));
    }
    let open = OpenFile::new(Arc::new(fs_err::read(order.folder.join(&file.path))?)).ok();
    let printed = PrintedFile { name, open: open.as_ref(), pieces, rows: Some(rows), last, sheets_before };
    let judged = || {
        let judge = |rules| prove_and_digest(&printed, rules, order.progress, digester.as_ref());
        order.rules.map_or_else(FileProof::default, judge)
    };
    let drawn = || read_sample(order, &printed, file.pieces);
    let ((mut proof, digests), sample) =
        rayon::join(|| prove_bytes(&printed, &file.path, order.standard, judged), drawn);
    let Sample { read, barcodes, failures } = sample?;
    proof.optical += read;
    if order.rules.is_none() {
        (proof.pieces, proof.barcodes) = (read, barcodes);
        order.progress.advance(read);
    }
    proof.failures.extend(failures);
    Ok((proof, digests))
}

/// What a drawn sample of a file gave.
#[derive(Default)]
struct Sample {
    /// Letters that were drawn.
    read: u64,
    /// Symbols that are right.
    barcodes: u64,
    /// A message for each other one.
    failures: Vec<String>,
}

/// Draws the sample of a file and reads it. `pieces` is how many the file has.
fn read_sample(order: &ProofOrder, printed: &PrintedFile, pieces: u32) -> Result<Sample, Failure> {
    let (Some(expected), Some(open), Some(rows)) = (order.expected, printed.open, printed.rows) else {
        return Ok(Sample::default());
    };
    let end = (printed.last, pieces);
    let chosen = (0..).zip(rows).filter(|(index, row)| is_read(order.prove, row.sequence, *index, end));
    let chosen: Vec<&ManifestRow> = chosen.map(|(_, row)| row).collect();
    let read = chosen.len() as u64;
    let (barcodes, failures) = read_letters(printed.name, open, chosen, expected)?;
    Ok(Sample { read, barcodes, failures })
}

/// Proves the bytes of a file: its conformance, and by `judged` every piece.
fn prove_bytes(
    printed: &PrintedFile,
    path: &str,
    standard: Standard,
    judged: impl FnOnce() -> FileProof + Send,
) -> (Proof, Option<FileDigests>) {
    let conforms = || match printed.open {
        Some(open) => conformance_faults(path, open, standard, Marks::Sample),
        None => vec![format!("{path}: {}", Fault::unreadable())],
    };
    let (judged, faults) = rayon::join(judged, conforms);
    let mut failures = messages(&judged.findings);
    failures.extend(faults);
    let proof = Proof {
        pieces: judged.pieces,
        barcodes: judged.symbols,
        texts: judged.texts,
        signatures: judged.signatures,
        optical: 0,
        stock: judged.stock,
        failures,
    };
    (proof, judged.digests)
}

/// Proves a file before it is sealed. `path` is that of the sealed file.
pub(super) fn prove_before_sealing(
    path: &str,
    bytes: &Arc<Vec<u8>>,
    pieces: &[NumberedPiece],
    last: bool,
    standard: Standard,
    rules: Option<&LotRules>,
) -> Proof {
    let name = path.rsplit('/').next().unwrap_or(path);
    let sheets_before = pieces.first().filter(|piece| piece.sequence == 1).map(|_| 0);
    let open = OpenFile::new(Arc::clone(bytes)).ok();
    let printed = PrintedFile { name, open: open.as_ref(), pieces, rows: None, last, sheets_before };
    let judged = || rules.map_or_else(FileProof::default, |rules| prove_file(&printed, rules, &NoProgress));
    prove_bytes(&printed, path, standard, judged).0
}

fn messages(findings: &[judge::Finding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}

/// How many pieces a proof counts.
pub(super) fn proved_pieces(prove: Prove, lot: &Lot) -> u64 {
    let read = |index: &u32, pieces: u32| is_read(prove, index + 1, *index, (false, pieces));
    let of_file = |pieces: u32| match prove {
        Prove::All => u64::from(pieces),
        _ => (0..pieces).filter(|index| read(index, pieces)).count() as u64,
    };
    lot.files.iter().map(|file| of_file(file.pieces)).sum()
}
