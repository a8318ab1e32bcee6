//! The settings of a job as the stations of a night use them: paths resolved, defaults filled in, by kind of piece.

use std::io;
use std::path::PathBuf;

use composition::BlockMap;
use jiff::civil::{Date, Time};
use mail::Language;
use mail::calendar::Calendar;
use mail::inserter::Machine;
use mail::piece::PieceKind;

use crate::files::private_folder;

use super::dated_template::DatedTemplate;
use super::{
    Bureau, Dispatch, Input, Job, KeyLocation, LedgerHome, LedgerLocation, OutputLocation, Press,
    RecordMapping, Retention, ServerAddress, SigningProfile,
};
use super::{closed_day, parse_cut_off};

/// The folder of the kept templates, in the job's folder.
const KEPT_TEMPLATES: &str = "kept/templates";
/// The folder of the salts of proofs, in the job's folder.
const PROOF_SALTS: &str = "kept/proof-salts";

/// The folder of reprint lists and recall sheets, in the job's folder.
const AFTER_PRESS: &str = "inserting";

/// The file of the key of shares, in the job's folder.
const SHARE_KEY: &str = "keys/shares.key";

/// How the blocks of letters are signed.
pub(crate) struct LetterSettings {
    /// The location of the signing key.
    pub(crate) key: KeyLocation,
    /// The signature profile.
    pub(crate) profile: SigningProfile,
    /// The fields of the block.
    pub(crate) block_map: BlockMap,
}

/// How mailers are numbered and sealed, and how their codes are opened.
pub(crate) struct MailerSettings<'a> {
    /// The recipients of sealed mailers, as the job writes them; `None` where mailers are written in clear.
    pub(crate) seal_to: Option<&'a [String]>,
    /// The age identity that opens the codes files.
    pub(crate) codes_identity: PathBuf,
    /// The product code that begins a tracking identifier.
    pub(crate) tracking_prefix: &'a str,
    /// The first tracking number, used while the ledger has none.
    pub(crate) first_tracking_number: u64,
    /// The opacity of their paper in per cent (ISO 2471); `None` where the job does not say.
    pub(crate) paper_opacity: Option<f64>,
}

impl Job {
    /// The sender of the pieces.
    pub fn bureau(&self) -> &Bureau {
        &self.sections.bureau
    }

    /// The language of sheets, reports, rejects and warnings.
    pub(crate) fn language(&self) -> Language {
        self.sections.bureau.language
    }

    /// The facts of the bureau that the job file leaves out, so that pieces bear those of another one.
    pub(crate) fn bureau_left_out(&self) -> &[&'static str] {
        &self.bureau_left_out
    }

    /// Whether mailers bear the prefix of the default, which no post gave out, because the job file leaves it out.
    pub(crate) fn tracking_prefix_left_out(&self) -> bool {
        self.tracking_prefix_left_out
    }

    /// Where records and codes come from.
    pub(crate) fn input(&self) -> &Input {
        &self.sections.input
    }

    /// How record files become ours.
    pub(crate) fn record_mapping(&self) -> RecordMapping {
        // A mapping that can't be used was refused when the job was read.
        RecordMapping::of(&self.sections.input).unwrap_or_default()
    }

    /// The age identity that opens sealed record files.
    pub(crate) fn cards_identity(&self) -> PathBuf {
        self.path(&self.sections.input.cards_identity)
    }

    /// Where the nights go; a folder's path is resolved.
    pub(crate) fn output(&self) -> OutputLocation {
        match &self.sections.output.dir {
            OutputLocation::Folder(folder) => OutputLocation::Folder(self.path(folder)),
            OutputLocation::Objects(url) => OutputLocation::Objects(url.clone()),
        }
    }

    /// How many pieces a print file holds at most.
    pub(crate) fn pieces_per_file(&self) -> u32 {
        self.sections.output.pieces_per_file
    }

    /// Whether the pieces of a kind are also PDF/A-2b. Mailers never are.
    pub(crate) fn archives(&self, kind: PieceKind) -> bool {
        kind == PieceKind::Letter && self.sections.output.archive
    }

    /// The press.
    pub(crate) fn press(&self) -> &Press {
        &self.sections.press
    }

    /// The inserting machine of a kind.
    pub(crate) fn machine(&self, kind: PieceKind) -> &Machine {
        match kind {
            PieceKind::Letter => &self.sections.inserter.letters,
            PieceKind::Mailer => &self.sections.inserter.mailers,
        }
    }

    /// The template of a kind on a night: a folder beside the job file if there is one, otherwise the name as written.
    /// `None` for a night before the first template.
    pub(crate) fn template(&self, kind: PieceKind, night: Date) -> Option<PathBuf> {
        let template = self.dated_template(kind).of(night)?;
        let beside = self.path(template);
        Some(if beside.is_dir() { beside } else { template.to_owned() })
    }

    /// The first night that a kind has a template for; `None` where it has one for every night.
    pub(crate) fn first_day_of_template(&self, kind: PieceKind) -> Option<Date> {
        self.dated_template(kind).first_day()
    }

    fn dated_template(&self, kind: PieceKind) -> &DatedTemplate {
        match kind {
            PieceKind::Letter => &self.sections.letters.template,
            PieceKind::Mailer => &self.sections.mailers.template,
        }
    }

