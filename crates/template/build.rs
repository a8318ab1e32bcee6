//! Names the code that lays out: a digest of its sources, of the versions of all it is built on, of the compiler and the
//! target. Stock that another program laid out is told by it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, io};

use fs_err as fs;
use sha2::{Digest, Sha256};

/// What the layout is made by, relative to this crate's folder.
const PARTS: [&str; 7] = [
    "src",
    "../foreign/src",
    "../mail/src",
    "../print-file/src",
    "../../fonts",
    "../../Cargo.lock",
    "../../Cargo.toml",
];

fn main() -> io::Result<()> {
    let (mut digest, mut cargo) = (Sha256::new(), io::stdout());
    for part in PARTS {
        writeln!(cargo, "cargo::rerun-if-changed={part}")?;
        add(Path::new(part), &mut digest)?;
    }
    let compiler =
        Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("-vV").output()?;
    digest.update(compiler.stdout);
    digest.update(env::var("TARGET").unwrap_or_default());
    let code: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    writeln!(cargo, "cargo::rustc-env=PLI_LAYOUT_CODE={code}")
}

/// Adds a file, or all files of a folder and below in the order of their names.
fn add(path: &Path, digest: &mut Sha256) -> io::Result<()> {
    if path.is_dir() {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        paths.sort();
        return paths.iter().try_for_each(|path| add(path, digest));
    }
    let bytes = fs::read(path)?;
    for part in [path.as_os_str().as_encoded_bytes(), &bytes] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    Ok(())
}
