//! The facts of a piece, which select its variant (pieces.md §3).

use jiff::civil::{Date, date};
use mail::card::CardFamily;
use mail::holder::Holder;
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use mail::reason::Reason;
use template::CompiledVariant;

/// A card of generation CPS2ter expires before this day (pieces.md §3).
const END_OF_CPS2TER: Date = date(2014, 3, 1);

/// The facts of a piece, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PieceFacts {
    pub(super) reason: &'static str,
    pub(super) codes: &'static str,
    pub(super) family: &'static str,
    pub(super) holder: &'static str,
    pub(super) replaced: &'static str,
}

/// The facts of a record's piece.
pub(super) fn of_piece(kind: PieceKind, issuance: &Issuance) -> PieceFacts {
    let reason = match issuance.reason {
        Reason::First => "first",
        Reason::Renewal => "renewal",
        Reason::Incident => "incident",
        Reason::Change => "change",
        Reason::CodesReissue => "codes_reissue",
    };
    let family = match issuance.family {
        CardFamily::Cps => "CPS",
        CardFamily::Cpf => "CPF",
        CardFamily::Cpe => "CPE",
        CardFamily::Cde => "CDE",
        CardFamily::Cpa => "CPA",
        CardFamily::Cda => "CDA",
    };
    let holder = match &issuance.holder {
        Holder::Named { .. } => "named",
        Holder::Structure => "structure",
    };
    let codes = if new_codes(kind, issuance) { "new" } else { "kept" };
    let replaced = if issuance.replaced_card_number.is_some() { "yes" } else { "no" };
    PieceFacts { reason, codes, family, holder, replaced }
}

/// Whether the holder gets new codes. Codes that are asked for again are the same; every other mailer brings new ones. Of
/// letters, a card that is renewed or changed keeps the codes of the old one, unless these do not open it.
fn new_codes(kind: PieceKind, issuance: &Issuance) -> bool {
    match (kind, issuance.reason) {
        (_, Reason::CodesReissue) => false,
        (PieceKind::Mailer, _) | (_, Reason::First | Reason::Incident) => true,
        (PieceKind::Letter, Reason::Renewal | Reason::Change) => replaces_other_codes(issuance),
    }
}

/// Whether the codes of the replaced card do not open the new one. The job says so of each generation; a card of before March
/// 2014 is of one that the record does not name.
fn replaces_other_codes(issuance: &Issuance) -> bool {
    let expired = issuance.expiry_date.is_some_and(|expiry| expiry < END_OF_CPS2TER);
    let generation = issuance.replaced_generation;
    let said = generation.is_some_and(|generation| generation.needs_new_codes());
    said || (expired && generation.is_none_or(|generation| generation.code() != "CPS2TER"))
}

impl PieceFacts {
    /// The value of a fact; `None` for a fact that there is not.
    fn value(&self, name: &str) -> Option<&'static str> {
        Some(match name {
            "reason" => self.reason,
            "codes" => self.codes,
            "family" => self.family,
            "holder" => self.holder,
            "replaced" => self.replaced,
            _ => return None,
        })
    }
}

/// The variants of a template that were laid out.
pub(super) struct Variants<'a> {
    /// The names of the facts that make variants.
    declared: &'a [String],
    laid_out: &'a [CompiledVariant],
}

impl<'a> Variants<'a> {
    /// Those of a template that declares these facts.
    pub(super) fn of(declared: &'a [String], laid_out: &'a [CompiledVariant]) -> Variants<'a> {
        Variants { declared, laid_out }
    }

    /// The variant of a piece: the one that has its value of every declared fact, and no other fact.
    pub(super) fn find(&self, facts: &PieceFacts) -> Option<&'a CompiledVariant> {
        self.laid_out.iter().find(|variant| self.is_of(variant, facts))
    }

    fn is_of(&self, variant: &CompiledVariant, facts: &PieceFacts) -> bool {
        let only_declared = variant.facts.keys().all(|name| self.declared.contains(name));
        let same = |name: &String| {
            let value = variant.facts.get(name);
            value.is_some_and(|value| facts.value(name) == Some(value.as_str()))
        };
        only_declared && self.declared.iter().all(same)
    }
}
