//! The text of the keys that most jobs leave out, for those who write a job file. Operators read and change it. Every key stands
//! in it once: those that a bureau should decide with their defaults, the others as comments with their default or an example.

/// Keys of `[input]`, and its tables.
const INPUT: &str = r#"
# ignore = []                           # columns to leave alone
# cards_identity = "keys/cards.identity"  # opens record files that are sealed, such as cards.csv.age: docs/input.md
# codes_piped = false                   # true: codes also come by standard input
# signers = ["keys/issuer.pub"]         # who signs what arrives: docs/inbox.md
# announced = false                     # true: every night needs an announcement

# Record files with other columns, codes and dates than ours: docs/input.md. `pli check` shows how the first rows are read.
# [input.columns]                       # our column = theirs
# card_number = "NUM_CARTE"
# [input.values.reason]                 # their value = ours
# "01" = "first"
# [input.dates]
# requested_at = "%d/%m/%Y %H:%M"
# [input.constants]                     # what they don't send
# country = ""
# [input.fixed]                         # files without delimiters
# files = ["inbox/*.txt"]
# skip = 1                              # lines before the first record
# ignore = [[96, 5]]                    # places to leave alone
# trimmed = false                       # true: spaces at the ends of lines are left out
# trailer = { starts_with = "99", count = [3, 8] }
# [input.fixed.columns]                 # the place of every column: start (from 1) and length
# card_number = [1, 10]
"#;

/// Keys of `[output]`.
const OUTPUT: &str = r#"
# archive = false                       # true: letters are PDF/A-2b too, in the same file
# scratch = "scratch"                   # lock and spools; with `dir` in an object store also what is to be uploaded
"#;

/// Keys of `[ledger]`.
const LEDGER: &str = r#"
# recovery = ["keys/recovery.pub"]      # who can open the backup of these keys
# dispatch = "release"                  # or "settled": the day on which the camera settled the lot
"#;

/// Keys of `[letters]`.
const LETTERS: &str = r#"
# order = "input"                       # or "postcode", "structure": docs/postage.md
# bundle = 500                          # breaks lots into bundles: so many pieces, or "departement"
"#;

/// Keys of `[signing]`.
const SIGNING: &str = r#"
# document_type = "P1"
# fields = [{ id = "01", value = "{ps_id_nat}" }, { id = "10", value = "{civility}/{last_name}/{first_name}" }, { id = "82", value = "{card_number}" }, { id = "83", value = "{structure_id}" }]
"#;

/// All further tables.
const TABLES: &str = r#"
[calendar]
alsace_moselle = false
cut_off = "17:00"                       # an incident declared later counts for the next working day
closed = []                             # further days off, such as 2026-12-24

[limits]
max_reject_percent = 5.0                # of the rows and the pieces that wait; with more rejects nothing is released
max_cancelled_percent = 5.0             # nor where records cancel more of the waiting pieces than this
max_missing_percent = 0.0               # pieces of a lot that a camera may not see
# min_records = 0                       # nor where a night has fewer records
# max_working_days = 10                 # from request to dispatch; later ones are named

[press]
dpi = 600
bar_width_reduction = 0                 # dots
# media = "A4 blanc 90 g/m²"            # the paper's name at the press, or { letters = "…", mailers = "…" }; else the template's
# duplex = "auto"                       # or the template's edge, "long-edge" or "short-edge"; "simplex"
# imposition = "1-up"                   # or "2-up": two pieces on an A3 sheet, cut and stacked
# lot_sheets = false                    # true: a header and a trailer sheet for each lot
# output_intent = "press.icc"           # the press's profile; white uncoated paper without it
# output_condition = "FOGRA52"          # and what its condition is called

# Postcodes and towns of addresses: docs/addresses.md.
# [postcode]
# check = "warn"                        # or "reject", "off"

# The post: docs/postage.md.
# [postage]
# classes = [20, 50, 100]               # the upper limits of the weight classes, in grams
# min_pieces = 0                        # a lot with fewer is named
# product = ""                          # the name of the postal product, for the deposit table

# The generations of cards, and those whose replacement needs new codes: docs/postage.md.
# [rules]
# generations = ["CPS2TER", "CPS3", "CPS4"]
# new_codes_when_replaced = ["CPS2TER"]

# How long is kept what names people, in days: docs/keeping.md.
# [retention]
# names_days = 90
# findings_days = 90
# files_days = 30
# inputs_days = 30
# events_days = 365

# What the issuer is told of each request: docs/feedback.md.
# [feedback]
# dir = "feedback"
# mailer_cards = false                  # true: rows of mailers have the card's number

# What becomes of mail that comes back: docs/returns.md.
# [returns]
# hold_mailer = true                    # a mailer waits while its card's letter lies here
# hold_after = 2                        # from how many returns on an address is held
# on_hold = "warn"                      # or "reject": what becomes of its records
# mailer_card = false                   # true: rows of mailers in returns.csv have the card's number
# pictures = false                      # true: pictures are kept
# [returns.reasons.moved]
# words = "A déménagé"
# label = ["*DEMENAGE*"]                # texts of the post's label; * stands for any characters
# [returns.disposition]
# moved = "to_issuer"                   # or "hold", "destroy"

# Acts that nobody does alone, and users who print one kind: docs/approvals.md.
# [approvals]
# keys = ["keys/anna.pub", "keys/bruno.pub"]
# required = 2
# codes_reissues = 20                   # so many codes are sent again a night without approval
# [roles]
# letters = ["pli-letters"]
# mailers = ["pli-mailers"]
# [roles.keys]                          # with what a user signs requests and votes
# anna = "keys/anna.pem"

# The audit log: docs/audit.md.
# [audit]
# key = "keys/audit.key"
# require_anchor = false                # true: `pli audit` ends with 1 where nothing anchors the log

