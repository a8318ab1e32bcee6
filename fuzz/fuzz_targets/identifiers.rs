//! Any text as an identifier, a number, a country; what is read writes back as it stood.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mail::card::CardNumber;
use mail::country::Country;
use mail::identifiers::{PsIdNat, StructureId};
use mail::lot::{LotName, WrittenLot, WrittenPiece};
use mail::tracking::TrackingId;

fuzz_target!(|text: &str| {
    if let Ok(id) = PsIdNat::parse(text) {
        assert_eq!(id.as_str(), text);
    }
    if let Ok(id) = StructureId::parse(text) {
        assert_eq!(id.as_str(), text);
    }
    if let Ok(number) = CardNumber::parse(text) {
        assert_eq!(number.as_str(), text);
    }
    if let Ok(id) = TrackingId::parse(text) {
        assert_eq!(TrackingId::parse(&id.to_string()).ok(), Some(id));
    }
    if let Some(lot) = LotName::parse(text) {
        assert_eq!(lot.as_str(), text);
    }
    if let Some(lot) = WrittenLot::parse(text) {
        assert_eq!(lot.to_string(), text.to_ascii_uppercase());
    }
    if let Some(piece) = WrittenPiece::parse(text) {
        assert_eq!(WrittenPiece::parse(&piece.to_string()), Some(piece));
    }
    let _ = Country::find(text);
});
