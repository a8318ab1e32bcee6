//! Signatures and announcements of an inbox: what is taken, and each refusal.

use std::path::PathBuf;

use jiff::civil::{Date, date};
use tempfile::TempDir;

use super::*;
use crate::failure::{Exit, Failure};
use crate::files::sha256_of_reader;
use crate::job::Job;
use crate::ledger::Ledger;
use crate::signers::tests::Sender;
use crate::vault::{new_identity, recipients, seal_bytes};
use mail::piece::PieceKind;

const NIGHT: Date = date(2026, 11, 20);
const CARDS: &[u8] = b"card_number,reason\n2400140649,first\n2400140650,first\n";
const CODES: &[u8] = b"card_number,pin,puk,assistance_code\n2400140649,4821,90817263,\n";

/// A job with an inbox, whose files one sender signs.
struct Inbox {
    folder: TempDir,
    sender: Sender,
    ledger: Ledger,
}

impl Inbox {
    /// An empty inbox; `signed`: the job lists the sender.
    fn new(signed: bool) -> Inbox {
        let folder = tempfile::tempdir().unwrap();
        let sender = Sender::new(7);
        fs_err::create_dir(folder.path().join("inbox")).unwrap();
        let signers = if signed { format!("signers = [\"{}\"]\n", sender.public()) } else { String::new() };
        let text = format!("[bureau]\nname = \"B\"\n[input]\ncards = [\"inbox/cards*.csv\"]\n{signers}");
        fs_err::write(folder.path().join("job.toml"), text).unwrap();
        let path = |name: &str| folder.path().join("keys").join(name);
        new_identity(&path("codes.identity"), &path("codes.pub")).unwrap();
        let ledger = Ledger::open(&Job::load(folder.path()).unwrap().ledger()).unwrap();
        Inbox { folder, sender, ledger }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("inbox").join(name)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs_err::write(self.path(name), bytes).unwrap();
    }

    /// Puts a file with its signature for this night.
    fn put_signed(&self, name: &str, bytes: &[u8], night: &str) {
        self.put(name, bytes);
        let signature = self.sender.minisign(bytes, &format!("file:{name} night:{night}"));
        self.put(&format!("{name}.minisig"), signature);
    }

    /// Puts a signed announcement of these files for this night.
    fn announce(&self, night: &str, files: &[(&str, u64, &[u8])]) {
        let mut text = format!("night = {night}\n");
        for (name, rows, bytes) in files {
            let sha256 = sha256_of_reader(*bytes).unwrap();
            text += &format!("[[files]]\nname = \"{name}\"\nrows = {rows}\nsha256 = \"{sha256}\"\n");
        }
        self.put_signed(&format!("{night}.announce.toml"), text.as_bytes(), night);
    }

    fn seal(&self, plain: &[u8]) -> Vec<u8> {
        let path = self.folder.path().join("keys/codes.pub");
        seal_bytes(&recipients(&["it".to_owned()], |_| path.clone()).unwrap(), plain).unwrap()
    }

    fn taken_by(&self, only: Option<PieceKind>) -> Result<RecordSources, Failure> {
        record_files(&Job::load(self.folder.path()).unwrap(), NIGHT, only, &self.ledger)
    }

    /// The number of record files that are taken, or the codes of the refusal and its parts.
    fn taken(&self) -> Result<usize, Vec<&'static str>> {
        self.taken_by(None).map(|sources| sources.fresh.len()).map_err(codes)
    }

    fn codes(&self) -> Result<(), Vec<&'static str>> {
        codes_of_night(&Job::load(self.folder.path()).unwrap(), NIGHT).map(drop).map_err(codes)
    }
}

fn codes(failure: Failure) -> Vec<&'static str> {
    assert_eq!(failure.exit(), Exit::Refused, "{failure}");
    assert!(failure.advice().is_some(), "{failure}");
    [failure.code()].into_iter().chain(failure.parts().iter().map(Failure::code)).collect()
}

