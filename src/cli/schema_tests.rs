//! The schemas of what commands print with `--json` and of the files that the program writes, and the commands that print each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use clap::CommandFactory;
use serde_json::Value;

use super::*;
use crate::approvals::{Ballot, Listing, Request, Shown, Voted};
use crate::audit::{AuditExport, Line};
use crate::certificate::Certificate;
use crate::doctor::Diagnosis;
use crate::feedback::Receipt;
use crate::inserting::{DispatchReport, HandReport, RecallReport, ReconcileReport};
use crate::ledger::{Account, ExportHeader, ExportLine, ExportSum};
use crate::night::care::{CheckReport, ImportReport, RestoreReport};
use crate::night::report::Report;
use crate::night::{ErasureReport, PersonReport, PurgeReport, ReprintReport, ShareReport};
use crate::proving::ProveReport;
use crate::returns::{
    AcceptReport, DestructionReport, HeldReport, LetGoReport, Outcome as ScanOutcome, WrittenDecision,
};
use crate::sample::SampleSummary;
use crate::schema_tests::{
    code_report, is_kept, list_of, of_settings, one_of, one_or_several, printed, read, signed,
};
use crate::studio::{EditorSupport, RevealedPlace, Texts};
use crate::vault::{KeyRegisterFile, KeySummary};

/// What each command prints: its words, and the schemas of its documents. A command that prints no JSON has none.
const COMMANDS: [(&str, &[&str]); 51] = [
    ("demo", &["demo"]),
    ("run", &["run", "share"]),
    ("merge", &["run"]),
    ("check", &["check"]),
    ("init", &["init"]),
    ("doctor", &["doctor"]),
    ("sample", &["sample"]),
    ("keys new", &["key"]),
    ("keys list", &["keys"]),
    ("keys export", &["public-key"]),
    ("keys rotate", &["rotated-key"]),
    ("keys retire", &["key"]),
    ("keys backup", &["key-backup"]),
    ("keys restore", &["keys"]),
    ("keys request", &["key-request"]),
    ("verify", &["verify"]),
    ("prove", &["prove"]),
    ("unseal", &["unseal"]),
    ("reconcile", &["reconcile", "hand"]),
    ("recall", &["recall"]),
    ("dispatch", &["dispatch"]),
    ("reprint", &["reprint"]),
    ("scan", &["scan", "scan-line", "scan-accept", "separators"]),
    ("returns destroy", &["destroyed"]),
    ("returns held", &["held"]),
    ("returns release", &["let-go"]),
    ("approve list", &["requests"]),
    ("approve show", &["request-shown"]),
    ("approve sign", &["request-shown", "request-signed"]),
    ("status", &["status", "status-list", "status-piece", "status-card", "status-account"]),
    ("ledger backup", &["ledger-backup"]),
    ("ledger restore", &["ledger-restore"]),
    ("ledger check", &["ledger-check"]),
    ("ledger export", &["ledger-exported"]),
    ("ledger import", &["ledger-import"]),
    ("ledger purge", &["ledger-purge"]),
    ("ledger person", &["person", "person-exported", "person-erased", "person-held"]),
    ("audit", &["audit"]),
    ("audit export", &["audit-day"]),
    ("audit cosign", &["audit-cosigned"]),
    ("audit incident", &["incident"]),
    ("audit restart", &["audit-restarted"]),
    ("render", &["render"]),
    ("preview", &["preview", "revealed"]),
    ("template check", &["template-check"]),
    ("template new", &["template-new"]),
    ("template prelude", &["template-prelude"]),
    ("template texts", &["template-texts"]),
    ("template proof", &["template-proof"]),
    ("man", &["man"]),
    ("completions", &[]),
];

/// The files that have a schema.
const FILES: [&str; 12] = [
    "announcement",
    "approval-request",
    "approval-vote",
    "audit-line",
    "decisions",
    "job",
    "key-register",
    "ledger-export-line",
    "proof",
    "receipt",
    "run",
    "template",
];

/// Each schema by its name.
fn schemas() -> BTreeMap<&'static str, Value> {
    let mut found = of_settings();
    found.extend(files());
    found.extend(nights());
    found.extend(keys());
    found.extend(after_the_press());
    found.extend(books());
    found.extend(templates());
    found.insert("error", printed::<error_document::ErrorDocument>("What a command that fails prints"));
    found
}

