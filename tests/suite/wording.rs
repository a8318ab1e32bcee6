//! The way of a template from its begin to its sign-off: a copy to begin from, files for editors, the wording, the proof sheet.

use std::path::Path;

use crate::job::pli;
use crate::schemas::answers;
use crate::tools::tool;

/// A letter with two variants and five sentences.
const LETTER: &str = r##"#import "/pli.typ": *
#show: piece
#at(110mm, 50mm, address())
#at(17mm, 66mm, code39("card_number"))
#at(165mm, 203mm, two-d-doc(size: 30mm, module: 0.508mm))
#at(15mm, 102mm, block(width: 70mm, {
  [La carte est prête. Elle sert à signer vos actes, et rien de plus ne vous est demandé à cette occasion. ]
  if sys.inputs.holder == "named" [Elle est au nom de #field("holder", width: 30mm) seul.] else [Elle appartient à la structure.]
}))
#at(15mm, 88mm, field("piece_id", width: 40mm))
#at(120mm, 140mm, field("card_number", width: 40mm))
#at(15mm, 150mm, text(weight: "bold")[Nous contacter])
"##;
const MANIFEST: &str = "kind = \"letter\"\nmain = \"letter.typ\"\ntitle = \"Courrier d’essai\"\nmedia = \"A4 blanc\"\n\
                        grammage = 90\nvariants = [\"holder\"]\n";

/// Writes the letter with one text changed into a folder, and returns its path.
fn letter(folder: &Path, from: &str, to: &str) -> String {
    fs_err::create_dir_all(folder).unwrap();
    fs_err::write(folder.join("template.toml"), MANIFEST).unwrap();
    fs_err::write(folder.join("letter.typ"), LETTER.replace(from, to)).unwrap();
    folder.to_str().unwrap().to_owned()
}

/// A text with single plain spaces.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_wording_is_every_sentence_once_and_the_proof_sheet_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let old = letter(&folder.path().join("old"), "", "");
    let new = letter(&folder.path().join("new"), "rien de plus ne vous", "rien d’autre ne vous");
    let html = folder.path().join("texts.html");
    let wording =
        pli(&["template", "texts", &new, "--against", &old, "--output", html.to_str().unwrap(), "--json"]);
    assert_eq!(wording.code, 0, "{}", wording.stderr);
    answers("template-texts", &wording.stdout);
    let wording = wording.json();
    let said = |part: &str| -> Vec<String> {
        let sentences = wording["sentences"].as_array().unwrap().iter();
        sentences.map(|sentence| plain(sentence[part].as_str().unwrap_or_default())).collect()
    };
    let sentences = [
        "La carte est prête.",
        "Elle sert à signer vos actes, et rien d’autre ne vous est demandé à cette occasion.",
        "Elle est au nom de ‹holder› seul.",
        "Elle appartient à la structure.",
        "Nous contacter",
    ];
    for (sentence, (shown, change)) in sentences.iter().zip([
        ("toutes les variantes", "same"),
        ("toutes les variantes", "changed"),
        ("carte nominative", "same"),
        ("carte non nominative", "same"),
        ("toutes les variantes", "same"),
    ]) {
        let at: Vec<usize> = (0..said("text").len()).filter(|n| said("text")[*n] == **sentence).collect();
        assert_eq!(at.len(), 1, "`{sentence}` in {:?}", said("text"));
        assert_eq!(
            (said("shown")[at[0]].as_str(), said("change")[at[0]].as_str()),
            (shown, change),
            "{sentence}"
        );
    }
    let html = fs_err::read_to_string(html).unwrap();
    assert!(
        html.contains("<del>de plus</del> <ins>d’autre</ins>") && html.contains("default-src 'none'"),
        "{html}"
    );

    let proof = folder.path().join("proof.pdf");
    let made =
        pli(&["template", "proof", &new, "--against", &old, "--output", proof.to_str().unwrap(), "--json"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    answers("template-proof", &made.stdout);
    let file = proof.to_str().unwrap();
    tool("qpdf", &["--check", file]).unwrap();
    let pages = String::from_utf8(tool("pdftotext", &["-raw", file, "-"]).unwrap()).unwrap();
    let pages: Vec<String> = pages.split('\u{c}').map(plain).collect();
    for words in
        ["Courrier d’essai", "Bon à tirer", "À corriger", "Signature", wording["version"].as_str().unwrap()]
    {
        assert!(pages[0].contains(words), "`{words}` in {}", pages[0]);
    }
    let small = pages.iter().find(|page| page.starts_with("Variantes")).unwrap();
    assert!(small.contains("1. carte nominative") && small.contains("2. carte non nominative"), "{small}");
    // The pieces themselves, reduced: their own text can be read.
    let reduced = pages.iter().find(|page| page.starts_with("Épreuves")).unwrap();
    assert!(reduced.contains("Elle appartient à la structure."), "{reduced}");
    let texts = pages.iter().find(|page| page.starts_with("Textes")).unwrap();
    for sentence in sentences {
        assert_eq!(texts.matches(sentence).count(), 1, "`{sentence}` in {texts}");
    }
    let refused = pli(&["template", "proof", &new, "--output", "proof.png", "--json"]);
    assert_eq!((refused.code, refused.json()["error"]["code"].as_str()), (2, Some("proof_output")));
}

#[test]
fn a_template_is_begun_from_a_built_in_one_and_passes_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("templates/mine");
    let own = own.to_str().unwrap();
    let made = pli(&["template", "new", own, "--from", "mailer-legacy", "--json"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    answers("template-new", &made.stdout);
    assert!(made.json()["files"].as_array().unwrap().iter().any(|file| file == "template.toml"));
    let prelude = pli(&["template", "prelude", own, "--json"]);
    assert_eq!(prelude.code, 0, "{}", prelude.stderr);
    answers("template-prelude", &prelude.stdout);
    assert!(prelude.json()["files"].as_array().unwrap().iter().any(|file| file == "pli.typ"));
    let checked = pli(&["template", "check", own]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    let again = pli(&["template", "new", own, "--from", "mailer-legacy", "--json"]);
    assert_eq!((again.code, again.json()["error"]["code"].as_str()), (2, Some("template_occupied")));
}
