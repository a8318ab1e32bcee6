//! The certificate of a lot: what was proved, the digests of its files, stock and fonts, and for each piece a salted digest of every
//! text and one of where everything stands.
//!
//! The night writes it (`night::certifying`) and `pli prove` (`proving`) holds a lot against it. Both sides share only what is here: the
//! form of the files, the canonical JSON that is signed, and which texts of a page are digested. The format is in docs/proof.md.

mod canonical;
mod digests;
mod document;
mod layout;
mod pieces;
mod stock;

pub(crate) use canonical::canonical_json;
pub(crate) use digests::{
    Digester, FileDigests, PieceDigest, PieceDigests, SALT_LENGTH, Salt, column_of_side, parse_salt,
    part_of_page,
};
pub(crate) use document::{
    Certificate, CertifiedFile, Counts, FORMAT, How, LotDigests, PressFacts, Role, SIGNATURE, Signer,
    TemplateName,
};
pub(crate) use pieces::{PieceRow, PieceTable, SaltRow};
pub(crate) use stock::{CertifiedFont, FormNumbers, StockForms, certified_fonts};

/// The version of the rules by which a lot is proved. It grows when a proof begins to say more, or something else.
pub(crate) const RULES: u32 = 1;

/// The name of a lot's certificate, without its folder.
pub(crate) fn certificate_name(lot: &str) -> String {
    format!("{lot}{CERTIFICATE_ENDING}")
}

/// The name of the table of its pieces.
pub(crate) fn pieces_name(lot: &str) -> String {
    format!("{lot}.proof-pieces.csv")
}

/// The name of the table of its salts, which stays with the bureau.
pub(crate) fn salts_name(lot: &str) -> String {
    format!("{lot}.proof-salts")
}

/// How the name of every certificate ends.
pub(crate) const CERTIFICATE_ENDING: &str = ".proof.json";
