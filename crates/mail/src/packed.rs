//! The packed form of a record: how it crosses from one station of a night to the next. The program that wrote it reads it, in
//! the same run; nothing keeps it. What is kept is JSON. Identifiers were checked when the record came in, and are not checked
//! again.

use jiff::civil::{Date, DateTime, Time};

use crate::address::PostalAddress;
use crate::card::{CardFamily, CardNumber, CardStatus, Generation};
use crate::country::Country;
use crate::holder::{Civility, Holder, Title};
use crate::identifiers::{PsIdNat, StructureId};
use crate::issuance::Issuance;
use crate::profession::Profession;
use crate::reason::Reason;

/// A usual record in bytes, to begin with.
const USUAL: usize = 320;

impl Issuance {
    /// The record in the packed form.
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Packer(Vec::with_capacity(USUAL));
        out.text(self.card_number.as_str());
        out.one_of(&CardFamily::ALL, self.family);
        out.one_of(&Reason::ALL, self.reason);
        out.date_time(self.requested_at);
        out.option(self.issue_date, Packer::date);
        out.option(self.expiry_date, Packer::date);
        out.option(self.replaced_card_number, |out, number| out.text(number.as_str()));
        out.option(self.replaced_generation, |out, generation| {
            out.text(generation.code());
            out.0.push(u8::from(generation.needs_new_codes()));
        });
        out.text(self.ps_id_nat.as_str());
        out.option(self.structure_id.as_ref(), |out, id| out.text(id.as_str()));
        let named = match &self.holder {
            Holder::Named { civility, title, last_name, first_name } => {
                Some((*civility, *title, last_name, first_name))
            }
            Holder::Structure => None,
        };
        out.option(named, |out, (civility, title, last_name, first_name)| {
            out.option(civility, |out, civility| out.one_of(&Civility::ALL, civility));
            out.option(title, |out, title| out.one_of(&Title::ALL, title));
            out.text(last_name);
            out.text(first_name);
        });
        out.option(self.profession, |out, profession| out.text(profession.code()));
        out.text(&self.organisation);
        let lines = self.address.own_lines();
        out.length(lines.len());
        lines.iter().for_each(|line| out.text(line));
        out.option(self.address.country(), |out, country| out.text(country.code()));
        out.one_of(&CardStatus::ALL, self.status);
        out.text(&self.client_ref);
        out.0
    }

    /// Reads what [`Issuance::pack`] wrote; `None` for other bytes.
    pub fn unpack(packed: &[u8]) -> Option<Issuance> {
        let mut from = Unpacker(packed);
        let issuance = Issuance {
            card_number: from.card_number()?,
            family: from.one_of(&CardFamily::ALL)?,
            reason: from.one_of(&Reason::ALL)?,
            requested_at: from.date_time()?,
            issue_date: from.option(Unpacker::date)?,
            expiry_date: from.option(Unpacker::date)?,
            replaced_card_number: from.option(Unpacker::card_number)?,
            replaced_generation: from.option(|from| Generation::named(from.text()?, from.byte()? == 1))?,
            ps_id_nat: PsIdNat::of_checked(from.text()?)?,
            structure_id: from.option(|from| StructureId::of_checked(from.text()?))?,
            holder: from.option(Unpacker::person)?.unwrap_or(Holder::Structure),
            profession: from.option(|from| Profession::parse(from.text()?).ok())?,
            organisation: from.text()?.to_owned(),
            address: from.address()?,
            status: from.one_of(&CardStatus::ALL)?,
            client_ref: from.text()?.to_owned(),
        };
        from.0.is_empty().then_some(issuance)
    }
}

/// Appends values. Lengths have four bytes, the lowest first.
struct Packer(Vec<u8>);

impl Packer {
    fn length(&mut self, length: usize) {
        self.0.extend_from_slice(&(length as u32).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    /// The index of a value among all.
    fn one_of<T: PartialEq>(&mut self, all: &[T], value: T) {
        let index = all.iter().position(|known| *known == value);
        self.0.push(index.map_or(u8::MAX, |index| index as u8));
    }

    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.0.push(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn date(&mut self, date: Date) {
        self.0.extend_from_slice(&date.year().to_le_bytes());
        self.0.extend([date.month(), date.day()].map(i8::cast_unsigned));
    }

    fn date_time(&mut self, at: DateTime) {
        self.date(at.date());
        self.0.extend([at.hour(), at.minute(), at.second()].map(i8::cast_unsigned));
        self.0.extend_from_slice(&at.subsec_nanosecond().to_le_bytes());
    }
}

/// Takes values off the front of bytes; `None` where they are not there.
struct Unpacker<'b>(&'b [u8]);

impl<'b> Unpacker<'b> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.bytes::<1>().map(|[byte]| byte)
    }

    fn length(&mut self) -> Option<usize> {
        self.bytes().map(|bytes| u32::from_le_bytes(bytes) as usize)
    }

