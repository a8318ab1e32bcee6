//! What processes hold in their memory, read as root, and codes in the forms that they may have anywhere.

use std::fs::File;
use std::io::{Read, Write as _};
use std::os::unix::fs::FileExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Codes in all the forms that are searched for.
pub struct Needles {
    forms: Vec<(&'static str, Vec<u8>)>,
    /// The indices of the forms that begin with these two bytes.
    begins: Vec<Vec<u32>>,
}

impl Needles {
    /// Plain, in UTF-16, hexadecimal and base64.
    pub fn of(codes: &[String]) -> Needles {
        let mut forms: Vec<(&'static str, Vec<u8>)> = Vec::new();
        for code in codes {
            assert!(code.len() >= 8, "a shorter code stands anywhere by chance");
            let bytes = code.as_bytes();
            forms.push(("plain", bytes.to_vec()));
            forms.push(("UTF-16", code.encode_utf16().flat_map(u16::to_le_bytes).collect()));
            forms.push(("UTF-16", code.encode_utf16().flat_map(u16::to_be_bytes).collect()));
            let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            // Hexadecimal digits of digits are digits.
            forms.push(("hexadecimal", hexadecimal.to_uppercase().into_bytes()));
            forms.push(("hexadecimal", hexadecimal.into_bytes()));
            for ahead in 0..3 {
                let mut text = STANDARD_NO_PAD.encode([&vec![b'x'; ahead], bytes].concat());
                // Signs that hold bits of the neighbours are left out.
                let begin = [0, 2, 3][ahead];
                text.truncate((ahead + bytes.len()) * 8 / 6);
                forms.push(("base64", text.into_bytes().split_off(begin)));
            }
        }
        let mut begins = vec![Vec::new(); 1 << 16];
        (0..).zip(&forms).for_each(|(index, (_, form))| begins[pair(form)].push(index));
        Needles { forms, begins }
    }

    /// The first form that stands in these bytes.
    pub fn find(&self, bytes: &[u8]) -> Option<&'static str> {
        let begins = |at: usize, form: u32| bytes[at..].starts_with(&self.forms[form as usize].1);
        for (at, two) in bytes.windows(2).enumerate() {
            let found = self.begins[pair(two)].iter().find(|form| begins(at, **form));
            if let Some(form) = found {
                return Some(self.forms[*form as usize].0);
            }
        }
        None
    }

    /// The first form that stands in these bytes, or in what a zlib stream among them inflates to.
    pub fn find_inflated(&self, bytes: &[u8]) -> Option<&'static str> {
        self.find(bytes).or_else(|| {
            let streams = bytes.windows(2).enumerate().filter(|(_, head)| {
                head[0] == 0x78 && (u16::from(head[0]) << 8 | u16::from(head[1])).is_multiple_of(31)
            });
            streams
                .filter_map(|(at, _)| {
                    let mut plain = Vec::new();
                    let read =
                        flate2::read::ZlibDecoder::new(&bytes[at..]).take(8 << 20).read_to_end(&mut plain);
                    // What was inflated before a fault counts, too.
                    (read.is_ok() || !plain.is_empty()).then(|| self.find(&plain))?
                })
                .next()
        })
    }
}

fn pair(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

#[test]
fn codes_are_found_in_every_form() {
    let needles = Needles::of(&["97531864".to_owned(), "ZQ7X4KPWM3TA".to_owned()]);
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for (form, bytes) in [
        ("plain", b"a97531864b".to_vec()),
        ("UTF-16", utf16("-97531864-")),
        ("hexadecimal", b"5A513758344B50574D335441".to_vec()),
        ("base64", STANDARD_NO_PAD.encode("x97531864,").into_bytes()),
        ("base64", STANDARD_NO_PAD.encode("xy,ZQ7X4KPWM3TA").into_bytes()),
        ("base64", STANDARD_NO_PAD.encode("xyZQ7X4KPWM3TA,").into_bytes()),
    ] {
        assert_eq!(needles.find(&bytes), Some(form), "{}", String::from_utf8_lossy(&bytes));
    }
    assert_eq!(needles.find(b"9753186-ZQ7X4KPWM3T"), None);
    let mut deflated = flate2::write::ZlibEncoder::new(b"head".to_vec(), flate2::Compression::best());
    deflated.write_all(&b"again and again 97531864 and again".repeat(9)).unwrap();
    let deflated = deflated.finish().unwrap();
    assert_eq!((needles.find(&deflated), needles.find_inflated(&deflated)), (None, Some("plain")));
}

/// Searches all that a process has in its memory. `None` where it has ended.
pub fn search(pid: u32, needles: &Needles) -> Option<Vec<&'static str>> {
    let maps = fs_err::read_to_string(format!("/proc/{pid}/maps")).ok()?;
    let memory = File::open(format!("/proc/{pid}/mem")).ok()?;
    let mut found = Vec::new();
    for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|mode| mode.starts_with('r'))) {
        let (begin, end) = line.split(' ').next()?.split_once('-')?;
        let [begin, end] = [begin, end].map(|at| u64::from_str_radix(at, 16).unwrap());
        // The kernel's own pages can't be read.
        if line.ends_with("[vvar]") || line.ends_with("[vsyscall]") || line.ends_with("[vvar_vclock]") {
            continue;
        }
        found.extend(search_range(&memory, begin, end, needles));
    }
    Some(found)
}

/// Searches a range, a part at a time: parts overlap by more than the longest form has.
fn search_range(memory: &File, begin: u64, end: u64, needles: &Needles) -> Option<&'static str> {
    const PART: u64 = 4 << 20;
    const OVERLAP: u64 = 256;
    let mut part = vec![0; (PART + OVERLAP) as usize];
    let mut at = begin;
    while at < end {
        let length = (end - at).min(PART + OVERLAP) as usize;
        // A range that ends meanwhile is read as far as it goes.
        let read = memory.read_at(&mut part[..length], at).unwrap_or(0);
        if let Some(form) = needles.find(&part[..read]) {
            return Some(form);
        }
        at += PART;
    }
    None
}

/// The process that another one has started to make mailers.
pub fn mailer_stage_of(parent: u32) -> Option<u32> {
    let processes = fs_err::read_dir("/proc").ok()?;
    let mut pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.find(|pid| {
        let is_child = || parent_of(*pid) == Some(parent);
        is_child() && command_line(*pid).is_some_and(|line| line.contains("\0mailers\0"))
    })
}

fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs_err::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(") ").next()?.split(' ').nth(1)?.parse().ok()
}

/// The arguments of a process, each with a zero after it.
pub fn command_line(pid: u32) -> Option<String> {
    fs_err::read(format!("/proc/{pid}/cmdline")).ok().map(|line| String::from_utf8_lossy(&line).into_owned())
}

/// Whether a process is there and works.
pub fn lives(pid: u32) -> bool {
    let stat = fs_err::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['Z', 'X']))
}

/// Whether this process may read the memory of all others.
pub fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        let _ = writeln!(std::io::stderr(), "skipped: the memory of processes is read as root");
    }
    root
}

/// The first form that stands in a file below a folder, with the file.
pub fn search_files(folder: &Path, needles: &Needles, inflated: bool) -> Option<(String, &'static str)> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        // What a program removes meanwhile is passed over.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = fs_err::read(&path) {
                let found = if inflated { needles.find_inflated(&bytes) } else { needles.find(&bytes) };
                if let Some(form) = found {
                    return Some((path.display().to_string(), form));
                }
            }
        }
    }
    None
}
