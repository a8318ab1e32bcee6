//! The decoder of streams, against that of flate2.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::super::inflate::Inflate;
use super::super::plain::Plain;

fn deflated(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// Bytes of many kinds: noise, runs, and text that repeats.
fn samples() -> Vec<Vec<u8>> {
    let mut state = 1u64;
    let mut noise = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    let mut samples = vec![Vec::new(), vec![0], vec![7; 100_000]];
    for length in [1, 2, 3, 258, 259, 5000, 70_000, 200_000] {
        samples.push((0..length).map(|_| noise() as u8).collect());
        samples.push((0..length).map(|_| b"0123456789 Td Tj()"[noise() as usize % 18]).collect());
        // Few bytes often, many seldom: codes of all lengths.
        samples.push((0..length).map(|_| (noise().trailing_zeros() * 9 + noise() % 3) as u8).collect());
    }
    samples
}

#[test]
fn what_another_deflated_comes_back() {
    let mut inflate = Inflate::default();
    for sample in samples() {
        for level in [0, 1, 6, 9] {
            let bytes = [deflated(&sample, level), b"more".to_vec()].concat();
            let mut plain = Plain::default();
            let taken = inflate.inflate(&bytes, &mut plain, sample.len());
            assert_eq!(taken, Ok(bytes.len() - 4), "{} bytes, level {level}", sample.len());
            assert!(plain.bytes() == sample, "{} bytes, level {level}", sample.len());
            if !sample.is_empty() {
                plain.wipe();
                assert!(inflate.inflate(&bytes, &mut plain, sample.len() - 1).is_err(), "a limit holds");
            }
        }
    }
}

#[test]
fn damaged_streams_are_refused_as_flate2_refuses_them() {
    let mut inflate = Inflate::default();
    let sound = deflated(&samples()[10], 9);
    for at in 0..sound.len().min(3000) {
        for bit in [0, 3, 7] {
            let mut bytes = sound.clone();
            bytes[at] ^= 1 << bit;
            let mut plain = Plain::default();
            let ours = inflate.inflate(&bytes, &mut plain, 1 << 20);
            let mut theirs = vec![0; 1 << 18];
            let mut other = flate2::Decompress::new(true);
            let status = other.decompress(&bytes, &mut theirs, flate2::FlushDecompress::Finish);
            assert_eq!(ours.is_ok(), matches!(status, Ok(flate2::Status::StreamEnd)), "byte {at}, bit {bit}");
        }
        assert!(inflate.inflate(&sound[..at], &mut Plain::default(), 1 << 20).is_err(), "cut at {at}");
    }
}