type Named = (&'static str, Value);

/// Files that the program writes, except for those that a command prints too.
fn files() -> Vec<Named> {
    let lines = vec![
        read::<ExportHeader>("The first line"),
        read::<ExportLine>("A row"),
        read::<ExportSum>("The last line"),
    ];
    vec![
        ("proof", signed::<Certificate>("the certificate of a lot, LOT.proof.json")),
        ("receipt", printed::<Receipt>("A receipt of a record file, receipts/….json")),
        ("decisions", read::<Vec<WrittenDecision>>("What a clerk decided of returned mail, decisions.json")),
        ("audit-line", printed::<Line>("A line of the audit log, audit/DAY.jsonl")),
        ("approval-request", signed::<Request>("A request for approval")),
        ("approval-vote", signed::<Ballot>("A vote on a request for approval")),
        ("key-register", read::<KeyRegisterFile>("From when to when keys are valid, keys/register.toml")),
        ("ledger-export-line", one_of("A line of an export of the ledger", lines)),
    ]
}

fn nights() -> Vec<Named> {
    vec![
        ("run", printed::<Report>("run.json of pli")),
        ("share", printed::<ShareReport>("A share of a night, `pli run --shard`")),
        ("check", printed::<check::Answer>("What a night would do, `pli check`")),
        ("demo", printed::<demo::Demonstration>("What was shown, `pli demo`")),
        ("init", printed::<init::Answer>("A job that was made, `pli init`")),
        ("doctor", printed::<Diagnosis>("What was found, `pli doctor`")),
        ("sample", printed::<SampleSummary>("An invented job, `pli sample`")),
        ("prove", printed::<ProveReport>("What a lot proves, `pli prove`")),
        ("man", printed::<man::Answer>("Manual pages that were written, `pli man`")),
    ]
}

fn keys() -> Vec<Named> {
    let key = printed::<keys::dates::DatedKey>("A key with its dates");
    vec![
        ("keys", list_of("Keys with their dates", key.clone())),
        ("key", key),
        ("public-key", printed::<KeySummary>("The public key of a key, `pli keys export`")),
        ("rotated-key", printed::<keys::rotate::Rotated>("A key and its successor, `pli keys rotate`")),
        ("key-backup", printed::<keys::shares::WrittenBackup>("The shares of a key, `pli keys backup`")),
        (
            "key-request",
            printed::<keys::request::WrittenRequest>("A certificate request, `pli keys request`"),
        ),
        ("verify", one_or_several("What a 2D-DOC says, or several, `pli verify`", code_report())),
    ]
}

fn after_the_press() -> Vec<Named> {
    let page = printed::<ScanOutcome>("What is said of a page");
    let undone = printed::<scan::Undone>("A booking that was taken back");
    let mut found = vec![
        ("reconcile", printed::<ReconcileReport>("A lot as its camera saw it, `pli reconcile`")),
        ("hand", printed::<HandReport>("What a hand scanner booked, `pli reconcile --hand`")),
        ("recall", printed::<RecallReport>("Pieces that are pulled, `pli recall`")),
        ("dispatch", printed::<DispatchReport>("A lot that has left, `pli dispatch`")),
        ("reprint", printed::<ReprintReport>("Pieces that are printed again, `pli reprint`")),
        ("scan", list_of("What is said of pages that came back, `pli scan`", page.clone())),
        ("scan-line", one_of("A line of `pli scan --jsonl`", vec![page, undone])),
        ("scan-accept", printed::<AcceptReport>("Decisions that were booked, `pli scan --accept`")),
        ("separators", printed::<scan::SeparatorSheets>("Sheets between batches, `pli scan --separators`")),
        ("destroyed", printed::<DestructionReport>("What was destroyed, `pli returns destroy`")),
        ("held", printed::<HeldReport>("Addresses from which mail comes back, `pli returns held`")),
        ("let-go", printed::<LetGoReport>("What is held no longer, `pli returns release`")),
    ];
    #[cfg(target_os = "linux")]
    found.push((
        "unseal",
        printed::<crate::unsealing::UnsealReport>("Mailers that were opened, `pli unseal`"),
    ));
    found
}

fn books() -> Vec<Named> {
    let piece = printed::<status::listing::Known>("A piece with its past, or one that waits");
    vec![
        ("status", printed::<status::overview::Overview>("The lots of a job, `pli status`")),
        (
            "status-list",
            printed::<status::listing::List>(
                "Pieces, `pli status` with `--lot`, `--day`, `--state` or `--late`",
            ),
        ),
        ("status-piece", one_or_several("A piece, or several, `pli status --piece` or `--tracking`", piece)),
        ("status-card", printed::<status::listing::KnownOfCard>("The pieces of a card, `pli status --card`")),
        ("status-account", printed::<Account>("What became of a lot's pieces, `pli status --account`")),
        ("ledger-backup", printed::<ledger::backup::Answer>("A backup, `pli ledger JOB backup`")),
        ("ledger-restore", printed::<RestoreReport>("A ledger that was restored, `pli ledger JOB restore`")),
        ("ledger-check", printed::<CheckReport>("Whether the ledger is sound, `pli ledger JOB check`")),
        ("ledger-exported", printed::<ledger::export::Exported>("An export, `pli ledger JOB export FILE`")),
        ("ledger-import", printed::<ImportReport>("A ledger that was imported, `pli ledger JOB import`")),
        ("ledger-purge", printed::<PurgeReport>("What was forgotten, `pli ledger JOB purge`")),
        ("person", printed::<PersonReport>("What is kept of a person, `pli ledger JOB person … export`")),
        ("person-exported", printed::<ledger::person::ExportAnswer>("Where that was written")),
        (
            "person-erased",
            printed::<ErasureReport>("What of a person was removed, `pli ledger JOB person … erase`"),
        ),
        (
            "person-held",
            printed::<ledger::person::HoldAnswer>(
                "Whether a person's records are kept, `pli ledger JOB person … --keep`",
            ),
        ),
        ("audit", printed::<audit::Answer>("Whether the audit log is whole, `pli audit JOB`")),
        ("audit-day", printed::<AuditExport>("A day of the audit log, `pli audit JOB export`")),
        (
            "audit-cosigned",
            printed::<audit::cosign::Answer>("A day that was cosigned, `pli audit JOB cosign`"),
        ),
        (
            "audit-restarted",
            printed::<audit::restart::Answer>("A log that was begun, `pli audit JOB restart`"),
        ),
        (
            "incident",
            printed::<audit::incident::Incident>("What a breach notice needs, `pli audit JOB incident`"),
        ),
        ("requests", printed::<Listing>("Requests for approval, `pli approve JOB list`")),
        ("request-shown", printed::<Shown>("A request for approval, `pli approve JOB show`")),
        ("request-signed", printed::<Voted>("A vote that was made, `pli approve JOB sign`")),
    ]
}

fn templates() -> Vec<Named> {
    let sound = printed::<template::SoundTemplate>("A template without errors");
    vec![
        ("template-check", list_of("Templates without errors, `pli template check`", sound)),
        (
            "template-new",
            printed::<template::begin::NewTemplate>("A template to begin from, `pli template new`"),
        ),
        ("template-prelude", printed::<EditorSupport>("Files for editors, `pli template prelude`")),
        ("template-texts", printed::<Texts>("The wording of a template, `pli template texts`")),
        ("template-proof", printed::<template::wording::WrittenProof>("A proof sheet, `pli template proof`")),
        ("render", printed::<render::Rendered>("Pictures of a piece, `pli render`")),
        ("preview", printed::<preview::Opened>("The address of the page, `pli preview`")),
        ("revealed", printed::<RevealedPlace>("Where a place is shown, `pli preview --reveal`")),
    ]
}

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    let changed: Vec<&str> =
        schemas().iter().filter(|(name, made)| !is_kept(name, made)).map(|(name, _)| *name).collect();
    assert!(changed.is_empty(), "`PLI_WRITE_SCHEMAS=1` writes them anew: {changed:?}");
    let folder = fs_err::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas")).unwrap();
    let there: BTreeSet<String> =
        folder.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    let made = schemas().keys().map(|name| format!("{name}.schema.json")).collect();
    assert_eq!(there, made, "docs/schemas has these and no others");
}

