//! Parses XML 1.0 in UTF-8 into a [`Document`].
//!
//! Document types are refused, so that no entity is ever expanded. Documents beyond the limits below are refused, so
//! that neither time nor memory grows faster than the file.

use super::characters::{content, is_forbidden, is_name, resolve_reference, value};
use super::document::{Attribute, Declaration, Document, Element, Name, Node, XML_NAMESPACE};
use super::error::{XmlError, XmlErrorKind};
use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesPI, BytesStart, Event};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The namespace of the prefix `xmlns`. No other prefix may be bound to it (Namespaces in XML §3).
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// Maximum size of a document, in bytes. The national list has 41 000.
const MAX_BYTES: usize = 4 << 20;
/// Maximum depth of nested elements.
pub(super) const MAX_DEPTH: usize = 64;
/// Maximum number of elements, texts, comments and instructions together.
pub(super) const MAX_NODES: usize = 100_000;
/// Maximum number of attributes of one element, including namespace declarations.
pub(super) const MAX_ATTRIBUTES: usize = 32;
/// Maximum number of namespace declarations in scope of one element.
pub(super) const MAX_DECLARED: usize = 64;
/// Maximum length of a namespace, in bytes. Canonical forms repeat it.
const MAX_NAMESPACE: usize = 256;

/// Parses a document.
///
/// # Errors
/// [`XmlError`] if the bytes are not UTF-8, are not well formed (XML §2.1, Namespaces in XML §7), have a document type,
/// or exceed a limit.
pub(crate) fn parse(bytes: &[u8]) -> Result<Document, XmlError> {
    if bytes.len() > MAX_BYTES {
        return Err(XmlError { line: 1, kind: XmlErrorKind::TooLarge });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| XmlError { line: 1, kind: XmlErrorKind::NotUtf8 })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    reader.config_mut().expand_empty_elements = true;
    Builder::default().run(&mut reader).map_err(|kind| {
        let reached = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len());
        let read = text.as_bytes().get(..reached).unwrap_or_default();
        XmlError { line: 1 + read.iter().filter(|byte| **byte == b'\n').count(), kind }
    })
}

/// The part of the document that was read.
#[derive(Default)]
struct Builder {
    /// Whether an event was read. The XML declaration must be the first one.
    begun: bool,
    nodes: usize,
    before: Vec<Node>,
    root: Option<Element>,
    after: Vec<Node>,
    /// The elements that are not closed yet, from the root down.
    open: Vec<Element>,
    /// The namespace declarations of the open elements, in the same order.
    declared: Vec<Declaration>,
}

impl Builder {
    fn run(mut self, reader: &mut Reader<&[u8]>) -> Result<Document, XmlErrorKind> {
        loop {
            match reader.read_event().map_err(|error| XmlErrorKind::NotWellFormed(error.to_string()))? {
                Event::Eof => break,
                event => self.take(event)?,
            }
            self.begun = true;
        }
        match (self.root, self.open.is_empty()) {
            (Some(root), true) => Ok(Document { before: self.before, root, after: self.after }),
            _ => Err(XmlErrorKind::Truncated),
        }
    }

