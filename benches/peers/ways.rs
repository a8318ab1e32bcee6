//! The ways in which the peers draw the letters.

/// Letters of one file that ReportLab reads, and of one that it writes.
pub const PART: usize = 500;

/// What a letter shows in any case, drawn by the peer in each.
const WHOLE: &str = "drawn in each letter";
/// The same, drawn by the peer once for each variant and file.
const OWN: &str = "once, a form of its own";
/// The same, as pages that Typst laid out for us.
const OURS: &str = "our ready page";

/// What peers are given ready, as the table says it.
const SYMBOLS: &str = "signature, symbols";
const FITTED: &str = "signature, symbols, fit of what varies";
const LINES: &str = "signature, symbols, line breaks";
const LAYOUT: &str = "signature, symbols, layout";

/// A program and a way to use it.
pub struct Peer {
    pub task: &'static str,
    /// The crate or package whose version the table tells.
    pub package: &'static str,
    /// How it comes to what does not change.
    pub background: &'static str,
    pub way: &'static str,
    /// What it leaves out, besides the night around the letters.
    pub without: &'static str,
    /// How many letters it is given, so that it takes some ten seconds.
    pub letters: usize,
}

pub const PEERS: [Peer; 11] = [
    Peer {
        task: "typst-laid-out",
        package: "typst",
        background: WHOLE,
        way: "lays out the whole letter; a document for each variant, every core",
        without: SYMBOLS,
        letters: 4_000,
    },
    Peer {
        task: "reportlab-alone",
        package: "reportlab",
        background: WHOLE,
        way: "as its guide has it: paragraphs, paths, its own Code 39, modules as rectangles; one process",
        without: FITTED,
        letters: 1_000,
    },
    Peer {
        task: "reportlab-alone-cores",
        package: "reportlab",
        background: WHOLE,
        way: "the same, a process for each core",
        without: FITTED,
        letters: 2_000,
    },
    Peer {
        task: "reportlab-alone-forms",
        package: "reportlab",
        background: OWN,
        way: "symbols as images; a process for each core",
        without: FITTED,
        letters: 20_000,
    },
    Peer {
        task: "printpdf-alone",
        package: "printpdf",
        background: WHOLE,
        way: "as its examples have it: lines of text, paths, symbols as rectangles; one thread",
        without: LINES,
        letters: 3_000,
    },
    Peer {
        task: "printpdf-alone-cores",
        package: "printpdf",
        background: WHOLE,
        way: "lines of text, paths, symbols as masks; every core",
        without: LINES,
        letters: 10_000,
    },
    Peer {
        task: "typst-stock",
        package: "typst",
        background: OURS,
        way: "one document, every core",
        without: LAYOUT,
        letters: 20_000,
    },
    Peer {
        task: "reportlab-stock",
        package: "reportlab",
        background: OURS,
        way: "its own Code 39, modules as rectangles; one process",
        without: LAYOUT,
        letters: 3_000,
    },
    Peer {
        task: "reportlab-stock-cores",
        package: "reportlab",
        background: OURS,
        way: "symbols as images; a process for each core",
        without: LAYOUT,
        letters: 20_000,
    },
    Peer {
        task: "printpdf-stock",
        package: "printpdf",
        background: OURS,
        way: "symbols as rectangles; one thread",
        without: LAYOUT,
        letters: 10_000,
    },
    Peer {
        task: "printpdf-stock-cores",
        package: "printpdf",
        background: OURS,
        way: "symbols as masks; every core",
        without: LAYOUT,
        letters: 40_000,
    },
];
