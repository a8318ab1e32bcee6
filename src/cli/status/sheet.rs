//! The account of a lot as a table.

use crate::cli::names::marked;
use crate::ledger::{Account, Tally};

/// The account of a lot: a column for the lot, and one for each lot with reprints of its pieces.
pub(super) fn text(account: &Account) -> String {
    let Account { lot, kind, night, tally, reprints, balances, faults } = account;
    let again = reprints.iter().map(|reprint| (marked(&reprint.lot, kind), &reprint.tally));
    let columns: Vec<(String, &Tally)> = std::iter::once((marked(lot, kind), tally)).chain(again).collect();
    let line = |name: &str, cells: Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!("{cell:>10}")).collect();
        format!("{name:<20}{cells}")
    };
    let counts = |row: &dyn Fn(&Tally) -> (&'static str, u64)| {
        let name = row(tally).0;
        let any = columns.iter().any(|(_, tally)| row(tally).1 > 0);
        let cells = columns.iter().map(|(_, tally)| row(tally).1.to_string()).collect();
        any.then(|| line(name, cells))
    };
    let mut lines = vec![line(night, columns.iter().map(|(name, _)| name.clone()).collect())];
    lines.extend((0..tally.outcomes().len()).filter_map(|row| counts(&|tally| tally.outcomes()[row])));
    lines.push(line("pieces", columns.iter().map(|(_, tally)| tally.pieces.to_string()).collect()));
    let besides: Vec<String> =
        (0..tally.besides().len()).filter_map(|row| counts(&|tally| tally.besides()[row])).collect();
    if !besides.is_empty() {
        lines.push("of these".to_owned());
        lines.extend(besides);
    }
    lines.push(if *balances { "it balances".to_owned() } else { "it does not balance:".to_owned() });
    lines.extend(faults.iter().map(|fault| format!("    {fault}")));
    lines.join("\n")
}
