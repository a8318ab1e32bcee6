//! The tree that is canonicalised, signed and read: one tree for all three.
//!
//! Takes what the parser found. Gives elements with their namespaces resolved, and ways down to them. Never holds
//! entities, character references or CDATA marks: they have become text.

use std::rc::Rc;

/// The namespace of the prefix `xml` (Namespaces in XML §3).
pub(crate) const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// A document: its root, and what stands before and after it.
#[derive(Debug)]
pub(crate) struct Document {
    /// Comments and instructions before the root.
    pub before: Vec<Node>,
    /// The root.
    pub root: Element,
    /// Comments and instructions after the root.
    pub after: Vec<Node>,
}

/// What an element can hold.
#[derive(Debug)]
pub(crate) enum Node {
    /// An element.
    Element(Element),
    /// Characters, with their line ends normalised (XML §2.11).
    Text(String),
    /// A comment's characters.
    Comment(String),
    /// A processing instruction.
    Instruction {
        /// Its target.
        target: String,
        /// What follows the target and the white space after it.
        content: String,
    },
}

/// A name with its prefix, and the namespace that the prefix stands for where the name is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// The prefix, empty if there is none.
    pub prefix: String,
    /// The part after the prefix.
    pub local: String,
    /// The namespace, empty if there is none.
    pub namespace: Rc<str>,
}

/// An element.
#[derive(Debug)]
pub(crate) struct Element {
    /// Its name.
    pub name: Name,
    /// The namespaces that it declares.
    pub declarations: Vec<Declaration>,
    /// Its attributes, as they were written.
    pub attributes: Vec<Attribute>,
    /// What it holds.
    pub children: Vec<Node>,
}

/// `xmlns:prefix="namespace"`.
#[derive(Debug, Clone)]
pub(crate) struct Declaration {
    /// The prefix, empty for the default namespace.
    pub prefix: String,
    /// The namespace, empty where the default one is taken back.
    pub namespace: Rc<str>,
}

/// An attribute, its value normalised (XML §3.3.3).
#[derive(Debug)]
pub(crate) struct Attribute {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: String,
}

impl Document {
    /// Every element, the root first.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.root.with_descendants()
    }

    /// The elements from the root to this one, itself last; empty if it is not of this document.
    pub(crate) fn path_to(&self, target: &Element) -> Vec<&Element> {
        let mut path = Vec::new();
        descend(&self.root, target, &mut path);
        path
    }
}

/// Recursion is bounded by the parser's limit on depth.
fn descend<'d>(element: &'d Element, target: &Element, path: &mut Vec<&'d Element>) -> bool {
    path.push(element);
    if std::ptr::eq(element, target) || element.elements().any(|child| descend(child, target, path)) {
        return true;
    }
    path.pop();
    false
}

impl Element {
    /// Whether it has this name in this namespace.
    pub(crate) fn is(&self, namespace: &str, local: &str) -> bool {
        self.name.local == local && &*self.name.namespace == namespace
    }

    /// The elements that it holds itself.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// The elements of a name that it holds itself.
    pub(crate) fn named<'e>(
        &'e self,
        namespace: &'e str,
        local: &'e str,
    ) -> impl Iterator<Item = &'e Element> {
        self.elements().filter(move |element| element.is(namespace, local))
    }

    /// The element of a name that it holds itself, if there is exactly one.
    pub(crate) fn only(&self, namespace: &str, local: &str) -> Option<&Element> {
        let mut found = self.elements().filter(|element| element.is(namespace, local));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// Itself and every element below it, in document order.
    pub(crate) fn with_descendants(&self) -> impl Iterator<Item = &Element> {
        let mut waiting = vec![self];
        std::iter::from_fn(move || {
            let element = waiting.pop()?;
            let below = waiting.len();
            waiting.extend(element.elements());
            waiting.get_mut(below..)?.reverse();
            Some(element)
        })
    }

    /// The value of an attribute that has no namespace.
    pub(crate) fn attribute(&self, local: &str) -> Option<&str> {
        let named = |one: &&Attribute| one.name.namespace.is_empty() && one.name.local == local;
        self.attributes.iter().find(named).map(|attribute| attribute.value.as_str())
    }

    /// Its text, whole, whatever comments stand in it; nothing if it holds elements.
    pub(crate) fn text(&self) -> Option<String> {
        let mut whole = String::new();
        for node in &self.children {
            match node {
                Node::Element(_) => return None,
                Node::Text(text) => whole.push_str(text),
                Node::Comment(_) | Node::Instruction { .. } => {}
            }
        }
        Some(whole)
    }
}
