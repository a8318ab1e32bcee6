//! What a worker is asked, and what it answers.
//!
//! A question begins with a letter: `F` and the bytes of a file, which the worker then holds; `P` and what is wanted of one of
//! its pages, as JSON.

use foreign::{ChildError, Limits};
use serde::{Deserialize, Serialize};
use symbols::PictureError;

use super::super::crop::{Crop, upright};
use super::super::outcome::{Polygon, SymbolRead};
use super::page::{PageRead, picture_of_page, read_page};
use super::{MAX_FILE, MAX_PAGES};
use crate::failure::Failure;
use crate::raster::{OpenPdf, RasterError, is_pdf, pages_of_picture};

/// What a worker may use: 2 GiB more than the largest picture needs, and time for the slowest decoder. The time of a page's
/// symbols has a limit of its own.
pub(super) const LIMITS: Limits = Limits { memory: 6 << 30, seconds: 30, output: 64 << 20 };

/// The name of the task among those of a confined child.
pub(super) const TASK: &str = "read-scans";

/// What is wanted of a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Question {
    /// Its symbols, and with `grade` how well they are printed.
    Read { page: u32, grade: bool },
    /// Small upright pictures of it.
    Crop(Shown),
}

/// A page of which pictures are wanted, and what was read on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Shown {
    /// The page, from 1.
    pub page: u32,
    /// The symbols.
    pub symbols: Vec<SymbolRead>,
    /// Symbols that were found and not read.
    pub unread: Vec<Polygon>,
}

/// What a worker answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    /// The file is held, and has this many pages.
    Pages(u32),
    /// What was read.
    Read(PageRead),
    /// Pictures; `None` where the page can't be shown.
    Crop(Option<Crop>),
    /// There is nothing of it.
    Fault(Fault),
}

/// Why nothing of a file or a page was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Fault {
    /// The problem, in one line.
    pub problem: String,
    /// What to do.
    pub advice: Option<String>,
    /// Both in French.
    pub french: String,
    /// Whether the system, and not the file, is the cause.
    pub of_the_system: bool,
    /// Whether another attempt may read it: the worker died, or its time was over.
    pub passing: bool,
}

impl Fault {
    /// A fault of the file.
    pub(super) fn of_file(
        problem: impl Into<String>,
        advice: Option<String>,
        french: impl Into<String>,
    ) -> Fault {
        let (problem, french) = (problem.into(), french.into());
        Fault { problem, advice, french, of_the_system: false, passing: false }
    }
}

impl Fault {
    /// A file that can't be opened.
    pub(in super::super) fn unreadable_file(error: &foreign::UnreadableFile) -> Fault {
        let advice = foreign::advice(&error.error).map(str::to_owned);
        let french = "le fichier ne s’ouvre pas\u{202F}: voyez s’il est là, et si ce compte peut le lire";
        Fault::of_file(error.to_string(), advice, french)
    }
}

impl From<PictureError> for Fault {
    fn from(error: PictureError) -> Fault {
        Fault::of_file(error.to_string(), error.advice().map(str::to_owned), picture_in_french(&error))
    }
}

impl From<RasterError> for Fault {
    fn from(error: RasterError) -> Fault {
        let french = pdf_in_french(&error);
        let failure = Failure::from(error);
        Fault::of_file(failure.message(), failure.advice().map(str::to_owned), french)
    }
}

/// Why a picture can't be decoded, in French, without the decoder's own words.
fn picture_in_french(error: &PictureError) -> String {
    match error {
        PictureError::Unreadable(_) => {
            "pas une image lisible (PNG, JPEG, TIFF, GIF, WebP, BMP)\u{202F}: donnez une image, ou enregistrez-la de nouveau en PNG".to_owned()
        }
        PictureError::TooLarge { width, height } => format!(
            "une image de {width} × {height} pixels, plus de 100 millions\u{202F}: numérisez à une résolution plus basse"
        ),
        PictureError::TooLaborious(_) => {
            "la lire demanderait trop de temps ou de mémoire\u{202F}: enregistrez-la de nouveau en PNG, ou numérisez-la de nouveau".to_owned()
        }
        _ => "l’image n’est pas ce que son fichier annonce".to_owned(),
    }
}

/// Why a PDF can't be drawn, in French.
fn pdf_in_french(error: &RasterError) -> String {
    match error {
        RasterError::Io(_) => "le fichier ne se lit pas jusqu’au bout".to_owned(),
        RasterError::NotPdf(_) => "pas un PDF lisible".to_owned(),
        RasterError::Encrypted(_) => {
            "un PDF chiffré qui ne s’ouvre qu’avec un mot de passe\u{202F}: imprimez-le en PDF sans mot de passe, ou donnez une image de la page".to_owned()
        }
        RasterError::PageTooLarge { page, width_mm, height_mm, dpi, .. } => format!(
            "la page {page} fait {width_mm} × {height_mm} mm, plus de 100 millions de pixels à {dpi} dpi\u{202F}: donnez une image de la partie de la page qui a le symbole"
        ),
        RasterError::NoPage { page, .. } => format!("pas de page {page}"),
        RasterError::Picture(error) => picture_in_french(error),
    }
}

