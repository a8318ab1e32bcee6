//! Canonical XML: the bytes over which a digest or a signature of XML is computed.
//!
//! Writes a part of a parsed document in Canonical XML 1.0 (the Recommendation of 15 March 2001, here "C14N") or
//! Exclusive XML Canonicalization 1.0 ("exc-c14n"), with or without comments. A part is the whole document, the document
//! without one element, or one element. Arbitrary sets of nodes are not supported.

mod characters;
mod document;
mod error;
mod parse;

pub(crate) use document::{Document, Element, XML_NAMESPACE};
pub use error::XmlError;
pub(crate) use parse::parse;

use document::{Attribute, Declaration, Node};

/// How to canonicalise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Method {
    /// Whether the form is exc-c14n; otherwise it is C14N.
    pub exclusive: bool,
    /// Whether comments are written.
    pub comments: bool,
    /// The `InclusiveNamespaces PrefixList` of exc-c14n §4, with an empty prefix for `#default`.
    pub inclusive_prefixes: Vec<String>,
}

impl Method {
    fn writes(&self, node: &Node) -> bool {
        self.comments || !matches!(node, Node::Comment(_))
    }
}

/// The part of a document that is canonicalised.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'d> {
    /// The whole document, except an element and its descendants if one is to be left out.
    Whole {
        /// The element to leave out.
        without: Option<&'d Element>,
    },
    /// An element and its descendants.
    Only(&'d Element),
}

/// Writes a part of a document in its canonical form.
pub(crate) fn canonical(document: &Document, part: Part<'_>, method: &Method) -> Vec<u8> {
    let mut writer = Writer::new(method);
    match part {
        Part::Whole { without } => {
            writer.left_out = without;
            writer.document(document);
        }
        Part::Only(element) => writer.apex(&document.path_to(element)),
    }
    writer.out.into_bytes()
}

/// The state of a canonicalisation.
struct Writer<'d> {
    method: &'d Method,
    out: String,
    left_out: Option<&'d Element>,
    /// The declarations in scope, written or not, the innermost last.
    declared: Vec<&'d Declaration>,
    /// The declarations in scope that were written, as prefix and namespace, the innermost last.
    written: Vec<(&'d str, &'d str)>,
}

