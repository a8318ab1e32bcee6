//! Typst, as its manual has it and at its best.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use rayon::prelude::*;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Array, Bytes, Datetime, Dict, Duration, IntoValue, Value, dict};
use typst::layout::Abs;
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;

use super::letters::{Letter, Letters, Symbol};

/// The files that a document sees, by name.
type Files = BTreeMap<String, Bytes>;

/// All of a letter laid out by Typst: the template's own wording, with what the letter shows in its places; documents of
/// so many letters of one variant, on every core.
pub fn laid_out(letters: &Letters, folder: &Path, together: usize) -> Vec<u64> {
    let mut files = Files::new();
    for entry in fs_err::read_dir("templates/card-letter").expect("a template") {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        files.insert(name, Bytes::new(fs_err::read(&path).expect("a file")));
    }
    let mut prelude = fs_err::read_to_string("src/template/pli.typ").expect("the prelude");
    prelude.push_str(include_str!("typst/prelude.typ"));
    files.insert("pli.typ".to_owned(), Bytes::from_string(prelude));
    files.insert("main.typ".to_owned(), Bytes::from_string(include_str!("typst/laid_out.typ")));

    let mut of_variant: BTreeMap<usize, Vec<&Letter>> = BTreeMap::new();
    letters.letters.iter().for_each(|letter| of_variant.entry(letter.variant).or_default().push(letter));
    let documents: Vec<&[&Letter]> =
        of_variant.values().flat_map(|letters| letters.chunks(together)).collect();
    let document = |(number, together): (usize, &&[&Letter])| {
        let facts = &letters.variants[together[0].variant];
        let mut inputs: Dict =
            facts.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into_value())).collect();
        let values: Array = together.iter().map(|letter| letter_value(letter)).collect();
        inputs.insert("letters".into(), values.into_value());
        let pdf = pdf(&files, inputs);
        typst::comemo::evict(0);
        write(folder, number, &pdf)
    };
    documents.par_iter().enumerate().map(document).collect()
}

/// Letters over stock pages, their texts broken, fitted and placed beforehand; documents of so many letters. The more, the
/// better: Typst lays out a document's pages on every core.
pub fn over_stock(letters: &Letters, stock: &[u8], folder: &Path, together: usize) -> Vec<u64> {
    let source = include_str!("typst/over_stock.typ");
    let files: Files = [
        ("main.typ".to_owned(), Bytes::from_string(source)),
        ("stock.pdf".to_owned(), Bytes::new(stock.to_vec())),
    ]
    .into();
    let document = |(number, together): (usize, &[Letter])| {
        let inputs = dict! {
            "variants" => letters.variants.len() as i64,
            "letters" => together.iter().map(letter_value).collect::<Array>(),
        };
        let pdf = pdf(&files, inputs);
        typst::comemo::evict(0);
        write(folder, number, &pdf)
    };
    letters.letters.par_chunks(together).enumerate().map(document).collect()
}

fn write(folder: &Path, number: usize, pdf: &[u8]) -> u64 {
    fs_err::write(folder.join(format!("{number:06}.pdf")), pdf).expect("a disk");
    pdf.len() as u64
}

fn pdf(files: &Files, inputs: Dict) -> Vec<u8> {
    let world = PeerWorld::new(files, inputs);
    let document = typst::compile::<PagedDocument>(&world).output.expect("a document");
    let options = typst_pdf::PdfOptions { tagged: false, ..Default::default() };
    typst_pdf::pdf(&document, &options).expect("a PDF")
}

fn points(value: f64) -> Value {
    Abs::pt(value).into_value()
}

fn letter_value(letter: &Letter) -> Value {
    let run = |run: &super::letters::Run| {
        let (family, weight) = run.font.split_once('-').expect("a family and a weight");
        dict! {
            "family" => family.replace("IBMPlex", "IBM Plex "),
            "weight" => weight.to_lowercase(),
            "size" => points(run.size),
            "x" => points(run.x),
            "y" => points(run.y),
            "text" => run.text.as_str(),
        }
        .into_value()
    };
    let fields = letter.fields.iter().map(|(name, text)| (name.as_str().into(), text.as_str().into_value()));
    dict! {
        "variant" => letter.variant as i64,
        "fields" => fields.collect::<Dict>(),
        "address" => letter.address.iter().map(|line| line.as_str().into_value()).collect::<Array>(),
        "runs" => letter.runs.iter().map(run).collect::<Array>(),
        "code39" => symbol_value(&letter.code39),
        "datamatrix" => symbol_value(&letter.datamatrix),
    }
    .into_value()
}

fn symbol_value(symbol: &Symbol) -> Value {
    let mut pixels = vec![255; symbol.columns * symbol.rows];
    for (column, row, length) in symbol.runs() {
        let first = row * symbol.columns + column;
        pixels[first..first + length].fill(0);
    }
    dict! {
        "x" => points(symbol.x),
        "y" => points(symbol.y),
        "width" => points(symbol.width),
        "height" => points(symbol.height),
        "columns" => symbol.columns as i64,
        "rows" => symbol.rows as i64,
        "pixels" => Bytes::new(pixels),
    }
    .into_value()
}

/// What one document sees.
struct PeerWorld<'a> {
    library: LazyHash<Library>,
    main: FileId,
    files: &'a Files,
}

impl<'a> PeerWorld<'a> {
    fn new(files: &'a Files, inputs: Dict) -> PeerWorld<'a> {
        let library = LazyHash::new(Library::builder().with_inputs(inputs).build());
        let main =
            RootedPath::new(VirtualRoot::Project, VirtualPath::new("main.typ").expect("a path")).intern();
        PeerWorld { library, main, files }
    }
}

/// The fonts, read once.
fn fonts() -> &'static (LazyHash<FontBook>, Vec<Font>) {
    static FONTS: OnceLock<(LazyHash<FontBook>, Vec<Font>)> = OnceLock::new();
    FONTS.get_or_init(|| {
        let files = glob::glob("fonts/*.ttf").expect("a pattern").map(|path| path.expect("a font"));
        let fonts: Vec<Font> = files
            .flat_map(|path| Font::iter(Bytes::new(fs_err::read(path).expect("a font"))).collect::<Vec<_>>())
            .collect();
        (LazyHash::new(FontBook::from_fonts(&fonts)), fonts)
    })
}

impl World for PeerWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &fonts().0
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let text = String::from_utf8(self.file(id)?.to_vec()).map_err(|_| FileError::InvalidUtf8)?;
        Ok(Source::new(id, text))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let name = id.get().vpath().get_without_slash().to_owned();
        self.files.get(&name).cloned().ok_or_else(|| FileError::NotFound(name.into()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        fonts().1.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
