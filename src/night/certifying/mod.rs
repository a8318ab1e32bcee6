//! Certifying: a lot that was proved gets a certificate beside its manifest, so that it can be proved again from its files alone.
//!
//! Takes the staged files of a lot; gives `LOT.proof.json` and `LOT.proof-pieces.csv`, which are released with them, and the salts, which
//! stay in the job's folder. What letters show is digested while they are judged, from the print files on the disk; where that
//! was not done it is read here. Mailers' texts are not digested: a PIN of four digits would be found from its digest by trying.

mod letters;
mod table;

pub(super) use table::DigestTable;

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail::piece::PieceKind;
use serde_json::Value;

use super::lot::{Lot, Turn};
use super::order::{NightOrder, Prove};
use super::paperwork::{LotFiles, ManifestRow, manifest_path};
use super::report::Alert;
use crate::approvals::{self, Allowed};
use crate::certificate::{
    Certificate, CertifiedFile, Counts, FORMAT, FileDigests, How, LotDigests, PressFacts, RULES, Role,
    SIGNATURE, SaltRow, Signer, TemplateName, canonical_json, certificate_name, pieces_name, salts_name,
};
use crate::failure::Failure;
use crate::files::{hexadecimal, private_folder, sha256_of_file, write_private, write_whole};
use crate::night::key_dates::{KeyDay, may_sign};
use crate::vault::{KeySummary, ProofSalts, open_signing_key};
use letters::LetterFile;
use table::salts_of;

