use super::*;
use crate::datamatrix::encode_c40;

/// A sheet in white on which symbols are drawn.
struct Sheet(GrayImage);

impl Sheet {
    fn new(width: u32, height: u32) -> Sheet {
        Sheet(GrayImage::from_pixel(width, height, Luma([255])))
    }

    /// Draws a message's symbol with its top left corner at `x`, `y`.
    fn draw(&mut self, message: &str, x: u32, y: u32, module: u32, dark: u8) -> u32 {
        let symbol = encode_c40(message.as_bytes()).unwrap();
        let side = symbol.side() as u32 * module;
        for (row, column) in (0..side).flat_map(|row| (0..side).map(move |column| (row, column))) {
            if symbol.dark((row / module) as usize, (column / module) as usize) {
                self.0.put_pixel(x + column, y + row, Luma([dark]));
            }
        }
        side
    }

    fn read(&self) -> DataMatrices {
        let rgba: Vec<u8> = self.0.as_raw().iter().flat_map(|&luma| [luma, luma, luma, 255]).collect();
        let picture = Picture::from_rgba(self.0.width(), self.0.height(), rgba).unwrap();
        read_data_matrices(&picture, &Effort::unlimited())
    }
}

fn texts(found: &DataMatrices) -> Vec<&str> {
    found.symbols.iter().map(|symbol| symbol.text.as_str()).collect()
}

#[test]
fn a_square_of_symbols_is_read_whole_and_in_order() {
    for count in [4, 6, 8] {
        let mut sheet = Sheet::new(count * 130 + 20, count * 130 + 20);
        let mut wanted = Vec::new();
        for (row, column) in (0..count).flat_map(|row| (0..count).map(move |column| (row, column))) {
            wanted.push(format!("SYMBOL {row} {column} OF SOME LENGTH"));
            sheet.draw(wanted.last().unwrap(), 20 + column * 130, 20 + row * 130, 4, 0);
        }
        let found = sheet.read();
        assert_eq!(texts(&found), wanted);
        assert!(found.unread.is_empty());
    }
}

#[test]
fn the_same_symbol_twice_is_two_symbols() {
    let mut sheet = Sheet::new(300, 120);
    sheet.draw("TWICE", 20, 20, 4, 0);
    sheet.draw("TWICE", 180, 20, 4, 0);
    assert_eq!(texts(&sheet.read()), ["TWICE", "TWICE"]);
}

#[test]
fn a_symbol_that_cannot_be_decoded_is_reported() {
    let mut sheet = Sheet::new(500, 240);
    sheet.draw("READ AS IT SHOULD BE", 20, 20, 4, 0);
    let side = sheet.draw("DAMAGED IN ITS MIDDLE BY A PEN", 250, 30, 5, 0);
    // Its finder pattern stays whole.
    for (x, y) in (20..side - 20).flat_map(|y| (10..side - 10).map(move |x| (x, y))) {
        sheet.0.put_pixel(250 + x, 30 + y, Luma([0]));
    }
    let found = sheet.read();
    assert_eq!(texts(&found), ["READ AS IT SHOULD BE"]);
    let [corners] = found.unread.as_slice() else { panic!("{:?}", found.unread) };
    assert!(inside(corners, (250.0 + side as f32 / 2.0, 30.0 + side as f32 / 2.0)));
}

#[test]
fn symbols_of_every_size_are_read_small_and_large() {
    for (length, module) in [(1, 2), (20, 2), (90, 2), (300, 2), (1, 30), (90, 12), (1500, 2)] {
        let mut sheet = Sheet::new(760, 760);
        let message = "1".repeat(length);
        sheet.draw(&message, 31, 17, module, 60);
        assert_eq!(texts(&sheet.read()), [message], "{length} characters, {module} pixels a module");
    }
}

#[test]
fn a_pale_symbol_is_read_beside_black_ones() {
    for pale in [160, 175, 200, 225] {
        let mut sheet = Sheet::new(400, 400);
        sheet.draw("BLACK", 20, 20, 5, 0);
        sheet.draw("PALE AS A WORN RIBBON", 220, 220, 4, pale);
        assert_eq!(texts(&sheet.read()), ["BLACK", "PALE AS A WORN RIBBON"], "{pale} on 255");
    }
}

#[test]
fn a_symbol_of_an_unevenly_fed_scan_is_read() {
    for (length, part) in [20, 60, 120].into_iter().flat_map(|length| (1..10).map(move |part| (length, part)))
    {
        let mut sheet = Sheet::new(400, 400);
        let message = "FED UNEVENLY".repeat(length / 10);
        let side = sheet.draw(&message, 40, 40, 6, 0);
        // The feed stops for half a module: everything below is half a module further down.
        let stop = 40 + side * part / 10;
        let mut fed = sheet.0.clone();
        for (x, y) in (stop..397).flat_map(|y| (0..400).map(move |x| (x, y))) {
            fed.put_pixel(x, y + 3, *sheet.0.get_pixel(x, y));
        }
        assert_eq!(texts(&Sheet(fed).read()), [message], "{length} characters, {part} tenths");
    }
}

#[test]
fn a_symbol_is_read_turned_and_mirrored() {
    let mut sheet = Sheet::new(140, 140);
    sheet.draw("TURNED AND MIRRORED", 20, 24, 5, 0);
    let turns: [fn(&GrayImage) -> GrayImage; 4] =
        [imageops::rotate90, imageops::rotate180, imageops::rotate270, imageops::flip_horizontal];
    for turn in turns {
        let turned = Sheet(turn(&sheet.0));
        assert_eq!(texts(&turned.read()), ["TURNED AND MIRRORED"]);
    }
}

#[test]
fn what_is_no_symbol_is_neither_read_nor_reported() {
    let mut sheet = Sheet::new(400, 400);
    // A box, an L, a chequered square.
    for i in 0..100 {
        [(20 + i, 20), (20 + i, 119), (20, 20 + i), (119, 20 + i), (200, 20 + i), (200 + i, 119)]
            .into_iter()
            .for_each(|(x, y)| (0..3).for_each(|d| sheet.0.put_pixel(x + d, y + d, Luma([0]))));
    }
    for (x, y) in (0..100).flat_map(|y| (0..100).map(move |x| (x, y))) {
        if (x / 5 + y / 5) % 2 == 0 {
            sheet.0.put_pixel(20 + x, 200 + y, Luma([0]));
        }
    }
    assert_eq!(sheet.read(), DataMatrices::default());
}
