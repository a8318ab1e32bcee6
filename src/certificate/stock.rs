//! The stock forms and the fonts of a print file, digested: what they are as a whole, whatever their objects are numbered.

use preflight::{ShowFault, ShownFile};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files::hexadecimal;

/// A font of a print file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct CertifiedFont {
    /// Its PostScript name, with the tag of its subset.
    pub name: String,
    /// SHA-256 of its program, widths, encoding and map to Unicode, in hexadecimal.
    pub sha256: String,
}

/// The stock forms of a print file.
pub(crate) struct StockForms {
    /// Each form's object with its SHA-256, by object.
    forms: Vec<(u32, String)>,
}

impl StockForms {
    /// Digests the forms that a file's pages may show, with all that they refer to.
    ///
    /// # Errors
    /// [`ShowFault::File`]: a form that can't be read.
    pub(crate) fn of(file: &ShownFile) -> Result<StockForms, ShowFault> {
        let digest = |number| {
            let mut digest = Sha256::new();
            file.whole_form(number, &mut |part| digest.update(part))?;
            Ok((number, hexadecimal(digest.finalize())))
        };
        let forms: Result<_, ShowFault> = file.forms().into_iter().map(digest).collect();
        Ok(StockForms { forms: forms? })
    }

    /// Their digests, each once, in the order of the objects: the certificate's list.
    pub(crate) fn digests(&self) -> Vec<String> {
        let mut digests: Vec<String> = Vec::with_capacity(self.forms.len());
        for (_, digest) in &self.forms {
            if !digests.contains(digest) {
                digests.push(digest.clone());
            }
        }
        digests
    }

    /// The lot's list, and the forms of the file by their numbers in it.
    pub(crate) fn list(&self) -> (Vec<String>, FormNumbers) {
        let list = self.digests();
        let numbers = self.numbers(&list);
        (list, numbers)
    }

    /// The forms of the file by their numbers in a certificate's list.
    pub(crate) fn numbers(&self, list: &[String]) -> FormNumbers {
        let number = |(object, digest): &(u32, String)| {
            let place = list.iter().position(|known| known == digest);
            (*object, place.map_or(0, |place| place + 1))
        };
        FormNumbers(self.forms.iter().map(number).collect())
    }
}

/// The forms of a file by their numbers in a certificate's list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FormNumbers(Vec<(u32, usize)>);

impl FormNumbers {
    /// The number of a form, from 1; 0 for one that is not in the list.
    pub(crate) fn of_object(&self, object: u32) -> usize {
        let found = self.0.binary_search_by_key(&object, |(object, _)| *object);
        found.ok().and_then(|index| self.0.get(index)).map_or(0, |(_, number)| *number)
    }

    /// The numbers of all forms of the file.
    pub(crate) fn all(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|(_, number)| *number)
    }
}

/// Digests the fonts of a file's pages, in the order in which they are found.
///
/// # Errors
/// [`ShowFault::File`]: a font that can't be read.
pub(crate) fn certified_fonts(file: &ShownFile) -> Result<Vec<CertifiedFont>, ShowFault> {
    let fonts = file.fonts().iter().enumerate();
    let digest = |(index, font): (usize, &preflight::ShownFont)| {
        let mut digest = Sha256::new();
        file.whole_font(index, &mut |part| digest.update(part))?;
        Ok(CertifiedFont { name: font.base_font.clone(), sha256: hexadecimal(digest.finalize()) })
    };
    fonts.map(digest).collect()
}
