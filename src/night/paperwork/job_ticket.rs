//! The job ticket of a lot in XJDF 2.1: what is printed, on which paper, on how many sides, from which files.
//!
//! The ticket is dated with its night. It names the files beside it and nothing of their contents.

use std::fmt::Write;
use std::path::Path;

use jiff::civil::Date;

use crate::files::write_whole;
use crate::night::lot::{Lot, Turn};

/// The namespace of XJDF 2.x.
const NAMESPACE: &str = "http://www.CIP4.org/JDFSchema_2_0";
/// A4 in points.
const A4: &str = "595.276 841.89";
/// A3 lying, in points: two pieces side by side.
const A3: &str = "1190.551 841.89";
/// The two pieces of an A3 sheet: left, bottom, right, top.
const HALVES: [(&str, &str); 2] = [("Left", "0 0 595.276 841.89"), ("Right", "595.276 0 1190.551 841.89")];

/// The settings of a ticket.
#[derive(Debug, Clone, Copy)]
pub(super) struct TicketSettings<'a> {
    /// The night.
    pub night: Date,
    /// The paper's name at the press.
    pub media: &'a str,
}

/// Writes the ticket of a printed lot and returns its path, relative to the staging folder.
///
/// # Errors
/// I/O errors.
pub(super) fn write_job_ticket(
    staging: &Path,
    lot: &Lot,
    settings: &TicketSettings,
) -> std::io::Result<String> {
    let path = format!("{}/{}.xjdf", lot.kind().folder(), lot.name());
    write_whole(&staging.join(&path), job_ticket(lot, settings).as_bytes())?;
    Ok(path)
}

/// The indices of printing and cutting among the ticket's processes.
const PRINTING: u32 = 2;
const CUTTING: u32 = 3;

/// The ticket as XML.
fn job_ticket(lot: &Lot, settings: &TicketSettings) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    head(&mut xml, lot, settings);
    product(&mut xml, lot, settings);
    media(&mut xml, lot, settings);
    let sides = if lot.layout.duplex() { "TwoSided" } else { "OneSidedFront" };
    let params = format!("<DigitalPrintingParams Collate=\"Sheet\" Sides=\"{sides}\"/>");
    resource_set(
        &mut xml,
        "DigitalPrintingParams",
        "Input",
        PRINTING,
        &format!("    <Resource>{params}</Resource>\n"),
    );
    run_lists(&mut xml, lot);
    let last = if lot.layout.imposed() { cutting(&mut xml) } else { PRINTING };
    let product = amount(pieces(lot), "<Component ProductType=\"Letter\"/>");
    resource_set(&mut xml, "Component", "Output", last, &product);
    xml.push_str("</XJDF>\n");
    xml
}

/// The root element with the job's identity, the program and the night. Writing to memory never fails.
fn head(xml: &mut String, lot: &Lot, settings: &TicketSettings) {
    let (name, night) = (lot.name(), settings.night);
    let cutting = if lot.layout.imposed() { " Cutting" } else { "" };
    let _ = writeln!(
        xml,
        "<XJDF xmlns=\"{NAMESPACE}\" Version=\"2.1\" JobID=\"{name}\" JobPartID=\"{}\" DescriptiveName=\"{} {}\" Types=\"Interpreting Rendering DigitalPrinting{cutting}\">",
        lot.kind().folder(),
        name.marked(lot.kind()),
        escaped(&lot.template.manifest.title),
    );
    if lot.sealed {
        xml.push_str("  <Comment>The files are sealed with age: open them with the press's identity first.</Comment>\n");
    }
    let _ = writeln!(
        xml,
        "  <AuditPool>\n    <AuditCreated>\n      <Header AgentName=\"pli\" AgentVersion=\"{}\" DeviceID=\"pli\" Time=\"{night}T00:00:00Z\"/>\n    </AuditCreated>\n  </AuditPool>",
        env!("CARGO_PKG_VERSION"),
    );
}

/// How many pieces the print files hold.
fn pieces(lot: &Lot) -> u32 {
    lot.files.iter().map(|file| file.pieces).sum()
}

/// The product: the number of pieces, and how many A4 surfaces each has.
fn product(xml: &mut String, lot: &Lot, settings: &TicketSettings) {
    let sides = match lot.layout.turn {
        Turn::Simplex => "OneSided",
        Turn::LongEdge => "TwoSidedHeadToHead",
        Turn::ShortEdge => "TwoSidedHeadToFoot",
    };
    let surfaces = 2 * lot.layout.sheets(lot.pages_of_piece.into());
    let _ = writeln!(
        xml,
        "  <ProductList>\n    <Product ID=\"Piece\" Amount=\"{}\" IsRoot=\"true\" ProductType=\"Letter\">\n      <Intent Name=\"LayoutIntent\"><LayoutIntent Dimensions=\"{A4}\" Pages=\"{surfaces}\" Sides=\"{sides}\"/></Intent>\n      <Intent Name=\"MediaIntent\"><MediaIntent MediaQuality=\"{}\" MediaType=\"Paper\" Weight=\"{}\"/></Intent>\n    </Product>\n  </ProductList>",
        pieces(lot),
        escaped(settings.media),
        lot.template.manifest.grammage,
    );
}

