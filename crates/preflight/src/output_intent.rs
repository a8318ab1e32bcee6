//! The output intent: one for PDF/X and, in an archived file, one for PDF/A with the same profile.

use hayro_syntax::object::{Array, Dict, ObjRef, Stream, String as PdfString};

use super::{Clause, Faults, Standard, is_name};

/// Checks the catalog's output intents.
pub(super) fn check(catalog: &Dict, standard: Standard, faults: &mut Faults) {
    let intents: Vec<Dict> =
        catalog.get::<Array>("OutputIntents").map(|list| list.iter().collect()).unwrap_or_default();
    let with_subtype =
        |subtype: &str| intents.iter().filter(|intent| is_name(intent, "S", subtype)).collect::<Vec<_>>();
    let press = with_subtype("GTS_PDFX");
    let [intent] = press.as_slice() else {
        faults.add(Clause::X4OutputIntent, format!("{} output intents for PDF/X", press.len()));
        return;
    };
    for key in ["OutputConditionIdentifier", "Info"] {
        let set = intent.get::<PdfString>(key).is_some_and(|text| !text.is_empty());
        faults.expect(set, Clause::X4OutputIntent, || format!("the output intent has no `{key}`"));
    }
    check_profile(intent, faults);
    if standard.archived() {
        let archive: Vec<Option<ObjRef>> =
            with_subtype("GTS_PDFA1").iter().map(|intent| profile_of(intent)).collect();
        let same = archive.len() == 1 && archive[0].is_some() && archive[0] == profile_of(intent);
        let message = || "no output intent for PDF/A, or one with another profile".to_owned();
        faults.expect(same, Clause::A2bOutputIntent, message);
    }
}

fn profile_of(intent: &Dict) -> Option<ObjRef> {
    intent.get_ref("DestOutputProfile")
}

/// Checks the profile's header (ICC.1:2010 §7.2): size, signature, class, colour space and version.
fn check_profile(intent: &Dict, faults: &mut Faults) {
    let clause = Clause::X4OutputIntent;
    let Some(stream) = intent.get::<Stream>("DestOutputProfile") else {
        faults.add(clause, "the output intent has no embedded profile");
        return;
    };
    let components = stream.dict().get::<u32>("N");
    faults.expect(components == Some(4), clause, || "the profile's `N` is not 4".to_owned());
    let profile = stream.decoded().unwrap_or_default();
    let field = |offset: usize| profile.get(offset..offset + 4);
    let size = field(0).and_then(|size| size.try_into().ok()).map(u32::from_be_bytes);
    let whole = size.is_some_and(|size| size as usize == profile.len()) && field(36) == Some(b"acsp");
    faults.expect(whole, clause, || "the profile is not an ICC profile, or is incomplete".to_owned());
    let for_press = field(12) == Some(b"prtr") && field(16) == Some(b"CMYK");
    faults.expect(for_press, clause, || "the profile is not for a CMYK press".to_owned());
    let known = profile.get(8).is_some_and(|version| (2..=4).contains(version));
    faults.expect(known, clause, || "the profile's version is not 2 or 4".to_owned());
}
