//! The engine's answers: views, galleries, comparisons, the bench itself.

use serde_json::{Value, json};
use template::play_in_envelope;

use super::against::Against;
use super::answers::{Cell, ChangedPage, Changes, MmRect, PageTiles, TileAnswer, View};
use super::engine::Engine;
use super::faults;
use super::orders::{PagePart, PieceRequest, ViewRequest};
use super::pieces::Piece;
use super::refusal::Refusal;
use super::tiles::{TILE, Tile, page_size};
use crate::failure::Failure;

/// Pixels per inch at which all variants are compared.
const COMPARED_DPI: u32 = 100;

impl Engine {
    /// The answer to a view, in JSON.
    ///
    /// # Errors
    /// A refusal if there is no such variant or record; the PDF can't be drawn.
    pub(super) fn view(&mut self, request: &ViewRequest) -> Result<String, Refusal> {
        let shown = self.bench.shown(&request.piece, &self.shared)?;
        let against = request.against.as_deref().and_then(Against::parse);
        let before = against.and_then(|against| self.bench.before(against, &request.piece, &self.shared));
        let mut pages = Vec::new();
        if let Some(piece) = &shown.piece {
            let known = |part: &&PagePart| (1..=piece.sizes.len()).contains(&(part.page as usize));
            for part in request.pages.iter().filter(known) {
                pages.push(self.page(piece, before.as_deref(), part, request.dpi)?);
            }
        }
        let view = View {
            client: &request.client,
            against: request.against.as_deref(),
            piece: shown.piece.as_ref().map(|piece| piece.id.as_str()),
            stale: shown.stale,
            generation: self.bench.generation,
            faults: &shown.faults,
            pages,
        };
        Ok(serde_json::to_string(&view).map_err(|error| Failure::bug(error.to_string()))?)
    }

    fn page(
        &self,
        piece: &Piece,
        before: Option<&Piece>,
        part: &PagePart,
        dpi: u32,
    ) -> Result<PageTiles, Refusal> {
        let tiles = self.shared.tiles.of_part(piece, part, dpi).map_err(Failure::from)?;
        let old = match before.filter(|before| before.bytes_id != piece.bytes_id) {
            Some(before) => self.shared.tiles.of_part(before, part, dpi).map_err(Failure::from)?,
            None if before.is_some() => tiles.clone(),
            None => Vec::new(),
        };
        let before = |tile: &Tile| {
            let same = |old: &&Tile| (old.x, old.y) == (tile.x, tile.y);
            old.iter().find(same).map(|old| old.hash.clone())
        };
        let answer = |tile: Tile| TileAnswer {
            before: before(&tile),
            x: tile.x,
            y: tile.y,
            width: tile.width,
            height: tile.height,
            hash: tile.hash,
        };
        let size = piece.sizes.get(part.page as usize - 1).copied().unwrap_or_default();
        let (width, height) = page_size(size, dpi);
        Ok(PageTiles { page: part.page, width, height, tiles: tiles.into_iter().map(answer).collect() })
    }

    /// A piece of a gallery, with whole pages.
    pub(super) fn cell(&mut self, request: &PieceRequest, dpi: u32) -> Cell {
        let (variant, record) = (request.variant.clone(), request.record.clone());
        let Ok(shown) = self.bench.shown(request, &self.shared) else {
            return Cell { variant, record, piece: None, pages: Vec::new(), faults: Vec::new() };
        };
        let pages = shown.piece.iter().flat_map(|piece| {
            let parts = (1..=piece.sizes.len() as u32).map(whole_page);
            parts.filter_map(|part| self.page(piece, None, &part, dpi).ok()).collect::<Vec<_>>()
        });
        let pages = pages.collect();
        Cell {
            variant,
            record,
            piece: shown.piece.map(|piece| piece.id.clone()),
            pages,
            faults: shown.faults,
        }
    }

    /// What differs in a variant, with the first record; `None` if nothing does, or if it can't be compared.
    pub(super) fn changes(&mut self, against: Against, variant: &str) -> Option<Changes> {
        let record = self.bench.records.first()?.id.clone();
        let request = PieceRequest { variant: variant.to_owned(), record };
        let now = self.bench.shown(&request, &self.shared).ok()?.piece?;
        let before = self.bench.before(against, &request, &self.shared)?;
        if now.bytes_id == before.bytes_id {
            return None;
        }
        let count = now.sizes.len().max(before.sizes.len()) as u32;
        let page = |page: u32| {
            let boxes = self.differing(&now, &before, page);
            (!boxes.is_empty()).then_some(ChangedPage { page, boxes })
        };
        let pages: Vec<ChangedPage> = (1..=count).filter_map(page).collect();
        (!pages.is_empty()).then_some(Changes { variant: request.variant, pages })
    }

