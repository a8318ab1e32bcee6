//! Mailers reach pipes and memory, never a disk, and each file once.

use std::io::Read;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::process::Command;
use std::thread;

use tempfile::TempDir;

use super::target::{Target, file_system, is_memory};
use super::*;
use crate::failure::Exit;
use crate::vault::{new_identity, recipients, seal_bytes};
use mail::lot::LotName;

const PLAIN: &[u8] = b"%PDF-1.6 of a mailer";

/// A press with the sealed files of a lot, and no job.
struct Press {
    folder: TempDir,
    lot: SealedLot,
}

impl Press {
    fn with_files(count: u32) -> Press {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        new_identity(&path("press.identity"), &path("press.pub")).unwrap();
        let to = recipients(&["it".to_owned()], |_| path("press.pub")).unwrap();
        for number in 1..=count {
            let sealed = seal_bytes(&to, PLAIN).unwrap();
            fs_err::write(path(&format!("26327A-{number:04}.pdf.age")), sealed).unwrap();
        }
        for stranger in ["26327A.manifest.csv", "26327B-0001.pdf.age", "26327A-x.pdf.age"] {
            fs_err::write(path(stranger), "").unwrap();
        }
        let lot = SealedLot::in_folder(folder.path(), &LotName::parse("26327A").unwrap()).unwrap();
        Press { folder, lot }
    }

    fn unseal(&self, to: &Path, file: Option<&str>) -> Result<UnsealReport, Failure> {
        unseal(&UnsealOrder {
            lot: &self.lot,
            file,
            identity: &self.folder.path().join("press.identity"),
            to,
            author: &Author::named(Some("JD")),
            at: "2026-11-23T20:00:00Z".to_owned(),
            leave: None,
        })
    }

    /// A pipe of this press.
    fn pipe(&self) -> PathBuf {
        let pipe = self.folder.path().join("pipe");
        assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&pipe).status().unwrap().success());
        pipe
    }
}

/// A folder in memory; `None` where the system has none.
fn memory() -> Option<TempDir> {
    let folder = tempfile::Builder::new().prefix("pli-test-").tempdir_in("/dev/shm").ok()?;
    fs_err::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    is_memory(file_system(std::fs::File::open(folder.path()).unwrap()).unwrap()).then_some(folder)
}

#[test]
fn memory_is_told_from_a_disk_as_stat_tells_it() {
    for path in ["/", "/dev/shm", "/proc", env!("CARGO_MANIFEST_DIR")] {
        let Ok(file) = std::fs::File::open(path) else { continue };
        let stat = Command::new("stat").args(["-f", "-c", "%T", path]).output().unwrap();
        let stat = String::from_utf8(stat.stdout).unwrap();
        let expected = ["tmpfs", "ramfs"].contains(&stat.trim());
        assert_eq!(is_memory(file_system(file).unwrap()), expected, "{path}: {stat}");
    }
}

#[test]
fn a_pipe_takes_one_file_once() {
    let press = Press::with_files(2);
    let pipe = press.pipe();
    let failure = press.unseal(&pipe, None).unwrap_err();
    assert_eq!((failure.code(), failure.exit()), ("unseal_which", Exit::Usage));
    let reader = {
        let pipe = pipe.clone();
        thread::spawn(move || {
            let mut read = Vec::new();
            std::fs::File::open(pipe).unwrap().read_to_end(&mut read).unwrap();
            read
        })
    };
    let report = press.unseal(&pipe, Some("26327A-0002.pdf")).unwrap();
    assert_eq!(reader.join().unwrap(), PLAIN);
    assert_eq!((report.lot.as_str(), report.files[0].file.as_str()), ("M26327A", "26327A-0002.pdf.age"));
    let again = press.unseal(&pipe, Some("26327A-0002.pdf.age")).unwrap_err();
    assert_eq!((again.code(), again.exit()), ("unsealed_before", Exit::Refused));
    assert!(again.message().contains("by JD"), "{again}");
    // A copy under another name is the same file.
    let copy = press.folder.path().join("26327A-0003.pdf.age");
    fs_err::copy(press.folder.path().join("26327A-0002.pdf.age"), copy).unwrap();
    let lot = SealedLot::in_folder(press.folder.path(), &LotName::parse("26327A").unwrap()).unwrap();
    let again = Press { lot, ..press }.unseal(&pipe, Some("26327A-0003.pdf")).unwrap_err();
    assert_eq!(again.code(), "unsealed_before");
}

