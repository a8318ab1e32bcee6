//! The opacity of the paper of mailers: what a template asks for, and what a job says that the press loads.

use crate::job::{FRIDAY, MONDAY, TestJob};
use crate::tools::{text, tool};

/// A job whose mailers are printed on paper of this opacity, and the template asks for 94 %.
fn job_on_paper(opacity: &str) -> TestJob {
    let job = TestJob::new();
    let toml = job.read("job.toml");
    job.write("job.toml", &format!("{toml}\n[mailers]\npaper_opacity = {opacity}\n"));
    job
}

#[test]
fn mailers_on_lighter_paper_than_their_template_asks_for_are_refused() {
    let job = job_on_paper("92");
    // Some mailers are due on the night of the letters.
    let friday = job.run(FRIDAY, &[]);
    assert_eq!(friday.code, 2, "{}", friday.stderr);
    assert!(friday.stderr.contains("`mailers.paper_opacity` is 92 %"), "{}", friday.stderr);
    let letters = job.run(FRIDAY, &["--only", "letters"]);
    assert!(letters.code <= 1, "letters leave all the same: {}", letters.stderr);
    for path in ["inbox/cards.csv", "reissues.csv"] {
        fs_err::remove_file(job.path(path)).unwrap();
    }
    for (command, arguments) in [
        ("check", &["--date", MONDAY][..]),
        ("run", &["--date", MONDAY, "--dry-run"]),
        ("run", &["--date", MONDAY]),
    ] {
        let ran = job.pli(command, arguments);
        let said = format!("{command} {arguments:?}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, 2, "{said}");
        assert!(said.contains("paper_opacity"), "{said}");
        assert!(!job.path(&format!("out/{MONDAY}/mailers")).exists(), "{said}");
    }
    // As the advice says.
    job.replace("job.toml", "paper_opacity = 92", "paper_opacity = 94");
    let monday = job.run(MONDAY, &[]);
    assert!(monday.code <= 1, "{}", monday.stderr);
    assert!(job.path(&format!("out/{MONDAY}/mailers")).exists());
}

#[test]
fn work_orders_of_mailers_state_the_opacity_whatever_the_job_says() {
    let job = TestJob::new();
    job.both_nights();
    let of = |kind: &str, date: &str, lot: &str| {
        let order = job.path(&format!("out/{date}/{kind}/{lot}.work-order.pdf"));
        let bytes = tool("pdftotext", &["-layout", text(&order), "-"])?;
        Some(String::from_utf8_lossy(&bytes).replace('\u{A0}', " "))
    };
    let Some(mailers) = of("mailers", MONDAY, "26327A") else { return };
    assert!(mailers.contains("Opacité 94 % au moins (ISO 2471)"), "{mailers}");
}