#[test]
fn a_record_file_needs_a_signature_for_its_name_and_this_night() {
    let inbox = Inbox::new(true);
    inbox.put("cards.csv", CARDS);
    assert_eq!(inbox.taken(), Err(vec!["signature_missing"]));
    inbox.put_signed("cards.csv", CARDS, "2026-11-20");
    assert_eq!(inbox.taken(), Ok(1));
    assert!(inbox.taken_by(None).unwrap().untaken.is_empty(), "a signature is no stranger");
    for night in ["2026-11-19", "2026-11-21"] {
        inbox.put_signed("cards.csv", CARDS, night);
        assert_eq!(inbox.taken(), Err(vec!["signature_other_night"]));
    }
    let stranger = Sender::new(8).minisign(CARDS, "file:cards.csv night:2026-11-20");
    inbox.put("cards.csv.minisig", stranger);
    assert_eq!(inbox.taken(), Err(vec!["signature_another_key"]));
    inbox.put("cards.csv.minisig", inbox.sender.minisign(CARDS, "file:other.csv night:2026-11-20"));
    assert_eq!(inbox.taken(), Err(vec!["signature_other_name"]));
    inbox.put("cards.csv.minisig", inbox.sender.minisign(CARDS, "of mine"));
    assert_eq!(inbox.taken(), Err(vec!["signature_unbound"]));
    inbox.put_signed("cards.csv", CARDS, "2026-11-20");
    inbox.put("cards.csv", &CARDS[..CARDS.len() - 1]);
    assert_eq!(inbox.taken(), Err(vec!["signature_altered_file"]));
    fs_err::remove_file(inbox.path("cards.csv.minisig")).unwrap();
    inbox.put("cards.csv", CARDS);
    inbox.put("cards.csv.sig", inbox.sender.statement(CARDS, "cards.csv", "2026-11-20"));
    assert_eq!(inbox.taken(), Ok(1));
}

#[test]
fn codes_need_a_signature_for_this_night_or_one_before() {
    let inbox = Inbox::new(true);
    let sealed = inbox.seal(CODES);
    inbox.put("codes.csv.age", &sealed);
    assert_eq!(inbox.codes(), Err(vec!["signature_missing"]));
    for (night, found) in
        [("2026-11-19", Ok(())), ("2026-11-20", Ok(())), ("2026-11-21", Err(vec!["signature_other_night"]))]
    {
        inbox.put_signed("codes.csv.age", &sealed, night);
        assert_eq!(inbox.codes(), found, "{night}");
    }
    // Sealed anew by somebody who knows the recipient.
    inbox.put_signed("codes.csv.age", &sealed, "2026-11-20");
    inbox.put("codes.csv.age", inbox.seal(CODES));
    assert_eq!(inbox.codes(), Err(vec!["signature_altered_file"]));
}

#[test]
fn what_arrived_is_held_against_what_was_announced() {
    let inbox = Inbox::new(true);
    let sealed = inbox.seal(CODES);
    inbox.announce("2026-11-20", &[("cards.csv", 2, CARDS), ("codes.csv.age", 1, &sealed)]);
    assert_eq!(inbox.taken(), Err(vec!["announcement", "announced_missing", "announced_missing"]));
    inbox.put_signed("cards.csv", CARDS, "2026-11-20");
    assert_eq!(inbox.taken(), Err(vec!["announcement", "announced_missing"]));
    assert_eq!(inbox.taken_by(Some(PieceKind::Letter)).unwrap().fresh.len(), 1, "letters need no codes");
    inbox.put_signed("codes.csv.age", &sealed, "2026-11-20");
    assert_eq!((inbox.taken(), inbox.codes()), (Ok(1), Ok(())));
    inbox.put_signed("cards-2.csv", b"card_number,reason\n", "2026-11-20");
    assert_eq!(inbox.taken(), Err(vec!["announcement", "not_announced"]));
    fs_err::remove_file(inbox.path("cards-2.csv")).unwrap();
    inbox.put_signed("codes-2.csv.age", &sealed, "2026-11-20");
    assert_eq!(inbox.taken(), Err(vec!["announcement", "not_announced"]));
    fs_err::remove_file(inbox.path("codes-2.csv.age")).unwrap();
    // Cut short, and signed by the right sender.
    let cut = &CARDS[..CARDS.len() - 17];
    inbox.put_signed("cards.csv", cut, "2026-11-20");
    let refusal = inbox.taken_by(None).unwrap_err().to_string();
    assert!(refusal.contains("2 rows are announced") && refusal.contains("cut short"), "{refusal}");
}

