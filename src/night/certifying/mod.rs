//! Certifying: a lot that was proved gets a certificate beside its manifest, so that it can be proved again from its files alone.
//!
//! Takes the staged files of a lot; gives `LOT.proof.json` and `LOT.proof-pieces.csv`, which are released with them, and the salts, which
//! stay in the job's folder. Letters' texts are read from the print files on the disk. Mailers' are not digested: a PIN of four
//! digits would be found from its digest by trying.

mod letters;

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail::piece::PieceKind;
use serde::Deserialize;
use serde_json::Value;

use super::lot::{Lot, Turn};
use super::order::{NightOrder, Prove};
use super::paperwork::LotFiles;
use super::report::Alert;
use crate::certificate::{
    Certificate, CertifiedFile, Counts, FORMAT, How, PieceRow, PieceTable, PressFacts, RULES, Role,
    SIGNATURE, SaltRow, Signer, TemplateName, canonical_json, certificate_name, pieces_name, salts_name,
};
use crate::failure::Failure;
use crate::files::{hexadecimal, private_folder, sha256_of_file, write_private, write_whole};
use crate::vault::{KeySummary, ProofSalts, open_signing_key};
use letters::LetterTexts;

/// The columns of a manifest's row that a certificate needs, of both kinds.
#[derive(Debug, Clone, Deserialize)]
struct ManifestRow {
    piece_id: String,
    file: String,
    first_page: u32,
    pages: u32,
    #[serde(default = "leftmost")]
    position: u8,
}

/// The column of pieces that are not imposed.
fn leftmost() -> u8 {
    1
}

/// Certifies a lot whose files are staged, and adds the new files to its list. Writes nothing where nothing was proved. Returns an
/// alert where no certificate could be signed: the lot leaves all the same.
///
/// # Errors
/// I/O errors; `bug`: a print file that was proved can't be read.
pub(super) fn certify(
    lot: &Lot,
    files: &mut LotFiles,
    order: &NightOrder,
    salts: &ProofSalts,
    staging: &Path,
) -> Result<Option<Alert>, Failure> {
    if order.prove == Prove::None {
        return Ok(None);
    }
    let settings = order.job.letters();
    let opened = open_signing_key(&settings.key).map_err(|error| error.to_string());
    let signing = opened.and_then(|key| {
        let summary = KeySummary::of_signing_key(&settings.key, &key).map_err(|error| error.to_string())?;
        Ok((key, summary))
    });
    let (key, summary) = match signing {
        Ok(signing) => signing,
        Err(reason) => return Ok(Some(uncertified(lot, &reason))),
    };
    let signer = Signer {
        ca_id: settings.block_map.ca_id.clone(),
        certificate_id: settings.block_map.certificate_id.clone(),
        algorithm: key.algorithm().name().to_owned(),
        fingerprint: summary.fingerprint,
    };
    let (table, texts) = write_pieces(lot, order, salts, staging)?;
    let mut certified = certified_files(lot, files, staging)?;
    let table_file = table.clone();
    certified.push(table);
    let certificate = certificate(lot, order, signer, certified, texts);
    let mut json = serde_json::to_value(&certificate).map_err(std::io::Error::from)?;
    let bytes = canonical_json(&json).ok_or_else(|| Failure::bug("a certificate has no canonical form"))?;
    let signature = match key.sign(&bytes) {
        Ok(signature) => STANDARD.encode(signature),
        Err(error) => {
            fs_err::remove_file(staging.join(beside(lot, &table_file.name)))?;
            return Ok(Some(uncertified(lot, &error.to_string())));
        }
    };
    if let Value::Object(entries) = &mut json {
        entries.insert(SIGNATURE.to_owned(), Value::String(signature));
    }
    let path = beside(lot, &certificate_name(lot.name().as_str()));
    write_whole(&staging.join(&path), &serde_json::to_vec_pretty(&json).map_err(std::io::Error::from)?)?;
    files.all.push((beside(lot, &table_file.name), table_file.sha256));
    files.all.push((path.clone(), sha256_of_file(&staging.join(&path))?));
    files.certificate = path;
    Ok(None)
}

/// The alert where a lot leaves without a certificate.
fn uncertified(lot: &Lot, reason: &str) -> Alert {
    let lot = lot.name().marked(lot.kind());
    Alert::of(
        "no_certificate",
        format!(
            "lot {lot} was proved and has no certificate, since `signing.key` can't sign it: {reason}; customers can't prove it again with `pli prove`"
        ),
    )
}

/// The path of a file of the lot, relative to the staging folder.
fn beside(lot: &Lot, name: &str) -> String {
    format!("{}/{name}", lot.kind().folder())
}

