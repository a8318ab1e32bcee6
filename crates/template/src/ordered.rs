//! An ordered layout: what is laid out, an identity of all that its stock depends on, and that stock as bytes, which a later
//! run can print from.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::Facts;
use crate::compiled::{CompiledTemplate, Typeset};
use crate::confined::{self, LayoutOrder};
use crate::fault::{TemplateError, TemplateFault};
use crate::fonts;
use crate::template::Template;

/// The code that lays out, as `build.rs` names it.
const LAYOUT_CODE: &str = env!("PLI_LAYOUT_CODE");

/// Variants of a template that are to be laid out.
pub struct OrderedLayout<'t> {
    template: &'t Template,
    order: LayoutOrder,
}

/// All that the stock of a layout depends on.
#[derive(Serialize)]
struct Dependencies<'a> {
    code: &'a str,
    name: &'a str,
    version: &'a str,
    prelude: &'a [u8],
    /// The files of the folder that can't be read, with the reason.
    unreadable: Vec<(&'a str, &'a str)>,
    is_kept: bool,
    /// SHA-256 of the program's fonts that were kept with the template; none for those of this program, which `code` covers.
    kept_fonts: Vec<[u8; 32]>,
    order: &'a LayoutOrder,
}

impl Template {
    /// Orders the layout of variants. `bureau` holds what pieces print about the sender, `lot` the further inputs of the sheets
    /// at the ends of a lot; `None` without such sheets.
    pub fn order(&self, variants: &[Facts], bureau: &Facts, lot: Option<&Facts>) -> OrderedLayout<'_> {
        let order = LayoutOrder { variants: variants.to_vec(), bureau: bureau.clone(), lot: lot.cloned() };
        OrderedLayout { template: self, order }
    }
}

impl OrderedLayout<'_> {
    /// The template's name.
    pub fn name(&self) -> &str {
        self.template.name()
    }

    /// SHA-256 of all that the stock depends on: the code that lays out with its fonts, the template with its prelude, the
    /// variants, the texts of the bureau and of the lot. Nothing of the press is among it: stock has no grid.
    pub fn identity(&self) -> [u8; 32] {
        let files = self.template.files();
        let unreadable = |(path, file): (_, Result<&[u8], _>)| Some((path, file.err()?));
        let dependencies = Dependencies {
            code: LAYOUT_CODE,
            name: self.template.name(),
            version: self.template.version(),
            prelude: files.prelude(),
            unreadable: files.entries().into_iter().filter_map(unreadable).collect(),
            is_kept: files.are_kept(),
            kept_fonts: match files.program_fonts() {
                Some(kept) => fonts::of_program(Some(kept))
                    .into_iter()
                    .map(|font| Sha256::digest(font).into())
                    .collect(),
                None => Vec::new(),
            },
            order: &self.order,
        };
        // Serializing to memory never fails.
        Sha256::digest(postcard::to_allocvec(&dependencies).unwrap_or_default()).into()
    }

    /// Lays out, in a child process within [`LAYOUT_LIMITS`](crate::LAYOUT_LIMITS); in this process where it can't run itself.
    ///
    /// # Errors
    /// Every fault of the layout and its marks. If there is none, the fault of the export to PDF.
    pub fn lay_out(&self) -> Result<LaidOutStock, TemplateError> {
        let template = self.template;
        let answer =
            confined::lay_out(template, &self.order).unwrap_or_else(|| template.lay_out(&self.order));
        answer.map(LaidOutStock).map_err(|faults| self.failed(faults))
    }

    /// The template with its stock, ready for stamping. The stock is that of this layout, made now or taken from
    /// [`LaidOutStock::from_bytes`].
    ///
    /// # Errors
    /// The template's fonts can't be read.
    pub fn compiled(self, stock: LaidOutStock) -> Result<CompiledTemplate, TemplateError> {
        match self.template.field_fonts(&stock.0) {
            Ok(fonts) => Ok(self.template.compiled(self.order.variants, stock.0, fonts)),
            Err(faults) => Err(self.failed(faults)),
        }
    }

    fn failed(&self, faults: Vec<TemplateFault>) -> TemplateError {
        let variants = self.order.variants.len();
        TemplateError { template: self.template.name().to_owned(), faults, variants }
    }
}

/// The stock of a layout, with its marks and the warnings of the layout.
pub struct LaidOutStock(Typeset);

