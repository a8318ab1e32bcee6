//! The job's templates, laid out for the pieces of a night and prepared for its press.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Production, StockCache};
use crate::failure::Failure;
use crate::job::{Bundle, BundleArea, Imposition, Job, Press};
use crate::kept::KeptTemplate;
use crate::night::lot::media;
use crate::night::order::{NightOrder, Phase, Progress};
use crate::night::printing::press_profile;
use composition::{FACTS, PressFault, Stamper};
use jiff::civil::Date;
use mail::inserter::Machine;
use mail::piece::PieceKind;
use print_file::Grid;
use template::{CompiledTemplate, Facts, Template};

impl Production<'_> {
    /// Lays out the variants of the job's template that pieces with these facts need.
    pub(super) fn compile(
        &self,
        kind: PieceKind,
        facts: BTreeSet<[&str; FACTS.len()]>,
    ) -> Result<CompiledTemplate, Failure> {
        self.lay_out(&find_template(self.job(), kind, self.order.night)?, facts)
    }

    /// Lays out the variants of a template that pieces with these facts need.
    pub(super) fn lay_out(
        &self,
        template: &Template,
        facts: BTreeSet<[&str; FACTS.len()]>,
    ) -> Result<CompiledTemplate, Failure> {
        let (bureau, bundle) = (self.job().bureau().facts(), self.job().bundle(template.manifest().kind));
        lay_out(self.order, self.progress, self.stock, template, &bureau, facts, bundle)
    }

    /// Prepares a template for the job's press and inserter.
    pub(super) fn stamper<'t>(&self, template: &'t CompiledTemplate) -> Result<Stamper<'t>, Failure> {
        stamper(template, self.job().press(), self.job().machine(template.manifest.kind).clone())
    }
}

/// Lays out the variants of a template that pieces with these facts need, and the sheets of the lot where the job has them.
/// `bureau` is what pieces say about the sender, `bundle` where the lot is broken into bundles. What `stock` has is not laid out again.
///
/// # Errors
/// Template errors.
pub(in crate::night) fn lay_out(
    order: &NightOrder,
    progress: &dyn Progress,
    stock: &StockCache,
    template: &Template,
    bureau: &Facts,
    facts: BTreeSet<[&str; FACTS.len()]>,
    bundle: Option<Bundle>,
) -> Result<CompiledTemplate, Failure> {
    let named = |values: [&str; FACTS.len()]| -> Facts {
        FACTS.into_iter().zip(values).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let mut needed: Vec<Facts> =
        facts.into_iter().map(|values| template.variant_of(&named(values))).collect();
    needed.sort();
    needed.dedup();
    progress.begin(Phase::Templates(template.manifest().kind), 0);
    let lot = order.job.press().lot_sheets.then(|| lot_facts(order, template, bundle));
    let compiled = stock.compiled(template.order(&needed, bureau, lot.as_ref()))?;
    progress.end();
    Ok(compiled)
}

/// The facts of a lot on its header and trailer sheets, without its numbers.
fn lot_facts(order: &NightOrder, template: &Template, bundle: Option<Bundle>) -> Facts {
    let (manifest, language) = (template.manifest(), order.job.language());
    let bundles = match bundle {
        None => String::new(),
        Some(Bundle::Pieces(pieces)) => {
            language.of(format!("de {pieces} plis"), format!("of {pieces} pieces"))
        }
        Some(Bundle::By(BundleArea::Departement)) => {
            language.of("par département", "by département").to_owned()
        }
    };
    [
        ("kind", manifest.kind.code().to_owned()),
        ("language", language.code().to_owned()),
        ("night", language.date(order.night)),
        ("template", manifest.title.clone()),
        ("media", media(order.job.press(), manifest).to_owned()),
        ("bundles", bundles),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// Prepares a template for a press and an inserter.
///
/// # Errors
/// Those of the press: a mark that it can't print, or that the inserter can't read.
pub(in crate::night) fn stamper<'t>(
    template: &'t CompiledTemplate,
    press: &Press,
    machine: Machine,
) -> Result<Stamper<'t>, Failure> {
    let grid = Grid::new(press.dpi);
    let mut stamper = Stamper::for_machine(template, grid, press.bar_width_reduction, machine)
        .map_err(|fault| press_mismatch(&template.name, &fault))?;
    if press.imposition == Imposition::TwoUp {
        stamper.impose();
    }
    Ok(stamper)
}

/// Refuses a template whose pieces are heavier than the last weight class that the job names.
///
/// # Errors
/// `postage_class`.
pub(in crate::night) fn refuse_heavy_pieces(job: &Job, template: &CompiledTemplate) -> Result<(), Failure> {
    let sides = template.variants.iter().map(|variant| variant.sides.len()).max().unwrap_or(1);
    let grams = template.manifest.grams(sides.div_ceil(2) as u32);
    let Some(last) = job.postage().exceeded_by(grams) else { return Ok(()) };
    let problem = format!(
        "a piece of template `{}` weighs {grams:.1} g, and the last weight class of the job is {last} g",
        template.name
    );
    let advice = format!(
        "add a class of {} g or more to `postage.classes`, or correct `grammage`, `enclosed_g` and `envelope_g` in the template's template.toml",
        grams.ceil()
    );
    Err(Failure::usage("postage_class", problem).in_file(job.file.display()).with_advice(advice))
}

/// What is kept of a job's template once its pieces are released.
///
/// # Errors
/// `output_intent`: the press's profile can't be read.
pub(crate) fn kept_template(job: &Job, template: &Template) -> Result<Arc<KeptTemplate>, Failure> {
    Ok(Arc::new(KeptTemplate::of(job, template, press_profile(job)?)?))
}

/// The job's template of a kind on a night.
///
/// # Errors
/// Template errors; `template_kind`: the template makes pieces of the other kind; `template_not_yet`: the night is before the
/// first template's day.
pub(crate) fn find_template(job: &Job, kind: PieceKind, night: Date) -> Result<Template, Failure> {
    let path = job.template(kind, night).ok_or_else(|| no_template_yet(job, kind, night))?;
    let template = Template::find(&path)?;
    match template.manifest().kind {
        found if found == kind => Ok(template),
        found => {
            let problem = format!("the job's {kind} template makes a {found}");
            Err(Failure::usage("template_kind", problem)
                .in_file(job.file.display())
                .with_advice("correct the job file"))
        }
    }
}

fn no_template_yet(job: &Job, kind: PieceKind, night: Date) -> Failure {
    let first = job.first_day_of_template(kind).map(|day| day.to_string()).unwrap_or_default();
    let problem = format!("the job has a {kind} template from {first} on, and this night is of {night}");
    let advice = format!(
        "name the template of the nights before in `{}.template`, without `from`, as the first of the list",
        kind.folder()
    );
    Failure::usage("template_not_yet", problem).in_file(job.file.display()).with_advice(advice)
}

/// A template that the press or the inserter of the job can't print.
pub(crate) fn press_mismatch(template: &str, fault: &PressFault) -> Failure {
    let advice = fault.advice().unwrap_or("change the template, or `press` and `inserter` in the job");
    Failure::usage(fault.code(), format!("template `{template}`: {fault}")).with_advice(advice)
}
