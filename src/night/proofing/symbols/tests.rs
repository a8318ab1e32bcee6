//! Symbols of other people's encoders and of this program's are read; every wrong module, dot and edge is refused.

use ::symbols::code39::{Code39, Ratio};
use barcoders::sym::code39::Code39 as PeerCode39;
use datamatrix::{DataMatrix, DataMatrixBuilder, EncodationType, SymbolList};
use preflight::{Bounds, ShownMask};
use print_file::Grid;
use proptest::prelude::*;

use super::data_matrix::DataMatrixRead;
use super::*;

/// A signed block: header, fields, and 64 bytes of signature in Base32.
fn block() -> String {
    let signed = "DC04FR000001FFFF265FP101FR01810003461033\u{1d}10MME/DUPONT-MAITRE/MARIE-ZOE FRANCOISE\u{1d}\
                  822800012345\u{1d}831750000123";
    format!(
        "{signed}\u{1f}{}",
        "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UOV3HO6DZPI2DGMRRGQ2TMNZY".repeat(2).split_at(103).0
    )
}

fn packed(cells: &[bool], columns: usize) -> Vec<u8> {
    let row = |row: &[bool]| {
        let byte = |eight: &[bool]| {
            eight.iter().enumerate().fold(0, |byte, (at, dark)| byte | u8::from(*dark) << (7 - at))
        };
        row.chunks(8).map(byte).collect::<Vec<u8>>()
    };
    cells.chunks(columns).flat_map(row).collect()
}

fn mask(cells: &[bool], columns: usize, cell_dots: (u32, u32), grid: Grid) -> ShownMask {
    let rows = cells.len() / columns;
    let points = |dots: f64| dots * grid.dot();
    let (left, top) = (points(700.0), points(1300.0));
    let (width, height) = (columns as f64 * f64::from(cell_dots.0), rows as f64 * f64::from(cell_dots.1));
    let bounds = Bounds { left, top, right: left + points(width), bottom: top + points(height) };
    let (cells, columns, rows) = (packed(cells, columns), columns as u32, rows as u32);
    ShownMask { bounds, upright: true, columns, rows, cells, black: 1.0, overprint: true }
}

fn square(modules: &[bool]) -> usize {
    modules.len().isqrt()
}

/// Dots of modules whose dark runs lose `reduction` dots: each dark dot must have dark modules behind the dots that are
/// `reduction` to the right of it and below it, if it is that near to the end of its module.
fn thinned(modules: &[bool], cell: usize, reduction: usize) -> Vec<bool> {
    let side = square(modules);
    let module =
        |x: usize, y: usize| x / cell < side && y / cell < side && modules[y / cell * side + x / cell];
    let dots = (0..side * cell).flat_map(|y| (0..side * cell).map(move |x| (x, y)));
    dots.map(|(x, y)| module(x, y) && module(x + reduction, y) && module(x, y + reduction)).collect()
}

fn peer_symbol(text: &str) -> Vec<bool> {
    let builder = DataMatrixBuilder::new().with_macros(false);
    let square = builder.with_symbol_list(SymbolList::default().enforce_square());
    square.encode(text.as_bytes()).unwrap().bitmap().bits().to_vec()
}

fn own_symbol(text: &str) -> Vec<bool> {
    let symbol = ::symbols::datamatrix::encode_c40(text.as_bytes()).unwrap();
    let side = symbol.side();
    (0..side * side).map(|at| symbol.dark(at / side, at % side)).collect()
}

fn read(modules: &[bool], cell: u32) -> Result<DataMatrixRead, SymbolFault> {
    let grid = Grid::new(600);
    read_data_matrix(&mask(modules, square(modules), (cell, cell), grid), grid, cell, 0)
}

fn read_thinned(dots: &[bool], cell: u32, reduction: u32) -> Result<DataMatrixRead, SymbolFault> {
    let grid = Grid::new(600);
    read_data_matrix(&mask(dots, square(dots), (1, 1), grid), grid, cell, reduction)
}

