//! The house keeps its walls and floors: crates use what the plan lets them, rooms use the floors below, and no two shelves
//! use each other in a circle (docs/architecture.md).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The crates of the house, each with those it may use.
const CRATES: [(&str, &[&str]); 8] = [
    ("composition", &["mail", "print-file", "symbols", "template", "twoddoc"]),
    ("foreign", &[]),
    ("mail", &["foreign"]),
    ("preflight", &[]),
    ("print-file", &[]),
    ("symbols", &[]),
    ("template", &["foreign", "mail", "print-file"]),
    ("twoddoc", &[]),
];

/// The rooms of `src/` by floor, from the ground up. A room uses the floors below it.
const FLOORS: [&[&str]; 11] = [
    &["failure", "files"],
    &["job", "raster"],
    &["signers", "store", "vault"],
    &["certificate", "kept", "ledger"],
    &["audit", "feedback"],
    &["approvals"],
    &["authorities", "init", "night", "sample"],
    &["inserting", "unsealing"],
    &["studio", "verification"],
    &["doctor", "proving", "returns"],
    &["cli"],
];

/// The modules that reach a network, and what reaches it. What one names is not the other's.
const NETWORK: [(&[&str], &[&str]); 6] = [
    (&["authorities"], &["ureq", "UdpSocket"]),
    // It listens on loopback and never calls out.
    (&["studio::preview"], &["hyper::", "hyper_util::", "TcpListener"]),
    (&["authorities", "studio::preview"], &["std::net", "TcpStream"]),
    (&["store"], &["object_store::", "reqwest::"]),
    (&["ledger::postgres"], &["tokio_postgres::", "tokio_rustls::"]),
    (&["store", "ledger::postgres", "studio::preview"], &["tokio::"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A source file without its comments and without what only tests compile.
struct Source {
    /// Its module path in the program, such as `night`, `intake`, `lines`.
    module: Vec<String>,
    text: String,
}

fn sources() -> Vec<Source> {
    let folder = root().join("src");
    let mut found = Vec::new();
    for path in rust_files(&folder) {
        let within = path.strip_prefix(&folder).unwrap().with_extension("");
        let mut module: Vec<String> =
            within.iter().map(|part| part.to_str().expect("UTF-8").to_owned()).collect();
        if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        // Tests may look at a whole flow.
        if !module.iter().any(|part| part.ends_with("tests")) {
            found.push(Source { module, text: without_tests(&fs_err::read_to_string(&path).unwrap()) });
        }
    }
    assert!(found.len() > 100, "the sources were found");
    found
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(rust_files(&path)),
            false if path.extension().is_some_and(|e| e == "rs") => found.push(path),
            false => {}
        }
    }
    found
}

/// The text without line comments, and without every item and attribute under `#[cfg(test)]`, wherever it stands.
fn without_tests(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("#[cfg_attr(test, "));
    let code: Vec<&str> = lines.map(|line| line.split_once("//").map_or(line, |(code, _)| code)).collect();
    let code = code.join("\n");
    let mut kept = String::new();
    let mut rest = code.as_str();
    while let Some((before, item)) = rest.split_once("#[cfg(test)]") {
        kept.push_str(before);
        rest = &item[end_of_item(item)..];
    }
    kept + rest
}

/// Where an item ends: at its semicolon, or at the brace that closes it.
fn end_of_item(item: &str) -> usize {
    let mut depth = 0;
    for (offset, character) in item.char_indices() {
        match character {
            ';' if depth == 0 => return offset + 1,
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return offset + 1;
                }
            }
            _ => {}
        }
    }
    item.len()
}

#[test]
fn what_only_tests_compile_is_left_out_and_what_follows_is_not() {
    let text = "use a;\n#[cfg(test)]\nmod tests {\n fn x() { { } }\n}\nuse b; // use c;\n#[cfg(test)]\nuse d;\nuse e;\n#[cfg_attr(test, f)]";
    let kept = without_tests(text);
    assert!(["use a", "use b", "use e"].iter().all(|used| kept.contains(used)), "{kept}");
    assert!(["use c", "use d", "fn x", "f)"].iter().all(|left| !kept.contains(left)), "{kept}");
}

