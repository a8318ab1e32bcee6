use std::path::Path;

use super::*;
use crate::job::Sections;
use crate::job::commented::tests::taken_in;

fn answers() -> BureauAnswers {
    let mut answers = BureauAnswers::default();
    for question in Question::ALL {
        let text = match question {
            Question::ReturnAddress | Question::OfficeAddress => "1 RUE \"NEUVE\"; 75001 PARIS",
            _ => "it's @WEBSITE@ \\ \"é\"",
        };
        answers.give(question, text.to_owned());
    }
    answers
}

fn order<'a>(folder: &'a Path, bureau: &'a BureauAnswers) -> InitOrder<'a> {
    let now = Timestamp::from_second(1_795_000_000).unwrap();
    InitOrder { folder, bureau, press_key: None, paper_opacity: None, tracking_prefix: None, now }
}

#[test]
fn what_is_commented_out_is_known_and_is_the_default() {
    let bureau = answers();
    let text = job_text::text(&order(Path::new("job"), &bureau));
    let said: Sections = toml::from_str(&text).expect("a job");
    assert_eq!(said.bureau.name, "it's @WEBSITE@ \\ \"é\"");
    assert_eq!(said.bureau.return_address, ["1 RUE \"NEUVE\"", "75001 PARIS"]);
    let all: Sections = toml::from_str(&taken_in(&text)).expect("every key is known");
    assert_eq!(all.approvals.keys.len(), 2);
    assert_eq!(all.output.seal_to, said.output.seal_to);
    assert_eq!(all.output.archive, said.output.archive);
    assert_eq!(all.retention.complete(), said.retention.complete());
    assert_eq!(all.returns.hold_after, said.returns.hold_after);
    assert_eq!(all.feedback.dir, said.feedback.dir);
    assert_eq!(all.audit.key, said.audit.key);
    assert_eq!(all.mailers.tracking_prefix, said.mailers.tracking_prefix);
    assert_eq!(all.signing.ca_id, said.signing.ca_id);
}

#[test]
fn a_job_is_made_whole_and_never_over_another() {
    let place = tempfile::tempdir().unwrap();
    let (folder, bureau) = (place.path().join("job"), answers());
    let made = make(&order(&folder, &bureau)).unwrap();
    assert_eq!(made.job, folder.join("job.toml"));
    assert!(made.press.is_empty() && made.keys.iter().all(|key| Path::new(&key.key.file).is_file()));
    let names = |folder: &Path| {
        let mut names: Vec<_> = fs_err::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(place.path()), ["job"], "nothing half is left");
    assert_eq!(names(&folder), ["audit", "inbox", "job.toml", "kept", "keys", "out"]);
    let before = fs_err::read_to_string(&made.job).unwrap();
    assert_eq!(make(&order(&folder, &bureau)).unwrap_err().code(), "init_occupied");
    assert_eq!(fs_err::read_to_string(&made.job).unwrap(), before);
    let empty = place.path().join("empty");
    fs_err::create_dir(&empty).unwrap();
    make(&order(&empty, &bureau)).unwrap();
}

#[test]
fn an_answer_that_is_missing_or_can_t_be_printed_is_named() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("job");
    let mut few = BureauAnswers::default();
    few.give(Question::Name, "Bureau".to_owned());
    let failure = make(&order(&folder, &few)).unwrap_err();
    assert_eq!((failure.code(), failure.exit().code()), ("init_unanswered", 2));
    assert!(
        failure.message().contains("--phone-overseas") && !failure.message().contains("--name"),
        "{failure}"
    );
    for (question, wrong) in [
        (Question::Name, ""),
        (Question::Phone, "0\u{7}1"),
        (Question::ReturnAddress, "a;;b"),
        (Question::OfficeAddress, "1;2;3;4;5;6;7"),
    ] {
        assert!(question.read(wrong).is_err(), "{wrong:?}");
    }
    assert!(!folder.exists());
}

#[test]
fn a_press_key_that_is_none_makes_no_job() {
    let place = tempfile::tempdir().unwrap();
    let (folder, bureau) = (place.path().join("job"), answers());
    for wrong in ["age1mistyped", "no-such-file"] {
        let failure = make(&InitOrder { press_key: Some(wrong), ..order(&folder, &bureau) }).unwrap_err();
        assert_eq!(failure.exit().code(), 2, "{failure}");
        assert!(fs_err::read_dir(place.path()).unwrap().next().is_none(), "{wrong}");
    }
}