    /// The settings of letters.
    pub(crate) fn letters(&self) -> LetterSettings {
        let signing = &self.sections.signing;
        LetterSettings {
            key: signing.key.resolved(|path| self.path(path)),
            profile: signing.profile,
            block_map: signing.block_map(),
        }
    }

    /// The settings of mailers.
    pub(crate) fn mailers(&self) -> MailerSettings<'_> {
        let (input, output, mailers) = (&self.sections.input, &self.sections.output, &self.sections.mailers);
        MailerSettings {
            seal_to: (!output.unsealed).then_some(output.seal_to.as_slice()),
            codes_identity: self.path(&input.codes_identity),
            tracking_prefix: &mailers.tracking_prefix,
            first_tracking_number: mailers.first_tracking_number,
            paper_opacity: mailers.paper_opacity,
        }
    }

    /// Whether the print files of a kind are sealed: mailers, unless the job writes them in clear.
    pub(crate) fn seals(&self, kind: PieceKind) -> bool {
        kind == PieceKind::Mailer && !self.sections.output.unsealed
    }

    /// The share of rejected records above which nothing is released, in percent.
    pub(crate) fn max_reject_percent(&self) -> f64 {
        self.sections.limits.max_reject_percent
    }

    /// The share of waiting pieces that one night's records may cancel, in percent.
    pub(crate) fn max_cancelled_percent(&self) -> f64 {
        self.sections.limits.max_cancelled_percent
    }

    /// How many records a night has at least.
    pub(crate) fn min_records(&self) -> u64 {
        self.sections.limits.min_records
    }

    /// The job's scratch folder: its lock, what is staged for an object store, spools and shares. One ledger has one.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.path(&self.sections.output.scratch)
    }

    /// The folder of the templates that were released.
    pub(crate) fn kept_templates(&self) -> PathBuf {
        self.path(KEPT_TEMPLATES)
    }

    /// The folder of the salts of proofs: a folder a night, with folders as the night's outputs have.
    pub(crate) fn proof_salts(&self) -> PathBuf {
        self.path(PROOF_SALTS)
    }

    /// The key that authenticates the shares of a night.
    pub(crate) fn share_key(&self) -> PathBuf {
        self.path(SHARE_KEY)
    }

    /// The folder in which the issuer is told what became of each request.
    pub(crate) fn feedback_folder(&self) -> PathBuf {
        self.path(&self.sections.feedback.dir)
    }

    /// Whether the issuer's rows of mailers have the card's number.
    pub(crate) fn tells_mailer_cards(&self) -> bool {
        self.sections.feedback.mailer_cards
    }

    /// The ledger's file; the default one where the ledger is on a server now, and earlier versions left files beside it.
    pub fn ledger_file(&self) -> PathBuf {
        let url = &self.sections.ledger.url;
        let url = if ServerAddress::parse(url).is_some() { "ledger.db" } else { url };
        self.path(url.strip_prefix("sqlite:").unwrap_or(url))
    }

    /// The ledger, and the folder of its keys.
    pub(crate) fn ledger(&self) -> LedgerHome {
        // An address that is none was refused when the job was read.
        let address = ServerAddress::parse(&self.sections.ledger.url).and_then(Result::ok);
        let location =
            address.map_or_else(|| LedgerLocation::File(self.ledger_file()), LedgerLocation::Server);
        LedgerHome { location, keys: self.ledger_keys() }
    }

    /// The day from which a piece counts as dispatched.
    pub(crate) fn dispatch(&self) -> Dispatch {
        self.sections.ledger.dispatch
    }

    /// How many working days may pass from a request to its dispatch.
    pub(crate) fn max_working_days(&self) -> u32 {
        self.sections.limits.max_working_days
    }

    /// The calendar of working days.
    pub fn calendar(&self) -> Calendar {
        let rules = &self.sections.calendar;
        let closed = rules.closed.iter().filter_map(closed_day).collect();
        Calendar { alsace_moselle: rules.alsace_moselle, closed }
    }

    /// A file for those who work after the press: reprint lists, recall sheets. Its folder is there.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn after_press(&self, name: &str) -> io::Result<PathBuf> {
        let folder = self.after_press_root();
        private_folder(&folder)?;
        Ok(folder.join(name))
    }

    /// The folder of those files.
    pub(crate) fn after_press_root(&self) -> PathBuf {
        self.path(AFTER_PRESS)
    }

    /// How much of a lot a camera may not see, in percent, without stopping it.
    pub(crate) fn max_missing_percent(&self) -> f64 {
        self.sections.limits.max_missing_percent
    }

    /// The incident cut-off.
    pub fn cut_off(&self) -> Time {
        parse_cut_off(&self.sections.calendar.cut_off).unwrap_or(Time::constant(17, 0, 0, 0))
    }

    /// How long is kept what names people.
    pub(crate) fn retention(&self) -> Retention {
        self.sections.retention.complete()
    }

    /// The folder of the keys of the ledger's personal columns.
    pub(crate) fn ledger_keys(&self) -> PathBuf {
        self.path(&self.sections.ledger.keys)
    }

    /// The recipients to which the backup of these keys is sealed, as the job writes them.
    pub(crate) fn ledger_recovery(&self) -> &[String] {
        &self.sections.ledger.recovery
    }
}
