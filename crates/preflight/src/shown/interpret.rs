//! Interprets a page's content, operator by operator (ISO 32000-1 annex A).

use std::cell::RefCell;

use zeroize::Zeroizing;

use super::file::ShownFile;
use super::inflate::Inflate;
use super::marked::Mark;
use super::operands::{Operands, WRONG};
use super::page_list::PageSource;
use super::paths::Path;
use super::plain::Plain;
use super::resources::{External, Resources};
use super::state::{Matrix, State};
use super::text::TextObject;
use super::tokens::{Token, Tokens, is_named};
use super::{Bounds, Other, Paint, Problem, ShowFault, ShownForm, ShownPage};

/// The most graphics states that are saved at once.
const MAX_SAVED: usize = 64;
/// The most marked contents that are open at once.
const MAX_MARKS: usize = 64;

/// What a thread needs to read a page, and keeps for the next.
#[derive(Default)]
struct Workspace {
    plain: Plain,
    inflate: Inflate,
}

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

impl ShownFile {
    /// Reads what a page shows, by index from 0, into `page`. What was in `page` before is wiped.
    ///
    /// # Errors
    /// [`ShowFault::Page`] if the page is missing, damaged, or has something that is not understood. `page` is then empty.
    pub fn page(&self, index: usize, page: &mut ShownPage) -> Result<(), ShowFault> {
        page.paint.clear();
        let shown = match self.pages.get(index) {
            Some(source) => WORKSPACE.with_borrow_mut(|workspace| self.read_page(source, workspace, page)),
            None => Err("no such page"),
        };
        shown.map_err(|problem| {
            page.paint.clear();
            ShowFault::Page(index, problem.to_owned())
        })
    }

    fn read_page(
        &self,
        source: &PageSource,
        workspace: &mut Workspace,
        page: &mut ShownPage,
    ) -> Result<(), Problem> {
        if let Some(problem) = source.problem {
            return Err(problem);
        }
        let [left, bottom, right, top] = source.media;
        page.size = (right - left, top - bottom);
        let Workspace { plain, inflate } = workspace;
        let content = self.content(source, inflate, plain);
        let shown = content.and_then(|()| self.interpret(source, plain.bytes(), inflate, page));
        plain.wipe();
        shown
    }

    fn interpret(
        &self,
        source: &PageSource,
        content: &[u8],
        inflate: &mut Inflate,
        page: &mut ShownPage,
    ) -> Result<(), Problem> {
        let resources = self.resources.get(source.resources).ok_or("no resources")?;
        let corner = Matrix([1.0, 0.0, 0.0, 1.0, -source.media[0], -source.media[1]]);
        let mut interpreter = Interpreter {
            file: self,
            resources,
            inflate,
            page,
            state: State::new(corner),
            saved: Vec::new(),
            marks: Vec::new(),
            text: None,
            path: Path::default(),
            compatible: 0,
            string: Zeroizing::default(),
        };
        interpreter.run(content)?;
        if source.annotated {
            let bounds = interpreter.whole();
            interpreter.other("Annots", bounds, 1.0);
        }
        Ok(())
    }
}

/// Interprets one page.
pub(super) struct Interpreter<'f, 'p> {
    pub file: &'f ShownFile,
    pub resources: &'f Resources,
    pub inflate: &'p mut Inflate,
    pub page: &'p mut ShownPage,
    pub state: State,
    saved: Vec<State>,
    pub marks: Vec<Mark>,
    /// The text object that is open.
    pub text: Option<TextObject>,
    pub path: Path,
    /// How many compatibility sections are open.
    compatible: u32,
    /// A string without its backslashes.
    pub string: Zeroizing<Vec<u8>>,
}