    fn take(&mut self, event: Event<'_>) -> Result<(), XmlErrorKind> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::End(_) => self.end(),
            Event::Text(text) if text.contains("]]>") => Err(XmlErrorKind::CdataEnd),
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(_) if self.open.is_empty() => Err(XmlErrorKind::OutsideRoot),
            Event::CData(text) => self.text(&text.xml10_content()),
            Event::GeneralRef(_) if self.open.is_empty() => Err(XmlErrorKind::OutsideRoot),
            Event::GeneralRef(reference) => self.text(&resolve_reference(&reference)?.to_string()),
            Event::Comment(comment) => self.add(Node::Comment(content(&comment)?)),
            Event::PI(instruction) => self.instruction(&instruction),
            Event::Decl(declaration) => self.declaration(&declaration),
            Event::DocType(_) => Err(XmlErrorKind::DocumentType),
            Event::Empty(_) | Event::Eof => Ok(()),
        }
    }

    /// Checks the XML declaration: it comes first, with version 1.0, and names no encoding except UTF-8 (XML §2.8).
    fn declaration(&self, declaration: &BytesDecl<'_>) -> Result<(), XmlErrorKind> {
        if self.begun {
            return Err(XmlErrorKind::DeclarationNotFirst);
        }
        if !declaration.version().is_ok_and(|version| version == "1.0") {
            return Err(XmlErrorKind::Version);
        }
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(encoding)) if encoding.eq_ignore_ascii_case("UTF-8") => Ok(()),
            Some(_) => Err(XmlErrorKind::Encoding),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), XmlErrorKind> {
        if self.open.len() >= MAX_DEPTH {
            return Err(XmlErrorKind::TooDeep);
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(XmlErrorKind::SecondRoot);
        }
        let (declarations, attributes) = declarations_and_attributes(start)?;
        self.declared.extend(declarations.iter().cloned());
        if self.declared.len() > MAX_DECLARED {
            return Err(XmlErrorKind::TooManyNamespaces);
        }
        let name = self.name(start.name().0, true)?;
        let attributes = self.attributes(attributes)?;
        self.count()?;
        self.open.push(Element { name, declarations, attributes, children: Vec::new() });
        Ok(())
    }

    fn end(&mut self) -> Result<(), XmlErrorKind> {
        let element = self.open.pop().ok_or(XmlErrorKind::OutsideRoot)?;
        self.declared.truncate(self.declared.len().saturating_sub(element.declarations.len()));
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
        Ok(())
    }

    /// Appends characters to the last child if it is a text; otherwise adds a text. Outside the root, only white space is
    /// allowed.
    fn text(&mut self, characters: &str) -> Result<(), XmlErrorKind> {
        if let Some(character) = characters.chars().find(is_forbidden) {
            return Err(XmlErrorKind::Character(character));
        }
        let Some(parent) = self.open.last_mut() else {
            let blank = characters.bytes().all(|byte| byte.is_ascii_whitespace());
            return if blank { Ok(()) } else { Err(XmlErrorKind::OutsideRoot) };
        };
        if let Some(Node::Text(text)) = parent.children.last_mut() {
            text.push_str(characters);
            return Ok(());
        }
        parent.children.push(Node::Text(characters.to_owned()));
        self.count()
    }

    fn instruction(&mut self, instruction: &BytesPI<'_>) -> Result<(), XmlErrorKind> {
        let target = instruction.target();
        if !is_name(target) || target.eq_ignore_ascii_case("xml") {
            return Err(XmlErrorKind::InstructionTarget(target.to_owned()));
        }
        let content = content(instruction.content().trim_start_matches([' ', '\t', '\r', '\n']))?;
        self.add(Node::Instruction { target: target.to_owned(), content })
    }

    fn add(&mut self, node: Node) -> Result<(), XmlErrorKind> {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None if self.root.is_none() => self.before.push(node),
            None => self.after.push(node),
        }
        self.count()
    }

    fn count(&mut self) -> Result<(), XmlErrorKind> {
        self.nodes += 1;
        if self.nodes > MAX_NODES { Err(XmlErrorKind::TooManyNodes) } else { Ok(()) }
    }

    /// Resolves the names of attributes. Two of one name in one namespace are refused (Namespaces in XML §6.3).
    fn attributes(&self, written: Vec<(String, String)>) -> Result<Vec<Attribute>, XmlErrorKind> {
        let mut attributes: Vec<Attribute> = Vec::with_capacity(written.len());
        for (name, value) in written {
            let name = self.name(&name, false)?;
            let same = |one: &Attribute| one.name.local == name.local && one.name.namespace == name.namespace;
            if attributes.iter().any(same) {
                return Err(XmlErrorKind::DuplicateAttribute(name.local));
            }
            attributes.push(Attribute { name, value });
        }
        Ok(attributes)
    }

    /// Resolves the prefix of a name. The default namespace applies to elements only (Namespaces in XML §6.2).
    fn name(&self, written: &str, element: bool) -> Result<Name, XmlErrorKind> {
        let (prefix, local) = written.split_once(':').unwrap_or(("", written));
        let prefixed = written.contains(':');
        if !is_name(local) || (prefixed && !is_name(prefix)) {
            return Err(XmlErrorKind::Name);
        }
        let namespace = match prefix {
            "xml" => Rc::from(XML_NAMESPACE),
            "" if !element => Rc::from(""),
            prefix => self.namespace_of(prefix)?,
        };
        Ok(Name { prefix: prefix.to_owned(), local: local.to_owned(), namespace })
    }

    fn namespace_of(&self, prefix: &str) -> Result<Rc<str>, XmlErrorKind> {
        match self.declared.iter().rev().find(|declared| declared.prefix == prefix) {
            Some(declared) => Ok(declared.namespace.clone()),
            None if prefix.is_empty() => Ok(Rc::from("")),
            None => Err(XmlErrorKind::UndeclaredPrefix(prefix.to_owned())),
        }
    }
}

