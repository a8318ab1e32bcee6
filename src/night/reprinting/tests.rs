//! Mailers are printed again for the press that was approved, and no other.

use jiff::civil::date;

use super::*;
use crate::approvals::{Asking, press_keys};
use crate::job::Job;
use crate::ledger::Author;
use crate::night::order::{NoProgress, Prove};
use crate::night::production::recipients_of_mailers;
use crate::night::run;
use crate::sample::{SampleOrder, make};

#[test]
fn mailers_are_printed_again_only_for_the_keys_that_were_approved() {
    let folder = tempfile::tempdir().unwrap();
    make(&SampleOrder { count: 60, seed: 7, bad_percent: 0.0, out: folder.path(), unsealed: false }).unwrap();
    let job = Job::load(folder.path()).unwrap();
    let night = |kind, day| {
        run(&NightOrder { prove: Prove::None, only: Some(kind), ..NightOrder::new(&job, day) }, &NoProgress)
    };
    night(PieceKind::Letter, date(2026, 11, 20)).unwrap();
    let report = night(PieceKind::Mailer, date(2026, 11, 23)).unwrap();
    let lot = report.lots.iter().find(|lot| lot.kind == "mailer").unwrap();
    let order = ReprintOrder {
        job: &job,
        day: date(2026, 11, 23),
        pieces: vec![lot.first_piece.clone()],
        reason: "torn",
        card_in_hand: false,
        destroyed: Some(Destruction { by: "A. Martin".to_owned(), witness: "B. Petit".to_owned() }),
        author: Author::of_process(),
        prove: Prove::None,
        asking: Asking::default(),
    };
    let ledger = resumed_ledger(&job, &order.asking).unwrap();
    let decisions = decision::decide(&order, &ledger).unwrap();
    let output = NightOutput::of(&job, order.day).unwrap();
    let mark = ledger.stamp().unwrap().unwrap().mark.next();
    let printed = |allowed: &Allowed| {
        output.fresh_staging().unwrap();
        let stock = StockCache::of(&job);
        print(&order, &ledger, &output, &mark, (&stock, allowed), &decisions.print, &NoProgress)
    };
    let press: crate::approvals::Used = press_keys(recipients_of_mailers(&job).unwrap().as_ref()).collect();
    assert_eq!(printed(&Allowed::only(press)).unwrap().len(), 1);
    // They were approved for another key, and this one lies in its place.
    let other = [("press key 0011223344556677".to_owned(), "00".repeat(32))];
    let refused = printed(&Allowed::only(other.into())).err().unwrap();
    assert_eq!(refused.code(), "approved_changed", "{refused}");
}
