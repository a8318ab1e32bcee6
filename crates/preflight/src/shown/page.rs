//! Reads a page: its content is put together and interpreted, in memory that a thread keeps for the next page.

use std::cell::RefCell;

use zeroize::Zeroize;

use super::file::ShownFile;
use super::inflate::Inflate;
use super::page_list::PageSource;
use super::plain::Plain;
use super::{Paint, Problem, ShowFault, ShownGlyph, ShownPage};

/// The most buffers of lines that are kept, and the most bytes of text and glyphs of one.
const MAX_KEPT: usize = 64;
const MAX_LENGTH: usize = 1024;

/// What a thread needs to read a page, and keeps for the next.
#[derive(Default)]
struct Workspace {
    plain: Plain,
    inflate: Inflate,
    buffers: LineBuffers,
}

/// Buffers of lines that are shown no more. They are wiped.
#[derive(Default)]
pub(super) struct LineBuffers(Vec<(String, Vec<ShownGlyph>)>);

impl LineBuffers {
    /// An empty text and no glyphs, with room if there is some left.
    pub fn take(&mut self) -> (String, Vec<ShownGlyph>) {
        self.0.pop().unwrap_or_default()
    }

    /// Empties a page and keeps its buffers.
    fn take_from(&mut self, page: &mut ShownPage) {
        for paint in &mut page.paint {
            let Paint::Text(line) = paint else { continue };
            if self.0.len() < MAX_KEPT && line.text.capacity().max(line.glyphs.capacity()) <= MAX_LENGTH {
                self.0.push((wiped_text(&mut line.text), wiped_glyphs(&mut line.glyphs)));
            }
        }
        page.paint.clear();
    }
}

/// Takes a text and wipes what was written to it. The rest of its room was wiped before.
fn wiped_text(text: &mut String) -> String {
    let mut bytes = std::mem::take(text).into_bytes();
    bytes.as_mut_slice().zeroize();
    bytes.clear();
    String::from_utf8(bytes).unwrap_or_default()
}

/// Takes glyphs and wipes those that were written.
fn wiped_glyphs(glyphs: &mut Vec<ShownGlyph>) -> Vec<ShownGlyph> {
    let mut glyphs = std::mem::take(glyphs);
    glyphs.iter_mut().zeroize();
    glyphs.clear();
    glyphs
}

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

impl ShownFile {
    /// Reads what a page shows, by index from 0, into `page`. What was in `page` before is wiped.
    ///
    /// # Errors
    /// [`ShowFault::Page`] if the page is missing, damaged, or has something that is not understood. `page` is then empty.
    pub fn page(&self, index: usize, page: &mut ShownPage) -> Result<(), ShowFault> {
        let shown = WORKSPACE.with_borrow_mut(|workspace| {
            workspace.buffers.take_from(page);
            self.read_page(self.pages.get(index).ok_or("no such page")?, workspace, page)
        });
        shown.map_err(|problem| {
            page.paint.clear();
            ShowFault::Page(index, problem.to_owned())
        })
    }

    fn read_page(
        &self,
        source: &PageSource,
        workspace: &mut Workspace,
        page: &mut ShownPage,
    ) -> Result<(), Problem> {
        if let Some(problem) = source.problem {
            return Err(problem);
        }
        let [left, bottom, right, top] = source.media;
        page.size = (right - left, top - bottom);
        let Workspace { plain, inflate, buffers } = workspace;
        let content = self.content(source, inflate, plain);
        let shown = content.and_then(|()| self.interpret(source, plain.bytes(), (inflate, buffers), page));
        plain.wipe();
        shown
    }
}
