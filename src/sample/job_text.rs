//! The job file of a sample.
//!
//! Operators read and change this text. Every value except `unsealed` is the default. Keys that most jobs leave out are
//! comments, which every new job has alike.

use crate::job::commented::completed;

/// Replaced by the setting of `output.unsealed`.
const UNSEALED: &str = "@UNSEALED@\n";

const SEALED_MAILERS: &str =
    "# unsealed = false                      # true: mailers in clear, for demonstration only\n";

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
phone = "0 825 852 000 (service gratuit)"
hours = "24 h/24, 7 j/7"
phone_overseas = "00 33 825 85 2000"
website = "esante.gouv.fr"
# language = "fr"                       # of sheets, reports, rejects and warnings; or "en"

[input]
cards = ["inbox/cards*.csv"]
codes = ["inbox/codes*.csv.age"]        # sealed (age) to keys/codes.pub
codes_identity = "keys/codes.identity"  # opens them; mode 0600
encoding = "utf-8"                      # or "windows-1252"
@INPUT@

[output]
dir = "out"                             # one folder a night
pieces_per_file = 2000
seal_to = ["keys/press.pub"]            # who can open the mailers: here keys/press.identity
@UNSEALED@
@OUTPUT@

[ledger]
url = "sqlite:ledger.db"                # what was sent, for ever: keep it
keys = "keys/ledger"                    # open the names in it: keep them apart from the ledger and its backups
@LEDGER@

[letters]
template = "templates/card-letter"      # a folder beside this file, or a built-in template
@LETTERS@

[mailers]
template = "templates/mailer-igc-sante"
tracking_prefix = "XX"
first_tracking_number = 1
paper_opacity = 94                      # of the paper that the press loads, in per cent (ISO 2471)

[signing]                               # the signed block of the letters
key = "keys/signing.pem"
profile = "ed25519"                     # or "ecdsa-p256", which any conforming reader can verify
ca_id = "FR00"
certificate_id = "0001"
@SIGNING@

@TABLES@
"#;

/// The text of the job file.
pub(super) fn text(unsealed: bool) -> String {
    completed(&JOB.replace(UNSEALED, if unsealed { CLEAR_MAILERS } else { SEALED_MAILERS }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Sections;
    use crate::job::commented::tests::taken_in;

    #[test]
    fn what_is_commented_out_is_known() {
        for unsealed in [false, true] {
            let said: Sections = toml::from_str(&text(unsealed)).expect("a job");
            let all: Sections = toml::from_str(&taken_in(&text(unsealed))).expect("every key is known");
            assert_eq!((said.output.unsealed, all.output.unsealed), (unsealed, unsealed));
            assert!(all.press.output_condition.is_some() && said.press.output_condition.is_none());
            assert!(!text(unsealed).contains('@'), "every mark is replaced");
        }
    }
}
