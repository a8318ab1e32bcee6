//! The paper that a template asks for, and how much the simulation of a piece held to the light takes it to scatter.

use serde::Deserialize;

/// The blur of the thinnest paper of an office, in millimetres: what is simulated where nobody promises more.
const LEAST_BLUR_MM: f64 = 0.15;
/// The blur that opaque paper is taken to have, in millimetres. Assumed, not measured: see docs/through-light.md.
const OPAQUE_BLUR_MM: f64 = 0.3;

/// The paper that a template asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paper {
    /// The least opacity in per cent (ISO 2471); `None` where any paper will do.
    pub opacity: Option<f64>,
}

impl Paper {
    /// The opacity from which paper is taken to be opaque, in per cent (ISO 2471).
    pub const OPAQUE: f64 = 94.0;
    /// The opacities that paper can have, in per cent (ISO 2471).
    pub const OPACITIES: std::ops::RangeInclusive<f64> = 50.0..=100.0;

    /// Paper that is just opaque.
    pub fn opaque() -> Paper {
        Paper { opacity: Some(Paper::OPAQUE) }
    }

    /// Whether every paper that satisfies the template is opaque.
    pub fn is_opaque(self) -> bool {
        self.opacity.is_some_and(|opacity| opacity >= Paper::OPAQUE)
    }

    /// How much a sheet of it blurs what is behind it, at least: a standard deviation in millimetres.
    pub fn blur_mm(self) -> f64 {
        if self.is_opaque() { OPAQUE_BLUR_MM } else { LEAST_BLUR_MM }
    }

    /// Whether paper of an opacity in per cent is lighter than what the template asks for.
    pub fn refuses(self, opacity: f64) -> bool {
        self.opacity.is_some_and(|least| opacity < least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_opaque_paper_is_taken_to_blur_more_than_the_least() {
        for (opacity, blur) in
            [(None, LEAST_BLUR_MM), (Some(93.9), LEAST_BLUR_MM), (Some(94.0), OPAQUE_BLUR_MM)]
        {
            assert_eq!(Paper { opacity }.blur_mm(), blur, "{opacity:?}");
        }
        assert!(Paper::opaque().is_opaque());
    }

    #[test]
    fn lighter_paper_than_asked_for_is_refused() {
        assert!(Paper::opaque().refuses(93.9) && !Paper::opaque().refuses(94.0));
        assert!(!Paper::default().refuses(50.0), "nothing was asked for");
    }
}
