//! BLAKE2b with a digest of 64 bytes and no key (RFC 7693): what minisign hashes a file with before it signs.
//!
//! It is written here because the house has no other use for BLAKE2. Nothing secret is hashed with it.

/// The bytes of a block.
const BLOCK: usize = 128;
/// The rounds of a compression (RFC 7693 §2.1).
const ROUNDS: usize = 12;
/// The initial state (RFC 7693 §2.6).
const IV: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];
/// The order of a block's words in each round; rounds 10 and 11 repeat the first two (RFC 7693 §2.7).
const SIGMA: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
/// The words of the state that are mixed together: four columns, then four diagonals (RFC 7693 §3.2).
const MIXED: [[usize; 4]; 8] = [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
];

/// A hash that is being computed.
pub(super) struct Blake2b {
    state: [u64; 8],
    /// The bytes that are not compressed yet: the last block is compressed as such.
    block: [u8; BLOCK],
    filled: usize,
    /// How many bytes were compressed.
    counted: u128,
}

impl Blake2b {
    /// Begins a hash.
    pub(super) fn new() -> Blake2b {
        let mut state = IV;
        // Parameter block: 64 bytes of digest, no key, one leaf (RFC 7693 §2.5).
        state[0] ^= 0x0101_0040;
        Blake2b { state, block: [0; BLOCK], filled: 0, counted: 0 }
    }

    /// Adds bytes.
    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.filled == BLOCK {
                self.compress(false);
            }
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.filled));
            self.block[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled += now.len();
            bytes = later;
        }
    }

    /// The digest of all bytes that were added.
    pub(super) fn finish(mut self) -> [u8; 64] {
        self.block[self.filled..].fill(0);
        self.compress(true);
        let mut digest = [0; 64];
        for (bytes, word) in digest.chunks_exact_mut(8).zip(self.state) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        digest
    }

    /// Compresses the block, of which `filled` bytes count (RFC 7693 §3.2).
    fn compress(&mut self, last: bool) {
        self.counted += self.filled as u128;
        self.filled = 0;
        let mut words = [0; 16];
        for (word, bytes) in words.iter_mut().zip(self.block.chunks_exact(8)) {
            *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        let mut mixed = [0; 16];
        mixed[..8].copy_from_slice(&self.state);
        mixed[8..].copy_from_slice(&IV);
        mixed[12] ^= self.counted as u64;
        mixed[13] ^= (self.counted >> 64) as u64;
        if last {
            mixed[14] = !mixed[14];
        }
        for round in 0..ROUNDS {
            let order = &SIGMA[round % SIGMA.len()];
            for (places, pair) in MIXED.iter().zip(order.chunks_exact(2)) {
                mix(&mut mixed, places, words[pair[0]], words[pair[1]]);
            }
        }
        for (index, word) in self.state.iter_mut().enumerate() {
            *word ^= mixed[index] ^ mixed[index + 8];
        }
    }
}

/// The mixing function G (RFC 7693 §3.1).
fn mix(v: &mut [u64; 16], [a, b, c, d]: &[usize; 4], x: u64, y: u64) {
    let [a, b, c, d] = [*a, *b, *c, *d];
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(x);
    v[d] = (v[d] ^ v[a]).rotate_right(32);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(24);
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(y);
    v[d] = (v[d] ^ v[a]).rotate_right(16);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(63);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::hexadecimal;

    fn hash(bytes: &[u8]) -> String {
        let mut hash = Blake2b::new();
        hash.update(bytes);
        hexadecimal(hash.finish())
    }

    #[test]
    fn the_example_of_rfc_7693() {
        let expected = "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1\
                        7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923";
        assert_eq!(hash(b"abc"), expected);
    }

    #[test]
    fn lengths_about_a_block_are_those_of_another_library() {
        // By Python's `hashlib.blake2b`, of bytes that count from 0 to 250 and again.
        for (length, expected) in [
            (0, "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419"),
            (127, "b6292669ccd38d5f01caae96ba272c76a879a45743afa0725d83b9ebb26665b7"),
            (128, "2319e3789c47e2daa5fe807f61bec2a1a6537fa03f19ff32e87eecbfd64b7e0e"),
            (129, "f59711d44a031d5f97a9413c065d1e614c417ede998590325f49bad2fd444d3e"),
            (256, "93463ac058b6163eb43be3f5bb32b28541498f4e3366f1effe253ad44e1e076e"),
            (1000, "c11e1c0340bd7e5a1b275f1230c962fad215ecb1391486e74e31b960a2f29963"),
        ] {
            let bytes: Vec<u8> = (0..length).map(|index: u32| (index % 251) as u8).collect();
            assert_eq!(hash(&bytes)[..64], *expected, "{length} bytes");
        }
    }

    #[test]
    fn parts_are_the_whole() {
        let bytes: Vec<u8> = (0..700u32).map(|index| (index % 251) as u8).collect();
        for size in [1, 7, 64, 127, 128, 129, 300] {
            let mut hash_of_parts = Blake2b::new();
            bytes.chunks(size).for_each(|part| hash_of_parts.update(part));
            assert_eq!(hexadecimal(hash_of_parts.finish()), hash(&bytes), "parts of {size}");
        }
    }
}
