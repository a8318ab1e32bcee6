//! How a layout treats its marks. A value is stamped in its own size and over everything, upright or turned by quarters, so a
//! mark that is rotated otherwise, scaled, skewed, clipped or hidden would not be printed as its designer sees it.

use std::collections::{HashMap, HashSet};

use typst::World;
use typst::foundations::{Label, NativeElement};
use typst::introspection::{Location, Tag};
use typst::layout::{Frame, FrameItem, HideElem, Transform};
use typst::syntax::ast::{AstNode, Expr, SetRule};
use typst::syntax::{Source, Span, SyntaxNode};
use typst_layout::Page;

use crate::fault::Problem;
use crate::files::PRELUDE_PATH;
use crate::kind::FaultKind;
use crate::marks::Mark;
use crate::world::TemplateWorld;

/// A mark and the designer's call that left it.
#[derive(Debug, Clone)]
pub(crate) struct PlacedMark {
    /// The mark.
    pub mark: Mark,
    /// The call.
    pub call: Span,
}

/// How a layout treats a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// The mark is rotated, scaled or skewed.
    Transformed,
    /// A part of the mark may be cut off.
    Clipped,
    /// The mark is within `hide`.
    Hidden,
    /// The mark is turned by this many degrees clockwise: 90, 180 or 270.
    Turned(u16),
}

impl Treatment {
    /// The treatment of a mark that can't be printed so. A field that is turned by quarters can, except for codes: the mark
    /// is turned.
    pub(crate) fn refused(self, mark: &mut Mark) -> Option<Treatment> {
        match (self, mark) {
            (Treatment::Turned(degrees), Mark::Text(text))
                if text.field.is_some_and(|field| !field.is_code()) =>
            {
                text.turn = degrees;
                None
            }
            _ => Some(self),
        }
    }

    /// The fault of a mark that is treated so.
    pub(crate) fn problem(self, mark: &str) -> Problem {
        match self {
            Treatment::Transformed | Treatment::Turned(_) => Problem::new(
                FaultKind::TransformedMark,
                format!("{mark} is rotated, scaled or skewed, and would be printed as if it were not"),
            )
            .with_advice(
                "take it out of `rotate`, `scale` or `skew`: set its size with `text(size: …)` and its place with `at`; a field \
                 that is no code may have `rotate: 90deg`, `180deg` or `270deg`",
            ),
            Treatment::Clipped => Problem::new(
                FaultKind::ClippedMark,
                format!("{mark} stands in a box that clips, and would be printed whole"),
            )
            .with_advice("take `clip: true` from the box or block around it"),
            Treatment::Hidden => Problem::new(
                FaultKind::HiddenMark,
                format!("{mark} is hidden, and would be printed all the same"),
            )
            .with_advice("take it out of `hide`, or remove it"),
        }
    }
}

/// The marks of a document that are transformed, clipped or hidden, by location.
pub(crate) fn treatments(pages: &[Page], label: Label) -> HashMap<Location, Treatment> {
    let mut walk = Walk {
        label,
        hiding: HashSet::new(),
        hidden: HashSet::new(),
        found: HashMap::new(),
        floats: Vec::new(),
    };
    pages.iter().for_each(|page| walk.frame(&page.frame, Transform::identity(), false, None));
    for (mark, parent) in walk.floats {
        if walk.hidden.contains(&parent) {
            walk.found.insert(mark, Treatment::Hidden);
        }
    }
    walk.found
}

/// A walk through the frames of a document, in the order of their tags.
struct Walk {
    label: Label,
    /// The `hide` elements that have begun and not ended.
    hiding: HashSet<Location>,
    /// The elements that began within `hide`.
    hidden: HashSet<Location>,
    found: HashMap<Location, Treatment>,
    /// Marks of floating content, which lies elsewhere than the element that it belongs to.
    floats: Vec<(Location, Location)>,
}

impl Walk {
    fn frame(&mut self, frame: &Frame, transform: Transform, clipped: bool, parent: Option<Location>) {
        for (_, item) in frame.items() {
            match item {
                FrameItem::Group(group) => {
                    let transform = transform.pre_concat(group.transform);
                    let clipped = clipped || group.clip.is_some();
                    let Some(own) = group.parent.map(|parent| parent.location) else {
                        self.frame(&group.frame, transform, clipped, parent);
                        continue;
                    };
                    let around = std::mem::take(&mut self.hiding);
                    self.frame(&group.frame, transform, clipped, Some(own));
                    self.hiding = around;
                }
                FrameItem::Tag(tag) => self.tag(tag, transform, clipped, parent),
                _ => {}
            }
        }
    }

    fn tag(&mut self, tag: &Tag, transform: Transform, clipped: bool, parent: Option<Location>) {
        let location = tag.location();
        let Tag::Start(element, _) = tag else {
            self.hiding.remove(&location);
            return;
        };
        if !self.hiding.is_empty() {
            self.hidden.insert(location);
        }
        if element.elem() == HideElem::ELEM {
            self.hiding.insert(location);
        }
        if element.label() != Some(self.label) {
            return;
        }
        self.floats.extend(parent.map(|parent| (location, parent)));
        let treatment = match () {
            () if !self.hiding.is_empty() => Treatment::Hidden,
            () => match quarters(transform) {
                None => Treatment::Transformed,
                Some(_) if clipped => Treatment::Clipped,
                Some(0) => return,
                Some(quarters) => Treatment::Turned(90 * quarters),
            },
        };
        self.found.insert(location, treatment);
    }
}

/// By how many quarters a transformation turns clockwise; `None` for one that does anything else than move and turn so.
fn quarters(transform: Transform) -> Option<u16> {
    const SLACK: f64 = 1e-6;
    let near = |value: f64, wanted: f64| (value - wanted).abs() < SLACK;
    [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)].into_iter().zip(0..).find_map(
        |((cos, sin), quarters)| {
            let turns = near(transform.sx.get(), cos)
                && near(transform.sy.get(), cos)
                && near(transform.ky.get(), sin)
                && near(transform.kx.get(), -sin);
            turns.then_some(quarters)
        },
    )
}

/// The first `set page` rule of a template.
pub(crate) fn page_rule(world: &TemplateWorld) -> Span {
    let of_template = |source: &Source| source.id().get().vpath().get_without_slash() != PRELUDE_PATH;
    let main = world.source(world.main()).into_iter();
    main.chain(world.sources())
        .filter(of_template)
        .find_map(|source| find_page_rule(source.root()))
        .unwrap_or(Span::detached())
}

fn find_page_rule(node: &SyntaxNode) -> Option<Span> {
    let of_page = |rule: &SetRule| matches!(rule.target(), Expr::Ident(target) if target.get() == "page");
    let rule = node.cast::<SetRule>().filter(of_page).map(|rule| rule.span());
    rule.or_else(|| node.children().find_map(find_page_rule))
}
