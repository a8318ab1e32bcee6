//! The page tree: a root over nodes of 250 pages (ISO 32000-1 §7.7.3).
//!
//! Takes the numbers of pages and returns dictionaries. Holds the open node's pages and the numbers of all nodes.

use pdf_writer::{Chunk, Finish};

use super::document_parts::push_reference;
use super::objects::reference;

/// The most pages in one node.
const PAGES_PER_NODE: usize = 250;

/// The tree of a file while it is written.
#[derive(Debug)]
pub(super) struct PageTree {
    root: u32,
    resources: u32,
    /// The number of each node and of its pages. The last node is open.
    nodes: Vec<(u32, usize)>,
    /// The pages of the open node.
    open: Vec<u32>,
}

impl PageTree {
    /// A tree without pages, whose nodes have the resources of that number.
    pub fn new(root: u32, resources: u32) -> PageTree {
        PageTree { root, resources, nodes: Vec::new(), open: Vec::new() }
    }

    /// The number of the open node; `None` if the next page needs a new node.
    pub fn open_node(&self) -> Option<u32> {
        let last = self.nodes.last().filter(|_| self.open.len() < PAGES_PER_NODE);
        last.map(|&(node, _)| node)
    }

    /// Begins the node with the number `number`.
    pub fn begin_node(&mut self, number: u32) {
        self.nodes.push((number, 0));
    }

    /// Adds a page to the open node.
    pub fn add_page(&mut self, page: u32) {
        self.open.push(page);
    }

    /// Closes the open node. Returns its number and dictionary, or `None` if no node was begun.
    pub fn close_node(&mut self) -> Option<(u32, Vec<u8>)> {
        let last = self.nodes.last_mut()?;
        last.1 = self.open.len();
        let mut out = Vec::with_capacity(64 + 12 * self.open.len());
        push_reference(&mut out, "<</Type/Pages/Parent ", self.root);
        push_reference(&mut out, "/Resources ", self.resources);
        out.extend_from_slice(format!("/Count {}/Kids[", self.open.len()).as_bytes());
        self.open.iter().for_each(|&page| push_reference(&mut out, " ", page));
        out.extend_from_slice(b"]>>");
        self.open.clear();
        Some((last.0, out))
    }

    /// The root node.
    pub fn root(&self) -> Chunk {
        let mut chunk = Chunk::new();
        let mut pages = chunk.pages(reference(self.root));
        pages.count(self.nodes.iter().map(|&(_, pages)| pages as i32).sum());
        pages.kids(self.nodes.iter().map(|&(node, _)| reference(node)));
        pages.finish();
        chunk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_holds_250_pages() {
        let mut tree = PageTree::new(2, 4);
        let mut closed = Vec::new();
        for page in 0..600 {
            if tree.open_node().is_none() {
                closed.extend(tree.close_node());
                tree.begin_node(10_000 + page);
            }
            tree.add_page(page);
        }
        closed.extend(tree.close_node());
        assert_eq!(closed.iter().map(|(node, _)| *node).collect::<Vec<_>>(), [10_000, 10_250, 10_500]);
        let last = String::from_utf8_lossy(&closed[2].1).into_owned();
        assert!(
            last.starts_with("<</Type/Pages/Parent 2 0 R/Resources 4 0 R/Count 100/Kids[ 500 0 R 501 0 R")
        );
        assert!(String::from_utf8_lossy(tree.root().as_bytes()).contains("/Count 600"));
    }
}
