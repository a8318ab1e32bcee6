//! Patches of the stock, drawn: a PDF in memory shows each as a page that has the stock's form and nothing else.

use print_file::{Grid, Stock};

use crate::raster::OpenPdf;

/// A4 exactly, in points, as forms have it.
const A4_HEIGHT: f64 = 297.0 / 25.4 * 72.0;
/// What is lighter or as light is paper, which is 255: 254 is what a drawing rounds.
const PAPER: u8 = 254;
/// The least width and height of a page, in points.
const LEAST_SIDE: f64 = 2.0;
/// The objects of the PDF that come before the stock's.
const CATALOG: u32 = 1;
const PAGES: u32 = 2;
const CONTENT: u32 = 3;

/// Dots of a side, from its left and upper edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Patch {
    /// The object of the side's form.
    pub form: u32,
    /// The first column.
    pub left: u32,
    /// The first row.
    pub top: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Patch {
    /// How many dots it has.
    fn dots(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Whether another lies within it.
    fn holds(&self, other: &Patch) -> bool {
        self.left <= other.left
            && self.top <= other.top
            && self.left + self.width >= other.left + other.width
            && self.top + self.height >= other.top + other.height
    }

    /// The patch in bands of about equal height, and of about so many dots at most.
    fn bands(self, most: u32) -> impl Iterator<Item = Patch> {
        let count = self.dots().div_ceil(u64::from(most)).clamp(1, u64::from(self.height.max(1))) as u32;
        let row = move |band: u32| (u64::from(self.height) * u64::from(band) / u64::from(count)) as u32;
        (0..count).map(move |band| Patch {
            top: self.top + row(band),
            height: row(band + 1) - row(band),
            ..self
        })
    }
}

/// Whether each patch of one form has a dot. `None` if the form can't be drawn. A patch within another that has none is not
/// drawn.
pub(super) fn drawn_patches(stock: &Stock, grid: Grid, patches: &[Patch], most: u32) -> Option<Vec<bool>> {
    let bands: Vec<Vec<Patch>> = patches.iter().map(|patch| patch.bands(most).collect()).collect();
    let open = OpenPdf::from_bytes("the stock", pdf(stock, grid, bands.iter().flatten())).ok()?;
    let forms = patches.iter().all(|patch| open.has_form(patch.form));
    if !forms || open.pages() as usize != bands.iter().map(Vec::len).sum::<usize>() {
        return None;
    }
    let renderer = open.renderer();
    let has_dot = |page: u32, band: &Patch| {
        renderer.has_ink(page, f64::from(grid.dpi()), (band.width, band.height), PAPER).ok()
    };
    let firsts = bands.iter().scan(1, |next, bands| {
        let first = *next;
        *next += bands.len() as u32;
        Some(first)
    });
    let mut order: Vec<(usize, u32)> = firsts.enumerate().collect();
    order.sort_by_key(|(index, _)| std::cmp::Reverse(patches[*index].dots()));
    let mut dark = vec![false; patches.len()];
    let mut clear: Vec<Patch> = Vec::new();
    for (index, first) in order {
        if clear.iter().any(|clear| clear.holds(&patches[index])) {
            continue;
        }
        for (band, page) in bands[index].iter().zip(first..) {
            dark[index] = has_dot(page, band)?;
            if dark[index] {
                break;
            }
        }
        if !dark[index] {
            clear.push(patches[index]);
        }
    }
    Some(dark)
}

/// A PDF with a page for each patch.
fn pdf<'p>(stock: &Stock, grid: Grid, patches: impl Iterator<Item = &'p Patch>) -> Vec<u8> {
    let mut out = b"%PDF-1.6\n".to_vec();
    let mut offsets: Vec<(u32, usize)> =
        stock.offsets.iter().map(|(number, offset)| (*number, out.len() + offset)).collect();
    out.extend_from_slice(&stock.objects);
    let first = stock.offsets.iter().map(|(number, _)| number + 1).max().unwrap_or(CONTENT + 1);
    let mut object = |out: &mut Vec<u8>, number: u32, body: &str| {
        offsets.push((number, out.len()));
        out.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    };
    let mut kids = String::new();
    let mut pages = 0;
    out.push(b'\n');
    for (patch, number) in patches.zip(first..) {
        object(&mut out, number, &page(patch, grid));
        kids.push_str(&format!("{number} 0 R "));
        pages += 1;
    }
    object(&mut out, CONTENT, "<< /Length 5 >>\nstream\n/S Do\nendstream");
    object(&mut out, PAGES, &format!("<< /Type /Pages /Count {pages} /Kids [{kids}] >>"));
    object(&mut out, CATALOG, &format!("<< /Type /Catalog /Pages {PAGES} 0 R >>"));
    let table = out.len();
    out.extend_from_slice(b"xref\n0 1\n0000000000 65535 f \n");
    for (number, offset) in &offsets {
        out.extend_from_slice(format!("{number} 1\n{offset:010} 00000 n \n").as_bytes());
    }
    let size = first + pages;
    out.extend_from_slice(
        format!("trailer\n<< /Size {size} /Root {CATALOG} 0 R >>\nstartxref\n{table}\n%%EOF\n").as_bytes(),
    );
    out
}

/// A page that shows a patch in its upper left corner. It is two points wide and high at least, since readers enlarge a page
/// of less than one.
fn page(patch: &Patch, grid: Grid) -> String {
    let Patch { form, left, top, width, height } = *patch;
    let points = |dots: u32| f64::from(dots) * grid.dot();
    let (x0, x1) = (points(left), points(left + width));
    let (y0, y1) = (A4_HEIGHT - points(top + height), A4_HEIGHT - points(top));
    let (x1, y0) = (x1.max(x0 + LEAST_SIDE), y0.min(y1 - LEAST_SIDE));
    format!(
        "<< /Type /Page /Parent {PAGES} 0 R /MediaBox [{x0:.6} {y0:.6} {x1:.6} {y1:.6}] /Contents {CONTENT} 0 R \
         /Resources << /XObject << /S {form} 0 R >> >> >>"
    )
}
