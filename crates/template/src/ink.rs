//! What a one-ink press can't print: colours, coloured artwork and characters that the font lacks.

use typst::layout::{Frame, FrameItem, Point, Size};
use typst::syntax::Span;
use typst::text::TextItem;
use typst::visualize::{Color, Image, ImageKind, Paint, ProcessColor};
use typst_layout::Page;

use crate::fault::{Problem, TemplateFault, at_span};
use crate::kind::FaultKind;
use crate::placement::page_rule;
use crate::stock::spot_colour;
use crate::world::TemplateWorld;

const ADVICE: &str = "this press prints black only: write `k(100%)`, or another share of black";

/// The faults of a page's colours and images.
pub(super) fn check_page(world: &TemplateWorld, page: &Page) -> Vec<TemplateFault> {
    let fill = page.fill_or_transparent();
    let mut faults: Vec<TemplateFault> =
        fill.and_then(|fill| paint_fault(world, &fill, page_rule(world))).into_iter().collect();
    faults.extend(check_frames(world, &page.frame));
    faults
}

fn check_frames(world: &TemplateWorld, frame: &Frame) -> Vec<TemplateFault> {
    let mut faults = Vec::new();
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => faults.extend(check_frames(world, &group.frame)),
            FrameItem::Text(text) => {
                let span = text.glyphs.first().map_or(Span::detached(), |glyph| glyph.span.0);
                faults.extend(paint_fault(world, &text.fill, span));
                faults.extend(glyph_fault(world, text));
            }
            FrameItem::Shape(shape, span) => {
                let stroke = shape.stroke.as_ref().map(|stroke| &stroke.paint);
                let paints = shape.fill.iter().chain(stroke);
                faults.extend(paints.filter_map(|paint| paint_fault(world, paint, *span)));
            }
            FrameItem::Image(image, _, span) => faults.extend(image_fault(world, image, *span)),
            FrameItem::Link(..) | FrameItem::Tag(_) => {}
        }
    }
    faults
}

/// A character that no font of the template has would be a blank box in print.
fn glyph_fault(world: &TemplateWorld, text: &TextItem) -> Option<TemplateFault> {
    let glyph = text.glyphs.iter().find(|glyph| glyph.id == 0)?;
    let lacking =
        text.text.get(usize::from(glyph.range.start)..usize::from(glyph.range.end)).unwrap_or_default();
    let message = format!("the font has no character `{lacking}`");
    let advice = "choose a font that has it, or add one to the template's folder";
    Some(at_span(world, glyph.span.0, Problem::new(FaultKind::Glyph, message).with_advice(advice)))
}

fn paint_fault(world: &TemplateWorld, paint: &Paint, span: Span) -> Option<TemplateFault> {
    let (kind, message) = match paint {
        Paint::Solid(color) if black_of(color).is_some() => return None,
        Paint::Solid(_) => (FaultKind::Colour, "a colour that is not a share of black"),
        Paint::Gradient(_) | Paint::Tiling(_) => {
            (FaultKind::Gradient, "gradients and patterns are not printed; draw with plain black")
        }
    };
    Some(at_span(world, span, Problem::new(kind, message).with_advice(ADVICE)))
}

fn image_fault(world: &TemplateWorld, image: &Image, span: Span) -> Option<TemplateFault> {
    let coloured = match image.kind() {
        ImageKind::Svg(svg) => coloured_svg(svg.data()),
        ImageKind::Raster(raster) => {
            use image::ColorType::{L8, L16};
            !matches!(raster.dynamic().color(), L8 | L16)
        }
        _ => false,
    };
    if let ImageKind::Svg(svg) = image.kind()
        && let Some(name) = spot_of_svg(svg.data())
    {
        return Some(at_span(world, span, spot_colour(&name)));
    }
    let message = "artwork in colour, or with transparency, on a black-only job";
    let problem = || Problem::new(FaultKind::Artwork, message).with_advice("save the artwork in plain greys");
    coloured.then(|| at_span(world, span, problem()))
}

