//! The fields of pieces, and the facts that select their variants.

use serde_json::json;

use super::super::{dates, facts, reduction::Reduction};
use super::*;

/// What a field of a letter with this record must show.
fn of_letter(changes: serde_json::Value, field: FieldName) -> String {
    let (record, lot) = (record(changes), lot("26327A"));
    shown(&claims(PieceKind::Letter), &piece(PieceKind::Letter, &lot, 908, &record), field)
}

#[test]
fn a_letter_shows_its_record() {
    for (field, text) in [
        (FieldName::PieceId, "26327A000908"),
        (FieldName::CardNumber, "2400158480"),
        (FieldName::CardNumberMasked, "••••••8480"),
        (FieldName::ReplacedCardNumber, ""),
        (FieldName::Holder, "Dr LEFÈVRE-D’ORMESSON Zoé"),
        (FieldName::Date, "23 novembre 2026"),
        (FieldName::RevocationDate, "23 décembre 2026"),
        (FieldName::ExpiryDate, ""),
        (FieldName::PsIdNat, "810003879623"),
        (FieldName::StructureId, "1630781003"),
        (FieldName::Profession, "Médecin"),
        (FieldName::Order, "Ordre national des médecins"),
        (FieldName::Organisation, "Cabinet de l’Étoile"),
    ] {
        assert_eq!(of_letter(json!({}), field), text, "{field:?}");
    }
    assert_eq!(
        of_letter(json!({ "replaced_card_number": "2400140649" }), FieldName::ReplacedCardNumber),
        "2400140649"
    );
    assert_eq!(of_letter(json!({ "expiry_date": "2026-12-01" }), FieldName::ExpiryDate), "1er décembre 2026");
}

#[test]
fn a_holder_is_addressed_by_title_or_else_by_civility() {
    let named = |civility: Option<&str>, title: Option<&str>| {
        let holder =
            json!({ "civility": civility, "title": title, "last_name": "martin", "first_name": "Jean" });
        of_letter(json!({ "holder": { "named": holder } }), FieldName::Holder)
    };
    assert_eq!(named(Some("M"), Some("PR")), "Pr MARTIN Jean");
    assert_eq!(named(Some("M"), None), "M. MARTIN Jean");
    assert_eq!(named(Some("MME"), None), "Mme MARTIN Jean");
    assert_eq!(named(None, None), "MARTIN Jean");
    assert_eq!(of_letter(json!({ "holder": "structure" }), FieldName::Holder), "Cabinet de l’Étoile");
    let apart = json!({ "last_name": "Che\u{301}nier", "first_name": "Zoe\u{301}" });
    let composed = of_letter(json!({ "holder": { "named": apart } }), FieldName::Holder);
    assert_eq!(composed, "CH\u{c9}NIER Zo\u{e9}");
}

#[test]
fn days_in_words() {
    let months = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];
    for (month, name) in (1..).zip(months) {
        assert_eq!(dates::in_words(date(2026, month, 1)), format!("1er {name} 2026"));
        assert_eq!(dates::in_words(date(2026, month, 11)), format!("11 {name} 2026"));
    }
}

#[test]
fn the_old_card_is_revoked_thirty_days_after_the_new_one_is_issued() {
    for (issue_date, day) in [
        (None, "23 décembre 2026"),
        // Issued before the request: that is the old card.
        (Some("2022-01-05"), "23 décembre 2026"),
        (Some("2026-11-18"), "23 décembre 2026"),
        // From the day of the request on it is the new one.
        (Some("2026-11-19"), "19 décembre 2026"),
        (Some("2026-12-02"), "1er janvier 2027"),
    ] {
        assert_eq!(
            of_letter(json!({ "issue_date": issue_date }), FieldName::RevocationDate),
            day,
            "{issue_date:?}"
        );
    }
}

#[test]
fn a_reprint_shows_its_own_day_and_counts_from_the_night_of_the_original() {
    let (machine, map, record, lot) =
        (Machine::default(), BlockMap::default(), record(json!({})), lot("26327A.1"));
    let variants = Variants::of(&[], &[]);
    let kind = PieceKind::Letter;
    let claims =
        Claims::of_variants(kind, variants, &machine, Some(&map), NIGHT, date(2026, 12, 1)).expect("claims");
    let letter = |piece_id| ClaimedPiece { piece_id, ..piece(kind, &lot, 1, &record) };
    let again = letter("26327A000908.1");
    assert_eq!(shown(&claims, &again, FieldName::Date), "1er décembre 2026");
    assert_eq!(shown(&claims, &again, FieldName::RevocationDate), "23 décembre 2026");
    assert_eq!(shown(&claims, &again, FieldName::PieceId), "26327A000908.1");
    // References of no piece of that night.
    for wrong in
        ["26327A000908", "26328A000908.1", "26327A00908.1", "26327A000908.01", "26327A\\000908.1", ""]
    {
        assert_eq!(shown(&claims, &letter(wrong), FieldName::PieceId), "-", "{wrong}");
    }
}

