//! How much a reader may do: a time budget, what is known beforehand, and the step of the ladder that answered.
//!
//! Readers ask [`Effort::is_spent`] between their steps and inside every loop that a picture can lengthen. A reader whose
//! effort is spent returns what it has.

use std::time::{Duration, Instant};

use crate::picture::Region;

/// The time that readers may take for a picture, and where a symbol is expected.
///
/// ```
/// use std::time::Duration;
/// use symbols::Effort;
///
/// let effort = Effort::within(Duration::from_millis(800));
/// assert!(!effort.is_spent());
/// assert!(Effort::within(Duration::ZERO).is_spent());
/// assert!(!Effort::unlimited().is_spent());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    deadline: Option<Instant>,
    place: Option<Region>,
}

impl Effort {
    /// Every step is tried, however long it takes. The work is still bounded by the picture's size.
    #[must_use]
    pub fn unlimited() -> Effort {
        Effort::default()
    }

    /// Steps are tried until `budget` has passed from now on. All readers that get the same effort share the budget.
    #[must_use]
    pub fn within(budget: Duration) -> Effort {
        Effort { deadline: Instant::now().checked_add(budget), place: None }
    }

    /// The same effort, with a symbol expected in `place`: it is searched first there, then elsewhere.
    #[must_use]
    pub fn at(self, place: Region) -> Effort {
        Effort { place: Some(place), ..self }
    }

    /// The same effort, which ends after `budget` from now on if it does not end earlier.
    #[must_use]
    pub fn at_most(self, budget: Duration) -> Effort {
        let sooner = Instant::now().checked_add(budget);
        let deadline = match (self.deadline, sooner) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Effort { deadline, ..self }
    }

    /// Whether there is no time limit.
    pub(crate) fn is_unlimited(&self) -> bool {
        self.deadline.is_none()
    }

    /// Where a symbol is expected.
    #[must_use]
    pub fn place(&self) -> Option<Region> {
        self.place
    }

    /// Whether the time is over.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// The step of the ladder that read a symbol: later steps take longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Read where a symbol was expected.
    KnownPlace,
    /// Read as it lies: straight rows of bars, or modules by one threshold.
    Straight,
    /// Bars: read from the profile of all pixels along them.
    Profile,
    /// Bars: read from strips of a few rows, or followed row by row.
    Strips,
    /// Read at another threshold.
    Thresholds,
    /// Modules: read from grey levels on a corrected grid, with those in doubt as erasures.
    Erasures,
    /// Read at another scale.
    Scales,
    /// Read in the negative.
    Negative,
    /// Read after blur was taken back.
    Deblurred,
}

impl Step {
    /// The name of the step in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Step::KnownPlace => "known_place",
            Step::Straight => "straight",
            Step::Profile => "profile",
            Step::Strips => "strips",
            Step::Thresholds => "thresholds",
            Step::Erasures => "erasures",
            Step::Scales => "scales",
            Step::Negative => "negative",
            Step::Deblurred => "deblurred",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effort_ends_at_the_sooner_of_two_budgets() {
        let hour = Duration::from_secs(3600);
        assert!(Effort::within(hour).at_most(Duration::ZERO).is_spent());
        assert!(Effort::within(Duration::ZERO).at_most(hour).is_spent());
        assert!(Effort::unlimited().at_most(Duration::ZERO).is_spent());
        assert!(!Effort::within(Duration::MAX).is_spent());
        let place = Region { x: 1, y: 2, width: 3, height: 4 };
        assert_eq!(Effort::unlimited().at(place).at_most(hour).place(), Some(place));
    }
}
