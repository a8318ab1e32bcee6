//! Layout while a template is written: a child process that stays. It keeps Typst's cache, the syntax trees and the fonts
//! from one question to the next, and is sent only the files that it does not know. One that takes too much is killed, and
//! the next question begins anew.

use std::collections::{BTreeMap, HashMap, HashSet};

use foreign::{ChildError, Limits, Worker};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use typst::foundations::Bytes;
use typst::text::Font;

use crate::Facts;
use crate::compiled::{CompiledTemplate, Typeset};
use crate::confined::{self, LayoutOrder, worker_threads};
use crate::fault::{TemplateError, TemplateFault};
use crate::files::{Files, KeptFiles};
use crate::fonts::FieldFont;
use crate::map::PageMap;
use crate::pictures::Pictures;
use crate::template::Template;
use crate::world::Sources;

/// What the layout of one variant may use while its template is written.
const LIMITS: Limits = Limits { memory: 1 << 30, seconds: 5, output: 256 << 20 };
/// The longest question, in bytes: all that a template's folder may hold, and the program's fonts.
const LONGEST_QUESTION: u64 = 256 << 20;
/// The name of the task among those of a confined child.
const TASK: &str = "layouts";
/// For how many questions Typst's cache keeps what none of them used.
const CACHE_AGE: usize = 12;

/// A template laid out for its designer.
pub struct DesignerLayout {
    /// What production would stamp.
    pub compiled: CompiledTemplate,
    /// What each page shows, by variant, in the order of the variants asked for, and page.
    pub maps: Vec<Vec<PageMap>>,
}

/// SHA-256 of a file.
type Digest = [u8; 32];

/// Lays out in a child process that stays. Where this process can't run itself, it lays out in this one.
#[derive(Default)]
pub struct LayoutWorker {
    child: Option<Worker>,
    /// The files that the child holds.
    known: HashSet<Digest>,
    /// What a child would keep, where there is none.
    own: Bench,
    /// The fonts of variable text that were used so far.
    fonts: Vec<(Font, FieldFont)>,
}

/// What is to be laid out, and whether a map of each page is wanted.
#[derive(Serialize, Deserialize)]
struct Asked {
    order: LayoutOrder,
    mapped: bool,
}

/// What a child is asked.
#[derive(Serialize, Deserialize)]
struct Question {
    name: String,
    version: String,
    asked: Asked,
    /// The template's files by path, or why they can't be read.
    files: Vec<(String, Result<Digest, String>)>,
    prelude: Digest,
    /// The program's fonts that were kept with the template; `None` for those of this program.
    fonts: Option<Vec<Digest>>,
    /// The bytes of the files that the child does not hold.
    contents: Vec<Vec<u8>>,
}

/// What a child answers.
type Answer = Result<Typeset, Vec<TemplateFault>>;

impl LayoutWorker {
    /// A worker. Its child process begins with the first layout.
    pub fn start() -> LayoutWorker {
        LayoutWorker::default()
    }

    /// Lays out these variants of a template. `bureau` holds what pieces print about the sender.
    ///
    /// # Errors
    /// As for [`Template::compile`]; a fault of kind [`FaultKind::Budget`](crate::FaultKind::Budget) beyond 5 s for each
    /// variant, 30 s in all, or 1 GiB of memory.
    pub fn lay_out(
        &mut self,
        template: &Template,
        variants: &[Facts],
        bureau: &Facts,
    ) -> Result<DesignerLayout, TemplateError> {
        let order = LayoutOrder { variants: variants.to_vec(), bureau: bureau.clone(), lot: None };
        let laid_out = self.typeset(template, Asked { order, mapped: true }).and_then(|mut typeset| {
            let maps = std::mem::take(&mut typeset.maps);
            let fonts = self.field_fonts(template, &typeset)?;
            Ok(DesignerLayout { compiled: template.compiled(variants.to_vec(), typeset, fonts), maps })
        });
        laid_out.map_err(|faults| TemplateError {
            template: template.name().to_owned(),
            faults,
            variants: variants.len(),
        })
    }

