//! No false alarm: what is sound is proved without a finding, whatever template, press, imposition and profile.

use std::path::Path;

use jiff::civil::date;
use mail::piece::PieceKind;
use twoddoc::{Algorithm, SigningKey};

use crate::job::Job;
use crate::night::order::{NightOrder, NoProgress};
use crate::night::run;
use crate::sample::{SampleOrder, make};

/// Settings of the job file, each with what it replaces.
type Settings = Vec<(&'static str, String)>;

/// A press: its dots per inch, the reduction of bars, how many pieces lie on a sheet, whether lots have sheets of their own.
fn press(dpi: u32, reduction: u32, imposition: &str, lot_sheets: bool) -> Settings {
    vec![
        ("dpi = 600", format!("dpi = {dpi}")),
        ("bar_width_reduction = 0", format!("bar_width_reduction = {reduction}")),
        ("# imposition = \"1-up\"", format!("imposition = \"{imposition}\"")),
        ("# lot_sheets = false", format!("lot_sheets = {lot_sheets}")),
    ]
}

/// Templates of letters and of mailers, and the profile of signatures: those that are built in, one of the book's with a
/// designer's font, one of the book's whose parts are shared.
const OTHERS: [(&str, &str, Algorithm); 3] = [
    ("templates/card-letter", "templates/mailer-igc-sante", Algorithm::Ed25519),
    ("docs/templates/09-mended", "templates/mailer-legacy", Algorithm::Ed25519),
    ("docs/templates/11-shared-too", "templates/mailer-igc-sante", Algorithm::EcdsaP256),
];

/// The path of a template of the book; the name of another.
fn template(name: &str) -> String {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if name.starts_with("docs") { book.display().to_string() } else { name.to_owned() }
}

/// Runs the nights of a sample, letters and mailers, and returns how many pieces were proved.
/// `skipped` gets why a night was not printed: a press that can't print a template's symbols.
fn pieces_proved(
    count: u32,
    seed: u64,
    settings: &Settings,
    profile: Algorithm,
    skipped: &mut Vec<String>,
) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    make(&SampleOrder {
        count,
        seed,
        bad_percent: 0.0,
        out: folder.path(),
        unsealed: seed.is_multiple_of(2),
    })
    .unwrap();
    let file = folder.path().join("job.toml");
    let mut text = fs_err::read_to_string(&file).unwrap();
    for (from, to) in settings {
        assert!(text.contains(from), "`{from}` is in the job file");
        text = text.replace(from, to);
    }
    if profile == Algorithm::EcdsaP256 {
        let key = SigningKey::from_seed(profile, &[7; 32]).unwrap();
        fs_err::write(folder.path().join("keys/signing.pem"), key.to_pkcs8_pem().unwrap().as_bytes())
            .unwrap();
        text = text.replace("profile = \"ed25519\"", "profile = \"ecdsa-p256\"");
    }
    fs_err::write(&file, text).unwrap();
    let job = Job::load(folder.path()).unwrap();
    let nights = [(PieceKind::Letter, date(2026, 11, 20)), (PieceKind::Mailer, date(2026, 11, 23))];
    let proved = nights.map(|(kind, night)| {
        let order = NightOrder { only: Some(kind), ..NightOrder::new(&job, night) };
        match run(&order, &NoProgress) {
            Ok(report) => report.proof.pieces,
            Err(failure) => {
                let refused = failure.in_one_line();
                let sound = failure.code() != "proofs_failed" && !refused.contains("proof");
                assert!(sound, "{settings:?}: {refused}");
                skipped.push(refused);
                0
            }
        }
    });
    proved.into_iter().sum()
}

#[test]
fn sound_lots_of_every_press_are_proved() {
    for (dpi, reduction, imposition, lot_sheets) in
        [(300, 0, "1-up", false), (600, 2, "2-up", true), (1200, 1, "1-up", true)]
    {
        let settings = press(dpi, reduction, imposition, lot_sheets);
        assert!(pieces_proved(40, 6, &settings, Algorithm::Ed25519, &mut Vec::new()) > 50);
    }
}

/// Takes as long as `PLI_MINUTES` says, or ten minutes.
#[test]
#[ignore = "takes ten minutes"]
fn a_million_sound_pieces_raise_no_alarm() {
    let minutes = std::env::var("PLI_MINUTES").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let count = std::env::var("PLI_RECORDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let begun = std::time::Instant::now();
    let (mut pieces, mut lots, mut seed, mut skipped) = (0, 0, 100, Vec::new());
    'presses: loop {
        for dpi in [600, 300, 1200] {
            for reduction in [0, 1, 2] {
                for imposition in ["1-up", "2-up"] {
                    for (letter, mailer, profile) in OTHERS {
                        if begun.elapsed().as_secs() > 60 * minutes {
                            break 'presses;
                        }
                        let mut settings = press(dpi, reduction, imposition, lots % 2 == 0);
                        settings.push(("templates/card-letter", template(letter)));
                        settings.push(("templates/mailer-igc-sante", template(mailer)));
                        pieces += pieces_proved(count, seed, &settings, profile, &mut skipped);
                        (lots, seed) = (lots + 2, seed + 1);
                    }
                }
            }
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let summary = format!("{pieces} pieces of {lots} lots in {seconds:.0} s\n{}\n", skipped.join("\n"));
    fs_err::write(std::env::temp_dir().join("pli-sound-pieces.txt"), summary).unwrap();
}