/// Writes the table of pieces, and the salts of letters. Returns the table and how many texts it has.
fn write_pieces(
    lot: &Lot,
    order: &NightOrder,
    salts: &ProofSalts,
    staging: &Path,
) -> Result<(CertifiedFile, u64), Failure> {
    let name = pieces_name(lot.name().as_str());
    let manifest = staging.join(super::paperwork::manifest_path(lot.kind(), lot.name()));
    let unreadable =
        |error: csv::Error| Failure::midway("manifest", error.to_string()).in_file(manifest.display());
    let mut rows = csv::Reader::from_path(&manifest).map_err(unreadable)?.into_deserialize::<ManifestRow>();
    let mut table = PieceTable::create(&staging.join(beside(lot, &name)))?;
    let mut salt_table = csv::Writer::from_writer(Vec::new());
    let marked = lot.name().marked(lot.kind());
    let night = order.night.to_string();
    let mut count = 0;
    for file in &lot.files {
        let of_file: Vec<ManifestRow> =
            rows.by_ref().take(file.pieces as usize).collect::<Result<_, _>>().map_err(unreadable)?;
        let digests = match lot.kind() {
            PieceKind::Mailer => vec![(String::new(), 0); of_file.len()],
            PieceKind::Letter => {
                let salt = |row: &ManifestRow| salts.of_piece(&night, &marked, &row.piece_id);
                let texts = LetterTexts {
                    path: staging.join(&file.path),
                    turn: turn(lot),
                    imposed: lot.layout.imposed(),
                };
                for row in &of_file {
                    let salt = hexadecimal(*salt(row));
                    let row = SaltRow { piece_id: row.piece_id.clone(), salt };
                    salt_table.serialize(row).map_err(std::io::Error::other)?;
                }
                texts.digests(&of_file, &salt)?
            }
        };
        for (row, (texts, number)) in of_file.into_iter().zip(digests) {
            count += number;
            let ManifestRow { piece_id, file, first_page, pages, position } = row;
            table.row(&PieceRow { piece_id, file, first_page, pages, position, texts })?;
        }
    }
    let (sha256, bytes) = table.finish()?;
    if lot.kind() == PieceKind::Letter && !order.dry_run {
        let all = order.job.proof_salts();
        let of_night = all.join(&night);
        let folder = of_night.join(lot.kind().folder());
        [&all, &of_night, &folder].into_iter().try_for_each(|folder| private_folder(folder))?;
        let text = salt_table.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
        write_private(&folder.join(salts_name(lot.name().as_str())), &text)?;
    }
    let file = CertifiedFile { name, role: Role::Pieces, sha256, bytes, pieces: None, pages: None };
    Ok((file, count))
}

/// The lot's files so far, as the certificate names them.
fn certified_files(lot: &Lot, files: &LotFiles, staging: &Path) -> Result<Vec<CertifiedFile>, Failure> {
    let mut certified = Vec::with_capacity(files.all.len() + 1);
    for (path, sha256) in &files.all {
        let print = lot.files.iter().find(|file| file.path == *path);
        let role = match path {
            _ if print.is_some() => Role::Print,
            path if *path == files.manifest => Role::Manifest,
            path if *path == files.control_file => Role::Control,
            path if *path == files.job_ticket => Role::JobTicket,
            _ => Role::WorkOrder,
        };
        certified.push(CertifiedFile {
            name: path.rsplit('/').next().unwrap_or(path).to_owned(),
            role,
            sha256: sha256.clone(),
            bytes: fs_err::metadata(staging.join(path))?.len(),
            pieces: print.map(|file| file.pieces),
            pages: print.map(|file| file.pages),
        });
    }
    Ok(certified)
}

fn certificate(
    lot: &Lot,
    order: &NightOrder,
    signer: Signer,
    files: Vec<CertifiedFile>,
    texts: u64,
) -> Certificate {
    let facts = lot.kept.as_ref().map(|kept| kept.facts());
    let press = facts.map_or_else(|| order.job.press().clone(), |facts| facts.press());
    let extent = match order.prove {
        Prove::None => "none",
        Prove::Sample => "sample",
        Prove::All => "all",
    };
    Certificate {
        format: FORMAT,
        program: concat!("pli ", env!("CARGO_PKG_VERSION")).to_owned(),
        rules: RULES,
        lot: lot.name().to_string(),
        kind: lot.kind(),
        night: order.night.to_string(),
        template: TemplateName { name: lot.template.name.clone(), version: lot.template.version.clone() },
        press: PressFacts {
            dpi: lot.layout.grid.dpi(),
            bar_width_reduction: press.bar_width_reduction,
            pieces_across: if lot.layout.imposed() { 2 } else { 1 },
            turn: turn(lot).to_owned(),
            archive: facts.is_some_and(|facts| facts.archive),
        },
        sealed: lot.sealed,
        proved: How {
            extent: extent.to_owned(),
            pieces: lot.proof.pieces,
            symbols: lot.proof.barcodes,
            texts: lot.proof.texts,
            signatures: lot.proof.signatures,
            optical: lot.proof.optical,
        },
        counts: Counts { pieces: u64::from(lot.count), pages: u64::from(lot.pages()), texts },
        files,
        signer,
    }
}

/// How the lot's sheets are turned, as certificates say it.
fn turn(lot: &Lot) -> &'static str {
    match lot.layout.turn {
        Turn::Simplex => "simplex",
        Turn::LongEdge => "long_edge",
        Turn::ShortEdge => "short_edge",
    }
}
