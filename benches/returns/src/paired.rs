//! Two readers over the same pictures: whether one is better than chance makes it.

/// Pictures that one of two readers alone read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Paired {
    ours_alone: u32,
    peer_alone: u32,
}

impl Paired {
    /// Counts a picture.
    pub fn count(&mut self, ours: bool, peer: bool) {
        self.ours_alone += u32::from(ours && !peer);
        self.peer_alone += u32::from(peer && !ours);
    }

    /// The probability that the peer alone reads as many or more by chance: McNemar's test, exact and one-sided.
    fn chance(self) -> f64 {
        let pairs = self.ours_alone + self.peer_alone;
        let mut term = 0.5_f64.powi(pairs as i32);
        let mut sum = 0.0;
        for alone in 0..=pairs {
            if alone >= self.peer_alone {
                sum += term;
            }
            term *= f64::from(pairs - alone) / f64::from(alone + 1);
        }
        sum
    }

    /// Whether ours is below the peer at 5 %.
    pub fn is_below(self) -> bool {
        self.chance() < 0.05
    }

    /// Ours against the peer at 5 %, the pictures that each alone read, and the chance that the one that read more alone does
    /// so if both are equal.
    pub fn verdict(self) -> String {
        let reverse = Paired { ours_alone: self.peer_alone, peer_alone: self.ours_alone };
        let word = match (self.is_below(), reverse.is_below()) {
            (true, _) => "below",
            (_, true) => "above",
            _ => "equal",
        };
        let chance = self.chance().min(reverse.chance());
        format!("{word} {}:{} ({})", self.ours_alone, self.peer_alone, told(chance))
    }
}

fn told(chance: f64) -> String {
    match chance {
        chance if chance < 0.0001 => "<0.0001".to_owned(),
        chance if chance < 0.1 => format!("{chance:.4}"),
        chance => format!("{chance:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paired_test_sees_a_difference_that_chance_does_not_make() {
        let paired = |ours_alone, peer_alone| Paired { ours_alone, peer_alone };
        assert_eq!(paired(0, 0).verdict(), "equal 0:0 (1.00)");
        // Five of five by chance: 1 in 32; four of four: 1 in 16.
        assert_eq!(paired(0, 5).verdict(), "below 0:5 (0.0312)");
        assert_eq!(paired(0, 4).verdict(), "equal 0:4 (0.0625)");
        assert_eq!(paired(5, 0).verdict(), "above 5:0 (0.0312)");
        assert_eq!(paired(20, 0).verdict(), "above 20:0 (<0.0001)");
        assert!((paired(2, 2).chance() - 11.0 / 16.0).abs() < 1e-12);
    }
}
