//! Parses XML into the tree.
//!
//! Takes bytes of XML 1.0 in UTF-8. Gives a [`Document`], or the line where it stops being one. Refuses document
//! types, so no entity is ever expanded, and everything beyond the limits below, so that neither time nor memory
//! grows faster than the file.

use super::super::name::legible;
use super::characters::{content, is_name, referred, unsuitable, value};
use super::document::{Attribute, Declaration, Document, Element, Name, Node, XML_NAMESPACE};
use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesPI, BytesStart, Event};
use std::collections::BTreeSet;
use std::rc::Rc;
use thiserror::Error;

/// The namespace of declarations themselves; nothing may be bound to it (Namespaces in XML §3).
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// Bytes of a document. The national list has 41 000.
const MAX_BYTES: usize = 4 << 20;
/// Elements inside one another.
const MAX_DEPTH: usize = 64;
/// Elements, texts, comments and instructions together.
const MAX_NODES: usize = 100_000;
/// Attributes of one element, declarations among them.
const MAX_ATTRIBUTES: usize = 32;
/// Namespaces declared around one place.
const MAX_DECLARED: usize = 64;
/// Bytes of a namespace: canonical forms repeat it.
const MAX_NAMESPACE: usize = 256;

/// Why bytes are not XML that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {}", legible(.reason))]
pub struct XmlError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
}

/// Parses a document.
///
/// # Errors
/// Not UTF-8, not well formed (XML §2.1, Namespaces in XML §7), with a document type, or beyond a limit.
pub(crate) fn parse(bytes: &[u8]) -> Result<Document, XmlError> {
    let at_start = |reason: &str| XmlError { line: 1, reason: reason.to_owned() };
    if bytes.len() > MAX_BYTES {
        return Err(at_start("the file is larger than 4 MiB"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| at_start("the file is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    reader.config_mut().expand_empty_elements = true;
    Builder::default().run(&mut reader).map_err(|reason| {
        let reached = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len());
        let read = text.as_bytes().get(..reached).unwrap_or_default();
        XmlError { line: 1 + read.iter().filter(|byte| **byte == b'\n').count(), reason }
    })
}

/// The tree as far as it is read.
#[derive(Default)]
struct Builder {
    begun: bool,
    nodes: usize,
    before: Vec<Node>,
    root: Option<Element>,
    after: Vec<Node>,
    open: Vec<Element>,
    declared: Vec<Declaration>,
}

impl Builder {
    fn run(mut self, reader: &mut Reader<&[u8]>) -> Result<Document, String> {
        loop {
            match reader.read_event().map_err(|error| format!("not well-formed XML: {error}"))? {
                Event::Eof => break,
                event => self.take(event)?,
            }
            self.begun = true;
        }
        match (self.root, self.open.is_empty()) {
            (Some(root), true) => Ok(Document { before: self.before, root, after: self.after }),
            _ => Err("the file ends before its elements do".to_owned()),
        }
    }

    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::End(_) => self.end(),
            Event::Text(text) if text.contains("]]>") => Err("`]]>` in a text".to_owned()),
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(_) if self.open.is_empty() => Err(outside()),
            Event::CData(text) => self.text(&text.xml10_content()),
            Event::GeneralRef(_) if self.open.is_empty() => Err(outside()),
            Event::GeneralRef(reference) => self.text(&referred(&reference)?.to_string()),
            Event::Comment(comment) => self.add(Node::Comment(content(&comment)?)),
            Event::PI(instruction) => self.instruction(&instruction),
            Event::Decl(declaration) => self.declaration(&declaration),
            Event::DocType(_) => Err("a document type; lists have none".to_owned()),
            Event::Empty(_) | Event::Eof => Ok(()),
        }
    }

    /// XML §2.8: first of all, version 1.0; and the bytes are UTF-8.
    fn declaration(&self, declaration: &BytesDecl<'_>) -> Result<(), String> {
        if self.begun {
            return Err("the XML declaration is not at the start".to_owned());
        }
        if !declaration.version().is_ok_and(|version| version == "1.0") {
            return Err("not XML 1.0".to_owned());
        }
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(encoding)) if encoding.eq_ignore_ascii_case("UTF-8") => Ok(()),
            Some(_) => Err("the encoding is not UTF-8".to_owned()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} elements inside one another"));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err("a second root".to_owned());
        }
        let (declarations, attributes) = declarations_and_attributes(start)?;
        self.declared.extend(declarations.iter().cloned());
        if self.declared.len() > MAX_DECLARED {
            return Err(format!("more than {MAX_DECLARED} namespaces declared around one place"));
        }
        let name = self.name(start.name().0, true)?;
        let attributes = self.attributes(attributes)?;
        self.count()?;
        self.open.push(Element { name, declarations, attributes, children: Vec::new() });
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let element = self.open.pop().ok_or_else(outside)?;
        self.declared.truncate(self.declared.len().saturating_sub(element.declarations.len()));
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
        Ok(())
    }

    /// Adds characters to the text that stands last, or begins one.
    fn text(&mut self, characters: &str) -> Result<(), String> {
        if let Some(character) = characters.chars().find(unsuitable) {
            return Err(format!("the character {character:?} has no place in XML"));
        }
        let Some(parent) = self.open.last_mut() else {
            let blank = characters.bytes().all(|byte| byte.is_ascii_whitespace());
            return if blank { Ok(()) } else { Err(outside()) };
        };
        if let Some(Node::Text(text)) = parent.children.last_mut() {
            text.push_str(characters);
            return Ok(());
        }
        parent.children.push(Node::Text(characters.to_owned()));
        self.count()
    }

    fn instruction(&mut self, instruction: &BytesPI<'_>) -> Result<(), String> {
        let target = instruction.target();
        if !is_name(target) || target.eq_ignore_ascii_case("xml") {
            return Err(format!("`{target}` can't name an instruction"));
        }
        let content = content(instruction.content().trim_start_matches([' ', '\t', '\r', '\n']))?;
        self.add(Node::Instruction { target: target.to_owned(), content })
    }

    fn add(&mut self, node: Node) -> Result<(), String> {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None if self.root.is_none() => self.before.push(node),
            None => self.after.push(node),
        }
        self.count()
    }

    fn count(&mut self) -> Result<(), String> {
        self.nodes += 1;
        if self.nodes > MAX_NODES { Err(format!("more than {MAX_NODES} elements and texts")) } else { Ok(()) }
    }

    /// Namespaces in XML §6.3: no two attributes of one name in one namespace.
    fn attributes(&self, written: Vec<(String, String)>) -> Result<Vec<Attribute>, String> {
        let mut attributes: Vec<Attribute> = Vec::with_capacity(written.len());
        for (name, value) in written {
            let name = self.name(&name, false)?;
            let same = |one: &Attribute| one.name.local == name.local && one.name.namespace == name.namespace;
            if attributes.iter().any(same) {
                return Err(format!("the attribute `{}` stands twice", name.local));
            }
            attributes.push(Attribute { name, value });
        }
        Ok(attributes)
    }

    /// Resolves a name; the default namespace is for elements only (Namespaces in XML §6.2).
    fn name(&self, written: &str, element: bool) -> Result<Name, String> {
        let (prefix, local) = written.split_once(':').unwrap_or(("", written));
        let prefixed = written.contains(':');
        if !is_name(local) || (prefixed && !is_name(prefix)) {
            return Err("a name that XML does not permit".to_owned());
        }
        let namespace = match prefix {
            "xml" => Rc::from(XML_NAMESPACE),
            "" if !element => Rc::from(""),
            prefix => self.namespace_of(prefix)?,
        };
        Ok(Name { prefix: prefix.to_owned(), local: local.to_owned(), namespace })
    }

    fn namespace_of(&self, prefix: &str) -> Result<Rc<str>, String> {
        match self.declared.iter().rev().find(|declared| declared.prefix == prefix) {
            Some(declared) => Ok(declared.namespace.clone()),
            None if prefix.is_empty() => Ok(Rc::from("")),
            None => Err(format!("the prefix `{prefix}` is not declared")),
        }
    }
}

