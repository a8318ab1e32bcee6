//! The implementation against a server that the tests start. The ledger's rules are tested by the conformance suite.

#[path = "../../../tests/suite/postgres_server.rs"]
pub(in crate::ledger) mod postgres_server;

use super::tls::Tls;
use super::*;
use crate::failure::{Exit, Failure};
use crate::ledger::database::Row;
use crate::missing;
use postgres_server::{Pooler, Server};
use std::time::Duration;

fn address(url: &str) -> ServerAddress {
    ServerAddress::parse(url).expect("an address").expect(url)
}

/// An open ledger in a new database of the shared server, and its URL.
fn ledger() -> Option<(Postgres, String)> {
    let url = postgres_server::shared()?.database();
    Some((Postgres::open(&address(&url)).expect("a ledger"), url))
}

fn numbers(db: &Postgres, sql: &str) -> Vec<i64> {
    let mut numbers = Vec::new();
    let visit: &mut Visit = &mut |row| {
        numbers.extend(row.integer(0)?);
        Ok(())
    };
    db.query(sql, &[], visit).expect(sql);
    numbers
}

fn failure(result: Result<impl Sized, LedgerError>) -> Failure {
    Failure::from(result.err().expect("an error"))
}

const NOTE: &str = "INSERT INTO note (name, value, mark) VALUES (?1, ?2, ?3)";
const NOTES: &str = "SELECT value FROM note ORDER BY name";

fn note(db: &Postgres, name: &str, value: i64) -> Result<(), LedgerError> {
    db.execute(NOTE, &[Value::Text(name), Value::Integer(value), Value::Null])
}

#[test]
fn values_come_back_as_they_went() {
    let Some((db, _)) = ledger() else { return };
    let values = [Value::Text("é?'\""), Value::Integer(i64::MIN), Value::Bytes(&[0, 255, 39])];
    for (number, name) in ["a", "b", "c"].into_iter().enumerate() {
        let mark = if number == 1 { Value::Null } else { values[2] };
        assert_eq!(db.execute_now(NOTE, &[Value::Text(name), values[1], mark]).expect("a row"), 1);
    }
    let mut found = Vec::new();
    let sql = "SELECT name, value, mark, CAST(?1 AS TEXT), count(*) OVER () > 2, sum(value) OVER () FROM note ORDER BY name LIMIT ?2";
    let read = |row: &dyn Row| {
        let mark = row.bytes(2)?.map(<[u8]>::to_vec);
        found.push((
            row.text(0)?.map(str::to_owned),
            row.integer(1)?,
            mark,
            row.text(3)?.map(str::to_owned),
            row.integer(4)?,
        ));
        assert!(row.text(1).is_err(), "a number is no text");
        assert!(row.integer(9).is_err() && row.integer(0).is_err() && row.integer(5).is_err());
        Ok(())
    };
    let visit: &mut Visit = &mut { read };
    db.query(sql, &[values[0], Value::Integer(2)], visit).expect("rows");
    let row = |name: &str, mark: Option<&[u8]>| {
        (Some(name.to_owned()), Some(i64::MIN), mark.map(<[u8]>::to_vec), Some("é?'\"".to_owned()), Some(1))
    };
    assert_eq!(found, [row("a", Some(&[0, 255, 39])), row("b", None)]);
}

