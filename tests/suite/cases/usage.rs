//! Paths on the command line that can't be right: exit 2, and the advice works.

use crate::job::{FRIDAY, Ran, TestJob, pli};
use crate::tools::text;

fn refused(ran: &Ran, code: &str) -> String {
    assert_eq!(ran.code, 2, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.json()["error"]["code"], code, "{}", ran.stdout);
    ran.json()["error"]["advice"].as_str().expect("advice").to_owned()
}

#[test]
fn a_specimen_is_not_written_over_a_folder_or_below_a_file() {
    let job = TestJob::new();
    fs_err::create_dir(job.path("folder.pdf")).unwrap();
    let render = |output: &str| {
        pli(&["render", "card-letter", "--json", "--output", &format!("{}/{output}", text(&job.path("")))])
    };
    for output in ["rr/x.png/", "folder.pdf", "job.toml/x.pdf"] {
        refused(&render(output), "render_output");
    }
    assert!(!job.path("rr").exists());
    assert_eq!(render("rr/x.pdf").code, 0);
}

#[test]
fn a_demonstration_and_a_sample_are_not_made_where_a_file_is() {
    let job = TestJob::new();
    let before = job.read("job.toml");
    for out in ["job.toml", "job.toml/below"] {
        let out = job.path(out);
        let advice = refused(&pli(&["demo", "--json", "--out", text(&out)]), "demo_folder");
        assert!(advice.contains("folder"), "{advice}");
        refused(&pli(&["sample", "--count", "3", "--json", "--out", text(&out)]), "sample_folder");
    }
    assert_eq!(job.read("job.toml"), before);
}

#[test]
fn a_list_of_released_cards_that_is_not_there_is_a_path_to_correct() {
    let job = TestJob::new();
    let check = |list: &str| {
        let (file, list) = (job.path("job.toml"), job.path(list));
        pli(&["check", text(&file), "--date", FRIDAY, "--json", "--release-reissues", text(&list)])
    };
    let advice = refused(&check("reissue.csv"), "reissues");
    assert!(advice.contains("correct the path") && !advice.contains("one card a line"), "{advice}");
    assert!(check("reissues.csv").code < 2);
}
