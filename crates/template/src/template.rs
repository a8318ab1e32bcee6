//! Finds a template and compiles its variants.

use std::path::{Path, PathBuf};

use print_file::Stock;
use rayon::prelude::*;
use typst::foundations::Bytes;
use typst::text::Font;
use typst_layout::Page;

use crate::Facts;
use crate::builtin;
use crate::check::Purpose;
use crate::compiled::{CompiledTemplate, CompiledVariant, Typeset};
use crate::confined::{LayoutOrder, MAX_TRIED};
use crate::envelope::{self, EnvelopeStock};
use crate::fault::{Problem, Severity, TemplateError, TemplateFault};
use crate::files::{Files, PRELUDE_PATH, SHARED};
use crate::fonts::{self, FieldFont};
use crate::ink::PlacedPicture;
use crate::kind::FaultKind;
use crate::layout::{LaidOut, Layout, Source};
use crate::manifest::{MANIFEST_PATH, Manifest, folder_beside};
use crate::pictures::Pictures;
use crate::settled::settled;
use crate::stock;
use crate::world::Sources;

/// A template with its manifest, not yet laid out. Its files are in memory: what changes on the disk changes nothing here.
#[derive(Clone)]
pub struct Template {
    name: String,
    files: Files,
    manifest: Manifest,
    /// The faults of `template.toml` that leave the rest of it usable.
    faults: Vec<TemplateFault>,
    version: String,
}

impl Template {
    /// Finds a template: a folder, or the name of a built-in one.
    ///
    /// # Errors
    /// A fault of kind [`FaultKind::NotFound`] if there is no such template, [`FaultKind::Unreadable`] if its folder can't
    /// be read, [`FaultKind::Budget`] if it holds too much, [`FaultKind::Manifest`] if `template.toml` is wrong,
    /// [`FaultKind::MainFile`] if the main file is not there.
    pub fn find(path: &Path) -> Result<Template, TemplateError> {
        let name = path.display().to_string();
        let failed = |fault| TemplateError::before_layout(&name, fault);
        let files = Files::find(path)
            .map_err(|(file, problem)| failed(rooted(&name, problem.in_file(&file))))?
            .ok_or_else(|| {
                let advice = format!("name a folder, or a built-in template: {}", builtin::names());
                let problem = "there is no such folder, and no built-in template of that name";
                failed(Problem::new(FaultKind::NotFound, problem).with_advice(advice).in_file(&name))
            })?;
        let files = with_envelope(path, files).map_err(failed)?;
        let files = with_shared(path, files).map_err(failed)?;
        Template::with_files(name.clone(), files).map_err(failed)
    }

    /// The template with these files.
    ///
    /// # Errors
    /// As for [`Template::find`].
    pub(crate) fn with_files(name: String, files: Files) -> Result<Template, TemplateFault> {
        let (mut manifest, mut faults) = read_manifest(&files).map_err(|fault| rooted(&name, fault))?;
        match stock_envelope(&files, &manifest) {
            Ok(stock) => manifest.envelope.stock = stock,
            Err(fault) => faults.push(fault),
        }
        let faults = faults.into_iter().map(|fault| rooted(&name, fault)).collect();
        Ok(Template { version: files.digest(), name, files, manifest, faults })
    }