impl LaidOutStock {
    /// The stock as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Serializing to memory never fails.
        postcard::to_allocvec(&self.0).unwrap_or_default()
    }

    /// Reads [`LaidOutStock::to_bytes`] of a layout of the same [`identity`](OrderedLayout::identity); `None` for other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<LaidOutStock> {
        match postcard::take_from_bytes(bytes) {
            Ok((stock, [])) => Some(LaidOutStock(stock)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn facts(pairs: &[(&str, &str)]) -> Facts {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn bureau(name: &str) -> Facts {
        let names = ["return-address", "office-address", "phone", "hours", "phone-overseas", "website"];
        let other = names.map(|name| (format!("bureau-{name}"), "ASIP".to_owned()));
        other.into_iter().chain([("bureau-name".to_owned(), name.to_owned())]).collect()
    }

    #[test]
    fn stock_that_was_bytes_is_the_same_stock_with_its_warnings() {
        let template = Template::find(Path::new("card-letter")).unwrap();
        let variants = [facts(&[
            ("reason", "first"),
            ("codes", "new"),
            ("family", "CPS"),
            ("holder", "named"),
            ("replaced", "no"),
        ])];
        let order = || template.order(&variants, &bureau("ASIP"), None);
        let mut made = order().lay_out().unwrap();
        made.0
            .warnings
            .push(crate::fault::Problem::new(crate::FaultKind::Export, "a warning").in_file("x.typ"));
        let read = LaidOutStock::from_bytes(&made.to_bytes()).unwrap();
        let (made, read) = (order().compiled(made).unwrap(), order().compiled(read).unwrap());
        assert_eq!(made.stock.objects, read.stock.objects);
        assert_eq!((made.stock.offsets, made.stock.forms), (read.stock.offsets, read.stock.forms));
        assert_eq!(format!("{:?}", made.variants), format!("{:?}", read.variants));
        assert_eq!(format!("{:?}", made.warnings), format!("{:?}", read.warnings));
        assert!(format!("{:?}", read.warnings).contains("a warning"));
    }

    #[test]
    fn cut_and_longer_bytes_are_no_stock() {
        let bytes = LaidOutStock(Typeset { forms: vec![7, 8], ..Typeset::default() }).to_bytes();
        assert!(LaidOutStock::from_bytes(&bytes).is_some());
        assert!((0..bytes.len()).all(|end| LaidOutStock::from_bytes(&bytes[..end]).is_none()));
        assert!(LaidOutStock::from_bytes(&[&bytes[..], &[0]].concat()).is_none());
    }

    #[test]
    fn whatever_the_stock_depends_on_changes_its_identity() {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/card-letter");
        for entry in fs_err::read_dir(source).unwrap() {
            let entry = entry.unwrap();
            fs_err::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        let first = facts(&[("reason", "first")]);
        let of = |variants: &[Facts], name: &str, lot: Option<&Facts>| {
            Template::find(folder.path()).unwrap().order(variants, &bureau(name), lot).identity()
        };
        let own = of(std::slice::from_ref(&first), "ASIP", None);
        assert_eq!(own, of(std::slice::from_ref(&first), "ASIP", None));
        let mut others = vec![
            of(&[first.clone(), facts(&[("reason", "renewal")])], "ASIP", None),
            of(std::slice::from_ref(&first), "ANS", None),
            of(std::slice::from_ref(&first), "ASIP", Some(&facts(&[("night", "le 20 novembre 2026")]))),
        ];
        let parts = Template::find(folder.path()).unwrap().parts();
        let kept = |parts: &std::collections::BTreeMap<String, Vec<u8>>| {
            let template = Template::of_parts(&folder.path().display().to_string(), parts).unwrap();
            template.order(std::slice::from_ref(&first), &bureau("ASIP"), None).identity()
        };
        others.push(kept(&parts));
        let mut older = parts;
        older.insert("pli.typ".to_owned(), b"// an older prelude".to_vec());
        others.push(kept(&older));
        older.remove("fonts/06.ttf");
        others.push(kept(&older));
        fs_err::write(folder.path().join("note.txt"), "a file more").unwrap();
        others.push(of(std::slice::from_ref(&first), "ASIP", None));
        others.push(own);
        let count = others.len();
        others.sort_unstable();
        others.dedup();
        assert_eq!(others.len(), count);
    }
}
