//! The XMP packet, which identifies a file and the standards that it meets (ISO 16684-1), and identifiers made from content.
//!
//! Takes a label and a digest and returns the packet. Never reads the clock: all dates are the label's.

use super::document::{Conformance, FileLabel};

/// The program and its version, as files name it.
pub(super) const PRODUCER: &str = concat!("pli ", env!("CARGO_PKG_VERSION"));
/// The program that made the pages, as files name it.
pub(super) const CREATOR: &str = "pli";

/// A `uuid:` identifier from the first half of a digest (RFC 9562 §5.8, a custom UUID).
pub fn content_uuid(digest: &[u8; 32]) -> String {
    let mut bytes: [u8; 16] = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0F | 0x80;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let mut text = "uuid:".to_owned();
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// The packet of a file. `digest` is that of its bytes so far. An imposed file is PDF/X-4 and not PDF/VT-1.
pub(super) fn packet(label: &FileLabel, imposed: bool, digest: &[u8; 32]) -> String {
    let (year, month, day) = label.day;
    let date = format!("{year:04}-{month:02}-{day:02}T00:00:00Z");
    let id = content_uuid(digest);
    let title = escaped(&label.title);
    let identifications = match label.conformance {
        Conformance::Plain => String::new(),
        Conformance::Press => press(&date, imposed),
        Conformance::PressAndArchive => format!("{}{ARCHIVE}", press(&date, imposed)),
    };
    format!(
        "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:xmpMM=\"http://ns.adobe.com/xap/1.0/mm/\" \
xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n\
<dc:format>application/pdf</dc:format>\n\
<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\n\
<xmp:CreateDate>{date}</xmp:CreateDate>\n<xmp:ModifyDate>{date}</xmp:ModifyDate>\n\
<xmp:MetadataDate>{date}</xmp:MetadataDate>\n<xmp:CreatorTool>{CREATOR}</xmp:CreatorTool>\n\
<xmpMM:DocumentID>{id}</xmpMM:DocumentID>\n<xmpMM:InstanceID>{id}</xmpMM:InstanceID>\n\
<xmpMM:VersionID>1</xmpMM:VersionID>\n<xmpMM:RenditionClass>default</xmpMM:RenditionClass>\n\
<pdf:Producer>{PRODUCER}</pdf:Producer>\n<pdf:Trapped>False</pdf:Trapped>\n\
</rdf:Description>\n{identifications}</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>"
    )
}

/// The identification of PDF/X-4 and, if the file is not imposed, of PDF/VT-1.
fn press(date: &str, imposed: bool) -> String {
    let mut press = "<rdf:Description rdf:about=\"\" xmlns:pdfxid=\"http://www.npes.org/pdfx/ns/id/\">\n\
<pdfxid:GTS_PDFXVersion>PDF/X-4</pdfxid:GTS_PDFXVersion>\n</rdf:Description>\n"
        .to_owned();
    if !imposed {
        press.push_str(&format!(
            "<rdf:Description rdf:about=\"\" xmlns:pdfvtid=\"http://www.npes.org/pdfvt/ns/id/\">\n\
<pdfvtid:GTS_PDFVTVersion>PDF/VT-1</pdfvtid:GTS_PDFVTVersion>\n\
<pdfvtid:GTS_PDFVTModDate>{date}</pdfvtid:GTS_PDFVTModDate>\n</rdf:Description>\n"
        ));
    }
    press
}

/// The identification of PDF/A-2b (ISO 19005-2 §6.6.4), with extension schemas for the properties that it does not define
/// (§6.6.2.3).
const ARCHIVE: &str = concat!(
    "<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\n",
    "<pdfaid:part>2</pdfaid:part>\n<pdfaid:conformance>B</pdfaid:conformance>\n</rdf:Description>\n",
    "<rdf:Description rdf:about=\"\" xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\" ",
    "xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\" ",
    "xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\">\n<pdfaExtension:schemas><rdf:Bag>\n",
    "<rdf:li rdf:parseType=\"Resource\"><pdfaSchema:schema>PDF/X identification</pdfaSchema:schema>",
    "<pdfaSchema:namespaceURI>http://www.npes.org/pdfx/ns/id/</pdfaSchema:namespaceURI>",
    "<pdfaSchema:prefix>pdfxid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>\n",
    "<rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>GTS_PDFXVersion</pdfaProperty:name>",
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>",
    "<pdfaProperty:description>The PDF/X standard that the file meets</pdfaProperty:description></rdf:li>\n",
    "</rdf:Seq></pdfaSchema:property></rdf:li>\n",
    "<rdf:li rdf:parseType=\"Resource\"><pdfaSchema:schema>PDF/VT identification</pdfaSchema:schema>",
    "<pdfaSchema:namespaceURI>http://www.npes.org/pdfvt/ns/id/</pdfaSchema:namespaceURI>",
    "<pdfaSchema:prefix>pdfvtid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>\n",
    "<rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>GTS_PDFVTVersion</pdfaProperty:name>",
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>",
    "<pdfaProperty:description>The PDF/VT standard that the file meets</pdfaProperty:description></rdf:li>\n",
    "<rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>GTS_PDFVTModDate</pdfaProperty:name>",
    "<pdfaProperty:valueType>Date</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>",
    "<pdfaProperty:description>When the file was last made to meet it</pdfaProperty:description></rdf:li>\n",
    "</rdf:Seq></pdfaSchema:property></rdf:li>\n",
    "<rdf:li rdf:parseType=\"Resource\"><pdfaSchema:schema>Adobe PDF</pdfaSchema:schema>",
    "<pdfaSchema:namespaceURI>http://ns.adobe.com/pdf/1.3/</pdfaSchema:namespaceURI>",
    "<pdfaSchema:prefix>pdf</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>\n",
    "<rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>Trapped</pdfaProperty:name>",
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>",
    "<pdfaProperty:description>Whether the file was trapped</pdfaProperty:description></rdf:li>\n",
    "</rdf:Seq></pdfaSchema:property></rdf:li>\n",
    "</rdf:Bag></pdfaExtension:schemas>\n</rdf:Description>\n",
);

/// Text as XML content. Control characters become spaces.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            control if control.is_control() => out.push(' '),
            plain => out.push(plain),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_custom_uuids() {
        assert_eq!(content_uuid(&[0xFF; 32]), "uuid:ffffffff-ffff-8fff-bfff-ffffffffffff");
    }

    #[test]
    fn a_title_is_escaped_and_only_the_standards_of_the_label_are_claimed() {
        let label = |conformance| FileLabel {
            title: "letters <A> & \u{1}B".to_owned(),
            lot: "26324A".to_owned(),
            day: (2026, 11, 20),
            conformance,
        };
        let plain = packet(&label(Conformance::Plain), false, &[1; 32]);
        assert!(plain.contains("letters &lt;A&gt; &amp;  B") && plain.contains("2026-11-20T00:00:00Z"));
        assert!(!plain.contains("GTS_PDF") && !plain.contains("pdfaid"));
        let press = packet(&label(Conformance::Press), false, &[1; 32]);
        assert!(press.contains(">PDF/X-4<") && press.contains(">PDF/VT-1<") && !press.contains("pdfaid"));
        let imposed = packet(&label(Conformance::Press), true, &[1; 32]);
        assert!(imposed.contains(">PDF/X-4<") && !imposed.contains("PDFVT"));
        let archive = packet(&label(Conformance::PressAndArchive), false, &[1; 32]);
        assert!(archive.contains("<pdfaid:part>2<") && archive.contains(">GTS_PDFVTModDate<"));
    }
}
