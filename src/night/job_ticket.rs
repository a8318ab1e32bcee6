//! The job ticket of a lot in XJDF 2.1: what is printed, on what, on how many sides, from which files.
//!
//! Takes what is known of a printed lot; gives XML. No clock: the ticket is dated with its night. Names files as they
//! lie beside it, and nothing of what they hold.

use std::fmt::Write;
use std::path::Path;

use jiff::civil::Date;

use super::imposition::{SheetLayout, Turn};
use super::printing::PrintedLot;
use super::release::write_whole;
use mail::lot::LotName;
use mail::piece::PieceKind;
use template::Manifest;

/// The namespace of XJDF 2.x.
const NAMESPACE: &str = "http://www.CIP4.org/JDFSchema_2_0";
/// A4 in points.
const A4: &str = "595.276 841.89";
/// A3 lying, in points: two pieces side by side.
const A3: &str = "1190.551 841.89";
/// The two pieces of an A3 sheet: left, bottom, right, top.
const HALVES: [(&str, &str); 2] = [("Left", "0 0 595.276 841.89"), ("Right", "595.276 0 1190.551 841.89")];

/// A print file of the ticket.
#[derive(Debug, Clone, Copy)]
pub struct TicketFile<'a> {
    /// Its name in the ticket's folder.
    pub name: &'a str,
    /// How many pages it has.
    pub pages: u32,
}

/// What a ticket says.
#[derive(Debug, Clone, Copy)]
pub struct JobTicket<'a> {
    /// The lot.
    pub lot: &'a str,
    /// Its kind.
    pub kind: PieceKind,
    /// The night.
    pub night: Date,
    /// The template's title.
    pub title: &'a str,
    /// How many pieces.
    pub pieces: u32,
    /// How many sheets.
    pub sheets: u32,
    /// How many sheets a piece is, once they are cut.
    pub sheets_of_piece: u32,
    /// How pieces lie on sheets.
    pub layout: SheetLayout,
    /// The media's name.
    pub media: &'a str,
    /// Grams per square metre of the media.
    pub grammage: f64,
    /// The print files, in order.
    pub files: &'a [TicketFile<'a>],
    /// Whether the files are sealed with age.
    pub sealed: bool,
}

/// A ticket to be written, but for what was printed.
pub struct TicketOrder<'a> {
    /// The kind of the lot.
    pub kind: PieceKind,
    /// The lot.
    pub lot: &'a LotName,
    /// The night.
    pub night: Date,
    /// The template's manifest.
    pub template: &'a Manifest,
    /// The media's name.
    pub media: &'a str,
    /// How pieces lie on sheets.
    pub layout: SheetLayout,
    /// Whether the files are sealed with age.
    pub sealed: bool,
}

/// Writes the ticket of a printed lot; gives its path, relative to the staging folder.
///
/// # Errors
/// Those of the disk.
pub fn write_job_ticket(
    staging: &Path,
    order: &TicketOrder,
    printed: &PrintedLot,
) -> std::io::Result<String> {
    let TicketOrder { kind, lot, night, template, media, layout, sealed } = *order;
    let pages: u32 = printed.files.iter().map(|file| file.pages).sum();
    let files = printed
        .files
        .iter()
        .map(|file| TicketFile { name: file.path.rsplit('/').next().unwrap_or_default(), pages: file.pages });
    let ticket = job_ticket(&JobTicket {
        lot: lot.as_str(),
        kind,
        night,
        title: &template.title,
        pieces: printed.files.iter().map(|file| file.pieces).sum(),
        sheets: layout.sheets(pages),
        sheets_of_piece: layout.sheets(printed.pages_of_piece.into()),
        layout,
        media,
        grammage: template.grammage,
        files: &files.collect::<Vec<_>>(),
        sealed,
    });
    let path = format!("{}/{lot}.xjdf", kind.folder());
    write_whole(&staging.join(&path), ticket.as_bytes())?;
    Ok(path)
}

/// The places of printing and cutting among the ticket's processes.
const PRINTING: u32 = 2;
const CUTTING: u32 = 3;

/// The ticket as XML.
pub fn job_ticket(ticket: &JobTicket) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    head(&mut xml, ticket);
    product(&mut xml, ticket);
    media(&mut xml, ticket);
    let sides = if ticket.layout.duplex() { "TwoSided" } else { "OneSidedFront" };
    let params = format!("<DigitalPrintingParams Collate=\"Sheet\" Sides=\"{sides}\"/>");
    resource_set(
        &mut xml,
        "DigitalPrintingParams",
        "Input",
        PRINTING,
        &format!("    <Resource>{params}</Resource>\n"),
    );
    run_lists(&mut xml, ticket);
    let last = if ticket.layout.imposed() { cutting(&mut xml) } else { PRINTING };
    let pieces = amount(ticket.pieces, "<Component ProductType=\"Letter\"/>");
    resource_set(&mut xml, "Component", "Output", last, &pieces);
    xml.push_str("</XJDF>\n");
    xml
}

/// The root with the job's identity, and who made the ticket of which night. Formatting into a text never fails.
fn head(xml: &mut String, ticket: &JobTicket) {
    let JobTicket { lot, night, .. } = ticket;
    let cutting = if ticket.layout.imposed() { " Cutting" } else { "" };
    let _ = writeln!(
        xml,
        "<XJDF xmlns=\"{NAMESPACE}\" Version=\"2.1\" JobID=\"{lot}\" JobPartID=\"{}\" DescriptiveName=\"{}\" Types=\"Interpreting Rendering DigitalPrinting{cutting}\">",
        ticket.kind.folder(),
        escaped(ticket.title),
    );
    if ticket.sealed {
        xml.push_str("  <Comment>The files are sealed with age: open them with the press's identity first.</Comment>\n");
    }
    let _ = writeln!(
        xml,
        "  <AuditPool>\n    <AuditCreated>\n      <Header AgentName=\"pli\" AgentVersion=\"{}\" DeviceID=\"pli\" Time=\"{night}T00:00:00Z\"/>\n    </AuditCreated>\n  </AuditPool>",
        env!("CARGO_PKG_VERSION"),
    );
}

