//! The words of a page as paragraphs: runs of glyphs and fields are put together to lines by where they stand, and lines to
//! paragraphs by where they stand and by what the designer wrote between them.

use template::Rect;

/// A run of glyphs of one line, or a field, on a page.
#[derive(Debug, Clone)]
pub(super) struct Atom {
    /// Its rectangle in points. A field's is that of its first line.
    pub rect: Rect,
    /// The size of its text in points.
    pub size: f64,
    /// Its text; a field's is its name.
    pub text: String,
    /// The PostScript name of its font; empty for a field.
    pub font: String,
    /// Where the designer wrote it.
    pub written: Option<Written>,
}

/// A range of a source file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    /// The file's path in the template's folder.
    pub file: String,
    /// The bytes of the range.
    pub bytes: std::ops::Range<usize>,
}

/// What a source file holds in a range; `None` if there is no such file or range.
pub(super) type Between<'a> = &'a dyn Fn(&str, std::ops::Range<usize>) -> Option<String>;

/// A paragraph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Paragraph {
    /// Its words, without line breaks.
    pub text: String,
    /// Where it begins.
    pub rect: Rect,
}

/// The share of the lower one's height that two atoms of one line have in common.
const ONE_LINE: f64 = 0.6;
/// How far the lower edges of texts on one baseline lie apart at most, in points.
const ONE_BASELINE: f64 = 0.5;
/// A gap between words of one line, and the least one between columns, in sizes of the text.
const WORD_GAP: f64 = 0.15;
const COLUMN_GAP: f64 = 0.7;
/// The least gap between cells of a table, in sizes of the text.
const CELL_GAP: f64 = 0.4;
/// The most from line to line in a paragraph, in sizes of the text.
const MOST_PITCH: f64 = 1.75;
/// How much the sizes, or the pitches, of lines of one paragraph differ at most.
const LIKE: f64 = 0.06;
/// How much narrower than the gap before it the lines of the next paragraph stand at least.
const NARROWER: f64 = 0.88;
/// How far positions that are meant to be the same lie apart at most, in points.
const NEAR: f64 = 1.0;

/// A line: atoms beside each other without a column's gap.
#[derive(Debug, Clone)]
struct Line<'a> {
    atoms: Vec<&'a Atom>,
    /// The index of its first atom on the page.
    order: usize,
}

impl Line<'_> {
    fn left(&self) -> f64 {
        self.atoms.iter().map(|atom| atom.rect.x).fold(f64::MAX, f64::min)
    }

    fn right(&self) -> f64 {
        self.atoms.iter().map(|atom| atom.rect.x + atom.rect.width).fold(f64::MIN, f64::max)
    }

    fn top(&self) -> f64 {
        self.atoms.iter().map(|atom| atom.rect.y).fold(f64::MAX, f64::min)
    }

    fn bottom(&self) -> f64 {
        self.atoms.iter().map(|atom| atom.rect.y + atom.rect.height).fold(f64::MIN, f64::max)
    }

    /// The size of its largest text.
    fn size(&self) -> f64 {
        self.atoms.iter().map(|atom| atom.size).fold(0.0, f64::max)
    }

    /// Whether another line can be the next one of its paragraph: below it, near, and of its size.
    fn is_below(&self, next: &Line) -> bool {
        let pitch = next.bottom() - self.bottom();
        let same_size = (next.size() / self.size() - 1.0).abs() <= LIKE;
        same_size && pitch > 0.5 * self.size() && pitch <= MOST_PITCH * self.size()
    }

    /// Whether the left edge, the right edge or the middle of another line is that of this one. Spaces may hang over the
    /// right edge.
    fn is_aligned(&self, other: &Line) -> bool {
        let near = |a: f64, b: f64, reach: f64| (a - b).abs() <= reach;
        near(other.left(), self.left(), self.size())
            || near(other.right(), self.right(), 0.5 * self.size())
            || near(other.left() + other.right(), self.left() + self.right(), self.size())
    }

    /// Whether two lines have a font in common. A line of fields alone has none: it is no part of a sentence.
    fn shares_font(&self, other: &Line) -> bool {
        let has = |font: &str| other.atoms.iter().any(|atom| atom.font == font);
        self.atoms.iter().any(|atom| !atom.font.is_empty() && has(&atom.font))
    }

    /// The left edges of atoms that stand farther from the one before than words do.
    fn cells(&self) -> impl Iterator<Item = f64> {
        let gap = |pair: &&[&Atom]| {
            let end = pair[0].rect.x + pair[0].rect.width;
            pair[1].rect.x - end > CELL_GAP * pair[1].size
        };
        self.atoms.windows(2).filter(gap).map(|pair| pair[1].rect.x)
    }

    /// Whether another line stands beside it on the same baseline.
    fn is_beside(&self, other: &Line) -> bool {
        let apart = other.left() >= self.right() || other.right() <= self.left();
        apart && (self.bottom() - other.bottom()).abs() <= ONE_BASELINE
    }
}

