//! The rules about whom a record concerns and where the pieces go: identifiers, holder, profession, organisation, address.
//!
//! Names and address lines are not corrected. An empty first line of an address is filled with the recipient, with a
//! warning.

use super::examiner::{Examiner, quoted};
use crate::job::Column;
use mail::address::{AddressFault, PostalAddress};
use mail::card::CardFamily;
use mail::holder::{Civility, Holder, Title, check_name};
use mail::identifiers::{PsIdNat, PsIdNatFault, StructureId, StructureIdFault};
use mail::postcode::{self, PostcodeCheck};
use mail::profession::{Profession, ProfessionFault};
use mail::residue::Residue;
use mail::{Words, tidy};

/// The longest name of an organisation, in characters.
const MAX_ORGANISATION: usize = 100;

/// Warns of what programs left in the texts of a row that are printed.
pub(super) fn warn_of_residue(examiner: &mut Examiner<'_>) {
    for column in [Column::LastName, Column::FirstName] {
        warn_of(examiner, column, Residue::of_name(examiner.text(column)));
    }
    for column in Column::ADDRESS.into_iter().chain([Column::Organisation]) {
        warn_of(examiner, column, Residue::of(examiner.text(column)));
    }
}

fn warn_of(examiner: &mut Examiner<'_>, column: Column, residue: Option<Residue>) {
    if let Some(residue) = residue {
        examiner.warn(column, residue.code(), quoted(examiner.text(column), residue));
    }
}

/// The holder's national identifier.
pub(super) fn ps_id_nat(examiner: &mut Examiner<'_>) -> Option<PsIdNat> {
    examiner.require(Column::PsIdNat, Words::new("tout enregistrement", "every record"));
    examiner.value(Column::PsIdNat, PsIdNat::parse, PsIdNatFault::code)
}

/// The structure's national identifier.
pub(super) fn structure_id(examiner: &mut Examiner<'_>, family: Option<CardFamily>) -> Option<StructureId> {
    if let Some(family) = family.filter(|family| family.needs_structure()) {
        examiner.require(Column::StructureId, needed_by(family));
    }
    examiner.value(Column::StructureId, StructureId::parse, StructureIdFault::code)
}

/// The cards that need a column.
fn needed_by(family: CardFamily) -> Words {
    let family = family.code();
    Words::of(format!("une {family}"), format!("a {family}"))
}

/// The profession.
pub(super) fn profession(examiner: &mut Examiner<'_>, family: Option<CardFamily>) -> Option<Profession> {
    if let Some(family) = family.filter(|family| family.needs_profession()) {
        examiner.require(Column::ProfessionCode, needed_by(family));
    }
    examiner.value(Column::ProfessionCode, Profession::parse, ProfessionFault::code)
}

/// The name of the structure; may be empty.
pub(super) fn organisation(examiner: &mut Examiner<'_>) -> String {
    let organisation = tidy(examiner.text(Column::Organisation));
    let length = organisation.chars().count();
    if length > MAX_ORGANISATION {
        let message = Words::of(
            format!("le nom a {length} caractères, {MAX_ORGANISATION} au plus\u{202F}; raccourcissez-le"),
            format!("the name has {length} characters, {MAX_ORGANISATION} is the most; shorten it"),
        );
        examiner.fault(Column::Organisation, "organisation_length", message);
    }
    organisation
}

/// The holder: a person with both names. A CPE without either name has the structure as its holder.
pub(super) fn holder(examiner: &mut Examiner<'_>, family: Option<CardFamily>) -> Option<Holder> {
    let civility = examiner.word(Column::Civility, &Civility::ALL, Civility::code);
    let title = examiner.word(Column::Title, &Title::ALL, Title::code);
    let nameless = examiner.is_empty(Column::LastName) && examiner.is_empty(Column::FirstName);
    if nameless && family.is_some_and(CardFamily::may_be_nameless) {
        examiner.require(
            Column::Organisation,
            Words::new("une CPE sans nom de titulaire", "a CPE without a holder's name"),
        );
        warn_of_civility(examiner);
        return Some(Holder::Structure);
    }
    let last_name = name(examiner, Column::LastName);
    let first_name = name(examiner, Column::FirstName);
    Some(Holder::Named { civility, title, last_name: last_name?, first_name: first_name? })
}

