//! Bad records: good ones with one defect, or two or three at once. Each defect states the codes with which the intake
//! rejects it, and spoils its own row only.

use super::record::CardRow;

/// How a record is spoilt.
pub(super) enum Spoil {
    /// Values are changed.
    Values(fn(&mut CardRow)),
    /// The bytes of the row are changed.
    Bytes(fn(&mut Vec<u8>)),
    /// The card number is that of an earlier record.
    RepeatedNumber,
}

/// A defect of a record.
pub(super) struct Defect {
    /// The codes of its rejects.
    #[cfg_attr(not(test), expect(dead_code, reason = "kept beside the defect, and checked against intake"))]
    pub codes: &'static [&'static str],
    /// How a good record gets it.
    pub spoil: Spoil,
}

const fn values(codes: &'static [&'static str], spoil: fn(&mut CardRow)) -> Defect {
    Defect { codes, spoil: Spoil::Values(spoil) }
}

const fn bytes(codes: &'static [&'static str], spoil: fn(&mut Vec<u8>)) -> Defect {
    Defect { codes, spoil: Spoil::Bytes(spoil) }
}

fn set(field: &mut String, text: &str) {
    text.clone_into(field);
}

/// The defects in the order in which samples use them, the likeliest first.
#[rustfmt::skip]
pub(super) static DEFECTS: [Defect; 74] = [
    values(&["ps_id_nat_check_digit"], |r| set(&mut r.ps_id_nat, "810005678901")),
    values(&["renewal_not_for_cpf"], |r| {
        renewed(r, "2026-12-10");
        set(&mut r.card_family, "CPF");
    }),
    values(&["address_postcode"], |r| set(&mut r.address_6, "PARIS")),
    Defect { codes: &["duplicate_card_number"], spoil: Spoil::RepeatedNumber },
    values(&["address_length"], |r| set(&mut r.address_3, "RESIDENCE LES JARDINS SUSPENDUS BATIMENT 12")),
    values(&["date", "ps_id_nat_length"], |r| {
        set(&mut r.issue_date, "23/11/2023");
        set(&mut r.ps_id_nat, "81000567890");
    }),
    bytes(&["encoding"], |row| insert(row, LAST_NAME, &[0xE9])),
    values(&["missing_value"], |r| r.last_name.clear()),
    values(&["profession_deprecated"], |r| set(&mut r.profession_code, "35")),
    values(&["card_number"], |r| { r.card_number.pop(); }),
    values(&["structure_id_check_digit"], |r| set(&mut r.structure_id, "1630781004")),
    values(&["address_character"], |r| set(&mut r.address_4, "12, RUE DE L'EGLISE")),
    values(&["date_time_no_time"], |r| set(&mut r.requested_at, "2026-11-20")),
    values(&["missing_value"], |r| {
        renewed(r, "2026-12-10");
        r.expiry_date.clear();
    }),
    values(&["card_family", "date_time", "address_locality"], |r| {
        set(&mut r.card_family, "CPX");
        set(&mut r.requested_at, "20/11/2026 09:12");
        set(&mut r.address_6, "75015");
    }),
    bytes(&["field_count"], remove_last_field),
    values(&["name_character"], |r| set(&mut r.last_name, "DUP0NT")),
    values(&["ps_id_nat_deprecated_type"], |r| set(&mut r.ps_id_nat, "9123456789")),
    values(&["address_cedex"], |r| set(&mut r.address_6, "38043 CEDEX GRENOBLE")),
    values(&["date_order"], |r| {
        renewed(r, "2026-12-10");
        set(&mut r.issue_date, "2027-12-10");
    }),
    values(&["country_unknown"], |r| set(&mut r.country, "Syldavie")),
    values(&["reason"], |r| set(&mut r.reason, "loss")),
    bytes(&["unclosed_quote"], |row| insert(row, ORGANISATION, b"\"")),
    values(&["structure_id_type"], |r| set(&mut r.structure_id, "7630781003")),
    values(&["replaced_same_card"], |r| {
        set(&mut r.reason, "change");
        r.replaced_card_number = r.card_number.clone();
    }),
    values(&["address_postcode_unknown"], |r| set(&mut r.address_6, "20300 AJACCIO")),
    values(&["missing_value"], |r| {
        set(&mut r.reason, "renewal");
        r.expiry_date.clear();
    }),
    values(&["control_character"], |r| r.address_4.push('\u{7}')),
    values(&["profession_unknown"], |r| set(&mut r.profession_code, "11")),
    values(&["civility", "status"], |r| {
        set(&mut r.civility, "MLLE");
        set(&mut r.status, "active");
    }),
    values(&["ps_id_nat_internal_id"], |r| set(&mut r.ps_id_nat, "3630781003")),
    values(&["missing_value"], |r| r.address_6.clear()),
    values(&["date_time_offset"], |r| set(&mut r.requested_at, "2026-11-20T09:12:00+01:00")),
    values(&["title"], |r| set(&mut r.title, "ME")),
    values(&["structure_id_length"], |r| set(&mut r.structure_id, "163078100")),
    values(&["address_length", "address_character"], |r| {
        set(&mut r.address_2, "CHEZ MONSIEUR LE DIRECTEUR GENERAL ADJOINT");
        set(&mut r.address_6, "75015 Paris");
    }),
    values(&["missing_value"], |r| {
        staff(r);
        r.structure_id.clear();
    }),
    bytes(&["stray_quote"], |row| insert(row, ORGANISATION, b"\"CLINIQUE\" SCM ")),
    values(&["name_length"], |r| r.first_name = "Anne ".repeat(12) + "Sophie"),
    values(&["ps_id_nat_type"], |r| set(&mut r.ps_id_nat, "710005678908")),
    values(&["replaced_generation"], |r| set(&mut r.replaced_generation, "CPS2bis")),
    values(&["structure_id_deprecated_type"], |r| set(&mut r.structure_id, "5630781003")),
    values(&["address_character"], |r| set(&mut r.address_5, "B.P. 124")),
    values(&["ps_id_nat_not_on_cards"], |r| set(&mut r.ps_id_nat, "10jeanne.exemple@medecin.mssante.fr")),
    values(&["replaced_card_number"], |r| set(&mut r.replaced_card_number, "24 0015 848")),
    values(&["mojibake"], |r| set(&mut r.last_name, "CHÃŠNE")),
    values(&["date_range"], |r| set(&mut r.expiry_date, "9999-12-31")),
    values(&["missing_value", "missing_value", "missing_value"], |r| {
        r.card_number.clear();
        r.ps_id_nat.clear();
        r.profession_code.clear();
    }),
    values(&["name_no_letter"], |r| set(&mut r.first_name, "-")),
    values(&["field_too_long"], |r| r.organisation = "CENTRE HOSPITALIER ".repeat(60)),
    values(&["ps_id_nat_character"], |r| set(&mut r.ps_id_nat, "81000567890O")),
    values(&["structure_id_not_on_cards"], |r| set(&mut r.structure_id, "40123")),
    values(&["organisation_length"], |r| r.organisation = "Clinique de la Baie ".repeat(6)),
    values(&["nul_byte"], |r| r.address_2.push('\0')),
    values(&["structure_id_third_character"], |r| set(&mut r.structure_id, "1631781002")),
    values(&["card_number"], |r| set(&mut r.card_number, "2400 15848")),
    values(&["ps_id_nat_departement"], |r| set(&mut r.ps_id_nat, "3961781003/12")),
    values(&["date_time"], |r| set(&mut r.requested_at, "2026-11-20T25:10:00")),
    values(&["structure_id_character"], |r| set(&mut r.structure_id, "1630781003/4")),
    values(&["missing_value"], |r| {
        staff(r);
        r.last_name.clear();
        r.first_name.clear();
        r.organisation.clear();
    }),
    values(&["ps_id_nat_third_character"], |r| set(&mut r.ps_id_nat, "3631781002/1")),
    values(&["control_character"], |r| r.last_name.push('\u{202E}')),
    values(&["structure_id_departement"], |r| set(&mut r.structure_id, "1960000005")),
    values(&["ps_id_nat_check_digit"], |r| set(&mut r.ps_id_nat, "573282932000075/0042")),
    values(&["address_postcode_unknown"], |r| set(&mut r.address_6, "97900 SAINT DENIS")),
    values(&["date"], |r| set(&mut r.expiry_date, "2026-02-30")),
    values(&["structure_id_check_digit"], |r| set(&mut r.structure_id, "335600000049838")),
    values(&["status"], |r| set(&mut r.status, "Issued")),
    bytes(&["field_count"], |row| insert(row, ORGANISATION, b"SCM, ")),
    values(&["reason", "structure_id_type", "name_character"], |r| {
        set(&mut r.reason, "FIRST");
        set(&mut r.structure_id, "9630781003");
        set(&mut r.first_name, "Zoé 2");
    }),
    values(&["ps_id_nat_bare"], |r| set(&mut r.ps_id_nat, "10005678908")),
    values(&["structure_id_zeros"], |r| set(&mut r.structure_id, "2000000000")),
    values(&["structure_id_bare"], |r| set(&mut r.structure_id, "73282932000074")),
    values(&["ps_id_nat_zeros"], |r| set(&mut r.ps_id_nat, "800000000000")),
];