/// A colour as a share of black; `None` for any other colour.
pub(crate) fn black_of(color: &Color) -> Option<f64> {
    const NOTHING: f32 = 0.001;
    match color {
        Color::Process(ProcessColor::Cmyk(cmyk)) => {
            let plain = cmyk.c.abs() < NOTHING && cmyk.m.abs() < NOTHING && cmyk.y.abs() < NOTHING;
            plain.then_some(f64::from(cmyk.k))
        }
        Color::Process(ProcessColor::Luma(luma)) => Some(f64::from(1.0 - luma.luma)),
        _ => None,
    }
}

/// The ink of its own that an SVG's text names: `icc-color(PANTONE-485-C, 1)`.
fn spot_of_svg(svg: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(svg);
    let ink = ["icc-color(", "device-nchannel(", "device-color("]
        .into_iter()
        .find_map(|function| text.split_once(function))?
        .1;
    let name = ink.split([',', ')']).next().unwrap_or_default().trim();
    Some(name.trim_matches('#').to_owned())
}

/// The pictures of a page, each with the place that asked for it.
pub(crate) fn placed_pictures(world: &TemplateWorld, frame: &Frame, found: &mut Vec<PlacedPicture>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => placed_pictures(world, &group.frame, found),
            FrameItem::Image(image, size, span) if found.iter().all(|known| known.image != *image) => {
                let place = at_span(world, *span, Problem::new(FaultKind::Artwork, ""));
                found.push(PlacedPicture { image: image.clone(), size: *size, place });
            }
            _ => {}
        }
    }
}

/// A picture that the layout shows.
pub(crate) struct PlacedPicture {
    /// The picture.
    pub image: Image,
    /// Its size on the page.
    pub size: Size,
    /// A fault at the place that asked for it.
    pub place: TemplateFault,
}

impl PlacedPicture {
    /// A page that shows the picture alone.
    pub(crate) fn alone(&self, page: &Page) -> Page {
        let mut frame = Frame::hard(page.frame.size());
        frame.push(Point::zero(), FrameItem::Image(self.image.clone(), self.size, Span::detached()));
        Page { frame, ..page.clone() }
    }
}

/// Whether an SVG's text names a colour with red, green and blue that differ.
fn coloured_svg(svg: &[u8]) -> bool {
    let text = String::from_utf8_lossy(svg);
    let hex = text.match_indices('#').any(|(offset, _)| hex_is_coloured(&text[offset + 1..]));
    let functional = text.match_indices("rgb(").any(|(offset, _)| rgb_is_coloured(&text[offset + 4..]));
    hex || functional
}

fn hex_is_coloured(after_hash: &str) -> bool {
    let digits: String = after_hash.chars().take_while(char::is_ascii_hexdigit).collect();
    let channel = match digits.len() {
        3 => 1,
        6 => 2,
        _ => return false,
    };
    let (red, rest) = digits.split_at(channel);
    let (green, blue) = rest.split_at(channel);
    !(red.eq_ignore_ascii_case(green) && green.eq_ignore_ascii_case(blue))
}

fn rgb_is_coloured(after_paren: &str) -> bool {
    let inside = after_paren.split(')').next().unwrap_or_default();
    let channels: Vec<&str> = inside.split([',', ' ']).filter(|part| !part.is_empty()).collect();
    channels.len() >= 3 && !(channels[0] == channels[1] && channels[1] == channels[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greys_pass_and_colours_do_not() {
        assert!(!coloured_svg(br##"<svg fill="#333" stroke="#AaAaAa" color="rgb(3, 3, 3)"/>"##));
        assert!(coloured_svg(br##"<svg fill="#336699"/>"##));
        assert!(coloured_svg(b"<svg fill='rgb(1,2,3)'/>"));
        assert_eq!(spot_of_svg(b"<svg fill='#333 icc-color(Gold-877, 1)'/>").as_deref(), Some("Gold-877"));
        assert_eq!(spot_of_svg(b"<svg fill='#333'/>"), None);
    }
}
