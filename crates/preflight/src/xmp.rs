//! An XMP packet as properties: namespace, name and text (ISO 16684-1).

use std::collections::BTreeMap;

use quick_xml::NsReader;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;

pub(super) const DC: &str = "http://purl.org/dc/elements/1.1/";
pub(super) const XMP: &str = "http://ns.adobe.com/xap/1.0/";
pub(super) const MEDIA: &str = "http://ns.adobe.com/xap/1.0/mm/";
pub(super) const PDF: &str = "http://ns.adobe.com/pdf/1.3/";
pub(super) const PDFX: &str = "http://www.npes.org/pdfx/ns/id/";
pub(super) const PDFVT: &str = "http://www.npes.org/pdfvt/ns/id/";
pub(super) const PDFA: &str = "http://www.aiim.org/pdfa/ns/id/";
pub(super) const PROPERTY: &str = "http://www.aiim.org/pdfa/ns/property#";
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// The properties of a packet by namespace and name. The items of a list are values of the property that holds it.
#[derive(Debug, Default)]
pub(super) struct Properties {
    values: BTreeMap<(String, String), Vec<String>>,
}

impl Properties {
    /// Reads a packet. `None` if it is not well formed.
    pub fn read(packet: &str) -> Option<Properties> {
        let mut properties = Properties::default();
        let mut reader = NsReader::from_str(packet);
        let mut open: Vec<(String, String)> = Vec::new();
        loop {
            match reader.read_resolved_event().ok()? {
                (_, Event::Eof) => return open.is_empty().then_some(properties),
                (ResolveResult::Bound(space), Event::Start(element)) => {
                    open.push((space.as_ref().to_owned(), element.local_name().as_ref().to_owned()));
                }
                (_, Event::Start(_)) => return None,
                (_, Event::End(_)) => drop(open.pop()?),
                (_, Event::Text(text)) => properties.add(&open, &text),
                (_, Event::GeneralRef(entity)) => {
                    let character = match &*entity {
                        "amp" => "&",
                        "lt" => "<",
                        "gt" => ">",
                        _ => return None,
                    };
                    properties.add(&open, character);
                }
                _ => {}
            }
        }
    }

    /// Adds text to the innermost property that is not RDF's own.
    fn add(&mut self, open: &[(String, String)], text: &str) {
        let Some(property) = open.iter().rev().find(|(space, _)| space != RDF) else { return };
        let values = self.values.entry(property.clone()).or_default();
        let continues = values.last().is_some_and(|last| !last.ends_with('\n')) && !text.starts_with('\n');
        match values.last_mut() {
            Some(last) if continues => last.push_str(text),
            _ => values.push(text.to_owned()),
        }
    }

    /// The value of a property, trimmed. `None` if it has no value, or more than one.
    pub fn one(&self, space: &str, name: &str) -> Option<&str> {
        let values = self.values.get(&(space.to_owned(), name.to_owned()))?;
        let mut values = values.iter().map(|value| value.trim()).filter(|value| !value.is_empty());
        let first = values.next()?;
        values.next().is_none().then_some(first)
    }

    /// Whether a value of the property contains `text`.
    pub fn contains(&self, space: &str, name: &str, text: &str) -> bool {
        let values = self.values.get(&(space.to_owned(), name.to_owned()));
        values.is_some_and(|values| values.iter().any(|value| value.contains(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_entities_are_read() {
        let packet = "<?xpacket begin='' id='W5M0'?><x:m xmlns:x='adobe:ns:meta/'><r:RDF \
            xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description \
            xmlns:d='http://purl.org/dc/elements/1.1/'><d:title><r:Alt><r:li>A &amp; B</r:li></r:Alt></d:title>\
            </r:Description></r:RDF></x:m><?xpacket end='r'?>";
        let properties = Properties::read(packet).expect("a packet");
        assert_eq!(properties.one(DC, "title"), Some("A & B"));
        assert_eq!(properties.one(DC, "format"), None);
        assert!(Properties::read("<a><b></a>").is_none());
    }
}
