//! Processor times, summed up.

/// Mean, median, 99th percentile and longest of times in milliseconds.
pub fn summary(all: &[f64]) -> String {
    let mut sorted = all.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = |share: f64| (share * sorted.len() as f64).ceil() as usize;
    let at = |share: f64| sorted.get(rank(share).saturating_sub(1)).copied().unwrap_or(0.0);
    format!("{:.0}; {:.0}; {:.0}; {:.0}", mean(all), at(0.5), at(0.99), at(1.0))
}

/// The mean; 0 of nothing.
pub fn mean(all: &[f64]) -> f64 {
    // A sum of nothing is -0.
    all.iter().fold(0.0, |sum, time| sum + time) / all.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_summed_up() {
        let all: Vec<f64> = (1..=201).map(f64::from).collect();
        assert_eq!(summary(&all), "101; 101; 199; 201");
        assert_eq!(summary(&[]), "0; 0; 0; 0");
    }
}