/// Warns of a civility or a title, which no piece shows for a card without a holder.
fn warn_of_civility(examiner: &mut Examiner<'_>) {
    for column in [Column::Civility, Column::Title] {
        if examiner.has(column) {
            let message = Words::new(
                "laissé de côté, car la carte n’a pas de titulaire\u{202F}; videz-le, ou écrivez le nom du titulaire",
                "left out, because the card has no holder; empty it, or write the holder's name",
            );
            examiner.warn(column, "civility_without_name", message);
        }
    }
}

/// A last name or a first name.
fn name(examiner: &mut Examiner<'_>, column: Column) -> Option<String> {
    examiner.require(column, Words::new("une carte avec titulaire", "a card with a holder"));
    let checked = |text: &str| {
        let name = tidy(text);
        check_name(&name).map(|()| name)
    };
    examiner.value(column, checked, |fault| fault.code())
}

/// The correspondence address. Its first line is the recipient where the record leaves it empty.
pub(super) fn address(
    examiner: &mut Examiner<'_>,
    holder: Option<&Holder>,
    organisation: &str,
    structure: Option<&StructureId>,
) -> Option<PostalAddress> {
    let recipient = holder.map(|holder| holder.display_line(organisation)).unwrap_or_default();
    let recipient = if examiner.is_empty(Column::Address1) { recipient } else { String::new() };
    let lines = Column::ADDRESS.map(|column| examiner.text(column));
    examiner.require(Column::Address6, Words::new("toute adresse", "every address"));
    match PostalAddress::build(lines, examiner.text(Column::Country), &recipient) {
        Ok((address, warnings)) => {
            for warning in warnings {
                examiner.warn(address_column(warning.line()), warning.code(), warning);
            }
            warn_of_departement(examiner, &address, structure);
            Some(address)
        }
        Err(faults) => {
            // A missing last line has its fault from `require` already.
            let new = |fault: &AddressFault| *fault != AddressFault::LastLineMissing;
            for fault in faults.into_iter().filter(new) {
                let column = address_column(fault.line());
                let message = match (column, residue_behind(&fault, column, examiner.text(column))) {
                    (Column::Country, _) => examiner.with_missing_line(column, Words::said(&fault)),
                    (_, Some(residue)) => quoted(examiner.text(column), residue),
                    (_, None) => Words::said(&fault),
                };
                examiner.fault(column, fault.code(), message);
            }
            None
        }
    }
}

/// What a program left on a line of an address, where a wrong character is of it: `\N` is no street `N`. The last line can't be
/// emptied.
fn residue_behind(fault: &AddressFault, column: Column, text: &str) -> Option<Residue> {
    let is_character = matches!(fault, AddressFault::Character { .. });
    Residue::of(text).filter(|_| is_character && column != Column::Address6)
}

/// Holds postcode and town against the official table.
pub(super) fn hold_against_table(
    examiner: &mut Examiner<'_>,
    address: &PostalAddress,
    wanted: PostcodeCheck,
) {
    if wanted == PostcodeCheck::Off {
        return;
    }
    let Some(finding) = postcode::check(address) else { return };
    match wanted {
        PostcodeCheck::Reject => examiner.fault(Column::Address6, finding.code(), finding),
        PostcodeCheck::Warn | PostcodeCheck::Off => examiner.warn(Column::Address6, finding.code(), finding),
    }
}

/// The column of a line of the address, from 1; the seventh is the country.
fn address_column(line: usize) -> Column {
    let index = line.saturating_sub(1);
    Column::ADDRESS.get(index).copied().unwrap_or(Column::Country)
}

/// Warns when a FINESS number and the postcode are of two départements.
fn warn_of_departement(
    examiner: &mut Examiner<'_>,
    address: &PostalAddress,
    structure: Option<&StructureId>,
) {
    let structure = structure.and_then(StructureId::departement);
    if let (Some(there), Some(here)) = (structure, address.departement())
        && there != here
    {
        let message = Words::of(
            format!(
                "la structure est du département {there}, le code postal du {here}\u{202F}; vérifiez les deux"
            ),
            format!("the structure is of département {there}, the postcode of {here}; check both"),
        );
        examiner.warn(Column::StructureId, "departement_mismatch", message);
    }
}