#[test]
fn deferred_statements_are_seen_by_the_next_query_and_kept_by_the_commit() {
    let Some((db, url)) = ledger() else { return };
    db.begin(Purpose::Writing).expect("a transaction");
    for number in 0..3000 {
        note(&db, &format!("{number:05}"), number).expect("a row");
    }
    assert_eq!(numbers(&db, NOTES), (0..3000).collect::<Vec<_>>());
    assert_eq!(numbers(&db, "SELECT sum(value) FROM note"), [2999 * 3000 / 2]);
    assert_eq!(
        db.execute_now("UPDATE note SET value = -1 WHERE value < ?1", &[Value::Integer(5)]).unwrap(),
        5
    );
    let other = Postgres::view(&address(&url)).expect("a view").expect("a ledger");
    assert_eq!(numbers(&other, NOTES), [0; 0], "nothing is seen before the commit");
    db.commit().expect("kept");
    assert_eq!(numbers(&other, "SELECT count(*) FROM note"), [3000]);
    db.begin(Purpose::Writing).expect("a transaction");
    note(&db, "gone", 1).expect("a row");
    db.rollback();
    assert_eq!(numbers(&db, "SELECT count(*) FROM note"), [3000]);
}

#[test]
fn a_fault_of_a_deferred_statement_surfaces_and_nothing_is_kept() {
    let Some((db, _)) = ledger() else { return };
    for end in ["commit", "query", "execute_now", "execute"] {
        db.begin(Purpose::Writing).expect("a transaction");
        note(&db, "twice", 1).expect("a row");
        note(&db, "twice", 2).expect("its fault comes later");
        let result = match end {
            "commit" => db.commit(),
            "query" => db.query(NOTES, &[], &mut |_| Ok(())),
            "execute_now" => db.execute_now("DELETE FROM note", &[]).map(drop),
            _ => (0..2000).try_for_each(|number| note(&db, "more", number)),
        };
        let error = failure(result);
        assert!(error.message().contains("23505") || error.code() == "ledger_damaged", "{end}: {error}");
        if end != "commit" {
            let later = failure(db.commit());
            assert!(later.message().contains("earlier statement"), "{end}: {later}");
        }
        assert_eq!(numbers(&db, "SELECT count(*) FROM note"), [0], "{end}");
    }
}

#[test]
fn a_statement_within_the_rows_of_another_is_an_error() {
    let Some((db, _)) = ledger() else { return };
    db.begin(Purpose::Reading).expect("a transaction");
    type Nested = fn(&Postgres) -> Result<(), LedgerError>;
    let nested: [Nested; 4] = [
        |db| db.query("SELECT 1", &[], &mut |_| Ok(())),
        |db| note(db, "a", 1),
        |db| db.execute_now("DELETE FROM note", &[]).map(drop),
        |db| db.begin(Purpose::Writing),
    ];
    for again in nested {
        let error = failure(db.query("SELECT generate_series(1, 100000)", &[], &mut |_| again(&db)));
        assert!(error.message().contains("within"), "{error}");
        assert_eq!(numbers(&db, "SELECT 7"), [7], "the transaction goes on");
    }
    db.rollback();
}

#[test]
fn a_reading_transaction_sees_one_state_and_writers_queue() {
    let Some((db, url)) = ledger() else { return };
    let other = Postgres::open(&address(&url)).expect("a second connection");
    other.begin(Purpose::Reading).expect("a snapshot");
    assert_eq!(numbers(&other, NOTES), [0; 0]);
    note(&db, "a", 1).expect("a row");
    assert_eq!(numbers(&other, NOTES), [0; 0], "one state until its end");
    other.commit().expect("its end");
    assert_eq!(numbers(&other, NOTES), [1]);
    db.begin(Purpose::Writing).expect("the first writer");
    std::thread::scope(|scope| {
        let second = scope.spawn(|| {
            other.begin(Purpose::Writing).expect("the second writer");
            let seen = numbers(&other, NOTES);
            other.rollback();
            (other, seen)
        });
        std::thread::sleep(Duration::from_millis(200));
        note(&db, "b", 2).expect("a row");
        db.commit().expect("kept");
        assert_eq!(second.join().expect("an end").1, [1, 2], "the second sees what the first wrote");
    });
}

