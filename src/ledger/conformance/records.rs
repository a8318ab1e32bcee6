//! What the ledger promises of cards, holders and findings.

use super::*;

pub(super) fn holders_and_addresses_are_known_by_their_marks(book: &Book) {
    book.enter(true);
    let known = book.ledger.holder_of("2400140649").expect("an answer").expect("a holder");
    let mut other = record();
    assert!(book.ledger.is_holder(&known, &other) && book.ledger.is_address(&known, &other));
    assert!(book.ledger.has_identifier(&known, &other.ps_id_nat));
    let named = |text: &str| {
        RECORD
            .replace("ADDRESS", &serde_json::to_string(&record().address).expect("JSON"))
            .replace("Zoé", text)
    };
    other = serde_json::from_str(&named("ZOE").replace("810003879623", "810005012801")).expect("a record");
    assert!(book.ledger.is_holder(&known, &other), "the same name under a new identifier");
    other = serde_json::from_str(&named("Léa").replace("810003879623", "810005012801")).expect("a record");
    assert!(!book.ledger.is_holder(&known, &other));
    assert!(book.ledger.holder_of("2400140650").expect("an answer").is_none());
}

pub(super) fn a_dead_card_names_the_one_that_replaced_it(book: &Book) {
    book.enter(false);
    let writer = book.begin();
    writer.cancel_pieces("2400140650", Some("2400140649")).expect("cancelled");
    writer.cancel_pieces("2400140651", None).expect("cancelled");
    writer.cancel_pieces("2400140649", Some("2400140650")).expect("cancelled");
    writer.cancel_pieces("2400140649", None).expect("cancelled");
    writer.insert_reissue_release("2400140650", "verified by telephone").expect("released");
    writer.commit(&book.next_release(), "{}").expect("entered");
    let replaced = book.ledger.dead_card("2400140650").expect("an answer").expect("a dead card");
    let by = book.ledger.replacing_card(&replaced).expect("an answer");
    assert_eq!(by.map(|by| by.to_string()).as_deref(), Some("2400140649"));
    assert!(book.ledger.holder_of_replacing(&replaced).expect("an answer").is_some());
    let revoked = book.ledger.dead_card("2400140649").expect("an answer").expect("a dead card");
    assert_eq!(book.ledger.replacing_card(&revoked).expect("an answer"), None, "revoked counts more");
    assert!(book.due(NIGHT).is_empty(), "what waited is cancelled");
    let night = |reason| book.ledger.reissue_released("2400140650", reason).expect("an answer");
    assert_eq!(night("verified by telephone").as_deref(), Some("2026-11-20"));
    assert_eq!(night("verified"), None);
}

pub(super) fn a_superseded_record_sends_nothing(book: &Book) {
    book.enter(false);
    assert!(book.ledger.waits_for_the_future("2400140649", date(2026, 11, 19)).expect("an answer"));
    assert!(!book.ledger.waits_for_the_future("2400140649", NIGHT).expect("an answer"));
    let writer = book.begin();
    writer.supersede("2400140649").expect("superseded");
    writer.commit(&book.next_release(), "{}").expect("entered");
    assert_eq!(book.ledger.waiting_count().expect("a count"), 0);
    assert_eq!(book.ledger.dead_card("2400140649").expect("an answer"), None);
}

pub(super) fn findings_and_summaries_come_back_as_they_were(book: &Book) {
    let finding = Finding {
        source_file: "inbox/cards.csv".to_owned(),
        line: 7,
        card_number: "2400140649".to_owned(),
        field: "last_name".to_owned(),
        code: "not_printable".to_owned(),
        message: "`Dupoñt` …".to_owned(),
        english: String::new(),
        client_ref: "A-17".to_owned(),
    };
    let writer = book.begin();
    writer.insert_finding("reject", &finding).expect("a finding");
    writer
        .insert_finding("warning", &Finding { card_number: String::new(), ..finding.clone() })
        .expect("a finding");
    writer.commit(&book.next_release(), r#"{"recipients":[{"name":"press"}]}"#).expect("entered");
    let mut found = Vec::new();
    let told = book.ledger.findings(NIGHT, "reject", |finding| {
        found.push(finding.clone());
        Ok::<_, LedgerError>(())
    });
    told.expect("findings");
    assert_eq!(found, [finding]);
    let summary = r#"{"recipients":[{"name":"press"}]}"#;
    assert_eq!(book.ledger.runs(NIGHT).expect("runs"), [summary]);
    book.begin().commit(&book.next_release(), "{}").expect("entered");
    assert_eq!(book.ledger.last_runs().expect("runs"), ["{}", summary]);
    assert_eq!(book.ledger.last_run_with_recipients().expect("a run").as_deref(), Some(summary));
}