    /// Lays out these variants of a template as a night would, and holds each of them to 5 s and 1 GiB of memory.
    ///
    /// # Errors
    /// As for [`Template::compile`]; a fault of kind [`FaultKind::Budget`](crate::FaultKind::Budget) that names the variant
    /// which takes more, or of a layout of all variants that takes more than 30 s or 1 GiB.
    pub fn check(
        &mut self,
        template: &Template,
        variants: &[Facts],
        bureau: &Facts,
    ) -> Result<CompiledTemplate, TemplateError> {
        let typeset = self.typeset_each(template, variants, bureau);
        let compiled = typeset.and_then(|typeset| Ok((self.field_fonts(template, &typeset)?, typeset)));
        match compiled {
            Ok((fonts, typeset)) => Ok(template.compiled(variants.to_vec(), typeset, fonts)),
            Err(faults) => {
                Err(TemplateError { template: template.name().to_owned(), faults, variants: variants.len() })
            }
        }
    }

    fn typeset_each(&mut self, template: &Template, variants: &[Facts], bureau: &Facts) -> Answer {
        let order = |variants: &[Facts]| {
            let (variants, bureau) = (variants.to_vec(), bureau.clone());
            Asked { order: LayoutOrder { variants, bureau, lot: None }, mapped: false }
        };
        // All within the time of one: none took more. Otherwise each is asked for alone.
        if let Ok(answer) = self.answer(template, order(variants), LIMITS) {
            return answer;
        }
        for facts in variants {
            let alone = self.answer(template, order(std::slice::from_ref(facts)), LIMITS);
            if let Err(error) = alone {
                return Err(vec![confined::over_budget(template, &error, LIMITS, Some(facts))]);
            }
        }
        self.typeset(template, order(variants))
    }

    fn typeset(&mut self, template: &Template, asked: Asked) -> Answer {
        let variants = u64::try_from(asked.order.variants.len()).unwrap_or(u64::MAX).max(1);
        let most = confined::LAYOUT_LIMITS.seconds;
        let limits = Limits { seconds: LIMITS.seconds.saturating_mul(variants).min(most), ..LIMITS };
        let answer = self.answer(template, asked, limits);
        answer.unwrap_or_else(|error| Err(vec![confined::over_budget(template, &error, limits, None)]))
    }

    /// The answer of a child, or of this process where there can't be one.
    ///
    /// # Errors
    /// The child gave none within these limits.
    fn answer(&mut self, template: &Template, asked: Asked, limits: Limits) -> Result<Answer, ChildError> {
        let mut question = Question::new(template, asked);
        // A child that dies may have kept too much: what fails in a new one fails by itself.
        let had_answered = self.child.is_some();
        let answer = match self.ask(template, &mut question, limits) {
            Some(Err(ChildError::Died(_))) if had_answered => self.ask(template, &mut question, limits),
            answer => answer,
        };
        answer.unwrap_or_else(|| {
            question.send(template, &HashSet::new());
            Ok(self.own.lay_out(question).unwrap_or_else(|| confined::broken(template)))
        })
    }

    /// Asks the child, a new one where there is none. `None` where this process can't run itself.
    fn ask(
        &mut self,
        template: &Template,
        question: &mut Question,
        limits: Limits,
    ) -> Option<Result<Answer, ChildError>> {
        if self.child.is_none() {
            self.known.clear();
            match Worker::start(&["confined", TASK], LIMITS)? {
                Ok(child) => self.child = Some(child),
                Err(error) => return Some(Err(error)),
            }
        }
        question.send(template, &self.known);
        // Serializing to memory never fails; a child answers an empty question with nothing.
        let bytes = postcard::to_allocvec(&question).unwrap_or_default();
        let answer = self.child.as_mut()?.ask_within(&[&bytes], limits.seconds);
        match answer {
            Ok(bytes) => {
                self.known = question.digests().collect();
                Some(Ok(postcard::from_bytes(&bytes).unwrap_or_else(|_| {
                    self.child = None;
                    confined::broken(template)
                })))
            }
            Err(error) => {
                self.child = None;
                Some(Err(error))
            }
        }
    }

    /// The fonts of variable text.
    fn field_fonts(
        &mut self,
        template: &Template,
        typeset: &Typeset,
    ) -> Result<Vec<FieldFont>, Vec<TemplateFault>> {
        let fonts = template.fonts()?;
        let wanted: Vec<Font> = typeset.fonts.iter().filter_map(|&index| fonts.get(index).cloned()).collect();
        let known = std::mem::take(&mut self.fonts);
        let prepared = |font: Font| match known.iter().find(|(other, _)| *other == font) {
            Some((font, prepared)) => (font.clone(), prepared.clone()),
            None => (font.clone(), FieldFont::new(font)),
        };
        self.fonts = wanted.into_iter().map(prepared).collect();
        Ok(self.fonts.iter().map(|(_, prepared)| prepared.clone()).collect())
    }
}

