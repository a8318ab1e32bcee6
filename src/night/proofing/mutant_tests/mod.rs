//! Mutants: sound print files, each altered at one place. The proof must refuse every one by name.
//!
//! A mutant is an incremental update of a file (ISO 32000-1 §7.5.6), so that nothing else changes, or an altered row or
//! record. The table in `docs/mutants.md` is what the proof says of them; `PLI_WRITE_MUTANTS=1` writes it anew.

mod altered;
mod lot;
mod mailers;
mod mask;
mod pages;
mod paint;
mod records;
mod saying;
mod setting;
mod soundness;
mod symbols;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use mail::piece::PieceKind;

pub(super) use altered::Altered;
pub(super) use lot::SoundLot;

/// A mutant.
struct Mutant {
    /// What is altered, in words.
    said: &'static str,
    /// Which lot it is of.
    of: Of,
    /// The name of the failure that must be among those found.
    name: &'static str,
    /// Alters a copy of the lot.
    alter: fn(&mut Altered),
}

/// The lots that mutants are made of.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    /// Letters, one on a page.
    Letters,
    /// Letters, two on a sheet, with sheets at the ends of the lot and bars thinned by a dot.
    Imposed,
    /// Mailers in clear.
    Mailers,
}

const fn letters(said: &'static str, name: &'static str, alter: fn(&mut Altered)) -> Mutant {
    Mutant { said, of: Of::Letters, name, alter }
}

const fn imposed(said: &'static str, name: &'static str, alter: fn(&mut Altered)) -> Mutant {
    Mutant { said, of: Of::Imposed, name, alter }
}

const fn mailers(said: &'static str, name: &'static str, alter: fn(&mut Altered)) -> Mutant {
    Mutant { said, of: Of::Mailers, name, alter }
}

/// The mutants, by what is altered.
const KINDS: [(&str, &[Mutant]); 9] = [
    ("Symbols", symbols::MUTANTS),
    ("What a text says", saying::MUTANTS),
    ("How a text is set", setting::MUTANTS),
    ("Paint and stock", paint::MUTANTS),
    ("Pages", pages::PAGES),
    ("Leaves of the document parts", pages::LEAVES),
    ("Rows of the manifest", pages::ROWS),
    ("Mailers", mailers::MUTANTS),
    ("Records, and the sheets at the ends of a lot", records::MUTANTS),
];

/// The records of each lot.
const RECORDS: u32 = 12;
/// The settings of the imposed lot.
const IMPOSED: [(&str, &str); 3] = [
    ("# imposition = \"1-up\"", "imposition = \"2-up\""),
    ("# lot_sheets = false", "lot_sheets = true"),
    ("bar_width_reduction = 0", "bar_width_reduction = 1"),
];

/// The line of the document before the table, and that after it.
const BEGIN: &str = "<!-- mutants -->\n";
const END: &str = "<!-- end of mutants -->\n";

#[test]
fn every_mutant_is_refused_by_its_name() {
    let lots = [
        (Of::Letters, SoundLot::print(PieceKind::Letter, RECORDS, &[])),
        (Of::Imposed, SoundLot::print(PieceKind::Letter, RECORDS, &IMPOSED)),
        (Of::Mailers, SoundLot::print(PieceKind::Mailer, RECORDS, &[])),
    ];
    for (_, lot) in &lots {
        assert_eq!(lot.proved(|_| ()).findings, [], "a lot is sound before it is altered");
    }
    let mut table = String::new();
    let (mut unrefused, mut count) = (Vec::new(), 0);
    for (kind, mutants) in KINDS {
        table.push_str(&format!("\n## {kind}\n\n| mutant | names of failures |\n|---|---|\n"));
        for mutant in mutants {
            let Some((_, lot)) = lots.iter().find(|(of, _)| *of == mutant.of) else { continue };
            let proof = catch_unwind(AssertUnwindSafe(|| lot.proved(mutant.alter)));
            let Ok(proof) = proof else {
                unrefused.push(format!("{kind}: {}: can't be made", mutant.said));
                continue;
            };
            let names: BTreeSet<&str> = proof.findings.iter().map(|finding| finding.fault.name()).collect();
            if !names.contains(mutant.name) {
                let found: Vec<String> = proof.findings.iter().map(ToString::to_string).collect();
                unrefused.push(format!("{kind}: {}: not {} but {found:?}", mutant.said, mutant.name));
            }
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            table.push_str(&format!("| {} | {} |\n", mutant.said, names.join(", ")));
            count += 1;
        }
    }
    assert!(unrefused.is_empty(), "{} of {count}:\n{}", unrefused.len(), unrefused.join("\n"));
    table.push('\n');
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mutants.md");
    let book = fs_err::read_to_string(&path).unwrap();
    let (before, rest) = book.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    if std::env::var_os("PLI_WRITE_MUTANTS").is_some() {
        fs_err::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert!(written == table, "the table of `docs/mutants.md` is written anew by `PLI_WRITE_MUTANTS=1`");
    }
}
