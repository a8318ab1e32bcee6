//! Lots and pieces on the command line where letters and mailers share their names.

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, program};
use crate::tools::{text, tool};

/// A job whose letters and mailers of Monday are both of lot 26327A.
fn job() -> TestJob {
    let job = TestJob::new();
    job.both_nights();
    job
}

/// Code, message and advice of a failure.
fn failure(ran: &Ran) -> [String; 3] {
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    let error = &ran.json()["error"];
    ["code", "message", "advice"].map(|key| error[key].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_lot_that_both_kinds_have_is_asked_for_with_its_kind() {
    let job = job();
    let [code, message, advice] = failure(&job.pli("status", &["--lot", "26327A"]));
    assert_eq!(code, "lot_ambiguous");
    assert!(message.contains("`L26327A`") && message.contains("`M26327A`"), "{message}");
    let advised: Vec<&str> = advice.split('`').skip(1).step_by(2).collect();
    assert_eq!(advised, ["L26327A", "M26327A"]);
    let kind_of = |arguments: &[&str]| {
        let status = job.pli("status", arguments).json();
        let lots = status["lots"].as_array().unwrap();
        assert_eq!((lots.len(), lots[0]["lot"].as_str()), (1, Some("26327A")), "{status}");
        lots[0]["kind"].as_str().unwrap().to_owned()
    };
    assert_eq!(kind_of(&["--lot", advised[0]]), "letter");
    assert_eq!(kind_of(&["--lot", advised[1]]), "mailer");
    assert_eq!(kind_of(&["--lot", "m26327a"]), "mailer");
    assert_eq!(kind_of(&["--lot", "26327A", "--kind", "letter"]), "letter");
    assert_eq!(
        failure(&job.pli("status", &["--lot", "L26327A", "--kind", "mailer"]))[0],
        "kind_contradicted"
    );
    assert_eq!(failure(&job.pli("status", &["--lot", "26327A000001"]))[0], "arguments");
    assert_eq!(failure(&job.pli("status", &["--kind", "letter"]))[0], "arguments", "of which lot?");
}

#[test]
fn a_lot_that_one_kind_has_needs_no_kind() {
    let job = TestJob::new();
    job.run(FRIDAY, &["--only", "letters"]);
    let status = job.pli("status", &["--lot", "26324A"]).json();
    assert_eq!(status["lots"][0]["kind"], "letter", "{status}");
    assert_eq!(failure(&job.pli("status", &["--lot", "M26324A"]))[0], "unknown_lot");
    assert_eq!(failure(&job.pli("status", &["--piece", "M26324A000001"]))[0], "unknown_piece");
}

#[test]
fn a_reference_whose_backslash_the_shell_took_shows_letter_and_mailer() {
    let job = job();
    let command = |reference: &str| {
        let [pli, job] = [program().get_program().to_owned(), job.path("job.toml").into()];
        let line = format!("\"$0\" status \"$1\" --json --piece {reference}");
        let ran = std::process::Command::new("sh").arg("-c").arg(line).args([pli, job]).output();
        Ran::from(ran.expect("a shell")).json()
    };
    let both = command("26327A\\000001");
    let shown: Vec<(&str, &str)> = (both.as_array().expect("two pieces").iter())
        .map(|piece| (piece["kind"].as_str().unwrap(), piece["piece_id"].as_str().unwrap()))
        .collect();
    assert_eq!(shown, [("letter", "26327A000001"), ("mailer", "26327A\\000001")]);
    for (reference, kind) in [
        ("'26327A\\000001'", "mailer"),
        ("M26327A000001", "mailer"),
        ("l26327a000001", "letter"),
        ("26327A\\000001 --kind mailer", "mailer"),
        ("26324A\\000002", "letter"),
    ] {
        assert_eq!(command(reference)["kind"], kind, "{reference}");
    }
    assert_eq!(command("L26327A000001.1")["error"]["code"], "unknown_piece", "it was not printed again");
    assert_eq!(command("L26327A\\\\000001")["error"]["code"], "arguments", "a letter has no backslash");
}

#[test]
fn work_orders_of_both_kinds_carry_codes_of_their_own() {
    let job = job();
    for (folder, lot) in [("letters", "L26327A"), ("mailers", "M26327A")] {
        let order = job.path(&format!("out/{MONDAY}/{folder}/26327A.work-order.pdf"));
        let png = job.path("order");
        let Some(_) = tool("pdftoppm", &["-r", "150", "-png", "-singlefile", text(&order), text(&png)])
        else {
            return;
        };
        let png = png.with_extension("png");
        let Some(read) = tool("zbarimg", &["-q", "--raw", "-Sdisable", "-Scode39.enable", text(&png)]) else {
            return;
        };
        assert_eq!(String::from_utf8_lossy(&read).trim(), lot);
        // The files keep their names and the tables their columns.
        let rows = job.table(&format!("out/{MONDAY}/{folder}/26327A.control.csv"));
        assert!(!rows.is_empty() && rows.iter().all(|row| row["lot"] == "26327A"));
    }
}
