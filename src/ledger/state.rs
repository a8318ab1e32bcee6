//! The states of a piece and what may follow what.

use std::fmt;

use mail::Language;
use serde::Serialize;

/// Where a piece is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Its record is taken in, and it waits for its night.
    Planned,
    /// It stands in the print file of a lot whose files are not in place yet.
    Composed,
    /// Its print file is in place for the press.
    Released,
    /// The inserter put it into its envelope.
    Inserted,
    /// A person put it into its envelope.
    InsertedByHand,
    /// The camera did not see it.
    Missing,
    /// It was damaged after printing.
    Spoiled,
    /// A later attempt takes its place.
    Reprinted,
    /// It is pulled before it leaves.
    Recalled,
    /// It left with its lot.
    Dispatched,
    /// It came back.
    Returned,
    /// It was destroyed before witnesses.
    Destroyed,
    /// Its card is lost.
    CardLost,
    /// Its card is damaged.
    CardSpoiled,
    /// Its codes may have been seen.
    CodesCompromised,
}

use State::*;

/// What may follow each state. A piece that is not listed as a follower can't be moved there.
pub(crate) const TRANSITIONS: [(State, &[State]); 15] = [
    (Planned, &[Composed]),
    (Composed, &[Released]),
    (
        Released,
        &[
            Inserted,
            InsertedByHand,
            Missing,
            Spoiled,
            Recalled,
            Dispatched,
            Returned,
            CardLost,
            CardSpoiled,
            CodesCompromised,
        ],
    ),
    (
        Inserted,
        &[
            InsertedByHand,
            Missing,
            Spoiled,
            Recalled,
            Dispatched,
            Returned,
            CardLost,
            CardSpoiled,
            CodesCompromised,
        ],
    ),
    (
        InsertedByHand,
        &[Missing, Spoiled, Recalled, Dispatched, Returned, CardLost, CardSpoiled, CodesCompromised],
    ),
    (
        Missing,
        &[
            Inserted,
            InsertedByHand,
            Spoiled,
            Reprinted,
            Recalled,
            Returned,
            CardLost,
            CardSpoiled,
            CodesCompromised,
        ],
    ),
    (Spoiled, &[Reprinted, Recalled, Returned, Destroyed, CardLost, CardSpoiled, CodesCompromised]),
    (Reprinted, &[Returned, Destroyed, CodesCompromised]),
    (Recalled, &[Reprinted, Returned, Destroyed, CardLost, CardSpoiled, CodesCompromised]),
    (Dispatched, &[Returned, CardLost, CodesCompromised]),
    (Returned, &[Destroyed, CardLost, CardSpoiled, CodesCompromised]),
    (Destroyed, &[]),
    (CardLost, &[Reprinted, Returned, Destroyed]),
    (CardSpoiled, &[Reprinted, Returned, Destroyed]),
    (CodesCompromised, &[Reprinted, Returned, Destroyed]),
];

impl State {
    /// Every state, in the order of a piece's life.
    pub(crate) fn all() -> impl Iterator<Item = State> {
        TRANSITIONS.iter().map(|(state, _)| *state)
    }

