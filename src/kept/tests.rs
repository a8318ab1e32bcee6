//! What is kept is opened as it was, or refused.

use super::*;
use mail::piece::PieceKind;

const JOB: &str = "[bureau]\nname = \"Bureau\"\n[input]\ncards = [\"cards.csv\"]\n";

fn job(folder: &Path, text: &str) -> Job {
    fs_err::write(folder.join("job.toml"), text).unwrap();
    Job::load(folder).unwrap()
}

fn kept(job: &Job, template: &str) -> KeptTemplate {
    KeptTemplate::of(job, &Template::find(Path::new(template)).unwrap(), None).unwrap()
}

#[test]
fn what_was_kept_is_opened_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let job = job(folder.path(), JOB);
    let letter = kept(&job, "card-letter");
    for _ in 0..2 {
        letter.keep(&job.kept_templates()).unwrap();
    }
    let entries: Vec<_> = fs_err::read_dir(job.kept_templates()).unwrap().collect();
    assert_eq!(entries.len(), 1, "once, and nothing beside it");
    let opened = KeptTemplate::open(&job.kept_templates().join(letter.id())).unwrap();
    assert_eq!((opened.facts(), &opened.parts), (letter.facts(), &letter.parts));
    let (now, then) = (Template::find(Path::new("card-letter")).unwrap(), opened.template().unwrap());
    assert_eq!(now.version(), then.version());
    assert_eq!((then.manifest().kind, then.name()), (PieceKind::Letter, "card-letter"));
    assert_eq!(opened.facts().bureau["bureau-name"], "Bureau");
    assert!(opened.facts().signing.is_some() && opened.facts().tracking_prefix.is_none());
}

#[test]
fn another_bureau_press_or_template_is_another_version() {
    let folder = tempfile::tempdir().unwrap();
    let of = |text: &str, template: &str| kept(&job(folder.path(), text), template).id().to_owned();
    let first = of(JOB, "card-letter");
    assert_eq!(first, of(JOB, "templates/card-letter"));
    let other_bureau = of(&JOB.replace("\"Bureau\"", "\"Other\""), "card-letter");
    let other_press = of(&format!("{JOB}[press]\ndpi = 1200\n"), "card-letter");
    let mailer = of(JOB, "mailer-legacy");
    let ids = std::collections::BTreeSet::from([first, other_bureau, other_press, mailer]);
    assert_eq!(ids.len(), 4);
}

#[test]
fn what_is_gone_or_changed_is_refused_and_the_next_release_keeps_it_anew() {
    let folder = tempfile::tempdir().unwrap();
    let job = job(folder.path(), JOB);
    let letter = kept(&job, "card-letter");
    let refused = |code: &str| {
        let failure = KeptTemplate::open(&job.kept_templates().join(letter.id())).map(drop).unwrap_err();
        assert_eq!((failure.exit(), failure.code()), (crate::Exit::Refused, code), "{failure}");
    };
    refused("template_gone");
    letter.keep(&job.kept_templates()).unwrap();
    let at = |path: &str| job.kept_templates().join(letter.id()).join(path);
    let damages: [&dyn Fn(); 4] = [
        &|| fs_err::write(at("files/more.typ"), "").unwrap(),
        &|| fs_err::remove_file(at("fonts/02.ttf")).unwrap(),
        &|| fs_err::rename(at("fonts/01.ttf"), at("fonts/07.ttf")).unwrap(),
        &|| {
            let path = at("facts.json");
            let other = fs_err::read_to_string(&path).unwrap().replace("Bureau", "Bureaux");
            fs_err::remove_file(&path).unwrap();
            fs_err::write(path, other).unwrap();
        },
    ];
    for damage in damages {
        damage();
        refused("template_changed");
        letter.keep(&job.kept_templates()).unwrap();
        assert!(KeptTemplate::open(&job.kept_templates().join(letter.id())).is_ok());
    }
}

#[cfg(unix)]
#[test]
fn its_files_are_read_only_and_links_are_no_part_of_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let job = job(folder.path(), JOB);
    let letter = kept(&job, "card-letter");
    letter.keep(&job.kept_templates()).unwrap();
    let place = job.kept_templates().join(letter.id());
    for path in letter.parts.keys() {
        assert_eq!(fs_err::metadata(place.join(path)).unwrap().permissions().mode() & 0o777, 0o400, "{path}");
    }
    std::os::unix::fs::symlink("pli.typ", place.join("link.typ")).unwrap();
    assert!(KeptTemplate::open(&job.kept_templates().join(letter.id())).is_err());
}