#[test]
fn an_announcement_is_signed_for_its_own_night_and_counts_from_then_on() {
    let inbox = Inbox::new(true);
    inbox.put_signed("cards.csv", CARDS, "2026-11-20");
    inbox.announce("2026-11-21", &[("cards-3.csv", 2, CARDS)]);
    assert_eq!(inbox.taken(), Ok(1), "a night to come");
    let text = fs_err::read(inbox.path("2026-11-21.announce.toml")).unwrap();
    inbox.put_signed("2026-11-21.announce.toml", &text, "2026-11-20");
    assert_eq!(inbox.taken(), Err(vec!["signature_other_night"]));
    fs_err::remove_file(inbox.path("2026-11-21.announce.toml.minisig")).unwrap();
    assert_eq!(inbox.taken(), Err(vec!["signature_missing"]));
    fs_err::remove_file(inbox.path("2026-11-21.announce.toml")).unwrap();
    inbox.announce("2026-11-20", &[]);
    assert_eq!(inbox.taken(), Err(vec!["announcement", "not_announced"]), "a night without records");
    inbox.put("2026-11-20.announce.toml", "night = ");
    assert_eq!(inbox.taken(), Err(vec!["signature_altered_file"]), "not even read");
}

#[test]
fn rows_and_bytes_are_checked_again_when_they_are_taken_in() {
    let inbox = Inbox::new(true);
    inbox.put_signed("cards.csv", CARDS, "2026-11-20");
    inbox.announce("2026-11-20", &[("cards.csv", 3, CARDS)]);
    let sources = inbox.taken_by(None).unwrap();
    let sha256 = sha256_of_reader(CARDS).unwrap();
    let file =
        |sha256: &str, rows| IntakeFile { name: "inbox/cards.csv".into(), sha256: sha256.into(), rows };
    let check = |sha256: &str, rows| sources.check_taken(&[file(sha256, rows)]).map_err(codes);
    assert_eq!(check(&sha256, 3), Ok(()));
    assert_eq!(check(&sha256, 2), Err(vec!["announcement", "announced_rows"]));
    assert_eq!(check("00", 3), Err(vec!["input_changed"]));
}

#[test]
fn without_signers_nothing_is_signed_and_announcements_are_held_all_the_same() {
    let inbox = Inbox::new(false);
    inbox.put("cards.csv", CARDS);
    inbox.put("cards.csv.sig", "anything");
    let sources = inbox.taken_by(None).unwrap();
    assert_eq!((sources.fresh.len(), sources.untaken.len()), (1, 1));
    assert!(sources.untaken[0].message.to_string().contains("`input.signers`"), "{:?}", sources.untaken);
    inbox.announce("2026-11-20", &[("cards.csv", 2, CARDS), ("cards-2.csv", 1, b"x")]);
    assert_eq!(inbox.taken(), Err(vec!["announcement", "announced_missing"]));
}

#[test]
fn a_night_that_must_be_announced_waits_for_its_announcement() {
    let inbox = Inbox::new(true);
    let job = inbox.folder.path().join("job.toml");
    let text = fs_err::read_to_string(&job).unwrap();
    let asked = text.replace("[input]\n", "[input]\nannounced = true\n");
    assert_ne!(asked, text);
    fs_err::write(&job, &asked).unwrap();
    inbox.put_signed("cards.csv", CARDS, "2026-11-20");
    assert_eq!(inbox.taken(), Err(vec!["announcement"]));
    assert_eq!(inbox.taken_by(Some(PieceKind::Mailer)).map(drop).map_err(codes), Err(vec!["announcement"]));
    // Nor does an announcement of another night do.
    inbox.announce("2026-11-19", &[("cards-1.csv", 2, CARDS)]);
    inbox.announce("2026-11-21", &[("cards-3.csv", 2, CARDS)]);
    let refusal = inbox.taken_by(None).map(drop).unwrap_err();
    assert!(refusal.to_string().contains("2026-11-20"), "{refusal}");
    inbox.announce("2026-11-20", &[("cards.csv", 2, CARDS)]);
    assert_eq!(inbox.taken(), Ok(1));
    fs_err::remove_file(inbox.path("cards.csv")).unwrap();
    inbox.put("cards.csv.minisig", "");
    inbox.announce("2026-11-20", &[]);
    assert_eq!(inbox.taken(), Ok(0), "nothing comes, and that was announced");
    fs_err::remove_file(inbox.path("2026-11-20.announce.toml")).unwrap();
    fs_err::write(&job, &text).unwrap();
    assert_eq!(inbox.taken(), Ok(0), "a job that does not ask");
}
