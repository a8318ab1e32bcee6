//! What a template is compared with: what was saved before, what production prints, another folder.

use std::path::Path;

use mail::piece::PieceKind;
use template::Template;

use crate::job::Job;
use crate::kept::KeptTemplate;
use crate::studio::specimen::{Setting, of_kept};

/// A version to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Against {
    /// What was saved before.
    Saved,
    /// What production prints.
    Production,
    /// Another folder.
    Folder,
}

impl Against {
    /// All of them.
    pub(super) const ALL: [Against; 3] = [Against::Saved, Against::Production, Against::Folder];

    /// Its identifier, and its names in English and French.
    pub(super) fn names(self) -> [&'static str; 3] {
        match self {
            Against::Saved => ["saved", "Last save", "Dernier enregistrement"],
            Against::Production => ["production", "In production", "En production"],
            Against::Folder => ["folder", "Other folder", "Autre dossier"],
        }
    }

    /// The version with this identifier.
    pub(super) fn parse(id: &str) -> Option<Against> {
        Against::ALL.into_iter().find(|one| one.names()[0] == id)
    }
}

/// What a job prints pieces of this kind with: the version that it released last; otherwise its template, unless that is
/// `edited` itself. `None` if neither can be read.
pub(super) fn version_in_production(
    job: &Job,
    kind: PieceKind,
    edited: &Path,
) -> Option<(Template, Setting)> {
    released_last(job, kind).or_else(|| {
        let folder = job.template(kind);
        let full = |path: &Path| fs_err::canonicalize(path).ok();
        if folder == edited || full(&folder).is_some_and(|folder| Some(folder) == full(edited)) {
            return None;
        }
        Some((Template::find(&folder).ok()?, Setting::of(Some(job), kind).ok()?))
    })
}

fn released_last(job: &Job, kind: PieceKind) -> Option<(Template, Setting)> {
    let entries = fs_err::read_dir(job.kept_templates()).ok()?.filter_map(Result::ok);
    let mut kept: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| KeptTemplate::is_one(path))
        .filter_map(|path| Some((fs_err::metadata(&path).ok()?.modified().ok()?, path)))
        .collect();
    kept.sort();
    kept.into_iter().rev().find_map(|(_, path)| {
        let kept = KeptTemplate::open(&path).ok()?;
        of_kept(&kept).ok().filter(|(template, _)| template.manifest().kind == kind)
    })
}