/// The share of the shorter range that two ranges have in common.
fn common(a: std::ops::Range<f64>, b: std::ops::Range<f64>) -> f64 {
    let shorter = (a.end - a.start).min(b.end - b.start);
    ((a.end.min(b.end) - a.start.max(b.start)) / shorter.max(f64::EPSILON)).max(0.0)
}

/// The paragraphs of a page, in the order of its atoms. `between` is the text of a source file in a range.
pub(super) fn paragraphs(atoms: &[Atom], between: Between) -> Vec<Paragraph> {
    let lines = lines(atoms);
    let mut left: Vec<&Line> = lines.iter().collect();
    left.sort_by_key(|line| line.order);
    let mut found = Vec::new();
    while !left.is_empty() {
        let mut paragraph = vec![left.remove(0)];
        while let Some(next) = following(&paragraph, &left, &lines, between) {
            paragraph.push(left.remove(next));
        }
        let first = paragraph[0];
        let rect = Rect {
            x: first.left(),
            y: first.top(),
            width: first.right() - first.left(),
            height: first.bottom() - first.top(),
        };
        found.push(Paragraph { text: joined(&paragraph, between), rect });
    }
    found
}

/// The lines of a page.
fn lines(atoms: &[Atom]) -> Vec<Line<'_>> {
    let mut by_place: Vec<(usize, &Atom)> =
        atoms.iter().enumerate().filter(|(_, atom)| !atom.text.trim().is_empty()).collect();
    by_place.sort_by(|(_, a), (_, b)| a.rect.x.total_cmp(&b.rect.x));
    let mut lines: Vec<Line> = Vec::new();
    for (order, atom) in by_place {
        let reach = |line: &Line| {
            let last = line.atoms.last()?;
            let range = |rect: &Rect| rect.y..rect.y + rect.height.min(atom.size.max(last.size) * 1.3);
            let gap = atom.rect.x - line.right();
            let fits = gap <= COLUMN_GAP * atom.size.min(last.size) && gap > -atom.size;
            (fits && common(range(&last.rect), range(&atom.rect)) >= ONE_LINE).then_some(gap.abs())
        };
        let nearest = (0..lines.len()).filter_map(|index| Some((reach(&lines[index])?, index)));
        match nearest.min_by(|a, b| a.0.total_cmp(&b.0)) {
            Some((_, index)) => {
                lines[index].atoms.push(atom);
                lines[index].order = lines[index].order.min(order);
            }
            None => lines.push(Line { atoms: vec![atom], order }),
        }
    }
    lines
}

