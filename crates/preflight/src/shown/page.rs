//! Reads a page: its content is put together and interpreted, in memory that a thread keeps for the next page.

use std::cell::RefCell;

use super::file::ShownFile;
use super::inflate::Inflate;
use super::page_list::PageSource;
use super::plain::Plain;
use super::{Problem, ShowFault, ShownPage};

/// What a thread needs to read a page, and keeps for the next.
#[derive(Default)]
struct Workspace {
    plain: Plain,
    inflate: Inflate,
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
        page.paint.clear();
        let shown = match self.pages.get(index) {
            Some(source) => WORKSPACE.with_borrow_mut(|workspace| self.read_page(source, workspace, page)),
            None => Err("no such page"),
        };
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
        let Workspace { plain, inflate } = workspace;
        let content = self.content(source, inflate, plain);
        let shown = content.and_then(|()| self.interpret(source, plain.bytes(), inflate, page));
        plain.wipe();
        shown
    }
}