#[test]
fn symbols_of_a_peer_and_our_own_are_read() {
    let mut sides = Vec::new();
    for length in [1, 3, 5, 8, 12, 18, 30, 40, 60, 90, 140, 217, 300, 500, 800, 1500] {
        let text: String = block().chars().cycle().take(length).collect();
        for modules in [peer_symbol(&text), own_symbol(&text)] {
            let side = square(&modules) as u32;
            assert_eq!(read(&modules, 8), Ok(DataMatrixRead { text: text.clone(), side }), "{length}");
            let dots = thinned(&modules, 5, 2);
            assert_eq!(
                read_thinned(&dots, 5, 2),
                Ok(DataMatrixRead { text: text.clone(), side }),
                "{length}"
            );
            sides.push(side);
        }
    }
    // One, two, four and six regions along a side.
    for range in [10..=26, 32..=52, 64..=104, 120..=144] {
        assert!(sides.iter().any(|side| range.contains(side)), "{range:?}");
    }
}

#[test]
fn squares_of_every_size_are_read() {
    let mut sizes = 0;
    for size in SymbolList::default().enforce_square().iter() {
        let symbol = DataMatrix::encode(b"A1", size).unwrap();
        assert_eq!(read(symbol.bitmap().bits(), 8).map(|read| read.text).as_deref(), Ok("A1"), "{size:?}");
        sizes += 1;
    }
    assert_eq!(sizes, 24);
}

#[test]
fn every_flipped_module_of_a_symbol_is_refused() {
    let mut faults = Vec::new();
    for text in ["AB12", "A7", "LOT20261123-17", block().as_str()] {
        let modules = own_symbol(text);
        assert!(read(&modules, 8).is_ok());
        for at in 0..modules.len() {
            let mut damaged = modules.clone();
            damaged[at] = !damaged[at];
            let fault = read(&damaged, 8).expect_err("one module is wrong");
            let named = matches!(fault, SymbolFault::Finder | SymbolFault::Corner | SymbolFault::Module);
            assert!(named, "module {at}: {fault}");
            faults.push(fault);
        }
    }
    // One of the sizes has a fixed corner.
    assert!(faults.contains(&SymbolFault::Corner));
}

#[test]
fn a_scanner_would_have_corrected_what_is_refused() {
    let mut modules = own_symbol(&block());
    let (inside, side) = (5 * square(&modules) + 5, square(&modules));
    modules[inside] = !modules[inside];
    assert_eq!(DataMatrix::decode(&modules, side).unwrap(), block().as_bytes());
    assert_eq!(read(&modules, 8), Err(SymbolFault::Module));
}

#[test]
fn every_flipped_dot_of_a_thinned_symbol_is_refused() {
    for (cell, reduction) in [(4, 1), (5, 2), (3, 2)] {
        let dots = thinned(&own_symbol("LOT20261123-17"), cell, reduction);
        let (cell, reduction) = (cell as u32, reduction as u32);
        assert!(read_thinned(&dots, cell, reduction).is_ok());
        for at in 0..dots.len() {
            let mut damaged = dots.clone();
            damaged[at] = !damaged[at];
            assert!(read_thinned(&damaged, cell, reduction).is_err(), "dot {at}");
        }
    }
}

#[test]
fn another_thinning_is_refused() {
    let modules = own_symbol("LOT20261123-17");
    for (made, asked) in [(1, 2), (2, 1)] {
        assert_eq!(read_thinned(&thinned(&modules, 6, made), 6, asked), Err(SymbolFault::Thinning));
    }
    let whole = thinned(&modules, 6, 0);
    assert_eq!(read_thinned(&whole, 6, 1), Err(SymbolFault::Thinning));
    // Modules where the press thins, and dots where it does not.
    assert_eq!(read_thinned(&modules, 1, 1), Err(SymbolFault::Press));
    assert_eq!(read_thinned(&thinned(&modules, 6, 1), 6, 0), Err(SymbolFault::CellSize));
}

