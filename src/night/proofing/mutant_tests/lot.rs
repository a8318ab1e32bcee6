//! A sound lot, printed once, with all that the proof of its file takes. Its changed copies are the mutants.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use composition::fact_values;
use jiff::civil::{Date, date};
use mail::issuance::Issuance;
use mail::lot::LotName;
use mail::piece::PieceKind;
use preflight::{OpenFile, Paint, ShownFile, ShownPage};
use template::CompiledTemplate;
use twoddoc::VerifyingKey;

use super::altered::Altered;
use crate::job::Job;
use crate::ledger::ReleaseMark;
use crate::night::intake::{IntakeSettings, codes_of_night, take_in};
use crate::night::lot::{LotNumbers, NumberedPiece, Numbering, SheetLayout};
use crate::night::order::{NightOrder, NoProgress};
use crate::night::paperwork::ManifestRow;
use crate::night::planning::DuePiece;
use crate::night::production::{StockCache, find_template, lay_out, stamper};
use crate::night::proofing::judge::{FileProof, LotRules, LotRulesOrder, PrintedFile, prove_file};
use crate::night::run;
use crate::sample::{SampleOrder, make};
use crate::vault::{CodesOfNight, load_signing_key};

/// The night of the sample's letters, and that of their mailers.
const LETTERS: Date = date(2026, 11, 20);
const MAILERS: Date = date(2026, 11, 23);

/// A printed lot of one file.
pub(in crate::night::proofing) struct SoundLot {
    /// The job's folder, which goes with the lot.
    _folder: tempfile::TempDir,
    job: Job,
    kind: PieceKind,
    night: Date,
    template: CompiledTemplate,
    numbers: LotNumbers,
    mark: ReleaseMark,
    key: VerifyingKey,
    codes: Option<CodesOfNight>,
    /// The name of its file.
    name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// Its rows in the manifest.
    pub rows: Vec<ManifestRow>,
    /// The records of its pieces.
    pub pieces: Vec<NumberedPiece>,
}

impl SoundLot {
    /// Prints `count` records of one kind. `settings` replaces lines of the job file.
    pub(in crate::night::proofing) fn print(
        kind: PieceKind,
        count: u32,
        settings: &[(&str, &str)],
    ) -> SoundLot {
        let folder = tempfile::tempdir().unwrap();
        let order = SampleOrder {
            count,
            seed: 7,
            bad_percent: 0.0,
            out: folder.path(),
            unsealed: kind == PieceKind::Mailer,
        };
        make(&order).unwrap();
        let file = folder.path().join("job.toml");
        let mut text = fs_err::read_to_string(&file).unwrap();
        for (from, to) in settings {
            assert!(text.contains(from), "`{from}` is in the job file");
            text = text.replace(from, to);
        }
        fs_err::write(&file, text).unwrap();
        let job = Job::load(folder.path()).unwrap();
        let mut night = LETTERS;
        let mut report = printed(&job, PieceKind::Letter, night);
        if kind == PieceKind::Mailer {
            night = MAILERS;
            report = printed(&job, kind, night);
        }
        let out = folder.path().join(format!("out/{night}"));
        let lot = &report.lots[0];
        let mut table = csv::Reader::from_path(out.join(&lot.manifest)).unwrap();
        let rows: Vec<ManifestRow> = table.deserialize().map(Result::unwrap).collect();
        let path = &report.files[0].path;
        let bytes = fs_err::read(out.join(path)).unwrap();
        let first_tracking = (kind == PieceKind::Mailer).then_some(1);
        let name = LotName::parse(&lot.lot).unwrap();
        let numbers = LotNumbers { name, kind, first_tracking, again: None };
        let pieces = pieces(&job, &numbers, &rows, &bytes);
        let facts: BTreeSet<_> =
            pieces.iter().map(|piece| fact_values(kind, &piece.piece.issuance)).collect();
        let order = NightOrder { only: Some(kind), ..NightOrder::new(&job, night) };
        let found = find_template(&job, kind, night).unwrap();
        let template =
            lay_out(&order, &NoProgress, &StockCache::of(&job), &found, &job.bureau().facts(), facts, None)
                .unwrap();
        let settings = job.letters();
        let key = load_signing_key(&settings.key, settings.profile).unwrap().verifying_key();
        let codes = (kind == PieceKind::Mailer).then(|| codes_of_night(&job, night).unwrap());
        let name = path.rsplit('/').next().unwrap().to_owned();
        let mark = report.ledger.clone().unwrap();
        SoundLot {
            _folder: folder,
            job,
            kind,
            night,
            template,
            numbers,
            mark,
            key,
            codes,
            name,
            bytes,
            rows,
            pieces,
        }
    }