#[test]
fn a_mailer_shows_its_numbers_and_never_a_code() {
    let (kind, record, lot) = (PieceKind::Mailer, record(json!({})), lot("17079A"));
    let (claims, mailer) = (claims(kind), piece(kind, &lot, 1, &record));
    assert_eq!(shown(&claims, &mailer, FieldName::PieceId), "17079A\\000001");
    assert_eq!(shown(&claims, &mailer, FieldName::PieceBarcode), "M17079A000001");
    assert_eq!(shown(&claims, &mailer, FieldName::TrackingId), "XX 000 009 7959 7");
    for code in [FieldName::Pin, FieldName::Puk, FieldName::AssistanceCode] {
        let claim = |claims: &Claims, piece: &ClaimedPiece| {
            let mark = text_mark(Some(code), Fit::Reject);
            format!("{:?}", claims.of_mark(piece, &side(1, 1, Vec::new()), &mark))
        };
        assert_eq!(claim(&claims, &mailer), format!("Secret({code:?})"));
        let letter = piece(PieceKind::Letter, &lot, 1, &record);
        assert_eq!(claim(&super::claims(PieceKind::Letter), &letter), "Impossible");
        assert_eq!(claim(&claims, &letter), "Impossible", "a letter among mailers");
    }
    assert_eq!(
        claims.of_mark(&mailer, &side(1, 1, Vec::new()), &code39_mark(FieldName::Pin)),
        Claim::Impossible
    );
    for (number, printed) in [
        (2_052_475_203, "XX 205 247 5203 2"),
        (4_139_207_826, "XX 413 920 7826 0"),
        (4_139_212_825, "XX 413 921 2825 5"),
    ] {
        let tracking = Some(TrackingId::new("XX", number).expect("an identifier"));
        assert_eq!(shown(&claims, &ClaimedPiece { tracking, ..mailer }, FieldName::TrackingId), printed);
    }
}

#[test]
fn a_side_is_claimed_mark_by_mark() {
    let (kind, lot) = (PieceKind::Letter, lot("26327A"));
    let record = record(
        json!({ "address": { "lines": ["M DUPONT", "9 RUE  HAUTE", "1050 BRUXELLES"], "country": "BE" } }),
    );
    let marks = vec![
        text_mark(None, Fit::Shrink),
        text_mark(Some(FieldName::ReplacedCardNumber), Fit::Shrink),
        text_mark(Some(FieldName::Holder), Fit::Wrap),
        code39_mark(FieldName::CardNumber),
        code39_mark(FieldName::ReplacedCardNumber),
        text_mark(Some(FieldName::Lot), Fit::Shrink),
    ];
    let side = side(1, 1, marks);
    let (claims, letter) = (claims(kind), piece(kind, &lot, 1, &record));
    let claimed = claims.of_side(&letter, &side);
    assert_eq!(claimed.len(), 6);
    assert!(claimed[0].is_shown_by(&["M DUPONT", "9 RUE  HAUTE", "1050 BRUXELLES", "BELGIQUE"]));
    assert_eq!(claimed[1], Claim::Nothing);
    assert_eq!(claimed[2], Claim::Wrapped("Dr LEFÈVRE-D’ORMESSON Zoé".into()));
    assert_eq!(claimed[3], Claim::Code39("2400158480".into()));
    assert_eq!(claimed[4..], [Claim::Impossible, Claim::Impossible]);
}

