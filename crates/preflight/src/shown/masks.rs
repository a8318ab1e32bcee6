//! Images of one bit that are masks, and inline images (ISO 32000-1 §8.9).

use zeroize::Zeroizing;

use super::interpret::Interpreter;
use super::plain::{Plain, hexadecimal};
use super::resources::MaskSource;
use super::tokens::{Token, Tokens, is_named, is_space};
use super::{Paint, Problem, ShownMask};

/// The most bytes of the cells of one mask.
const MAX_CELLS: usize = 16 << 20;

/// The dictionary of an inline image.
#[derive(Default)]
struct Inline {
    columns: u32,
    rows: u32,
    mask: bool,
    bits: u32,
    /// Colours of a cell.
    colours: u32,
    inverted: bool,
    filter: Filter,
}

/// How the cells of an inline image are encoded.
#[derive(Default, Clone, Copy, PartialEq)]
enum Filter {
    #[default]
    None,
    Hexadecimal,
    Flate,
}

impl Inline {
    /// Bytes of all its cells.
    fn length(&self) -> Result<usize, Problem> {
        let bits = if self.mask { 1 } else { u64::from(self.bits) * u64::from(self.colours) };
        let row = (u64::from(self.columns) * bits).div_ceil(8);
        let all = row.checked_mul(u64::from(self.rows)).filter(|all| *all <= MAX_CELLS as u64);
        all.map(|all| all as usize).ok_or("an image that is larger than any page")
    }

    /// Takes an entry, by its abbreviation or its full name.
    fn take(&mut self, key: &[u8], value: Token) -> Result<(), Problem> {
        let is = |short: &[u8], full: &[u8]| is_named(key, short) || is_named(key, full);
        match value {
            Token::Number(n) if is(b"W", b"Width") => self.columns = whole(n)?,
            Token::Number(n) if is(b"H", b"Height") => self.rows = whole(n)?,
            Token::Number(n) if is(b"BPC", b"BitsPerComponent") => self.bits = whole(n)?.min(16),
            Token::Boolean(mask) if is(b"IM", b"ImageMask") => self.mask = mask,
            Token::Array(list) if is(b"D", b"Decode") => {
                self.inverted = Tokens::new(list).next()? == Some(Token::Number(1.0));
            }
            Token::Name(space) if is(b"CS", b"ColorSpace") => self.colours = colours(space)?,
            Token::Name(name) if is(b"F", b"Filter") => self.filter = filter(name)?,
            Token::Array(list) if is(b"F", b"Filter") => {
                let mut names = Tokens::new(list);
                self.filter = match (names.next()?, names.next()?) {
                    (None, _) => Filter::None,
                    (Some(Token::Name(name)), None) => filter(name)?,
                    _ => return Err("an inline image with filters that are not read"),
                };
            }
            Token::Boolean(smoothed) if is(b"I", b"Interpolate") => {
                if smoothed {
                    return Err("an inline image that is smoothed");
                }
            }
            Token::Name(_) if is(b"Intent", b"Intent") => {}
            Token::Number(_) if is(b"L", b"Length") => {}
            _ => return Err("an inline image with an entry that is not read"),
        }
        Ok(())
    }
}

fn whole(number: f64) -> Result<u32, Problem> {
    let sound = (0.0..=1e6).contains(&number) && number.fract() == 0.0;
    if sound { Ok(number as u32) } else { Err("an inline image whose size is none") }
}

fn filter(name: &[u8]) -> Result<Filter, Problem> {
    match name {
        b"AHx" | b"ASCIIHexDecode" => Ok(Filter::Hexadecimal),
        b"Fl" | b"FlateDecode" => Ok(Filter::Flate),
        _ => Err("an inline image with a filter that is not read"),
    }
}

fn colours(space: &[u8]) -> Result<u32, Problem> {
    match space {
        b"G" | b"DeviceGray" => Ok(1),
        b"RGB" | b"DeviceRGB" => Ok(3),
        b"CMYK" | b"DeviceCMYK" => Ok(4),
        _ => Err("an inline image with a colour space that is not read"),
    }
}