#[test]
fn two_commands_create_one_ledger() {
    let Some(server) = postgres_server::shared() else { return };
    let url = server.database();
    assert!(Postgres::view(&address(&url)).expect("a view").is_none(), "no ledger yet, and none is made");
    std::thread::scope(|scope| {
        let opened = [0; 4].map(|_| scope.spawn(|| Postgres::open(&address(&url)).map(drop)));
        for opened in opened {
            opened.join().expect("an end").expect("a ledger");
        }
    });
}

#[test]
fn a_later_version_and_another_programs_schema_are_refused_untouched() {
    let Some(server) = postgres_server::shared() else { return };
    let database = |sql: &str| {
        let url = server.database();
        let name = address(&url).database;
        server.sql(&name, sql);
        (url, name)
    };
    for (sql, code, exit) in [
        ("CREATE SCHEMA pli; CREATE TABLE pli.account (id int)", "ledger_damaged", Exit::Refused),
        ("CREATE SCHEMA pli; CREATE TABLE pli.ledger_version (id int)", "ledger_damaged", Exit::Refused),
        (
            "CREATE SCHEMA pli; CREATE TABLE pli.ledger_version (program text, version bigint);
             INSERT INTO pli.ledger_version VALUES ('pli', 99)",
            "ledger_version",
            Exit::Usage,
        ),
    ] {
        let (url, name) = database(sql);
        for error in [failure(Postgres::open(&address(&url))), failure(Postgres::view(&address(&url)))] {
            assert_eq!((error.code(), error.exit()), (code, exit), "{error}");
        }
        let tables = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = 'pli'";
        assert_eq!(server.sql(&name, tables), "1", "untouched");
    }
    let (url, _) = database("CREATE SCHEMA pli");
    Postgres::open(&address(&url)).expect("an empty schema is filled");
}

/// Makes a ledger one of version 5.
const OF_5: &str = "DROP TABLE pli.picture_piece, pli.picture, pli.return_release, pli.returned;
    UPDATE pli.ledger_version SET version = 5;";
/// Makes a ledger of version 5 one of version 4.
const OF_4: &str = "DROP TABLE pli.passage, pli.alarm, pli.milestone; DROP INDEX pli.record_night;
    UPDATE pli.ledger_version SET version = 4;";

#[test]
fn a_ledger_of_an_earlier_version_is_brought_up_to_date_by_whoever_writes() {
    for earlier in [OF_5.to_owned(), format!("{OF_5} {OF_4}")] {
        let Some((db, url)) = ledger() else { return };
        drop(db);
        is_brought_up_to_date(&url, &earlier);
    }
}

fn is_brought_up_to_date(url: &str, earlier: &str) {
    let name = address(url).database;
    let server = postgres_server::shared().expect("the server");
    server.sql(&name, earlier);
    let error = failure(Postgres::view(&address(url)));
    assert_eq!((error.code(), error.exit()), ("ledger_version", Exit::Usage), "{error}");
    assert!(error.advice().is_some_and(|advice| advice.contains("brings it up to date")), "{error}");
    drop(Postgres::open(&address(url)).expect("a ledger"));
    assert!(Postgres::view(&address(url)).expect("a ledger").is_some());
    let rows = "SELECT (SELECT count(*) FROM pli.alarm) + (SELECT count(*) FROM pli.picture_piece)";
    assert_eq!(server.sql(&name, rows), "0");
}

#[test]
fn events_are_appended_and_never_changed() {
    let Some((db, _)) = ledger() else { return };
    db.script(
        "INSERT INTO lot VALUES (1, '26327A', 'letter', '2026-11-23', 'released', 1, '', NULL);
         INSERT INTO event VALUES (1, '2026-11-23', 1, NULL, 'released', '', NULL, '')",
    )
    .expect("an event");
    for sql in ["UPDATE event SET state = 'x'", "DELETE FROM event", "TRUNCATE event"] {
        let error = failure(db.execute_now(sql, &[]));
        assert!(error.message().contains("event"), "{error}");
    }
    note(&db, "purging", 1).expect("a purge");
    assert_eq!(db.execute_now("DELETE FROM event", &[]).expect("a purge deletes"), 1);
}

