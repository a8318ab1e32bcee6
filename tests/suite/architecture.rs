//! The house keeps its floors: a room uses only the floors below it, and its own floor only where the plan says so.

use std::path::{Path, PathBuf};

/// The rooms by floor, from the ground up (docs/architecture.md).
const FLOORS: [&[&str]; 4] = [
    &["barcode", "pdf", "preflight", "reading", "twoddoc"],
    &["mail", "template", "ledger", "vault", "store"],
    &["authorities", "night", "sample", "failure"],
    &["cli"],
];

/// Rooms of one floor that may meet: the words of the trade are everybody's, and failures are the flows' own.
const MEET: [(&str, &str); 9] = [
    ("template", "mail"),
    ("ledger", "mail"),
    ("vault", "mail"),
    ("store", "mail"),
    ("night", "failure"),
    ("sample", "failure"),
    ("failure", "night"),
    ("failure", "sample"),
    ("sample", "night"),
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(sources(&path)),
            false if path.extension().is_some_and(|e| e == "rs") => found.push(path),
            false => {}
        }
    }
    found
}

#[test]
fn a_room_uses_only_the_floors_below() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in sources(&root) {
        let within = path.strip_prefix(&root).unwrap();
        let room =
            within.iter().next().and_then(|part| part.to_str()).unwrap().trim_end_matches(".rs").to_owned();
        let Some(own) = floor(&room) else { continue };
        // Tests may look at a whole flow.
        if within.iter().any(|part| part.to_string_lossy().contains("tests")) {
            continue;
        }
        let text = fs_err::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for used in text.split("crate::").skip(1) {
            let used: String = used.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let used = if used == "Failure" { "failure".to_owned() } else { used };
            let Some(other) = floor(&used) else { continue };
            let allowed = used == room || other < own || MEET.contains(&(room.as_str(), used.as_str()));
            assert!(allowed, "{} uses `{used}`", within.display());
        }
    }
}

#[test]
fn two_rooms_alone_reach_a_network_and_each_is_asked_in_its_places_alone() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut asking, mut storing) = (Vec::new(), Vec::new());
    for path in sources(&source) {
        let within = path.strip_prefix(&source).unwrap().display().to_string();
        let text = fs_err::read_to_string(&path).unwrap();
        let any = |names: &[&str]| names.iter().any(|name| text.contains(name));
        let reaches = any(&["ureq", "std::net", "TcpStream", "UdpSocket"]);
        assert!(!reaches || within.starts_with("authorities"), "{within} reaches a network");
        let stores = any(&["object_store::", "tokio::", "reqwest::"]);
        assert!(!stores || within.starts_with("store/"), "{within} reaches an object store");
        if text.contains("Bucket::open") && !within.starts_with("store/") {
            storing.push(within.clone());
        }
        if text.contains("authorities::fetch") {
            asking.push(within);
        }
    }
    storing.sort();
    assert_eq!(asking, ["cli/verify.rs"]);
    assert_eq!(storing, ["night/place.rs", "night/sources.rs"]);
}

#[test]
fn letters_cannot_reach_codes() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let composition = Path::new(source).join("night/composition");
    for file in ["letter.rs", "stamp.rs", "block.rs", "values.rs", "layout.rs", "control.rs"] {
        let text = fs_err::read_to_string(composition.join(file)).unwrap();
        assert!(!text.contains("vault") && !text.contains("expose"), "{file} reaches for codes");
    }
    let exposing: Vec<PathBuf> = sources(Path::new(source))
        .into_iter()
        .filter(|path| !path.to_string_lossy().contains("tests"))
        .filter(|path| fs_err::read_to_string(path).unwrap().contains(".expose()"))
        .collect();
    let places: Vec<String> =
        exposing.iter().map(|path| path.strip_prefix(source).unwrap().display().to_string()).collect();
    assert!(
        places.iter().all(|place| place == "night/composition/mailer.rs" || place == "vault/codes.rs"),
        "{places:?}"
    );
}