/// What leaves: so many pieces of a sheet of A4, or more.
fn product(xml: &mut String, ticket: &JobTicket) {
    let sides = match ticket.layout.turn {
        Turn::Simplex => "OneSided",
        Turn::LongEdge => "TwoSidedHeadToHead",
        Turn::ShortEdge => "TwoSidedHeadToFoot",
    };
    let surfaces = 2 * ticket.sheets_of_piece;
    let _ = writeln!(
        xml,
        "  <ProductList>\n    <Product ID=\"Piece\" Amount=\"{}\" IsRoot=\"true\" ProductType=\"Letter\">\n      <Intent Name=\"LayoutIntent\"><LayoutIntent Dimensions=\"{A4}\" Pages=\"{surfaces}\" Sides=\"{sides}\"/></Intent>\n      <Intent Name=\"MediaIntent\"><MediaIntent MediaQuality=\"{}\" MediaType=\"Paper\" Weight=\"{}\"/></Intent>\n    </Product>\n  </ProductList>",
        ticket.pieces,
        escaped(ticket.media),
        ticket.grammage,
    );
}

/// The paper, and how many sheets of it.
fn media(xml: &mut String, ticket: &JobTicket) {
    let (name, grammage) = (escaped(ticket.media), ticket.grammage);
    let size = if ticket.layout.imposed() { A3 } else { A4 };
    let paper = format!(
        "    <Resource ID=\"Paper\" DescriptiveName=\"{name}\"><Media Dimension=\"{size}\" MediaType=\"Paper\" MediaUnit=\"Sheet\" Weight=\"{grammage}\"/></Resource>\n"
    );
    resource_set(xml, "Media", "Input", PRINTING, &paper);
    let sheets = amount(ticket.sheets, "<Component MediaRef=\"Paper\"/>");
    resource_set(xml, "Component", "Input", PRINTING, &sheets);
}

/// How a sheet of two pieces is cut: in the middle, with nothing trimmed. Gives the place of cutting among the processes.
fn cutting(xml: &mut String) -> u32 {
    let block = |(name, place)| format!("<CutBlock BlockName=\"{name}\" Box=\"{place}\"/>");
    let blocks = HALVES.map(block).concat();
    let params = format!("    <Resource><CuttingParams>{blocks}</CuttingParams></Resource>\n");
    resource_set(xml, "CuttingParams", "Input", CUTTING, &params);
    CUTTING
}

/// The print files, each a run of its own.
fn run_lists(xml: &mut String, ticket: &JobTicket) {
    let mime = if ticket.sealed { "application/octet-stream" } else { "application/pdf" };
    let mut runs = String::new();
    for (file, number) in ticket.files.iter().zip(1..) {
        let (name, pages) = (escaped(file.name), file.pages);
        let _ = writeln!(
            runs,
            "    <Resource>\n      <Part Run=\"Run{number}\"/>\n      <RunList NPage=\"{pages}\"><FileSpec MimeType=\"{mime}\" URL=\"{name}\"/></RunList>\n    </Resource>"
        );
    }
    resource_set(xml, "RunList", "Input", 0, &runs);
}

/// A set of resources of the process at that place of `Types`.
fn resource_set(xml: &mut String, name: &str, usage: &str, process: u32, resources: &str) {
    let _ = writeln!(
        xml,
        "  <ResourceSet CombinedProcessIndex=\"{process}\" Name=\"{name}\" Usage=\"{usage}\">\n{resources}  </ResourceSet>"
    );
}

/// A resource of which there are so many.
fn amount(amount: u32, content: &str) -> String {
    format!(
        "    <Resource>\n      <AmountPool><PartAmount Amount=\"{amount}\"/></AmountPool>\n      {content}\n    </Resource>\n"
    )
}

/// Text as an attribute's value.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Imposition;
    use jiff::civil::date;
    use print_file::Grid;

    fn ticket(imposition: Imposition) -> String {
        job_ticket(&JobTicket {
            lot: "26327A",
            kind: PieceKind::Letter,
            night: date(2026, 11, 23),
            title: "Courrier <carte> & \"co\"",
            pieces: 2,
            sheets: 4,
            sheets_of_piece: 2,
            layout: SheetLayout { grid: Grid::new(600), imposition, turn: Turn::LongEdge },
            media: "A4 blanc 90 g/m²",
            grammage: 90.0,
            files: &[TicketFile { name: "26327A-0001.pdf", pages: 8 }],
            sealed: false,
        })
    }

    #[test]
    fn a_title_keeps_its_signs_and_the_ticket_its_form() {
        for imposition in [Imposition::OneUp, Imposition::TwoUp] {
            let ticket = ticket(imposition);
            let mut reader = quick_xml::Reader::from_str(&ticket);
            while reader.read_event().expect("well-formed") != quick_xml::events::Event::Eof {}
            assert!(ticket.contains("DescriptiveName=\"Courrier &lt;carte&gt; &amp; &quot;co&quot;\""));
            assert!(
                ticket.contains("Pages=\"4\" Sides=\"TwoSidedHeadToHead\""),
                "two sheets of two surfaces"
            );
            assert!(ticket.lines().all(|line| line.trim_end() == line && !line.is_empty()));
        }
    }
}
