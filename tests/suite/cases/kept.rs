//! What is kept of a released template is what `pli render` composes from, whatever became of the template.

use std::path::Path;

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, pli};
use crate::tools::text;

/// A job whose letters have a template of its own.
fn with_a_template() -> TestJob {
    let job = TestJob::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/card-letter");
    fs_err::create_dir_all(job.path("templates/card-letter")).unwrap();
    for entry in fs_err::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        fs_err::copy(entry.path(), job.path("templates/card-letter").join(entry.file_name())).unwrap();
    }
    job
}

fn render(job: &TestJob, template: &str, more: &[&str]) -> (Ran, Vec<u8>) {
    let (template, output) = (job.path(template), job.path("piece.pdf"));
    let mut arguments = vec!["render", text(&template), "--output", text(&output), "--json"];
    arguments.extend(more);
    let ran = pli(&arguments);
    (ran, fs_err::read(output).unwrap_or_default())
}

fn kept(ran: &Ran, kind: &str) -> String {
    let lots = ran.json()["lots"].as_array().unwrap().clone();
    let lot = lots.iter().find(|lot| lot["kind"] == kind).expect("a lot");
    format!("kept/templates/{}", lot["kept"].as_str().unwrap())
}

#[test]
fn a_template_that_was_changed_and_removed_is_rendered_as_it_was_released() {
    let job = with_a_template();
    let file = job.path("job.toml");
    let (_, before) = render(&job, "templates/card-letter", &["--job", text(&file)]);
    let ran = job.run(FRIDAY, &["--prove", "none"]);
    let folder = kept(&ran, "letter");
    assert_eq!(job.names("kept/templates").len(), 2, "letters and mailers");
    job.replace("job.toml", "name = \"", "name = \"Not ");
    job.replace("templates/card-letter/template.toml", "title = \"", "title = \"Not ");
    let (changed, now) = render(&job, "templates/card-letter", &["--job", text(&file)]);
    assert!(changed.code == 0 && now != before, "{}", changed.stderr);
    fs_err::remove_dir_all(job.path("templates")).unwrap();
    let (again, after) = render(&job, &folder, &[]);
    assert!(again.code == 0 && after == before, "{}", again.stderr);
    // The built-in template takes the place of the removed one, with the bureau's new name: another version.
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    let monday = kept(&job.run(MONDAY, &["--prove", "none"]), "mailer");
    assert!(job.path(&monday).is_dir() && monday != kept(&ran, "mailer"));
}

#[test]
fn a_kept_template_that_is_gone_or_changed_is_refused_until_it_is_restored() {
    let job = TestJob::new();
    let folder = kept(&job.run(FRIDAY, &["--prove", "none"]), "letter");
    let backup = job.path("backup");
    fs_err::rename(job.path(&folder), &backup).unwrap();
    let refused = |code: &str| {
        let (ran, _) = render(&job, &folder, &[]);
        assert_eq!((ran.code, &ran.json()["error"]["code"]), (3, &code.into()), "{}", ran.stdout);
        assert!(ran.json()["error"]["advice"].as_str().unwrap().contains("restore this folder"));
    };
    refused("template_gone");
    fs_err::rename(&backup, job.path(&folder)).unwrap();
    let prelude = job.path(&folder).join("pli.typ");
    fs_err::rename(&prelude, &backup).unwrap();
    fs_err::write(&prelude, "other").unwrap();
    refused("template_changed");
    fs_err::rename(&backup, &prelude).unwrap();
    assert_eq!(render(&job, &folder, &[]).0.code, 0, "the advice was followed");
}

#[test]
fn a_rehearsal_keeps_nothing() {
    let job = TestJob::new();
    job.run(FRIDAY, &["--dry-run", "--prove", "none"]);
    // What the audit log keeps there is of no template.
    let kept = job.names("kept");
    assert!(kept.iter().all(|name| name.starts_with("audit")), "{kept:?}");
}
