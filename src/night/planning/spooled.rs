//! A record in the spool: packed for this night's stations, and of a new record also what the ledger stores.

use std::io;

use crate::ledger::RecordKey;
use mail::issuance::Issuance;

/// The bytes of the packed record's length.
const LENGTH: usize = size_of::<u32>();

/// A record as the spool has it: the length of the packed record (four bytes, the lowest first), the packed record; then, of a
/// new record, its key in the ledger and its JSON.
pub(in crate::night) struct SpooledRecord(Vec<u8>);

impl SpooledRecord {
    /// The entry with these bytes.
    pub(super) fn of_bytes(bytes: Vec<u8>) -> SpooledRecord {
        SpooledRecord(bytes)
    }

    /// The bytes of the entry of a duty that waited. The ledger has its record already.
    pub(super) fn of_duty(issuance: &Issuance) -> Vec<u8> {
        entry(&issuance.pack(), &[], &[])
    }

    /// The record.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`]: it is not what was written.
    pub(super) fn issuance(&self) -> io::Result<Issuance> {
        self.parts().and_then(|(packed, _)| Issuance::unpack(packed)).ok_or_else(damaged)
    }

    /// The packed record.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`]: it is not what was written.
    pub(in crate::night) fn packed(&self) -> io::Result<&[u8]> {
        self.parts().map(|(packed, _)| packed).ok_or_else(damaged)
    }

    /// What the ledger stores of a new record: its key, and the record as JSON.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`]: it is not what was written, or the ledger has the record.
    pub(in crate::night) fn for_ledger(&self) -> io::Result<(RecordKey, &[u8])> {
        let stored = self.parts().and_then(|(_, stored)| stored.split_at_checked(RecordKey::LENGTH));
        stored.and_then(|(key, json)| Some((RecordKey::read(key)?, json))).ok_or_else(damaged)
    }

    fn parts(&self) -> Option<(&[u8], &[u8])> {
        let (length, rest) = self.0.split_first_chunk::<LENGTH>()?;
        rest.split_at_checked(u32::from_le_bytes(*length) as usize)
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a record in the spool is not what was written")
}

/// The bytes of an entry.
fn entry(packed: &[u8], key: &[u8], json: &[u8]) -> Vec<u8> {
    let length = (packed.len() as u32).to_le_bytes();
    [&length[..], packed, key, json].concat()
}

/// The forms of a new record, which all cores make.
#[derive(Default)]
pub(super) struct NewRecord {
    packed: Vec<u8>,
    json: Vec<u8>,
}

impl NewRecord {
    /// The forms of a record.
    pub(super) fn of(issuance: &Issuance) -> NewRecord {
        // Serializing to memory never fails.
        NewRecord { packed: issuance.pack(), json: serde_json::to_vec(issuance).unwrap_or_default() }
    }

    /// The bytes of its entry.
    pub(super) fn spooled(&self, key: &RecordKey) -> Vec<u8> {
        entry(&self.packed, key.as_bytes(), &self.json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"card_number":"2400158480","family":"CPE","reason":"first","requested_at":"2026-11-19T10:00:00",
        "ps_id_nat":"810005678908","structure_id":"1630781003","holder":"structure","organisation":"CHU",
        "address":{"lines":["CHU","63000 CLERMONT FERRAND"]},"status":"issued","client_ref":"R-1"}"#;

    #[test]
    fn a_new_record_gives_the_record_and_what_the_ledger_stores() {
        let record: Issuance = serde_json::from_str(RECORD).unwrap();
        let key = RecordKey::read(&[7; RecordKey::LENGTH]).unwrap();
        let bytes = NewRecord::of(&record).spooled(&key);
        let stored = SpooledRecord::of_bytes(bytes.clone());
        assert_eq!(stored.issuance().unwrap(), record);
        let (stored_key, json) = stored.for_ledger().unwrap();
        assert_eq!(stored_key.as_bytes(), key.as_bytes());
        assert_eq!(json, serde_json::to_vec(&record).unwrap(), "the ledger's form is JSON, as it was before");
        for end in [0, 3, 4, 20] {
            let cut = SpooledRecord::of_bytes(bytes[..end].to_vec());
            assert!(cut.issuance().is_err() && cut.for_ledger().is_err());
        }
    }

    #[test]
    fn a_duty_that_waited_has_nothing_for_the_ledger() {
        let record: Issuance = serde_json::from_str(RECORD).unwrap();
        let stored = SpooledRecord::of_bytes(SpooledRecord::of_duty(&record));
        assert_eq!(stored.issuance().unwrap(), record);
        assert!(stored.for_ledger().is_err());
    }
}
