//! The findings of a night: rejects and warnings, in a spool until they are written out.
//!
//! Of each code the first [`LISTED`] are listed, and a last finding counts the others: a file of a million bad rows makes a
//! list that a person can open. The counts of a night are exact.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::causes::{Causes, CommonCause};
use super::file_names::FileNames;
use crate::files::{Spool, SpoolSpan};
use crate::ledger::Finding;
use mail::{Language, Words};

/// How severe a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// A record or a piece was rejected.
    Reject,
    /// A person should look at it; it leaves all the same.
    Warning,
}

/// How many findings of a code are listed.
const LISTED: u64 = 5_000;

/// Rejects and warnings, kept in the order they were found.
#[derive(Debug)]
pub(crate) struct Findings {
    language: Language,
    spool: Spool,
    files: FileNames,
    notes: Vec<Note>,
    codes: Vec<String>,
    /// How many findings of rows there are of each code; beyond [`LISTED`] they are only counted.
    of_rows: BTreeMap<(Severity, u16), u64>,
    /// What rows are rejected for.
    causes: Causes,
}

/// The sort key of a finding, and the span of the finding in the spool.
#[derive(Debug, Clone, Copy)]
struct Note {
    file: u32,
    line: u64,
    severity: Severity,
    code: u16,
    span: SpoolSpan,
}

impl Findings {
    /// Creates an empty list whose spool lies in a folder, which must be there.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn create_in(folder: &Path, language: Language) -> io::Result<Findings> {
        Ok(Findings {
            language,
            spool: Spool::create_in(folder, "findings")?,
            files: FileNames::default(),
            notes: Vec::new(),
            codes: Vec::new(),
            of_rows: BTreeMap::new(),
            causes: Causes::default(),
        })
    }

    /// Adds a finding.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn add(&mut self, severity: Severity, finding: &Finding) -> io::Result<()> {
        self.count_cause(severity, finding);
        self.keep(severity, finding)
    }

    fn count_cause(&mut self, severity: Severity, finding: &Finding) {
        if severity == Severity::Reject {
            self.causes.add(finding);
        }
    }

    fn keep(&mut self, severity: Severity, finding: &Finding) -> io::Result<()> {
        let code = self.code_index(&finding.code);
        let file = self.files.index_of(&finding.source_file);
        let span = self.spool.add(&serde_json::to_vec(finding)?)?;
        self.notes.push(Note { file, line: finding.line, severity, code, span });
        Ok(())
    }

    /// Adds the findings of a row, as rows are read. Those that would not be listed are only counted.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn add_of_row(&mut self, severity: Severity, findings: &[Finding]) -> io::Result<()> {
        for finding in findings {
            let code = self.code_index(&finding.code);
            let count = self.of_rows.entry((severity, code)).or_default();
            *count += 1;
            let listed = *count <= LISTED;
            self.count_cause(severity, finding);
            if listed {
                self.keep(severity, finding)?;
            }
        }
        Ok(())
    }

    /// What most rows of a file are rejected for; `None` where none is.
    pub(crate) fn commonest_cause(&self) -> Option<CommonCause> {
        self.causes.commonest()
    }

    /// The index of a code. There are few.
    fn code_index(&mut self, code: &str) -> u16 {
        let known = self.codes.iter().position(|known| known == code);
        known.unwrap_or_else(|| {
            self.codes.push(code.to_owned());
            self.codes.len() - 1
        }) as u16
    }

    /// How many are kept.
    pub(crate) fn len(&self) -> usize {
        self.notes.len()
    }

    /// Calls `visit` for all findings after the first `first`, in the order they were found.
    ///
    /// # Errors
    /// I/O errors and those of `visit`.
    pub(crate) fn each_after(
        &mut self,
        first: usize,
        mut visit: impl FnMut(Severity, Finding) -> io::Result<()>,
    ) -> io::Result<()> {
        for note in &self.notes[first.min(self.notes.len())..] {
            let bytes = self.spool.read(note.span)?;
            visit(note.severity, serde_json::from_slice(&bytes)?)?;
        }
        Ok(())
    }

    /// How many of a severity.
    pub(crate) fn count(&self, severity: Severity) -> u64 {
        let kept = self.notes.iter().filter(|note| note.severity == severity).count() as u64;
        let counted = self.of_rows.iter().filter(|((of, _), _)| *of == severity);
        kept + counted.map(|(_, count)| count.saturating_sub(LISTED)).sum::<u64>()
    }

    /// Calls `visit` for the findings of a severity, by file and line; those of one line in the order they were found. Last
    /// comes a finding for each code of which not all are listed.
    ///
    /// # Errors
    /// I/O errors and those of `visit`.
    pub(crate) fn each<E: From<io::Error>>(
        &mut self,
        severity: Severity,
        mut visit: impl FnMut(&Finding) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut notes: Vec<Note> =
            self.notes.iter().filter(|note| note.severity == severity).copied().collect();
        notes.sort_by_key(|note| (self.files.get(note.file), note.line));
        let mut listed = vec![0; self.codes.len()];
        for note in notes {
            listed[usize::from(note.code)] += 1;
            if listed[usize::from(note.code)] <= LISTED {
                let bytes = self.spool.read(note.span)?;
                visit(&serde_json::from_slice(&bytes).map_err(io::Error::from)?)?;
            }
        }
        for (index, kept) in (0..).zip(listed) {
            let of_rows = self.of_rows.get(&(severity, index)).copied().unwrap_or_default();
            let all = kept + of_rows.saturating_sub(LISTED);
            if all > LISTED {
                visit(&others(self.language, &self.codes[usize::from(index)], all - LISTED))?;
            }
        }
        Ok(())
    }

    /// The findings of a severity as a list, for a screen.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn list(&mut self, severity: Severity) -> io::Result<Vec<Finding>> {
        let mut list = Vec::new();
        self.each(severity, |finding| {
            list.push(finding.clone());
            io::Result::Ok(())
        })?;
        Ok(list)
    }
}