/// The modules that a file names, absolute or relative.
fn used_modules(source: &Source) -> BTreeSet<Vec<String>> {
    let mut used = BTreeSet::new();
    for path in paths_after(&source.text, "crate::") {
        let exported = ["Exit", "Failure", "Position"].contains(&path[0].as_str());
        used.insert(if exported { vec!["failure".to_owned()] } else { path });
    }
    for (at, _) in source.text.match_indices("super::") {
        let before = &source.text[..at];
        if before.ends_with("super::") {
            continue;
        }
        let chain = &source.text[at..];
        let ups = 1 + chain.as_bytes().chunks(7).skip(1).take_while(|chunk| *chunk == b"super::").count();
        let Some(kept) = source.module.len().checked_sub(ups) else { continue };
        let mut path = source.module[..kept].to_vec();
        path.extend(identifier(&chain[7 * ups..]));
        used.insert(path);
    }
    used
}

fn paths_after(text: &str, prefix: &str) -> Vec<Vec<String>> {
    let path = |rest: &str| {
        let mut path = Vec::new();
        let mut rest = rest;
        while let Some(name) = identifier(rest) {
            rest = &rest[name.len()..];
            path.push(name);
            match rest.strip_prefix("::") {
                Some(more) => rest = more,
                None => break,
            }
        }
        path
    };
    let paths = text.split(prefix).skip(1).map(path);
    paths.filter(|path| !path.is_empty()).collect()
}

fn identifier(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

#[test]
fn a_crate_uses_what_the_plan_lets_it() {
    let house: Vec<&str> = CRATES.iter().map(|(name, _)| *name).collect();
    for (name, allowed) in CRATES {
        let manifest = fs_err::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
        let table: toml::Table = manifest.parse().unwrap();
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let dependencies = table.get(section).and_then(toml::Value::as_table);
            for used in dependencies.into_iter().flat_map(|table| table.keys()) {
                let of_house = house.contains(&used.as_str()) || used == "pli";
                assert!(
                    !of_house || allowed.contains(&used.as_str()),
                    "`{name}` names `{used}` in {section}"
                );
            }
        }
    }
    let present = fs_err::read_dir(root().join("crates")).unwrap().count();
    assert_eq!(present, CRATES.len(), "every crate is in the plan");
}

fn floor(room: &str) -> usize {
    let found = FLOORS.iter().position(|rooms| rooms.contains(&room));
    found.unwrap_or_else(|| panic!("room `{room}` is on no floor"))
}

#[test]
fn a_room_uses_only_the_floors_below() {
    for source in sources() {
        let room = source.module[0].as_str();
        if room == "lib" || room == "main" {
            continue;
        }
        for used in used_modules(&source) {
            let Some(other) = used.first().filter(|other| *other != room) else { continue };
            // Vault and store read where keys and objects lie from the job; files are everybody's.
            assert!(floor(other) < floor(room), "{} uses `{other}`", source.module.join("::"));
        }
    }
}

#[test]
fn no_two_shelves_use_each_other_in_a_circle() {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let shelf = |module: &[String]| match module {
        [night, station, ..] if night == "night" => Some(format!("night::{station}")),
        [room, ..] if room != "night" && room != "lib" && room != "main" => Some(room.clone()),
        _ => None,
    };
    for source in sources() {
        let Some(own) = shelf(&source.module) else { continue };
        let used = used_modules(&source).into_iter().filter_map(|module| shelf(&module));
        uses.entry(own.clone()).or_default().extend(used.filter(|other| *other != own));
    }
    assert!(uses.len() > 20, "the shelves were found: {:?}", uses.keys());
    // Shelves that use no shelf that is left are taken away; what stays is a circle.
    loop {
        let left: BTreeSet<String> = uses.keys().cloned().collect();
        let before = uses.len();
        uses.retain(|_, used| used.iter().any(|other| left.contains(other)));
        if uses.len() == before {
            break;
        }
    }
    assert!(uses.is_empty(), "shelves in a circle: {uses:?}");
}

