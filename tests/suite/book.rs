//! The ledger of a job in a file, read by the tests themselves.
//!
//! Cards are hashed there under a key of the job. The tests derive the hashes anew, with a formula of their own.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use rusqlite::Connection;
use sha2::Sha256;

use crate::job::TestJob;

/// Opens the ledger.
pub fn open(job: &TestJob) -> Connection {
    Connection::open(job.path("ledger.db")).unwrap()
}

/// Puts the ledger back to where its last release was committed and its files were not in place.
pub fn cut_short(job: &TestJob) {
    let script = "UPDATE lot SET state = 'composed'; UPDATE run SET state = 'releasing'";
    open(job).execute_batch(script).unwrap();
}

/// The hash by which the ledger finds a text of a kind: `card`, `reason`.
pub fn hash(job: &TestJob, kind: &str, text: &str) -> Vec<u8> {
    let mac = |key: &[u8], text: &[u8]| {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap();
        mac.chain_update(text).finalize().into_bytes().to_vec()
    };
    let line = job.read("keys/ledger/index.key");
    let digits = line.split_whitespace().find(|word| word.len() == 64).expect("a key of 32 bytes");
    let key: Vec<u8> =
        (0..64).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
    mac(&mac(&key, format!("pli: the ledger's {kind}").as_bytes()), text.as_bytes())[..16].to_vec()
}

/// The hashes of every number that stands in a file of the job and may be a card's.
pub fn cards(job: &TestJob) -> BTreeMap<Vec<u8>, String> {
    let mut cards = BTreeMap::new();
    if !job.path("keys/ledger/index.key").exists() {
        return cards;
    }
    for file in job.files() {
        let bytes = fs_err::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for number in text.split(|character: char| !character.is_ascii_digit()) {
            if number.len() == 10 {
                cards.insert(hash(job, "card", number), number.to_owned());
            }
        }
    }
    cards
}

/// The cards of the mailers of a night (their manifest has no card number).
pub fn mailed(job: &TestJob, night: &str) -> Vec<String> {
    let sql = "SELECT record.card FROM piece JOIN duty ON duty.id = piece.duty JOIN record ON record.id = duty.record
               JOIN lot ON lot.id = piece.lot WHERE lot.kind = 'mailer' AND lot.night = ?1 ORDER BY piece.lot, sequence";
    let db = open(job);
    let mut statement = db.prepare(sql).unwrap();
    let cards = cards(job);
    let hashes = statement.query_map([night], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    hashes.map(|hash| cards[&hash.unwrap()].clone()).collect()
}
