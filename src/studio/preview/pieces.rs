//! Pieces: the very files that production would print for a variant and a record.

use std::cell::RefCell;
use std::sync::Arc;

use composition::Stamper;
use jiff::civil::Date;
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use sha2::{Digest, Sha256};
use template::{CompiledTemplate, PageMap, SheetSide, Template};

use crate::failure::Failure;
use crate::files::hexadecimal;
use crate::raster::OpenPdf;
use crate::studio::specimen::{Setting, Sheet, compose, print_compiled};

/// A template as it was at one time, and what it is printed for.
pub(super) struct Version {
    /// What names it.
    pub id: String,
    pub template: Template,
    pub setting: Arc<Setting>,
}

impl Version {
    /// The kind of piece.
    pub(super) fn kind(&self) -> PieceKind {
        self.template.manifest().kind
    }
}

/// A variant of a version, laid out.
pub(super) struct Laid {
    /// What names it: its version and its variant.
    pub id: String,
    pub version: Arc<Version>,
    pub compiled: CompiledTemplate,
    /// What each page shows, and where the designer wrote it.
    pub maps: Vec<PageMap>,
}

impl Laid {
    /// A short name for identifiers of what it shows.
    pub(super) fn short_id(&self) -> String {
        hexadecimal(&Sha256::digest(&self.id)[..8])
    }

    /// The sides of the variant.
    pub(super) fn sides(&self) -> &[SheetSide] {
        self.compiled.variants.first().map_or(&[], |variant| &variant.sides)
    }

    /// The template, ready for stamping.
    ///
    /// # Errors
    /// `template_press`, `press_duplex`: the press can't print it.
    pub(super) fn stamper(&self) -> Result<Stamper<'_>, Failure> {
        self.version.setting.stamper(&self.compiled)
    }
}

/// A piece.
pub(super) struct Piece {
    /// What names it in requests.
    pub id: String,
    /// What names its bytes: pieces that print the same have the same.
    pub bytes_id: String,
    pub pdf: Arc<Vec<u8>>,
    /// The width and height of each page, in points.
    pub sizes: Vec<(f64, f64)>,
    pub laid: Arc<Laid>,
    pub record: Arc<Issuance>,
    /// The text of the signed block of a letter.
    pub twoddoc: Option<String>,
}

impl Piece {
    /// The name of the piece of a record.
    pub(super) fn name(laid: &Laid, record: &Issuance) -> String {
        let mut digest = Sha256::new_with_prefix(&laid.id);
        digest.update([0]);
        digest.update(format!("{record:?}"));
        hexadecimal(&digest.finalize()[..16])
    }

    /// Prints the piece of a record as `pli render` does.
    ///
    /// # Errors
    /// `specimen`: the template can't show the record; `template_press`, `press_duplex`.
    pub(super) fn print(
        id: String,
        laid: &Arc<Laid>,
        record: &Arc<Issuance>,
        night: Date,
    ) -> Result<Piece, Failure> {
        let kind = laid.version.kind();
        let sheet = Sheet::of_specimen(kind, night, false);
        let twoddoc = RefCell::new(None);
        let pdf = print_compiled(&laid.compiled, &laid.version.setting, &sheet, |stamper| {
            let composed = compose(kind, stamper, record, night)?;
            twoddoc.replace(composed.twoddoc.clone());
            Ok(composed)
        })?;
        let pdf = Arc::new(pdf);
        let bytes_id = hexadecimal(&Sha256::digest(pdf.as_slice())[..16]);
        let open = OpenPdf::from_bytes(&id, pdf.clone())?;
        let renderer = open.renderer();
        let sizes = (1..=open.pages()).map(|page| renderer.size(page)).collect::<Result<_, _>>()?;
        let (laid, record) = (laid.clone(), record.clone());
        Ok(Piece { id, bytes_id, pdf, sizes, laid, record, twoddoc: twoddoc.into_inner() })
    }
}