/// The professions and their Orders as pieces.md §4 and mail_production.md §3 have them, without accents and signs.
#[test]
fn professions_are_those_of_the_nomenclature() {
    const TABLE: [(&str, &str, &str); 25] = [
        ("10", "MEDECIN", "ORDRE NATIONAL DES MEDECINS"),
        ("21", "PHARMACIEN", "ORDRE NATIONAL DES PHARMACIENS"),
        ("26", "AUDIOPROTHESISTE", ""),
        ("28", "OPTICIEN LUNETIER", ""),
        ("31", "ASSISTANT DENTAIRE", ""),
        ("32", "PHYSICIEN MEDICAL", ""),
        ("40", "CHIRURGIEN DENTISTE", "ORDRE NATIONAL DES CHIRURGIENS DENTISTES"),
        ("50", "SAGE FEMME", "ORDRE NATIONAL DES SAGES FEMMES"),
        ("60", "INFIRMIER", "ORDRE NATIONAL DES INFIRMIERS"),
        ("69", "INFIRMIER PSYCHIATRIQUE", "ORDRE NATIONAL DES INFIRMIERS"),
        ("70", "MASSEUR KINESITHERAPEUTE", "ORDRE DES MASSEURS KINESITHERAPEUTES"),
        ("80", "PEDICURE PODOLOGUE", "ORDRE NATIONAL DES PEDICURES PODOLOGUES"),
        ("81", "ORTHOPROTHESISTE", ""),
        ("82", "PODO ORTHESISTE", ""),
        ("83", "ORTHOPEDISTE ORTHESISTE", ""),
        ("84", "OCULARISTE", ""),
        ("85", "EPITHESISTE", ""),
        ("86", "TECHNICIEN DE LABORATOIRE MEDICAL", ""),
        ("91", "ORTHOPHONISTE", ""),
        ("92", "ORTHOPTISTE", ""),
        ("93", "PSYCHOLOGUE", ""),
        ("94", "ERGOTHERAPEUTE", ""),
        ("95", "DIETETICIEN", ""),
        ("96", "PSYCHOMOTRICIEN", ""),
        ("98", "MANIPULATEUR D ELECTRORADIOLOGIE MEDICALE", ""),
    ];
    let plain = |text: String| {
        let mut written = String::new();
        let mut words = Reduction::begin(&mut written, twoddoc::alphabet::Alphabet::of(" A-Z"));
        words.add(&text);
        assert!(words.ends(), "{text}");
        written
    };
    for (code, label, order) in TABLE {
        let of_field = |field| plain(of_letter(json!({ "profession": code }), field));
        let order = if order.is_empty() { "AGENCE REGIONALE DE SANTE" } else { order };
        assert_eq!(
            (of_field(FieldName::Profession), of_field(FieldName::Order)),
            (label.to_owned(), order.to_owned())
        );
    }
}

#[test]
fn facts_follow_the_table_of_reasons() {
    let codes = |kind, changes| facts::of_piece(kind, &record(changes)).codes;
    let (letter, mailer) = (PieceKind::Letter, PieceKind::Mailer);
    for (reason, kept, of_mailer) in [
        ("first", "new", "new"),
        ("renewal", "kept", "new"),
        ("incident", "new", "new"),
        ("change", "kept", "new"),
        ("codes_reissue", "kept", "kept"),
    ] {
        assert_eq!(codes(letter, json!({ "reason": reason })), kept, "{reason}");
        assert_eq!(
            codes(letter, json!({ "reason": reason, "replaced_generation": "CPS3" })),
            kept,
            "{reason}"
        );
        assert_eq!(codes(mailer, json!({ "reason": reason })), of_mailer, "{reason}");
    }
    for changes in [
        json!({ "reason": "renewal", "replaced_generation": "CPS2TER" }),
        json!({ "reason": "change", "replaced_generation": "CPS2TER" }),
        json!({ "reason": "renewal", "expiry_date": "2014-02-28" }),
    ] {
        assert_eq!(codes(letter, changes), "new");
    }
    assert_eq!(codes(letter, json!({ "reason": "renewal", "expiry_date": "2014-03-01" })), "kept");
}

#[test]
fn a_variant_has_the_piece_s_value_of_each_declared_fact() {
    let variant = |facts: &[(&str, &str)]| {
        let facts: Facts = facts.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        CompiledVariant { facts, sides: Vec::new() }
    };
    let laid_out = [
        variant(&[("reason", "renewal"), ("holder", "named")]),
        variant(&[("reason", "first"), ("holder", "structure")]),
        variant(&[("reason", "first")]),
        variant(&[("reason", "first"), ("holder", "named"), ("family", "CPS")]),
        variant(&[("reason", "first"), ("holder", "named")]),
    ];
    let declared = ["reason".to_owned(), "holder".to_owned()];
    let find = |changes| {
        let facts = facts::of_piece(PieceKind::Letter, &record(changes));
        let found = Variants::of(&declared, &laid_out).find(&facts);
        found.and_then(|found| laid_out.iter().position(|known| std::ptr::eq(known, found)))
    };
    assert_eq!(find(json!({})), Some(4));
    assert_eq!(find(json!({ "reason": "renewal" })), Some(0));
    assert_eq!(find(json!({ "holder": "structure" })), Some(1));
    assert_eq!(find(json!({ "reason": "change" })), None);
    let all = facts::of_piece(
        PieceKind::Letter,
        &record(json!({ "replaced_card_number": "2400140649", "family": "CDA" })),
    );
    assert_eq!((all.family, all.replaced, all.holder), ("CDA", "yes", "named"));
}
