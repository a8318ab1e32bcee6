//! The job file of a new job. Operators read and change this text: every key that a bureau sets stands in it, those that most
//! leave out as comments with their defaults.

use toml::Value;

use super::{InitOrder, PRESS_KEY, Question};

const JOB: &str = r#"# The job of a bureau, made by `pli init` (docs/first-job.md). Paths are relative to this file.
# A key that is left out, or commented out, has its default; a key that is unknown is an error. `pli doctor` looks at all of it.

[bureau]                                # what pieces say about the sender: read it twice
name = @NAME@
return_address = @RETURN@
office_address = @OFFICE@
phone = @PHONE@
@HOURS@
phone_overseas = @OVERSEAS@
website = @WEBSITE@

[input]
cards = ["inbox/cards*.csv"]
codes = ["inbox/codes*.csv.age"]        # sealed (age) to keys/codes.pub: give that file to whoever makes the codes
codes_identity = "keys/codes.identity"  # opens them; mode 0600
encoding = "utf-8"                      # or "windows-1252"
ignore = []                             # columns to leave alone
# signers = ["keys/issuer.pub"]         # who signs what arrives: docs/inbox.md
# announced = false                     # true: every night needs an announcement

[output]
dir = "out"                             # one folder a night, or s3://bucket/folder: docs/object-stores.md
pieces_per_file = 2000
# archive = false                       # true: letters are PDF/A-2b too, in the same file
# scratch = "scratch"                   # lock and spools
@SEAL_TO@

[ledger]
url = "sqlite:ledger.db"                # what was sent, for ever: back it up; or postgres://user@host/database
keys = "keys/ledger"                    # open the names in it: keep them apart from the ledger and its backups
# recovery = ["keys/recovery.pub"]      # who can open the backup of these keys
# dispatch = "release"                  # or "settled": the day on which the camera settled the lot

[letters]
template = "card-letter"                # a built-in template, or a folder beside this file

[mailers]
template = "mailer-igc-sante"
@OPACITY@
@TRACKING@
# first_tracking_number = 1

[signing]                               # the signed block of the letters: docs/2d-doc.md
key = "keys/signing.pem"                # or a key in an HSM, pkcs11:…: docs/keys.md
profile = "ed25519"                     # or "ecdsa-p256", which any conforming reader can verify
# ca_id = "FR00"                        # yours, once an authority has certified the key
# certificate_id = "0001"

[calendar]
alsace_moselle = false
cut_off = "17:00"                       # an incident declared later counts for the next working day
closed = []                             # further days off, such as 2026-12-24

[limits]
max_reject_percent = 5.0                # of the rows and the pieces that wait; with more rejects nothing is released
max_cancelled_percent = 5.0             # nor where records cancel more of the waiting pieces than this
max_missing_percent = 0.0               # pieces of a lot that a camera may not see
# max_working_days = 10                 # from request to dispatch; later ones are named

[press]
dpi = 600
bar_width_reduction = 0                 # dots
# media = "A4 blanc 90 g/m²"            # the paper's name at the press, or { letters = "…", mailers = "…" }; else the template's
# duplex = "auto"                       # or "long-edge", "short-edge", "simplex"
# imposition = "1-up"                   # or "2-up": two pieces on an A3 sheet, cut and stacked
# lot_sheets = false                    # true: a header and a trailer sheet for each lot
# output_intent = "press.icc"           # the press's profile; white uncoated paper without it
# output_condition = "FOGRA52"          # and what its condition is called

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

# What becomes of mail that comes back: docs/returns.md.
# [returns]
# hold_mailer = true
# hold_after = 2
# on_hold = "warn"                      # or "reject"

# Acts that nobody does alone, and users who print one kind: docs/approvals.md.
# [approvals]
# keys = ["keys/anna.pub", "keys/bruno.pub"]
# required = 2
# [roles]
# letters = ["pli-letters"]
# mailers = ["pli-mailers"]

# The audit log: docs/audit.md.
# [audit]
# key = "keys/audit.key"
# require_anchor = false
"#;

/// The text of the job file.
pub(super) fn text(order: &InitOrder) -> String {
    let line = |question| order.bureau.lines(question).into_iter().next().unwrap_or_default();
    let list = |question| {
        let lines = order.bureau.lines(question).into_iter().map(Value::String);
        Value::Array(lines.collect()).to_string()
    };
    let hours = match order.bureau.hours.trim() {
        "" => "# hours = \"24 h/24, 7 j/7\"              # when somebody answers the phone".to_owned(),
        hours => format!("hours = {}", quoted(hours)),
    };
    let seal_to = match order.press_key {
        Some(_) => format!("seal_to = [\"{PRESS_KEY}\"]            # who can open the mailers: the press"),
        None => format!(
            "# seal_to = [\"{PRESS_KEY}\"]          # who can open the mailers: put the press's recipient (age1…) into that file;\n\
             #                                       # the press makes it with `pli keys new press`. Until then no mailer is made"
        ),
    };
    let opacity = match order.paper_opacity {
        Some(opacity) => format!("paper_opacity = {}", Value::Float(opacity)),
        None => {
            "# paper_opacity = 94                    # of the paper that the press loads, in per cent (ISO 2471)".to_owned()
        }
    };
    let tracking = match order.tracking_prefix {
        Some(prefix) => format!("tracking_prefix = {}", quoted(prefix)),
        None => {
            "# tracking_prefix = \"XX\"                # the product code that your post gave you; until then an invented one is printed".to_owned()
        }
    };
    let said = [
        ("@NAME@", quoted(&line(Question::Name))),
        ("@RETURN@", list(Question::ReturnAddress)),
        ("@OFFICE@", list(Question::OfficeAddress)),
        ("@PHONE@", quoted(&line(Question::Phone))),
        ("@HOURS@", hours),
        ("@OVERSEAS@", quoted(&line(Question::PhoneOverseas))),
        ("@WEBSITE@", quoted(&line(Question::Website))),
        ("@SEAL_TO@", seal_to),
        ("@OPACITY@", opacity),
        ("@TRACKING@", tracking),
    ];
    // An answer may hold what stands for another one: each line is completed once.
    let complete = |line: &str| match said.iter().find(|(mark, _)| line.contains(mark)) {
        Some((mark, value)) => line.replacen(mark, value, 1),
        None => line.to_owned(),
    };
    JOB.lines().map(|line| complete(line) + "\n").collect()
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
