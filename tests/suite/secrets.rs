//! No code anywhere but in mailers: every artefact is searched.

use crate::job::{FRIDAY, TestJob};

/// The fixture's codes: PIN, PUK and assistance code of each card.
fn codes() -> Vec<(String, Vec<String>)> {
    let mut table =
        csv::Reader::from_path(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/night/inbox/codes.csv"))
            .unwrap();
    let rows: Vec<std::collections::BTreeMap<String, String>> =
        table.deserialize().map(Result::unwrap).collect();
    rows.into_iter()
        .map(|row| {
            // A PIN of four digits or a short assistance code stands in any number by chance.
            let codes = [&row["puk"], &row["assistance_code"]];
            let long = codes.into_iter().filter(|code| code.len() >= 5).cloned().collect();
            (row["card_number"].clone(), long)
        })
        .collect()
}

/// The fixture's codes that stand nowhere by chance.
pub fn long_codes() -> Vec<String> {
    let needles: Vec<String> = codes().into_iter().flat_map(|(_, codes)| codes).collect();
    assert!(needles.len() >= 30);
    needles
}

pub fn search(name: &str, bytes: &[u8], needles: &[String]) {
    for needle in needles {
        let mut windows = bytes.windows(needle.len()).enumerate();
        let found = windows.any(|(at, window)| window == needle.as_bytes() && !by_chance(bytes, at, needle));
        assert!(!found, "a code stands in {name}");
    }
}

/// Whether six digits are a part of a longer number: among the decimals of a time any six turn up in the end.
fn by_chance(bytes: &[u8], at: usize, needle: &str) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let short = needle.len() < 8 && needle.bytes().all(|byte| byte.is_ascii_digit());
    short && (digit(before) || before == Some(&b'.') || digit(bytes.get(at + needle.len())))
}

#[test]
fn a_code_is_found_where_it_stands_and_not_in_a_time() {
    let codes = ["628589".to_owned(), "23606805".to_owned()];
    let finds = |text: &str| std::panic::catch_unwind(|| search("it", text.as_bytes(), &codes)).is_err();
    for text in ["code 628589", "(628589)", "628589", "a;628589;b", "9236068051", "0.23606805"] {
        assert!(finds(text), "{text}");
    }
    for text in ["0.0628589134", "0.628589", "1628589", "62858"] {
        assert!(!finds(text), "{text}");
    }
}

#[test]
fn no_artefact_holds_a_code() {
    let job = TestJob::new();
    let needles = long_codes();
    for night in [FRIDAY, "2026-11-23"] {
        let ran = job.run(night, &["-vv", "--prove", "all"]);
        search("standard output", ran.stdout.as_bytes(), &needles);
        search("standard error", ran.stderr.as_bytes(), &needles);
        let _ = fs_err::remove_file(job.path("inbox/cards.csv"));
    }
    let files = job.files();
    assert!(files.iter().any(|file| file.to_string_lossy().ends_with(".pdf.age")), "mailers are sealed");
    for file in files {
        search(&file.display().to_string(), &fs_err::read(&file).unwrap(), &needles);
    }
    #[cfg(target_os = "linux")]
    no_file_holds_one_in_another_form(&job, needles);
}

/// Searches in UTF-16, hexadecimal, base64 and zlib streams, and in what the pages of letters and paperwork show.
#[cfg(target_os = "linux")]
fn no_file_holds_one_in_another_form(job: &TestJob, codes: Vec<String>) {
    let long: Vec<String> = codes.into_iter().filter(|code| code.len() >= 8).collect();
    assert!(long.len() >= 10);
    let needles = crate::memory::Needles::of(&long);
    assert_eq!(crate::memory::search_files(&job.path(""), &needles, true), None);
    let files = job.files().into_iter();
    let pages: Vec<_> = files.filter(|file| file.extension().is_some_and(|ending| ending == "pdf")).collect();
    assert!(pages.len() >= 3, "letters and work orders");
    for file in pages {
        let Some(pages) = crate::tools::pdf_text(&file) else { return };
        // Codes are shown in groups.
        let text: String = pages.concat().split([' ', '\n']).collect();
        assert_eq!(needles.find(text.as_bytes()), None, "{}", file.display());
    }
}

#[test]
fn a_mailers_manifest_and_work_order_name_no_card_and_no_holder() {
    let job = TestJob::new();
    job.both_nights();
    let manifest = job.read("out/2026-11-23/mailers/26327A.manifest.csv");
    for (card, _) in codes() {
        assert!(!manifest.contains(&card), "{card}");
    }
    assert_eq!(
        manifest.lines().next(),
        Some("piece_id,lot,sequence,file,first_page,pages,tracking_id,template,variant,ledger_id,release")
    );
    let Some(pages) = crate::tools::pdf_text(&job.path("out/2026-11-23/mailers/26327A.work-order.pdf"))
    else {
        return;
    };
    let sheet = pages.concat();
    assert!(sheet.contains("M26327A") && !sheet.contains("MARTIN"), "{sheet}");
    assert!(codes().iter().all(|(card, _)| !sheet.contains(card)));
}

#[test]
fn a_sealed_mailer_opens_with_the_presss_identity_and_shows_its_own_codes() {
    let job = TestJob::new();
    job.both_nights();
    let sealed = job.path("out/2026-11-23/mailers/26327A-0001.pdf.age");
    let plain = pli::vault::open(&sealed, &job.path("keys/press.identity")).unwrap();
    assert!(plain.starts_with(b"%PDF-1.6"));
    assert!(pli::vault::open(&sealed, &job.path("keys/codes.identity")).is_err());
    let opened = job.path("opened.pdf");
    fs_err::write(&opened, &*plain).unwrap();
    let Some(pages) = crate::tools::pdf_text(&opened) else { return };
    let rows = job.table("out/2026-11-23/mailers/26327A.manifest.csv");
    for row in &rows {
        let first: usize = row["first_page"].parse().unwrap();
        // A PUK is shown in groups.
        let [outside, inside] = [first - 1, first].map(|page| pages[page].replace(' ', ""));
        assert!(
            outside.contains(&row["piece_id"]) && outside.contains(&row["tracking_id"].replace(' ', "")),
            "{outside}"
        );
        let of_piece: Vec<_> = codes()
            .into_iter()
            .filter(|(_, codes)| codes.iter().any(|code| inside.contains(code.as_str())))
            .collect();
        assert_eq!(of_piece.len(), 1, "one card's codes on {}", row["piece_id"]);
        let (card, shown) = &of_piece[0];
        assert!(inside.contains(&card[6..]), "the masked number ends as the card's");
        assert!(shown.iter().all(|code| !outside.contains(code.as_str())), "nothing shows outside");
    }
}