    /// Proves a copy that `alter` has altered.
    pub(in crate::night::proofing) fn proved(&self, alter: impl FnOnce(&mut Altered)) -> FileProof {
        let mut altered = Altered::of(self);
        alter(&mut altered);
        let (bytes, rows, pieces) = altered.finish();
        let stamper = stamper(&self.template, self.job.press(), self.job.machine(self.kind).clone()).unwrap();
        let settings = self.job.letters();
        let letters = self.kind == PieceKind::Letter;
        let rules = LotRules::new(LotRulesOrder {
            stamper: &stamper,
            layout: SheetLayout::of(self.job.press(), &self.template).unwrap(),
            numbers: &self.numbers,
            mark: &self.mark,
            weight: self.job.postage().weight(&self.template.manifest),
            block_map: letters.then_some(&settings.block_map),
            key: letters.then_some(&self.key),
            codes: self.codes.as_ref(),
            sealed: false,
            night: self.night,
            day: self.night,
        });
        let rules = rules.unwrap_or_else(|failure| panic!("{}", failure.in_one_line()));
        let open = OpenFile::new(Arc::new(bytes)).ok();
        let file = PrintedFile {
            name: &self.name,
            open: open.as_ref(),
            pieces: &pieces,
            rows: Some(&rows),
            last: true,
            sheets_before: Some(0),
        };
        prove_file(&file, &rules, &NoProgress)
    }

    /// The objects of the stock, as the template has them.
    pub(in crate::night::proofing) fn stock(&self) -> &[u8] {
        &self.template.stock.objects
    }
}

/// Runs a night of one kind.
fn printed(job: &Job, kind: PieceKind, night: Date) -> crate::night::report::Report {
    let order = NightOrder { only: Some(kind), ..NightOrder::new(job, night) };
    let report = run(&order, &NoProgress);
    let report = report.unwrap_or_else(|failure| panic!("{}", failure.in_one_line()));
    assert_eq!((report.proof.failures, report.files.len()), (0, 1));
    report
}

/// The records of the pieces, in their order. The rows of mailers name no card, so their pages do.
fn pieces(job: &Job, numbers: &LotNumbers, rows: &[ManifestRow], bytes: &[u8]) -> Vec<NumberedPiece> {
    let records = take_in(&[job.path("inbox/cards.csv")], &IntakeSettings::default()).unwrap();
    let records: BTreeMap<String, Issuance> =
        records.records.into_iter().map(|row| (row.issuance.card_number.to_string(), row.issuance)).collect();
    let shown = ShownFile::open(Arc::new(bytes.to_vec())).unwrap();
    let mut numbering = Numbering::begin(numbers, "XX");
    let mut next = |issuance| numbering.number(DuePiece { entry: 0, issuance });
    let pieces = rows.iter().map(|row| match numbers.kind {
        PieceKind::Letter => next(records[&row.card_number].clone()),
        PieceKind::Mailer => {
            let pages = row.first_page as usize - 1..(row.first_page + row.pages) as usize - 1;
            let texts: Vec<String> = pages.flat_map(|page| texts(&shown, page)).collect();
            let last_digits = texts.iter().find_map(|text| text.strip_prefix("••••••")).unwrap();
            let mut found = records.iter().filter(|(number, _)| number[6..] == *last_digits);
            let issuance = found.next().unwrap().1.clone();
            assert!(found.next().is_none(), "the last digits of a card are those of no other");
            next(issuance)
        }
    });
    pieces.map(|piece| piece.unwrap_or_else(|failure| panic!("{}", failure.in_one_line()))).collect()
}

/// The texts of a page.
fn texts(shown: &ShownFile, page: usize) -> Vec<String> {
    let mut read = ShownPage::default();
    shown.page(page, &mut read).unwrap();
    let text = |paint: &Paint| match paint {
        Paint::Text(text) => Some(text.text.clone()),
        _ => None,
    };
    read.paint.iter().filter_map(text).collect()
}
