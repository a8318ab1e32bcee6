//! The widths of a Code 39's elements: what the reference algorithm decodes of them, and with how much room (ISO/IEC 16388
//! and 15416).

/// Bars and spaces of a character.
const ELEMENTS: usize = 9;

/// The widths of all elements from the first bar to the last, with the gaps between characters.
pub(super) struct Widths(Vec<f32>);

/// Mean widths.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Means {
    /// Of narrow elements.
    pub(super) narrow: f32,
    /// Of wide elements over that of narrow ones.
    pub(super) ratio: f32,
    /// How much wider narrow bars are than narrow elements, as a part of a narrow element.
    pub(super) growth: f32,
}

impl Widths {
    /// The widths between edges.
    pub(super) fn between(edges: &[f32]) -> Widths {
        Widths(edges.windows(2).map(|pair| pair[1] - pair[0]).collect())
    }

    /// The characters, each with its elements.
    fn characters(&self) -> impl Iterator<Item = &[f32]> {
        self.0.chunks(ELEMENTS + 1).map(|character| &character[..ELEMENTS.min(character.len())])
    }

    /// Whether the reference algorithm decodes the elements of a symbol: `true` for a wide one.
    pub(super) fn decode_to(&self, elements: &[bool]) -> bool {
        let decoded = self.characters().zip(elements.chunks(ELEMENTS + 1)).all(|(widths, wide)| {
            let threshold = threshold(widths);
            widths.iter().zip(wide).all(|(&width, &wide)| (width > threshold) == wide)
        });
        self.0.len() == elements.len() && decoded
    }

    /// The means, if the elements are those of a symbol that was decoded. `None` without wide or narrow elements.
    pub(super) fn means(&self, elements: &[bool]) -> Option<Means> {
        let mean = |wanted: &dyn Fn(usize) -> bool| {
            let chosen =
                (0..self.0.len()).filter(|&index| index % (ELEMENTS + 1) != ELEMENTS && wanted(index));
            let (sum, count) =
                chosen.fold((0.0, 0.0), |(sum, count), index| (sum + self.0[index], count + 1.0));
            (count > 0.0).then_some(sum / count)
        };
        let wide = |index: usize| elements.get(index).copied().unwrap_or_default();
        let narrow = mean(&|index| !wide(index))?;
        let bar = mean(&|index| !wide(index) && (index % (ELEMENTS + 1)).is_multiple_of(2))?;
        let ratio = mean(&wide)? / narrow;
        Some(Means { narrow, ratio, growth: (bar - narrow) / narrow })
    }

    /// The room that the reference algorithm has left, of the character with least of it, as a part of the ideal room.
    pub(super) fn decodability(&self, elements: &[bool], means: &Means) -> f32 {
        let of = |(widths, wide): (&[f32], &[bool])| {
            let threshold = threshold(widths);
            let chosen = |wanted: bool| widths.iter().zip(wide).filter(move |&(_, &wide)| wide == wanted);
            let widest_narrow = chosen(false).map(|(&width, _)| width).fold(0.0, f32::max);
            let narrowest_wide = chosen(true).map(|(&width, _)| width).fold(f32::MAX, f32::min);
            let below = (threshold - widest_narrow) / (threshold - means.narrow);
            let above = (narrowest_wide - threshold) / (means.narrow * means.ratio - threshold);
            below.min(above)
        };
        self.characters().zip(elements.chunks(ELEMENTS + 1)).map(of).fold(1.0, f32::min)
    }
}

/// The width that divides narrow and wide elements of a character: an eighth of the character.
fn threshold(widths: &[f32]) -> f32 {
    widths.iter().sum::<f32>() / 8.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_character_has_all_the_room_and_a_wide_narrow_element_takes_it() {
        // `*`: wide space, two wide bars.
        let wide = [false, true, false, false, true, false, true, false, false];
        let mut widths = wide.map(|wide| if wide { 5.0 } else { 2.0 });
        let of = |widths: &[f32]| {
            let widths = Widths(widths.to_vec());
            let means = widths.means(&wide).unwrap();
            (widths.decode_to(&wide), widths.decodability(&wide, &means), means)
        };
        let (decoded, room, means) = of(&widths);
        assert_eq!((decoded, room), (true, 1.0));
        assert_eq!(means, Means { narrow: 2.0, ratio: 2.5, growth: 0.0 });
        // One narrow bar of 2.6: narrow elements have 12.6 / 6 = 2.1, the character 27.6, the threshold is 3.45.
        widths[0] = 2.6;
        let (decoded, room, _) = of(&widths);
        assert!(decoded && (room - (3.45 - 2.6) / (3.45 - 2.1)).abs() < 1e-5, "{room}");
        widths[0] = 4.0;
        assert!(!of(&widths).0);
    }
}
