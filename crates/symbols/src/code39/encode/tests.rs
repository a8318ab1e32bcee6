//! Widths by the published formula, the rules of the layout, and what another reader reads.

use super::*;

fn layout(text: &str, x: u32, ratio: Ratio, reduction: u32) -> Code39Layout {
    Code39::new(text).unwrap().layout(x, ratio, reduction).unwrap()
}

#[test]
fn widths_follow_the_published_formula() {
    for (ratio, x, character, gap) in [(Ratio::TwoAndHalf, 6, 81, 6), (Ratio::Three, 5, 75, 5)] {
        let laid = layout("ABC123", x, ratio, 0);
        assert_eq!(laid.symbol_width_dots, 8 * character + 7 * gap);
        assert_eq!(laid.quiet_zone_dots, 10 * x);
        assert_eq!(laid.bars.len(), 8 * 5);
        assert_eq!(laid.bars[0].x, 10 * x);
        let last = laid.bars.last().unwrap();
        assert_eq!(last.x + last.width + 10 * x, laid.width_dots);
    }
}

#[test]
fn start_character_is_the_asterisk() {
    // `*` is narrow bar, wide space, narrow bar, narrow space, wide bar, narrow space, wide bar, …
    let laid = layout("0", 2, Ratio::Three, 0);
    let begin: Vec<_> = laid.bars[..5].iter().map(|b| (b.x - 20, b.width)).collect();
    assert_eq!(begin, [(0, 2), (8, 2), (12, 6), (20, 6), (28, 2)]);
}

#[test]
fn reduction_is_shared_by_both_edges_and_keeps_the_pitch() {
    let plain = layout("PLI", 6, Ratio::TwoAndHalf, 0);
    let thin = layout("PLI", 6, Ratio::TwoAndHalf, 3);
    assert_eq!(plain.width_dots, thin.width_dots);
    for (a, b) in plain.bars.iter().zip(&thin.bars) {
        assert_eq!((b.x, b.width), (a.x + 1, a.width - 3));
    }
}

#[test]
fn least_height_is_five_millimetres_or_fifteen_percent() {
    assert_eq!(layout("1", 1, Ratio::Three, 0).min_height_dots(600), 119);
    let wide = layout("2800012345", 6, Ratio::TwoAndHalf, 0);
    assert_eq!(wide.min_height_dots(600), (1038u32 * 15).div_ceil(100));
}

#[test]
fn faults_are_named() {
    assert_eq!(Code39::new(""), Err(Code39Error::Empty));
    let star = Code39Error::Character { character: '*', position: 2 };
    assert_eq!(Code39::new("A*"), Err(star));
    assert!(Code39::new("é").is_err() && Code39::new("a").is_err());
    assert_eq!(Code39::new(&"A".repeat(257)), Err(Code39Error::TooLong(257)));
    let symbol = Code39::new("A").unwrap();
    assert_eq!(symbol.layout(0, Ratio::Three, 0), Err(Code39Error::XDimension(0)));
    assert_eq!(symbol.layout(5, Ratio::TwoAndHalf, 0), Err(Code39Error::OddXDimension(5)));
    let thin = Code39Error::Reduction { reduction: 5, x_dots: 5 };
    assert_eq!(symbol.layout(5, Ratio::Three, 5), Err(thin));
}

#[test]
fn another_reader_reads_every_character() {
    use rxing::{BarcodeFormat, DecodeHints, helpers::detect_in_luma_with_hints};
    let mut hints = DecodeHints::default();
    for text in ["0123456789ABCDEFGHIJK", "LMNOPQRSTUVWXYZ-. $/+%", "2800012345"] {
        for (x, ratio, reduction) in [(2, Ratio::TwoAndHalf, 0), (4, Ratio::Three, 1)] {
            let laid = layout(text, x, ratio, reduction);
            let mut luma = vec![255; (laid.width_dots * 60) as usize];
            for row in luma.chunks_mut(laid.width_dots as usize) {
                for bar in &laid.bars {
                    row[bar.x as usize..(bar.x + bar.width) as usize].fill(0);
                }
            }
            let read = detect_in_luma_with_hints(
                luma,
                laid.width_dots,
                60,
                Some(BarcodeFormat::CODE_39),
                &mut hints,
            );
            assert_eq!(read.unwrap().getText(), text);
        }
    }
}