/// The index, among the lines that are left, of the one that goes on with a paragraph.
fn following(paragraph: &[&Line], left: &[&Line], all: &[Line], between: Between) -> Option<usize> {
    let (first, last) = (*paragraph.first()?, *paragraph.last()?);
    let pitch_before = match paragraph {
        [.., before, last] => Some(last.bottom() - before.bottom()),
        _ => None,
    };
    let goes_on = |next: &&Line| {
        let pitch = next.bottom() - last.bottom();
        let as_before =
            pitch_before.is_none_or(|before| ((pitch - before) / last.size()).abs() <= 2.0 * LIKE);
        let aligned = last.is_below(next) && (last.is_aligned(next) || first.is_aligned(next));
        let one_text = is_one_text(last, next, between);
        let own = last.shares_font(next) && !is_table(last, next, all);
        aligned && as_before && (one_text || (own && !begins_narrower(pitch, next, left)))
    };
    let candidates = left.iter().enumerate().filter(|(_, next)| goes_on(next));
    candidates.min_by(|(_, a), (_, b)| a.bottom().total_cmp(&b.bottom())).map(|(index, _)| index)
}

/// Whether the line after `next` stands nearer to it than `next` to what is above it: `next` begins a paragraph.
fn begins_narrower(pitch: f64, next: &Line, left: &[&Line]) -> bool {
    let below = left.iter().filter(|line| next.is_below(line) && next.is_aligned(line));
    below.map(|line| line.bottom() - next.bottom()).any(|own| own < NARROWER * pitch)
}

/// Whether the designer wrote both lines in one go: nothing than white space stands between them.
fn is_one_text(last: &Line, next: &Line, between: Between) -> bool {
    gap_in_source(last, next, between)
        .is_some_and(|gap| gap.trim().is_empty() && gap.matches('\n').count() < 2)
}

/// What the designer wrote between the end of a line and the begin of the next; `None` where that can't be known.
fn gap_in_source(last: &Line, next: &Line, between: Between) -> Option<String> {
    let (end, begin) = (last.atoms.last()?.written.as_ref()?, next.atoms.first()?.written.as_ref()?);
    let inside = end.file == begin.file && end.bytes.end <= begin.bytes.start;
    if inside { between(&end.file, end.bytes.end..begin.bytes.start) } else { None }
}

/// Whether two lines are rows of one table: beside each stands another line, or a further cell in it, and those two are
/// aligned.
fn is_table(last: &Line, next: &Line, all: &[Line]) -> bool {
    let beside = |line: &Line| -> Vec<f64> {
        let others = all.iter().filter(|other| line.is_beside(other)).map(Line::left);
        others.chain(line.cells()).collect()
    };
    let (above, below) = (beside(last), beside(next));
    above.iter().any(|left| below.iter().any(|other| (left - other).abs() <= NEAR))
}

/// The words of lines as one text.
fn joined(lines: &[&Line], between: Between) -> String {
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        if let Some(last) = number.checked_sub(1).and_then(|before| lines.get(before)) {
            break_line(&mut text, last, line, between);
        }
        let mut end: Option<f64> = None;
        for atom in &line.atoms {
            if end.is_some_and(|end| atom.rect.x - end > WORD_GAP * atom.size)
                && !text.ends_with(char::is_whitespace)
            {
                text.push(' ');
            }
            let begins = text.is_empty() || text.ends_with(char::is_whitespace);
            text.push_str(if begins { atom.text.trim_start() } else { &atom.text });
            end = Some(atom.rect.x + atom.rect.width);
        }
    }
    text.retain(|character| character != '\u{ad}');
    text.trim().to_owned()
}