impl<'d> Writer<'d> {
    fn new(method: &'d Method) -> Writer<'d> {
        Writer { method, out: String::new(), left_out: None, declared: Vec::new(), written: Vec::new() }
    }

    /// Writes the document. Comments and instructions outside the root are each separated by a line feed (C14N §2.2).
    fn document(&mut self, document: &'d Document) {
        let method = self.method;
        for node in document.before.iter().filter(|node| method.writes(node)) {
            self.node(node);
            self.out.push('\n');
        }
        self.element(&document.root, &document.root.declarations, &[]);
        for node in document.after.iter().filter(|node| method.writes(node)) {
            self.out.push('\n');
            self.node(node);
        }
    }

    /// Writes the last element of a path. The namespaces of the elements before it are in scope. In C14N it also
    /// inherits their attributes of the namespace `xml` (C14N §2.4).
    fn apex(&mut self, path: &[&'d Element]) {
        let Some((apex, ancestors)) = path.split_last() else { return };
        let around: Vec<&'d Declaration> = ancestors.iter().flat_map(|one| &one.declarations).collect();
        self.declared.extend(&around);
        let mut inherited: Vec<&'d Attribute> = Vec::new();
        for attribute in ancestors.iter().rev().flat_map(|one| &one.attributes) {
            let held = |one: &&Attribute| one.name == attribute.name;
            if is_xml(attribute)
                && !inherited.iter().any(held)
                && !apex.attributes.iter().any(|own| held(&own))
            {
                inherited.push(attribute);
            }
        }
        let candidates = around.into_iter().chain(&apex.declarations);
        self.element(apex, candidates, if self.method.exclusive { &[] } else { &inherited });
    }

    fn node(&mut self, node: &'d Node) {
        match node {
            Node::Element(element)
                if self.left_out.is_some_and(|left_out| std::ptr::eq(left_out, element)) => {}
            Node::Element(element) => self.element(element, &element.declarations, &[]),
            Node::Text(text) => escape(text, &mut self.out, in_text),
            node if !self.method.writes(node) => {}
            Node::Comment(comment) => {
                self.out.push_str("<!--");
                escape(comment, &mut self.out, in_comment);
                self.out.push_str("-->");
            }
            Node::Instruction { target, content } => self.instruction(target, content),
        }
    }

    fn instruction(&mut self, target: &str, content: &str) {
        self.out.push_str("<?");
        self.out.push_str(target);
        if !content.is_empty() {
            self.out.push(' ');
            escape(content, &mut self.out, in_comment);
        }
        self.out.push_str("?>");
    }

    /// Writes an element: declarations sorted by prefix, then attributes sorted by namespace and name (C14N §2.3).
    /// `candidates`: the declarations that C14N writes here, unless the output has them in scope.
    fn element(
        &mut self,
        element: &'d Element,
        candidates: impl IntoIterator<Item = &'d Declaration>,
        inherited: &[&'d Attribute],
    ) {
        let (declared, written) = (self.declared.len(), self.written.len());
        self.declared.extend(&element.declarations);
        self.out.push('<');
        let name = self.out.len();
        push_name(element.name.prefix.as_str(), &element.name.local, &mut self.out);
        let name = name..self.out.len();
        self.declarations(element, candidates);
        self.attributes(element, inherited);
        self.out.push('>');
        for child in &element.children {
            self.node(child);
        }
        self.out.push_str("</");
        self.out.extend_from_within(name);
        self.out.push('>');
        self.declared.truncate(declared);
        self.written.truncate(written);
    }

    fn declarations(&mut self, element: &'d Element, candidates: impl IntoIterator<Item = &'d Declaration>) {
        let candidates = candidates.into_iter().map(|one| one.prefix.as_str());
        let mut prefixes: Vec<&'d str> = if self.method.exclusive {
            let listed = |prefix: &&str| self.method.inclusive_prefixes.iter().any(|one| one == prefix);
            candidates.filter(listed).chain(visibly_utilised(element)).collect()
        } else {
            candidates.collect()
        };
        prefixes.sort_unstable();
        prefixes.dedup();
        for prefix in prefixes {
            self.declaration(prefix);
        }
    }

    /// Writes a declaration, unless the output has it in scope (C14N §2.3, exc-c14n §3).
    fn declaration(&mut self, prefix: &'d str) {
        let innermost = self.declared.iter().rev().find(|one| one.prefix == prefix);
        let namespace = innermost.map_or("", |one| &*one.namespace);
        let around = self.written.iter().rev().find(|(one, _)| *one == prefix).map_or("", |(_, one)| *one);
        if namespace == around {
            return;
        }
        self.out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
        self.out.push_str(prefix);
        quoted(namespace, &mut self.out);
        self.written.push((prefix, namespace));
    }

    fn attributes(&mut self, element: &'d Element, inherited: &[&'d Attribute]) {
        let mut attributes: Vec<&Attribute> =
            element.attributes.iter().chain(inherited.iter().copied()).collect();
        attributes.sort_by_key(|one| (&one.name.namespace, &one.name.local));
        for attribute in attributes {
            self.out.push(' ');
            push_name(&attribute.name.prefix, &attribute.name.local, &mut self.out);
            quoted(&attribute.value, &mut self.out);
        }
    }
}

fn is_xml(attribute: &Attribute) -> bool {
    &*attribute.name.namespace == XML_NAMESPACE
}

/// The prefixes that an element visibly utilises (exc-c14n §3), except `xml`, which is never declared.
fn visibly_utilised(element: &Element) -> impl Iterator<Item = &str> {
    let of_attributes = element.attributes.iter().map(|one| one.name.prefix.as_str());
    let named = of_attributes.filter(|prefix| !prefix.is_empty());
    named.chain([element.name.prefix.as_str()]).filter(|prefix| *prefix != "xml")
}

fn push_name(prefix: &str, local: &str, out: &mut String) {
    if !prefix.is_empty() {
        out.push_str(prefix);
        out.push(':');
    }
    out.push_str(local);
}

fn quoted(value: &str, out: &mut String) {
    out.push_str("=\"");
    escape(value, out, in_value);
    out.push('"');
}

/// Appends a text. Characters for which `replacement` returns a text are replaced by it (C14N §2.3).
fn escape(text: &str, out: &mut String, replacement: fn(char) -> Option<&'static str>) {
    for character in text.chars() {
        match replacement(character) {
            Some(replaced) => out.push_str(replaced),
            None => out.push(character),
        }
    }
}

fn in_text(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\r' => Some("&#xD;"),
        _ => None,
    }
}

fn in_value(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '"' => Some("&quot;"),
        '\t' => Some("&#x9;"),
        '\n' => Some("&#xA;"),
        '\r' => Some("&#xD;"),
        _ => None,
    }
}

fn in_comment(character: char) -> Option<&'static str> {
    (character == '\r').then_some("&#xD;")
}

#[cfg(test)]
mod tests;