/// The commands that do something themselves, by their words.
fn collect(command: &clap::Command, before: &str, found: &mut BTreeSet<String>) {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        let words = format!("{before} {}", inner.get_name()).trim_start().to_owned();
        assert!(inner.get_arguments().any(|option| option.get_long() == Some("json")), "{words} has --json");
        if !inner.is_subcommand_required_set() {
            found.insert(words.clone());
        }
        collect(inner, &words, found);
    }
}

#[test]
fn every_command_with_json_has_its_schemas() {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let mut found = BTreeSet::new();
    collect(&command, "", &mut found);
    let told: BTreeSet<String> = COMMANDS.iter().map(|(words, _)| (*words).to_owned()).collect();
    assert_eq!(found, told);
    let made = schemas();
    let named: BTreeSet<&str> = COMMANDS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let all: BTreeSet<&str> = named.into_iter().chain(FILES).chain(["error"]).collect();
    assert_eq!(all, made.keys().copied().collect(), "each schema is of a command or a file");
}

/// `docs/integrator.md` has a row for each command, and one for each file.
#[test]
fn every_schema_stands_in_the_table_of_its_command() {
    let page =
        fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/integrator.md")).unwrap();
    let link = |name: &str| format!("(schemas/{name}.schema.json)");
    for (words, names) in COMMANDS.iter().filter(|(_, names)| !names.is_empty()) {
        let cell = format!("`{words}`");
        let is_told = |row: &&str| row.split(" |").next().is_some_and(|first| first.contains(&cell));
        let rows: String = page.lines().filter(|line| line.starts_with("| ")).filter(is_told).collect();
        let missing: Vec<&&str> = names.iter().filter(|name| !rows.contains(&link(name))).collect();
        assert!(missing.is_empty(), "the row of `{words}` lacks {missing:?}");
    }
    let missing: Vec<&str> = FILES.into_iter().filter(|name| !page.contains(&link(name))).collect();
    assert!(missing.is_empty(), "the files' table lacks {missing:?}");
}