#[test]
fn a_symbol_off_the_grid_is_refused() {
    let grid = Grid::new(600);
    let modules = own_symbol("LOT20261123-17");
    let right = || mask(&modules, square(&modules), (8, 8), grid);
    let read = |mask: ShownMask| read_data_matrix(&mask, grid, 8, 0).map(|read| read.side);
    assert_eq!(read(right()), Ok(square(&modules) as u32));
    let changed = |change: &dyn Fn(&mut ShownMask)| {
        let mut mask = right();
        change(&mut mask);
        read(mask)
    };
    let dot = grid.dot();
    assert_eq!(changed(&|mask| mask.upright = false), Err(SymbolFault::Turned));
    assert_eq!(changed(&|mask| mask.black = 0.99), Err(SymbolFault::Pale));
    assert_eq!(changed(&|mask| mask.bounds.left += dot / 2.0), Err(SymbolFault::OffGrid));
    assert_eq!(changed(&|mask| mask.bounds.left = f64::NAN), Err(SymbolFault::OffGrid));
    assert_eq!(changed(&|mask| mask.bounds.right = 0.0), Err(SymbolFault::OffGrid));
    assert_eq!(changed(&|mask| mask.bounds.right += dot), Err(SymbolFault::Size));
    assert_eq!(changed(&|mask| mask.rows -= 1), Err(SymbolFault::Cells));
    assert_eq!(changed(&|mask| mask.cells.truncate(4)), Err(SymbolFault::Cells));
    let larger = |mask: &mut ShownMask| {
        (mask.bounds.right, mask.bounds.bottom) =
            (mask.bounds.right + 8.0 * dot, mask.bounds.bottom + 8.0 * dot);
    };
    assert_eq!(changed(&larger), Err(SymbolFault::CellSize));
    let other = read_data_matrix(&right(), grid, 7, 0);
    assert_eq!(other, Err(SymbolFault::CellSize));
}

#[test]
fn a_symbol_that_is_no_plain_text_is_refused() {
    let gs1 = DataMatrix::encode_gs1(b"010123456789012817", SymbolList::default().enforce_square()).unwrap();
    assert_eq!(read(gs1.bitmap().bits(), 8), Err(SymbolFault::Encoding));
    let builder = DataMatrixBuilder::new().with_encodation_types(EncodationType::Base256);
    let latin = builder.with_symbol_list(SymbolList::default().enforce_square()).encode(b"ZO\xC9").unwrap();
    assert_eq!(read(latin.bitmap().bits(), 8), Err(SymbolFault::Encoding));
}

/// The dots of runs: a bar first.
fn row_of(runs: &[u32]) -> Vec<bool> {
    let run = |(index, dots): (usize, &u32)| std::iter::repeat_n(index.is_multiple_of(2), *dots as usize);
    runs.iter().enumerate().flat_map(run).collect()
}

/// Bars and spaces of our own layout.
fn own_runs(text: &str, x: u32, ratio: Ratio, reduction: u32) -> Vec<u32> {
    let bars = Code39::new(text).unwrap().layout(x, ratio, reduction).unwrap().bars;
    let spaces = bars.windows(2).map(|two| two[1].x - two[0].x - two[0].width).chain([0]);
    let mut runs: Vec<u32> = bars.iter().zip(spaces).flat_map(|(bar, space)| [bar.width, space]).collect();
    runs.pop();
    runs
}

/// Bars and spaces of a peer's symbol: one module is narrow, two are wide.
fn peer_runs(text: &str, x: u32, wide: u32, reduction: u32) -> Vec<u32> {
    let modules = PeerCode39::new(text).unwrap().encode();
    let runs = modules.chunk_by(|a, b| a == b).map(|run| (run[0] == 1, run.len() > 1));
    runs.map(|(bar, is_wide)| {
        let width = if is_wide { wide } else { x };
        if bar { width - reduction } else { width + reduction }
    })
    .collect()
}

fn read_runs(runs: &[u32], x: u32, ratio: f64, reduction: u32) -> Result<String, SymbolFault> {
    let grid = Grid::new(600);
    let row = row_of(runs);
    read_code39(&mask(&row, row.len(), (1, 140), grid), grid, x, ratio, reduction)
}

const CODE39: &str = "LOT-20261123.07 $/+%XQ";

#[test]
fn bars_of_a_peer_and_our_own_are_read() {
    for (x, ratio, wide, kind) in
        [(6, 2.5, 15, Ratio::TwoAndHalf), (5, 3.0, 15, Ratio::Three), (4, 3.0, 12, Ratio::Three)]
    {
        for (reduction, text) in (0..3).flat_map(|reduction| [(reduction, CODE39), (reduction, "2800012345")])
        {
            let runs = own_runs(text, x, kind, reduction);
            assert_eq!(runs, peer_runs(text, x, wide, reduction));
            assert_eq!(read_runs(&runs, x, ratio, reduction).as_deref(), Ok(text));
        }
    }
    for index in 0..43 {
        let alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";
        let text = &alphabet[index..=index];
        assert_eq!(read_runs(&peer_runs(text, 6, 15, 1), 6, 2.5, 1).as_deref(), Ok(text));
    }
}

