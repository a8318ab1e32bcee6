//! What a session itself remarks of a page, in both languages.

use mail::Language;

use super::super::remark::Remark;
use crate::ledger::State;

/// A barcode of a page states a reason that does not count.
pub(super) fn reason_that_does_not_count() -> Remark {
    Remark::new(
        "un code à barres y dit un motif qui ne compte pas\u{202F}: regardez-le",
        "a barcode on it states a reason that does not count: look at it",
    )
}

/// A piece whose print is graded, and which the ledger has in a state from which nothing comes back.
pub(super) fn graded_and_not_booked(state: State) -> Remark {
    Remark::of(
        format!(
            "noté et non enregistré\u{202F}: pour le registre il est «\u{A0}{}\u{A0}», et non parti",
            state.name(Language::French)
        ),
        format!("graded and not booked: the ledger has it as {state}, and not as sent"),
    )
}

/// Another picture confirms what the bars of this one read.
pub(super) fn another_picture_of_it() -> Remark {
    Remark::new(
        "les barres de deux images concordent\u{202F}; autre image du même retour",
        "the bars of two pictures agree; another picture of the same return",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::both_languages::assert_same;

    #[test]
    fn each_remark_has_both_languages() {
        for remark in
            [reason_that_does_not_count(), graded_and_not_booked(State::Released), another_picture_of_it()]
        {
            assert_same(remark.text(Language::English), remark.text(Language::French));
        }
    }
}