/// Joins the end of a line and the begin of the next: a word that was divided is whole again, all others keep their space.
fn break_line(text: &mut String, last: &Line, next: &Line, between: Between) {
    let spaced = text.ends_with(char::is_whitespace);
    text.truncate(text.trim_end().len());
    let divided = !spaced && gap_in_source(last, next, between).is_some_and(|gap| gap.is_empty());
    let starts_word = next.atoms.first().is_some_and(|atom| atom.text.starts_with(char::is_alphanumeric));
    let hyphen = |text: &str| text.ends_with(['-', '\u{2010}', '\u{ad}']);
    let after_letter = text.trim_end_matches(['-', '\u{2010}', '\u{ad}']).ends_with(char::is_alphanumeric);
    match (hyphen(text), divided) {
        // Typst's own hyphen, which the designer did not write, or one that the designer wrote in the word.
        (true, _) if starts_word && after_letter => {
            if divided && !wrote_hyphen(last, between) {
                text.pop();
            }
        }
        (false, true) if starts_word && text.ends_with(char::is_alphanumeric) => {}
        _ => text.push(' '),
    }
}

/// Whether the designer wrote the hyphen at the end of a line.
fn wrote_hyphen(line: &Line, between: Between) -> bool {
    let written = line.atoms.last().and_then(|atom| atom.written.as_ref());
    let text = written.and_then(|written| between(&written.file, written.bytes.clone()));
    text.is_none_or(|text| text.ends_with(['-', '\u{2010}']))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str =
        "La carte est à usage personnel et stricte|ment réservée à son titu-\nlaire, celui-\nci signe.";

    fn between(_: &str, bytes: std::ops::Range<usize>) -> Option<String> {
        SOURCE.get(bytes).map(str::to_owned)
    }

    /// A run at a place, written where `source` begins in [`SOURCE`].
    fn atom(x: f64, y: f64, text: &str, source: Option<&str>) -> Atom {
        let written = source.and_then(|source| {
            let begin = SOURCE.find(source)?;
            Some(Written { file: "a.typ".to_owned(), bytes: begin..begin + source.len() })
        });
        let rect = Rect { x, y, width: 5.0 * text.chars().count() as f64, height: 10.0 };
        Atom { rect, size: 10.0, text: text.to_owned(), font: "Plex".to_owned(), written }
    }

    fn texts(atoms: &[Atom]) -> Vec<String> {
        paragraphs(atoms, &between).into_iter().map(|paragraph| paragraph.text).collect()
    }

    #[test]
    fn lines_become_paragraphs_and_divided_words_are_whole() {
        let atoms = [
            atom(10.0, 10.0, "La carte est à usage ", Some("La carte est à usage ")),
            atom(115.0, 10.0, "personnel", None),
            atom(10.0, 24.0, "et stricte-", Some("et stricte")),
            atom(10.0, 38.0, "ment réservée", Some("|ment réservée")),
            atom(10.0, 60.0, "Madame,", None),
            atom(300.0, 13.0, "Autre colonne", None),
            atom(300.0, 27.0, "à côté", None),
        ];
        let mut own = atoms.clone();
        // The word is divided where nothing stands between.
        own[3].written =
            own[2].written.clone().map(|end| Written { bytes: end.bytes.end..end.bytes.end + 3, ..end });
        assert_eq!(
            texts(&own),
            ["La carte est à usage personnel et strictement réservée", "Madame,", "Autre colonne à côté"]
        );
        assert_eq!(
            texts(&[
                atom(0.0, 0.0, "celui-", Some("celui-")),
                atom(0.0, 14.0, "ci signe.", Some("ci signe."))
            ]),
            ["celui-ci signe."]
        );
    }

    #[test]
    fn rows_of_a_table_stay_apart_and_fields_stand_in_their_sentence() {
        let table = [
            atom(10.0, 10.0, "Titulaire", None),
            atom(90.0, 10.2, "‹holder›", None),
            atom(10.0, 24.0, "Structure", None),
            atom(90.0, 24.0, "‹organisation›", None),
        ];
        assert_eq!(texts(&table), ["Titulaire", "‹holder›", "Structure", "‹organisation›"]);
        let inline = [
            atom(10.0, 10.0, "Le ", None),
            atom(25.0, 12.0, "‹date›", None),
            atom(59.0, 10.0, "à Paris", None),
        ];
        assert_eq!(texts(&inline), ["Le ‹date› à Paris"]);
    }
}