#[test]
fn cells_may_be_wider_than_a_dot() {
    let grid = Grid::new(600);
    let halves: Vec<u32> = own_runs(CODE39, 6, Ratio::TwoAndHalf, 0).iter().map(|run| run / 3).collect();
    let row = row_of(&halves);
    let read = |x| read_code39(&mask(&row, row.len(), (3, 140), grid), grid, x, 2.5, 0);
    assert_eq!(read(6).as_deref(), Ok(CODE39));
    assert_eq!(read(4), Err(SymbolFault::Element));
}

#[test]
fn every_bar_and_space_that_is_off_by_a_dot_is_refused() {
    for reduction in [0, 1, 2] {
        let runs = own_runs(CODE39, 6, Ratio::TwoAndHalf, reduction);
        for (at, change) in (0..runs.len()).flat_map(|at| [(at, -1), (at, 1)]) {
            let mut damaged = runs.clone();
            damaged[at] = damaged[at].checked_add_signed(change).unwrap();
            let fault = read_runs(&damaged, 6, 2.5, reduction);
            assert_eq!(fault, Err(SymbolFault::Element), "element {at}");
            // The neighbour makes up for it, so that the symbol is as long as before.
            let Some(neighbour) = damaged.get_mut(at + 1) else { continue };
            *neighbour = neighbour.checked_add_signed(-change).unwrap();
            assert_eq!(read_runs(&damaged, 6, 2.5, reduction), Err(SymbolFault::Element), "edge {at}");
        }
        let asked = (reduction + 1) % 3;
        assert_eq!(read_runs(&runs, 6, 2.5, asked), Err(SymbolFault::Element));
        assert_eq!(read_runs(&runs, 6, 3.0, reduction), Err(SymbolFault::Element));
    }
}

#[test]
fn bars_that_are_no_code39_are_refused() {
    let runs = own_runs("2800012345", 6, Ratio::TwoAndHalf, 0);
    let read = |runs: &[u32]| read_runs(runs, 6, 2.5, 0);
    for wide_or_narrow in 0..runs.len() {
        let mut other = runs.clone();
        other[wide_or_narrow] = 21 - other[wide_or_narrow];
        assert_eq!(read(&other), Err(SymbolFault::Bars), "element {wide_or_narrow}");
    }
    assert_eq!(read(&runs[10..]), Err(SymbolFault::Bars), "no start");
    assert_eq!(read(&runs[..runs.len() - 10]), Err(SymbolFault::Bars), "no stop");
    let two = [&runs[..], &[6], &runs[..]].concat();
    assert_eq!(read(&two), Err(SymbolFault::Bars), "a symbol goes on after its stop");
    let empty = [&runs[..10], &runs[runs.len() - 9..]].concat();
    assert_eq!(read(&empty), Err(SymbolFault::Bars), "no text");
    for (x, ratio, reduction) in [(5, 2.5, 0), (6, 1.5, 0), (6, f64::NAN, 0), (6, 2.5, 6), (0, 2.5, 0)] {
        assert_eq!(read_runs(&runs, x, ratio, reduction), Err(SymbolFault::Press), "{x} {ratio} {reduction}");
    }
}

proptest! {
    #[test]
    fn no_mask_panics(
        sizes in (0_u32..200, 0_u32..200),
        dots in (-10_i32..3000, -10_i32..3000),
        numbers in (0_u32..12, 0_u32..12),
        cells in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let grid = Grid::new(600);
        let points = |dots: i32| f64::from(dots) * grid.dot();
        let bounds = Bounds { right: points(dots.0), bottom: points(dots.1), ..Bounds::default() };
        let (columns, rows) = sizes;
        let needed = columns.div_ceil(8) as usize * rows as usize;
        let cells = cells.iter().copied().cycle().take(needed).collect();
        let mask = ShownMask { bounds, upright: true, columns, rows, cells, black: 1.0, overprint: true };
        let square = read_data_matrix(&mask, grid, numbers.0, numbers.1);
        prop_assert!(square.is_err());
        let bars = read_code39(&mask, grid, numbers.0, 3.0, numbers.1);
        prop_assert!(bars.is_err());
    }
}
