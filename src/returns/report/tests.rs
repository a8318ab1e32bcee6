//! The report as a file: what it says, and that nothing others wrote acts in it.

use super::*;
use crate::returns::affine::Affine;
use crate::returns::crop::View;
use crate::returns::outcome::{SymbolFormat, SymbolRead};
use crate::returns::remark::Remark;
use jiff::civil::date;
use serde_json::json;

const SHA: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn outcome(path: &str, verdict: Verdict) -> Outcome {
    Outcome {
        path: path.to_owned(),
        page: 1,
        sha256: SHA.to_owned(),
        size: [1000, 800],
        symbols: vec![symbol("2400140649", [100.0, 200.0])],
        unread: vec![],
        kind: Some("letter".to_owned()),
        piece_id: Some("26327A000001".to_owned()),
        card_number: Some("2400140649".to_owned()),
        twoddoc: None,
        verdict,
        remark: Remark::new("deux bandes des barres concordent", "two bands of the bars agree"),
        return_reason: Some("unknown".to_owned()),
        disposition: Some("destroy".to_owned()),
        seen_before: false,
    }
}

fn symbol(text: &str, [x, y]: [f32; 2]) -> SymbolRead {
    let polygon = [[x, y], [x + 300.0, y], [x + 300.0, y + 80.0], [x, y + 80.0]];
    let (step, text) = ("straight".to_owned(), text.to_owned());
    SymbolRead {
        format: SymbolFormat::Code39,
        text,
        polygon,
        step,
        confidence: 0.87,
        agreed: true,
        grade: None,
    }
}

fn crop() -> Crop {
    let transform = Affine::scale(0.5);
    Crop { page: View { jpeg: "/9j/AAAA".to_owned(), width: 500, height: 400, transform }, close: None }
}

fn written(outcomes: &[Outcome], with_pictures: bool) -> String {
    written_in(Language::French, outcomes, with_pictures)
}

fn written_in(language: Language, outcomes: &[Outcome], with_pictures: bool) -> String {
    let pictures = outcomes.iter().map(|outcome| ((outcome.path.clone(), outcome.page), crop())).collect();
    let known = KnownPiece {
        card_number: Some("2400140650".to_owned()),
        state: State::Dispatched,
        dispatched: Some(date(2026, 11, 24)),
        returned: vec![],
    };
    let report = Report {
        language,
        bureau: "Bureau <d'émission>",
        day: date(2026, 12, 1),
        batch: "2026-12-01 caisse 3",
        by: "C. Durand",
        outcomes,
        reasons: &ReturnReasons::default(),
        number_field: Some("82"),
        known: &HashMap::from([("26327A000001".to_owned(), known)]),
        pictures: with_pictures.then_some(&pictures),
        mailers: &[MailerUnderWay {
            letter: "26327A000001".to_owned(),
            mailer: "26328A\\000001".to_owned(),
            state: State::Released,
        }],
        repeated: &[],
        held: &[HeldAddress {
            days: vec![date(2026, 11, 2), date(2026, 11, 30)],
            pieces: vec![],
            record: None,
        }],
    };
    let mut html = Vec::new();
    write(&mut html, &report).expect("written to memory");
    String::from_utf8(html).expect("UTF-8")
}

fn data(html: &str) -> serde_json::Value {
    let (_, rest) = html.split_once("id=\"data\">").expect("the data");
    serde_json::from_str(rest.split_once("</script>").expect("its end").0).expect("JSON")
}

#[test]
fn a_doubtful_page_has_its_picture_its_symbols_and_what_the_ledger_knows() {
    let mut doubtful = outcome("box/a.tif", Verdict::Inconsistent);
    doubtful.unread = vec![[[0.0, 0.0], [40.0, 0.0], [40.0, 40.0], [0.0, 40.0]]];
    doubtful.twoddoc = Some(json!({
        "fields": [
            { "id": "82", "name": "card number", "value": "2400140650" },
            { "id": "83", "name": "structure", "value": "1690202700" }
        ],
        "signature": { "status": "invalid", "signer": "FR000001" }
    }));
    let html = written(&[doubtful, outcome("box/b.tif", Verdict::Matched)], true);
    assert!(
        html.contains("<polygon class=\"read\" points=\"50.0,100.0 200.0,100.0 200.0,140.0 50.0,140.0\"/>")
    );
    assert!(html.contains("<polygon class=\"unread\" points=\"0.0,0.0 20.0,0.0"));
    for words in [
        "À décider : 1",
        "Reconnus : 1",
        "fausse",
        "parti",
        "87&#160;%",
        "≠",
        "Adresses bloquées : 1",
        "à rappeler : 1",
        "26328A\\000001",
        "30 novembre 2026",
    ] {
        assert!(html.contains(words), "`{words}` is missing");
    }
    assert_eq!(html.matches("<dd class=\"text differs\">").count(), 3, "bars, block and ledger");
    let candidates = data(&html)["cases"][0]["candidates"].to_string();
    assert!(candidates.contains("2400140650") && !candidates.contains("1690202700"), "{candidates}");
    assert_eq!(html.matches("data:image/jpeg;base64,").count(), 1, "only doubtful pages have pictures");
    assert!(html.contains("Bureau &lt;d&#39;émission&gt;") && html.contains("1er décembre 2026"));
}

