//! Where a place of a file is on the pictures.

use std::sync::Arc;

use template::{Rect, SourcePlace};

use super::answers::Located;
use super::engine::Engine;
use super::orders::RevealRequest;
use super::pieces::Laid;
use super::places::Place;
use super::refusal::Refusal;

impl Engine {
    /// Where a place of a file is on the pictures: in the variant that some page has in view, otherwise in any. Of what lies on
    /// the place the smallest is chosen; where nothing does, what lies on its line.
    ///
    /// # Errors
    /// A refusal if nothing on the pages comes from there.
    pub(super) fn reveal(&mut self, request: &RevealRequest) -> Result<Located, Refusal> {
        let now = self.bench.now.as_ref();
        let file = now.and_then(|now| now.template.inside(&request.file)).ok_or_else(Refusal::not_found)?;
        let in_view: Vec<String> = self.clients.iter().rev().map(|view| view.piece.variant.clone()).collect();
        let others = self.bench.variants.iter().map(|(id, _)| id.clone());
        let variants: Vec<String> = in_view.into_iter().chain(others).collect();
        let laid = variants.into_iter().filter_map(|id| Some((self.bench.good(&id)?, id)));
        let found: Vec<(Arc<Laid>, String)> = laid.collect();
        let exact = |source: &SourcePlace| on_the_place(source, &file, request.line, request.column);
        let line = |source: &SourcePlace| on_the_line(source, &file, request.line);
        let ways: [&dyn Fn(&SourcePlace) -> bool; 2] = [&exact, &line];
        let first = ways.into_iter().find_map(|way| {
            found.iter().find_map(|(laid, variant)| Some((smallest(laid, way)?, variant.clone())))
        });
        let ((page, rect), variant) = first.ok_or_else(Refusal::not_found)?;
        let place = Place { file: request.file.clone(), line: request.line, column: request.column };
        let name = self.shared.places.name(&place.file, place.line, place.column);
        Ok(Located { place: name, variant, page, rect: rect.into() })
    }
}

/// The smallest mark or item that comes from such a place: its page, from 1, and its rectangle.
fn smallest(laid: &Laid, from_there: &dyn Fn(&SourcePlace) -> bool) -> Option<(usize, Rect)> {
    let pages = laid.sides().iter().zip(&laid.maps).zip(1..);
    let all = pages.flat_map(|((side, map), page)| {
        let marks = side.marks.iter().zip(&map.marks);
        let marks = marks.filter_map(|(mark, source)| Some((mark.printed_rect(), source.as_ref()?)));
        let items = map.items.iter().filter_map(|item| Some((item.rect, item.source.as_ref()?)));
        marks.chain(items).map(move |(rect, source)| (page, rect, source))
    });
    let there = all.filter(|(.., source)| from_there(source));
    let size = |rect: &Rect| rect.width * rect.height;
    let smallest = there.min_by(|(_, one, _), (_, other, _)| size(one).total_cmp(&size(other)));
    smallest.map(|(page, rect, _)| (page, rect))
}

fn on_the_place(source: &SourcePlace, file: &str, line: usize, column: usize) -> bool {
    let (from, to) = ((source.line, source.column), (source.end_line, source.end_column));
    source.file == file && from <= (line, column) && (line, column) < to
}

fn on_the_line(source: &SourcePlace, file: &str, line: usize) -> bool {
    source.file == file && (source.line..=source.end_line).contains(&line)
}
