//! The page's own files, built into the program. A request names one of them or nothing: no name is a path.

use hyper::body::Bytes;

/// A file of the page.
pub(super) struct Asset {
    /// The address.
    path: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    bytes: &'static [u8],
}

impl Asset {
    /// The content.
    pub(super) fn bytes(&self) -> Bytes {
        Bytes::from_static(self.bytes)
    }
}

macro_rules! assets {
    ($($path:literal: $file:literal,)*) => {
        /// Every file of the page.
        static ASSETS: &[Asset] = &[$(Asset {
            path: $path,
            media_type: media_type($file),
            bytes: include_bytes!(concat!("page/", $file)),
        },)*];
    };
}

assets! {
    "/": "index.html",
    "/app/api.js": "api.js",
    "/app/app.js": "app.js",
    "/app/changed.js": "changed.js",
    "/app/choices.js": "choices.js",
    "/app/difference.js": "difference.js",
    "/app/dom.js": "dom.js",
    "/app/envelope.js": "envelope.js",
    "/app/facsimile.js": "facsimile.js",
    "/app/faults.js": "faults.js",
    "/app/fields.js": "fields.js",
    "/app/gallery.js": "gallery.js",
    "/app/geometry.js": "geometry.js",
    "/app/gestures.js": "gestures.js",
    "/app/icon.svg": "icon.svg",
    "/app/inspector.js": "inspector.js",
    "/app/keys.js": "keys.js",
    "/app/layers.js": "layers.js",
    "/app/light.js": "light.js",
    "/app/overlays.js": "overlays.js",
    "/app/picture.js": "picture.js",
    "/app/said.js": "said.js",
    "/app/scanner.js": "scanner.js",
    "/app/state.js": "state.js",
    "/app/style.css": "style.css",
    "/app/tiles.js": "tiles.js",
    "/app/viewer.js": "viewer.js",
    "/app/words-en.js": "words-en.js",
    "/app/words-fr.js": "words-fr.js",
    "/app/words.js": "words.js",
}

/// The file at an address.
pub(super) fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

const fn media_type(file: &str) -> &'static str {
    match file.as_bytes() {
        [.., b'j', b's'] => "text/javascript; charset=utf-8",
        [.., b'c', b's', b's'] => "text/css; charset=utf-8",
        [.., b's', b'v', b'g'] => "image/svg+xml",
        _ => "text/html; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_served_and_nothing_else() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/studio/preview/page");
        for entry in fs_err::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            // Types for the editor alone.
            if name.ends_with(".d.ts") {
                continue;
            }
            let path = if name == "index.html" { "/".to_owned() } else { format!("/app/{name}") };
            let asset = find(&path).unwrap_or_else(|| panic!("{name} is not in the list"));
            assert!(asset.bytes == fs_err::read(entry.path()).unwrap(), "{name}");
        }
        for path in ["/app/../mod.rs", "/app/%2e%2e/mod.rs", "/app//etc/passwd", "/app/", "", "/index.html"] {
            assert!(find(path).is_none(), "{path}");
        }
    }
}
