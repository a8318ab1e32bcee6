//! The tables of the job file, each key with its default (contract: the job file).

use std::collections::BTreeMap;
use std::path::PathBuf;

use composition::{BlockField, BlockMap};
use mail::inserter::Inserter;
use mail::{Encoding, Language};
use serde::{Deserialize, Serialize};
use template::Facts;

use super::approvals::{ApprovalSettings, RoleSettings};
use super::audit::AuditSettings;
use super::card_rules::CardRules;
use super::dated_template::DatedTemplate;
use super::feedback::FeedbackSettings;
use super::keeping::{LedgerSettings, RetentionSettings};
use super::key_location::KeyLocation;
use super::mapping::{DateSetting, FixedSettings};
use super::object_url::OutputLocation;
use super::postal::{Bundle, LetterOrder, Postage, PostcodeSettings};
use super::press::Press;
use super::returns::ReturnSettings;

/// The job file's tables (contract: the job file).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sections {
    /// The sender of the pieces.
    pub bureau: Bureau,
    /// Where records and codes come from.
    pub input: Input,
    /// Where print files go.
    #[serde(default)]
    pub output: Output,
    /// Where the ledger and its keys are.
    #[serde(default)]
    pub ledger: LedgerSettings,
    /// How long is kept what names people.
    #[serde(default)]
    pub retention: RetentionSettings,
    /// Where the issuer is told what became of each request.
    #[serde(default)]
    pub feedback: FeedbackSettings,
    /// The letters.
    #[serde(default)]
    pub letters: Letters,
    /// The mailers.
    #[serde(default)]
    pub mailers: Mailers,
    /// How the postcode of an address is held against its town.
    #[serde(default)]
    pub postcode: PostcodeSettings,
    /// What is sent for which card.
    #[serde(default)]
    pub rules: CardRules,
    /// How pieces are handed to the post.
    #[serde(default)]
    pub postage: Postage,
    /// The signed block.
    #[serde(default)]
    pub signing: Signing,
    /// Working days.
    #[serde(default)]
    pub calendar: CalendarRules,
    /// When a night stops.
    #[serde(default)]
    pub limits: Limits,
    /// The press.
    #[serde(default)]
    pub press: Press,
    /// The inserting machines.
    #[serde(default)]
    pub inserter: Inserter,
    /// What becomes of mail that comes back.
    #[serde(default)]
    pub returns: ReturnSettings,
    /// Who approves what nobody does alone.
    #[serde(default)]
    pub approvals: ApprovalSettings,
    /// Which users of the system print what.
    #[serde(default)]
    pub roles: RoleSettings,
    /// How the audit log is signed and anchored.
    #[serde(default)]
    pub audit: AuditSettings,
}

/// The sender of the pieces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bureau {
    /// The issuer's name.
    pub name: String,
    /// The language of what the bureau's people read: sheets, reports, rejects and warnings. Pieces are French.
    #[serde(default)]
    pub language: Language,
    /// The address of undelivered mail.
    #[serde(default = "default_return_address")]
    pub return_address: Vec<String>,
    /// The issuer's office.
    #[serde(default = "default_office_address")]
    pub office_address: Vec<String>,
    /// The service's phone number.
    #[serde(default = "default_phone")]
    pub phone: String,
    /// When somebody answers the phone; may be empty.
    #[serde(default)]
    pub hours: String,
    /// The service's phone number from overseas.
    #[serde(default = "default_phone_overseas")]
    pub phone_overseas: String,
    /// The issuer's website.
    #[serde(default = "default_website")]
    pub website: String,
}