/// Certifies a lot whose files are staged, and adds the new files to its list. Writes nothing where nothing was proved. Returns an
/// alert where no certificate could be signed: the lot leaves all the same.
///
/// # Errors
/// `approved_changed`: the signing key is none that is allowed; I/O errors; `bug`: a print file that was proved can't be read.
pub(super) fn certify(
    lot: &Lot,
    files: &mut LotFiles,
    order: &NightOrder,
    allowed: &Allowed,
    salts: &ProofSalts,
    staging: &Path,
) -> Result<Option<Alert>, Failure> {
    if order.prove == Prove::None {
        return Ok(None);
    }
    let settings = order.job.letters();
    let opened = open_signing_key(&settings.key).map_err(|error| error.to_string());
    let day = KeyDay { night: order.night, today: order.today };
    let signing = opened.and_then(|key| {
        let summary = KeySummary::of_signing_key(&settings.key, &key).map_err(|error| error.to_string())?;
        may_sign(order.job, &summary, day).map_err(|error| error.to_string())?;
        Ok((key, summary))
    });
    let (key, summary) = match signing {
        Ok(signing) => signing,
        Err(reason) => {
            remove_table(lot, staging)?;
            return Ok(Some(uncertified(lot, &reason)));
        }
    };
    allowed.check([approvals::signing_key(&summary)])?;
    let signer = Signer {
        ca_id: settings.block_map.ca_id.clone(),
        certificate_id: settings.block_map.certificate_id.clone(),
        algorithm: key.algorithm().name().to_owned(),
        fingerprint: summary.fingerprint,
    };
    let digests = match &lot.digests {
        Some(digests) => digests.clone(),
        None => digest(lot, order, salts, staging)?,
    };
    if lot.kind() == PieceKind::Letter && !order.dry_run {
        keep_salts(lot, order, salts, staging)?;
    }
    let LotDigests { table, texts, stock, fonts } = digests;
    // Sealed files are digested when they are judged, before they are sealed.
    let stock = if stock.is_empty() { lot.proof.stock.clone() } else { stock };
    let mut certified = certified_files(lot, files, staging)?;
    // Print files come first, in the order in which they were digested.
    certified.iter_mut().zip(fonts).for_each(|(file, fonts)| file.fonts = fonts);
    let table_file = table.clone();
    certified.push(table);
    let digested = Digested { files: certified, texts, stock };
    let certificate = certificate(lot, order, signer, digested);
    let mut json = serde_json::to_value(&certificate).map_err(std::io::Error::from)?;
    let bytes = canonical_json(&json).ok_or_else(|| Failure::bug("a certificate has no canonical form"))?;
    let signature = match key.sign(&bytes) {
        Ok(signature) => STANDARD.encode(signature),
        Err(error) => {
            remove_table(lot, staging)?;
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

/// Removes the table of pieces of a lot that gets no certificate.
fn remove_table(lot: &Lot, staging: &Path) -> std::io::Result<()> {
    match fs_err::remove_file(staging.join(beside(lot, &pieces_name(lot.name().as_str())))) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
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

/// Digests the pieces of a lot whose judge has not: of a sample, of a night that shards proved, of mailers.
fn digest(lot: &Lot, order: &NightOrder, salts: &ProofSalts, staging: &Path) -> Result<LotDigests, Failure> {
    let mut rows = manifest_rows(lot, staging)?;
    let mut table = DigestTable::create(&lot.numbers, &order.night.to_string(), salts, staging)?;
    for file in &lot.files {
        let of_file: Vec<ManifestRow> =
            rows.by_ref().take(file.pieces as usize).collect::<Result<_, Failure>>()?;
        let digests = match lot.kind() {
            PieceKind::Mailer => FileDigests::default(),
            PieceKind::Letter => {
                let path = staging.join(&file.path);
                let letters = LetterFile { path, turn: turn(lot), imposed: lot.layout.imposed() };
                letters.digests(&of_file, &table.digester())?
            }
        };
        table.file(&of_file, digests)?;
    }
    Ok(table.finish()?)
}

/// The rows of a lot's manifest.
fn manifest_rows(
    lot: &Lot,
    staging: &Path,
) -> Result<impl Iterator<Item = Result<ManifestRow, Failure>>, Failure> {
    let path = staging.join(manifest_path(lot.kind(), lot.name()));
    let unreadable =
        move |error: csv::Error| Failure::midway("manifest", error.to_string()).in_file(path.display());
    let rows = csv::Reader::from_path(staging.join(manifest_path(lot.kind(), lot.name())));
    let rows = rows.map_err(&unreadable)?.into_deserialize::<ManifestRow>();
    Ok(rows.map(move |row| row.map_err(&unreadable)))
}

/// Leaves the salts of a lot in the job's folder.
fn keep_salts(lot: &Lot, order: &NightOrder, salts: &ProofSalts, staging: &Path) -> Result<(), Failure> {
    let night = order.night.to_string();
    let salts = salts_of(salts, &lot.numbers, &night);
    let mut table = csv::Writer::from_writer(Vec::new());
    for row in manifest_rows(lot, staging)? {
        let piece_id = row?.piece_id;
        let salt = hexadecimal(*salts(&piece_id));
        table.serialize(SaltRow { piece_id, salt }).map_err(std::io::Error::other)?;
    }
    let text = table.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
    let all = order.job.proof_salts();
    let of_night = all.join(night);
    let folder = of_night.join(lot.kind().folder());
    [&all, &of_night, &folder].into_iter().try_for_each(|folder| private_folder(folder))?;
    Ok(write_private(&folder.join(salts_name(lot.name().as_str())), &text)?)
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
            path if *path == files.deposit => Role::Deposit,
            _ => Role::WorkOrder,
        };
        certified.push(CertifiedFile {
            name: path.rsplit('/').next().unwrap_or(path).to_owned(),
            role,
            sha256: sha256.clone(),
            bytes: fs_err::metadata(staging.join(path))?.len(),
            pieces: print.map(|file| file.pieces),
            pages: print.map(|file| file.pages),
            fonts: Vec::new(),
        });
    }
    Ok(certified)
}

/// What a certificate has digests of.
struct Digested {
    files: Vec<CertifiedFile>,
    texts: u64,
    stock: Vec<String>,
}

fn certificate(lot: &Lot, order: &NightOrder, signer: Signer, digested: Digested) -> Certificate {
    let Digested { files, texts, stock } = digested;
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
        stock,
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
