//! What lies on the bench: the template as it was saved last, the versions that it is compared with, its variants, the
//! records, and what is wrong.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use mail::piece::PieceKind;
use sha2::{Digest, Sha256};
use template::{
    Facts, FaultKind, LayoutWorker, Mark, Severity, Template, TemplateFault, settled, variant_name,
};

use super::against::{Against, version_in_production};
use super::lru::Lru;
use super::pieces::{Laid, Piece, Version};
use crate::failure::Failure;
use crate::files::hexadecimal;
use crate::job::Job;
use crate::studio::light::codes_through_light;
use crate::studio::records::{BenchRecord, bench_records};
use crate::studio::specimen::{Setting, every_variant};

/// The most layouts that are kept, of all versions.
const MAX_LAYOUTS: usize = 400;
/// The most bytes of the last good pieces.
const PRINTED_SIZE: usize = 64 << 20;
/// The largest job file, and the largest file of records that is compared with what it was.
const MAX_COMPARED: u64 = 16 << 20;

/// What the bench is opened on.
#[derive(Debug, Clone)]
pub(crate) struct PreviewOrder {
    /// A template's folder, or the name of a built-in one.
    pub template: PathBuf,
    /// The job whose bureau, press, inserter and inbox it is for.
    pub job: Option<PathBuf>,
    /// The designer's `cards.csv`.
    pub records: Option<PathBuf>,
    /// Another folder to compare with.
    pub against: Option<PathBuf>,
    /// The date on the pieces.
    pub night: Date,
}

/// What lies on the bench.
pub(super) struct Bench {
    pub order: PreviewOrder,
    worker: LayoutWorker,
    /// Counts the saves that changed something.
    pub generation: u64,
    /// What was saved last and could be read.
    pub now: Option<Arc<Version>>,
    pub compared: HashMap<Against, Arc<Version>>,
    /// Every variant of `now`, with its identifier.
    pub variants: Vec<(String, Facts)>,
    pub records: Vec<BenchRecord>,
    /// What is wrong with files as such: the folder, the job, the records.
    pub file_faults: Vec<Failure>,
    /// What is wrong in the variants of `now` that were laid out.
    laid_out: HashMap<String, Vec<TemplateFault>>,
    /// The marks of the variants whose codes were held to the light since the last save.
    measured: Vec<Vec<Vec<Mark>>>,
    /// What shows of their codes, by variant.
    shows_through: HashMap<String, Vec<TemplateFault>>,
    layouts: Lru<String, Arc<Laid>>,
    /// The last good layout of each variant.
    good: HashMap<String, Arc<Laid>>,
    /// The last piece that could be printed of each variant and record.
    pub printed: Lru<(String, String), Arc<Piece>>,
    stamp: Stamp,
}

/// What tells whether files have changed: a digest of each, or why it can't be read.
#[derive(Debug, Default, Clone, PartialEq)]
struct Stamp {
    template: String,
    job: String,
    records: String,
}

impl Bench {
    /// The bench with all that is there.
    ///
    /// # Errors
    /// Template errors if there is no such template; errors of the job and the records. What else is wrong with the template is
    /// shown on the page.
    pub(super) fn open(order: PreviewOrder, worker: LayoutWorker) -> Result<Bench, Failure> {
        if let Err(error) = Template::find(&order.template)
            && error.faults.iter().any(|fault| fault.kind == FaultKind::NotFound)
        {
            return Err(error.into());
        }
        if let Some(job) = &order.job {
            Job::load(job)?;
        }
        if let Some(records) = &order.records {
            bench_records(PieceKind::Letter, Some(records), None)?;
        }
        let mut bench = Bench::new(order, worker);
        bench.read();
        Ok(bench)
    }

    fn new(order: PreviewOrder, worker: LayoutWorker) -> Bench {
        Bench {
            order,
            worker,
            generation: 0,
            now: None,
            compared: HashMap::new(),
            variants: Vec::new(),
            records: Vec::new(),
            file_faults: Vec::new(),
            laid_out: HashMap::new(),
            measured: Vec::new(),
            shows_through: HashMap::new(),
            layouts: Lru::new(MAX_LAYOUTS),
            good: HashMap::new(),
            printed: Lru::new(PRINTED_SIZE),
            stamp: Stamp::default(),
        }
    }

