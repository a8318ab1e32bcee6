//! Whether a codes file was cut short in the last cell of its last row. Every other cut leaves a row of a wrong form; this one
//! would leave a card with a wrong assistance code, or with the first digits of its unblocking code.

/// So many rows before the last one say how long assistance codes are.
const ENOUGH: u64 = 2;

/// The lengths of the assistance codes that were passed, and the last row.
#[derive(Debug, Default)]
pub(super) struct LastRow {
    /// The offset of the last row, and the length of its assistance code. `None` where the last row is not that of a card.
    last: Option<(u64, usize)>,
    /// How many rows stand before it, and the length that their codes have; `None` where they differ.
    before: (u64, Option<usize>),
}

impl LastRow {
    /// Passes the row of a card: its offset, and the length of its assistance code.
    pub(super) fn pass(&mut self, offset: u64, length: usize) {
        if let Some((_, length)) = self.last.replace((offset, length)) {
            let (rows, common) = self.before;
            self.before =
                (rows + 1, if rows == 0 { Some(length) } else { common.filter(|own| *own == length) });
        }
    }

    /// Passes a row without codes that can be read.
    pub(super) fn pass_other(&mut self) {
        if let Some((offset, length)) = self.last {
            self.pass(offset, length);
            self.last = None;
        }
    }

    /// The offset of the last row, if its code is shorter than that of every other row.
    pub(super) fn shorter(&self) -> Option<u64> {
        let ((offset, length), (rows, common)) = (self.last?, self.before);
        (rows >= ENOUGH && common.is_some_and(|common| length < common)).then_some(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shorter(lengths: &[Option<usize>]) -> Option<u64> {
        let mut row = LastRow::default();
        for (offset, length) in (0..).zip(lengths) {
            match length {
                Some(length) => row.pass(offset, *length),
                None => row.pass_other(),
            }
        }
        row.shorter()
    }

    #[test]
    fn only_a_last_code_that_is_shorter_than_all_others_is_odd() {
        let some = |lengths: &[usize]| shorter(&lengths.iter().copied().map(Some).collect::<Vec<_>>());
        assert_eq!((some(&[3, 3, 0]), some(&[3, 3, 2]), some(&[6, 6, 6, 5])), (Some(2), Some(2), Some(3)));
        for lengths in [&[][..], &[0], &[3, 0], &[3, 3, 3], &[0, 0, 0], &[3, 3, 4], &[3, 4, 0], &[4, 3, 3, 0]]
        {
            assert_eq!(some(lengths), None, "{lengths:?}");
        }
        assert_eq!(shorter(&[Some(3), Some(3), Some(3), None]), None, "the last row is another");
        assert_eq!(shorter(&[Some(3), Some(3), None, Some(0)]), Some(3));
    }
}
