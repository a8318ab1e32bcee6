//! What processes hold in their memory, read as root, and codes in the forms that they may have anywhere.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write as _};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Codes in all the forms that are searched for.
#[derive(Clone)]
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
        let begins = |at: usize, form: u32| {
            let form = &self.forms[form as usize].1;
            bytes[at..].starts_with(form) && !by_chance(bytes, at, form)
        };
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
        self.find(bytes).or_else(|| inflated(bytes).find_map(|plain| self.find(&plain)))
    }

    /// Whether a code is shown by page streams among these bytes, deflated or not, in the codes of a font of one or two bytes that
    /// has the digits, and the letters, one after the other. How far the pen moves between two glyphs does not matter.
    pub fn find_glyphs(&self, bytes: &[u8]) -> bool {
        let plain = self.forms.iter().filter(|(form, _)| *form == "plain");
        let codes: BTreeSet<Vec<i32>> =
            plain.map(|(_, code)| steps(code.iter().map(|byte| i32::from(*byte)))).collect();
        let lengths: BTreeSet<usize> = codes.iter().map(Vec::len).collect();
        let has_code = |numbers: Vec<i32>| {
            lengths.iter().any(|length| numbers.windows(*length).any(|part| codes.contains(part)))
        };
        let show = |content: &[u8]| {
            let shown = shown_bytes(content);
            let pairs = |first: usize| {
                let pairs = shown.get(first..).unwrap_or_default().chunks_exact(2);
                steps(pairs.map(|pair| i32::from(pair[0]) << 8 | i32::from(pair[1])))
            };
            let singles = shown.iter().filter(|byte| **byte != b' ').map(|byte| i32::from(*byte));
            has_code(steps(singles)) || has_code(pairs(0)) || has_code(pairs(1))
        };
        show(bytes) || inflated(bytes).any(|plain| show(&plain))
    }
}

/// What zlib streams among these bytes inflate to. What was inflated before a fault counts, too.
fn inflated(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let is_head =
        |head: &[u8]| head[0] == 0x78 && (u16::from(head[0]) << 8 | u16::from(head[1])).is_multiple_of(31);
    let streams = bytes.windows(2).enumerate().filter(move |(_, head)| is_head(head));
    streams.filter_map(|(at, _)| {
        let mut plain = Vec::new();
        let read = flate2::read::ZlibDecoder::new(&bytes[at..]).take(8 << 20).read_to_end(&mut plain);
        (read.is_ok() || !plain.is_empty()).then_some(plain)
    })
}

/// How far each number is from the one before.
fn steps(numbers: impl Iterator<Item = i32>) -> Vec<i32> {
    let mut before = None;
    numbers.filter_map(|number| Some(number - before.replace(number)?)).collect()
}

/// The bytes of all strings of a content stream (ISO 32000-1, 7.3.4), one after the other.
fn shown_bytes(content: &[u8]) -> Vec<u8> {
    let mut shown = Vec::new();
    let mut rest = content.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'(' => literal(&mut rest, &mut shown),
            b'<' => {
                let digits: Vec<u8> = rest.by_ref().take_while(u8::is_ascii_hexdigit).collect();
                let digit = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default() as u8;
                shown.extend(
                    digits
                        .chunks(2)
                        .map(|pair| digit(pair[0]) << 4 | pair.get(1).map_or(0, |low| digit(*low))),
                );
            }
            _ => {}
        }
    }
    shown
}

/// Reads a literal string up to its closing parenthesis.
fn literal(rest: &mut std::iter::Peekable<impl Iterator<Item = u8>>, shown: &mut Vec<u8>) {
    let mut open = 1;
    while let Some(byte) = rest.next() {
        match byte {
            b'(' => open += 1,
            b')' => open -= 1,
            _ => {}
        }
        match byte {
            b')' if open == 0 => return,
            b'\\' => shown.extend(escaped(rest)),
            byte => shown.push(byte),
        }
    }
}

