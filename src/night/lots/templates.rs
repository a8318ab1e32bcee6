//! The job's templates, laid out for the pieces of a night and set on the grid of its press.

use std::path::Path;

use super::Shop;
use crate::failure::{Failure, with_advice};
use crate::job::{Bureau, Imposition, Job};
use crate::night::Phase;
use crate::night::imposition::media;
use crate::night::planning::Plan;
use composition::{FACTS, PressFault, Stamper};
use mail::calendar::french_date;
use mail::inserter::Machine;
use mail::piece::PieceKind;
use print_file::Grid;
use template::{CompiledTemplate, Facts, Template};

impl Shop<'_> {
    /// Lays out the variants that tonight's pieces need.
    pub(super) fn compile(
        &self,
        template: &Path,
        kind: PieceKind,
        plan: &Plan,
    ) -> Result<CompiledTemplate, Failure> {
        let template = find_template(self.job(), template, kind)?;
        let named = |values: [&str; FACTS.len()]| -> Facts {
            FACTS.into_iter().zip(values).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let facts = plan.facts(kind).into_iter();
        let mut needed: Vec<Facts> = facts.map(|values| template.variant_of(&named(values))).collect();
        needed.sort();
        needed.dedup();
        self.watch.begin(Phase::Templates(kind), 0);
        let lot = self.job().sections.press.lot_sheets.then(|| self.facts_of_lot(&template));
        let bureau = facts_of_bureau(&self.job().sections.bureau);
        let compiled = template.compile_lot(&needed, &bureau, lot.as_ref())?;
        self.watch.end();
        Ok(compiled)
    }

    /// What the sheets at the ends of a lot say besides its numbers.
    fn facts_of_lot(&self, template: &Template) -> Facts {
        let manifest = template.manifest();
        [
            ("kind", manifest.kind.code().to_owned()),
            ("night", french_date(self.order.night)),
            ("template", manifest.title.clone()),
            ("media", media(&self.job().sections.press, manifest).to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    pub(super) fn stamper<'t>(
        &self,
        template: &'t CompiledTemplate,
        machine: &Machine,
    ) -> Result<Stamper<'t>, Failure> {
        let press = &self.job().sections.press;
        let grid = Grid::new(press.dpi);
        let mut stamper = Stamper::for_machine(template, grid, press.bar_width_reduction, machine.clone())
            .map_err(|fault| misfit(template, &fault))?;
        if press.imposition == Imposition::TwoUp {
            stamper.impose();
        }
        Ok(stamper)
    }
}

/// The failure of a template that the job's press or inserter can't print.
pub(in crate::night) fn misfit(template: &CompiledTemplate, fault: &PressFault) -> Failure {
    Failure::Usage(format!("template `{}`: {}", template.name, with_advice(fault, fault.advice())))
}

/// A template of the job, of the kind it is named for.
///
/// # Errors
/// No such template, or one of the other kind.
pub(in crate::night) fn find_template(
    job: &Job,
    template: &Path,
    kind: PieceKind,
) -> Result<Template, Failure> {
    let template = Template::find(&job.template(template))?;
    match template.manifest().kind {
        found if found == kind => Ok(template),
        found => {
            Err(Failure::Usage(format!("the job's {kind} template makes a {found}; correct the job file")))
        }
    }
}

/// What pieces say about the sender, as templates get it.
pub(in crate::night) fn facts_of_bureau(bureau: &Bureau) -> Facts {
    [
        ("bureau-name", bureau.name.clone()),
        ("bureau-return-address", bureau.return_address.join("\n")),
        ("bureau-office-address", bureau.office_address.join("\n")),
        ("bureau-phone", bureau.phone.clone()),
        ("bureau-phone-overseas", bureau.phone_overseas.clone()),
        ("bureau-website", bureau.website.clone()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
