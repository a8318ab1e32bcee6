//! The deposit table of a lot: how many pieces of which weight go where, for the form with which they are handed to the post.
//!
//! It counts; no piece, name or card is in it, of letters or of mailers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use serde::Deserialize;

use super::manifest_path;
use crate::failure::Failure;
use crate::files::{harmless_cell, write_whole};
use crate::job::{Bundle, Job, PostalWeight};
use crate::night::lot::Lot;
use mail::address::{PostalAddress, PostalArea};
use mail::lot::LotName;
use mail::piece::PieceKind;

/// The columns, in order (docs/postage.md).
const COLUMNS: [&str; 9] =
    ["lot", "kind", "area", "departement", "product", "weight_class", "pieces", "sheets", "grams"];

/// The deposit table's path, relative to the night's folder.
pub(crate) fn deposit_path(kind: PieceKind, lot: &LotName) -> String {
    format!("{}/{lot}.deposit.csv", kind.folder())
}

/// The place and the weight class of pieces that are counted together.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    area: PostalArea,
    departement: String,
    class: u32,
}

/// How much it is.
#[derive(Debug, Default, PartialEq, Eq)]
struct Amount {
    pieces: u64,
    sheets: u64,
    milligrams: u64,
}

/// What a manifest says of a piece.
#[derive(Deserialize)]
struct Row {
    pages: u32,
    #[serde(default)]
    bundle: Option<u32>,
}

/// A bundle of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BundleSpan {
    /// Its number, from 1.
    pub number: u32,
    /// The sequence of its first piece, from 1.
    pub first: u32,
    /// The département of its pieces, where bundles are made by that; empty where it has none.
    pub departement: String,
}

/// What the table says of the lot as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PostalParts {
    /// The lot's bundles, in order; none where it is not broken into such.
    pub bundles: Vec<BundleSpan>,
    /// The weight classes of its pieces in grams, the least first.
    pub classes: Vec<u32>,
}

/// Counts the pieces of a lot, in the order of its manifest.
pub(crate) struct Deposit<'a> {
    lot: &'a Lot,
    weight: PostalWeight<'a>,
    product: &'a str,
    /// Whether bundles are made by département.
    by_area: bool,
    rows: csv::DeserializeRecordsIntoIter<File, Row>,
    counted: u32,
    groups: BTreeMap<Group, Amount>,
    bundles: Vec<BundleSpan>,
}

impl<'a> Deposit<'a> {
    /// Begins with the manifest in the staging folder.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn begin(lot: &'a Lot, job: &'a Job, staging: &Path) -> Result<Deposit<'a>, Failure> {
        let manifest =
            fs_err::File::open(staging.join(manifest_path(lot.kind(), lot.name())))?.into_parts().0;
        let rows = csv::Reader::from_reader(manifest).into_deserialize();
        Ok(Deposit {
            lot,
            weight: job.postage().weight(&lot.template.manifest),
            product: &job.postage().product,
            by_area: matches!(job.bundle(lot.kind()), Some(Bundle::By(_))),
            rows,
            counted: 0,
            groups: BTreeMap::new(),
            bundles: Vec::new(),
        })
    }

    /// Counts the next piece, which goes to this address.
    ///
    /// # Errors
    /// `bug`: the manifest has no such piece; I/O errors.
    pub(crate) fn add(&mut self, address: &PostalAddress) -> Result<(), Failure> {
        let row = self.rows.next().ok_or_else(|| disagree(self.lot))?.map_err(io::Error::other)?;
        self.counted += 1;
        let sheets = row.pages.div_ceil(2);
        let grams = self.weight.grams(sheets);
        let departement = address.departement().unwrap_or_default();
        let class = self.weight.class(sheets);
        let group = Group { area: address.area(), departement: departement.to_owned(), class };
        let amount = self.groups.entry(group).or_default();
        amount.pieces += 1;
        amount.sheets += u64::from(sheets);
        amount.milligrams += (grams * 1000.0).round() as u64;
        if let Some(number) = row.bundle
            && self.bundles.last().is_none_or(|bundle| bundle.number != number)
        {
            let departement = if self.by_area { departement.to_owned() } else { String::new() };
            self.bundles.push(BundleSpan { number, first: self.counted, departement });
        }
        Ok(())
    }

    /// Writes the table into the staging folder and returns the lot's bundles and weight classes.
    ///
    /// # Errors
    /// `bug`: not every piece was counted; I/O errors.
    pub(crate) fn finish(self, staging: &Path) -> Result<PostalParts, Failure> {
        if self.counted != self.lot.count {
            return Err(disagree(self.lot));
        }
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(COLUMNS).map_err(io::Error::other)?;
        let (lot, kind) = (self.lot.name().as_str(), self.lot.kind());
        let product = harmless_cell(self.product);
        for (group, amount) in &self.groups {
            let class = group.class.to_string();
            let grams = amount.milligrams.div_ceil(1000);
            let numbers = [amount.pieces, amount.sheets, grams].map(|number| number.to_string());
            let [pieces, sheets, grams] = &numbers;
            let cells = [
                lot,
                kind.code(),
                group.area.code(),
                &group.departement,
                &product,
                &class,
                pieces,
                sheets,
                grams,
            ];
            table.write_record(cells).map_err(io::Error::other)?;
        }
        let text = table.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        write_whole(&staging.join(deposit_path(kind, self.lot.name())), &text)?;
        let mut classes: Vec<u32> = self.groups.keys().map(|group| group.class).collect();
        classes.sort_unstable();
        classes.dedup();
        Ok(PostalParts { bundles: self.bundles, classes })
    }
}

fn disagree(lot: &Lot) -> Failure {
    let (kind, name) = (lot.kind(), lot.name());
    Failure::bug(format!(
        "{kind} lot {name}: its manifest and its records count different pieces; nothing was released"
    ))
}
