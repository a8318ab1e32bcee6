//! The job file: everything a night needs to know, read once and validated before work starts.

use std::path::{Path, PathBuf};

use jiff::civil::{Date, Time};
use serde::Deserialize;

use super::calendar::Calendar;

/// A job file that can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// The file can't be read.
    #[error("{0}\n  name an existing job file, or make one with `pli sample --count 500 --out DIR`")]
    Unreadable(#[from] std::io::Error),
    /// The file is not what it should be.
    #[error("{file}:{line}:{column}: {message}")]
    Invalid {
        /// The job file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong and what to do.
        message: String,
    },
}

/// A validated job. Paths are absolute or relative to the current folder.
#[derive(Debug, Clone)]
pub struct Job {
    /// The job file.
    pub file: PathBuf,
    /// The job's sections.
    pub sections: Sections,
}

/// The job file's tables (contract: the job file).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sections {
    /// What the pieces say about the sender.
    pub bureau: Bureau,
    /// Where records and codes come from.
    pub input: Input,
    /// Where print files go.
    #[serde(default)]
    pub output: Output,
    /// Where the ledger is.
    #[serde(default)]
    pub ledger: LedgerPlace,
    /// The letters.
    #[serde(default)]
    pub letters: Letters,
    /// The mailers.
    #[serde(default)]
    pub mailers: Mailers,
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
}

/// What the pieces say about the sender.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bureau {
    /// The issuer's name.
    pub name: String,
    /// Where undelivered mail goes.
    #[serde(default = "default_return_address")]
    pub return_address: Vec<String>,
    /// The issuer's office.
    #[serde(default = "default_office_address")]
    pub office_address: Vec<String>,
    /// The service's phone number.
    #[serde(default = "default_phone")]
    pub phone: String,
    /// The same from overseas.
    #[serde(default = "default_phone_overseas")]
    pub phone_overseas: String,
    /// The issuer's website.
    #[serde(default = "default_website")]
    pub website: String,
}

impl Bureau {
    /// A bureau for showing templates to their designers.
    pub fn invented() -> Bureau {
        Bureau {
            name: "ASIP Santé".to_owned(),
            return_address: default_return_address(),
            office_address: default_office_address(),
            phone: default_phone(),
            phone_overseas: default_phone_overseas(),
            website: default_website(),
        }
    }
}

/// Where records and codes come from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Globs of the record files.
    pub cards: Vec<String>,
    /// Globs of the sealed codes files.
    #[serde(default = "default_codes")]
    pub codes: Vec<String>,
    /// The record files' encoding.
    #[serde(default)]
    pub encoding: Encoding,
    /// Columns to leave alone.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// The age identity that opens the codes files.
    #[serde(default = "default_codes_identity")]
    pub codes_identity: PathBuf,
}

/// How record files are encoded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Windows-1252.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// Where print files go.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Output {
    /// The folder of the nights.
    pub dir: PathBuf,
    /// How many pieces a print file holds at most.
    pub pieces_per_file: u32,
    /// Mailers in clear, for demonstration only.
    pub unsealed: bool,
    /// Who can open the mailers: age recipients, as files or `age1…` texts.
    pub seal_to: Vec<String>,
}

impl Default for Output {
    fn default() -> Output {
        Output {
            dir: "out".into(),
            pieces_per_file: 2000,
            unsealed: false,
            seal_to: vec!["keys/press.pub".to_owned()],
        }
    }
}

/// Where the ledger is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LedgerPlace {
    /// `sqlite:` and a path.
    pub url: String,
}

impl Default for LedgerPlace {
    fn default() -> LedgerPlace {
        LedgerPlace { url: "sqlite:ledger.db".to_owned() }
    }
}

/// The letters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Letters {
    /// A folder, or the name of a built-in template.
    pub template: PathBuf,
}

impl Default for Letters {
    fn default() -> Letters {
        Letters { template: "templates/card-letter".into() }
    }
}

/// The mailers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mailers {
    /// A folder, or the name of a built-in template.
    pub template: PathBuf,
    /// The product code that begins a tracking identifier, two characters.
    pub tracking_prefix: String,
    /// The first tracking number of the job's ledger.
    pub first_tracking_number: u64,
}

