//! The decision, and the attacks on it: a request that is edited, approved by its author, voted on twice, or out of date.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use twoddoc::{Algorithm, SigningKey};

use super::decision::{Approver, Objection, Rules, Standing, decide};
use super::first_use::Allowed;
use super::folder::Folder;
use super::gate::{Asking, pass};
use super::public_key::PublicKey;
use super::request::{Act, SignedRequest, Subject};
use super::vote::Vote;
use super::words::in_words;
use super::{find, list, sign};
use crate::failure::Failure;
use crate::job::{Job, KeyLocation, SigningProfile};
use crate::ledger::Ledger;
use crate::ledger::SystemUser;
use crate::vault::new_signing_key;

const ANNA: u32 = 1000;
const BRUNO: u32 = 1001;
const CHLOE: u32 = 1002;

fn now() -> Timestamp {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(Algorithm::Ed25519, &[seed; 32]).unwrap()
}

fn public(seed: u8) -> PublicKey {
    PublicKey::of(key(seed).verifying_key()).unwrap()
}

fn user(number: u32) -> SystemUser {
    SystemUser { name: format!("user {number}"), number }
}

fn subject() -> Subject {
    let pieces = vec!["26324A\\000002".to_owned(), "26324A\\000001".to_owned()];
    Subject::new(Act::ReprintMailers, pieces, [("reason", "torn".to_owned())]).under("job", "00ff")
}

/// A request of Anna, whose key is 1.
fn request() -> SignedRequest {
    SignedRequest::make(subject(), &user(ANNA), &key(1), [7; 16], now()).unwrap()
}

fn vote(request: &SignedRequest, number: u32, seed: u8) -> Vote {
    Vote::sign(request, &user(number), &key(seed), now()).unwrap()
}

fn approvers(seeds: &[u8]) -> Vec<Approver> {
    seeds.iter().map(|seed| Approver { name: format!("{seed}.pub"), key: public(*seed) }).collect()
}

fn decided(request: &SignedRequest, votes: &[Vote], seeds: &[u8]) -> Standing {
    decide(request, votes, &Rules { approvers: &approvers(seeds), required: 2, tied: None, now: now() })
}

#[test]
fn two_keys_of_the_list_approve() {
    let request = request();
    let votes = [vote(&request, BRUNO, 2), vote(&request, CHLOE, 3)];
    let standing = decided(&request, &votes, &[1, 2, 3, 4]);
    assert!(standing.is_approved() && standing.missing() == 0 && standing.set_aside.is_empty());
    assert_eq!(
        (standing.approved_by, standing.open),
        (vec!["2.pub".into(), "3.pub".into()], vec!["4.pub".into()])
    );
    assert!(!decided(&request, &votes[..1], &[1, 2, 3]).is_approved());
    assert!(!decided(&request, &[], &[1, 2, 3]).is_approved());
}

#[test]
fn a_vote_counts_once_and_never_for_its_author() {
    let request = request();
    let good = vote(&request, BRUNO, 2);
    let other = SignedRequest::make(subject(), &user(ANNA), &key(1), [8; 16], now()).unwrap();
    let later = Vote::sign(&request, &user(CHLOE), &key(2), now() + SignedDuration::from_secs(9)).unwrap();
    for (bad, objection) in [
        (good.clone(), Objection::Twice),
        (later, Objection::Twice),
        (vote(&request, CHLOE, 1), Objection::RequestersKey),
        (vote(&request, ANNA, 3), Objection::RequestersUser),
        (vote(&request, CHLOE, 9), Objection::NotListed),
        (vote(&other, CHLOE, 3), Objection::OtherRequest),
    ] {
        let standing = decided(&request, &[good.clone(), bad.clone()], &[1, 2, 3]);
        assert!(!standing.is_approved(), "{objection:?}");
        assert_eq!(standing.set_aside, [(bad.key().fingerprint(), objection)]);
        assert_eq!(standing.missing(), 1);
    }
    // The key that the job ties to the user who asks is hers, too, although she signed with another.
    let votes = [good, vote(&request, CHLOE, 3)];
    let list = approvers(&[2, 3]);
    let tied = public(3);
    let rules = Rules { approvers: &list, required: 2, tied: Some(&tied), now: now() };
    assert_eq!(decide(&request, &votes, &rules).set_aside[0].1, Objection::RequestersKey);
}

