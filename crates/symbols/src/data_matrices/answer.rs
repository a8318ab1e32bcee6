//! Modules → codewords, corrected with those in doubt as erasures.
//!
//! A block is tried with no erasure, then with more and more of its least certain codewords erased, at several thresholds.
//! Every erasure and every try makes a wrong answer likelier, so an answer counts only if what is left of the redundancy
//! proves it.

use super::modules::Modules;
use crate::datamatrix::correction::Block;
use crate::datamatrix::shape::Shape;
use crate::effort::Effort;

/// Where between light and dark modules are divided, and whether blur is taken back. Between ink and toner is not a place
/// that is known beforehand: see [`Modules::between_inks`].
const WAYS: [(f32, bool); 8] = [
    (0.5, false),
    (0.5, true),
    (0.65, false),
    (0.38, false),
    (0.75, false),
    (0.65, true),
    (0.85, false),
    (0.28, false),
];

/// The check codewords of a block that must be left over if any codeword was erased.
const SPARE: usize = 2;

/// How unlikely a chance answer must be, in bits, beyond the number of tries, without erasures.
const PLAIN_PROOF_BITS: f32 = 16.0;

/// The same if any codeword was erased.
const PROOF_BITS: f32 = 24.0;

/// The codewords of a symbol, corrected.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// The data codewords.
    pub data: Vec<u8>,
    /// The part of the redundancy that was not used, of the block that used most: 0 to 1.
    pub confidence: f32,
    /// What it took.
    pub way: Way,
}

/// What an answer took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// The middle between light and dark, and no erasure.
    Plain,
    /// Another threshold, and no erasure.
    Threshold,
    /// Erasures.
    Erasures,
}

/// A block that is solved: its codewords, and the part of its redundancy that is left.
type Solved = (Vec<u8>, f32);

/// The answer of a symbol's modules as they are, without erasures.
pub(super) fn plain_answer(modules: &Modules) -> Option<Answer> {
    orders(&modules.shape).iter().find_map(|order| {
        let mut search = Search::new(modules.shape, *order);
        search.look(&Codewords::of(modules, WAYS[0].0), 0);
        search.answer(Way::Plain)
    })
}

/// The answer of a symbol's modules, with erasures and at several thresholds.
pub(super) fn answer(modules: &Modules, effort: &Effort) -> Option<Answer> {
    let sharpened = modules.sharpened();
    let inks = (modules.between_inks(), false);
    let codewords = WAYS[..1]
        .iter()
        .chain([&inks])
        .chain(&WAYS[1..])
        .map(|&(threshold, sharp)| Codewords::of(if sharp { &sharpened } else { modules }, threshold));
    let codewords: Vec<Codewords> = codewords.collect();
    for order in orders(&modules.shape) {
        let mut search = Search::new(modules.shape, *order);
        // No erasure at any threshold is quicker than erasures at one, and proves more.
        let without = codewords.iter().map(|codewords| (codewords, 0));
        for (codewords, most) in without.chain(codewords.iter().map(|codewords| (codewords, usize::MAX))) {
            if effort.is_spent() {
                return None;
            }
            search.look(codewords, most);
            if let Some(answer) = search.answer(if most == 0 { Way::Threshold } else { Way::Erasures }) {
                return Some(answer);
            }
        }
    }
    None
}

/// The blocks with which the check codewords of a shape can begin: 144 × 144 is printed in two ways (zxing-cpp issue 259).
fn orders(shape: &Shape) -> &'static [usize] {
    if shape.rows == 144 { &[0, 8] } else { &[0] }
}

/// Codewords as read, with how likely each is wrong.
struct Codewords {
    values: Vec<u8>,
    doubts: Vec<f32>,
}

impl Codewords {
    fn of(modules: &Modules, threshold: f32) -> Codewords {
        let plan = modules.shape.plan();
        let codeword = |bits: &[u16; 8]| {
            bits.iter().fold((0u8, 1.0f32), |(value, right), &module| {
                let module = usize::from(module);
                let level = modules.levels[module];
                let dark = level > threshold;
                // A stroke darkens: what is clearly light was not under it.
                let margin = match dark {
                    true => (level - threshold) / (1.0 - threshold) / (1.0 + 2.0 * modules.doubts[module]),
                    false => (threshold - level) / threshold,
                };
                let wrong = 0.5 * (-4.0 * margin.clamp(0.0, 1.5)).exp();
                (value << 1 | u8::from(dark), right * (1.0 - wrong))
            })
        };
        let (values, rights): (Vec<u8>, Vec<f32>) = plan.bits.iter().map(codeword).unzip();
        Codewords { values, doubts: rights.into_iter().map(|right| 1.0 - right).collect() }
    }
}

/// The blocks of a symbol, solved one by one.
struct Search {
    shape: Shape,
    /// The block of the first check codeword.
    first: usize,
    solved: Vec<Option<Solved>>,
    tries: u32,
}

impl Search {
    fn new(shape: Shape, first: usize) -> Search {
        Search { shape, first, solved: vec![None; shape.blocks], tries: 0 }
    }

    /// The positions in the symbol of a block's codewords, data first.
    fn positions(&self, block: usize) -> Vec<usize> {
        let Shape { data, checks, blocks, .. } = self.shape;
        let first = (block + blocks - self.first) % blocks;
        (block..data).step_by(blocks).chain((data + first..data + checks).step_by(blocks)).collect()
    }