impl Default for Mailers {
    fn default() -> Mailers {
        Mailers {
            template: "templates/mailer-igc-sante".into(),
            tracking_prefix: "XX".to_owned(),
            first_tracking_number: 1,
        }
    }
}

/// The signed block.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Signing {
    /// The private key, PKCS#8 PEM.
    pub key: PathBuf,
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
        let field = |id: &str, value: &str| BlockField { id: id.to_owned(), value: value.to_owned() };
        Signing {
            key: "keys/signing.pem".into(),
            profile: SigningProfile::Ed25519,
            ca_id: "FR00".to_owned(),
            certificate_id: "0001".to_owned(),
            document_type: "P1".to_owned(),
            fields: vec![
                field("01", "{ps_id_nat}"),
                field("10", "{civility}/{last_name}/{first_name}"),
                field("82", "{card_number}"),
                field("83", "{structure_id}"),
            ],
        }
    }
}

/// Which signature the blocks carry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SigningProfile {
    /// Ed25519: the bureau's own closed loop; the national specification knows only ECDSA.
    #[default]
    Ed25519,
    /// ECDSA on P-256 with SHA-256, which a conforming reader verifies when it has the certificate.
    EcdsaP256,
}

/// One field of the signed block.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockField {
    /// The data identifier.
    pub id: String,
    /// Text with placeholders such as `{card_number}`.
    pub value: String,
}

/// Working days.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CalendarRules {
    /// Whether the public holidays of Alsace-Moselle count.
    pub alsace_moselle: bool,
    /// From when on an incident counts for the next working day, `HH:MM`.
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
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum ClosedDay {
    /// `2026-12-24`
    Toml(toml::value::Datetime),
    /// `"2026-12-24"`
    Text(String),
}

/// When a night stops.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The share of rejected records above which nothing is released.
    pub max_reject_percent: f64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_reject_percent: 5.0 }
    }
}

/// The press.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Press {
    /// Dots per inch.
    pub dpi: u32,
    /// Dots taken from every bar, because ink spreads.
    pub bar_width_reduction: u32,
}

impl Default for Press {
    fn default() -> Press {
        Press { dpi: 600, bar_width_reduction: 0 }
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

impl Job {
    /// Reads and validates a job file (or the `job.toml` of a folder).
    ///
    /// # Errors
    /// An unreadable file, an unknown key, a missing `required` key or a value out of range, with line and column.
    pub fn load(path: &Path) -> Result<Job, JobError> {
        let file = if path.is_dir() { path.join("job.toml") } else { path.to_owned() };
        let text = fs_err::read_to_string(&file)?;
        let name = file.display().to_string();
        let sections: Sections = toml::from_str(&text).map_err(|error| {
            let (line, column) = position(&text, error.span().map_or(0, |span| span.start));
            JobError::Invalid { file: name.clone(), line, column, message: error.message().to_owned() }
        })?;
        let job = Job { file, sections };
        match job.fault() {
            None => Ok(job),
            Some((key, message)) => {
                let (line, column) = position(&text, text.find(key).unwrap_or(0));
                Err(JobError::Invalid { file: name, line, column, message: format!("`{key}`: {message}") })
            }
        }
    }

    /// A path of the job, relative to the job file's folder.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        match self.file.parent() {
            Some(folder) if folder.as_os_str().is_empty() => path.as_ref().to_owned(),
            Some(folder) => folder.join(path),
            None => path.as_ref().to_owned(),
        }
    }

    /// A template of the job: its folder beside the job file where there is one, else the name as it stands.
    pub fn template(&self, template: &Path) -> PathBuf {
        let beside = self.path(template);
        if beside.is_dir() { beside } else { template.to_owned() }
    }

    /// The ledger's file.
    pub fn ledger_file(&self) -> PathBuf {
        let url = &self.sections.ledger.url;
        self.path(url.strip_prefix("sqlite:").unwrap_or(url))
    }

    /// The folder of one night's outputs.
    pub fn night_folder(&self, night: Date) -> PathBuf {
        self.path(&self.sections.output.dir).join(night.to_string())
    }

    /// The working days.
    pub fn calendar(&self) -> Calendar {
        let rules = &self.sections.calendar;
        let closed = rules.closed.iter().filter_map(closed_day).collect();
        Calendar { alsace_moselle: rules.alsace_moselle, closed }
    }

