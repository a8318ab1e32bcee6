//! The wording of a template: every sentence once, with the variants that show it, and what changed against another version.
//! It is what a lawyer reads before a template is signed off. A field stands in its sentence as ‹its name›.

mod changes;
mod html;
mod paragraphs;
mod sentences;
mod sets;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use template::{DesignerLayout, Facts, Mark, PageMap, Rect, SheetSide, SourcePlace, Template};

pub(crate) use changes::{Change, Side, Words};
pub(crate) use html::texts_html;
pub(crate) use sets::variant_words;
pub(crate) use table::texts_csv;

use paragraphs::{Atom, Written, paragraphs};
use sentences::sentences;
use sets::Universe;

/// Prefix of the paths of a template's own files among its parts.
const FILES: &str = "files/";
/// Points in a millimetre.
const MM: f64 = 72.0 / 25.4;

/// A sentence, and where it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Sentence {
    /// Its words as they are compared: all spaces alike.
    key: String,
    /// Its words as they are printed.
    text: String,
    /// The indices of the variants that show it.
    variants: BTreeSet<usize>,
    /// Where it is shown first on each of its pages.
    places: Vec<Place>,
}

/// A place on a page, and where the designer wrote what stands there.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Place {
    /// The page, from 1.
    pub page: usize,
    /// Millimetres from the left edge.
    pub x_mm: f64,
    /// Millimetres from the top edge.
    pub y_mm: f64,
}

/// The wording of one version of a template.
struct Wording {
    variants: Vec<Facts>,
    sentences: Vec<Sentence>,
}

/// The wording of a template, compared with another version if there is one.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Texts {
    /// The template's name.
    pub template: String,
    /// Its title.
    pub title: String,
    /// Its version: SHA-256 of its files.
    pub version: String,
    /// How many variants it has.
    pub variants: usize,
    /// The version that it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// The sentences in reading order.
    pub sentences: Vec<ShownSentence>,
    /// The sentences of the other version that are gone.
    pub removed: Vec<ShownSentence>,
}

/// The version that a template is compared with.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Against {
    /// Its name.
    pub template: String,
    /// Its version.
    pub version: String,
}

/// A sentence as it is reported.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownSentence {
    /// Its words as they are printed; fields as ‹their names›.
    pub text: String,
    /// The variants that show it, in words.
    pub shown: String,
    /// How many variants show it.
    pub variants: usize,
    /// Where it is shown first on each of its pages.
    pub places: Vec<Place>,
    /// What became of it; `None` where nothing is compared.
    #[serde(flatten)]
    pub change: Option<Change>,
}

/// The wording of a template as it was laid out, all of its variants; `old` is the version that it is compared with.
pub(crate) fn texts(
    template: &Template,
    layout: &DesignerLayout,
    old: Option<(&Template, &DesignerLayout)>,
) -> Texts {
    let wording = Wording::of(template, layout);
    let universe = Universe::of(&wording.variants);
    let mut sentences: Vec<ShownSentence> =
        wording.sentences.iter().map(|sentence| ShownSentence::of(sentence, &universe)).collect();
    let mut removed = Vec::new();
    if let Some((old, layout)) = old {
        let before = Wording::of(old, layout);
        let universe = Universe::of(&before.variants);
        let (changes, gone) = changes::changes(
            (&wording.sentences, &wording.variants),
            (&before.sentences, &before.variants),
            &|sentence| universe.describe(&sentence.variants),
        );
        sentences.iter_mut().zip(changes).for_each(|(sentence, change)| sentence.change = Some(change));
        removed = gone.iter().map(|index| ShownSentence::of(&before.sentences[*index], &universe)).collect();
    }
    Texts {
        template: template.name().to_owned(),
        title: template.manifest().title.clone(),
        version: template.version().to_owned(),
        variants: wording.variants.len(),
        against: old
            .map(|(old, _)| Against { template: old.name().to_owned(), version: old.version().to_owned() }),
        sentences,
        removed,
    }
}

impl ShownSentence {
    fn of(sentence: &Sentence, universe: &Universe) -> ShownSentence {
        ShownSentence {
            text: sentence.text.clone(),
            shown: universe.describe(&sentence.variants),
            variants: sentence.variants.len(),
            places: sentence.places.clone(),
            change: None,
        }
    }
}

impl Wording {
    /// Gathers the sentences of all variants. One that a later variant adds comes after the one before it there.
    fn of(template: &Template, layout: &DesignerLayout) -> Wording {
        let sources = Sources::of(template);
        let variants = layout.compiled.variants.iter().map(|variant| variant.facts.clone()).collect();
        let mut wording = Wording { variants, sentences: Vec::new() };
        for (index, (variant, maps)) in layout.compiled.variants.iter().zip(&layout.maps).enumerate() {
            let mut before = None;
            for (page, (side, map)) in (1..).zip(variant.sides.iter().zip(maps)) {
                let atoms = sources.atoms(side, map);
                for paragraph in paragraphs(&atoms, &|file, bytes| sources.between(file, bytes)) {
                    for text in sentences(&paragraph.text) {
                        before = Some(wording.add(text, index, place(page, &paragraph.rect), before));
                    }
                }
            }
        }
        wording
    }