    /// Tries to solve the blocks that are not solved yet, with at most `most` erasures.
    fn look(&mut self, codewords: &Codewords, most: usize) {
        for block in 0..self.shape.blocks {
            if self.solved[block].is_none() {
                self.solved[block] = self.solve(codewords, &self.positions(block), most);
            }
        }
    }

    fn solve(&mut self, codewords: &Codewords, positions: &[usize], most: usize) -> Option<Solved> {
        let checks = self.shape.checks / self.shape.blocks;
        let values: Vec<u8> = positions.iter().map(|&position| codewords.values[position]).collect();
        let mut doubtful: Vec<usize> = (0..positions.len()).collect();
        doubtful.sort_by(|&a, &b| codewords.doubts[positions[b]].total_cmp(&codewords.doubts[positions[a]]));
        let block = Block::new(&values, checks);
        for erased in erasures(checks, most) {
            self.tries += 1;
            let Some(corrected) = block.corrected(&doubtful[..erased.min(doubtful.len())]) else { continue };
            let wrong: Vec<bool> =
                doubtful.iter().map(|&index| corrected.codewords[index] != values[index]).collect();
            if let Some(left) = self.proven(&wrong, checks, erasures(checks, usize::MAX)) {
                return Some((corrected.codewords, left as f32 / checks as f32));
            }
        }
        None
    }

    /// The check codewords that are left, if an answer is proven. `wrong` has whether each codeword was wrong, the most
    /// doubtful first. The answer is the same for several numbers of erasures; the one that proves it best counts.
    fn proven(&self, wrong: &[bool], checks: usize, erasures: impl Iterator<Item = usize>) -> Option<usize> {
        let tries = (self.tries as f32).log2();
        let mut best = None;
        for erased in erasures {
            let errors = wrong.iter().skip(erased).filter(|&&wrong| wrong).count();
            let Some(left) = checks.checked_sub(erased + 2 * errors) else { continue };
            let bits = if erased == 0 { PLAIN_PROOF_BITS } else { PROOF_BITS };
            let proof = proof_bits(wrong.len().saturating_sub(erased), checks - erased, errors);
            if proof >= bits + tries && (erased == 0 || left >= SPARE) {
                best = best.max(Some(left));
            }
        }
        best
    }

    fn answer(&self, way: Way) -> Option<Answer> {
        let solved: Vec<&Solved> = self.solved.iter().map(Option::as_ref).collect::<Option<_>>()?;
        let confidence = solved.iter().map(|solved| solved.1).fold(1.0, f32::min);
        let data = (0..self.shape.data)
            .map(|index| solved[index % self.shape.blocks].0.get(index / self.shape.blocks).copied())
            .collect::<Option<_>>()?;
        Some(Answer { data, confidence, way })
    }
}

/// The numbers of erasures that are tried.
fn erasures(checks: usize, most: usize) -> impl Iterator<Item = usize> {
    (0..=checks.saturating_sub(SPARE).min(most)).step_by(2)
}

/// How unlikely it is, in bits, that a block of `length` codewords that mean nothing is corrected by `errors` errors.
fn proof_bits(length: usize, checks: usize, errors: usize) -> f32 {
    let choices = (0..errors).map(|index| ((length - index) as f32 / (index + 1) as f32).log2());
    8.0 * (checks - errors) as f32 - choices.sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datamatrix::{Symbol, encode_c40};

    fn modules(symbol: &Symbol) -> Modules {
        let shape = Shape::square(symbol.size());
        let level =
            |module: usize| f32::from(u8::from(symbol.dark(module / shape.columns, module % shape.columns)));
        let count = shape.rows * shape.columns;
        Modules { shape, levels: (0..count).map(level).collect(), doubts: vec![0.0; count] }
    }

    #[test]
    fn every_size_is_answered_as_it_is_and_mirrored() {
        for length in [1, 20, 100, 400, 1000, 2000, 2300] {
            let symbol = encode_c40(&vec![b'7'; length]).unwrap();
            let modules = modules(&symbol);
            let wanted = symbol.codewords()[..symbol.size().data_codewords()].to_vec();
            let answer = plain_answer(&modules).unwrap();
            assert_eq!((answer.data, answer.confidence), (wanted.clone(), 1.0));
            assert_eq!(plain_answer(&modules.mirrored().mirrored()).unwrap().data, wanted);
            assert!(plain_answer(&modules.mirrored()).is_none_or(|answer| answer.data != wanted));
        }
    }

    #[test]
    fn modules_in_doubt_are_erased_and_chance_is_no_answer() {
        let symbol = encode_c40(&[b'A'; 150]).unwrap();
        let wanted = symbol.codewords()[..symbol.size().data_codewords()].to_vec();
        let mut torn = modules(&symbol);
        let (columns, rows) = (torn.shape.columns, torn.shape.rows);
        // Two strokes, each two columns wide, which leave a little light.
        for row in 0..rows {
            (12..14).for_each(|column| torn.levels[row * columns + column] = 0.6);
            (30..32).for_each(|column| torn.levels[row * columns + column] = 0.6);
        }
        assert_eq!(plain_answer(&torn), None);
        let answer = answer(&torn, &Effort::unlimited()).unwrap();
        assert_eq!(answer.data, wanted);
        assert!(answer.confidence < 0.5, "{}", answer.confidence);
        let mut pseudo_random = 1u32;
        for _ in 0..30 {
            torn.levels.iter_mut().for_each(|level| {
                pseudo_random = pseudo_random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *level = (pseudo_random >> 16) as f32 / 65536.0;
            });
            assert_eq!(super::answer(&torn, &Effort::unlimited()), None);
        }
    }
}