    /// The template that another process found, and whose version it knows.
    ///
    /// # Errors
    /// As for [`Template::find`].
    pub(crate) fn received(name: String, version: String, files: Files) -> Result<Template, TemplateFault> {
        let (mut manifest, mut faults) = read_manifest(&files).map_err(|fault| rooted(&name, fault))?;
        match stock_envelope(&files, &manifest) {
            Ok(stock) => manifest.envelope.stock = stock,
            Err(fault) => faults.push(fault),
        }
        let faults = faults.into_iter().map(|fault| rooted(&name, fault)).collect();
        Ok(Template { name, files, manifest, faults, version })
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

    /// The template's files.
    pub(crate) fn files(&self) -> &Files {
        &self.files
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
        let order = self.order(variants, bureau, None);
        let stock = order.lay_out()?;
        order.compiled(stock)
    }

    /// What was laid out, with the fonts of its variable text.
    pub(crate) fn compiled(
        &self,
        variants: Vec<Facts>,
        typeset: Typeset,
        fonts: Vec<FieldFont>,
    ) -> CompiledTemplate {
        let Typeset { variants: sides, lot_sheets, objects, offsets, forms, warnings, .. } = typeset;
        let variants = variants.into_iter().zip(sides);
        CompiledTemplate {
            manifest: self.manifest.clone(),
            name: self.name.clone(),
            version: self.version.clone(),
            variants: variants.map(|(facts, sides)| CompiledVariant { facts, sides }).collect(),
            lot_sheets,
            fonts,
            stock: Stock { objects, offsets, forms },
            warnings,
        }
    }

    /// Lays out in this process.
    ///
    /// # Errors
    /// Every fault of the layout and its marks if one is an error, otherwise the fault of the export to PDF.
    pub(crate) fn lay_out(&self, order: &LayoutOrder) -> Result<Typeset, Vec<TemplateFault>> {
        let (fonts, sources) = (self.fonts()?, Sources::default());
        let typeset = self.lay_out_with(order, &fonts, &sources, &mut Pictures::default(), false);
        typst::comemo::evict(0);
        typeset
    }

    /// Lays out with these fonts, which are the template's, with the sources read and the artwork looked at so far; with `mapped` a map is made of
    /// each page. The caller empties Typst's cache.
    ///
    /// # Errors
    /// As for [`Template::lay_out`].
    pub(crate) fn lay_out_with(
        &self,
        order: &LayoutOrder,
        fonts: &[Font],
        sources: &Sources,
        looked_at: &mut Pictures,
        mapped: bool,
    ) -> Result<Typeset, Vec<TemplateFault>> {
        let source = Source {
            files: &self.files,
            main: &self.manifest.main,
            fonts,
            sources,
            purpose: Purpose::Piece(self.manifest.kind),
        };
        let mut layout = Layout::new(source, &self.manifest);
        layout.maps = mapped.then(Vec::new);
        layout.pictures = std::mem::take(looked_at);
        let mut variants = Vec::with_capacity(order.variants.len());
        for share in order.variants.chunks(rayon::current_num_threads()) {
            let laid_out: Vec<Option<LaidOut>> =
                share.par_iter().map(|facts| source.lay_out(facts, &order.bureau)).collect();
            variants.extend(laid_out.into_iter().map(|laid_out| layout.variant(laid_out)));
            if !mapped {
                // Keeps of Typst's cache only what the last variants used.
                typst::comemo::evict(1);
            }
        }
        *looked_at = std::mem::take(&mut layout.pictures);
        layout.faults =
            std::mem::take(&mut layout.faults).into_iter().map(|fault| self.rooted(fault)).collect();
        layout.faults.extend(self.font_warnings(fonts));
        layout.faults.extend(self.faults.iter().cloned());
        if self.files.are_kept() {
            // It was released: a later program prints it again, whatever it thinks of its design.
            layout
                .faults
                .iter_mut()
                .filter(|fault| fault.kind.is_of_design())
                .for_each(TemplateFault::pardon);
        }
        let lot_sheets = order.lot.as_ref().map(|lot| layout.lot_sheets(lot, &order.bureau));
        let warnings = settled(layout.faults);
        if warnings.iter().any(|fault| fault.severity == Severity::Error) {
            return Err(warnings);
        }
        let index = |font: &Font| fonts.iter().position(|known| known == font).unwrap_or_default();
        let field_fonts = layout.fonts.iter().map(index).collect();
        let maps = layout.maps.unwrap_or_default();
        let (pictures, page) = (layout.shown, layout.pages.first().cloned());
        let Stock { objects, offsets, forms } = stock::build(layout.pages).map_err(|problem| {
            let placed = page.and_then(|page| of_a_picture(&problem, &pictures, &page));
            vec![self.rooted(placed.unwrap_or_else(|| self.in_its_artwork(problem)))]
        })?;
        Ok(Typeset { variants, lot_sheets, fonts: field_fonts, objects, offsets, forms, warnings, maps })
    }

    /// A problem of the stock pages, in the artwork that has it alone; in the main file where none has.
    fn in_its_artwork(&self, problem: Problem) -> TemplateFault {
        let same = |artwork: &&str| self.draw(artwork).as_ref() == Err(&problem);
        let artwork = match problem.kind {
            FaultKind::Budget | FaultKind::Export => {
                self.files.artwork().take(MAX_TRIED).find(same).map(str::to_owned)
            }
            _ => None,
        };
        problem.in_file(artwork.as_deref().unwrap_or(&self.manifest.main))
    }

    /// Draws and exports one picture of the template. How it looks is not judged.
    ///
    /// # Errors
    /// The problem of the stock page that shows it.
    pub(crate) fn draw(&self, artwork: &str) -> Result<(), Problem> {
        const MAIN: &str = "artwork.typ";
        let path = artwork.replace('\\', "\\\\").replace('"', "\\\"");
        let text = format!("#set page(width: 210mm, height: 297mm)\n#image(\"/{path}\", width: 20mm)\n");
        let (files, sources) = (self.files.of_artwork(artwork, MAIN, text), Sources::default());
        let fonts = fonts::with_template_fonts(None, Vec::new());
        let purpose = Purpose::Piece(self.manifest.kind);
        let source = Source { files: &files, main: MAIN, fonts: &fonts, sources: &sources, purpose };
        let laid_out = source.lay_out(&Facts::new(), &Facts::new());
        match laid_out.and_then(LaidOut::document) {
            Some(document) => stock::build(document.pages().to_vec()).map(drop),
            None => Ok(()),
        }
    }

    /// The program's fonts and the template's.
    ///
    /// # Errors
    /// Faults of kinds [`FaultKind::Unreadable`] and [`FaultKind::Font`].
    pub(crate) fn fonts(&self) -> Result<Vec<Font>, Vec<TemplateFault>> {
        let (mut own, mut faults) = (Vec::new(), Vec::new());
        for (path, file) in self.files.fonts() {
            let problem = match file {
                Ok(bytes) if fonts::has_font(bytes) => {
                    own.push(bytes.clone());
                    continue;
                }
                Ok(_) => Problem::new(FaultKind::Font, "holds no font that can be used")
                    .with_advice("take it out of the folder, or replace it by a static .ttf"),
                Err(reason) => Problem::new(FaultKind::Unreadable, reason)
                    .with_advice("take it out of the folder, or replace it by the font itself"),
            };
            faults.push(self.rooted(problem.in_file(path)));
        }
        if faults.is_empty() {
            Ok(fonts::with_template_fonts(self.files.program_fonts(), own))
        } else {
            Err(faults)
        }
    }

    /// Warnings of the fonts in the folder that are not read, or that can't be used for all. `fonts` are those that are.
    fn font_warnings(&self, fonts: &[Font]) -> Vec<TemplateFault> {
        let warning = |path: &str, message: &str, advice: &str| {
            let problem = Problem::new(FaultKind::UnreadFont, message).with_advice(advice).into_warning();
            self.rooted(problem.in_file(path))
        };
        let unread = self.files.unread_fonts().map(|path| {
            let advice = "convert it to .ttf or .otf, or take it out of the folder";
            warning(path, "a font in a format that is not read", advice)
        });
        let varies =
            |bytes: &Bytes| fonts.iter().any(|font| font.data() == bytes && !font.info().axes.is_empty());
        let variable =
            self.files.fonts().filter(|(_, file)| file.as_ref().is_ok_and(varies)).map(|(path, _)| {
                let advice = "replace it by static fonts (.ttf), one for each weight that is used";
                warning(path, "a variable font: no field can be set in it", advice)
            });
        unread.chain(variable).collect()
    }

    /// The fonts of variable text.
    ///
    /// # Errors
    /// As for [`Template::fonts`].
    pub(crate) fn field_fonts(&self, typeset: &Typeset) -> Result<Vec<FieldFont>, Vec<TemplateFault>> {
        let fonts = self.fonts()?;
        Ok(typeset.fonts.iter().filter_map(|&index| fonts.get(index).cloned().map(FieldFont::new)).collect())
    }

    /// The folders whose files the template sees: its own, and the one that it shares with others. None for a template that
    /// is built in or was kept.
    pub fn folders(&self) -> Vec<PathBuf> {
        match self.files {
            Files::Folder(_) => {
                let shared = self.shared_folder();
                std::iter::once(PathBuf::from(&self.name)).chain(shared).collect()
            }
            Files::Builtin(_) | Files::Kept(_) => Vec::new(),
        }
    }

    /// Where a file of the closed world lies, as the user knows it: `shared/common.typ` lies in the shared folder.
    pub fn path_of(&self, inside: &str) -> PathBuf {
        let shared = self.shared_folder().zip(inside.strip_prefix(SHARED));
        match shared {
            Some((folder, inside)) => folder.join(inside),
            None => Path::new(&self.name).join(inside),
        }
    }

    /// The path inside the closed world of a file that lies here on the disk, links followed: what
    /// [`Template::path_of`] is the way back from. `None` for a file of neither folder.
    pub fn inside(&self, path: &Path) -> Option<String> {
        let full = |path: &Path| std::fs::canonicalize(path).ok();
        let path = full(path)?;
        let within = |folder: &Path, prefix: &str| {
            let inside = path.strip_prefix(full(folder)?).ok()?.to_string_lossy().replace('\\', "/");
            Some(format!("{prefix}{inside}"))
        };
        let shared = || within(&self.shared_folder()?, SHARED);
        within(Path::new(&self.name), "").or_else(shared)
    }

    /// Line and column, from 1, of a key of `template.toml`.
    pub fn place_of_key(&self, key: &str) -> (usize, usize) {
        let manifest = self.files.manifest();
        let text = String::from_utf8_lossy(&manifest);
        foreign::line_and_column(&text, foreign::key_offset(&text, key))
    }

    /// The folder that the template shares with others.
    fn shared_folder(&self) -> Option<PathBuf> {
        let beside = folder_beside(self.manifest.shared.as_deref()?)?;
        let own = Path::new(&self.name);
        // A path that ends in dots has no name to replace.
        Some(match own.file_name() {
            Some(_) => own.with_file_name(beside),
            None => own.join("..").join(beside),
        })
    }

    /// A fault of a file in the template's folder, with the path as the user knows it.
    pub(crate) fn rooted(&self, fault: TemplateFault) -> TemplateFault {
        match fault.file.starts_with(SHARED) {
            true => TemplateFault { file: self.path_of(&fault.file).display().to_string(), ..fault },
            false => rooted(&self.name, fault),
        }
    }
}

/// A problem of the stock pages as the fault of the picture that has it alone, where it is asked for. What takes too much or
/// can't be drawn is a fault of the picture's own file.
fn of_a_picture(problem: &Problem, pictures: &[PlacedPicture], page: &Page) -> Option<TemplateFault> {
    if matches!(problem.kind, FaultKind::Budget | FaultKind::Export) {
        return None;
    }
    let same =
        |picture: &&PlacedPicture| stock::build(vec![picture.alone(page)]).as_ref().err() == Some(problem);
    let place = pictures.iter().take(MAX_TRIED).find(same)?.place.clone();
    let fault = problem.clone().in_file(&place.file);
    Some(TemplateFault { location: place.location, end: place.end, ..fault })
}

fn rooted(template: &str, fault: TemplateFault) -> TemplateFault {
    match fault.file.as_str() {
        PRELUDE_PATH => fault,
        "" => TemplateFault { file: template.to_owned(), ..fault },
        inside => TemplateFault { file: Path::new(template).join(inside).display().to_string(), ..fault },
    }
}

/// The files with those of the folder that `template.toml` shares. It must lie beside the template's own, links followed.
fn with_shared(folder: &Path, mut files: Files) -> Result<Files, TemplateFault> {
    let Files::Folder(_) = files else { return Ok(files) };
    let shared = read_manifest(&files).ok().and_then(|(manifest, _)| manifest.shared);
    let Some(shared) = shared else { return Ok(files) };
    let shown = folder.join(&shared).display().to_string();
    let advice = "make this folder, or take `shared` out of `template.toml`";
    let manifest = files.manifest();
    let failed = |problem: String| {
        let problem = Problem::new(FaultKind::Unreadable, format!("`{shared}` {problem}"));
        rooted(&folder.display().to_string(), problem.with_advice(advice).at_key(&manifest, "shared"))
    };
    let canonical =
        |path: &Path| std::fs::canonicalize(path).map_err(|error| failed(format!("can't be read: {error}")));
    let (own, other) = (canonical(folder)?, canonical(&folder.join(&shared))?);
    if own.parent() != other.parent() || own == other {
        return Err(failed("does not lie beside the template's folder, once links are followed".to_owned()));
    }
    let in_folder = |(path, problem): (String, Problem)| {
        problem.in_file(&Path::new(&shown).join(path).display().to_string())
    };
    files.share(&other).map_err(in_folder)?;
    Ok(files)
}

/// The problem of a folder that is no template's.
pub(crate) fn no_manifest() -> Problem {
    let advice = format!("name a template's folder, or a built-in template: {}", builtin::names());
    Problem::new(FaultKind::NotFound, "there is no `template.toml` in this folder").with_advice(advice)
}

/// The largest `template.toml`, in bytes.
const MAX_MANIFEST_SIZE: usize = 64 << 10;

/// Reads `template.toml`, and looks for the main file that it names. The faults leave the rest of it usable.
fn read_manifest(files: &Files) -> Result<(Manifest, Vec<TemplateFault>), TemplateFault> {
    let unreadable = |reason: String| Problem::new(FaultKind::Unreadable, reason).in_file(MANIFEST_PATH);
    let bytes = files.read(MANIFEST_PATH).map_err(unreadable)?;
    let bytes = bytes.ok_or_else(|| no_manifest().in_file(""))?;
    if bytes.len() > MAX_MANIFEST_SIZE {
        return Err(unreadable(format!("is larger than {MAX_MANIFEST_SIZE} bytes")));
    }
    let (manifest, faults) = Manifest::parse(&bytes)?;
    let main = match files.read(&manifest.main) {
        Ok(Some(_)) => return Ok((manifest, faults)),
        Ok(None) => "is not in the template's folder".to_owned(),
        Err(reason) => reason,
    };
    let problem = Problem::new(FaultKind::MainFile, format!("`{}` {main}", manifest.main));
    Err(problem.with_advice("name the template's Typst file as `main`").at_key(&bytes, "main"))
}

/// The envelope that the manifest names: of the template's files, otherwise one that is built in.
fn stock_envelope(files: &Files, manifest: &Manifest) -> Result<Option<EnvelopeStock>, TemplateFault> {
    let Some(name) = manifest.envelope.name.as_deref() else { return Ok(None) };
    let path = envelope::path_of(name);
    let unreadable = |reason: String| Problem::new(FaultKind::Unreadable, reason).in_file(&path);
    let own = if envelope::is_name(name) { files.read(&path).map_err(unreadable)? } else { None };
    match own {
        Some(bytes) => EnvelopeStock::parse(&path, &bytes).map(Some),
        None => Err(envelope::unknown(name).at_key(&files.manifest(), "envelope")),
    }
}

/// The folders around a template's folder, links followed, in which its envelope may lie.
fn around(root: &Path) -> impl Iterator<Item = &Path> {
    root.ancestors().skip(1).take(2)
}

/// The folders outside of a template's folder, links followed, in which its envelope may lie. They may not be there.
pub fn envelope_folders(folder: &Path) -> Vec<PathBuf> {
    let root = std::fs::canonicalize(folder).ok();
    root.iter().flat_map(|root| around(root)).map(|around| around.join(envelope::FOLDER)).collect()
}

/// The files with the envelope that a folder's `template.toml` names: that of a folder `envelopes` beside the template's
/// folder, or beside the folder around it, otherwise the one that the program knows. It becomes a part of the template's
/// version.
fn with_envelope(folder: &Path, mut files: Files) -> Result<Files, TemplateFault> {
    let manifest = files.read(MANIFEST_PATH).ok().flatten().and_then(|bytes| Manifest::parse(&bytes).ok());
    let name = manifest.and_then(|(manifest, _)| manifest.envelope.name);
    let Some(name) = name.filter(|name| envelope::is_name(name)) else { return Ok(files) };
    let path = envelope::path_of(&name);
    let Some(root) = std::fs::canonicalize(folder).ok().filter(|_| files.read(&path) == Ok(None)) else {
        return Ok(files);
    };
    let around = around(&root).map(|around| around.join(&path));
    let Some(file) = around.into_iter().find(|file| file.is_file()) else {
        envelope::built_in(&name).into_iter().for_each(|bytes| files.add(path.clone(), Bytes::new(bytes)));
        return Ok(files);
    };
    let shown = file.display().to_string();
    let bytes = foreign::read(&file, MAX_MANIFEST_SIZE as u64)
        .map_err(|reason| Problem::new(FaultKind::Unreadable, reason.to_string()).in_file(&shown))?;
    EnvelopeStock::parse(&shown, &bytes)?;
    files.add(path, Bytes::new(bytes));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_on_the_disk_changes_nothing_in_a_template_that_was_found() {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/mailer-legacy");
        for entry in fs_err::read_dir(source).unwrap() {
            let entry = entry.unwrap();
            fs_err::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        let template = Template::find(folder.path()).unwrap();
        for entry in fs_err::read_dir(folder.path()).unwrap() {
            fs_err::write(entry.unwrap().path(), "spoiled").unwrap();
        }
        let bureau =
            ["name", "return-address", "office-address", "phone", "hours", "phone-overseas", "website"];
        let bureau = bureau.map(|name| (format!("bureau-{name}"), "ASIP".to_owned())).into();
        let facts = [
            ("reason", "first"),
            ("codes", "new"),
            ("family", "CPS"),
            ("holder", "named"),
            ("replaced", "no"),
        ];
        let facts = facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let builtin = Template::find(Path::new("mailer-legacy")).unwrap();
        let [changed, built_in] = [&template, &builtin].map(|template| {
            let compiled = template.compile(&[template.variant_of(&facts)], &bureau);
            compiled.unwrap_or_else(|error| panic!("{error}")).stock.objects
        });
        assert!(changed == built_in);
        assert_eq!(template.version(), builtin.version());
        assert!(Template::find(folder.path()).is_err());
    }
}