impl Interpreter<'_, '_> {
    /// `BI`, its dictionary, `ID`, its cells, `EI`.
    pub fn inline_image(&mut self, tokens: &mut Tokens) -> Result<(), Problem> {
        let mut inline = Inline { bits: 8, colours: 1, ..Inline::default() };
        loop {
            match tokens.next()?.ok_or("an inline image without cells")? {
                Token::Operator(b"ID") => break,
                Token::Name(key) => {
                    inline.take(key, tokens.next()?.ok_or("an inline image without cells")?)?
                }
                _ => return Err("an inline image whose dictionary can't be read"),
            }
        }
        let length = inline.length()?;
        // One white space character follows `ID`.
        if !tokens.rest().first().is_some_and(|byte| is_space(*byte)) {
            return Err("an inline image without cells");
        }
        tokens.skip(1);
        let rest = tokens.rest();
        let mut cells = Zeroizing::new(Vec::new());
        let taken = match inline.filter {
            Filter::None => {
                cells.extend_from_slice(rest.get(..length).ok_or(SHORT)?);
                length
            }
            Filter::Hexadecimal => {
                cells.reserve_exact(rest.len().min(length) + 1);
                let end = rest.iter().position(|byte| *byte == b'>').ok_or(SHORT)?;
                if end > 4 * length + 16 {
                    return Err(SHORT);
                }
                hexadecimal(rest, &mut cells)?
            }
            Filter::Flate => {
                let mut plain = Plain::default();
                let taken = self.inflate.inflate(rest, &mut plain, length)?;
                cells.extend_from_slice(plain.bytes());
                taken
            }
        };
        if cells.len() < length {
            return Err(SHORT);
        }
        tokens.skip(taken);
        if tokens.next()? != Some(Token::Operator(b"EI")) {
            return Err("an inline image whose cells do not end where they should");
        }
        if inline.mask {
            self.mask(inline.columns, inline.rows, inline.inverted, &cells, "BI")?;
        } else {
            let square = self.unit_square();
            self.other("BI", square, 1.0);
        }
        Ok(())
    }

    /// A mask that is an external object.
    pub fn external_mask(&mut self, mask: &MaskSource) -> Result<(), Problem> {
        let inline = Inline { columns: mask.columns, rows: mask.rows, mask: true, ..Inline::default() };
        let length = inline.length()?;
        let mut cells = Plain::default();
        let read = self.file.stream(&mask.source, self.inflate, &mut cells, length.saturating_add(64));
        if read.is_err() || cells.bytes().len() < length {
            let square = self.unit_square();
            self.other("Do", square, 1.0);
            return Ok(());
        }
        self.mask(mask.columns, mask.rows, mask.inverted, cells.bytes(), "Do")
    }

    /// Notes a mask whose cells paint where they are 0, or where they are 1 if it is inverted.
    fn mask(
        &mut self,
        columns: u32,
        rows: u32,
        inverted: bool,
        cells: &[u8],
        operator: &str,
    ) -> Result<(), Problem> {
        let bounds = self.unit_square();
        let (black, ink) = (self.state.fill.black(), self.state.fill.ink.other);
        // A mask of which a part is cut off is not shown as it is.
        if self.state.clip.is_some_and(|clip| !clip.holds(&bounds)) {
            self.other(operator, bounds, black);
            return Ok(());
        }
        if let Some(operator) = ink {
            self.other(operator, bounds, black);
        }
        let row = (columns as usize).div_ceil(8);
        self.spend(row.saturating_mul(rows as usize))?;
        let flip = if inverted { 0 } else { 0xFF };
        let last = 0xFFu8.checked_shl((8 - columns % 8) % 8).unwrap_or(0xFF);
        let mut shown = ShownMask {
            bounds,
            upright: self.state.ctm.is_upright(),
            columns,
            rows,
            black,
            overprint: self.state.fill.overprint && self.state.leaves_other_inks,
            cells: Vec::new(),
        };
        shown.cells.reserve_exact(row * rows as usize);
        shown.cells.extend(cells.iter().take(row * rows as usize).map(|byte| byte ^ flip));
        if row > 0 {
            shown.cells.iter_mut().skip(row - 1).step_by(row).for_each(|byte| *byte &= last);
        }
        self.page.paint.push(Paint::Mask(shown));
        Ok(())
    }
}

const SHORT: Problem = "an inline image with fewer cells than it says";
