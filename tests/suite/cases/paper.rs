//! What stands on paper: the wording of every variant, accents, and the text that viewers extract.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::job::{FRIDAY, TestJob, pli};
use crate::tools::{picture, text, tool};

/// The holders that wording differs by: a person, and a structure.
const HOLDERS: [(&str, &str); 2] = [("CPS", "named"), ("CPE", "structure")];
/// The reasons and codes of letters, and of mailers.
const LETTERS: [(&str, &str); 6] = [
    ("first", "new"),
    ("renewal", "kept"),
    ("renewal", "new"),
    ("incident", "new"),
    ("change", "kept"),
    ("change", "new"),
];
const MAILERS: [(&str, &str); 5] =
    [("first", "new"), ("renewal", "new"), ("incident", "new"), ("change", "new"), ("codes_reissue", "kept")];

/// What the specimen's replaced card is called.
const OLD_CARD: &str = "2400140649";

/// A specimen as a PDF.
fn rendered(folder: &Path, template: &str, facts: &[(&str, &str)], more: &[&str]) -> PathBuf {
    let output = folder.join("specimen.pdf");
    let facts: Vec<String> = facts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut arguments = vec!["render", template, "--output", text(&output)];
    facts.iter().for_each(|fact| arguments.extend(["--variant", fact]));
    arguments.extend(more);
    let ran = pli(&arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
    output
}

/// All that a PDF says, its lines joined and its spaces alike.
fn said(pdf: &Path, arguments: &[&str]) -> Option<String> {
    let bytes = tool("pdftotext", &[arguments, &[text(pdf), "-"]].concat())?;
    let words = String::from_utf8_lossy(&bytes).replace(['\u{202F}', '\u{A0}'], " ");
    Some(words.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What mutool extracts.
fn extracted_by_mutool(pdf: &Path) -> Option<String> {
    let bytes = tool("mutool", &["draw", "-q", "-F", "txt", text(pdf)])?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn assert_says(said: &str, wanted: &[&str], unwanted: &[&str], variant: &str) {
    for words in wanted {
        assert!(said.contains(words), "{variant} lacks `{words}`: {said}");
    }
    for words in unwanted {
        assert!(!said.contains(words), "{variant} says `{words}`: {said}");
    }
}

#[test]
fn the_letter_says_of_the_old_card_what_is_the_old_cards() {
    // The block beside the new card's number, in points.
    const UNDER_THE_CARD: [&str; 9] = ["-layout", "-x", "290", "-y", "488", "-W", "285", "-H", "90"];
    let folder = tempfile::tempdir().unwrap();
    for (reason, codes) in LETTERS {
        for (family, holder) in HOLDERS {
            for replaced in ["yes", "no"] {
                let variant = format!("{reason} {codes} {holder} {replaced}");
                let facts = [
                    ("reason", reason),
                    ("codes", codes),
                    ("family", family),
                    ("holder", holder),
                    ("replaced", replaced),
                ];
                let pdf = rendered(folder.path(), "card-letter", &facts, &[]);
                let Some(block) = said(&pdf, &UNDER_THE_CARD[..]) else { return };
                let fate = match reason {
                    "renewal" => ", valable jusqu’au 15 décembre 2026 ",
                    "change" => ", révoquée le ",
                    "incident" => ", en opposition ",
                    _ => " ",
                };
                let old_card = format!("CARTE N° 2400158480 Ancienne carte N° {OLD_CARD}{fate}");
                let named = if holder == "structure" { "Structure " } else { "Titulaire " };
                match replaced {
                    "yes" => assert_says(&block, &[&old_card, named], &[], &variant),
                    _ => {
                        let alone = format!("CARTE N° 2400158480 {named}");
                        assert_says(
                            &block,
                            &[&alone],
                            &["Ancienne", OLD_CARD, "jusqu’au", "révoquée"],
                            &variant,
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn no_letter_contradicts_itself_or_speaks_to_a_holder_who_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    for (reason, codes) in LETTERS {
        for (family, holder) in HOLDERS {
            let variant = format!("{reason} {codes} {holder}");
            let facts = [("reason", reason), ("codes", codes), ("family", family), ("holder", holder)];
            // In the order of the page's content, so that a paragraph stays together.
            let Some(said) = said(&rendered(folder.path(), "card-letter", &facts, &[]), &["-raw"]) else {
                return;
            };
            let labels =
                ["POUR INFORMATION", "ATTENTION", "À CONSERVER", "Nous contacter", "CARTE N°", "2D-DOC"];
            let headline = "L’ASIP Santé vous adresse votre nouvelle carte professionnelle";
            assert_says(&said, &[&labels[..], &[headline]].concat(), &[], &variant);
            let codes_come = "par un courrier séparé, qui part un jour ouvré après celui-ci";
            let codes_stay = "Les codes ne changent pas";
            let (wanted, unwanted) =
                if codes == "new" { (codes_come, codes_stay) } else { (codes_stay, codes_come) };
            assert_says(&said, &[wanted], &[unwanted], &variant);
            if reason == "change" {
                // The old card lives on for thirty days: it is neither cancelled nor to be destroyed at once.
                let wanted = ["reste valable trente jours", "le jour où celle-ci est révoquée"];
                assert_says(
                    &said,
                    &wanted,
                    &["fonctionne bien, détruisez", "Toute nouvelle carte annule"],
                    &variant,
                );
            }
            let personal = [
                "codes personnels",
                "Vos codes",
                "votre code",
                "le titulaire",
                "strictement personnelle",
                "de prénom",
            ];
            if holder == "structure" {
                assert_says(
                    &said,
                    &["établie sans nom de titulaire", "la structure et le numéro"],
                    &personal,
                    &variant,
                );
            }
        }
    }
}

#[test]
fn mailers_announce_a_card_only_with_a_card() {
    let folder = tempfile::tempdir().unwrap();
    for template in ["mailer-igc-sante", "mailer-legacy"] {
        for (reason, codes) in MAILERS {
            for (family, holder) in HOLDERS {
                let variant = format!("{template} {reason} {holder}");
                let facts = [("reason", reason), ("codes", codes), ("family", family), ("holder", holder)];
                let Some(said) = said(&rendered(folder.path(), template, &facts, &[]), &["-raw"]) else {
                    return;
                };
                let labels = [
                    "STRICTEMENT PERSONNEL ET CONFIDENTIEL",
                    "Numéro de carte",
                    "Votre code de déblocage",
                    "Code d’assistance à communiquer au service support",
                    "(à noter lors de la réception carte)",
                    "Ces codes sont strictement personnels. Conservez ce document dans un endroit sûr.",
                ];
                assert_says(&said, &labels, &["permettent de l’utiliser"], &variant);
                let announced = "Vous avez reçu ou allez recevoir votre CARTE";
                let again = "Voici de nouveau les codes de";
                match reason {
                    "codes_reissue" => {
                        assert_says(
                            &said,
                            &[again, "inchangés"],
                            &["recevoir", "À la réception", "vous sont adressés"],
                            &variant,
                        );
                    }
                    _ => assert_says(&said, &[announced], &[again, "inchangés"], &variant),
                }
                if holder == "structure" {
                    let unwanted = [
                        "votre code d’assistance",
                        "Ne communiquez votre code",
                        "Titulaire",
                        "Si votre carte",
                    ];
                    assert_says(&said, &["Remettez ces codes à la personne"], &unwanted, &variant);
                }
            }
        }
    }
}

/// A night of letters to holders of these last names. Returns the job and its print file.
fn night_of(names: &[&str]) -> (TestJob, PathBuf) {
    let job = TestJob::new();
    let rows: Vec<String> = (0..).zip(names).map(|(n, name)| row_of(n, name)).collect();
    job.records(&rows);
    fs_err::remove_file(job.path("inbox/codes.csv.age")).unwrap();
    let ran = job.run(FRIDAY, &["--only", "letters", "--prove", "all"]);
    assert_eq!(ran.json()["letters"], names.len(), "{} {}", ran.stdout, ran.stderr);
    let file = job.path("out/2026-11-20/letters/26324A-0001.pdf");
    (job, file)
}

/// A record of a first card, in the order of the fixture's columns.
fn row_of(number: usize, last_name: &str) -> String {
    format!(
        "24000100{number:02},CPS,first,2026-11-20T09:00,,,,,810005678908,,MME,,{last_name},Claire,60,,MME MARTIN CLAIRE,,,9 RUE HAUTE,,63000 CLERMONT FERRAND,,issued"
    )
}

/// The holders' lines of a print file, as poppler extracts them.
fn holders(pdf: &Path) -> Option<Vec<String>> {
    let said = said(pdf, &["-layout"])?;
    let lines = said.split("Titulaire Mme ").skip(1);
    Some(lines.map(|rest| rest.split(" Claire").next().unwrap_or_default().to_owned()).collect())
}

#[test]
fn accents_stand_over_their_capitals() {
    let names = ["AG\u{303}UERO", "\u{1ECC}\u{300}SUN", "MC\u{304}A", "AJ\u{30C}A", "A\u{DB}\u{304}M"];
    let (_job, pdf) = night_of(&names);
    let Some(trace) = tool("mutool", &["draw", "-q", "-F", "trace", text(&pdf)]) else { return };
    let trace = String::from_utf8_lossy(&trace);
    let value = |line: &str, name: &str| {
        let rest = line.split(&format!(" {name}=\"")).nth(1)?;
        rest.split('"').next().map(str::to_owned)
    };
    let number = |line: &str, name: &str| value(line, name).and_then(|text| text.parse::<f64>().ok());
    let mut accents = BTreeMap::new();
    let mut letter = String::new();
    for line in trace.lines().filter(|line| line.contains("<g ")) {
        match value(line, "unicode").as_deref() {
            Some("\u{300}" | "\u{303}" | "\u{304}" | "\u{30C}") => {
                let rise = number(line, "y").unwrap() - number(&letter, "y").unwrap();
                let right = number(line, "x").unwrap() - number(&letter, "x").unwrap();
                accents.insert(value(&letter, "unicode").unwrap(), (rise, right));
            }
            _ => letter = line.to_owned(),
        }
    }
    let letters: Vec<&str> = accents.keys().map(String::as_str).collect();
    assert_eq!(letters, ["C", "G", "J", "\u{DB}", "\u{1ECC}"]);
    for (letter, (rise, right)) in accents {
        // A capital of 8 points is 46 dots high; an accent is drawn for small letters, a sixth of an em lower.
        assert!(rise >= 10.0, "the accent of {letter} rises by {rise} dots");
        assert!((0.0..50.0).contains(&right), "the accent of {letter} is {right} dots from its letter");
    }
}

#[test]
fn each_page_has_its_own_text_whatever_else_is_in_the_file() {
    let names = [
        "\u{1ECC}L\u{C1}D\u{D9}NN\u{CD}",
        "\u{1ECC}\u{300}SUN",
        "\u{1ECC}\u{304}SUN",
        "SMI\u{1E6C}",
        "\u{110}OKI\u{106}",
    ];
    let (_job, pdf) = night_of(&names);
    let Some(found) = holders(&pdf) else { return };
    assert_eq!(found, names);
    let Some(mutool) = extracted_by_mutool(&pdf) else { return };
    // mutool writes a space after an accent that is a glyph of its own, and shows such letters taken apart.
    let plain = mutool.replace(' ', "");
    let apart = [
        "\u{1ECC}L\u{C1}D\u{D9}NN\u{CD}",
        "\u{1ECC}\u{300}SUN",
        "\u{1ECC}\u{304}SUN",
        "SMIT\u{323}",
        "OKI\u{106}",
    ];
    for name in apart {
        assert!(plain.contains(&format!("{name}Claire")), "{name} in {mutool}");
    }
}

#[test]
fn a_name_is_alike_in_a_file_of_its_own_and_beside_others() {
    let name = "\u{1ECC}L\u{C1}D\u{D9}NN\u{CD}";
    let (_alone, alone) = night_of(&[name]);
    let (_beside, beside) = night_of(&[name, "\u{1ECC}\u{300}SUN", "\u{1EE4}\u{304}"]);
    let (Some(alone), Some(beside)) = (holders(&alone), holders(&beside)) else { return };
    assert_eq!(alone[0], beside[0]);
}

#[test]
fn a_missing_accent_is_named_with_its_letter() {
    let job = TestJob::new();
    job.in_english();
    job.records(&[row_of(1, "AS\u{331}A"), row_of(2, "AL\u{325}A")]);
    let ran = job.pli("check", &["--date", FRIDAY]);
    for (accent, letter) in [("U+0331", "S\u{331}"), ("U+0325", "L\u{325}")] {
        let said = format!("the font has no accent {accent} for `{letter}`");
        assert!(
            ran.stdout.contains(&said) || ran.stderr.contains(&said),
            "{said} in {} {}",
            ran.stdout,
            ran.stderr
        );
    }
}

#[test]
fn a_tower_of_accents_is_refused() {
    let job = TestJob::new();
    job.records(&[row_of(1, &format!("AG{}A", "\u{303}".repeat(9)))]);
    let ran = job.pli("check", &["--date", FRIDAY]);
    assert!(
        ran.stdout.contains("too_tall_to_print") || ran.stderr.contains("too_tall_to_print"),
        "{} {}",
        ran.stdout,
        ran.stderr
    );
}

/// The words of a text, with their numbers.
fn words(text: &str) -> BTreeMap<&str, usize> {
    let mut words = BTreeMap::new();
    text.split_whitespace().for_each(|word| *words.entry(word).or_default() += 1);
    words
}

#[test]
fn an_overlay_hides_no_text() {
    let (plain_folder, shown_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for template in ["card-letter", "mailer-igc-sante", "mailer-legacy"] {
        let plain = rendered(plain_folder.path(), template, &[], &[]);
        let shown = rendered(shown_folder.path(), template, &[], &["--overlay"]);
        type Reader<'a> = &'a dyn Fn(&Path) -> Option<String>;
        let readers: [Reader; 2] = [&|pdf| said(pdf, &["-raw"]), &extracted_by_mutool];
        for read in readers {
            let (Some(before), Some(after)) = (read(&plain), read(&shown)) else { return };
            let after = words(&after);
            for (word, count) in words(&before) {
                assert!(
                    after.get(word).copied().unwrap_or_default() >= count,
                    "{template}: {word} in {after:?}"
                );
            }
        }
        // The recipient's block, inside its window's outline.
        let block = [111.0, 49.0, 80.0, 20.0];
        let files = [plain_folder.path(), shown_folder.path()].map(|folder| folder.join("block.png"));
        for (pdf, file) in [&plain, &shown].into_iter().zip(&files) {
            let Some(()) = picture(pdf, 1, 150, block, file) else { return };
        }
        let [before, after] = files.map(|file| fs_err::read(file).unwrap());
        assert!(before.len() > 1500, "{template}: the recipient's block is empty");
        assert_eq!(before, after, "{template}: the recipient's block looks different");
    }
}
