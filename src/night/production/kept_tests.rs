//! A kept template prints what was released, whatever became of the template's folder and the job.

use std::collections::{BTreeMap, BTreeSet};

use composition::{BlockMap, facts};
use jiff::civil::date;
use mail::issuance::Issuance;
use mail::lot::LotName;
use print_file::{Conformance, FileLabel, Grid, PieceLabel, PrintedPage};

use super::*;
use crate::night::intake::{IntakeSettings, take_in};
use crate::night::run;
use crate::sample::{SampleOrder, make};

/// A sample's job whose letters have a template of its own.
fn job_with_a_template(folder: &Path) -> Job {
    let order = SampleOrder { count: 60, seed: 7, bad_percent: 0.0, out: folder, unsealed: false };
    make(&order).unwrap();
    let (source, own) = (
        Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/card-letter"),
        folder.join("templates/card-letter"),
    );
    fs_err::create_dir_all(&own).unwrap();
    for entry in fs_err::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        fs_err::copy(entry.path(), own.join(entry.file_name())).unwrap();
    }
    Job::load(folder).unwrap()
}

/// The letters of a manifest, in its order: reference and record.
fn letters(manifest: &Path, cards: &Path) -> Vec<(String, Issuance)> {
    let records = take_in(&[cards.to_owned()], &IntakeSettings::default()).unwrap().records;
    let records: BTreeMap<String, Issuance> =
        records.into_iter().map(|row| (row.issuance.card_number.to_string(), row.issuance)).collect();
    let mut table = csv::Reader::from_path(manifest).unwrap();
    let rows: Vec<BTreeMap<String, String>> = table.deserialize().map(Result::unwrap).collect();
    rows.iter().map(|row| (row["piece_id"].clone(), records[&row["card_number"]].clone())).collect()
}

/// The print file of these letters from a kept template.
fn printed_again(
    job: &Job,
    kept: &KeptTemplate,
    night: jiff::civil::Date,
    lot: &str,
    letters: &[(String, Issuance)],
) -> Vec<u8> {
    let (known, template) = (kept.facts(), kept.template().unwrap());
    let variants: BTreeSet<_> =
        letters.iter().map(|(_, record)| template.variant_of(&facts(PieceKind::Letter, record))).collect();
    let compiled = template.compile(&variants.into_iter().collect::<Vec<_>>(), &known.bureau).unwrap();
    let press = known.press();
    let stamper = Stamper::for_machine(
        &compiled,
        Grid::new(press.dpi),
        press.bar_width_reduction,
        known.inserter.clone(),
    )
    .unwrap();
    let layout = SheetLayout::of(&press, &compiled).unwrap();
    let signing = known.signing.clone().unwrap();
    let map = BlockMap {
        ca_id: signing.ca_id,
        certificate_id: signing.certificate_id,
        document_type: signing.document_type,
        fields: signing.fields,
    };
    let key = load_signing_key(&job.letters().key, signing.profile).unwrap();
    let blocks = BlockComposer::new(&map, key, night).unwrap();
    let composer = LetterComposer::new(&stamper, &blocks, night);
    let intent = kept.output_intent().unwrap();
    let name = LotName::parse(lot).unwrap();
    let mut file = print_file::PrintFile::begin(
        Vec::new(),
        stamper.grid(),
        &compiled.stock,
        compiled.fonts.len(),
        &intent,
    )
    .unwrap();
    for ((piece_id, record), sequence) in letters.iter().zip(1..) {
        let (checked, _) = composer.check(record).unwrap();
        let position = Some(LotPosition { lot: &name, kind: PieceKind::Letter, sequence });
        let numbers = PieceNumbers { piece_id, tracking_id: "", position };
        let mut piece = composer.compose(checked, &numbers).unwrap();
        if layout.duplex() && !piece.pages.len().is_multiple_of(2) {
            piece.pages.push(PrintedPage::blank());
        }
        let label = PieceLabel {
            piece: piece_id,
            lot,
            sequence,
            kind: PieceKind::Letter.code(),
            sheets: piece.pages.len().div_ceil(2) as u32,
            weight_class: 20,
        };
        file.piece(&piece.pages, &label).unwrap();
    }
    let label = FileLabel {
        title: format!("letters {lot}"),
        lot: lot.to_owned(),
        day: (2026, 11, 23),
        conformance: if known.archive { Conformance::PressAndArchive } else { Conformance::Press },
    };
    file.finish(&stamper.fonts(), &label).unwrap().0
}

#[test]
fn a_kept_template_prints_the_released_letters_again_once_folder_and_bureau_have_changed() {
    let folder = tempfile::tempdir().unwrap();
    let job = job_with_a_template(folder.path());
    let night = date(2026, 11, 23);
    let order =
        NightOrder { prove: Prove::None, only: Some(PieceKind::Letter), ..NightOrder::new(&job, night) };
    let report = run(&order, &NoProgress).unwrap();
    let lot = &report.lots[0];
    let out = folder.path().join("out/2026-11-23");
    let letters = letters(&out.join(&lot.manifest), &folder.path().join("inbox/cards.csv"));
    assert!(letters.len() > 20, "{}", letters.len());
    // Folder and bureau become others.
    fs_err::remove_dir_all(folder.path().join("templates")).unwrap();
    let text = fs_err::read_to_string(&job.file).unwrap();
    fs_err::write(&job.file, text.replace("ASIP Santé", "Another bureau").replace("dpi = 600", "dpi = 1200"))
        .unwrap();
    let job = Job::load(folder.path()).unwrap();
    let kept = KeptTemplate::open(&job.kept_templates().join(&lot.kept)).unwrap();
    let again = printed_again(&job, &kept, night, &lot.lot, &letters);
    let released = fs_err::read(out.join(&report.files[0].path)).unwrap();
    assert_eq!(report.files.len(), 1);
    assert!(again == released, "every page and the file around them are the same bytes");
}
