//! The paper that a template asks for.

use serde::Deserialize;

/// The paper that a template asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paper {
    /// The least opacity in per cent (ISO 2471); `None` where any paper will do.
    pub opacity: Option<f64>,
}

impl Paper {
    /// The opacities that paper can have, in per cent (ISO 2471).
    pub const OPACITIES: std::ops::RangeInclusive<f64> = 50.0..=100.0;

    /// Whether paper of an opacity in per cent is lighter than what the template asks for.
    pub fn refuses(self, opacity: f64) -> bool {
        self.opacity.is_some_and(|least| opacity < least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lighter_paper_than_asked_for_is_refused() {
        let paper = Paper { opacity: Some(94.0) };
        assert!(paper.refuses(93.9) && !paper.refuses(94.0));
        assert!(!Paper::default().refuses(50.0), "nothing was asked for");
    }
}
