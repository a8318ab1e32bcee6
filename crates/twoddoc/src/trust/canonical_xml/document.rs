//! The document tree. Canonicalisation, signature checks and reading use the same tree.
//!
//! Namespaces are resolved. References and CDATA sections have become text.

use std::rc::Rc;

/// The namespace of the prefix `xml` (Namespaces in XML §3).
pub(crate) const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// A document: its root, with the comments and instructions before and after it.
#[derive(Debug)]
pub(crate) struct Document {
    /// Comments and instructions before the root.
    pub before: Vec<Node>,
    /// The root.
    pub root: Element,
    /// Comments and instructions after the root.
    pub after: Vec<Node>,
}

/// A child of an element.
#[derive(Debug)]
pub(crate) enum Node {
    /// An element.
    Element(Element),
    /// A text, with normalised line ends (XML §2.11).
    Text(String),
    /// The text of a comment.
    Comment(String),
    /// A processing instruction.
    Instruction {
        /// Its target.
        target: String,
        /// The text after the target and the white space that follows it.
        content: String,
    },
}

/// A name with its prefix, and the namespace of that prefix.
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
    /// Its namespace declarations.
    pub declarations: Vec<Declaration>,
    /// Its attributes, in the order of the file.
    pub attributes: Vec<Attribute>,
    /// Its children.
    pub children: Vec<Node>,
}

/// `xmlns:prefix="namespace"`.
#[derive(Debug, Clone)]
pub(crate) struct Declaration {
    /// The prefix, empty for the default namespace.
    pub prefix: String,
    /// The namespace. Empty if the default namespace is undeclared.
    pub namespace: Rc<str>,
}

/// An attribute with a normalised value (XML §3.3.3).
#[derive(Debug)]
pub(crate) struct Attribute {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: String,
}

impl Document {
    /// All elements in document order, from the root.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.root.with_descendants()
    }

    /// The path from the root to an element, which is last. Empty if the element is not in this document.
    pub(crate) fn path_to(&self, target: &Element) -> Vec<&Element> {
        let mut path = Vec::new();
        descend(&self.root, target, &mut path);
        path
    }
}

/// Appends the path from `element` to `target`, if `target` is below it. The parser's depth limit bounds the recursion.
fn descend<'d>(element: &'d Element, target: &Element, path: &mut Vec<&'d Element>) -> bool {
    path.push(element);
    if std::ptr::eq(element, target) || element.elements().any(|child| descend(child, target, path)) {
        return true;
    }
    path.pop();
    false
}

impl Element {
    /// Whether it has a name in a namespace.
    pub(crate) fn is(&self, namespace: &str, local: &str) -> bool {
        self.name.local == local && &*self.name.namespace == namespace
    }

    /// The child elements.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// The child elements with a name.
    pub(crate) fn named<'e>(
        &'e self,
        namespace: &'e str,
        local: &'e str,
    ) -> impl Iterator<Item = &'e Element> {
        self.elements().filter(move |element| element.is(namespace, local))
    }

    /// The child element with a name, if there is exactly one.
    pub(crate) fn only(&self, namespace: &str, local: &str) -> Option<&Element> {
        let mut found = self.elements().filter(|element| element.is(namespace, local));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The element and all its descendants, in document order.
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

    /// Its text without comments and instructions. `None` if it has child elements.
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