#[test]
fn four_rooms_alone_reach_a_network() {
    for source in sources() {
        for (rooms, names) in NETWORK {
            let reaches = names.iter().find(|name| source.text.contains(**name));
            let module = source.module.join("::");
            let may = rooms.iter().any(|room| module.starts_with(room));
            assert!(reaches.is_none() || may, "{module} uses {reaches:?}");
        }
    }
    for file in
        ["composition", "foreign", "mail", "preflight", "print-file", "symbols", "template", "twoddoc"]
    {
        for path in rust_files(&root().join("crates").join(file).join("src")) {
            let text = without_tests(&fs_err::read_to_string(&path).unwrap());
            let names = NETWORK.iter().flat_map(|(_, names)| names.iter());
            let reaches = names.filter(|name| text.contains(**name)).count();
            assert_eq!(reaches, 0, "{} reaches a network", path.display());
        }
    }
}

#[test]
fn codes_are_read_in_the_vault_alone() {
    // `composition` can't name the vault: `a_crate_uses_what_the_plan_lets_it`. Within the program, privacy keeps the digits
    // in the vault; this test keeps `expose` from being made public.
    for path in rust_files(&root().join("src/vault")) {
        let text = fs_err::read_to_string(&path).unwrap();
        assert!(
            !text.contains("pub fn expose") && !text.contains("pub(crate) fn expose"),
            "{}",
            path.display()
        );
    }
}

/// What opens or reads a file without `foreign`: any kind of file, and as much of it as there is.
const PLAIN_READERS: [&str; 6] = [
    "fs_err::read(",
    "fs_err::read_to_string(",
    "fs::read(",
    "fs::read_to_string(",
    "File::open(",
    "Reader::from_path(",
];

/// The files that may use one, each with the reason.
const OWN_FILES: [(&str, &str); 18] = [
    ("crates/foreign/src/reading.rs", "it is `foreign`"),
    ("crates/twoddoc/src/trust/folder.rs", "stands alone, and has a bounded reader of its own"),
    ("src/files/digest.rs", "print files of this program, a block at a time"),
    ("src/files/draft.rs", "drafts of this program, to lock them"),
    ("src/files/folders.rs", "folders, to sync them"),
    ("src/night/care/check.rs", "a manifest that has the digest which the ledger knows"),
    ("src/night/certifying/letters.rs", "print files of this night"),
    ("src/night/certifying/mod.rs", "the manifest of this night"),
    ("src/night/paperwork/deposit.rs", "the manifest of this night"),
    ("src/night/proofing/mod.rs", "print files of this night"),
    ("src/night/shard/assembly.rs", "syncs what it wrote; reads shares that the merge checked"),
    ("src/night/shard/attempt.rs", "folders, to sync them"),
    ("src/night/shard/decisions.rs", "a share that the merge checked"),
    ("src/raster/mod.rs", "print files of this program"),
    ("src/sample/mod.rs", "the recipient that it wrote"),
    ("src/store/bucket.rs", "files that are uploaded, a part at a time"),
    ("src/studio/pictures.rs", "the manifest of a night of this program"),
    ("src/vault/key_register.rs", "the folder of keys, to lock it"),
];

#[test]
fn a_new_reader_of_files_uses_foreign() {
    let mut readers: BTreeSet<String> = BTreeSet::new();
    let crates = fs_err::read_dir(root().join("crates")).unwrap();
    let folders = crates.map(|entry| entry.unwrap().path().join("src")).chain([root().join("src")]);
    for path in folders.flat_map(|folder| rust_files(&folder)) {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        // A print file is opened from its bytes.
        let text = without_tests(&fs_err::read_to_string(&path).unwrap()).replace("ShownFile::open(", "");
        // The conformance suite is compiled for tests only.
        let is_test = name.contains("tests") || name.contains("conformance");
        if !is_test && PLAIN_READERS.iter().any(|reader| text.contains(reader)) {
            readers.insert(name);
        }
    }
    let allowed: BTreeSet<String> = OWN_FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let new: Vec<&String> = readers.difference(&allowed).collect();
    assert!(
        new.is_empty(),
        "read what others wrote with `foreign::read`, `read_text` or `open_regular`: {new:?}"
    );
    let gone: Vec<&String> = allowed.difference(&readers).collect();
    assert!(gone.is_empty(), "they read no file by themselves any more, take them off the list: {gone:?}");
}