#[test]
fn a_key_that_leaves_the_list_takes_its_vote_along() {
    let request = request();
    let votes = [vote(&request, BRUNO, 2), vote(&request, CHLOE, 3)];
    let standing = decided(&request, &votes, &[2, 4]);
    assert!(!standing.is_approved());
    assert_eq!(standing.set_aside[0].1, Objection::NotListed);
}

#[test]
fn a_request_expires() {
    let request = request();
    let votes = [vote(&request, BRUNO, 2), vote(&request, CHLOE, 3)];
    let list = approvers(&[2, 3]);
    for (hours, approved) in [(0, true), (72, true), (73, false), (-2, false)] {
        let rules = Rules {
            approvers: &list,
            required: 2,
            tied: None,
            now: now() + SignedDuration::from_hours(hours),
        };
        assert_eq!(decide(&request, &votes, &rules).is_approved(), approved, "after {hours} hours");
    }
}

#[test]
fn the_words_say_all_that_is_signed() {
    let words = in_words(&request()).join("\n");
    for said in [
        "print mailers again",
        "26324A\\000001",
        "26324A\\000002",
        "torn",
        "job: 00ff",
        "2026-11-26T08:00:00Z",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert!(words.contains(&request().hash()));
    let hostile =
        Subject::new(Act::Purge, vec!["\x1b[2Jnothing".to_owned()], [("a\nb", "\u{202e}".to_owned())]);
    let hostile = SignedRequest::make(hostile, &user(ANNA), &key(1), [7; 16], now()).unwrap();
    assert!(!in_words(&hostile).iter().any(|line| line.contains(['\x1b', '\n', '\u{202e}'])));
}

#[test]
fn a_file_is_what_was_signed() {
    let (request, vote) = (request(), vote(&request(), BRUNO, 2));
    assert_eq!(SignedRequest::parse(request.text().as_bytes()).unwrap(), request);
    assert_eq!(Vote::parse(vote.text().as_bytes()).unwrap(), vote);
    // One is never taken for the other.
    assert!(SignedRequest::parse(vote.text().as_bytes()).is_err());
    assert!(Vote::parse(request.text().as_bytes()).is_err());
    let text = request.text();
    for edited in [
        text.replace("torn", "worn"),
        text.replace("000001", "000003"),
        text.replace("2026-11-26", "2027-11-26"),
        text.replace("00ff", "00fe"),
        format!("{text}\n"),
        text.replacen('{', "{ ", 1),
        text.replacen('{', "{\"act\":1,", 1),
        "{}".to_owned(),
        "[1e999]".to_owned(),
        String::new(),
    ] {
        assert!(SignedRequest::parse(edited.as_bytes()).is_err(), "{edited}");
    }
    // A request of another key under the same text.
    let forged = SignedRequest::make(subject(), &user(ANNA), &key(9), [7; 16], now()).unwrap();
    assert_ne!(forged.hash(), request.hash());
    assert!(
        PublicKey::of(SigningKey::from_seed(Algorithm::EcdsaP256, &[3; 32]).unwrap().verifying_key())
            .is_none()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_changed_byte_voids_a_request(at in 0usize..4096, flip in 1u8..) {
        let mut file = request().text().into_bytes();
        let at = at % file.len();
        file[at] ^= flip;
        prop_assert!(SignedRequest::parse(&file).is_err());
    }

    #[test]
    fn as_many_listed_keys_as_are_required_approve(
        seeds in prop::collection::vec(1u8..8, 0..8),
        required in 2usize..4,
    ) {
        let request = request();
        let votes: Vec<Vote> = seeds.iter().map(|seed| vote(&request, BRUNO, *seed)).collect();
        let list = approvers(&[1, 2, 3, 4, 5]);
        let standing = decide(&request, &votes, &Rules { approvers: &list, required, tied: None, now: now() });
        // Key 1 is Anna's own; 6 and 7 are not listed.
        let good: std::collections::BTreeSet<&u8> = seeds.iter().filter(|seed| (2..=5).contains(*seed)).collect();
        prop_assert_eq!(standing.is_approved(), good.len() >= required);
        prop_assert_eq!(standing.approved_by.len(), good.len());
        prop_assert_eq!(standing.approved_by.len() + standing.set_aside.len(), seeds.len());
    }
}

/// A job that lists two approvers, beside a key of whoever asks.
struct Office {
    folder: tempfile::TempDir,
    job: Job,
}

impl Office {
    fn new() -> Office {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["asks", "first", "second"] {
            let file = KeyLocation::File(path(&format!("{name}.pem")));
            new_signing_key(&file, SigningProfile::Ed25519).unwrap();
        }
        let text = "[bureau]\nname = \"Bureau\"\n[input]\ncards = [\"cards.csv\"]\n[approvals]\nkeys = [\"first.pub\", \"second.pub\"]\n";
        fs_err::write(path("job.toml"), text).unwrap();
        let job = Job::load(&path("job.toml")).unwrap();
        Office { folder, job }
    }

    fn key(&self, name: &str) -> KeyLocation {
        KeyLocation::File(self.folder.path().join(format!("{name}.pem")))
    }

    fn ledger(&self) -> Ledger {
        Ledger::open(&self.job.ledger()).unwrap()
    }

    fn ask(&self, subjects: Vec<Subject>) -> Result<(), Failure> {
        let asking = Asking { key: Some(self.key("asks")), now: Some(now()), ..Asking::default() };
        pass(&self.job, &self.ledger(), &asking, subjects)
    }

    /// Two votes of other users for each request that waits.
    fn approve_all(&self) {
        let folder = Folder::of(&self.job);
        for request in folder.read().unwrap().requests {
            for (number, name) in [(BRUNO, "first"), (CHLOE, "second")] {
                let key = crate::vault::open_signing_key(&self.key(name)).unwrap();
                let number = number + request.request().uid;
                let vote = Vote::sign(&request, &user(number), &key, now()).unwrap();
                let file = folder.vote(&request, &vote).unwrap().unwrap();
                // As that user would have written it.
                std::os::unix::fs::chown(file, Some(number), None).unwrap();
            }
        }
    }
}

#[test]
fn an_approved_act_passes_once() {
    let office = Office::new();
    let subject = || Subject::new(Act::Purge, Vec::new(), [("day", "2026-11-23".to_owned())]);
    let first = office.ask(vec![subject()]).unwrap_err();
    assert_eq!((first.code(), first.exit().code()), ("approval_needed", 3));
    assert!(first.advice().unwrap().contains("`first.pub`, `second.pub`"), "{first}");
    // The same command waits for the same request.
    let again = office.ask(vec![subject()]).unwrap_err();
    assert!(again.message().contains("2 of them are missing"), "{again}");
    assert_eq!(list(&office.job, now()).unwrap().requests.len(), 1);
    office.approve_all();
    assert!(list(&office.job, now()).unwrap().requests[0].approved);
    // Another day is another act, and needs a request of its own.
    let other = Subject::new(Act::Purge, Vec::new(), [("day", "2026-11-24".to_owned())]);
    assert!(office.ask(vec![other.clone()]).is_err());
    // Of two acts none passes where one is not approved, and the other's approval stays.
    assert!(office.ask(vec![subject(), other]).is_err());
    office.ask(vec![subject()]).unwrap();
    assert!(office.ask(vec![subject()]).is_err(), "used once");
    // The mark in the folder alone is not what keeps it from passing again.
    let used = |name: &std::ffi::OsStr| name.to_string_lossy().ends_with(".used");
    for entry in fs_err::read_dir(office.job.approvals_folder()).unwrap() {
        let entry = entry.unwrap();
        if used(&entry.file_name()) {
            fs_err::remove_file(entry.path()).unwrap();
        }
    }
    assert!(office.ask(vec![subject()]).is_err(), "the ledger knows it");
}

#[test]
fn another_job_file_or_key_voids_what_was_approved() {
    let mut office = Office::new();
    assert!(office.ask(vec![subject()]).is_err());
    office.approve_all();
    let file = office.folder.path().join("job.toml");
    let text = fs_err::read_to_string(&file).unwrap();
    fs_err::write(&file, format!("{text}codes_reissues = 21\n")).unwrap();
    office.job = Job::load(&file).unwrap();
    assert!(office.ask(vec![subject()]).is_err());
    fs_err::write(&file, &text).unwrap();
    office.job = Job::load(&file).unwrap();
    // A listed file that holds another key meanwhile.
    let path = |name: &str| office.folder.path().join(name);
    let second = fs_err::read_to_string(path("second.pub")).unwrap();
    fs_err::copy(path("asks.pub"), path("second.pub")).unwrap();
    assert!(office.ask(vec![subject()]).is_err());
    fs_err::copy(path("first.pub"), path("second.pub")).unwrap();
    assert_eq!(office.ask(vec![subject()]).unwrap_err().code(), "approver_key");
    fs_err::write(path("second.pub"), second).unwrap();
    office.ask(vec![subject()]).unwrap();
}

#[test]
fn whoever_asks_can_t_sign_and_nothing_is_signed_unread() {
    let office = Office::new();
    assert!(office.ask(vec![subject()]).is_err());
    let request = list(&office.job, now()).unwrap().requests.remove(0);
    let refused = |hash: &str, key: &str, at: Timestamp| {
        let key = office.key(key);
        sign(&office.job, &request.id, hash, Some(&key), at).unwrap_err().code()
    };
    assert_eq!(refused("", "first", now()), "hash_differs");
    assert_eq!(refused(&request.hash, "first", now() + SignedDuration::from_hours(80)), "request_void");
    // This test runs as the user who asked.
    assert_eq!(refused(&request.hash, "first", now()), "approval_refused");
    assert_eq!(refused(&request.hash, "asks", now()), "approval_refused");
    assert_eq!(find(&office.job, "0000000000000000", now()).unwrap_err().code(), "unknown_request");
    assert_eq!(find(&office.job, &request.id, now()).unwrap().missing, 2);
    // What is edited is named, and not shown as a request.
    let file = office.job.approvals_folder().join(format!("{}.json", request.id));
    let text = fs_err::read_to_string(&file).unwrap();
    fs_err::write(&file, text.replace("torn", "worn")).unwrap();
    let listing = list(&office.job, now()).unwrap();
    assert!(listing.requests.is_empty() && listing.unusable[0].1.contains("edited"), "{listing:?}");
}

#[test]
fn a_job_without_approvers_asks_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("job.toml");
    fs_err::write(&file, "[bureau]\nname = \"Bureau\"\n[input]\ncards = [\"cards.csv\"]\n").unwrap();
    let job = Job::load(&file).unwrap();
    let ledger = Ledger::open(&job.ledger()).unwrap();
    pass(&job, &ledger, &Asking::default(), vec![subject()]).unwrap();
    assert!(!job.approvals_folder().exists());
}

#[test]
fn what_is_used_must_be_what_was_allowed() {
    let used = |name: &str, hash: &str| [(name.to_owned(), hash.to_owned())];
    let allowed = Allowed::only(used("press key 1", "aa").into());
    assert!(allowed.check(used("press key 1", "aa")).is_ok());
    for other in [used("press key 1", "bb"), used("press key 2", "aa")] {
        assert_eq!(allowed.check(other).unwrap_err().code(), "approved_changed");
    }
    assert!(Allowed::default().check(used("press key 2", "bb")).is_ok(), "nobody approves");
}
