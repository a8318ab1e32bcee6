//! What a template is compared with: what was saved before, what production prints, another folder.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
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

/// Where the template lies that a job prints pieces of this kind with on a night: the version that it released last, as it was kept;
/// otherwise the job's template, unless that is `edited` itself.
pub(super) fn path_in_production(job: &Job, kind: PieceKind, night: Date, edited: &Path) -> Option<PathBuf> {
    released_last(job, kind).or_else(|| {
        let folder = job.template(kind, night)?;
        let full = |path: &Path| fs_err::canonicalize(path).ok();
        let same = folder == edited || full(&folder).is_some_and(|folder| Some(folder) == full(edited));
        (!same).then_some(folder)
    })
}

/// The template in production, and what it is printed for; `None` if there is none, or it can't be read.
pub(super) fn version_in_production(
    job: &Job,
    kind: PieceKind,
    night: Date,
    edited: &Path,
) -> Option<(Template, Setting)> {
    let path = path_in_production(job, kind, night, edited)?;
    match KeptTemplate::is_one(&path) {
        true => of_kept(&KeptTemplate::open(&path).ok()?).ok(),
        false => Some((Template::find(&path).ok()?, Setting::of(Some(job), kind).ok()?)),
    }
}

/// The kept template of this kind that was written last.
fn released_last(job: &Job, kind: PieceKind) -> Option<PathBuf> {
    let entries = fs_err::read_dir(job.kept_templates()).ok()?.filter_map(Result::ok);
    let mut kept: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| KeptTemplate::is_one(path))
        .filter_map(|path| Some((fs_err::metadata(&path).ok()?.modified().ok()?, path)))
        .collect();
    kept.sort();
    kept.into_iter().rev().map(|(_, path)| path).find(|path| {
        let template = KeptTemplate::open(path).ok().and_then(|kept| kept.template().ok());
        template.is_some_and(|template| template.manifest().kind == kind)
    })
}