    fn text(&mut self) -> Option<&'b str> {
        let length = self.length()?;
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(taken).ok()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(usize::from(self.byte()?)).copied()
    }

    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.byte()? {
            0 => Some(None),
            1 => read(self).map(Some),
            _ => None,
        }
    }

    fn date(&mut self) -> Option<Date> {
        let year = i16::from_le_bytes(self.bytes()?);
        let [month, day] = self.bytes()?.map(u8::cast_signed);
        Date::new(year, month, day).ok()
    }

    fn date_time(&mut self) -> Option<DateTime> {
        let date = self.date()?;
        let [hour, minute, second] = self.bytes()?.map(u8::cast_signed);
        let time = Time::new(hour, minute, second, i32::from_le_bytes(self.bytes()?)).ok()?;
        Some(date.to_datetime(time))
    }

    fn card_number(&mut self) -> Option<CardNumber> {
        CardNumber::parse(self.text()?).ok()
    }

    fn person(&mut self) -> Option<Holder> {
        Some(Holder::Named {
            civility: self.option(|from| from.one_of(&Civility::ALL))?,
            title: self.option(|from| from.one_of(&Title::ALL))?,
            last_name: self.text()?.to_owned(),
            first_name: self.text()?.to_owned(),
        })
    }

    fn address(&mut self) -> Option<PostalAddress> {
        let count = self.length()?;
        // Each line takes bytes, so no count makes this long.
        let lines = (0..count).map(|_| self.text().map(str::to_owned)).collect::<Option<_>>()?;
        let country = self.option(|from| Country::of_code(from.text()?))?;
        Some(PostalAddress::of_parts(lines, country))
    }
}

#[cfg(test)]
mod tests {
    use proptest::option::of;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// A record as JSON, which is what the ledger and so every test of records has.
    fn record() -> impl Strategy<Value = Issuance> {
        let text = "[A-Za-zÀ-ÿ' -]{0,40}";
        let dates = (of(Just("2021-02-28")), of(Just("2026-12-31")), of("[0-9]{10}"));
        let coded = (
            select(CardFamily::ALL.to_vec()),
            select(Reason::ALL.to_vec()),
            of(select(Generation::ALL.to_vec())),
            select(CardStatus::ALL.to_vec()),
            of(select(Profession::all().collect::<Vec<_>>())),
            of(select(vec!["BE", "CH", "US", "JP"])),
        );
        let person = (of(select(Civility::ALL.to_vec())), of(select(Title::ALL.to_vec())), text, text);
        let requested = "202[0-9]-0[1-9]-[12][0-8]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?";
        let address = proptest::collection::vec(text, 0..7);
        let texts = (requested, text, text);
        ("[0-9]{10}", dates, coded, of(person), address, texts).prop_map(
            |(
                card,
                (issued, expires, replaced),
                coded,
                person,
                lines,
                (requested, organisation, reference),
            )| {
                let (family, reason, generation, status, profession, country) = coded;
                let holder = match person {
                    None => Holder::Structure,
                    Some((civility, title, last_name, first_name)) => {
                        Holder::Named { civility, title, last_name, first_name }
                    }
                };
                Issuance {
                    card_number: CardNumber::parse(&card).expect("a number"),
                    family,
                    reason,
                    requested_at: requested.parse().expect("a date and a time"),
                    issue_date: issued.map(|date| date.parse().expect("a date")),
                    expiry_date: expires.map(|date| date.parse().expect("a date")),
                    replaced_card_number: replaced.map(|card| CardNumber::parse(&card).expect("a number")),
                    replaced_generation: generation,
                    ps_id_nat: PsIdNat::parse("810005678908").expect("valid"),
                    structure_id: None,
                    holder,
                    profession,
                    organisation,
                    address: PostalAddress::of_parts(lines, country.and_then(Country::of_code)),
                    status,
                    client_ref: reference,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn a_packed_record_is_the_record_that_json_has(record in record()) {
            let json = serde_json::to_string(&record).expect("json");
            let of_json: Issuance = serde_json::from_str(&json).expect("read back");
            prop_assert_eq!(Issuance::unpack(&record.pack()), Some(of_json));
        }

        #[test]
        fn a_cut_or_longer_record_is_none(record in record(), more in any::<u8>()) {
            let packed = record.pack();
            for end in 0..packed.len() {
                prop_assert_eq!(Issuance::unpack(&packed[..end]), None);
            }
            prop_assert_eq!(Issuance::unpack(&[&packed[..], &[more]].concat()), None);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Issuance::unpack(&bytes);
        }
    }

    #[test]
    fn a_structure_s_identifier_is_packed() {
        let json = r#"{"card_number":"2400158480","family":"CPE","reason":"first","requested_at":"2026-11-19T10:00:00",
            "ps_id_nat":"810005678908","structure_id":"STRUCTURE","holder":"structure","organisation":"CHU",
            "address":{"lines":["CHU","63000 CLERMONT FERRAND"]},"status":"issued"}"#;
        let json = json.replace("STRUCTURE", "1630781003");
        let record: Issuance = serde_json::from_str(&json).expect("a record");
        assert!(record.structure_id.is_some());
        assert_eq!(Issuance::unpack(&record.pack()), Some(record));
    }
}