    /// Reads all files again. Returns whether anything has changed.
    pub(super) fn read(&mut self) -> bool {
        let found = Template::find(&self.order.template).map_err(Failure::from);
        let stamp = Stamp {
            template: found.as_ref().map_or_else(ToString::to_string, |found| found.version().to_owned()),
            job: self.order.job.as_deref().map(digest).unwrap_or_default(),
            records: self.order.records.as_deref().map(digest).unwrap_or_default(),
        };
        if stamp == self.stamp {
            return false;
        }
        let all = (&stamp.job, &stamp.records) != (&self.stamp.job, &self.stamp.records);
        self.generation += 1;
        self.stamp = stamp;
        self.file_faults.clear();
        match found {
            Ok(template) => {
                if let Err(failure) = self.take(template, all || self.records.is_empty()) {
                    self.file_faults.push(failure);
                }
            }
            Err(failure) => self.file_faults.push(failure),
        }
        true
    }

    /// Whether the files could not be read, as while an editor writes them.
    pub(super) fn is_unreadable(&self) -> bool {
        !self.file_faults.is_empty()
    }

    /// Takes a template that was read as what was saved last.
    fn take(&mut self, template: Template, all: bool) -> Result<(), Failure> {
        let kind = template.manifest().kind;
        let job = self.order.job.as_deref().map(Job::load).transpose()?;
        let setting = match self.now.as_ref().filter(|now| !all && now.kind() == kind) {
            Some(now) => now.setting.clone(),
            None => {
                self.take_records(kind, job.as_ref())?;
                self.take_compared(kind, job.as_ref())?;
                Arc::new(Setting::of(job.as_ref(), kind)?)
            }
        };
        let variants = every_variant(&template)?;
        self.variants = variants.into_iter().map(|facts| (identifier(&facts), facts)).collect();
        let id = format!("{} {}", template.version(), self.stamp.job);
        let before = self.now.replace(Arc::new(Version { id, template, setting }));
        if let Some(before) = before.filter(|before| self.has_good(before)) {
            self.compared.insert(Against::Saved, before);
        }
        self.laid_out.clear();
        self.measured.clear();
        self.shows_through.clear();
        Ok(())
    }

    fn take_records(&mut self, kind: PieceKind, job: Option<&Job>) -> Result<(), Failure> {
        self.records = bench_records(kind, self.order.records.as_deref(), job)?;
        Ok(())
    }

    fn take_compared(&mut self, kind: PieceKind, job: Option<&Job>) -> Result<(), Failure> {
        let production =
            job.and_then(|job| version_in_production(job, kind, self.order.night, &self.order.template));
        if let Some((template, setting)) = production {
            let id = format!("production {}", template.version());
            let version = Version { id, template, setting: Arc::new(setting) };
            self.compared.insert(Against::Production, Arc::new(version));
        }
        if let Some(folder) = &self.order.against {
            let template = Template::find(folder)?;
            let setting = Arc::new(Setting::of(job, template.manifest().kind)?);
            let id = format!("folder {} {}", template.version(), self.stamp.job);
            self.compared.insert(Against::Folder, Arc::new(Version { id, template, setting }));
        }
        Ok(())
    }

    /// Whether there is such a version to compare with, or will be once something is saved.
    pub(super) fn can_compare(&self, against: Against) -> bool {
        against == Against::Saved || self.compared.contains_key(&against)
    }

    /// Whether any variant of a version was laid out without errors.
    fn has_good(&self, version: &Arc<Version>) -> bool {
        self.good.values().any(|laid| Arc::ptr_eq(&laid.version, version))
    }

    /// The layout of a variant of what was saved last, and whether it is an older one because that has errors. `None` if
    /// there never was a good one.
    pub(super) fn laid(&mut self, variant: &str) -> Option<(Arc<Laid>, bool)> {
        let (now, facts) = (self.now.clone()?, self.facts(variant)?.clone());
        if self.file_faults.is_empty() {
            match self.lay_out(&now, variant, &facts) {
                Ok(laid) => {
                    self.laid_out.insert(variant.to_owned(), laid.compiled.warnings.clone());
                    self.good.insert(variant.to_owned(), laid.clone());
                    return Some((laid, false));
                }
                Err(faults) => {
                    self.laid_out.insert(variant.to_owned(), faults);
                }
            }
        }
        self.good.get(variant).map(|laid| (laid.clone(), true))
    }

    /// The last good layout of a variant.
    pub(super) fn good(&self, variant: &str) -> Option<Arc<Laid>> {
        self.good.get(variant).cloned()
    }

