//! The child's side: codes files are opened, mailers composed, proved and sealed.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use composition::PieceNumbers;
use mail::Language;
use mail::piece::PieceKind;

use super::again::{codes_of, print_again};
use super::link::Link;
use super::message::{LotOrder, MadeLot, NightTask, Report, StageOrder, Task};
use super::source::Mailers;
use crate::approvals::{self, Allowed};
use crate::failure::Failure;
use crate::job::{Job, KeyLocation};
use crate::ledger::Finding;
use crate::night::intake::codes_of_night;
use crate::night::lot::{Lot, LotNumbers, SheetLayout, refuse_light_paper};
use crate::night::order::{NightOrder, Phase, Shard, during};
use crate::night::printing::output_intent;
use crate::night::production::{
    KindOrder, LotOutput, MAKING_CODES_KEY, Production, StockCache, not_composed, recipients_of_mailers,
    refuse_heavy_pieces,
};
use crate::vault::{
    CodesFault, CodesOfNight, MailerComposer, MailerOrder, describe, end_with_parent, keep_to_itself,
};

/// Does the mailer stage's tasks for the parent of this process, which speaks to it over a socket, until that asks for no more. Keeps this process's memory to itself first.
///
/// # Errors
/// I/O errors: the system does not let a process keep its memory to itself. All other failures are told to the parent.
pub(crate) fn make_mailers(job: &Path) -> Result<(), Failure> {
    end_with_parent()?;
    keep_to_itself()?;
    // What a panic says could quote what it stumbled over.
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(location) => tracing::debug!("the mailer stage broke off at {location}"),
        None => tracing::debug!("the mailer stage broke off"),
    }));
    let job = Job::load(job).map_err(Failure::from);
    let parent = foreign::parent()?;
    let link = Link::new(parent.try_clone()?, parent);
    serve(job.as_ref().map_err(Clone::clone), &link);
    Ok(())
}

/// Does the tasks that come, until there are no more.
pub(super) fn serve(job: Result<&Job, Failure>, link: &Link) {
    let mut codes = None;
    // A run that has gone asks for nothing more.
    while let Ok(Some(order)) = link.order() {
        let task = || -> Result<Option<MadeLot>, Failure> {
            let order: StageOrder = serde_json::from_slice(&order)
                .map_err(|_| Failure::bug("the mailer stage can't read its order"))?;
            let job = job.clone()?;
            do_task(job, order, link, &mut codes)
        };
        let done = catch_unwind(AssertUnwindSafe(task))
            .unwrap_or_else(|_| Err(Failure::bug("the making of the mailers broke off")));
        let report = match done {
            Ok(made) => Report::Made(made.map(Box::new)),
            Err(failure) => Report::Failed(failure),
        };
        if link.tell(&report).is_err() {
            return;
        }
    }
}

/// Does one task. `codes` are those that an earlier task has opened.
fn do_task(
    job: &Job,
    order: StageOrder,
    link: &Link,
    codes: &mut Option<CodesOfNight>,
) -> Result<Option<MadeLot>, Failure> {
    if order.job != job.digest() {
        let problem = "the job file was changed while the mailers were made; nothing was released";
        return Err(Failure::midway("job_changed", problem)
            .in_file(job.file.display())
            .with_advice("run the same command again"));
    }
    let night =
        NightOrder { prove: order.prove, only: Some(PieceKind::Mailer), ..NightOrder::new(job, order.night) };
    let stock = StockCache::of(job);
    let made = match order.task {
        Task::Identities => {
            let identities = KeyLocation::File(job.mailers().codes_identity);
            describe(&identities).map_err(|error| error.in_job(MAKING_CODES_KEY, order.begun))?;
            Ok(None)
        }
        Task::Night(task) => of_night(&night, (order.begun, &order.allowed), &task, link, &stock),
        Task::Look => {
            let identities = KeyLocation::File(job.mailers().codes_identity);
            describe(&identities).map_err(|error| error.in_job(MAKING_CODES_KEY, order.begun))?;
            let opened = codes_of_night(job, order.night)?;
            link.tell(&Report::Warnings(findings(&opened, job.language())))?;
            link.tell(&Report::Opened(opened.files().collect()))?;
            Ok(None)
        }
        Task::Codes(pieces) => {
            *codes = Some(during(link, Phase::Codes, || codes_of(job, order.night, &pieces))?);
            Ok(None)
        }
        Task::Again(task) => {
            let codes = codes.as_ref().ok_or_else(|| Failure::bug("the codes files are not open"))?;
            print_again(&night, &order.allowed, task, codes, link, &stock).map(Some)
        }
    };
    link.tell(&Report::Alerts(stock.alerts()))?;
    made
}

