//! A template as it is kept: all that its layout takes from, also what is built into the program. A later program, which has
//! another prelude and other fonts, lays out the same pages from it.

use std::collections::BTreeMap;

use typst::foundations::Bytes;

use crate::fault::{Problem, TemplateError};
use crate::files::{Files, KeptFiles, PRELUDE_PATH};
use crate::fonts;
use crate::kind::FaultKind;
use crate::template::Template;

/// Prefix of the paths of the template's own files.
const FILES: &str = "files/";
/// Prefix of the paths of the program's fonts, which are numbered in their order.
const FONTS: &str = "fonts/";

impl Template {
    /// All that the layout takes from, by path: the template's files below `files/`, the prelude `pli.typ`, and the program's
    /// fonts below `fonts/`. Files of the folder that can't be read are no part of it.
    pub fn parts(&self) -> BTreeMap<String, Vec<u8>> {
        let files = self.files();
        let mut parts: BTreeMap<String, Vec<u8>> =
            files.all().map(|(path, bytes)| (format!("{FILES}{path}"), bytes.to_vec())).collect();
        parts.insert(PRELUDE_PATH.to_owned(), files.prelude().to_vec());
        for (font, number) in fonts::of_program(files.program_fonts()).into_iter().zip(1..) {
            parts.insert(format!("{FONTS}{number:02}.ttf"), font.to_vec());
        }
        parts
    }

    /// The template with these parts, as [`Template::parts`] returned them. Others are passed over.
    ///
    /// # Errors
    /// A fault of kind [`FaultKind::Unreadable`] if the prelude is missing; as for [`Template::find`].
    pub fn of_parts(name: &str, parts: &BTreeMap<String, Vec<u8>>) -> Result<Template, TemplateError> {
        let failed = |fault| TemplateError::before_layout(name, fault);
        let below = |prefix: &'static str| {
            parts.iter().filter_map(move |(path, bytes)| {
                Some((path.strip_prefix(prefix)?.to_owned(), Bytes::new(bytes.clone())))
            })
        };
        let prelude = parts.get(PRELUDE_PATH).ok_or_else(|| {
            failed(Problem::new(FaultKind::Unreadable, "is not there").in_file(PRELUDE_PATH))
        })?;
        let files = KeptFiles {
            files: below(FILES).map(|(path, bytes)| (path, Ok(bytes))).collect(),
            prelude: Bytes::new(prelude.clone()),
            fonts: Some(below(FONTS).map(|(_, bytes)| bytes).collect()),
        };
        Template::with_files(name.to_owned(), Files::Kept(files)).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    use crate::Facts;
    use crate::confined::LayoutOrder;

    fn laid_out(template: &Template) -> Vec<u8> {
        let texts =
            ["name", "return-address", "office-address", "phone", "hours", "phone-overseas", "website"];
        let bureau = texts.map(|name| (format!("bureau-{name}"), "ASIP".to_owned())).into();
        let facts = [("reason", "first"), ("codes", "new"), ("family", "CPS"), ("holder", "named")];
        let facts: Facts = facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let order = LayoutOrder { variants: vec![facts], bureau, lot: None };
        template.lay_out(&order).unwrap().objects
    }

    #[test]
    fn a_built_in_template_and_its_parts_have_the_same_pages_and_version() {
        let builtin = Template::find(Path::new("mailer-legacy")).unwrap();
        let parts = builtin.parts();
        assert!(parts.contains_key("files/template.toml") && parts.contains_key("fonts/06.ttf"));
        let kept = Template::of_parts("mailer-legacy", &parts).unwrap();
        assert_eq!(kept.version(), builtin.version());
        assert_eq!(kept.parts(), parts);
        assert!(laid_out(&kept) == laid_out(&builtin));
    }

    /// The prelude and the fonts are those of the parts, and not the program's.
    #[test]
    fn a_kept_template_takes_nothing_from_the_program() {
        let mut parts = Template::find(Path::new("mailer-legacy")).unwrap().parts();
        let own = laid_out(&Template::of_parts("kept", &parts).unwrap());
        let (sans, bold) = ("fonts/01.ttf".to_owned(), parts["fonts/04.ttf"].clone());
        let regular = parts.insert(sans.clone(), bold).unwrap();
        assert!(laid_out(&Template::of_parts("kept", &parts).unwrap()) != own);
        parts.insert(sans, regular);
        parts.insert(PRELUDE_PATH.to_owned(), b"#let nothing = 1".to_vec());
        let other = Template::of_parts("kept", &parts).unwrap();
        let order = LayoutOrder { variants: vec![Facts::new()], bureau: Facts::new(), lot: None };
        assert!(other.lay_out(&order).is_err());
        parts.remove(PRELUDE_PATH);
        assert!(Template::of_parts("kept", &parts).is_err());
    }

    #[test]
    fn what_was_released_is_printed_again_whatever_a_later_program_thinks_of_its_design() {
        let mut parts = Template::find(Path::new("mailer-legacy")).unwrap().parts();
        let main = parts.get_mut("files/mailer-legacy.typ").unwrap();
        main.extend_from_slice(b"\n#at(20mm, 97mm, text(size: 24pt)[PLI])\n");
        let kept = Template::of_parts("kept", &parts).unwrap();
        assert!(!laid_out(&kept).is_empty());
    }
}