#[test]
fn a_folder_in_memory_takes_a_lot_and_a_disk_none() {
    let press = Press::with_files(2);
    let disk = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    if !is_memory(file_system(std::fs::File::open(disk.path()).unwrap()).unwrap()) {
        let failure = press.unseal(disk.path(), None).unwrap_err();
        assert_eq!((failure.code(), failure.exit()), ("unseal_disk", Exit::Refused));
        assert_eq!(fs_err::read_dir(disk.path()).unwrap().count(), 0);
    }
    let Some(memory) = memory() else { return };
    let open = std::fs::Permissions::from_mode(0o777);
    fs_err::set_permissions(memory.path(), open).unwrap();
    assert_eq!(press.unseal(memory.path(), None).unwrap_err().code(), "unseal_open_to_others");
    fs_err::set_permissions(memory.path(), std::fs::Permissions::from_mode(0o750)).unwrap();
    let of_group = press.unseal(memory.path(), None).unwrap_err();
    assert_eq!((of_group.code(), of_group.exit()), ("unseal_open_to_others", Exit::Refused));
    fs_err::set_permissions(memory.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let report = press.unseal(memory.path(), None).unwrap();
    assert_eq!(report.files.len(), 2);
    for number in 1..=2 {
        let file = memory.path().join(format!("26327A-{number:04}.pdf"));
        assert_eq!(fs_err::read(&file).unwrap(), PLAIN);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs_err::read_dir(press.lot.records.as_path()).unwrap().count(), 2);
    assert_eq!(press.unseal(memory.path(), None).unwrap_err().code(), "unsealed_before");
}

#[test]
fn what_can_t_be_written_is_not_noted() {
    let Some(memory) = memory() else { return };
    let press = Press::with_files(1);
    fs_err::write(memory.path().join("26327A-0001.pdf"), "another").unwrap();
    assert_eq!(press.unseal(memory.path(), None).unwrap_err().code(), "unseal_there");
    assert!(!press.lot.records.exists());
    let file = press.folder.path().join("26327A-0001.pdf.age");
    let mut sealed = fs_err::read(&file).unwrap();
    *sealed.last_mut().unwrap() ^= 1;
    fs_err::write(&file, sealed).unwrap();
    assert_eq!(press.unseal(memory.path(), None).unwrap_err().code(), "seal_damaged");
    assert!(!press.lot.records.exists());
    for (to, file, code) in [
        ("/dev/null", None, "unseal_target"),
        ("/nowhere", None, "unseal_target"),
        (memory.path().to_str().unwrap(), Some("x.pdf"), "unseal_unknown_file"),
    ] {
        assert_eq!(press.unseal(Path::new(to), file).unwrap_err().code(), code);
    }
}

#[test]
fn the_folder_of_a_job_is_opened_through_the_job_alone() {
    let press = Press::with_files(1);
    let out = press.folder.path().join("out/2026-11-23/mailers");
    fs_err::create_dir_all(&out).unwrap();
    let link = press.folder.path().join("link");
    std::os::unix::fs::symlink(&out, &link).unwrap();
    let name = LotName::parse("26327A").unwrap();
    let code = |folder: &Path| SealedLot::in_folder(folder, &name).err().map(|failure| failure.code());
    assert_eq!(code(&link), None);
    for known in ["out/ledger.stamp", "job.toml"] {
        let known = press.folder.path().join(known);
        fs_err::write(&known, "").unwrap();
        for folder in [&out, &link, &out.join("../../2026-11-23")] {
            assert_eq!(code(folder), Some("unseal_job"), "{}", folder.display());
        }
        fs_err::remove_file(&known).unwrap();
    }
    assert_eq!(code(&out), None);
}

#[test]
fn a_target_is_of_this_user_alone_also_once_it_is_open() {
    let press = Press::with_files(1);
    let pipe = press.pipe();
    let mode = |mode| fs_err::set_permissions(&pipe, std::fs::Permissions::from_mode(mode)).unwrap();
    let refused = |failure: Failure| assert_eq!(failure.code(), "unseal_open_to_others", "{failure}");
    mode(0o660);
    refused(press.unseal(&pipe, None).unwrap_err());
    mode(0o600);
    let target = Target::find(&pipe).unwrap();
    mode(0o640);
    let reader = {
        let pipe = pipe.clone();
        thread::spawn(move || std::fs::File::open(pipe).unwrap().read_to_end(&mut Vec::new()).unwrap())
    };
    refused(target.write("x.pdf", PLAIN, || panic!("it is noted as opened")).unwrap_err());
    assert_eq!(reader.join().unwrap(), 0, "no byte has left");
    mode(0o600);
    // Only root gives a file away.
    if std::os::unix::fs::chown(&pipe, Some(65534), None).is_ok() {
        refused(Target::find(&pipe).unwrap_err());
    }
    let Some(memory) = memory() else { return };
    let target = Target::find(memory.path()).unwrap();
    fs_err::set_permissions(memory.path(), std::fs::Permissions::from_mode(0o710)).unwrap();
    refused(target.write("x.pdf", PLAIN, || panic!("it is noted as opened")).unwrap_err());
    assert_eq!(fs_err::read_dir(memory.path()).unwrap().count(), 0);
}

#[test]
fn what_failed_after_its_first_file_goes_on_with_the_same_command() {
    let Some(memory) = memory() else { return };
    let press = Press::with_files(2);
    let second = memory.path().join("26327A-0002.pdf");
    fs_err::write(&second, "another").unwrap();
    assert_eq!(press.unseal(memory.path(), None).unwrap_err().code(), "unseal_there");
    assert!(memory.path().join("26327A-0001.pdf").exists(), "the first was opened");
    fs_err::remove_file(&second).unwrap();
    let report = press.unseal(memory.path(), None).unwrap();
    let opened: Vec<&str> = report.files.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(
        (opened, report.opened_before),
        (vec!["26327A-0002.pdf.age"], vec!["26327A-0001.pdf.age".to_owned()])
    );
    assert_eq!(fs_err::read(&second).unwrap(), PLAIN);
    // All are opened now, and a file that is named is never passed over.
    for file in [None, Some("26327A-0001.pdf")] {
        assert_eq!(press.unseal(memory.path(), file).unwrap_err().code(), "unsealed_before");
    }
}

#[test]
fn what_is_lost_after_its_opening_was_noted_is_not_called_resumable() {
    let press = Press::with_files(1);
    let pipe = press.pipe();
    let flags = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    let reader = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(&pipe).unwrap();
    let target = Target::find(&pipe).unwrap();
    let gone = move || {
        drop(reader);
        Ok(())
    };
    let failure = target.write("x.pdf", PLAIN, gone).unwrap_err();
    assert_eq!((failure.code(), failure.exit()), ("unseal_lost", Exit::Refused), "{failure}");
    // Before it is noted, the same command goes on.
    let Some(memory) = memory() else { return };
    let target = Target::find(memory.path()).unwrap();
    fs_err::remove_dir(memory.path()).unwrap();
    let failure = target.write("x.pdf", PLAIN, || panic!("it is noted as opened")).unwrap_err();
    assert_eq!((failure.code(), failure.exit()), ("unseal_write", Exit::Midway), "{failure}");
}
