//! The cache of laid-out stock gives what was laid out or nothing, and says what is wrong with it.

use std::path::Path;

use mail::piece::PieceKind;
use template::{Facts, Template};

use super::stock_cache::StockCache;
use crate::job::Job;
use crate::night::order::{NightOrder, NoProgress, Prove};
use crate::night::run;
use crate::sample::{SampleOrder, make};

/// A template of a letter that is laid out at once.
fn template(folder: &Path) -> Template {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/card-letter");
    let own = folder.join("card-letter");
    fs_err::create_dir_all(&own).unwrap();
    for entry in fs_err::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        fs_err::copy(entry.path(), own.join(entry.file_name())).unwrap();
    }
    Template::find(&own).unwrap()
}

fn facts(pairs: &[(&str, &str)]) -> Facts {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn variant() -> Facts {
    facts(&[
        ("reason", "first"),
        ("codes", "new"),
        ("family", "CPS"),
        ("holder", "named"),
        ("replaced", "no"),
    ])
}

fn bureau(name: &str) -> Facts {
    let names = ["return-address", "office-address", "phone", "hours", "phone-overseas", "website"];
    let other = names.map(|name| (format!("bureau-{name}"), "ASIP".to_owned()));
    other.into_iter().chain([("bureau-name".to_owned(), name.to_owned())]).collect()
}

/// The stock's bytes.
fn stock(cache: &StockCache, template: &Template, name: &str) -> Vec<u8> {
    cache.compiled(template.order(&[variant()], &bureau(name), None)).unwrap().stock.objects
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> = fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn stock_comes_from_the_cache_and_an_altered_entry_is_replaced_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let (template, kept) = (template(folder.path()), folder.path().join("stock"));
    let laid_out = template.compile(&[variant()], &bureau("ASIP")).unwrap().stock.objects;
    let cache = StockCache::in_folder(kept.clone());
    assert_eq!(stock(&cache, &template, "ASIP"), laid_out);
    let [entry] = &entries(&kept)[..] else { panic!("one entry") };
    let written = fs_err::read(entry).unwrap();
    let modified = || fs_err::metadata(entry).unwrap().modified().unwrap();
    let first = modified();
    assert_eq!(stock(&cache, &template, "ASIP"), laid_out);
    assert_eq!((modified(), cache.alerts().len()), (first, 0), "it was taken from there");
    #[cfg(unix)]
    for (path, mode) in [(entry, 0o600), (&kept, 0o700)] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs_err::metadata(path).unwrap().permissions().mode() & 0o777, mode);
    }
    let mut longer = written.clone();
    longer.push(0);
    let mut bent = written.clone();
    let last = bent.len() - 1;
    bent[last] ^= 1;
    let mut head = written.clone();
    head[3] ^= 1;
    for unsound in [&written[..written.len() / 2], &written[..40], b"", &longer, &bent, &head] {
        fs_err::write(entry, unsound).unwrap();
        let cache = StockCache::in_folder(kept.clone());
        assert_eq!(stock(&cache, &template, "ASIP"), laid_out);
        let [alert] = &cache.alerts()[..] else { panic!("{} alerts", cache.alerts().len()) };
        assert!(alert.code == "stock_cache" && alert.message.contains(&entry.display().to_string()));
        assert!(alert.message.contains("laid out anew"), "{}", alert.message);
        assert_eq!(fs_err::read(entry).unwrap(), written, "it was replaced");
    }
}

#[test]
fn the_entry_of_another_layout_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (template, kept) = (template(folder.path()), folder.path().join("stock"));
    let cache = StockCache::in_folder(kept.clone());
    let own = stock(&cache, &template, "ASIP");
    let [entry] = &entries(&kept)[..] else { panic!("one entry") };
    let other = stock(&cache, &template, "Another bureau");
    assert_ne!(own, other);
    let all = entries(&kept);
    let others = all.iter().find(|path| *path != entry).unwrap();
    fs_err::copy(entry, others).unwrap();
    assert_eq!(stock(&cache, &template, "Another bureau"), other);
    assert_eq!(cache.alerts().len(), 1);
}

#[test]
fn a_folder_that_can_t_be_used_is_said_once_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let template = template(folder.path());
    let kept = folder.path().join("stock");
    fs_err::write(&kept, "no folder").unwrap();
    let cache = StockCache::in_folder(kept.clone());
    let laid_out = stock(&cache, &template, "ASIP");
    assert_eq!(stock(&cache, &template, "ASIP"), laid_out);
    assert_eq!(cache.alerts().len(), 1);
    assert_eq!(fs_err::read(&kept).unwrap(), b"no folder");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs_err::remove_file(&kept).unwrap();
        assert_eq!(stock(&StockCache::in_folder(kept.clone()), &template, "ASIP"), laid_out);
        let [entry] = &entries(&kept)[..] else { panic!("one entry") };
        let taken_for_sound = fs_err::read(entry).unwrap();
        fs_err::write(entry, "forged").unwrap();
        for mode in [0o720, 0o702] {
            fs_err::set_permissions(&kept, std::fs::Permissions::from_mode(mode)).unwrap();
            let cache = StockCache::in_folder(kept.clone());
            assert_eq!(stock(&cache, &template, "ASIP"), laid_out);
            let [alert] = &cache.alerts()[..] else { panic!("{} alerts", cache.alerts().len()) };
            assert!(alert.message.contains(&format!("chmod go-w {}", kept.display())), "{}", alert.message);
            assert_eq!(fs_err::read(entry).unwrap(), b"forged", "nothing is written there");
        }
        // What the message advises, done.
        fs_err::set_permissions(&kept, std::fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(stock(&StockCache::in_folder(kept.clone()), &template, "ASIP"), laid_out);
        assert_eq!(fs_err::read(entry).unwrap(), taken_for_sound);
    }
}