    /// The states that may follow.
    pub(crate) fn followers(self) -> &'static [State] {
        TRANSITIONS.iter().find(|(state, _)| *state == self).map_or(&[], |(_, followers)| followers)
    }

    /// Whether a state may follow.
    pub(crate) fn allows(self, next: State) -> bool {
        self.followers().contains(&next)
    }

    /// Whether a piece in this state may get its earlier state back: a return that was booked in error is undone.
    pub(crate) fn may_be_undone_to(self, before: State) -> bool {
        self == Returned && before.allows(Returned)
    }

    /// The state's code, as the ledger and JSON have it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Planned => "planned",
            Composed => "composed",
            Released => "released",
            Inserted => "inserted",
            InsertedByHand => "inserted_by_hand",
            Missing => "missing",
            Spoiled => "spoiled",
            Reprinted => "reprinted",
            Recalled => "recalled",
            Dispatched => "dispatched",
            Returned => "returned",
            Destroyed => "destroyed",
            CardLost => "card_lost",
            CardSpoiled => "card_spoiled",
            CodesCompromised => "codes_compromised",
        }
    }

    /// Whether a piece in this state is in hand, or may be found, and has not left.
    pub(crate) fn may_leave(self) -> bool {
        matches!(self, Released | Inserted | InsertedByHand | Missing)
    }

    /// Whether a letter in this state is not at its holder's and does not leave as things stand, so that nothing may follow it.
    fn keeps_back(self) -> bool {
        matches!(
            self,
            Missing | Spoiled | Reprinted | Recalled | Returned | Destroyed | CardLost | CardSpoiled
        )
    }

    /// Whether a letter in this state keeps its card's mailer back. One that came back does where `returned_hold` says so, unless a
    /// person has `let_go` the mailer.
    pub(crate) fn keeps_back_mailers(self, returned_hold: bool, let_go: bool) -> bool {
        match self {
            Returned => returned_hold && !let_go,
            Destroyed => !let_go,
            state => state.keeps_back(),
        }
    }

    /// What the state means, for its table in the documents.
    #[cfg(test)]
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Planned => "its record is taken in, and it waits for its night",
            Composed => "it stands in the print file of a lot whose files are not in place yet",
            Released => "its print file is in place for the press",
            Inserted => "the inserter put it into its envelope",
            InsertedByHand => "a person put it into its envelope",
            Missing => "the camera did not see it",
            Spoiled => "it was damaged after printing",
            Reprinted => "a later attempt takes its place",
            Recalled => "it is pulled before it leaves",
            Dispatched => "it left with its lot",
            Returned => "it came back",
            Destroyed => "it was destroyed before witnesses",
            CardLost => "its card is lost",
            CardSpoiled => "its card is damaged",
            CodesCompromised => "its codes may have been seen",
        }
    }

    /// Its name, as sheets and messages say it.
    pub(crate) fn name(self, language: Language) -> &'static str {
        let (french, english) = match self {
            State::Planned => ("prévu", "planned"),
            State::Composed => ("composé", "composed"),
            State::Released => ("à la presse", "at the press"),
            State::Inserted => ("sous pli", "inserted"),
            State::InsertedByHand => ("mis à la main", "inserted by hand"),
            State::Missing => ("manquant", "missing"),
            State::Spoiled => ("gâché", "spoiled"),
            State::Reprinted => ("réimprimé", "reprinted"),
            State::Recalled => ("rappelé", "recalled"),
            State::Dispatched => ("parti", "dispatched"),
            State::Returned => ("revenu", "returned"),
            State::Destroyed => ("détruit", "destroyed"),
            State::CardLost => ("carte perdue", "card lost"),
            State::CardSpoiled => ("carte gâchée", "card spoiled"),
            State::CodesCompromised => ("codes compromis", "codes compromised"),
        };
        language.of(french, english)
    }

    /// The state of a code; `None` where there is none.
    pub(crate) fn parse(code: &str) -> Option<State> {
        State::all().find(|state| state.code() == code)
    }

    /// The table of the documents: each state, its meaning and what may follow.
    #[cfg(test)]
    pub(crate) fn table() -> String {
        let mut table = String::from("| state | a piece of which | may become |\n|---|---|---|\n");
        for state in State::all() {
            let followers: Vec<String> =
                state.followers().iter().map(|next| format!("`{}`", next.code())).collect();
            let followers = if followers.is_empty() { "–".to_owned() } else { followers.join(", ") };
            table.push_str(&format!("| `{}` | {} | {followers} |\n", state.code(), state.meaning()));
        }
        table
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code().replace('_', " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back_and_match_json() {
        for state in State::all() {
            assert_eq!(State::parse(state.code()), Some(state));
            let json = serde_json::to_string(&state).expect("JSON");
            assert_eq!(json, format!("\"{}\"", state.code()));
        }
        assert_eq!(State::parse("lost"), None);
    }

    #[test]
    fn every_state_but_the_first_is_reached_and_destroyed_is_the_end() {
        for state in State::all().filter(|state| *state != State::Planned) {
            assert!(State::all().any(|before| before.allows(state)), "{state}");
        }
        assert!(State::Destroyed.followers().is_empty());
        assert!(State::all().all(|state| !state.allows(state)), "no state follows itself");
    }

    #[test]
    fn the_documents_have_the_table_of_the_code() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/states.md");
        let document = fs_err::read_to_string(file).expect("docs/states.md");
        assert!(document.contains(&State::table()), "write into docs/states.md:\n{}", State::table());
    }
}