/// The indices of two columns.
const LAST_NAME: usize = 12;
const ORGANISATION: usize = 15;

/// Turns the record into a valid renewal.
fn renewed(row: &mut CardRow, expiry: &str) {
    set(&mut row.reason, "renewal");
    set(&mut row.issue_date, "2023-12-10");
    set(&mut row.expiry_date, expiry);
    set(&mut row.replaced_card_number, "2400140649");
    set(&mut row.replaced_generation, "CPS3");
}

/// Turns the record into a valid one of a member of staff.
fn staff(row: &mut CardRow) {
    set(&mut row.card_family, "CPE");
    set(&mut row.structure_id, "1630781003");
    set(&mut row.ps_id_nat, "3630781003/12");
}

/// Inserts bytes at the beginning of a field; plain records have no quoted delimiter before it.
fn insert(row: &mut Vec<u8>, column: usize, bytes: &[u8]) {
    let commas = (0..row.len()).filter(|index| row[*index] == b',');
    let offset = commas.skip(column.saturating_sub(1)).map(|comma| comma + 1).next().unwrap_or_default();
    row.splice(offset..offset, bytes.iter().copied());
}

/// Removes the last field and the delimiter before it.
fn remove_last_field(row: &mut Vec<u8>) {
    if let Some(comma) = row.iter().rposition(|byte| *byte == b',') {
        row.truncate(comma);
        row.push(b'\n');
    }
}