fn outside() -> String {
    "characters outside the root".to_owned()
}

type Written = (Vec<Declaration>, Vec<(String, String)>);

/// Parts the namespaces that a tag declares from its attributes.
fn declarations_and_attributes(start: &BytesStart<'_>) -> Result<Written, String> {
    let (mut declarations, mut attributes) = (Vec::new(), Vec::new());
    // The library's own check of doubles takes time that grows with the square of their number; ours is bounded.
    for (place, attribute) in start.attributes().with_checks(false).enumerate() {
        if place >= MAX_ATTRIBUTES {
            return Err(format!("an element with more than {MAX_ATTRIBUTES} attributes"));
        }
        let attribute = attribute.map_err(|error| format!("not well-formed XML: {error}"))?;
        let (name, value) = (attribute.key.0, value(&attribute.value)?);
        match name.strip_prefix("xmlns").map(|rest| (rest, rest.strip_prefix(':'))) {
            Some(("", _)) => declarations.push(declared("", &value)?),
            Some((_, Some(prefix))) if is_name(prefix) => declarations.push(declared(prefix, &value)?),
            _ => attributes.push((name.to_owned(), value)),
        }
    }
    let prefixes: BTreeSet<&str> = declarations.iter().map(|one: &Declaration| one.prefix.as_str()).collect();
    if prefixes.len() < declarations.len() {
        return Err("a namespace prefix is declared twice in one element".to_owned());
    }
    // The prefix `xml` needs no declaration and is never written (C14N §2.3).
    declarations.retain(|declared| declared.prefix != "xml");
    Ok((declarations, attributes))
}

/// Namespaces in XML §3; and absolute, without which there is no canonical form (C14N §1.3).
fn declared(prefix: &str, namespace: &str) -> Result<Declaration, String> {
    let reserved = namespace == XMLNS_NAMESPACE || (prefix == "xml") != (namespace == XML_NAMESPACE);
    let taken_back = prefix.is_empty() && namespace.is_empty();
    let absolute = namespace.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme));
    let named = prefix.is_empty() || (is_name(prefix) && prefix != "xmlns");
    if reserved || !named || !(taken_back || absolute) || namespace.len() > MAX_NAMESPACE {
        return Err(format!("the prefix `{prefix}` is declared with a namespace that can't be"));
    }
    Ok(Declaration { prefix: prefix.to_owned(), namespace: Rc::from(namespace) })
}

/// RFC 3986 §3.1.
fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}
