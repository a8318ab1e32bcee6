//! The closed world that a template sees: its own files, the prelude and the fonts, without network or clock.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Mutex;

use image::ImageReader;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Dict, Duration, IntoValue};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::Facts;
use crate::files::{Files, PRELUDE_PATH};

/// The most pixels of a picture: an A4 page at 1200 dots per inch.
pub(crate) const MAX_PIXELS: u64 = 140_000_000;

/// One template as Typst sees it, for one variant.
pub(super) struct TemplateWorld<'a> {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: &'a [Font],
    files: &'a Files,
    main: FileId,
    sources: &'a Sources,
    /// The names of the inputs.
    facts: Vec<String>,
}

/// The sources read so far, parsed once for all worlds of a template.
#[derive(Default)]
pub(super) struct Sources(Mutex<HashMap<FileId, Source>>);

impl Sources {
    /// Brings the sources up to these files. An unchanged source keeps its syntax tree, a changed one what the change left.
    pub fn refresh(&self, files: &Files) {
        let Ok(mut sources) = self.0.lock() else { return };
        sources.retain(|id, source| {
            let bytes = read(files, *id).ok();
            let Some(text) = bytes.as_ref().and_then(|bytes| bytes.as_str().ok()) else { return false };
            if source.text() != text {
                source.replace(text);
            }
            true
        });
    }
}

impl<'a> TemplateWorld<'a> {
    /// The world of `main` with these inputs; `None` if `main` is not a path inside the template's folder.
    pub fn new(
        files: &'a Files,
        main: &str,
        fonts: &'a [Font],
        sources: &'a Sources,
        inputs: &Facts,
    ) -> Option<Self> {
        let mut dict = Dict::new();
        for (name, value) in inputs {
            dict.insert(name.as_str().into(), value.as_str().into_value());
        }
        Some(TemplateWorld {
            library: LazyHash::new(Library::builder().with_inputs(dict).build()),
            book: LazyHash::new(FontBook::from_fonts(fonts)),
            fonts,
            files,
            main: file_id(main)?,
            sources,
            facts: inputs.keys().cloned().collect(),
        })
    }

    /// The names of the facts that the template sees.
    pub fn facts(&self) -> impl Iterator<Item = &str> {
        self.facts.iter().map(String::as_str)
    }

    /// The paths of the template's files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.entries().into_iter().map(|(path, _)| path)
    }

    /// The sources read so far.
    pub fn sources(&self) -> Vec<Source> {
        self.sources.0.lock().map(|sources| sources.values().cloned().collect()).unwrap_or_default()
    }
}

/// The bytes of a file of the closed world.
fn read(files: &Files, id: FileId) -> FileResult<Bytes> {
    let rooted = id.get();
    if !matches!(rooted.root(), VirtualRoot::Project) {
        return Err(FileError::Other(Some("packages are not available to a template".into())));
    }
    let path = rooted.vpath().get_without_slash();
    if path == PRELUDE_PATH {
        return Ok(Bytes::new(files.prelude().to_vec()));
    }
    let reason = |reason: String| FileError::Other(Some(format!("`{path}` {reason}").into()));
    let bytes = files.read(path).map_err(reason)?;
    bytes.ok_or_else(|| FileError::NotFound(PathBuf::from(path)))
}

/// A path inside the template's folder as Typst names files.
fn file_id(path: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).ok()?).intern())
}

impl World for TemplateWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if let Some(source) = self.sources.0.lock().ok().and_then(|sources| sources.get(&id).cloned()) {
            return Ok(source);
        }
        let bytes = read(self.files, id)?;
        let text = bytes.as_str().map_err(|_| FileError::InvalidUtf8)?;
        let source = Source::new(id, text.to_owned());
        if let Ok(mut sources) = self.sources.0.lock() {
            sources.insert(id, source.clone());
        }
        Ok(source)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let bytes = read(self.files, id)?;
        match oversized(&bytes) {
            Some(reason) => Err(FileError::Other(Some(reason.into()))),
            None => Ok(bytes),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Why a picture has too many pixels for a piece; `None` for one that has not, and for what is no picture.
fn oversized(bytes: &[u8]) -> Option<String> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let (width, height) = reader.into_dimensions().ok()?;
    let pixels = u64::from(width) * u64::from(height);
    (pixels > MAX_PIXELS).then(|| {
        format!("a picture of {width} × {height} pixels; {} million are the most", MAX_PIXELS / 1_000_000)
    })
}
