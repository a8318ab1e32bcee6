//! Layout in a child process: Typst and the readers of artwork can't be stopped from outside, and a template can make them
//! run for ever or take all memory.

use foreign::{ChildError, Limits, Outcome, run_this_program};
use serde::{Deserialize, Serialize};

use crate::compiled::Typeset;
use crate::fault::{Problem, TemplateFault};
use crate::files::SentFiles;
use crate::kind::FaultKind;
use crate::template::Template;
use crate::{Facts, variant_name};

/// What the layout of a template may use: all its variants together.
pub const LAYOUT_LIMITS: Limits = Limits { memory: 4 << 30, seconds: 30, output: 256 << 20 };

/// What one picture may use, once a layout has failed and the picture that failed it is looked for.
const ARTWORK_LIMITS: Limits = Limits { seconds: 3, ..LAYOUT_LIMITS };

/// How many pictures are tried.
pub(crate) const MAX_TRIED: usize = 24;

/// How many threads lay out: each takes address space.
const MAX_THREADS: usize = 8;
/// The stack of each, in bytes: Typst's own limits of nesting hold in it.
const STACK_SIZE: usize = 32 << 20;

/// What to lay out besides the files.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LayoutOrder {
    /// The variants.
    pub(crate) variants: Vec<Facts>,
    /// What pieces print about the sender.
    pub(crate) bureau: Facts,
    /// The further inputs of the sheets at the ends of a lot; `None` without such sheets.
    pub(crate) lot: Option<Facts>,
}

/// The work of a child.
#[derive(Debug, Serialize, Deserialize)]
enum Task {
    /// A whole layout.
    Layout(LayoutOrder),
    /// One picture of the template, drawn and exported. Only whether the child answers counts.
    Artwork(String),
}

/// What a child receives.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    name: String,
    files: SentFiles,
    task: Task,
}

/// What a child answers.
type Answer = Result<Typeset, Vec<TemplateFault>>;

/// Lays out a template in a child process. `None` where this process can't run itself.
///
/// # Errors
/// The faults of the template; one of kind [`FaultKind::Budget`] if its layout takes too much.
pub(crate) fn lay_out(template: &Template, order: &LayoutOrder) -> Option<Answer> {
    Some(match run(template, Task::Layout(order.clone()), LAYOUT_LIMITS)? {
        Ok(Outcome { code: 0, output }) => postcard::from_bytes(&output).unwrap_or_else(|_| broken(template)),
        Ok(_) => broken(template),
        Err(error) => Err(vec![over_budget(template, &error, LAYOUT_LIMITS, None)]),
    })
}

/// Does the work of a child: the answer to what its parent sent. Nothing where that is no request.
pub fn answer(request: &[u8]) -> Vec<u8> {
    let Ok(Request { name, files, task }) = postcard::from_bytes(request) else { return Vec::new() };
    let template = crate::files::Files::received(files).map(|files| Template::with_files(name, files));
    let Some(Ok(template)) = template else { return Vec::new() };
    let answer: Answer = match worker_threads(MAX_THREADS) {
        Ok(threads) => threads.install(|| match task {
            Task::Layout(order) => template.lay_out(&order),
            Task::Artwork(artwork) => {
                // Its faults are reported by the whole layout.
                let _ = template.draw(&artwork);
                Ok(Typeset::default())
            }
        }),
        Err(error) => Err(vec![no_process(&template, format!("no threads can be started: {error}"))]),
    };
    postcard::to_allocvec(&answer).unwrap_or_default()
}

/// The threads that lay out, `most` of them at most.
pub(crate) fn worker_threads(most: usize) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(most);
    rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK_SIZE).build()
}

fn run(template: &Template, task: Task, limits: Limits) -> Option<Result<Outcome, ChildError>> {
    run_this_program(&["confined", "layout"], request(template, task), limits)
}

fn request(template: &Template, task: Task) -> Vec<u8> {
    let request = Request { name: template.name().to_owned(), files: template.files().send(), task };
    // Serializing to memory never fails; a child answers an empty request with nothing.
    postcard::to_allocvec(&request).unwrap_or_default()
}

/// A child that failed by itself, which is a fault of the program.
pub(crate) fn broken(template: &Template) -> Answer {
    let problem = Problem::new(FaultKind::Export, "the layout broke off")
        .with_advice("leave out the last change of the template, and report this with its folder");
    Err(vec![problem.in_file(template.name())])
}

/// The fault of the system, which keeps the layout from its work.
fn no_process(template: &Template, message: String) -> TemplateFault {
    let problem = Problem::new(FaultKind::NoProcess, message).with_advice(foreign::ADVICE_ON_CHILDREN);
    problem.in_file(template.name())
}

/// The fault of a layout that was stopped at these limits, in the file that made it go too far. `variant` is the one that did,
/// where only one was laid out.
pub(crate) fn over_budget(
    template: &Template,
    error: &ChildError,
    limits: Limits,
    variant: Option<&Facts>,
) -> TemplateFault {
    if error.is_of_the_system() {
        return no_process(template, error.to_string());
    }
    let artwork = template.files().artwork().take(MAX_TRIED).find_map(|file| {
        let error = run(template, Task::Artwork(file.to_owned()), ARTWORK_LIMITS)?.err()?;
        if error.is_of_the_system() {
            return Some(no_process(template, error.to_string()));
        }
        let problem = Problem::new(FaultKind::Budget, format!("drawing this artwork: {error}"))
            .with_advice("save the artwork as plain paths, without filters, patterns and deep groups");
        Some(template.rooted(problem.in_file(file)))
    });
    artwork.unwrap_or_else(|| {
        let variant = variant.map(variant_name).filter(|name| !name.is_empty());
        let of_variant = variant.map(|name| format!(" of the variant `{name}`")).unwrap_or_default();
        let message = match error {
            ChildError::Time(seconds) => format!("the layout{of_variant} took more than {seconds} s"),
            ChildError::Died(_) => {
                let memory = limits.memory >> 30;
                format!(
                    "the layout{of_variant} took more than {memory} GiB of memory, or it is nested too deeply"
                )
            }
            _ => format!("the layout{of_variant}: {error}"),
        };
        let problem = Problem::new(FaultKind::Budget, message).with_advice(
            "look for a loop or a recursion that does not end, and for pages or tables without end",
        );
        template.rooted(problem.in_file(&template.manifest().main))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_child_answers_what_its_parent_would_lay_out() {
        let template = Template::find(Path::new("mailer-legacy")).unwrap();
        let texts =
            ["name", "return-address", "office-address", "phone", "hours", "phone-overseas", "website"];
        let bureau = texts.map(|name| (format!("bureau-{name}"), "ASIP".to_owned())).into();
        let facts = [("reason", "first"), ("codes", "new"), ("family", "CPS"), ("holder", "named")];
        let facts = facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let order = LayoutOrder { variants: vec![facts], bureau, lot: None };
        let own = template.lay_out(&order).unwrap();
        let bytes = answer(&request(&template, Task::Layout(order)));
        let answered = postcard::from_bytes::<Answer>(&bytes).unwrap().unwrap();
        assert_eq!(format!("{:?}", answered.variants), format!("{:?}", own.variants));
        assert!(answered.objects == own.objects && answered.fonts == own.fonts && !own.objects.is_empty());
    }

    #[test]
    fn what_is_no_request_has_no_answer() {
        assert!(answer(b"").is_empty() && answer(&[0xff; 99]).is_empty());
    }
}
