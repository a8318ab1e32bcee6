//! The job file of a new job. Operators read and change this text: every key that a bureau sets stands in it, those that most
//! leave out as comments with their defaults.

use toml::Value;

use super::{InitOrder, PRESS_KEY, Question};
use crate::job::commented::completed;

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
# language = "fr"                       # of sheets, reports, rejects and warnings; or "en"

[input]
cards = ["inbox/cards*.csv"]
codes = ["inbox/codes*.csv.age"]        # sealed (age) to keys/codes.pub: give that file to whoever makes the codes
codes_identity = "keys/codes.identity"  # opens them; mode 0600
encoding = "utf-8"                      # or "windows-1252"
@INPUT@

[output]
dir = "out"                             # one folder a night, or s3://bucket/folder: docs/object-stores.md
pieces_per_file = 2000
@SEAL_TO@
# unsealed = false                      # true: mailers in clear, for demonstration only
@OUTPUT@

[ledger]
url = "sqlite:ledger.db"                # what was sent, for ever: back it up; or postgres://user@host/database
keys = "keys/ledger"                    # open the names in it: keep them apart from the ledger and its backups
@LEDGER@

[letters]
template = "card-letter"                # a built-in template, or a folder beside this file; or a list of them, each from a day on
@LETTERS@

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
@SIGNING@

@TABLES@
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
    completed(JOB).lines().map(|line| complete(line) + "\n").collect()
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