/// Namespace declarations, and the names and values of the other attributes.
type DeclarationsAndAttributes = (Vec<Declaration>, Vec<(String, String)>);

/// Separates the namespace declarations of a tag from its attributes.
fn declarations_and_attributes(start: &BytesStart<'_>) -> Result<DeclarationsAndAttributes, XmlErrorKind> {
    let (mut declarations, mut attributes) = (Vec::new(), Vec::new());
    // The library's check for duplicates takes quadratic time. `Builder::attributes` checks a bounded number.
    for (index, attribute) in start.attributes().with_checks(false).enumerate() {
        if index >= MAX_ATTRIBUTES {
            return Err(XmlErrorKind::TooManyAttributes);
        }
        let attribute = attribute.map_err(|error| XmlErrorKind::NotWellFormed(error.to_string()))?;
        let (name, value) = (attribute.key.0, value(&attribute.value)?);
        match name.strip_prefix("xmlns").map(|rest| (rest, rest.strip_prefix(':'))) {
            Some(("", _)) => declarations.push(declared("", &value)?),
            Some((_, Some(prefix))) if is_name(prefix) => declarations.push(declared(prefix, &value)?),
            _ => attributes.push((name.to_owned(), value)),
        }
    }
    let prefixes: BTreeSet<&str> = declarations.iter().map(|one: &Declaration| one.prefix.as_str()).collect();
    if prefixes.len() < declarations.len() {
        return Err(XmlErrorKind::DuplicatePrefix);
    }
    // The prefix `xml` needs no declaration and is never written (C14N §2.3).
    declarations.retain(|declared| declared.prefix != "xml");
    Ok((declarations, attributes))
}

/// Checks a namespace declaration (Namespaces in XML §3). The namespace must be absolute, because relative ones have no
/// canonical form (C14N §1.3).
fn declared(prefix: &str, namespace: &str) -> Result<Declaration, XmlErrorKind> {
    let reserved = namespace == XMLNS_NAMESPACE || (prefix == "xml") != (namespace == XML_NAMESPACE);
    let undeclares = prefix.is_empty() && namespace.is_empty();
    let absolute = namespace.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme));
    let named = prefix.is_empty() || (is_name(prefix) && prefix != "xmlns");
    if reserved || !named || !(undeclares || absolute) || namespace.len() > MAX_NAMESPACE {
        return Err(XmlErrorKind::Namespace(prefix.to_owned()));
    }
    Ok(Declaration { prefix: prefix.to_owned(), namespace: Rc::from(namespace) })
}

/// Whether a text is a URI scheme (RFC 3986 §3.1).
fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}