/// The lot of an order, as production takes it.
struct OrderedLot<'t> {
    lots: [LotNumbers; 1],
    shard: Option<Shard>,
    order: &'t LotOrder,
}

impl OrderedLot<'_> {
    fn of(order: &LotOrder) -> Result<OrderedLot<'_>, Failure> {
        Ok(OrderedLot { lots: [order.numbers()?], shard: order.shard()?, order })
    }

    fn output(&self) -> LotOutput<'_> {
        let LotOrder { staging, mark, .. } = self.order;
        LotOutput { staging, lots: &self.lots, shard: self.shard, mark, salts: None }
    }
}

/// Checks the mailers of a night, and prints them where the night has a lot. `begun`: the ledger has released a night.
fn of_night(
    order: &NightOrder,
    (begun, allowed): (bool, &Allowed),
    task: &NightTask,
    link: &Link,
    stock: &StockCache,
) -> Result<Option<MadeLot>, Failure> {
    let lot = task.lot.as_ref().map(OrderedLot::of).transpose()?;
    let output = lot.as_ref().map(OrderedLot::output);
    let production = Production { order, progress: link, stock, begun, allowed, output };
    production.make_mailers(task, link).map(|lot| lot.map(MadeLot::of))
}

impl Production<'_> {
    /// Checks a night's mailers and prints them. Returns `None` where nothing is printed.
    fn make_mailers(&self, task: &NightTask, link: &Link) -> Result<Option<Lot>, Failure> {
        let kind = PieceKind::Mailer;
        let seal_to = recipients_of_mailers(self.job())?;
        self.allowed.check(approvals::press_keys(seal_to.as_ref()))?;
        let intent = output_intent(self.job())?;
        let found = self.find_template(kind)?;
        let facts = task.facts.iter().map(|facts| facts.each_ref().map(String::as_str)).collect();
        let template = self.lay_out(&found, facts)?;
        refuse_heavy_pieces(self.job(), &template)?;
        let stamper = self.stamper(&template)?;
        let layout = SheetLayout::of(self.job().press(), &template)?;
        refuse_light_paper(self.job(), &template.name, &template.manifest)?;
        let key = self.mailer_key()?;
        let codes = during(link, Phase::Codes, || self.codes(link))?;
        link.tell(&Report::Order(key.to_hexadecimal()))?;
        let composer = MailerComposer::new(&stamper, self.order.night, key.pattern());
        let order = KindOrder {
            kind,
            stamper: &stamper,
            seal_to: seal_to.as_ref(),
            proof_key: None,
            key: None,
            block_map: None,
            codes: Some(&codes),
            compose: &|piece, checked| {
                let tracking_id = piece.tracking.map(|id| id.to_string()).unwrap_or_default();
                let position = self.position(kind, piece.sequence);
                let numbers = PieceNumbers { piece_id: &piece.piece_id, tracking_id: &tracking_id, position };
                composer.compose(checked, &numbers).map_err(|faults| not_composed(piece, &faults))
            },
            intent,
            layout,
            kept: None,
        };
        let mut mailers =
            Mailers { link, composer: &composer, codes: &codes, asked: false, ahead: VecDeque::new() };
        self.make(&order, &mut mailers, task.due)
    }

    /// The key of the order and of the patterns of tonight's mailers.
    ///
    /// # Errors
    /// The codes identities can't be used.
    fn mailer_key(&self) -> Result<MailerOrder, Failure> {
        let identities = self.job().mailers().codes_identity;
        let order = MailerOrder::of(&identities, self.order.night);
        order.map_err(|error| error.in_job(MAKING_CODES_KEY, self.begun))
    }

    /// Opens the codes of the night, and tells what a person should know of their files.
    fn codes(&self, link: &Link) -> Result<CodesOfNight, Failure> {
        let codes = codes_of_night(self.job(), self.order.night)?;
        link.tell(&Report::Warnings(findings(&codes, self.job().language())))?;
        Ok(codes)
    }
}

/// What a person should know of codes files. Names no card and no code.
fn findings(codes: &CodesOfNight, language: Language) -> Vec<Finding> {
    let finding = |CodesFault { file, line, field, code, message }: &CodesFault| {
        let finding = Finding {
            source_file: file.clone(),
            line: *line,
            field: (*field).to_owned(),
            code: (*code).to_owned(),
            ..Finding::default()
        };
        finding.saying(message, language)
    };
    codes.warnings().map(finding).collect()
}