    /// Where two pieces differ on a page: what changed in each tile.
    fn differing(&self, now: &Piece, before: &Piece, page: u32) -> Vec<MmRect> {
        let tiles = |piece: &Piece| {
            self.shared.tiles.of_part(piece, &whole_page(page), COMPARED_DPI).unwrap_or_default()
        };
        let (now, before) = (tiles(now), tiles(before));
        let changed = now.iter().filter(|tile| !before.contains(tile)).filter_map(|tile| {
            let old = before.iter().find(|old| (old.x, old.y) == (tile.x, tile.y));
            let (left, top, right, bottom) = match old {
                Some(old) => self.shared.tiles.difference(&tile.hash, &old.hash)?,
                None => (0, 0, tile.width, tile.height),
            };
            let mm = |pixels: u32| f64::from(pixels) * 25.4 / f64::from(COMPARED_DPI);
            Some(MmRect {
                x: mm(tile.x + left),
                y: mm(tile.y + top),
                width: mm(right - left),
                height: mm(bottom - top),
            })
        });
        changed.collect()
    }

    /// What `/api/bench` answers.
    pub(super) fn bench_document(&self) -> String {
        let Some(now) = self.bench.now.as_ref() else {
            return json!({
                "template": Value::Null,
                "generation": self.bench.generation,
                "state": "broken",
                "faults": self.all_faults(),
                "facts": [], "variants": [], "records": [], "sheet": Value::Null,
                "against": [], "editor": self.shared.editor.is_some(), "exports": [],
            })
            .to_string();
        };
        let manifest = now.template.manifest();
        let faults = self.all_faults();
        let broken = faults.iter().any(|fault| fault.severity == "error");
        let state = match (broken, self.bench.next_variant()) {
            (true, _) => "broken",
            (false, Some(_)) => "working",
            (false, None) => "sound",
        };
        json!({
            "template": {
                "name": now.template.name(),
                "title": manifest.title,
                "version": now.template.version(),
                "kind": manifest.kind.to_string(),
                "media": manifest.media,
            },
            "generation": self.bench.generation,
            "state": state,
            "faults": faults,
            "facts": self.facts(),
            "variants": self.bench.variants.iter().map(|(id, facts)| json!({ "id": id, "facts": facts })).collect::<Value>(),
            "records": self.bench.records.iter().map(|record| json!({
                "id": record.id, "group": record.group, "en": record.en, "fr": record.fr,
            })).collect::<Value>(),
            "sheet": self.sheet(),
            "against": self.compared(),
            "editor": self.shared.editor.is_some(),
            "exports": ["page.pdf", "page.png", "proof.pdf", "texts.html", "texts.csv"],
        })
        .to_string()
    }

    fn all_faults(&self) -> Vec<super::answers::Fault> {
        let places = &self.shared.places;
        let of_files = self.bench.file_faults.iter().flat_map(|fault| faults::of_failure(fault, places));
        let count = self.bench.variants.len();
        let of_template = self.bench.template_faults();
        of_files.chain(of_template.iter().map(|fault| faults::of_template(fault, count, places))).collect()
    }

    /// Every fact that selects a variant, with its values and how many variants have each.
    fn facts(&self) -> Value {
        let Some(now) = self.bench.now.as_ref() else { return json!([]) };
        let facts = now.template.manifest().variants.iter().map(|name| {
            let mut values: Vec<(&str, usize)> = Vec::new();
            for value in self.bench.variants.iter().filter_map(|(_, facts)| facts.get(name)) {
                match values.iter_mut().find(|(known, _)| known == value) {
                    Some((_, count)) => *count += 1,
                    None => values.push((value, 1)),
                }
            }
            let values =
                values.into_iter().map(|(value, variants)| json!({ "value": value, "variants": variants }));
            json!({ "name": name, "values": values.collect::<Value>() })
        });
        facts.collect()
    }

    fn sheet(&self) -> Value {
        let Some(now) = self.bench.now.as_ref() else { return Value::Null };
        let manifest = now.template.manifest();
        let laid = self.bench.variants.iter().find_map(|(id, _)| self.bench.good(id));
        let play = play_in_envelope(manifest, laid.as_ref().map_or(&[], |laid| laid.sides()));
        let stock = manifest.envelope.stock.as_ref();
        json!({
            "dpi": now.setting.dpi(),
            "fold": { "kind": manifest.fold.name(), "at_mm": manifest.fold.at_mm() },
            "turn": manifest.turn.name(),
            "envelope": {
                "name": stock.map(|stock| &stock.title),
                "width_mm": stock.map(|stock| stock.width_mm),
                "height_mm": stock.map(|stock| stock.height_mm),
                "play_mm": { "x": play.x, "y": play.y },
            },
        })
    }

    fn compared(&self) -> Value {
        let known =
            Against::ALL.into_iter().filter(|&against| self.bench.can_compare(against)).map(|against| {
                let [id, en, fr] = against.names();
                json!({ "id": id, "en": en, "fr": fr })
            });
        known.collect()
    }
}

/// All of a page.
fn whole_page(page: u32) -> PagePart {
    let all = f64::from(TILE) * 1e4;
    PagePart { page, x: 0.0, y: 0.0, width: all, height: all }
}