#[test]
fn a_role_that_may_only_read_views_a_ledger_and_changes_nothing() {
    let Some((db, url)) = ledger() else { return };
    let Some(server) = postgres_server::shared() else { return };
    let name = address(&url).database;
    let role = format!("reader_of_{name}");
    server.sql(
        &name,
        &format!("CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA pli TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA pli TO {role}"),
    );
    note(&db, "a", 1).expect("a row");
    let reader = address(&server.url(&role, &name));
    let view = Postgres::view(&reader).expect("a view").expect("a ledger");
    assert_eq!(numbers(&view, NOTES), [1]);
    let error = failure(note(&view, "b", 2));
    assert_eq!((error.code(), error.exit()), ("ledger_access", Exit::Usage), "{error}");
    let stranger = format!("stranger_of_{name}");
    server.sql(&name, &format!("CREATE ROLE {stranger} LOGIN"));
    let error = failure(Postgres::open(&address(&server.url(&stranger, &name))));
    assert_eq!((error.code(), error.exit()), ("ledger_access", Exit::Usage), "{error}");
}

#[test]
fn what_can_not_be_reached_or_entered_says_so() {
    let Some(server) = postgres_server::shared() else { return };
    for (url, code, exit) in [
        ("postgres://pli@127.0.0.1:1/ledger".to_owned(), "ledger_io", Exit::Midway),
        ("postgres://pli@/ledger?host=/nowhere".to_owned(), "ledger_io", Exit::Midway),
        (server.url("pli", "nowhere"), "ledger_access", Exit::Usage),
        (server.url("nobody_here", "postgres"), "ledger_access", Exit::Usage),
    ] {
        let error = failure(Postgres::open(&address(&url)));
        assert_eq!((error.code(), error.exit()), (code, exit), "{error}");
        assert!(error.advice().is_some() && error.position().is_some(), "{error}");
    }
}

#[test]
fn a_connection_that_is_cut_is_exit_4_and_the_next_one_works() {
    let Some((db, url)) = ledger() else { return };
    let Some(server) = postgres_server::shared() else { return };
    db.begin(Purpose::Writing).expect("a transaction");
    note(&db, "a", 1).expect("a row");
    assert_eq!(numbers(&db, NOTES), [1]);
    let name = address(&url).database;
    server.sql(
        "postgres",
        &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
    );
    let error = failure(note(&db, "b", 2).and_then(|()| db.commit()));
    assert_eq!((error.code(), error.exit()), ("ledger_io", Exit::Midway), "{error}");
    assert!(error.message().contains("57P01"), "the reason is told: {error}");
    let again = Postgres::open(&address(&url)).expect("the server still runs");
    assert_eq!(numbers(&again, NOTES), [0; 0], "nothing is kept");
}

#[test]
fn a_server_that_dies_or_hangs_is_exit_4_and_what_was_committed_stays() {
    let Some(mut server) = Server::start("fsync = on\nsynchronous_commit = off\n") else { return };
    let url = address(&server.database());
    let db = Postgres::open(&url).expect("a ledger");
    note(&db, "kept", 1).expect("a row");
    db.begin(Purpose::Writing).expect("a transaction");
    assert_eq!(
        numbers(&db, "SELECT count(*) FROM pg_settings WHERE name = 'synchronous_commit' AND setting = 'on'"),
        [1]
    );
    note(&db, "lost", 2).expect("a row");
    server.kill();
    let error = failure(db.commit());
    assert_eq!((error.code(), error.exit()), ("ledger_io", Exit::Midway), "{error}");
    assert_eq!(failure(Postgres::open(&url)).exit(), Exit::Midway);
    server.start_again();
    let mut db = Postgres::open(&url).expect("the server is back");
    assert_eq!(numbers(&db, NOTES), [1]);
    db.connection.set_limit(Duration::from_millis(300));
    server.signal("-STOP");
    let error = failure(db.query(NOTES, &[], &mut |_| Ok(())));
    assert_eq!((error.code(), error.exit()), ("ledger_io", Exit::Midway), "{error}");
    assert!(error.message().contains("not answered"), "{error}");
    server.signal("-CONT");
}

