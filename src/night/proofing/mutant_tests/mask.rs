//! The masks of a page's content, taken apart and written again.

/// A one-bit mask of a page.
pub(super) struct Mask {
    /// The numbers of its matrix.
    pub matrix: [i64; 6],
    /// Cells in a row.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
    /// Whether a cell is dark, row by row.
    pub cells: Vec<bool>,
}

/// The masks of a content: where each begins and ends, and what it is.
pub(super) fn masks(content: &[u8]) -> Vec<(usize, usize, Mask)> {
    let find = |what: &[u8], from: usize| {
        content[from..].windows(what.len()).position(|part| part == what).map(|at| from + at)
    };
    let (mut found, mut next) = (Vec::new(), 0);
    while let Some(image) = find(b"cm BI/W ", next) {
        let begin = content[..image].iter().rposition(|byte| *byte == b'q').unwrap();
        let numbers = |text: &[u8]| -> Vec<i64> {
            let text = String::from_utf8(text.to_vec()).unwrap();
            text.split([' ', '/', 'H']).filter_map(|number| number.parse().ok()).collect()
        };
        let data = find(b" ID ", image).unwrap() + 4;
        let size = numbers(&content[image + 8..find(b"/IM", image).unwrap()]);
        let (columns, rows) = (size[0] as usize, size[1] as usize);
        let length = columns.div_ceil(8) * rows;
        let hexadecimal = content[image..data].windows(4).any(|part| part == b"/AHx");
        let packed: Vec<u8> = match hexadecimal {
            false => content[data..data + length].to_vec(),
            true => (0..length)
                .map(|at| {
                    let digits = std::str::from_utf8(&content[data + 2 * at..data + 2 * at + 2]).unwrap();
                    u8::from_str_radix(digits, 16).unwrap()
                })
                .collect(),
        };
        let end = find(b"EI Q", data + if hexadecimal { 2 * length } else { length }).unwrap() + 4;
        let stride = columns.div_ceil(8);
        let dark =
            |at: usize| packed[at / columns * stride + at % columns / 8] & (0x80 >> (at % columns % 8)) == 0;
        let mask = Mask {
            matrix: numbers(&content[begin + 1..image]).try_into().unwrap(),
            columns,
            rows,
            cells: (0..columns * rows).map(dark).collect(),
        };
        found.push((begin, end, mask));
        next = end;
    }
    found
}

impl Mask {
    /// The operators that paint it.
    pub(super) fn written(&self) -> Vec<u8> {
        let Mask { matrix: [a, b, c, d, e, f], columns, rows, cells } = self;
        let mut out =
            format!("\nq {a} {b} {c} {d} {e} {f} cm BI/W {columns}/H {rows}/IM true/F/AHx ID ").into_bytes();
        for row in cells.chunks(*columns) {
            for byte in row.chunks(8) {
                let packed = byte.iter().enumerate().fold(0xFFu8, |packed, (bit, dark)| match dark {
                    true => packed & !(0x80 >> bit),
                    false => packed,
                });
                out.extend_from_slice(format!("{packed:02X}").as_bytes());
            }
        }
        out.extend_from_slice(b">\nEI Q");
        out
    }

    /// Makes a dark cell light, or a light one dark.
    pub(super) fn flip(&mut self, row: usize, column: usize) {
        let cell = &mut self.cells[row * self.columns + column];
        *cell = !*cell;
    }

    /// Makes `dots` cells of each cell of a row.
    pub(super) fn in_dots(&mut self, dots: usize) {
        self.cells = self.cells.iter().flat_map(|cell| std::iter::repeat_n(*cell, dots)).collect();
        self.columns *= dots;
    }

    /// The first cell of a bar, by its number from 0, or with `end` the first after it.
    pub(super) fn edge(&self, end: bool, bar: usize) -> usize {
        let mut edges = (1..self.columns).filter(|at| self.cells[*at] != self.cells[at - 1]);
        edges.nth(2 * bar - usize::from(!end)).unwrap()
    }
}
