//! The job file of a sample.
//!
//! Operators read and change this text. Every value except `unsealed` is the default. Keys that most jobs leave out are
//! comments.

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

[output]
dir = "out"                             # one folder a night
pieces_per_file = 2000
# archive = true                        # letters are PDF/A-2b too, in the same file
# scratch = "scratch"                   # lock and spools; with `dir` in an object store also what is to be uploaded
seal_to = ["keys/press.pub"]            # who can open the mailers: here keys/press.identity
@UNSEALED@

[ledger]
url = "sqlite:ledger.db"                # what was sent, for ever: keep it
keys = "keys/ledger"                    # open the names in it: keep them apart from the ledger and its backups
# recovery = ["keys/recovery.pub"]      # who can open the backup of these keys
# dispatch = "release"                  # the day from which a piece counts as dispatched

[letters]
template = "templates/card-letter"      # a folder beside this file, or a built-in template

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

[calendar]
alsace_moselle = false
cut_off = "17:00"                       # an incident declared later counts for the next working day
closed = []                             # further days off, such as 2026-12-24

[limits]
max_reject_percent = 5.0                # with more rejects than this, nothing is released
max_cancelled_percent = 5.0             # nor where records cancel more of the waiting pieces than this
# min_records = 400                     # nor where a night has fewer records
# max_working_days = 10                 # from request to dispatch; later ones are named

# How long is kept what names people, in days: docs/keeping.md.
# [retention]
# names_days = 90
# findings_days = 90
# files_days = 30
# inputs_days = 30
# events_days = 365

[press]
dpi = 600
bar_width_reduction = 0                 # dots
# media = "A4 blanc 90 g/m²"            # the paper's name at the press, or { letters = "…", mailers = "…" }; else the template's
# duplex = "auto"                       # or the template's edge, "long-edge" or "short-edge"; "simplex"
# imposition = "1-up"                   # or "2-up": two pieces on an A3 sheet, cut and stacked
# lot_sheets = false                    # true: a header and a trailer sheet for each lot
# output_intent = "press.icc"           # the press's profile; white uncoated paper without it
# output_condition = "FOGRA52"          # and what its condition is called

# The inserting machines, where a template has `omr` or `control-code`. [inserter.mailers] has the same keys.
# [inserter.letters]
# omr_pitch_mm = 4.23
# omr_length_mm = 7.5
# omr_thickness_mm = 0.5
# omr_marks = ["benchmark", "safety", "end_of_set", "sequence_1", "sequence_2", "sequence_4", "parity"]
# sequence_modulus = 8
# parity = "even"
# code_content = "{kind}{lot}{sequence}{sheet}{sheets}"
# code_module_mm = 0.508

# The files in which a machine reports its pieces; `fields`, `status`, `delimiter` and `time_format` as docs/inserter.md says.
# [inserter.letters.results]
# format = "csv"                        # or "fixed"
# skip_lines = 0
# encoding = "utf-8"                    # or "windows-1252"
# lists = "reads"                       # or "all" pieces, or the "bad" ones
# end_mark = "END"                      # "": none
"#;

/// The text of the job file.
pub(super) fn text(unsealed: bool) -> String {
    JOB.replace(UNSEALED, if unsealed { CLEAR_MAILERS } else { SEALED_MAILERS })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Sections;

    #[test]
    fn what_is_commented_out_is_known_and_what_is_a_default_is_the_default() {
        let said: Sections = toml::from_str(&text(false)).expect("a job");
        let is_key = |line: &&str| {
            line.starts_with("# [") || line.split_once(" = ").is_some_and(|(key, _)| !key[2..].contains(' '))
        };
        let taken_in = |line: &str| match line.strip_prefix("# ") {
            Some(key) if is_key(&line) => key.to_owned(),
            _ => line.to_owned(),
        };
        let all: Vec<String> = text(false).lines().map(taken_in).collect();
        let all: Sections = toml::from_str(&all.join("\n")).expect("every key is known");
        assert!(all.output.archive && all.press.output_condition.is_some() && all.press.media.is_some());
        assert_eq!(all.inserter, said.inserter);
        assert_eq!(all.retention.complete(), said.retention.complete());
        assert_eq!(all.limits.max_working_days, said.limits.max_working_days);
        let press = |sections: Sections| {
            (sections.press.duplex, sections.press.imposition, sections.press.lot_sheets)
        };
        assert_eq!(press(all), press(said));
    }
}