impl Fault {
    /// A worker that can't be started.
    pub(super) fn no_worker(error: &ChildError) -> Fault {
        let advice = Some(foreign::ADVICE_ON_CHILDREN.to_owned());
        let french = format!(
            "{}\u{202F}: voyez ce que le système permet («\u{A0}ulimit -a\u{A0}»)",
            child_in_french(error)
        );
        Fault { problem: error.to_string(), advice, french, of_the_system: true, passing: true }
    }

    /// A page of a file whose pages before it took too much.
    pub(super) fn given_up() -> Fault {
        let problem = "not read: the pages before it took too much";
        let french = "pas lue\u{202F}: les pages d’avant ont pris trop de temps ou de mémoire\u{202F}: divisez le fichier";
        Fault { passing: true, ..Fault::of_file(problem, Some("split the file".to_owned()), french) }
    }

    /// A worker that worked and gave no answer: whatever ended it, the pile goes on.
    pub(in super::super) fn no_answer(error: &ChildError) -> Fault {
        let advice = Some("scan it again, at a lower resolution".to_owned());
        let french = format!(
            "{}\u{202F}: numérisez-le de nouveau, à une résolution plus basse",
            child_in_french(error)
        );
        Fault { problem: error.to_string(), advice, french, of_the_system: false, passing: true }
    }
}

/// Why a worker gave no answer, in French.
fn child_in_french(error: &ChildError) -> String {
    match error {
        ChildError::Start(_) => "la lecture n’a pu commencer".to_owned(),
        ChildError::Time(seconds) => format!("pas fini en {seconds} s"),
        ChildError::Output(bytes) => format!("plus de {} Mio de résultat", bytes >> 20),
        ChildError::System(_) => "le système a arrêté la lecture".to_owned(),
        ChildError::Died(bytes) => {
            format!("plus que les {} Mio de mémoire permis, ou trop d’imbrications", bytes >> 20)
        }
    }
}

/// The file that a worker holds.
#[derive(Default)]
pub(super) struct Held {
    bytes: std::sync::Arc<Vec<u8>>,
    pdf: Option<OpenPdf>,
}

impl Held {
    /// Takes a file, and says how many pages it has.
    pub(super) fn take(&mut self, mut bytes: Vec<u8>) -> Answer {
        let is_pdf = is_pdf(&mut bytes);
        *self = Held { bytes: bytes.into(), pdf: None };
        let pages = match is_pdf {
            true => match OpenPdf::from_bytes("", self.bytes.clone()) {
                Ok(pdf) => self.pdf.insert(pdf).pages(),
                Err(error) => return Answer::Fault(error.into()),
            },
            false => pages_of_picture(&self.bytes),
        };
        match pages {
            0 => Answer::Fault(Fault::of_file("it has no page", None, "il n’a pas de page")),
            pages if pages > MAX_PAGES => {
                let problem = format!("more than {MAX_PAGES} pages");
                let french = format!("plus de {MAX_PAGES} pages\u{202F}: divisez-le en fichiers plus petits");
                let advice = Some("split it into smaller files".to_owned());
                Answer::Fault(Fault::of_file(problem, advice, french))
            }
            pages => Answer::Pages(pages),
        }
    }

    /// Answers a question on the file.
    pub(super) fn answer(&self, question: &Question) -> Answer {
        match question {
            Question::Read { page, grade } => {
                let read = read_page(&self.bytes, self.pdf.as_ref(), *page, *grade);
                read.map_or_else(Answer::Fault, Answer::Read)
            }
            Question::Crop(Shown { page, symbols, unread }) => {
                let picture = picture_of_page(&self.bytes, self.pdf.as_ref(), *page).ok();
                Answer::Crop(picture.and_then(|picture| upright(&picture, symbols, unread)))
            }
        }
    }
}

/// The task of a worker: limits itself, then answers questions until there are no more.
///
/// # Errors
/// `io`: no limits can be set, or the pipes broke.
pub(crate) fn serve() -> Result<(), Failure> {
    // The processor time is that of all answers together; the parent stops one that takes too long.
    foreign::confine(Limits { seconds: 12 * 3600, ..LIMITS })?;
    let mut held = Held::default();
    Ok(foreign::serve(MAX_FILE + 1024, |mut question| {
        let answer = match question.first() {
            Some(b'F') => held.take(question.split_off(1)),
            Some(b'P') => match serde_json::from_slice(&question[1..]) {
                Ok(question) => held.answer(&question),
                Err(_) => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        serde_json::to_vec(&answer).unwrap_or_default()
    })?)
}