    /// The incident cut-off.
    pub fn cut_off(&self) -> Time {
        parse_cut_off(&self.sections.calendar.cut_off).unwrap_or(Time::constant(17, 0, 0, 0))
    }

    /// The first value that is out of range: its key and what to do.
    fn fault(&self) -> Option<(&'static str, String)> {
        let s = &self.sections;
        let ranged = |ok: bool, key, message: &str| (!ok).then(|| (key, message.to_owned()));
        ranged(!s.bureau.name.trim().is_empty(), "name", "write the issuer's name")
            .or_else(|| ranged(!s.input.cards.is_empty(), "cards", "name at least one file or glob"))
            .or_else(|| ranged(s.output.pieces_per_file > 0, "pieces_per_file", "must be 1 or more"))
            .or_else(|| ranged(s.bureau.name.chars().count() <= 60, "name", "write at most 60 characters"))
            .or_else(|| {
                let path = s.ledger.url.strip_prefix("sqlite:").unwrap_or_default();
                let plain = !path.is_empty() && !path.contains([':', '?']);
                ranged(plain, "url", "write `sqlite:` and the path of a file")
            })
            .or_else(|| ranged((150..=4800).contains(&s.press.dpi), "dpi", "write 150 to 4800"))
            .or_else(|| {
                let percent = s.limits.max_reject_percent;
                ranged((0.0..=100.0).contains(&percent), "max_reject_percent", "write 0 to 100")
            })
            .or_else(|| {
                let prefix = &s.mailers.tracking_prefix;
                let well_formed = prefix.len() == 2 && prefix.bytes().all(|b| b.is_ascii_alphanumeric());
                ranged(well_formed, "tracking_prefix", "write two letters or digits")
            })
            .or_else(|| {
                let valid = parse_cut_off(&s.calendar.cut_off).is_some();
                ranged(valid, "cut_off", "write a time such as \"17:00\"")
            })
            .or_else(|| {
                let valid = s.calendar.closed.iter().all(|day| closed_day(day).is_some());
                ranged(valid, "closed", "write dates such as \"2026-12-24\"")
            })
    }
}

fn parse_cut_off(text: &str) -> Option<Time> {
    let (hours, minutes) = text.split_once(':')?;
    Time::new(hours.parse().ok()?, minutes.parse().ok()?, 0, 0).ok()
}

fn closed_day(day: &ClosedDay) -> Option<Date> {
    match day {
        ClosedDay::Toml(datetime) => datetime.to_string().parse().ok(),
        ClosedDay::Text(text) => text.parse().ok(),
    }
}

/// Line and column, from 1, of a byte of the text.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let line = before.matches('\n').count() + 1;
    (line, before.chars().rev().take_while(|&c| c != '\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Job, JobError> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("job.toml");
        fs_err::write(&file, text).expect("written");
        Job::load(&file)
    }

    const SMALLEST: &str = "[bureau]\nname = \"Bureau\"\n[input]\ncards = [\"cards.csv\"]\n";

    #[test]
    fn every_key_but_two_has_a_default() {
        let job = load(SMALLEST).expect("a job");
        assert_eq!(job.sections.output.pieces_per_file, 2000);
        assert_eq!(job.sections.signing.fields.len(), 4);
        assert_eq!(job.cut_off(), Time::constant(17, 0, 0, 0));
    }

    #[test]
    fn an_unknown_key_is_told_with_its_line() {
        let error = load(&format!("{SMALLEST}colour = 3\n")).expect_err("an unknown key").to_string();
        assert!(error.contains("job.toml:5:1") && error.contains("colour"), "{error}");
    }

    #[test]
    fn a_missing_name_and_values_out_of_range_are_errors() {
        assert!(load("[bureau]\n[input]\ncards=[\"a\"]\n").is_err());
        for extra in
            ["[press]\ndpi = 7", "[limits]\nmax_reject_percent = 101", "[calendar]\ncut_off = \"5pm\""]
        {
            let error = load(&format!("{SMALLEST}{extra}\n")).expect_err(extra).to_string();
            assert!(error.contains(":6:1"), "{error}");
        }
    }
}