#[test]
fn a_layout_that_fails_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    template(folder.path());
    let main = folder.path().join("card-letter/card-letter.typ");
    assert!(main.exists());
    fs_err::write(&main, "#panic()").unwrap();
    let broken = Template::find(&folder.path().join("card-letter")).unwrap();
    let cache = StockCache::in_folder(folder.path().join("stock"));
    for _ in 0..2 {
        assert!(cache.compiled(broken.order(&[variant()], &bureau("ASIP"), None)).is_err());
    }
    assert!(entries(&folder.path().join("stock")).is_empty() && cache.alerts().is_empty());
}

#[test]
fn the_entries_written_last_are_kept_and_partial_ones_that_are_old_go() {
    let folder = tempfile::tempdir().unwrap();
    let (template, kept) = (template(folder.path()), folder.path().join("stock"));
    fs_err::create_dir(&kept).unwrap();
    #[cfg(unix)]
    fs_err::set_permissions(&kept, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let place = |name: &str, hours: u64| {
        let path = kept.join(name);
        let file = std::fs::File::create(&path).unwrap();
        let now = fs_err::metadata(&path).unwrap().modified().unwrap();
        file.set_modified(now - std::time::Duration::from_secs(hours * 3600)).unwrap();
        path
    };
    let old: Vec<_> = (0..40).map(|age| place(&format!("{age:02}.stock"), 40 - age)).collect();
    let (left, written) = (place(".a.stock.x.partial", 2), place(".b.stock.y.partial", 0));
    stock(&StockCache::in_folder(kept.clone()), &template, "ASIP");
    let there: Vec<bool> = old.iter().map(|path| path.exists()).collect();
    assert_eq!(there.iter().filter(|there| **there).count(), 31);
    assert!(there[9..].iter().all(|there| *there));
    assert!(!left.exists() && written.exists());
    assert_eq!(entries(&kept).len(), 31 + 1 + 1);
}

#[test]
fn stock_that_was_drawn_is_noted_and_an_altered_note_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("stock");
    let cache = StockCache::in_folder(kept.clone());
    assert!(!cache.was_drawn(&[7; 32]));
    cache.note_drawn(&[7; 32]);
    assert!(cache.was_drawn(&[7; 32]) && !cache.was_drawn(&[8; 32]));
    assert_eq!(cache.alerts(), []);
    let [note] = &entries(&kept)[..] else { panic!("one note") };
    fs_err::write(note, [8; 32]).unwrap();
    assert!(!cache.was_drawn(&[7; 32]));
    assert!(matches!(&cache.alerts()[..], [alert] if alert.message.contains("drawn again")));
    cache.note_drawn(&[7; 32]);
    assert!(cache.was_drawn(&[7; 32]));
    for number in 0..40 {
        cache.note_drawn(&[number; 32]);
    }
    assert_eq!(entries(&kept).len(), 32);
}

#[test]
fn a_night_that_proves_every_piece_notes_the_stock_that_it_drew() {
    let notes = |prove: Prove| {
        let folder = tempfile::tempdir().unwrap();
        let sample =
            SampleOrder { count: 12, seed: 7, bad_percent: 0.0, out: folder.path(), unsealed: false };
        make(&sample).unwrap();
        let job = Job::load(folder.path()).unwrap();
        let night = jiff::civil::date(2026, 11, 20);
        let order = NightOrder { prove, only: Some(PieceKind::Letter), ..NightOrder::new(&job, night) };
        let report = run(&order, &NoProgress).unwrap();
        assert!(report.alerts.iter().all(|alert| alert.code != "stock_cache"), "{:?}", report.alerts);
        let kept = entries(&job.scratch().join("stock"));
        kept.iter().filter(|path| path.extension().is_some_and(|ending| ending == "drawn")).count()
    };
    assert_eq!((notes(Prove::All), notes(Prove::Sample)), (1, 0));
}

#[test]
fn runs_that_lay_out_at_once_leave_one_whole_entry() {
    let folder = tempfile::tempdir().unwrap();
    let (template, kept) = (template(folder.path()), folder.path().join("stock"));
    let run = || {
        let cache = StockCache::in_folder(kept.clone());
        let stock = stock(&cache, &template, "ASIP");
        assert_eq!(cache.alerts(), []);
        stock
    };
    let stocks: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(stocks.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(entries(&kept).len(), 1);
    assert_eq!(run(), stocks[0]);
}