impl Bureau {
    /// The facts about the sender that templates receive.
    pub fn facts(&self) -> Facts {
        [
            ("bureau-name", self.name.clone()),
            ("bureau-return-address", self.return_address.join("\n")),
            ("bureau-office-address", self.office_address.join("\n")),
            ("bureau-phone", self.phone.clone()),
            ("bureau-hours", self.hours.clone()),
            ("bureau-phone-overseas", self.phone_overseas.clone()),
            ("bureau-website", self.website.clone()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// Every text, with the key that holds it.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let single = [
            ("name", &self.name),
            ("phone", &self.phone),
            ("hours", &self.hours),
            ("phone_overseas", &self.phone_overseas),
            ("website", &self.website),
        ];
        let lists = [("return_address", &self.return_address), ("office_address", &self.office_address)];
        let lines = lists.into_iter().flat_map(|(key, lines)| lines.iter().map(move |line| (key, line)));
        single.into_iter().chain(lines).map(|(key, text)| (key, text.as_str()))
    }

    /// A bureau for showing templates to their designers.
    pub(crate) fn invented() -> Bureau {
        Bureau {
            name: "ASIP Santé".to_owned(),
            language: Language::French,
            return_address: default_return_address(),
            office_address: default_office_address(),
            phone: "0 825 852 000 (service gratuit)".to_owned(),
            hours: "24 h/24, 7 j/7".to_owned(),
            phone_overseas: default_phone_overseas(),
            website: default_website(),
        }
    }
}

/// The keys of `[bureau]` whose defaults name a real bureau, and are not in the text of a job file.
pub(super) fn left_out_of_bureau(text: &str) -> Vec<&'static str> {
    const FACTS: [&str; 5] = ["return_address", "office_address", "phone", "phone_overseas", "website"];
    FACTS.into_iter().filter(|key| !says(text, "bureau", key)).collect()
}

/// Whether the text of a job file has a key in a section.
pub(super) fn says(text: &str, section: &str, key: &str) -> bool {
    let file: toml::Table = toml::from_str(text).unwrap_or_default();
    file.get(section).and_then(toml::Value::as_table).is_some_and(|table| table.contains_key(key))
}

/// Where records and codes come from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Globs of the record files, in folders and object stores.
    pub cards: Vec<String>,
    /// Globs of the sealed codes files, in folders and object stores.
    #[serde(default = "default_codes")]
    pub codes: Vec<String>,
    /// The record files' encoding.
    #[serde(default)]
    pub encoding: Encoding,
    /// Columns to ignore.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Whether codes also come by standard input, sealed or plain.
    #[serde(default)]
    pub codes_piped: bool,
    /// The age identity that opens the codes files.
    #[serde(default = "default_codes_identity")]
    pub codes_identity: PathBuf,
    /// The age identity that opens sealed record files. Letters need it, and never that of the codes.
    #[serde(default = "default_cards_identity")]
    pub cards_identity: PathBuf,
    /// The issuer's names of columns, by ours.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// The values of columns that the issuer does not send.
    #[serde(default)]
    pub constants: BTreeMap<String, String>,
    /// Our values by the issuer's, a table a column.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// How the issuer writes dates, by column.
    #[serde(default)]
    pub dates: BTreeMap<String, DateSetting>,
    /// Files without delimiters.
    #[serde(default)]
    pub fixed: Option<FixedSettings>,
    /// The public keys of those who sign what arrives, as texts or files; empty where no signature is asked for.
    #[serde(default)]
    pub signers: Vec<String>,
    /// Whether every night needs an announcement.
    #[serde(default)]
    pub announced: bool,
}

/// Where print files go.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Output {
    /// The folder of the nights, or its URL in an object store.
    pub dir: OutputLocation,
    /// How many pieces a print file holds at most.
    pub pieces_per_file: u32,
    /// Whether mailers are written in clear, for demonstration only.
    pub unsealed: bool,
    /// The recipients of sealed mailers (age), as files or `age1…` texts.
    pub seal_to: Vec<String>,
    /// Whether letters are also PDF/A-2b, for the archive. Mailers never are.
    pub archive: bool,
    /// The job's scratch folder, on this machine or on a file system that all shards mount.
    pub scratch: PathBuf,
}

impl Default for Output {
    fn default() -> Output {
        Output {
            dir: OutputLocation::Folder("out".into()),
            pieces_per_file: 2000,
            unsealed: false,
            seal_to: vec!["keys/press.pub".to_owned()],
            archive: false,
            scratch: "scratch".into(),
        }
    }
}

/// The letters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Letters {
    /// A folder, or the name of a built-in template; or a list of them, each from a day on.
    pub template: DatedTemplate,
    /// The order in which they are printed.
    pub order: LetterOrder,
    /// Where a lot is broken into bundles; `None` where it is not.
    pub bundle: Option<Bundle>,
}

impl Default for Letters {
    fn default() -> Letters {
        Letters {
            template: DatedTemplate::always("templates/card-letter"),
            order: LetterOrder::Input,
            bundle: None,
        }
    }
}

/// The mailers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mailers {
    /// A folder, or the name of a built-in template; or a list of them, each from a day on.
    pub template: DatedTemplate,
    /// The product code that begins a tracking identifier, two characters.
    pub tracking_prefix: String,
    /// The first tracking number, used while the ledger has none.
    pub first_tracking_number: u64,
    /// The opacity of their paper in per cent (ISO 2471); `None` where nobody said.
    pub paper_opacity: Option<f64>,
}