impl<'f> Interpreter<'f, '_> {
    fn run(&mut self, content: &[u8]) -> Result<(), Problem> {
        let mut tokens = Tokens::new(content);
        let mut operands = Operands::new();
        while let Some(token) = tokens.next()? {
            match token {
                Token::Operator(b"BI") => {
                    operands.none()?;
                    self.idle()?;
                    self.inline_image(&mut tokens)?;
                }
                Token::Operator(operator) => {
                    self.operator(operator, &operands)?;
                    operands.clear();
                }
                operand => operands.push(operand)?,
            }
        }
        operands.none()?;
        let closed =
            self.text.is_none() && self.saved.is_empty() && self.marks.is_empty() && self.compatible == 0;
        if closed && self.path.is_empty() { Ok(()) } else { Err("something that is begun and not ended") }
    }

    fn operator(&mut self, operator: &[u8], operands: &Operands) -> Result<(), Problem> {
        match operator {
            b"BT" | b"ET" | b"Td" | b"TD" | b"Tm" | b"T*" => self.move_text(operator, operands),
            b"Tj" | b"TJ" | b"'" | b"\"" => self.show_text(operator, operands),
            b"Tc" | b"Tw" | b"Tz" | b"TL" | b"Tf" | b"Tr" | b"Ts" => self.text_state(operator, operands),
            b"g" | b"G" | b"k" | b"K" | b"rg" | b"RG" | b"cs" | b"CS" | b"sc" | b"SC" | b"scn" | b"SCN" => {
                self.colour(operator, operands)
            }
            b"BMC" | b"BDC" | b"EMC" | b"MP" | b"DP" => self.marked_content(operator, operands),
            b"w" | b"J" | b"j" | b"M" | b"d" | b"ri" | b"i" | b"gs" => self.general_state(operator, operands),
            b"q" | b"Q" | b"cm" => {
                self.idle()?;
                self.special_state(operator, operands)
            }
            b"m" | b"l" | b"c" | b"v" | b"y" | b"h" | b"re" => {
                self.outside_text()?;
                self.construct(operator, operands)
            }
            b"S" | b"s" | b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" | b"n" | b"W" | b"W*" => {
                operands.none()?;
                self.outside_text()?;
                self.paint_path(operator)
            }
            b"Do" => {
                self.idle()?;
                self.external(operands.name()?)
            }
            b"sh" => {
                operands.name()?;
                self.idle()?;
                let reach = self.reach(None);
                self.other("sh", reach, 1.0);
                Ok(())
            }
            b"BX" => {
                self.compatible += 1;
                operands.none()
            }
            b"EX" => {
                self.compatible = self.compatible.checked_sub(1).ok_or("an `EX` without `BX`")?;
                operands.none()
            }
            b"d0" | b"d1" => Err("an operator of glyphs on a page"),
            _ if self.compatible > 0 => Ok(()),
            _ => Err("an operator that is not known"),
        }
    }

    /// That neither a text object nor a path is open.
    pub fn idle(&self) -> Result<(), Problem> {
        self.outside_text()?;
        if self.path.is_empty() { Ok(()) } else { Err("an operator between a path and its painting") }
    }

    /// That no text object is open.
    pub fn outside_text(&self) -> Result<(), Problem> {
        if self.text.is_none() {
            Ok(())
        } else {
            Err("an operator within a text object that is not for there")
        }
    }

    fn special_state(&mut self, operator: &[u8], operands: &Operands) -> Result<(), Problem> {
        match operator {
            b"q" => {
                operands.none()?;
                if self.saved.len() >= MAX_SAVED {
                    return Err("graphics states saved too deep");
                }
                self.saved.push(self.state);
            }
            b"Q" => {
                operands.none()?;
                self.state = self.saved.pop().ok_or("a `Q` without `q`")?;
            }
            _ => self.state.ctm = Matrix(operands.numbers()?).then(&self.state.ctm),
        }
        Ok(())
    }

    fn general_state(&mut self, operator: &[u8], operands: &Operands) -> Result<(), Problem> {
        match operator {
            b"w" => self.state.line_width = operands.number()?,
            b"j" => self.state.join = operands.number()?,
            b"M" => self.state.miter = operands.number()?,
            b"J" | b"i" => {
                operands.number()?;
            }
            b"ri" => {
                operands.name()?;
            }
            b"d" => {
                let [Token::Array(_), Token::Number(_)] = operands.all() else { return Err(WRONG) };
            }
            _ => {
                let change =
                    self.resources.state(operands.name()?).ok_or("a graphics state that is missing")??;
                let state = &mut self.state;
                state.line_width = change.line_width.unwrap_or(state.line_width);
                state.join = change.join.unwrap_or(state.join);
                state.miter = change.miter.unwrap_or(state.miter);
                state.fill.alpha = change.fill_alpha.unwrap_or(state.fill.alpha);
                state.stroke.alpha = change.stroke_alpha.unwrap_or(state.stroke.alpha);
                state.fill.overprint = change.fill_overprint.unwrap_or(state.fill.overprint);
                state.stroke.overprint = change.stroke_overprint.unwrap_or(state.stroke.overprint);
                state.leaves_other_inks = change.leaves_other_inks.unwrap_or(state.leaves_other_inks);
            }
        }
        Ok(())
    }

    /// `Do`.
    fn external(&mut self, name: &[u8]) -> Result<(), Problem> {
        match self.resources.external(name).ok_or("an external object that is missing")? {
            External::Form(object, matrix) => {
                let placed = Matrix(*matrix).then(&self.state.ctm);
                let whole = self.whole();
                // A form that is cut off or seen through is not shown as it is.
                let cut = self.state.clip.is_some_and(|clip| !clip.holds(&whole));
                if cut || self.state.fill.alpha != 1.0 || self.state.stroke.alpha != 1.0 {
                    let reach = self.reach(None);
                    self.other("Do", reach, 1.0);
                }
                let origin = self.on_page(placed.apply((0.0, 0.0)));
                let upright = placed.only_moves();
                self.page.paint.push(Paint::Form(ShownForm { object: *object, origin, upright }));
                Ok(())
            }
            External::Mask(mask) => self.external_mask(mask),
            External::Other => {
                let square = self.unit_square();
                self.other("Do", square, 1.0);
                Ok(())
            }
        }
    }

    /// The whole page.
    pub fn whole(&self) -> Bounds {
        Bounds { left: 0.0, top: 0.0, right: self.page.size.0, bottom: self.page.size.1 }
    }

    /// A point of the page, from its top left corner.
    pub fn on_page(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (x, self.page.size.1 - y)
    }

    /// The part of `bounds`, or of the whole page, that is within the clip.
    pub fn reach(&self, bounds: Option<Bounds>) -> Bounds {
        let bounds = bounds.unwrap_or_else(|| self.state.clip.unwrap_or_else(|| self.whole()));
        self.state.clip.map_or(bounds, |clip| bounds.within(&clip))
    }

    /// The rectangle around the unit square of user space.
    pub fn unit_square(&self) -> Bounds {
        let corners = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)];
        let corners = corners.map(|corner| self.on_page(self.state.ctm.apply(corner)));
        Bounds::around(corners).unwrap_or_default()
    }

    /// Notes paint that is neither text nor mask nor form.
    pub fn other(&mut self, operator: &str, bounds: Bounds, black: f64) {
        let bounds = self.reach(Some(bounds));
        self.page.paint.push(Paint::Other(Other { operator: operator.to_owned(), bounds, black }));
    }

    fn marked_content(&mut self, operator: &[u8], operands: &Operands) -> Result<(), Problem> {
        match (operator, operands.all()) {
            (b"BMC", [Token::Name(_)]) => self.begin_mark(Mark::new(None)),
            (b"BDC", [Token::Name(tag), list]) => {
                let (actual, optional) = self.property_list(list)?;
                if optional || is_named(tag, b"OC") {
                    return Err("optional content");
                }
                self.begin_mark(Mark::new(actual))
            }
            (b"EMC", []) => {
                let mark = self.marks.pop().ok_or("an `EMC` without a beginning")?;
                self.end_mark(mark);
                Ok(())
            }
            (b"MP", [Token::Name(_)]) | (b"DP", [Token::Name(_), Token::Name(_) | Token::Dictionary(_)]) => {
                Ok(())
            }
            _ => Err(WRONG),
        }
    }

    fn property_list(&self, list: &Token) -> Result<(Option<Zeroizing<String>>, bool), Problem> {
        match list {
            Token::Dictionary(dictionary) => super::marked::properties(dictionary),
            Token::Name(name) => {
                let list = self.resources.properties(name).ok_or("a property list that is missing")?;
                Ok((list.actual.clone().map(Zeroizing::new), list.optional))
            }
            _ => Err(WRONG),
        }
    }

    fn begin_mark(&mut self, mark: Mark) -> Result<(), Problem> {
        if self.marks.len() >= MAX_MARKS {
            return Err("marked content nested too deep");
        }
        self.marks.push(mark);
        Ok(())
    }
}
