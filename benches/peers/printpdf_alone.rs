//! What does not change in a letter, in printpdf's own operations.

use printpdf::{
    Cmyk, Color, FontId, Line, LineCapStyle, LineDashPattern, LineJoinStyle, LinePoint, Op, PaintMode,
    PdfFontHandle, Point, Polygon, PolygonRing, Pt, TextItem, WindingOrder,
};

use super::printpdf_peer::SIZE;
use super::stock::{Drawing, Paragraph, StockPage};

pub fn background(page: &StockPage) -> Vec<Op> {
    let styles = [
        Op::SetLineCapStyle { cap: LineCapStyle::Round },
        Op::SetLineJoinStyle { join: LineJoinStyle::Round },
    ];
    let drawings = page.drawings.iter().flat_map(drawn);
    let wording = page.paragraphs.iter().flat_map(written);
    styles.into_iter().chain(drawings).chain([Op::SetFillColor { col: ink(1.0) }]).chain(wording).collect()
}

fn written(paragraph: &Paragraph) -> Vec<Op> {
    let font = PdfFontHandle::External(FontId(paragraph.font.clone()));
    let mut ops = vec![
        Op::StartTextSection,
        Op::SetFont { font, size: Pt(paragraph.size) },
        Op::SetLineHeight { lh: Pt(paragraph.leading) },
        Op::SetTextCursor { pos: point(paragraph.x, paragraph.y) },
    ];
    for (number, line) in paragraph.lines.iter().enumerate() {
        if number > 0 {
            ops.push(Op::AddLineBreak);
        }
        ops.push(Op::ShowText { items: vec![TextItem::Text(line.clone())] });
    }
    ops.push(Op::EndTextSection);
    ops
}

fn drawn(drawing: &Drawing) -> Vec<Op> {
    let points: Vec<LinePoint> =
        drawing.points.iter().map(|&(x, y, bezier)| LinePoint { p: point(x, y), bezier }).collect();
    let col = ink(drawing.black);
    let Some(width) = drawing.width else {
        let polygon = Polygon {
            rings: vec![PolygonRing { points }],
            mode: PaintMode::Fill,
            winding_order: WindingOrder::NonZero,
        };
        return vec![Op::SetFillColor { col }, Op::DrawPolygon { polygon }];
    };
    vec![
        Op::SetOutlineColor { col },
        Op::SetOutlineThickness { pt: Pt(width) },
        Op::SetLineDashPattern { dash: LineDashPattern::new(0.0, &drawing.dash) },
        Op::DrawLine { line: Line { points, is_closed: drawing.closed } },
    ]
}

fn ink(black: f32) -> Color {
    Color::Cmyk(Cmyk::new(0.0, 0.0, 0.0, black, None))
}

fn point(x: f32, y: f32) -> Point {
    Point { x: Pt(x), y: Pt(SIZE.1 - y) }
}
