//! The contrast of a code to the pattern in which it hides.
//!
//! Two mailers of the same pattern that differ in their codes alone show what a reader looks for, the code's own picture. A
//! reader who knows it lays it over what he sees and takes the sum of their product: a matched filter. The contrast is how
//! far two codes lie apart in that sum, measured by how far the pattern, which differs from piece to piece, moves it.

/// The most that a contrast is said to be.
const MOST: f64 = 1000.0;

/// The contrast of one character. `one` and `other` are the logarithms of the light of specimens: each of `one` has the pattern
/// of its counterpart in `other` and another code of so many characters. 0 if nothing shows of the code; at most 1000.
pub(super) fn contrast(one: &[Vec<f32>], other: &[Vec<f32>], characters: usize) -> f64 {
    let differences: Vec<Vec<f64>> =
        one.iter().zip(other).map(|(one, other)| difference(one, other)).collect();
    let count = differences.len() as f64;
    let Some(length) = differences.first().map(Vec::len) else { return 0.0 };
    let total = differences.iter().fold(vec![0.0; length], |mut total, difference| {
        total.iter_mut().zip(difference).for_each(|(sum, value)| *sum += value);
        total
    });
    // Each specimen is held against what the others tell of the code, so that chance resemblance adds nothing.
    let signal = differences.iter().map(|own| {
        let rest: Vec<f64> = total.iter().zip(own).map(|(sum, value)| sum - value).collect();
        product(&rest, own) / norm(&rest).max(f64::MIN_POSITIVE)
    });
    let signal = (signal.sum::<f64>() / count).max(0.0);
    let noise = [one, other].map(|specimens| variance(specimens, &total));
    let noise = ((noise[0] + noise[1]) / 2.0).sqrt() / norm(&total).max(f64::MIN_POSITIVE);
    let contrast = signal / noise.max(f64::MIN_POSITIVE) / (characters.max(1) as f64).sqrt();
    contrast.min(MOST)
}

fn difference(one: &[f32], other: &[f32]) -> Vec<f64> {
    one.iter().zip(other).map(|(one, other)| f64::from(*one) - f64::from(*other)).collect()
}

fn product(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

fn norm(values: &[f64]) -> f64 {
    product(values, values).sqrt()
}

/// The variance of the specimens' sums with a filter.
fn variance(specimens: &[Vec<f32>], filter: &[f64]) -> f64 {
    let sum =
        |light: &Vec<f32>| light.iter().zip(filter).map(|(light, weight)| f64::from(*light) * weight).sum();
    let sums: Vec<f64> = specimens.iter().map(sum).collect();
    let mean = sums.iter().sum::<f64>() / sums.len().max(1) as f64;
    let squares: f64 = sums.iter().map(|sum| (sum - mean).powi(2)).sum();
    squares / (sums.len().saturating_sub(1)).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Specimens of a code of one pixel among three of a pattern, which moves by `pattern`.
    fn specimens(code: f32, pattern: f32) -> Vec<Vec<f32>> {
        let moved = |n: i32| pattern * ((n * 7 % 5) as f32 - 2.0);
        (0..10).map(|n| vec![code + moved(n), moved(n + 1), 0.5]).collect()
    }

    #[test]
    fn a_code_shows_where_no_pattern_moves_and_drowns_where_one_does() {
        let of = |pattern: f32| contrast(&specimens(0.0, pattern), &specimens(0.3, pattern), 1);
        assert!(of(0.0) > 900.0);
        assert!((1.0..5.0).contains(&of(0.1)), "{}", of(0.1));
        assert!(of(3.0) < 0.1, "{}", of(3.0));
        assert_eq!(contrast(&specimens(0.0, 0.1), &specimens(0.0, 0.1), 1), 0.0, "the same code");
        assert_eq!(contrast(&[], &[], 1), 0.0);
    }
}
