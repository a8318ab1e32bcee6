//! Finds a template and compiles its variants.

use std::path::Path;

use rayon::prelude::*;
use typst::text::Font;

use crate::Facts;
use crate::check::Purpose;
use crate::compiled::{CompiledTemplate, CompiledVariant};
use crate::fault::{Problem, TemplateError, TemplateFault};
use crate::files::Files;
use crate::fonts::{self, FieldFont};
use crate::kind::FaultKind;
use crate::layout::{LaidOut, Layout, Source};
use crate::manifest::{MANIFEST_PATH, Manifest};
use crate::stock;
use crate::world::Sources;

/// A template with its manifest and fonts, not yet laid out.
pub struct Template {
    name: String,
    files: Files,
    manifest: Manifest,
    fonts: Vec<Font>,
    sources: Sources,
    version: String,
}

impl Template {
    /// Finds a template: a folder, or the name of a built-in one.
    ///
    /// # Errors
    /// A fault of kind [`FaultKind::NotFound`] if there is no such template, [`FaultKind::Unreadable`] if a file can't be
    /// read, [`FaultKind::Manifest`] if `template.toml` is wrong.
    pub fn find(path: &Path) -> Result<Template, TemplateError> {
        let name = path.display().to_string();
        let error = |fault| TemplateError { template: name.clone(), faults: vec![fault] };
        let files = Files::find(path).ok_or_else(|| {
            let advice =
                "name a folder, or a built-in template: card-letter, mailer-igc-sante, mailer-legacy";
            let problem = Problem::new(FaultKind::NotFound, "there is no such template").with_advice(advice);
            error(problem.at(MANIFEST_PATH, 1, 1))
        })?;
        let unreadable = |cause: std::io::Error| {
            error(Problem::new(FaultKind::Unreadable, cause.to_string()).at(MANIFEST_PATH, 1, 1))
        };
        let bytes = files.read(MANIFEST_PATH).map_err(unreadable)?;
        let manifest = Manifest::parse(&String::from_utf8_lossy(&bytes)).map_err(error)?;
        let fonts = fonts::with_template_fonts(files.fonts());
        let version = files.digest().map_err(unreadable)?;
        Ok(Template { name, files, manifest, fonts, sources: Sources::default(), version })
    }

    /// The template's name, as it was found.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the template's files, which names its version in reports.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The template's manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The facts of a piece that select its variant of this template.
    pub fn variant_of(&self, facts: &Facts) -> Facts {
        let declared = |name: &String| self.manifest.variants.contains(name);
        facts.iter().filter(|(name, _)| declared(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
    }

    /// Lays out the variants. `bureau` holds what pieces print about the sender.
    ///
    /// # Errors
    /// Every fault of the layout and its marks. If there is none, the fault of the export to PDF.
    pub fn compile(&self, variants: &[Facts], bureau: &Facts) -> Result<CompiledTemplate, TemplateError> {
        self.compile_lot(variants, bureau, None)
    }

    /// Lays out the variants and, if `lot` is given, the sheets at the ends of their lot. `lot` holds the further inputs
    /// of those sheets.
    ///
    /// # Errors
    /// As for [`Template::compile`].
    pub fn compile_lot(
        &self,
        variants: &[Facts],
        bureau: &Facts,
        lot: Option<&Facts>,
    ) -> Result<CompiledTemplate, TemplateError> {
        let source = Source {
            files: &self.files,
            main: &self.manifest.main,
            fonts: &self.fonts,
            sources: &self.sources,
            purpose: Purpose::Piece(self.manifest.kind),
        };
        let mut layout = Layout::new(source, &self.manifest);
        let mut compiled: Vec<CompiledVariant> = Vec::with_capacity(variants.len());
        for share in variants.chunks(rayon::current_num_threads()) {
            let laid_out: Vec<Option<LaidOut>> =
                share.par_iter().map(|facts| source.lay_out(facts, bureau)).collect();
            for (facts, laid_out) in share.iter().zip(laid_out) {
                compiled.push(CompiledVariant { facts: facts.clone(), sides: layout.variant(laid_out) });
            }
            // Keeps of Typst's cache only what the last variants used.
            typst::comemo::evict(1);
        }
        let lot_sheets = lot.map(|lot| layout.lot_sheets(lot, bureau));
        typst::comemo::evict(0);
        if !layout.faults.is_empty() {
            return Err(self.error(layout.faults));
        }
        let stock = stock::build(layout.pages)
            .map_err(|problem| self.error(vec![problem.at(&self.manifest.main, 1, 1)]))?;
        Ok(CompiledTemplate {
            manifest: self.manifest.clone(),
            name: self.name.clone(),
            version: self.version.clone(),
            variants: compiled,
            lot_sheets,
            fonts: layout.fonts.into_iter().map(FieldFont::new).collect(),
            stock,
        })
    }

    fn error(&self, mut faults: Vec<TemplateFault>) -> TemplateError {
        // Variants have faults in common.
        faults.sort_by(|a, b| {
            (&a.file, a.line, a.column, &a.message).cmp(&(&b.file, b.line, b.column, &b.message))
        });
        faults.dedup();
        TemplateError { template: self.name.clone(), faults }
    }
}
