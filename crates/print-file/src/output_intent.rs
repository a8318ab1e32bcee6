//! The output intent: the printing condition that a file's colours are meant for, with its ICC profile
//! (ISO 32000-1 §14.11.5).
//!
//! Takes a profile and writes the dictionary and the embedded profile. Refuses a profile that is not for a CMYK press.

use pdf_writer::types::OutputIntentSubtype;
use pdf_writer::{Chunk, Filter, Finish, Ref, TextStr};

use super::deflate::deflate_resource;

/// The profile of white uncoated paper, made from FOGRA29 (`profiles/README.md`).
const UNCOATED: &[u8] = include_bytes!("../../../profiles/uncoated-fogra29.icc");
/// The registry's name of the printing condition of the built-in profile.
const UNCOATED_CONDITION: &str = "FOGRA29";
/// The registry of printing conditions, as files name it.
const REGISTRY: &str = "http://www.color.org";
/// The highest major version of ICC profiles that PDF/X-4 allows.
const LATEST_VERSION: u8 = 4;

/// Why a profile can't be an output intent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileFault {
    /// The bytes are not a complete ICC profile.
    #[error("no ICC profile, or not a whole one")]
    NotIcc,
    /// PDF/X-4 does not allow the profile's version.
    #[error("an ICC profile of version {0}")]
    Version(u8),
    /// The profile is for another class of device. Holds the class.
    #[error("an ICC profile of class `{0}`")]
    Class(String),
    /// The profile is for another colour space than CMYK. Holds the space.
    #[error("an ICC profile for `{0}`")]
    Space(String),
    /// The profile lacks the table `A2B0`, from ink to colour.
    #[error("an ICC profile without the table `A2B0`")]
    Table,
}

impl ProfileFault {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            ProfileFault::NotIcc => "name the `.icc` file that the press gave you",
            ProfileFault::Version(_) => "ask for one of version 2 or 4",
            ProfileFault::Class(_) => "a press's is of class `prtr`",
            ProfileFault::Space(_) => "pages are drawn in CMYK and need a CMYK profile",
            ProfileFault::Table => "ask for a complete one",
        }
    }
}

/// A printing condition with its profile.
#[derive(Debug, Clone)]
pub struct OutputIntent {
    deflated: Vec<u8>,
    condition: String,
    registered: bool,
    description: String,
}

impl OutputIntent {
    /// White uncoated office paper, with a profile that is built in.
    pub fn uncoated() -> OutputIntent {
        OutputIntent {
            deflated: deflate_resource(UNCOATED),
            condition: UNCOATED_CONDITION.to_owned(),
            registered: true,
            description: description(UNCOATED).unwrap_or_default(),
        }
    }

    /// The press's own profile. `condition` is the identifier of its printing condition, if it has one.
    ///
    /// # Errors
    /// [`ProfileFault`] if the profile is not a complete profile of a CMYK press in version 4 or less.
    pub fn of_press(profile: &[u8], condition: Option<&str>) -> Result<OutputIntent, ProfileFault> {
        check(profile)?;
        let condition = condition.unwrap_or("Custom");
        let description = description(profile).unwrap_or_else(|| condition.to_owned());
        Ok(OutputIntent {
            deflated: deflate_resource(profile),
            condition: condition.to_owned(),
            registered: false,
            description,
        })
    }

    /// The profile as an object.
    pub(super) fn profile(&self, id: Ref) -> Chunk {
        let mut chunk = Chunk::new();
        let mut profile = chunk.icc_profile(id, &self.deflated);
        profile.n(4).filter(Filter::FlateDecode);
        profile.finish();
        chunk
    }

    /// Writes the catalog's `/OutputIntents`: PDF/X's and, in an archived file, PDF/A's with the same profile (ISO 19005-2
    /// §6.2.3).
    pub(super) fn write(&self, catalog: &mut pdf_writer::writers::Catalog, profile: Ref, archived: bool) {
        let mut list = catalog.output_intents();
        let subtypes = [OutputIntentSubtype::PDFX, OutputIntentSubtype::PDFA];
        for subtype in subtypes.into_iter().take(1 + usize::from(archived)) {
            let mut intent = list.push();
            intent.subtype(subtype).output_condition_identifier(TextStr(&self.condition));
            intent.output_condition(TextStr(&self.description)).info(TextStr(&self.description));
            if self.registered {
                intent.registry_name(TextStr(REGISTRY));
            }
            intent.dest_output_profile(profile);
        }
    }
}