#[test]
fn a_wrong_password_is_told_and_not_repeated() {
    let Some(server) = Server::start("password_encryption = scram-sha-256\n") else { return };
    server.sql("postgres", "CREATE ROLE keeper LOGIN PASSWORD 'vbnm'");
    server.sql("postgres", "CREATE DATABASE kept OWNER keeper");
    let rules = server.folder().join("data/pg_hba.conf");
    fs_err::write(&rules, "local all pli trust\nlocal all all scram-sha-256\n").expect("rules");
    server.sql("postgres", "SELECT pg_reload_conf(), pg_sleep(0.3)");
    let url = address(&server.url("keeper", "kept"));
    let connected = |password: Option<&str>| {
        let password = password.map(|word| credentials::Password::new(word.to_owned()));
        let config = connection::configuration(&url, "keeper", password.as_ref());
        Connection::with(&url, &config, Tls::new(url.tls, None))
    };
    let error = Failure::from(LedgerError::from(connected(Some("zpqm")).err().expect("refused")));
    assert_eq!((error.code(), error.exit()), ("ledger_access", Exit::Usage), "{error}");
    assert!(!format!("{error} {error:?}").contains("zpqm"), "{error}");
    let error = Failure::from(LedgerError::from(connected(None).err().expect("refused")));
    assert!(error.message().contains("asks for a password") && error.code() == "ledger_access", "{error}");
    assert!(connected(Some("vbnm")).is_ok());
}

#[test]
fn a_pooler_may_give_each_transaction_another_connection() {
    let Some(server) = postgres_server::shared() else { return };
    let Some(pooler) = Pooler::start(server) else { return };
    let mut url = address(&server.database());
    url.port = pooler.port();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let url = &url;
            scope.spawn(move || {
                let db = Postgres::open(url).expect("a ledger");
                for round in 0..10 {
                    db.begin(Purpose::Writing).expect("a transaction");
                    for number in 0..100 {
                        note(&db, &format!("{writer}-{round}-{number}"), number).expect("a row");
                    }
                    for _ in 0..3 {
                        assert_eq!(numbers(&db, "SELECT count(*) FROM note WHERE value = 7").len(), 1);
                    }
                    if round % 2 == 0 { db.commit().expect("kept") } else { db.rollback() }
                }
            });
        }
    });
    let db = Postgres::view(&url).expect("a view").expect("a ledger");
    assert_eq!(numbers(&db, "SELECT count(*) FROM note"), [4 * 5 * 100]);
}

/// An authority and a certificate of `127.0.0.1` that it signed, in the folder `$1`; the key is the server's.
const CERTIFICATES: &str = r#"
set -e
cd "$1"
new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
openssl req -x509 $new -keyout ca.key -out ca.crt -subj /CN=authority -days 30
openssl req $new -keyout server.key -out server.csr -subj /CN=server
echo subjectAltName=IP:127.0.0.1 >server.ext
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile server.ext -out server.crt
chmod 0600 server.key
[ "$(id -u)" != 0 ] || chown nobody:nogroup server.key
"#;

