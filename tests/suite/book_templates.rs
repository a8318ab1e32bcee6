//! The book for designers, `docs/templates.md`: its pictures are drawn from its folders, its excerpts stand in their files,
//! and its commands say what it says they do.
//!
//! `PLI_WRITE_BOOK=1` writes pictures and outputs anew instead of comparing them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::{GrayImage, Luma};

use crate::documents::quoted::{LEFT_OUT, as_quoted};
use crate::job::{pli, program};
use crate::tools::text;

/// The date on the book's pieces.
const DAY: &str = "2026-11-23";
/// Pixels of a drawing, side by side, in one of a picture: 150 to the inch become 50.
const SHRUNK: u32 = 3;
/// What the paper of a picture that compares two is dimmed to, of 255.
const DIMMED: u8 = 208;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn written_anew() -> bool {
    std::env::var_os("PLI_WRITE_BOOK").is_some()
}

/// The book's line, and the line after it, of each line that begins so and ends with ` -->`.
fn directives<'b>(book: &'b str, begin: &str) -> Vec<(&'b str, &'b str)> {
    let found = book.lines().zip(book.lines().skip(1));
    found.filter_map(|(line, next)| Some((line.strip_prefix(begin)?.strip_suffix(" -->")?, next))).collect()
}

/// The text of the fenced block that follows a directive.
fn block_after<'b>(text: &'b str, directive: &str) -> &'b str {
    let (_, rest) = text.split_once(directive).unwrap_or_else(|| panic!("`{directive}` is in the text"));
    let (fence, rest) = rest.trim_start().split_once('\n').expect("a block");
    assert!(fence.starts_with("```"), "a block follows `{directive}`");
    rest.split_once("\n```").expect("the block ends").0
}

/// Draws a piece by the arguments of `pli render`, at 50 pixels to the inch.
fn drawn(arguments: &str) -> GrayImage {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("piece.png");
    let mut command = program();
    command.current_dir(docs().join("templates")).arg("render").args(arguments.split(' '));
    let ran = command.args(["--date", DAY, "--output", text(&file)]).output().unwrap();
    assert!(ran.status.success(), "{arguments}: {}", String::from_utf8_lossy(&ran.stderr));
    let large = image::open(&file).unwrap().into_luma8();
    GrayImage::from_fn(large.width() / SHRUNK, large.height() / SHRUNK, |x, y| {
        let inside = (0..SHRUNK * SHRUNK).map(|at| (x * SHRUNK + at % SHRUNK, y * SHRUNK + at / SHRUNK));
        let sum: u32 = inside.map(|(x, y)| u32::from(large.get_pixel(x, y).0[0])).sum();
        Luma([(sum / (SHRUNK * SHRUNK)) as u8])
    })
}

/// Two drawings of one size in one picture: what only the second has is black, what only the first has is white, the rest
/// is pale.
fn compared(before: &GrayImage, after: &GrayImage) -> GrayImage {
    GrayImage::from_fn(after.width(), after.height(), |x, y| {
        let (old, new) = (before.get_pixel(x, y).0[0], after.get_pixel(x, y).0[0]);
        let pale = DIMMED - (255 - new) / 4;
        Luma([match old.cmp(&new) {
            std::cmp::Ordering::Equal => pale,
            std::cmp::Ordering::Greater => new / 2,
            std::cmp::Ordering::Less => 255,
        }])
    })
}

/// The picture that a line of the book shows is this one.
fn same_picture(line: &str, picture: &GrayImage) -> String {
    let (_, name) = line.split_once("](").unwrap_or_else(|| panic!("`{line}` shows a picture"));
    let name = name.trim_end_matches(')');
    let file = docs().join(name);
    if written_anew() {
        picture.save(&file).unwrap();
    }
    assert!(fs_err::metadata(&file).unwrap().len() <= 40_000, "{name} is small");
    let committed = image::open(&file).unwrap().into_luma8();
    assert!(committed == *picture, "{name} is drawn anew by `PLI_WRITE_BOOK=1`");
    name.to_owned()
}

#[test]
fn each_picture_is_drawn_from_its_folder() {
    let book = fs_err::read_to_string(docs().join("templates.md")).unwrap();
    let renders = directives(&book, "<!-- pli render ");
    let comparisons = directives(&book, "<!-- compare ");
    let mut shown: BTreeSet<String> =
        renders.iter().map(|(arguments, line)| same_picture(line, &drawn(arguments))).collect();
    shown.extend(comparisons.iter().map(|(folders, line)| {
        let (before, after) = folders.split_once(" with ").expect("`compare A with B`");
        same_picture(line, &compared(&drawn(before), &drawn(after)))
    }));
    let entries = fs_err::read_dir(docs().join("templates")).unwrap();
    for entry in entries.map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_str().unwrap().to_owned();
        let known =
            if entry.is_dir() { book.contains(&name) } else { shown.contains(&format!("templates/{name}")) };
        assert!(known, "the book has {name}");
    }
}

