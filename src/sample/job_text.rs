//! The job file of a sample.
//!
//! Gives a text that an operator can read and change; every value but `unsealed` is the default.

/// Replaced by the setting of `output.unsealed`.
const UNSEALED: &str = "@UNSEALED@\n";

const SEALED_MAILERS: &str = "";

const CLEAR_MAILERS: &str = "\
# !!! DEMONSTRATION ONLY !!! The mailers, with their PIN and PUK, are written in clear. Production takes this line out.
unsealed = true
";

const JOB: &str = r#"# A job of `pli`, made by `pli sample`. Every person, card and code in it is invented.
# Paths are relative to this file. A key that is left out has its default; a key that is unknown is an error.

[bureau]                                # what the pieces say about the sender
name = "ASIP Santé"
return_address = ["BP 80210", "86963 Futuroscope Cedex"]
office_address = ["9 rue Georges Pitard", "75015 Paris"]
phone = "0 825 852 000"
phone_overseas = "00 33 825 85 2000"
website = "esante.gouv.fr"

[input]
cards = ["inbox/cards*.csv"]
codes = ["inbox/codes*.csv.age"]        # sealed (age) to keys/codes.pub
codes_identity = "keys/codes.identity"  # opens them; mode 0600
encoding = "utf-8"                      # or "windows-1252"

[output]
dir = "out"                             # one folder a night
pieces_per_file = 2000
seal_to = ["keys/press.pub"]            # who can open the mailers: here keys/press.identity
@UNSEALED@

[ledger]
url = "sqlite:ledger.db"                # what was sent, for ever: keep it

[letters]
template = "templates/card-letter"      # a folder beside this file, or a built-in template

[mailers]
template = "templates/mailer-igc-sante"
tracking_prefix = "XX"
first_tracking_number = 1

[signing]                               # the signed block of the letters
key = "keys/signing.pem"
profile = "ed25519"                     # or "ecdsa-p256", which any conforming reader can verify
ca_id = "FR00"
certificate_id = "0001"

[calendar]
alsace_moselle = false
cut_off = "17:00"                       # an incident declared later counts for the next working day
closed = []                             # further days off, such as 2026-12-24

[limits]
max_reject_percent = 5.0                # with more rejects than this, nothing is released

[press]
dpi = 600
bar_width_reduction = 0                 # dots
"#;

/// The text of the job file.
pub(super) fn text(unsealed: bool) -> String {
    JOB.replace(UNSEALED, if unsealed { CLEAR_MAILERS } else { SEALED_MAILERS })
}