fn digest(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

impl Question {
    fn new(template: &Template, asked: Asked) -> Question {
        let files = template.files();
        let named = files
            .entries()
            .into_iter()
            .map(|(path, file)| (path.to_owned(), file.map(digest).map_err(str::to_owned)));
        Question {
            name: template.name().to_owned(),
            version: template.version().to_owned(),
            asked,
            files: named.collect(),
            prelude: digest(files.prelude()),
            fonts: files.program_fonts().map(|fonts| fonts.iter().map(|font| digest(font)).collect()),
            contents: Vec::new(),
        }
    }

    /// The digests of all files that it names.
    fn digests(&self) -> impl Iterator<Item = Digest> {
        let files = self.files.iter().filter_map(|(_, file)| file.as_ref().ok());
        files.chain([&self.prelude]).chain(self.fonts.iter().flatten()).copied()
    }

    /// Adds the bytes of the files that are not known.
    fn send(&mut self, template: &Template, known: &HashSet<Digest>) {
        let files = template.files();
        let own = files.entries().into_iter().filter_map(|(_, file)| file.ok());
        let all = own
            .chain([files.prelude()])
            .chain(files.program_fonts().into_iter().flatten().map(Bytes::as_slice));
        self.contents = all.filter(|bytes| !known.contains(&digest(bytes))).map(<[u8]>::to_vec).collect();
    }
}

/// What a worker keeps from one question to the next.
#[derive(Default)]
struct Bench {
    files: HashMap<Digest, Bytes>,
    sources: Sources,
    pictures: Pictures,
    /// The fonts of the last template, with what names them.
    fonts: Option<(FontFiles, Vec<Font>)>,
}

/// The font files of a template with their paths, and those of the program that were kept with it.
type FontFiles = (Vec<(String, Digest)>, Option<Vec<Digest>>);

impl Bench {
    /// Answers a question; `None` if it names files that nobody sent.
    fn lay_out(&mut self, question: Question) -> Option<Answer> {
        let wanted: HashSet<Digest> = question.digests().collect();
        self.files.extend(question.contents.into_iter().map(|bytes| (digest(&bytes), Bytes::new(bytes))));
        self.files.retain(|digest, _| wanted.contains(digest));
        let held = |digest: &Digest| self.files.get(digest).cloned();
        let mut files = BTreeMap::new();
        let mut font_files = Vec::new();
        for (path, file) in question.files {
            let file = match file {
                Ok(digest) => {
                    if Files::is_font(&path) {
                        font_files.push((path.clone(), digest));
                    }
                    Ok(held(&digest)?)
                }
                Err(reason) => Err(reason),
            };
            files.insert(path, file);
        }
        let program = match &question.fonts {
            Some(fonts) => Some(fonts.iter().map(held).collect::<Option<Vec<Bytes>>>()?),
            None => None,
        };
        let files = Files::Kept(KeptFiles { files, prelude: held(&question.prelude)?, fonts: program });
        self.sources.refresh(&files);
        let template = match Template::received(question.name, question.version, files) {
            Ok(template) => template,
            Err(fault) => return Some(Err(vec![fault])),
        };
        let font_files = (font_files, question.fonts);
        if self.fonts.as_ref().is_none_or(|(known, _)| *known != font_files) {
            match template.fonts() {
                Ok(fonts) => self.fonts = Some((font_files, fonts)),
                Err(faults) => return Some(Err(faults)),
            }
        }
        let (_, fonts) = self.fonts.as_ref()?;
        self.pictures.tidy();
        let Asked { order, mapped } = question.asked;
        let answer = template.lay_out_with(&order, fonts, &self.sources, &mut self.pictures, mapped);
        typst::comemo::evict(CACHE_AGE);
        Some(answer)
    }
}

/// The task of a worker: limits itself, then answers questions until there are no more.
///
/// # Errors
/// I/O errors: no limits can be set, no threads can be started, or the pipes broke.
pub fn answer_layouts() -> std::io::Result<()> {
    // The processor time is that of all answers together; the parent stops one that takes too long.
    foreign::confine(Limits { seconds: 12 * 3600, ..LIMITS })?;
    let threads = worker_threads(MAX_THREADS).map_err(std::io::Error::other)?;
    let mut bench = Bench::default();
    foreign::serve(LONGEST_QUESTION, |question| {
        let answer = threads.install(|| bench.lay_out(postcard::from_bytes(&question).ok()?));
        answer.and_then(|answer| postcard::to_allocvec(&answer).ok()).unwrap_or_default()
    })
}

/// How many threads lay out: each takes address space.
const MAX_THREADS: usize = 2;
