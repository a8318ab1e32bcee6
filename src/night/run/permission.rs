//! The permission to run: what a job's approvers must have approved before a night is printed.

use super::Night;
use crate::approvals::{self, Act, Allowed, Asking, Subject, Used};
use crate::failure::{Failure, agreeing, counted};
use crate::job::Job;
use crate::ledger::Ledger;
use crate::night::order::Prove;
use crate::night::production::{find_template, recipients_of_mailers};
use crate::night::release::CutMailers;
use crate::vault::describe;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mail::piece::PieceKind;
use mail::reason::Reason;

impl Night<'_> {
    /// Whether this night may be printed: its templates and keys are known in production, and it sends codes again to no more
    /// cards than the job allows. A rehearsal asks for nothing, and so uses only what production knows.
    ///
    /// # Errors
    /// `approval_needed`: two persons must approve first; those of [`approvals::pass`], of templates and of keys.
    pub(in crate::night) fn permitted(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let job = self.order.job;
        if !job.lists_approvers() {
            return Ok(());
        }
        if self.order.dry_run {
            return self.known_only(ledger);
        }
        let used = self.used()?;
        let subjects = [approvals::first_use(job, ledger, &used)?, self.many_reissues(ledger)?];
        approvals::pass(job, ledger, &self.order.asking, subjects.into_iter().flatten().collect())?;
        approvals::note_use(job, ledger, &used)?;
        self.allowed = Allowed::only(used);
        Ok(())
    }

    /// Refuses templates and keys that production has not used. What asks for no approval, a share or a rehearsal, still
    /// signs letters and seals codes.
    ///
    /// # Errors
    /// `approval_needed`: there is such a template or key; those of templates, of keys and of the ledger.
    pub(in crate::night) fn known_only(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let job = self.order.job;
        if !job.lists_approvers() {
            return Ok(());
        }
        let used = self.used()?;
        let Some(subject) = approvals::first_use(job, ledger, &used)? else {
            self.allowed = Allowed::only(used);
            return Ok(());
        };
        let unknown: Vec<&str> = subject.hashes.keys().map(String::as_str).collect();
        let problem = format!(
            "a share or a rehearsal uses only what production knows, and not yet: {}",
            unknown.join(", ")
        );
        Err(Failure::refused("approval_needed", problem).with_advice(
            "run the night whole, without `--shard` and `--dry-run`: that asks for the approval, and prints once it is given",
        ))
    }

    /// The templates and keys with which tonight's pieces are printed.
    fn used(&self) -> Result<Used, Failure> {
        let (job, mut used) = (self.order.job, Used::new());
        for kind in PieceKind::ALL {
            if self.plan.pieces(kind).next().is_none() {
                continue;
            }
            let template = find_template(job, kind, self.order.night)?;
            used.extend([approvals::template(kind, template.version())]);
            match kind {
                PieceKind::Letter => used.extend([approvals::signing_key(&describe(&job.letters().key)?)]),
                PieceKind::Mailer => {
                    used.extend(approvals::press_keys(recipients_of_mailers(job)?.as_ref()));
                    used.extend(certifying_key(job, self.order.prove));
                }
            }
        }
        Ok(used)
    }

    /// The request to send codes again to more cards than the job allows in a night, or on a day of the clock, whatever nights are
    /// run on it; `None` where there are fewer.
    fn many_reissues(&self, ledger: &Ledger) -> Result<Option<Subject>, Failure> {
        let (plan, night) = (&self.plan, self.order.night);
        let again = plan.pieces(PieceKind::Mailer).map(|index| plan.entry(index));
        let again = again.filter(|entry| plan.reason(entry) == Reason::CodesReissue.code());
        // A record by its file and line: the card's number is nobody's to read here.
        let records: Vec<String> =
            again.map(|entry| format!("{}:{}", plan.source_file(entry), entry.line)).collect();
        let limit = self.order.job.approvals().codes_reissues;
        let today = self.order.asking.now.map(|now| now.to_zoned(TimeZone::system()));
        let since = today.and_then(|today| Some(today.start_of_day().ok()?.timestamp()));
        let since = since.unwrap_or(Timestamp::MAX).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let before = ledger.reissues(night, &since)?;
        let number = records.len() as u64 + before;
        if records.is_empty() || number <= u64::from(limit) {
            return Ok(None);
        }
        let details = [
            ("night", night.to_string()),
            ("codes sent again on this night or day", number.to_string()),
            ("without approval at most", limit.to_string()),
        ];
        let subject = Subject::new(Act::ManyReissues, records, details);
        let files = self.files.iter();
        Ok(Some(
            files.fold(subject, |subject, file| subject.under(format!("file {}", file.name), &file.sha256)),
        ))
    }
}

/// The key that signs the certificate of mailers, by name and hash; `None` where they leave without one, as nothing is proved or
/// the key can't be used.
pub(in crate::night) fn certifying_key(job: &Job, prove: Prove) -> Option<(String, String)> {
    match prove {
        Prove::None => None,
        Prove::Sample | Prove::All => describe(&job.letters().key).ok().as_ref().map(approvals::signing_key),
    }
}

/// Lets a run go on that was cut while it printed mailers, once two persons approved. What was staged of them is removed, and
/// printed anew.
///
/// # Errors
/// `approval_needed`; those of [`approvals::pass`]; I/O and ledger errors.
pub(super) fn permit_resuming(job: &Job, ledger: &Ledger, asking: &Asking) -> Result<(), Failure> {
    let cut = cut_mailers(job, ledger)?;
    if cut.is_empty() {
        return Ok(());
    }
    let staged = cut.staged.iter().map(|(night, name, hash)| format!("staged {night} {name} {hash}"));
    let releasing = cut.releasing.iter().map(|(path, hash)| format!("released {path} {hash}"));
    let subject = Subject::new(Act::ResumeMailers, staged.chain(releasing).collect(), []);
    approvals::pass(job, ledger, asking, vec![subject])?;
    cut.clear(job)
}

/// Refuses a share while mailers lie there that a run or another attempt at a share was cut over: printing them anew takes an
/// approval, and a share asks for none.
///
/// # Errors
/// `approval_needed`; I/O and ledger errors.
pub(in crate::night) fn refuse_cut_mailers(job: &Job, ledger: &Ledger, night: Date) -> Result<(), Failure> {
    let cut = cut_mailers(job, ledger)?;
    if cut.is_empty() {
        return Ok(());
    }
    let files = cut.staged.len() + cut.releasing.len();
    let problem = format!(
        "a run or a share was cut while it printed mailers, and {} of theirs {} there still",
        counted(files, "file"),
        agreeing(files, "lies", "lie")
    );
    let job = job.file.display();
    Err(Failure::refused("approval_needed", problem).with_advice(format!(
        "run `pli merge {job} --date {night}`, which asks for the approval to go on; repeat it once it is approved, then make the missing shares with this command"
    )))
}

/// What a run left that was cut while it printed mailers; nothing where the job lists nobody who approves.
///
/// # Errors
/// I/O and ledger errors.
pub(super) fn cut_mailers(job: &Job, ledger: &Ledger) -> Result<CutMailers, Failure> {
    match job.lists_approvers() {
        true => CutMailers::find(job, ledger),
        false => Ok(CutMailers::default()),
    }
}