    /// The layout of a variant of a version that is compared with; `None` if it has no such variant, or errors.
    pub(super) fn laid_of(&mut self, against: Against, variant: &str) -> Option<Arc<Laid>> {
        let version = self.compared.get(&against)?.clone();
        let facts = self.facts(variant)?.clone();
        let facts = version.template.variant_of(&facts);
        self.lay_out(&version, variant, &facts).ok()
    }

    fn lay_out(
        &mut self,
        version: &Arc<Version>,
        variant: &str,
        facts: &Facts,
    ) -> Result<Arc<Laid>, Vec<TemplateFault>> {
        let id = format!("{} {variant}", version.id);
        if let Some(laid) = self.layouts.get(&id) {
            return Ok(laid);
        }
        if let Some(faults) = self.known_faults(version, variant) {
            return Err(faults);
        }
        let bureau = version.setting.bureau();
        let laid = self.worker.lay_out(&version.template, std::slice::from_ref(facts), bureau);
        let laid = laid.map_err(|error| error.faults)?;
        let maps = laid.maps.into_iter().next().unwrap_or_default();
        let version = version.clone();
        let laid = Arc::new(Laid { id: id.clone(), version, compiled: laid.compiled, maps });
        self.layouts.put(id, laid.clone(), 1);
        Ok(laid)
    }

    /// The errors of a variant of what was saved last, if it was laid out and has some.
    fn known_faults(&self, version: &Arc<Version>, variant: &str) -> Option<Vec<TemplateFault>> {
        let now = self.now.as_ref().is_some_and(|now| Arc::ptr_eq(now, version));
        let faults = self.laid_out.get(variant).filter(|_| now)?;
        faults.iter().any(|fault| fault.severity == Severity::Error).then(|| faults.clone())
    }

    /// The facts of a variant.
    fn facts(&self, variant: &str) -> Option<&Facts> {
        self.variants.iter().find(|(id, _)| id == variant).map(|(_, facts)| facts)
    }

    /// A variant that was not laid out since the last save.
    pub(super) fn next_variant(&self) -> Option<String> {
        let waits = |id: &&String| !self.laid_out.contains_key(*id);
        let mut ids = self.variants.iter().map(|(id, _)| id);
        ids.find(waits).filter(|_| self.file_faults.is_empty()).cloned()
    }

    /// Holds the codes of one more variant of a mailer to the light, of those whose marks lie elsewhere. Returns whether there
    /// was one.
    pub(super) fn hold_to_light(&mut self) -> bool {
        let marks = |laid: &Laid| laid.sides().iter().map(|side| side.marks.clone()).collect::<Vec<_>>();
        let now = self.now.clone().filter(|now| now.kind() == PieceKind::Mailer);
        let good = self.variants.iter().filter_map(|(id, _)| Some((id, self.good.get(id)?)));
        let of_now = good.filter(|(_, laid)| now.as_ref().is_some_and(|now| Arc::ptr_eq(now, &laid.version)));
        let next = of_now.map(|(id, laid)| (id.clone(), laid.clone(), marks(laid)));
        let Some((id, laid, marks)) = next.into_iter().find(|(.., marks)| !self.measured.contains(marks))
        else {
            return false;
        };
        self.measured.push(marks);
        let version = &laid.version;
        let held = codes_through_light(&version.template, &laid.compiled, &version.setting, self.order.night);
        // A variant that can't show its own record has said so.
        self.shows_through.insert(id, held.unwrap_or_default());
        true
    }

    /// What is wrong in the variants that were laid out, each fault once.
    pub(super) fn template_faults(&self) -> Vec<TemplateFault> {
        // In the order of the variants, so that the same state reads the same.
        let of_variant = |(id, _): &(String, Facts)| {
            let found = [self.laid_out.get(id), self.shows_through.get(id)];
            found.into_iter().flatten().flatten().cloned().collect::<Vec<_>>()
        };
        settled(self.variants.iter().flat_map(of_variant).collect())
    }
}

/// A variant's identifier: the same for the same facts.
fn identifier(facts: &Facts) -> String {
    hexadecimal(&Sha256::digest(variant_name(facts))[..6])
}

/// A digest of a file, or why it can't be read.
fn digest(path: &Path) -> String {
    match foreign::read(path, MAX_COMPARED) {
        Ok(bytes) => hexadecimal(Sha256::digest(&bytes)),
        Err(error) => error.to_string(),
    }
}
