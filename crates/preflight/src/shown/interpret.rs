//! Interprets a page's content, operator by operator (ISO 32000-1 annex A).

use zeroize::Zeroizing;

use super::file::ShownFile;
use super::inflate::Inflate;
use super::marked::Mark;
use super::operands::Operands;
use super::page::LineBuffers;
use super::page_list::PageSource;
use super::paths::Path;
use super::resources::{External, Resources};
use super::state::{Matrix, State};
use super::text::TextObject;
use super::tokens::{Token, Tokens};
use super::{Bounds, Other, Paint, Problem, ShownForm, ShownPage};

/// The most bytes of cells and texts that a page shows. A letter shows 2 KB.
const MAX_SHOWN: usize = 64 << 20;
/// Said of a page that shows more.
pub(super) const TOO_MUCH: Problem = "more cells and texts than a page shows";

impl ShownFile {
    /// Interprets the content of a page.
    pub(super) fn interpret(
        &self,
        source: &PageSource,
        content: &[u8],
        (inflate, buffers): (&mut Inflate, &mut LineBuffers),
        page: &mut ShownPage,
    ) -> Result<(), Problem> {
        let resources = self.resources.get(source.resources).ok_or("no resources")?;
        let corner = Matrix([1.0, 0.0, 0.0, 1.0, -source.media[0], -source.media[1]]);
        let mut interpreter = Interpreter {
            file: self,
            resources,
            inflate,
            buffers,
            page,
            state: State::new(corner),
            saved: Vec::new(),
            marks: Vec::new(),
            text: None,
            path: Path::default(),
            budget: MAX_SHOWN,
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
    pub buffers: &'p mut LineBuffers,
    pub page: &'p mut ShownPage,
    pub state: State,
    pub saved: Vec<State>,
    pub marks: Vec<Mark>,
    /// The text object that is open.
    pub text: Option<TextObject>,
    pub path: Path,
    /// How many more bytes of cells and texts the page may show.
    budget: usize,
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

    /// `Do`.
    fn external(&mut self, name: &[u8]) -> Result<(), Problem> {
        match self.resources.external(name).ok_or("an external object that is missing")? {
            External::Form(object, matrix) => {
                let placed = Matrix(*matrix).then(&self.state.ctm);
                let whole = self.whole();
                // A form that is cut off, seen through or spaced otherwise is not shown as it is.
                let cut = self.state.clip.is_some_and(|clip| !clip.holds(&whole));
                if cut || self.state.changes_forms() {
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

    /// Takes what is shown off what the page may still show.
    pub fn spend(&mut self, bytes: usize) -> Result<(), Problem> {
        self.budget = self.budget.checked_sub(bytes).ok_or(TOO_MUCH)?;
        Ok(())
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
}