/// The finding that counts those of a code that are not listed.
fn others(language: Language, code: &str, count: u64) -> Finding {
    let message = Words::of(
        format!(
            "et {count} de plus avec ce code, au-delà des {LISTED} énumérés\u{202F}; corrigez d’abord la cause de ceux-ci"
        ),
        format!("and {count} more of this code, beyond the {LISTED} listed; mend the cause of those first"),
    );
    let finding = Finding { code: code.to_owned(), ..Finding::default() };
    finding.saying(&message, language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(line: u64, code: &str) -> Finding {
        Finding { line, ..others(Language::English, code, 0) }
    }

    #[test]
    fn a_flood_is_listed_in_part_and_counted_in_full() {
        let folder = tempfile::tempdir().unwrap();
        let mut findings = Findings::create_in(folder.path(), Language::English).unwrap();
        for line in 1..=LISTED + 7 {
            findings.add_of_row(Severity::Reject, &[finding(line, "date"), finding(line, "reason")]).unwrap();
        }
        findings.add(Severity::Reject, &finding(LISTED + 8, "date")).unwrap();
        findings.add_of_row(Severity::Warning, &[finding(1, "date")]).unwrap();
        assert_eq!(findings.len() as u64, 2 * LISTED + 2);
        assert_eq!(findings.count(Severity::Reject), 2 * (LISTED + 7) + 1);
        assert_eq!(findings.count(Severity::Warning), 1);
        let listed = findings.list(Severity::Reject).unwrap();
        assert_eq!(listed.len() as u64, 2 * LISTED + 2);
        let [date, reason] = &listed[listed.len() - 2..] else { unreachable!() };
        assert!(date.message.starts_with("and 8 more") && date.code == "date", "{date:?}");
        assert!(reason.message.starts_with("and 7 more") && reason.line == 0, "{reason:?}");
        assert_eq!(findings.list(Severity::Warning).unwrap().len(), 1);
    }
}
