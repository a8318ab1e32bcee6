//! Arbitrary and damaged files: nothing panics, and damage makes nothing trusted.

use super::*;
use proptest::prelude::*;

/// Beginnings of files.
const HEADS: [&[u8]; 6] = [
    b"",
    b"\x30\x82\x01\x00\x30\x81",
    b"--E\nContent-Type: x\n\n",
    b"-----BEGIN X509 CRL-----\n",
    b"<TrustServiceStatusList",
    b"-----BEGIN PUBLIC KEY-----\n",
];

/// All fixtures, and the decoded PEM blocks in them.
fn seeds() -> Vec<Vec<u8>> {
    let mut names: Vec<_> =
        fs_err::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let mut seeds: Vec<_> = names.iter().map(|path| fs_err::read(path).unwrap()).collect();
    let objects: Vec<_> = seeds
        .iter()
        .flat_map(|file| super::super::pem::blocks(file))
        .filter_map(|block| block.decode())
        .collect();
    seeds.extend(objects);
    seeds
}

fn use_all(store: &TrustStore) {
    for label in ["P256", "revoked", "under a root", "bureau", "test"] {
        let _ = store.verify(&code(label), &WITH_TESTS);
    }
    let _ = (store.faults(), store.trust_lists().count(), store.skipped());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_are_added_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), head in 0..HEADS.len()) {
        let mut store = TrustStore::default();
        store.add("any", &[HEADS[head], &bytes].concat());
        use_all(&store);
        prop_assert!(!store.faults().is_empty() || !store.skipped().is_empty() || !store.is_empty());
    }

    #[test]
    fn damaged_files_are_added_without_panic(seed in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
        byte in any::<u8>(), cut in any::<bool>()) {
        let seeds = seeds();
        let mut bytes = seed.get(&seeds).clone();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let mut store = TrustStore::default();
        for name in ["zz01.pem", "zz01-p256.pem", "root.pem", "zz09.pem", "zz09-0001.pem"] {
            store.add(name, &fixture(name));
        }
        store.add("damaged", &bytes);
        use_all(&store);
    }
}

/// Changes one bit of each byte of a leaf. Its chain breaks, or the byte is not in the certificate.
#[test]
fn a_certificate_with_a_changed_byte_is_untrusted() {
    let leaf = objects("zz02.pem").remove(1);
    let authority = objects("zz02.pem").remove(0);
    for at in 0..leaf.len() {
        let mut changed = leaf.clone();
        changed[at] ^= 1;
        let mut store = TrustStore::default();
        store.add("authority", &authority);
        store.add("leaf", &changed);
        assert_ne!(store.verify(&code("ZZ02"), &STRICT).status, Status::Valid, "byte {at}");
    }
}