/// Checks a profile's header (ICC.1:2010 §7.2) and that it has the table `A2B0`.
fn check(profile: &[u8]) -> Result<(), ProfileFault> {
    let four = |offset: usize| profile.get(offset..offset + 4).ok_or(ProfileFault::NotIcc);
    let text = |offset: usize| four(offset).map(|bytes| String::from_utf8_lossy(bytes).trim_end().to_owned());
    let whole = number(profile, 0).is_some_and(|size| size as usize == profile.len());
    if !whole || four(36)? != b"acsp" {
        return Err(ProfileFault::NotIcc);
    }
    let version = profile[8];
    match (four(12)?, four(16)?) {
        _ if version > LATEST_VERSION => Err(ProfileFault::Version(version)),
        (class, _) if class != b"prtr" => Err(ProfileFault::Class(text(12)?)),
        (_, space) if space != b"CMYK" => Err(ProfileFault::Space(text(16)?)),
        _ => tag(profile, b"A2B0").map(|_| ()).ok_or(ProfileFault::Table),
    }
}

/// The data of a tag (ICC.1:2010 §7.3).
fn tag<'p>(profile: &'p [u8], signature: &[u8; 4]) -> Option<&'p [u8]> {
    let count = number(profile, 128)?.min(1000) as usize;
    let entry = |index: usize| profile.get(132 + 12 * index..144 + 12 * index);
    let found = (0..count).filter_map(entry).find(|entry| entry.starts_with(signature))?;
    let (start, length) = (number(found, 4)? as usize, number(found, 8)? as usize);
    profile.get(start..start.checked_add(length)?)
}

/// The profile's description: ASCII before version 4, UTF-16 in its first language since.
fn description(profile: &[u8]) -> Option<String> {
    let tag = tag(profile, b"desc")?;
    let text = if tag.starts_with(b"mluc") {
        let (length, start) = (number(tag, 20)? as usize, number(tag, 24)? as usize);
        let bytes = tag.get(start..start.checked_add(length)?)?;
        let units: Vec<u16> =
            bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    } else {
        let length = number(tag, 8)? as usize;
        String::from_utf8_lossy(tag.get(12..length.checked_add(12)?)?).into_owned()
    };
    let text = text.trim_end_matches('\0').trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn number(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..offset + 4)?.try_into().ok().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn altered(at: usize, bytes: &[u8]) -> Vec<u8> {
        let mut profile = UNCOATED.to_vec();
        profile[at..at + bytes.len()].copy_from_slice(bytes);
        profile
    }

    #[test]
    fn the_built_in_profile_is_sound_and_says_what_it_is() {
        assert_eq!(check(UNCOATED), Ok(()));
        assert_eq!(OutputIntent::uncoated().description, "White uncoated paper, made from FOGRA29");
    }

    #[test]
    fn a_profile_that_is_not_a_presss_is_refused() {
        let refused = |profile: &[u8]| OutputIntent::of_press(profile, None).err();
        assert_eq!(refused(b"%PDF-1.6"), Some(ProfileFault::NotIcc));
        assert_eq!(refused(&UNCOATED[..20_000]), Some(ProfileFault::NotIcc));
        assert_eq!(refused(&altered(36, b"ascp")), Some(ProfileFault::NotIcc));
        assert_eq!(refused(&altered(8, &[5])), Some(ProfileFault::Version(5)));
        assert_eq!(refused(&altered(12, b"mntr")), Some(ProfileFault::Class("mntr".to_owned())));
        assert_eq!(refused(&altered(16, b"RGB ")), Some(ProfileFault::Space("RGB".to_owned())));
        let at = UNCOATED.windows(4).position(|four| four == b"A2B0").expect("a table");
        assert_eq!(refused(&altered(at, b"A2B9")), Some(ProfileFault::Table));
    }

    #[test]
    fn a_profile_without_a_condition_is_called_custom() {
        let intent = OutputIntent::of_press(UNCOATED, None).expect("an output intent");
        assert_eq!((intent.condition.as_str(), intent.registered), ("Custom", false));
        let named = OutputIntent::of_press(UNCOATED, Some("FOGRA52")).expect("an output intent");
        assert_eq!(named.condition, "FOGRA52");
    }
}