# The inserting machines, where a template has `omr` or `control-code`: docs/inserter.md.
# [inserter.letters]
# omr_pitch_mm = 4.23
# omr_length_mm = 7.5
# omr_thickness_mm = 0.5
# omr_marks = ["benchmark", "safety", "end_of_set", "sequence_1", "sequence_2", "sequence_4", "parity"]
# sequence_modulus = 8
# parity = "even"
# code_content = "{kind}{lot}{sequence}{sheet}{sheets}"
# code_module_mm = 0.508
# [inserter.mailers]                    # the same keys
# omr_pitch_mm = 4.23

# The files in which a machine reports its pieces, where that is not camera.csv; the mailers' machine has the same keys.
# [inserter.letters.results]
# format = "csv"                        # or "fixed"
# skip_lines = 0
# delimiter = ";"                       # found in the file where it is left out
# encoding = "utf-8"                    # or "windows-1252"
# time_format = "%d.%m.%Y %H:%M:%S"     # ISO 8601 where it is left out
# lists = "reads"                       # or "all" pieces, or the "bad" ones
# end_mark = "END"                      # "": none
# status = { "0" = "ok", "7" = "damaged", "9" = "attention" }
# fields = { value = "Code", read_at = "Time", position = "Number", camera = "Camera", card_value = "Card", status = "Status" }
"#;

/// A text whose lines `@INPUT@`, `@OUTPUT@`, `@LEDGER@`, `@LETTERS@`, `@SIGNING@` and `@TABLES@` become those keys.
pub(crate) fn completed(text: &str) -> String {
    let parts = [
        ("@INPUT@", INPUT),
        ("@OUTPUT@", OUTPUT),
        ("@LEDGER@", LEDGER),
        ("@LETTERS@", LETTERS),
        ("@SIGNING@", SIGNING),
        ("@TABLES@", TABLES),
    ];
    parts.iter().fold(text.to_owned(), |text, (mark, keys)| text.replace(mark, keys.trim()))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::job::{Job, Sections};

    /// A job's text with every key that is a comment taken in.
    pub(crate) fn taken_in(text: &str) -> String {
        let is_key = |line: &str| {
            line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))
        };
        let line = |line| match str::strip_prefix(line, "# ") {
            Some(key) if is_key(key) => key,
            _ => line,
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    }

    const HEAD: &str = "[bureau]\nname = \"Bureau\"\n[input]\ncards = [\"inbox/*.csv\"]\n@INPUT@\n\n[output]\n@OUTPUT@\n\
                        [ledger]\n@LEDGER@\n[letters]\n@LETTERS@\n[signing]\n@SIGNING@\n@TABLES@\n";

    #[test]
    fn what_is_commented_out_is_a_job_and_what_is_no_example_is_the_default() {
        let text = completed(HEAD);
        let said: Sections = toml::from_str(&text).expect("a job");
        let all = taken_in(&text);
        // A layout has the place of every column; docs/input.md shows it.
        let (before, layout) = all.split_once("[input.fixed]").expect("a layout");
        let (layout, after) = layout.split_once("\n\n").expect("further tables");
        assert!(layout.contains("trailer = ") && layout.contains("[input.fixed.columns]"));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("job.toml");
        fs_err::write(&file, format!("{before}\n{after}")).expect("written");
        Job::load(&file).unwrap_or_else(|error| panic!("{error:?}"));

        let all: Sections = toml::from_str(&all).expect("every key is known");
        let debug = |value: &dyn std::fmt::Debug| format!("{value:?}");
        for (name, said, all) in [
            ("calendar", debug(&said.calendar), debug(&all.calendar)),
            ("limits", debug(&said.limits), debug(&all.limits)),
            ("postcode", debug(&said.postcode), debug(&all.postcode)),
            ("rules", debug(&said.rules), debug(&all.rules)),
            ("retention", debug(&said.retention.complete()), debug(&all.retention.complete())),
            ("feedback", debug(&said.feedback), debug(&all.feedback)),
            ("audit", debug(&said.audit), debug(&all.audit)),
            ("signing", debug(&said.signing), debug(&all.signing)),
            ("output", debug(&said.output), debug(&all.output)),
            ("dispatch", debug(&said.ledger.dispatch), debug(&all.ledger.dispatch)),
            ("order", debug(&said.letters.order), debug(&all.letters.order)),
            ("identity", debug(&said.input.cards_identity), debug(&all.input.cards_identity)),
            ("required", debug(&said.approvals.required), debug(&all.approvals.required)),
            ("reissues", debug(&said.approvals.codes_reissues), debug(&all.approvals.codes_reissues)),
            ("hold_after", debug(&said.returns.hold_after), debug(&all.returns.hold_after)),
            ("on_hold", debug(&said.returns.on_hold), debug(&all.returns.on_hold)),
            ("hold_mailer", debug(&said.returns.hold_mailer), debug(&all.returns.hold_mailer)),
            ("duplex", debug(&said.press.duplex), debug(&all.press.duplex)),
            ("imposition", debug(&said.press.imposition), debug(&all.press.imposition)),
            ("lot_sheets", debug(&said.press.lot_sheets), debug(&all.press.lot_sheets)),
        ] {
            assert_eq!(said, all, "{name}");
        }
    }

    #[test]
    fn each_key_stands_once() {
        let all = taken_in(&completed(HEAD));
        let mut table = "";
        let mut keys = BTreeSet::new();
        for line in all.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with('[') {
                table = line.split(']').next().unwrap_or_default();
            } else if let Some((key, _)) = line.split_once(" = ") {
                assert!(keys.insert((table, key)), "{table}] {key}");
            }
        }
        assert!(keys.len() > 80, "{} keys", keys.len());
    }
}
