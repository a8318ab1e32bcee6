//! The beginning of a night: its records are taken in and planned as they come.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use super::Night;
use super::alerts::alerts_on_date;
use crate::approvals::Allowed;
use crate::failure::Failure;
use crate::files::private_folder;
use crate::ledger::{Finding, Ledger, ReleaseMark};
use crate::night::intake::{IntakeFile, IntakeSettings, RecordSources, StreamError, record_files, stream};
use crate::night::key_dates::{KeyDay, check_key_dates, check_key_of_records};
use crate::night::order::{NightOrder, Phase, Progress, during};
use crate::night::planning::{HoldRules, Plan, PlanningRules, RowToPlan};
use crate::night::production::StockCache;
use crate::night::recording::LedgerWriter;
use crate::night::release::NightOutput;
use crate::night::report::{Alert, Seconds};
use mail::piece::PieceKind;

/// How many batches of rows may wait to be planned.
const BATCHES_AHEAD: usize = 4;

impl<'a> Night<'a> {
    /// Takes in tonight's records and plans them as they come. Spools are created in the job's scratch folder. A snapshot of
    /// the ledger should be held meanwhile: it makes the many queries faster.
    ///
    /// # Errors
    /// Errors of sources, intake and planning.
    pub(in crate::night) fn plan(
        order: &'a NightOrder<'a>,
        output: &'a NightOutput,
        ledger: &Ledger,
        progress: &dyn Progress,
    ) -> Result<Night<'a>, Failure> {
        let started = Instant::now();
        let scratch = order.job.scratch();
        private_folder(&scratch)?;
        let sources =
            during(progress, Phase::Inbox, || record_files(order.job, order.night, order.only, ledger))?;
        let day = KeyDay { night: order.night, today: order.today };
        if sources.are_sealed() {
            check_key_of_records(order.job, day)?;
        }
        progress.begin(Phase::Intake, 0);
        let rules = PlanningRules {
            night: order.night,
            only: order.only,
            calendar: order.job.calendar(),
            cut_off: order.job.cut_off(),
            dispatch: order.job.dispatch(),
            language: order.job.language(),
            reissues: order.reissues()?,
            holds: HoldRules {
                mailers: order.job.holds_mailers_of_returned_letters(),
                after: order.job.hold_after(),
                on_hold: order.job.on_hold(),
            },
            letters: order.job.letter_order(),
        };
        let mut plan = Plan::begin(rules, ledger, &scratch)?;
        for file in &sources.untaken {
            tracing::warn!(code = file.code, "{}: {}", file.name, file.message);
            let finding =
                Finding { source_file: file.name.clone(), code: file.code.to_owned(), ..Finding::default() };
            plan.warn_of_file(finding.saying(&file.message, order.job.language()))?;
        }
        let files = take_in(order, &sources, &mut plan, ledger, progress)?;
        sources.check_taken(&files)?;
        for file in &files {
            tracing::info!(file = file.name, rows = file.rows, "read");
        }
        // Mailers are of records that earlier nights took in.
        let expected = order.only != Some(PieceKind::Mailer);
        if expected && sources.fresh.is_empty() && sources.known == 0 {
            let cards = order.job.input().cards.join(", ");
            tracing::warn!(code = "inbox_empty", "no record file in the inbox ({cards})");
        }
        progress.end();
        let intake = started.elapsed().as_secs_f64();
        during(progress, Phase::Planning, || plan.complete(ledger))?;
        let planning = started.elapsed().as_secs_f64() - intake;
        let seconds = Seconds { intake, planning, ..Seconds::default() };
        let mark = match ledger.stamp()? {
            Some(last) => last.mark.next(),
            None => {
                let digests = files.iter().map(|file| file.sha256.as_str());
                ReleaseMark::first(&order.night.to_string(), digests)
            }
        };
        let mut alerts = alerts_on_date(order, ledger)?;
        let kinds: Vec<PieceKind> =
            PieceKind::ALL.into_iter().filter(|kind| plan.pieces(*kind).next().is_some()).collect();
        alerts.extend(check_key_dates(order.job, day, &kinds, ledger.last_night()?.is_some())?);
        alerts.extend(plan.unused_releases().into_iter().map(|card| {
            let problem = format!(
                "card `{}` is listed for `--release-reissues`, and no record of tonight needs it",
                card.masked()
            );
            Alert::of("release_unused", problem)
        }));
        alerts.iter().for_each(|alert| tracing::warn!(code = alert.code, "{}", alert.message));
        let stock = Arc::new(StockCache::of(order.job));
        Ok(Night {
            order,
            output,
            sources,
            files,
            plan,
            seconds,
            merged: None,
            mark,
            alerts,
            stock,
            allowed: Allowed::default(),
        })
    }

    /// Starts the thread that writes this night into the ledger; `None` on a dry run.
    ///
    /// # Errors
    /// Ledger errors.
    pub(in crate::night) fn ledger_writer(&self, ledger: &Ledger) -> Result<Option<LedgerWriter>, Failure> {
        let NightOrder { job, night, dry_run, .. } = *self.order;
        let begin = || LedgerWriter::begin(ledger, night, job.calendar().mailer_due(night), &self.plan);
        (!dry_run).then(begin).transpose()
    }
}

/// Reads tonight's files on one thread while another plans what was read.
fn take_in(
    order: &NightOrder,
    sources: &RecordSources,
    plan: &mut Plan,
    ledger: &Ledger,
    progress: &dyn Progress,
) -> Result<Vec<IntakeFile>, Failure> {
    let settings = IntakeSettings::of_job(order.job, Some(order.night));
    let names: Vec<String> = sources.fresh.iter().map(|file| file.name().to_owned()).collect();
    std::thread::scope(|scope| {
        let (sender, batches) = sync_channel::<Vec<RowToPlan>>(BATCHES_AHEAD);
        let (sources, settings) = (&sources.fresh, &settings);
        let reader =
            scope.spawn(move || stream(sources, settings, &mut |batch| sender.send(RowToPlan::batch(batch))));
        let planned = batches.iter().try_for_each(|batch| {
            progress.advance(batch.len() as u64);
            plan.add(batch, &names, ledger)
        });
        // The reader stops once its channel is closed.
        drop(batches);
        let read = reader.join().map_err(|_| Failure::bug("the intake broke off"))?;
        planned?;
        read.map_err(|error| match error {
            StreamError::Intake(error) => error.into(),
            StreamError::Receiver(_) => Failure::bug("the plan broke off"),
        })
    })
}
