//! What the ledger keeps of persons: sealed bodies, and keyed hashes by which they are found.

use mail::issuance::Issuance;

use super::{Finding, LedgerError, LedgerKeys};
use crate::vault::{Hashed, Month};

/// How many bytes of a hash a mark has.
const MARK: usize = 12;
/// How many bytes the hash of a card has, and a day.
const CARD: usize = 16;
const DAY: usize = 10;
/// A card's number, hashed.
pub(super) type CardHash = [u8; CARD];

/// Hashes of a record's holder and address. They tell whether two records are of one holder or address, also once names are
/// purged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marks([u8; 3 * MARK]);

impl Marks {
    /// The marks of a record.
    pub(super) fn of(issuance: &Issuance, keys: &LedgerKeys) -> Marks {
        let mut marks = Marks([0; 3 * MARK]);
        let mut put = |place: usize, what, text: &str| {
            let hash = keys.hash(what, text);
            marks.0[place * MARK..][..MARK].copy_from_slice(&hash[..MARK]);
        };
        put(0, Hashed::Holder, &issuance.ps_id_nat.to_string());
        if let Some(name) = issuance.holder_name() {
            put(1, Hashed::Name, &name);
        }
        put(2, Hashed::Address, &issuance.address.place());
        marks
    }

    /// The marks that a ledger stores; `None` for other bytes.
    pub(super) fn read(bytes: &[u8]) -> Option<Marks> {
        bytes.try_into().ok().map(Marks)
    }

    /// The bytes to store.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn mark(&self, place: usize) -> &[u8] {
        &self.0[place * MARK..][..MARK]
    }

    /// The mark of a holder's identifier.
    pub(super) fn of_holder(ps_id_nat: &str, keys: &LedgerKeys) -> [u8; MARK] {
        let hash = keys.hash(Hashed::Holder, ps_id_nat);
        std::array::from_fn(|index| hash[index])
    }

    /// The mark of the address.
    pub(super) fn address(&self) -> &[u8] {
        self.mark(2)
    }

    /// Whether two records are of one holder: as [`Issuance::has_holder_of`].
    pub(crate) fn same_holder(&self, other: &Marks) -> bool {
        let has_name = self.mark(1) != [0; MARK];
        self.mark(0) == other.mark(0) || (has_name && self.mark(1) == other.mark(1))
    }

    /// Whether two records name one holder's identifier.
    pub(crate) fn same_identifier(&self, other: &[u8]) -> bool {
        self.mark(0) == other
    }

    /// Whether two records are sent to one place.
    pub(crate) fn same_address(&self, other: &Marks) -> bool {
        self.address() == other.address()
    }
}

/// What the ledger finds a record by: its card and its marks, hashed, and the day of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordKey([u8; RecordKey::LENGTH]);

impl RecordKey {
    /// How many bytes it has.
    pub(crate) const LENGTH: usize = CARD + 3 * MARK + DAY;

    /// The key of a record.
    pub(super) fn of(issuance: &Issuance, keys: &LedgerKeys) -> RecordKey {
        let mut bytes = [0; RecordKey::LENGTH];
        bytes[..CARD].copy_from_slice(&card(keys, issuance.card_number.as_str()));
        bytes[CARD..][..3 * MARK].copy_from_slice(Marks::of(issuance, keys).as_bytes());
        let day = issuance.requested_at.date();
        let digits = [day.year() / 1000, day.year() / 100 % 10, day.year() / 10 % 10, day.year() % 10];
        let day = [day.month() / 10, day.month() % 10, day.day() / 10, day.day() % 10].map(i16::from);
        let text = [digits[0], digits[1], digits[2], digits[3], -3, day[0], day[1], -3, day[2], day[3]];
        // `-` lies three places before `0`.
        bytes[CARD + 3 * MARK..].copy_from_slice(&text.map(|digit| (i16::from(b'0') + digit) as u8));
        RecordKey(bytes)
    }

    /// The key as it was stored; `None` for other bytes.
    pub(crate) fn read(bytes: &[u8]) -> Option<RecordKey> {
        bytes.try_into().ok().map(RecordKey)
    }

    /// The bytes to store.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The card's hash.
    pub(super) fn card(&self) -> &[u8] {
        &self.0[..CARD]
    }

    /// The marks of holder and address.
    pub(super) fn marks(&self) -> &[u8] {
        &self.0[CARD..][..3 * MARK]
    }

    /// The mark of the address.
    pub(super) fn address(&self) -> &[u8] {
        &self.marks()[2 * MARK..]
    }

    /// The day of the request, as `2026-11-20`.
    pub(super) fn requested(&self) -> &str {
        std::str::from_utf8(&self.0[CARD + 3 * MARK..]).unwrap_or_default()
    }
}

/// The hash of a card's number.
pub(super) fn card(keys: &LedgerKeys, number: &str) -> CardHash {
    keys.hash(Hashed::Card, number)
}

/// The hash of the card that a finding names; `None` where it names none.
pub(super) fn card_of_finding(keys: &LedgerKeys, finding: &Finding) -> Option<CardHash> {
    (!finding.card_number.is_empty()).then(|| card(keys, &finding.card_number))
}

/// The hash of a reason that a person wrote.
pub(super) fn reason(keys: &LedgerKeys, text: &str) -> [u8; 16] {
    keys.hash(Hashed::Reason, text)
}

/// Seals a row's body under the key of a month.
///
/// # Errors
/// Errors of the keys.
pub(super) fn seal(
    keys: &LedgerKeys,
    month: Month,
    table: &'static str,
    number: i64,
    clear: &[u8],
) -> Result<Vec<u8>, LedgerError> {
    let mut sealed = Vec::new();
    keys.seal(month, number.unsigned_abs(), table, clear, &mut sealed)?;
    Ok(sealed)
}

/// The month of a night that a row has.
///
/// # Errors
/// [`LedgerError::Damaged`]: it is no date.
pub(super) fn month_of(night: &str) -> Result<Month, LedgerError> {
    night.get(..7).and_then(Month::parse).ok_or_else(|| LedgerError::Damaged {
        place: "the ledger".to_owned(),
        table: "night",
        number: 0,
        reason: format!("`{night}` is no date"),
    })
}

/// The month under whose key a row is sealed: `key_month`, or that of its night.
///
/// # Errors
/// [`LedgerError::Damaged`]: it is no month.
pub(super) fn key_month(night: &str, key_month: Option<&str>) -> Result<Month, LedgerError> {
    month_of(key_month.unwrap_or(night))
}

/// Seals a finding.
///
/// # Errors
/// Errors of the keys.
pub(super) fn seal_finding(
    keys: &LedgerKeys,
    month: Month,
    number: i64,
    finding: &Finding,
) -> Result<Vec<u8>, LedgerError> {
    let kept = Finding { english: String::new(), ..finding.clone() };
    let clear = serde_json::to_vec(&kept).map_err(std::io::Error::from)?;
    seal(keys, month, "finding", number, &clear)
}

/// For how many the mailers of a run are sealed, by its summary.
pub(super) fn recipients_of(summary: &str) -> i64 {
    #[derive(serde::Deserialize)]
    struct Summary {
        #[serde(default)]
        recipients: Vec<serde::de::IgnoredAny>,
    }
    serde_json::from_str::<Summary>(summary).map_or(0, |summary| summary.recipients.len() as i64)
}