/// The byte that follows a backslash, or its octal number.
fn escaped(rest: &mut std::iter::Peekable<impl Iterator<Item = u8>>) -> Option<u8> {
    let first = rest.next()?;
    if !(b'0'..=b'7').contains(&first) {
        return Some(first);
    }
    let mut number = u32::from(first - b'0');
    for _ in 0..2 {
        let Some(digit) = rest.next_if(|byte| (b'0'..=b'7').contains(byte)) else { break };
        number = number << 3 | u32::from(digit - b'0');
    }
    Some(number as u8)
}

/// Whether digits are a part of a longer number or digest: among the digests of a night any eight digits turn up in the end.
fn by_chance(bytes: &[u8], at: usize, form: &[u8]) -> bool {
    let ends = [at.checked_sub(1), Some(at + form.len())];
    let mut ends = ends.into_iter().filter_map(|end| bytes.get(end?));
    form.len() == 8 && form.iter().all(u8::is_ascii_digit) && ends.any(u8::is_ascii_hexdigit)
}

fn pair(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

#[test]
fn codes_are_found_in_every_form() {
    let needles = Needles::of(&["97531864".to_owned(), "ZQ7X4KPWM3TA".to_owned()]);
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for (form, bytes) in [
        ("plain", b"x97531864,".to_vec()),
        ("UTF-16", utf16("-97531864-")),
        ("hexadecimal", b"5A513758344B50574D335441".to_vec()),
        ("base64", STANDARD_NO_PAD.encode("x97531864,").into_bytes()),
        ("base64", STANDARD_NO_PAD.encode("xy,ZQ7X4KPWM3TA").into_bytes()),
        ("base64", STANDARD_NO_PAD.encode("xyZQ7X4KPWM3TA,").into_bytes()),
    ] {
        assert_eq!(needles.find(&bytes), Some(form), "{}", String::from_utf8_lossy(&bytes));
    }
    assert_eq!(needles.find(b"9753186-ZQ7X4KPWM3T"), None);
    assert_eq!(needles.find(b"0a97531864 97531864c7"), None, "a part of a digest");
    let mut deflated = flate2::write::ZlibEncoder::new(b"head".to_vec(), flate2::Compression::best());
    deflated.write_all(&b"again and again 97531864 and again".repeat(9)).unwrap();
    let deflated = deflated.finish().unwrap();
    assert_eq!((needles.find(&deflated), needles.find_inflated(&deflated)), (None, Some("plain")));
}

#[test]
fn codes_are_found_in_the_glyph_codes_of_pages() {
    let needles = Needles::of(&["97531864".to_owned(), "ZQABCDPONM".to_owned()]);
    for content in [
        &b"BT [(9753) -250 (1864)] TJ ET"[..],
        b"BT (97 53) Tj 9 0 Td (18 64) Tj ET",
        // Glyph 19 is the digit 0.
        b"[<001C001A>-12<001800160014001B>] TJ <00190017> Tj",
        b"<1C1A1816141B1917>Tj",
        b"(\\034\\032\\030\\026\\024\\033\\031\\027) Tj",
        b"<1B1202030405> Tj <11100F0E> Tj",
    ] {
        assert!(needles.find_glyphs(content), "{}", String::from_utf8_lossy(content));
    }
    assert!(!needles.find_glyphs(b"BT [(9753) -250 (1865)] TJ ET 97531864"));
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

/// The files below a folder. What a program removes meanwhile is passed over.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// The first form that stands in a file below a folder, with the file.
pub fn search_files(folder: &Path, needles: &Needles, inflated: bool) -> Option<(String, &'static str)> {
    files_below(folder).into_iter().find_map(|path| {
        let bytes = fs_err::read(&path).ok()?;
        let form = if inflated { needles.find_inflated(&bytes) } else { needles.find(&bytes) };
        Some((path.display().to_string(), form?))
    })
}
