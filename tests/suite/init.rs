//! `pli init`: a production job is made whole from answers alone, its first nights run, and each step that it prints works.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use pli::vault::{open, recipients, seal_bytes};

use crate::doctor::Patient;
use crate::job::{FRIDAY, MONDAY, Ran, pli, program};
use crate::missing::missing;
use crate::schemas::answers;
use crate::tools::text;

/// What a bureau says of itself.
pub const ANSWERS: [&str; 12] = [
    "--name",
    "Agence de Lyon",
    "--return-address",
    "BP 12 ; 69002 LYON",
    "--office-address",
    "4 RUE MERCIERE ; 69002 LYON",
    "--phone",
    "04 72 00 00 00",
    "--phone-overseas",
    "00 33 4 72 00 00 00",
    "--website",
    "agence.example",
];

/// A job of `pli init`, with a press that keeps its own key.
fn made() -> (Patient, Ran) {
    let patient = Patient::in_folder("cards");
    assert_eq!(patient.sh("pli keys new press --output press.identity").code, 0);
    let (folder, press) = (patient.path(""), patient.place().join("press.pub"));
    let folder = text(&folder).trim_end_matches('/').to_owned();
    let mut arguments = vec!["init", &folder, "--json", "--press-key", text(&press), "--paper-opacity", "94"];
    arguments.extend(["--tracking-prefix", "3c"]);
    arguments.extend(ANSWERS);
    let ran = pli(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    (patient, ran)
}

/// Puts the records and codes of a sample into the inbox of a job, the codes sealed to the job's own key.
fn fill_inbox(patient: &Patient) {
    let sample = patient.place().join("sample");
    assert_eq!(pli(&["sample", "--count", "20", "--out", text(&sample)]).code, 0);
    fs_err::copy(sample.join("inbox/cards.csv"), patient.path("inbox/cards.csv")).unwrap();
    let plain = open(&sample.join("inbox/codes.csv.age"), &sample.join("keys/codes.identity")).unwrap();
    let to = recipients(&["keys/codes.pub".to_owned()], |file| patient.path(file)).unwrap();
    fs_err::write(patient.path("inbox/codes.csv.age"), seal_bytes(&to, &plain).unwrap()).unwrap();
}

#[test]
fn a_job_is_healthy_and_its_first_nights_run() {
    let (patient, ran) = made();
    answers("init", &ran.stdout);
    let listed = patient.sh("pli keys list cards/keys");
    for key in ["signing.pem", "codes.identity", "audit.key", "keys/ledger: the keys of the ledger's names"] {
        assert!(listed.code == 0 && listed.stdout.contains(key), "{key}: {}{}", listed.stdout, listed.stderr);
    }
    patient.assert_well(FRIDAY, &[]);
    for folder in ["", "inbox", "out", "keys", "keys/ledger", "audit", "kept"] {
        let mode = fs_err::metadata(patient.path(folder)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o700, "{folder}");
    }
    for file in
        ["job.toml", "keys/signing.pem", "keys/codes.identity", "keys/audit.key", "keys/ledger/index.key"]
    {
        let mode = fs_err::metadata(patient.path(file)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
    }
    let told = ran.json();
    assert_eq!(told["keys"].as_array().map(Vec::len), Some(3), "{told}");
    assert!(!ran.stdout.contains("SECRET") && !ran.stdout.contains("PRIVATE"), "no private half is shown");
    fill_inbox(&patient);
    let job = patient.path("");
    let checked = pli(&["check", text(&job), "--date", FRIDAY]);
    assert!(checked.code <= 1, "{}", checked.stderr);
    let friday = pli(&["run", text(&job), "--date", FRIDAY, "--json"]);
    assert!(
        friday.code <= 1 && friday.json()["letters"].as_u64() > Some(0),
        "{}{}",
        friday.stdout,
        friday.stderr
    );
    fs_err::remove_file(patient.path("inbox/cards.csv")).unwrap();
    let monday = pli(&["run", text(&job), "--date", MONDAY, "--json"]);
    assert!(
        monday.code <= 1 && monday.json()["mailers"].as_u64() > Some(0),
        "{}{}",
        monday.stdout,
        monday.stderr
    );
    assert!(
        patient
            .path("out/2026-11-23/mailers")
            .read_dir()
            .unwrap()
            .any(|entry| { entry.unwrap().path().extension().is_some_and(|ending| ending == "age") })
    );
    let audit = pli(&["audit", text(&job)]);
    assert_eq!(audit.code, 0, "{}{}", audit.stdout, audit.stderr);
    patient.name_recovery(MONDAY);
    patient.assert_well(MONDAY, &["audit", "ledger", "codes", "modes", "recovery"]);
}

#[test]
fn pieces_bear_the_bureaus_own_facts() {
    let (patient, _) = made();
    fill_inbox(&patient);
    assert!(pli(&["run", text(&patient.path("")), "--date", FRIDAY, "--prove", "none"]).code <= 1);
    let letters = patient.path("out/2026-11-20/letters/26324A-0001.pdf");
    let Some(pages) = crate::tools::pdf_text(&letters) else { return };
    let first = pages.concat();
    assert!(first.contains("Agence de Lyon") || first.contains("04 72 00 00 00"), "{first}");
    for foreign in ["825 852", "Futuroscope", "esante.gouv.fr"] {
        assert!(!first.contains(foreign), "{foreign} is another bureau's");
    }
}

#[test]
fn every_step_that_it_prints_works() {
    let (patient, ran) = made();
    let told = ran.json();
    let steps = told["next"].as_array().unwrap();
    assert!(steps.len() >= 4, "{told}");
    for step in steps {
        let command = step["command"].as_str().unwrap();
        let ran = patient.sh(command);
        // Today may be a day off, and this machine's clock its own: that needs a person.
        assert!(ran.code <= 1, "{command}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_missing_answer_names_its_option_and_nothing_is_invented() {
    let patient = Patient::in_folder("cards");
    let folder = patient.place().join("cards");
    let ran = pli(&["init", text(&folder), "--name", "Agence", "--json"]);
    let error = &ran.json()["error"];
    assert_eq!((ran.code, &error["code"]), (2, &"init_unanswered".into()));
    for option in ["--return-address", "--office-address", "--phone", "--phone-overseas", "--website"] {
        assert!(error["message"].as_str().unwrap().contains(option), "{error}");
    }
    assert!(!folder.exists());
    // Without a press nobody can open mailers, and it says so.
    let bare: Vec<&str> = ["init", text(&folder)].into_iter().chain(ANSWERS).collect();
    let ran = pli(&bare);
    assert!(
        ran.code == 0 && ran.stdout.contains("nobody can open mailers yet"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    assert!(!patient.path("keys/press.pub").exists());
    // An invented tracking number is told; the advice, followed, ends that.
    assert!(ran.stdout.contains("invented tracking number"), "{}", ran.stdout);
    let looked = patient.doctor(FRIDAY, &["bureau"]);
    let finding = &looked.json()["findings"][0];
    assert_eq!((looked.code, &finding["code"]), (1, &"tracking_prefix_missing".into()), "{}", looked.stdout);
    assert!(finding["advice"].as_str().unwrap().contains("`tracking_prefix = \"…\"`"), "{finding}");
    let job = fs_err::read_to_string(patient.path("job.toml")).unwrap();
    let said = job.replace("# tracking_prefix = \"XX\"", "tracking_prefix = \"3C\"");
    fs_err::write(patient.path("job.toml"), said).unwrap();
    patient.assert_well(FRIDAY, &["bureau"]);
    let looked = patient.doctor(FRIDAY, &["press_key"]);
    assert_eq!((looked.code, &looked.json()["findings"][0]["code"]), (2, &"seal_recipient".into()));
    fill_inbox(&patient);
    let friday = pli(&["run", text(&folder), "--date", FRIDAY, "--json"]);
    assert!(friday.code <= 1 && friday.stdout.contains("mailer_configuration"), "{}", friday.stdout);
}

#[test]
fn nothing_that_is_there_is_touched() {
    let patient = Patient::in_folder("cards");
    let folder = patient.place().join("cards");
    fs_err::create_dir(&folder).unwrap();
    fs_err::write(folder.join("note"), "mine").unwrap();
    let file = patient.place().join("file");
    fs_err::write(&file, "mine").unwrap();
    for occupied in [&folder, &file] {
        let arguments: Vec<&str> = ["init", text(occupied), "--json"].into_iter().chain(ANSWERS).collect();
        let ran = pli(&arguments);
        assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"init_occupied".into()));
    }
    assert_eq!(fs_err::read_dir(&folder).unwrap().count(), 1);
    assert_eq!(fs_err::read_dir(patient.place()).unwrap().count(), 2, "nothing is left beside");
}

#[test]
fn a_job_that_is_killed_while_it_is_made_is_whole_or_not_there() {
    let patient = Patient::in_folder("cards");
    let (mut whole, mut none) = (0, 0);
    for moment in 0..24 {
        let folder = patient.place().join(format!("job{moment}"));
        let mut child = program();
        child.args(["init", text(&folder), "-q"]).args(ANSWERS);
        let mut child = child.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(moment * 2));
        let _ = child.kill();
        child.wait().unwrap();
        match folder.exists() {
            false => none += 1,
            true => {
                whole += 1;
                let ran = pli(&[
                    "doctor",
                    text(&folder),
                    "--look",
                    "signing_key",
                    "--look",
                    "audit",
                    "--look",
                    "ledger",
                ]);
                assert_eq!(ran.code, 0, "{}", ran.stdout);
            }
        }
    }
    assert!(none > 0, "{whole} were whole, {none} were not there");
}

#[test]
fn on_a_terminal_it_asks_and_asks_again() {
    let patient = Patient::in_folder("cards");
    let folder = patient.place().join("cards");
    let log = patient.place().join("typescript");
    let command = format!("{} init {}", env!("CARGO_BIN_EXE_pli"), text(&folder));
    let answers = "\nAgence d'\"Ici\"\nBP 12; 69002 LYON\n4 RUE MERCIERE; 69002 LYON\n04 72 00 00 00\n00 33 4 72\nagence.example\n\n\nthick\n94 %\nx\n3c\n";
    let typed = patient.place().join("answers");
    fs_err::write(&typed, answers).unwrap();
    let input = fs_err::File::open(&typed).unwrap().into_parts().0;
    let ran = Command::new("script")
        .args(["-qec", &command, text(&log)])
        .stdin(input)
        .env("NO_COLOR", "1")
        .output();
    let Ok(output) = ran else { return missing("`script`") };
    let ran: Ran = output.into();
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(
        ran.stdout.contains("write 1 to 60 characters") && ran.stdout.contains("write 50 to 100"),
        "{}",
        ran.stdout
    );
    let job = fs_err::read_to_string(folder.join("job.toml")).unwrap();
    assert!(job.contains("paper_opacity = 94") && job.contains("69002 LYON"), "{job}");
    assert!(job.contains("Ici") && job.contains("# seal_to ="), "{job}");
}

/// The commands of a document, in the order in which they stand there.
fn commands(page: &str) -> String {
    let blocks = page.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    blocks.collect::<Vec<_>>().join("\n")
}

/// The commands of both documents work one after the other, and what the first shows of the doctor's output is what it prints.
#[test]
fn the_documents_commands_make_a_job_that_is_well() {
    let patient = Patient::in_folder("cards");
    let page = |name: &str| {
        fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap()
    };
    let first = page("first-job.md");
    let ran = patient.sh(&commands(&first));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let shown = first.split("```text\n").skip(1).filter_map(|block| block.split("```").next());
    for line in shown.flat_map(str::lines).filter(|line| !line.contains('…')) {
        assert!(ran.stdout.contains(line), "`{line}` is not in\n{}", ran.stdout);
    }
    let ran = patient.sh(&commands(&page("doctor.md")));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}