#[test]
fn what_others_wrote_acts_nowhere() {
    let hostile =
        "x</script><script>alert(1)</script><img src=x onerror='a'>\" autofocus onfocus=\"b\u{202e}\n";
    let mut outcome = outcome(hostile, Verdict::Unreadable);
    outcome.remark = Remark::new(hostile, hostile);
    outcome.kind = Some(hostile.to_owned());
    outcome.return_reason = Some(hostile.to_owned());
    outcome.disposition = Some(hostile.to_owned());
    outcome.symbols = vec![SymbolRead { step: hostile.to_owned(), ..symbol(hostile, [f32::NAN, 0.0]) }];
    outcome.twoddoc = Some(json!({ "fields": [{ "id": hostile, "name": hostile, "value": hostile }] }));
    let matched = Outcome { verdict: Verdict::Matched, ..outcome.clone() };
    let html = written(&[outcome, matched], true);
    assert_eq!(html.matches("<script").count(), 2, "the data and the script");
    assert_eq!(html.matches("</script>").count(), 2);
    let (before, rest) = html.split_once("id=\"data\">").expect("the data");
    let shown = format!("{before}{}", rest.split_once("</script>").expect("its end").1);
    for acting in ["<img", "onfocus=\"", "onerror='", "\u{202e}", "NaN"] {
        assert!(!shown.contains(acting), "`{acting}`");
    }
    let data = data(&html);
    assert_eq!(data["cases"][0]["path"], hostile, "a decision names the path as it is");
}

#[test]
fn scripts_and_styles_run_by_their_digests_and_nothing_is_fetched() {
    let html = written(&[outcome("a.tif", Verdict::Unreadable)], true);
    for text in [STYLE, SCRIPT] {
        let digest = STANDARD.encode(Sha256::digest(text));
        assert!(html.contains(&format!("'sha256-{digest}'")));
    }
    assert!(html.contains("default-src 'none'"));
    for fetched in ["http:", "https:", "url(", "@import", "src=\"", " style=\"", "innerHTML"] {
        assert!(!html.contains(fetched), "`{fetched}`");
    }
}

#[test]
fn a_file_that_was_not_opened_is_listed_and_can_t_be_decided() {
    let unopened = Outcome { sha256: String::new(), ..outcome("lost.tif", Verdict::Unreadable) };
    let html = written(&[unopened], true);
    assert!(html.contains("Fichiers à numériser de nouveau : 1") && html.contains("lost.tif"));
    assert_eq!(data(&html)["cases"], json!([]));
}

#[test]
fn pictures_can_be_left_out() {
    let html = written(&[outcome("a.tif", Verdict::Unreadable)], false);
    assert!(html.contains("Sans images") && !html.contains("data:image") && !html.contains("<polygon"));
}

#[test]
fn what_can_be_accepted_is_what_was_read() {
    let candidates = |outcome: &Outcome| {
        let found = candidates::candidates(outcome, Some("82")).into_iter();
        found.map(|candidate| (candidate.key, candidate.text)).collect::<Vec<_>>()
    };
    let card = |number: &str| ("card_number", number.to_owned());
    let piece = ("piece_id", "26327A000001".to_owned());
    let mut page = outcome("a.tif", Verdict::Duplicate);
    assert_eq!(candidates(&page), std::slice::from_ref(&piece), "its card is no other choice");
    page.verdict = Verdict::Inconsistent;
    page.symbols.push(symbol("2400140651", [0.0, 0.0]));
    page.symbols.push(symbol("NOT OURS", [0.0, 0.0]));
    assert_eq!(candidates(&page), [piece, card("2400140649"), card("2400140651")]);
    (page.piece_id, page.card_number, page.verdict) = (None, None, Verdict::Unreadable);
    assert_eq!(candidates(&page), [card("2400140649"), card("2400140651")]);
    page.symbols.clear();
    assert_eq!(candidates(&page), []);
}

#[test]
fn a_large_pile_stays_usable() {
    let mut outcomes: Vec<Outcome> =
        (0..1800).map(|index| outcome(&format!("{index}.tif"), Verdict::Matched)).collect();
    outcomes.extend((0..200).map(|index| outcome(&format!("d{index}.tif"), Verdict::Unreadable)));
    let html = written(&outcomes, true);
    assert_eq!(data(&html)["cases"].as_array().map(Vec::len), Some(200));
    // Without pictures; those have bounded bytes (`crop`).
    assert!(html.len() < 2_000_000, "{}", html.len());
}

/// The report of an English bureau: no French is left but in what others wrote, and the values are the same.
#[test]
fn the_report_speaks_english() {
    let mut doubtful = outcome("box/a.tif", Verdict::Inconsistent);
    doubtful.twoddoc =
        Some(json!({ "fields": [], "signature": { "status": "invalid", "signer": "FR000001" } }));
    let unopened = Outcome { sha256: String::new(), ..outcome("lost.tif", Verdict::Unreadable) };
    let outcomes = [doubtful, unopened, outcome("box/b.tif", Verdict::Matched)];
    let english = written_in(Language::English, &outcomes, true);
    for words in [
        "<html lang=\"en\">",
        "To decide: 1",
        "Recognised: 1",
        "Files to scan again: 1",
        "Contradictory",
        "False signature",
        "Not known at this address",
        "to destroy",
        "dispatched",
        "at the press",
        "1 December 2026",
        "Addresses on hold: 1",
        "Code mailers to recall: 1",
        "Your name",
        "87%",
    ] {
        assert!(english.contains(words), "`{words}` is missing");
    }
    let (page, _) = english.split_once("<script>").expect("the script");
    let page = page.replace("émission", "");
    let french = page.chars().find(|character| "àâçéèêëîïôûùœ«»\u{202f}\u{a0}".contains(*character));
    assert_eq!(french, None, "{}", page.split(french.unwrap_or('x')).next().unwrap_or_default());
    let french = written(&outcomes, true);
    assert_eq!(data(&english), data(&french), "what can be decided is the same");
    let remarks = ["deux bandes des barres concordent", "two bands of the bars agree"];
    assert_eq!(remarks.map(|remark| french.matches(remark).count()), [3, 0]);
    assert_eq!(remarks.map(|remark| english.matches(remark).count()), [0, 3]);
}