#[test]
fn each_excerpt_stands_in_its_file() {
    let book = fs_err::read_to_string(docs().join("templates.md")).unwrap();
    let reference = fs_err::read_to_string(docs().join("template-reference.md")).unwrap();
    let excerpts = directives(&book, "<!-- from ");
    assert!(excerpts.len() > 5);
    for (file, _) in excerpts {
        let whole = fs_err::read_to_string(docs().join("templates").join(file)).unwrap();
        for part in book.split(&format!("<!-- from {file} -->")).skip(1) {
            let part = block_after(part, "");
            assert!(whole.contains(part), "{file} has\n{part}");
        }
    }
    let file = "05-variants/template.toml";
    let whole = fs_err::read_to_string(docs().join("templates").join(file)).unwrap();
    let part = block_after(&reference, &format!("<!-- docs/templates/{file} -->"));
    assert_eq!(part, whole.trim_end(), "the reference has {file}");
}

/// What a shell says to a line, in a folder, with plain spaces alone.
fn said(line: &str, folder: &Path) -> String {
    let programs = Path::new(env!("CARGO_BIN_EXE_pli")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(folder).env("PATH", path).env("NO_COLOR", "1");
    let ran = shell.output().unwrap();
    let said = [ran.stdout, ran.stderr].map(|part| String::from_utf8(part).unwrap()).concat();
    said.replace(['\u{a0}', '\u{202f}'], " ")
}

#[cfg(unix)]
#[test]
fn each_command_says_what_the_book_says() {
    let book = fs_err::read_to_string(docs().join("templates.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copied = said(&format!("cp -r {}/. .", text(&docs().join("templates"))), folder.path());
    assert_eq!(copied, "");
    let mut now = book.clone();
    for block in book.split("```console\n").skip(1).map(|rest| rest.split_once("```").unwrap().0) {
        for part in block.split("$ ").skip(1) {
            let (line, quoted) = part.split_once('\n').unwrap();
            let output = said(line, folder.path());
            let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
            let (output, quoted) = (lines(&output), lines(quoted));
            let [output, quoted] =
                [&output, &quoted].map(|lines| lines.iter().map(String::as_str).collect::<Vec<_>>());
            if as_quoted(&output, &quoted) {
                continue;
            }
            assert!(written_anew() && !quoted.contains(&LEFT_OUT), "$ {line}\n{}", output.join("\n"));
            let ends = if output.is_empty() { "" } else { "\n" };
            now = now.replace(&format!("$ {part}"), &format!("$ {line}\n{}{ends}", output.join("\n")));
        }
    }
    if now != book {
        fs_err::write(docs().join("templates.md"), now).unwrap();
    }
}

/// What is typed, and what it is as wide and as high as; `~` is a full no-break space and `_` a narrow one.
const FRENCH: [(&str, &str); 18] = [
    ("Un : deux", "Un~: deux"),
    ("Un ; deux ! trois ?", "Un_; deux_! trois_?"),
    ("« un » et «deux»", "«_un_» et «_deux_»"),
    ("*Un : deux ; « trois »*", "*Un~: deux_; «_trois_»*"),
    ("*Un* : deux, *trois* ; quatre", "*Un*~: deux, *trois*_; quatre"),
    ("*Un :* deux, *trois ;* quatre", "*Un~:* deux, *trois_;* quatre"),
    ("« *un* » : deux", "«_*un*_»~: deux"),
    ("#box[Un] : deux", "#box[Un]~: deux"),
    ("#box[Un] ; deux", "#box[Un]_; deux"),
    ("#box[Un] » deux", "#box[Un]_» deux"),
    ("https://esante.gouv.fr:80/a?b=c!d", "https://esante.gouv.fr:80/a?b=c!d"),
    ("17:00 et 2:1", "17:00 et 2:1"),
    ("17#box[:]00", "17:00"),
    ("#phone(\"0 825 852 000 (gratuit)\")", "0~825~852~000"),
    ("#tariff(\"0 825 (gratuit)\")#tariff(\"0 825\")", "gratuit"),
    ("#with-article(\"ASIP\"), #with-article(\"GIP\")", "L’ASIP, GIP"),
    ("#grouped(\"80013062\", by: 4), #grouped(\"12345\", by: 2)", "8001~3062, 1~23~45"),
    ("#block(width: 1mm)[0 825 852 et 24 h : N° 5 !]", "#block(width: 1mm)[0~825~852 et 24~h~: N°~5_!]"),
];

/// Compares two sizes; floating-point sums differ by less than a hundredth of a point.
const SAME: &str = "#let same(a, b, typed) = for side in (\"width\", \"height\") {
  assert(calc.abs((a.at(side) - b.at(side)).pt()) < 0.01, message: side + \" of \" + typed)
}
";

#[test]
fn the_preludes_typography_is_french() {
    let folder = tempfile::tempdir().unwrap();
    said(&format!("cp {}/02-minimum/* .", text(&docs().join("templates"))), folder.path());
    let letter = fs_err::read_to_string(folder.path().join("lettre.typ")).unwrap();
    let checked = |cases: &[(&str, &str)]| {
        let asserted = cases.iter().map(|(typed, set)| {
            let set = set.replace('~', "\u{a0}").replace('_', "\u{202f}");
            format!("#context same(measure(french[{typed}]), measure[{set}], ```{typed}```.text)\n")
        });
        let whole = format!("{letter}{SAME}{}", asserted.collect::<String>());
        fs_err::write(folder.path().join("lettre.typ"), whole).unwrap();
        pli(&["template", "check", text(folder.path())])
    };
    let sound = checked(&FRENCH);
    assert_eq!(sound.code, 0, "{}", sound.stderr);
    assert_eq!(checked(&[("Un : deux", "Un_: deux")]).code, 2, "a colon has a full space");
}
