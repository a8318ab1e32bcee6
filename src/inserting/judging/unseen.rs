//! What the reports let be concluded of pieces that they do not name.

use mail::inserter::Lists;

use super::super::read::MachineReport;
use super::march::March;
use super::sighting::{Sighting, Sightings, Text};

/// What becomes of an open piece that no report names.
pub(super) enum Unseen<'a> {
    /// The reports say when everything was reported, and it was: it is missing.
    Missing,
    /// It is missing if a stream has come past it.
    Behind(Vec<&'a March>),
    /// It was not reported yet.
    Pending,
    /// Only the bad pieces are listed, to the end, and each row names its piece: it is good.
    Good,
}

impl<'a> Unseen<'a> {
    /// Decides by what the reports list, their order and their end. A lot with several kinds of reports is good by none of them alone.
    pub(super) fn of(
        reports: &[MachineReport],
        sightings: &Sightings<'_>,
        marches: &'a [March],
        end: bool,
    ) -> Unseen<'a> {
        let lists = |lists: Lists| reports.iter().any(|report| report.lists == lists);
        let ended = end || reports.iter().any(|report| report.ended);
        if lists(Lists::All) {
            return Unseen::Pending;
        }
        if lists(Lists::Bad) && !lists(Lists::Reads) {
            let nameless =
                |sighting: &Sighting<'_>| !matches!(sighting.text, Text::Piece(_) | Text::Elsewhere(_));
            let every = end || reports.iter().all(|report| report.ended);
            let read = reports.iter().all(|report| report.faults.is_empty());
            let told = every && read && !sightings.all.iter().any(nameless);
            return if told { Unseen::Good } else { Unseen::Pending };
        }
        match ended || marches.iter().any(|march| !march.in_order) {
            true => Unseen::Missing,
            false => Unseen::Behind(marches.iter().collect()),
        }
    }
}