/// The paper, and how many sheets of it.
fn media(xml: &mut String, lot: &Lot, settings: &TicketSettings) {
    let (name, grammage) = (escaped(settings.media), lot.template.manifest.grammage);
    let size = if lot.layout.imposed() { A3 } else { A4 };
    let paper = format!(
        "    <Resource ID=\"Paper\" DescriptiveName=\"{name}\"><Media Dimension=\"{size}\" MediaType=\"Paper\" MediaUnit=\"Sheet\" Weight=\"{grammage}\"/></Resource>\n"
    );
    resource_set(xml, "Media", "Input", PRINTING, &paper);
    let sheets = amount(lot.layout.sheets(lot.pages()), "<Component MediaRef=\"Paper\"/>");
    resource_set(xml, "Component", "Input", PRINTING, &sheets);
}

/// How a sheet of two pieces is cut: in the middle, with nothing trimmed. Returns the index of cutting among the processes.
fn cutting(xml: &mut String) -> u32 {
    let block = |(name, rectangle)| format!("<CutBlock BlockName=\"{name}\" Box=\"{rectangle}\"/>");
    let blocks = HALVES.map(block).concat();
    let params = format!("    <Resource><CuttingParams>{blocks}</CuttingParams></Resource>\n");
    resource_set(xml, "CuttingParams", "Input", CUTTING, &params);
    CUTTING
}

/// The print files, one run for each.
fn run_lists(xml: &mut String, lot: &Lot) {
    let mime = if lot.sealed { "application/octet-stream" } else { "application/pdf" };
    let mut runs = String::new();
    for (file, number) in lot.files.iter().zip(1..) {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let (name, pages) = (escaped(name), file.pages);
        let _ = writeln!(
            runs,
            "    <Resource>\n      <Part Run=\"Run{number}\"/>\n      <RunList NPage=\"{pages}\"><FileSpec MimeType=\"{mime}\" URL=\"{name}\"/></RunList>\n    </Resource>"
        );
    }
    resource_set(xml, "RunList", "Input", 0, &runs);
}

/// A set of resources of the process with this index in `Types`.
fn resource_set(xml: &mut String, name: &str, usage: &str, process: u32, resources: &str) {
    let _ = writeln!(
        xml,
        "  <ResourceSet CombinedProcessIndex=\"{process}\" Name=\"{name}\" Usage=\"{usage}\">\n{resources}  </ResourceSet>"
    );
}

/// A resource with its amount.
fn amount(amount: u32, content: &str) -> String {
    format!(
        "    <Resource>\n      <AmountPool><PartAmount Amount=\"{amount}\"/></AmountPool>\n      {content}\n    </Resource>\n"
    )
}

/// Text as an attribute's value. A character that XML can't hold becomes a space.
fn escaped(text: &str) -> String {
    let held = |c: char| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c };
    let text: String = text.chars().map(held).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Imposition;
    use crate::night::lot::{LotNumbers, PrintFile, SheetLayout, TemplateIdentity};
    use jiff::civil::date;
    use mail::lot::LotName;
    use mail::piece::PieceKind;
    use print_file::Grid;

    fn ticket(imposition: Imposition) -> String {
        let manifest = template::Template::find("card-letter".as_ref()).unwrap().manifest().clone();
        let manifest = template::Manifest {
            title: "Courrier\u{1} <carte>\u{ffff}& \"co\"".to_owned(),
            grammage: 90.0,
            ..manifest
        };
        let template = TemplateIdentity { name: "card-letter".into(), version: "00".into(), manifest };
        let layout = SheetLayout { grid: Grid::new(600), imposition, turn: Turn::LongEdge };
        let name = LotName::new(date(2026, 11, 23), 0).unwrap();
        let numbers = LotNumbers { name, kind: PieceKind::Letter, first_tracking: None, again: None };
        let mut lot = Lot::new(numbers, template, layout, false, None);
        lot.files = vec![PrintFile {
            path: "letters/26327A-0001.pdf".into(),
            pieces: 2,
            pages: 8,
            ..PrintFile::default()
        }];
        lot.pages_of_piece = 4;
        job_ticket(&lot, &TicketSettings { night: date(2026, 11, 23), media: "A4 blanc 90 g/m²" })
    }

    #[test]
    fn a_title_keeps_its_signs_and_the_ticket_its_form() {
        for imposition in [Imposition::OneUp, Imposition::TwoUp] {
            let ticket = ticket(imposition);
            let mut reader = quick_xml::Reader::from_str(&ticket);
            while reader.read_event().expect("well-formed") != quick_xml::events::Event::Eof {}
            assert!(
                ticket.contains("DescriptiveName=\"L26327A Courrier  &lt;carte&gt; &amp; &quot;co&quot;\"")
            );
            assert!(
                ticket.contains("Pages=\"4\" Sides=\"TwoSidedHeadToHead\""),
                "two sheets of two surfaces"
            );
            assert!(ticket.lines().all(|line| line.trim_end() == line && !line.is_empty()));
        }
    }
}