#[test]
fn tls_is_checked_as_the_address_asks() {
    let Some(server) = Server::start("listen_addresses = '127.0.0.1'\n") else { return };
    let made =
        std::process::Command::new("sh").args(["-c", CERTIFICATES, "sh"]).arg(server.folder()).output();
    if made.is_err() {
        return missing::missing("`sh`");
    }
    assert!(server.folder().join("server.crt").exists(), "{made:?}");
    let opened = |mode: &str, authority: Option<&str>| {
        let url = address(&format!("postgres://pli@127.0.0.1:{}/postgres?sslmode={mode}", server.port()));
        let authority = authority.map(|name| server.folder().join(name));
        let config = connection::configuration(&url, "pli", None);
        let opened = Connection::with(&url, &config, Tls::new(url.tls, authority.as_deref()));
        opened.map_err(|fault| Failure::from(LedgerError::from(fault)))
    };
    let encrypted = |connection: Connection| {
        let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        connection.wait(connection.client().query_one(sql, &[])).expect("a row").get::<_, bool>(0)
    };
    let refused = opened("require", None).err().expect("the server has no TLS yet");
    assert_eq!((refused.code(), refused.exit()), ("ledger_access", Exit::Usage), "{refused}");
    assert!(refused.advice().is_some_and(|advice| advice.contains("sslmode=disable")), "{refused}");
    assert!(!encrypted(opened("prefer", None).expect("in clear")));
    let folder = server.folder().display();
    server.sql("postgres", &format!("ALTER SYSTEM SET ssl_cert_file = '{folder}/server.crt'"));
    server.sql("postgres", &format!("ALTER SYSTEM SET ssl_key_file = '{folder}/server.key'"));
    server.sql("postgres", "ALTER SYSTEM SET ssl = on");
    server.sql("postgres", "SELECT pg_reload_conf(), pg_sleep(0.5)");
    for (mode, authority, is_encrypted) in [
        ("verify-full", Some("ca.crt"), true),
        ("require", None, true),
        ("prefer", None, true),
        ("disable", None, false),
    ] {
        let connection = opened(mode, authority).expect(mode);
        assert_eq!(encrypted(connection), is_encrypted, "{mode}");
    }
    for authority in [None, Some("server.csr"), Some("nowhere")] {
        let refused = opened("verify-full", authority).err().expect("not trusted");
        assert_eq!((refused.code(), refused.exit()), ("ledger_access", Exit::Usage), "{refused}");
        assert!(refused.advice().is_some_and(|advice| advice.contains("PGSSLROOTCERT")), "{refused}");
    }
}

#[test]
fn a_standby_is_viewed_and_takes_no_change() {
    let Some(server) = Server::start("") else { return };
    let url = address(&server.database());
    let db = Postgres::open(&url).expect("a ledger");
    note(&db, "a", 1).expect("a row");
    let standby = server.standby();
    let url = address(&standby.url("pli", &url.database));
    let view = Postgres::view(&url).expect("a view").expect("a ledger");
    assert_eq!(numbers(&view, NOTES), [1]);
    let error = failure(note(&view, "b", 2));
    assert_eq!((error.code(), error.exit()), ("ledger_access", Exit::Usage), "{error}");
    assert!(error.advice().is_some_and(|advice| advice.contains("primary")), "{error}");
}

#[test]
fn what_was_switched_off_is_found_and_a_purge_is_cleaned_up_after() {
    let Some((db, url)) = ledger() else { return };
    assert_eq!(db.integrity().expect("an answer"), [""; 0]);
    note(&db, "cleaning", 1).expect("a row");
    db.clean().expect("cleaned");
    assert_eq!(numbers(&db, NOTES), [0; 0]);
    let Some(server) = postgres_server::shared() else { return };
    let harm = "ALTER TABLE pli.event DISABLE TRIGGER event_stays; DROP TRIGGER event_ends ON pli.event;
        ALTER TABLE pli.duty DISABLE TRIGGER ALL; INSERT INTO pli.duty VALUES (1, 7, 'letter', NULL, 'waiting')";
    server.sql(&address(&url).database, harm);
    let faults = db.integrity().expect("an answer").join("\n");
    for word in ["`event` is switched off", "`event_ends` of `event` is gone", "row of `duty` refers"] {
        assert!(faults.contains(word), "{faults}");
    }
}