    /// Adds a sentence of a variant, after the one at the index `before`, and returns its index.
    fn add(&mut self, text: &str, variant: usize, place: Place, before: Option<usize>) -> usize {
        let key = plain(text);
        let known = self.sentences.iter().position(|sentence| sentence.key == key);
        let index = known.unwrap_or_else(|| {
            let index = before.map_or(0, |before| before + 1);
            let sentence =
                Sentence { key, text: text.to_owned(), variants: BTreeSet::new(), places: Vec::new() };
            self.sentences.insert(index, sentence);
            index
        });
        let sentence = &mut self.sentences[index];
        sentence.variants.insert(variant);
        if sentence.places.iter().all(|other| other.page != place.page) {
            sentence.places.push(place);
        }
        index
    }
}

fn place(page: usize, rect: &Rect) -> Place {
    let mm = |points: f64| (points / MM * 10.0).round() / 10.0;
    Place { page, x_mm: mm(rect.x), y_mm: mm(rect.y) }
}

/// A text whose spaces are all alike.
fn plain(text: &str) -> String {
    text.split(char::is_whitespace).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The source files of a template, with the bytes at which their lines begin.
struct Sources(BTreeMap<String, (String, Vec<usize>)>);

impl Sources {
    fn of(template: &Template) -> Sources {
        let mut sources = BTreeMap::new();
        for (path, bytes) in template.parts() {
            let (Some(path), Ok(text)) = (path.strip_prefix(FILES), String::from_utf8(bytes)) else {
                continue;
            };
            let lines =
                std::iter::once(0).chain(text.match_indices('\n').map(|(index, _)| index + 1)).collect();
            sources.insert(path.to_owned(), (text, lines));
        }
        Sources(sources)
    }

    /// What stands in a range of a file.
    fn between(&self, file: &str, bytes: std::ops::Range<usize>) -> Option<String> {
        self.0.get(file)?.0.get(bytes).map(str::to_owned)
    }

    /// A range of lines and columns as bytes.
    fn written(&self, place: &SourcePlace) -> Option<Written> {
        let (text, lines) = self.0.get(&place.file)?;
        let byte = |line: usize, column: usize| {
            let begin = *lines.get(line.checked_sub(1)?)?;
            let rest = text.get(begin..)?;
            let within =
                rest.char_indices().nth(column.checked_sub(1)?).map_or(rest.len(), |(index, _)| index);
            Some(begin + within)
        };
        let bytes = byte(place.line, place.column)?..byte(place.end_line, place.end_column)?;
        Some(Written { file: place.file.clone(), bytes })
    }

    /// The texts and fields of a page, in reading order.
    fn atoms(&self, side: &SheetSide, map: &PageMap) -> Vec<Atom> {
        let texts = map.items.iter().filter(|item| item.kind == template::ItemKind::Text).map(|item| Atom {
            rect: item.rect,
            size: item.size,
            text: item.text.clone(),
            font: item.font.clone(),
            written: item.source.as_ref().and_then(|place| self.written(place)),
        });
        let mut atoms: Vec<Atom> = texts.collect();
        for (mark, source) in side.marks.iter().zip(&map.marks) {
            let Mark::Text(text) = mark else { continue };
            let name = text.field.map_or("address", |field| field.name());
            let size = text.style.size;
            // The rectangle of a text begins at its first baseline; the first line tells where it belongs.
            let rect = Rect { y: text.rect.y - 0.75 * size, height: size, ..text.rect };
            let written = source.as_ref().and_then(|place| self.written(place));
            let field = Atom { rect, size, text: format!("‹{name}›"), font: String::new(), written };
            let index = reading_index(&atoms, &field);
            atoms.insert(index, field);
        }
        atoms
    }
}

/// How far from a field its neighbour on the line may stand, in sizes of its text.
const NEIGHBOUR: f64 = 20.0;

/// The index at which a field comes in reading order: after its left neighbour on the line, before its right one, or after
/// what stands above it.
fn reading_index(atoms: &[Atom], field: &Atom) -> usize {
    let bottom = |rect: &Rect| rect.y + rect.height;
    let end = |rect: &Rect| rect.x + rect.width;
    let on_the_line = |rect: &Rect| {
        rect.y < field.rect.y + 0.6 * field.size && field.rect.y + 0.4 * field.size < bottom(rect)
    };
    let reach = NEIGHBOUR * field.size;
    let nearest = |distance: &dyn Fn(&Rect) -> Option<f64>| {
        let found = atoms.iter().enumerate().filter_map(|(index, atom)| Some((distance(&atom.rect)?, index)));
        found.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, index)| index)
    };
    let before = |rect: &Rect| {
        let gap = field.rect.x - end(rect);
        (on_the_line(rect) && gap > -field.size && gap < reach).then_some(gap)
    };
    let after = |rect: &Rect| {
        let gap = rect.x - end(&field.rect);
        (on_the_line(rect) && gap > -field.size && gap < reach).then_some(gap)
    };
    let above = |rect: &Rect| {
        let overlaps = rect.x < end(&field.rect) && field.rect.x < end(rect);
        (overlaps && rect.y < field.rect.y).then_some(field.rect.y - rect.y)
    };
    let left = nearest(&before).map(|index| index + 1);
    left.or_else(|| nearest(&after)).or_else(|| nearest(&above).map(|index| index + 1)).unwrap_or(0)
}