impl Default for Mailers {
    fn default() -> Mailers {
        Mailers {
            template: DatedTemplate::always("templates/mailer-igc-sante"),
            tracking_prefix: "XX".to_owned(),
            first_tracking_number: 1,
            paper_opacity: None,
        }
    }
}

/// The signed block.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Signing {
    /// The private key: PKCS#8 PEM, or on a token.
    pub key: KeyLocation,
    /// The signature profile.
    pub profile: SigningProfile,
    /// The authority's identifier, country and two characters.
    pub ca_id: String,
    /// The certificate's identifier, four characters.
    pub certificate_id: String,
    /// The document type.
    pub document_type: String,
    /// The block's fields, in order.
    pub fields: Vec<BlockField>,
}

impl Default for Signing {
    fn default() -> Signing {
        let BlockMap { ca_id, certificate_id, document_type, fields } = BlockMap::default();
        Signing {
            key: KeyLocation::File("keys/signing.pem".into()),
            profile: SigningProfile::Ed25519,
            ca_id,
            certificate_id,
            document_type,
            fields,
        }
    }
}

impl Signing {
    /// The fields of the signed block.
    pub(crate) fn block_map(&self) -> BlockMap {
        BlockMap {
            ca_id: self.ca_id.clone(),
            certificate_id: self.certificate_id.clone(),
            document_type: self.document_type.clone(),
            fields: self.fields.clone(),
        }
    }
}

/// Which signature the blocks carry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SigningProfile {
    /// Ed25519: the bureau's own closed loop; the national specification knows only ECDSA.
    #[default]
    Ed25519,
    /// ECDSA on P-256 with SHA-256, which a conforming reader verifies when it has the certificate.
    EcdsaP256,
}

impl SigningProfile {
    /// The command that makes a key of this profile, without its file.
    pub(crate) fn making_a_key(self) -> &'static str {
        match self {
            SigningProfile::Ed25519 => "pli keys new signing",
            SigningProfile::EcdsaP256 => "pli keys new signing --profile ecdsa-p256",
        }
    }
}

/// Working days.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CalendarRules {
    /// Whether the public holidays of Alsace-Moselle count.
    pub alsace_moselle: bool,
    /// The time from which an incident counts for the next working day, `HH:MM`.
    pub cut_off: String,
    /// Further days off.
    pub closed: Vec<ClosedDay>,
}

impl Default for CalendarRules {
    fn default() -> CalendarRules {
        CalendarRules { alsace_moselle: false, cut_off: "17:00".to_owned(), closed: Vec::new() }
    }
}

/// A day off, as a TOML date or as text.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum ClosedDay {
    /// `2026-12-24`
    Toml(toml::value::Datetime),
    /// `"2026-12-24"`
    Text(String),
}

/// When a night stops.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// The share of rejected records above which nothing is released.
    pub max_reject_percent: f64,
    /// The share of waiting pieces that one night's records may cancel, above which nothing is released.
    pub max_cancelled_percent: f64,
    /// How much of a lot a camera may not see without stopping it, in percent.
    pub max_missing_percent: f64,
    /// How many working days may pass from a request to its dispatch, before `pli status --late` names it.
    pub max_working_days: u32,
    /// How many records a night has at least; with fewer nothing is released.
    pub min_records: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_reject_percent: 5.0,
            max_cancelled_percent: 5.0,
            max_missing_percent: 0.0,
            max_working_days: 10,
            min_records: 0,
        }
    }
}

fn default_return_address() -> Vec<String> {
    vec!["BP 80210".to_owned(), "86963 Futuroscope Cedex".to_owned()]
}

fn default_office_address() -> Vec<String> {
    vec!["9 rue Georges Pitard".to_owned(), "75015 Paris".to_owned()]
}

fn default_phone() -> String {
    "0 825 852 000".to_owned()
}

fn default_phone_overseas() -> String {
    "00 33 825 85 2000".to_owned()
}

fn default_website() -> String {
    "esante.gouv.fr".to_owned()
}

fn default_codes() -> Vec<String> {
    vec!["inbox/codes*.csv.age".to_owned()]
}

fn default_codes_identity() -> PathBuf {
    "keys/codes.identity".into()
}

fn default_cards_identity() -> PathBuf {
    "keys/cards.identity".into()
}
