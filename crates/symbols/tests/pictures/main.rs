//! Files that other programs wrote (`files/make.py`), the same with tags that are missing or wrong, and hostile ones.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod tags;

use symbols::{Picture, PictureError};

use tags::{Tag, changed, file, without};

const WIDTH: usize = 70;
const HEIGHT: usize = 45;

/// TIFF's numbers of tags.
const PHOTOMETRIC: u16 = 262;
const STRIP_OFFSETS: u16 = 273;
const ORIENTATION: u16 = 274;
const ROWS_PER_STRIP: u16 = 278;
const STRIP_BYTES: u16 = 279;
const TILE_OFFSETS: u16 = 324;

fn bytes(name: &str) -> Vec<u8> {
    fs_err::read(format!("{}/tests/pictures/files/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn luma(file: &[u8]) -> Vec<u8> {
    let picture = Picture::decode(file).unwrap();
    assert_eq!((picture.width() as usize, picture.height() as usize), (WIDTH, HEIGHT));
    picture.to_luma()
}

fn drawn(pixel: impl Fn(usize, usize) -> u8) -> Vec<u8> {
    (0..WIDTH * HEIGHT).map(|index| pixel(index % WIDTH, index / WIDTH)).collect()
}

/// What `make.py` draws.
fn black_and_white(x: usize, y: usize) -> u8 {
    if (x / 5 + y / 4).is_multiple_of(3) || (x * y).is_multiple_of(17) { 0 } else { 255 }
}

fn grey(x: usize, y: usize) -> u8 {
    (3 * x + y) as u8
}

fn colour(x: usize, y: usize) -> u8 {
    ((299 * 3 * x + 587 * 5 * y + 114 * (255 - 2 * x)) / 1000) as u8
}

fn assert_near(name: &str, read: &[u8], drawn: &[u8], most: u8) {
    let off = read.iter().zip(drawn).map(|(read, drawn)| read.abs_diff(*drawn)).max();
    assert!(read.len() == drawn.len() && off <= Some(most), "{name}: {off:?}");
}

#[test]
fn every_compression_is_read() {
    for name in [
        "runs",
        "group3",
        "group3-2d",
        "group3-2d-aligned",
        "group4",
        "group4-strips",
        "packbits",
        "big",
        "pages",
    ] {
        assert!(luma(&bytes(&format!("{name}.tif"))) == drawn(black_and_white), "{name}");
    }
    assert_eq!(luma(&bytes("lzw.tif")), drawn(grey));
    assert_near("deflate", &luma(&bytes("deflate.tif")), &drawn(colour), 1);
    assert_near("jpeg-grey", &luma(&bytes("jpeg-grey.tif")), &drawn(grey), 16);
    assert_near("jpeg", &luma(&bytes("jpeg.tif")), &drawn(colour), 24);
    assert_near("jpeg-ycbcr", &luma(&bytes("jpeg-ycbcr.tif")), &drawn(colour), 24);
    assert_near("progressive", &luma(&bytes("progressive.jpg")), &drawn(grey), 16);
}

#[test]
fn every_page_is_read() {
    let file = bytes("pages.tif");
    assert_eq!(Picture::pages(&file), 3);
    let page = |page| Picture::decode_page(&file, page).map(|picture| picture.to_luma());
    assert_eq!(page(1).unwrap(), drawn(|x, y| black_and_white(WIDTH - 1 - x, HEIGHT - 1 - y)));
    assert_eq!(page(2).unwrap(), drawn(black_and_white));
    assert!(matches!(page(3), Err(PictureError::Unreadable(_))));
    // A page with tag 254 (type LONG, once) of 1 is a thumbnail of another.
    let thumbnail = tags::replaced(&file, PHOTOMETRIC, &[254, 0, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
    assert_eq!(Picture::pages(&thumbnail), 2);
}

#[test]
fn missing_and_wrong_byte_counts_do_no_harm() {
    for name in ["runs", "group3", "group3-2d-aligned", "group4", "group4-strips", "packbits", "lzw"] {
        let file = bytes(&format!("{name}.tif"));
        let whole = luma(&file);
        assert!(luma(&without(&file, STRIP_BYTES)) == whole, "{name} without byte counts");
        for (count, change) in [
            ("none", (|_| 0) as fn(u32) -> u32),
            ("half", |count| count / 2),
            ("tenfold", |count| 10 * count),
            ("most", |_| u32::MAX),
        ] {
            assert!(luma(&changed(&file, STRIP_BYTES, change)) == whole, "{name}: {count}");
        }
    }
    for name in ["group3", "group4", "deflate"] {
        let file = bytes(&format!("{name}.tif"));
        assert!(luma(&without(&file, ROWS_PER_STRIP)) == luma(&file), "{name} without rows per strip");
        assert!(
            luma(&changed(&file, ROWS_PER_STRIP, |_| 60_000)) == luma(&file),
            "{name} with too many rows"
        );
    }
}

#[test]
fn the_rows_before_a_bad_code_are_kept() {
    let file = bytes("group4.tif");
    let strip = tags::strip(&file);
    for at in strip.clone().step_by(3) {
        let mut damaged = file.clone();
        damaged[at] ^= 0x10;
        let read = Picture::decode(&damaged).map(|picture| picture.to_luma()).unwrap_or_default();
        let same = read.iter().zip(drawn(black_and_white)).take_while(|(one, other)| *one == other).count();
        let expected = (at - strip.start) * HEIGHT / strip.len() / 2;
        assert!(same / WIDTH >= expected.saturating_sub(3), "byte {at}: {} rows", same / WIDTH);
    }
}

#[test]
fn group_3_goes_on_after_a_bad_code() {
    for (name, lost) in [("group3", 6), ("group3-2d", 8)] {
        let file = bytes(&format!("{name}.tif"));
        for at in tags::strip(&file).step_by(5) {
            let mut damaged = file.clone();
            damaged[at] ^= 0x24;
            let (read, drawn) = (luma(&damaged), drawn(black_and_white));
            // A row more or less moves the following ones.
            let kept = |row: &usize| {
                let drawn = &drawn[row * WIDTH..][..WIDTH];
                let mut near = row.saturating_sub(1)..(row + 2).min(HEIGHT);
                near.any(|near| &read[near * WIDTH..][..WIDTH] == drawn)
            };
            let rows = HEIGHT - (0..HEIGHT).filter(kept).count();
            assert!(rows <= lost, "{name}, byte {at}: {rows} rows");
        }
    }
}

/// The pixel of a file that a turned picture shows at a place.
type Turn = fn(usize, usize) -> (usize, usize);

#[test]
fn a_page_is_turned_as_it_says() {
    let file = bytes("group4.tif");
    let (right, bottom) = (WIDTH - 1, HEIGHT - 1);
    let straight: [(u32, Turn); 4] = [
        (1, |x, y| (x, y)),
        (2, |x, y| (WIDTH - 1 - x, y)),
        (3, |x, y| (WIDTH - 1 - x, HEIGHT - 1 - y)),
        (4, |x, y| (x, HEIGHT - 1 - y)),
    ];
    for (orientation, from) in straight {
        let turned = changed(&file, ORIENTATION, |_| orientation);
        let expected = drawn(|x, y| black_and_white(from(x, y).0, from(x, y).1));
        assert!(luma(&turned) == expected, "{orientation}");
    }
    // 5: the file's rows are columns, from the left; 6: from the right; 8: from the left, upwards.
    for (orientation, from) in [
        (5, &(|x: usize, y: usize| (y, x)) as &dyn Fn(usize, usize) -> (usize, usize)),
        (6, &|x, y| (y, bottom - x)),
        (8, &|x, y| (right - y, x)),
    ] {
        let picture = Picture::decode(&changed(&file, ORIENTATION, |_| orientation)).unwrap();
        assert_eq!((picture.width() as usize, picture.height() as usize), (HEIGHT, WIDTH));
        let expected: Vec<u8> = (0..WIDTH * HEIGHT)
            .map(|index| from(index % HEIGHT, index / HEIGHT))
            .map(|(x, y)| black_and_white(x, y))
            .collect();
        assert!(picture.to_luma() == expected, "{orientation}");
    }
    let photo = Picture::decode(&bytes("turned.jpg")).unwrap();
    assert_eq!((photo.width() as usize, photo.height() as usize), (HEIGHT, WIDTH));
    assert_eq!(Picture::decode_stored_jpeg(&bytes("turned.jpg")).unwrap().width() as usize, WIDTH);
}

#[test]
fn a_fax_of_half_the_rows_gets_them_twice() {
    // Pages of 70 × 45 pixels at 204 × 98 per inch, and at resolutions that say nothing.
    for (x, y, height) in [(204, 98, 2 * HEIGHT), (200, 100, 2 * HEIGHT), (300, 300, HEIGHT), (72, 1, HEIGHT)]
    {
        let mut fax = bytes("group4.tif");
        let at = fax.len() as u32;
        for number in [x, 1, y, 1u32] {
            fax.extend(number.to_le_bytes());
        }
        // Two tags that are not needed become the resolutions, which are fractions.
        for (tag, becomes, value) in [(258, 282u16, at), (284, 283, at + 8)] {
            let mut entry = becomes.to_le_bytes().to_vec();
            entry.extend([5, 0, 1, 0, 0, 0]);
            entry.extend(value.to_le_bytes());
            fax = tags::replaced(&fax, tag, &entry);
        }
        let picture = Picture::decode(&fax).unwrap();
        assert_eq!(picture.height() as usize, height, "{x} × {y}");
        assert_eq!(picture.to_luma()[..WIDTH], drawn(black_and_white)[..WIDTH]);
    }
}

/// Tags of a page that is not compressed.
fn page(width: u32, height: u32, bits: u32, samples: u32, photometric: u32) -> Vec<Tag> {
    vec![
        Tag(256, vec![width]),
        Tag(257, vec![height]),
        Tag(258, vec![bits]),
        Tag(259, vec![1]),
        Tag(PHOTOMETRIC, vec![photometric]),
        Tag(277, vec![samples]),
    ]
}

#[test]
fn tiles_planes_palettes_and_other_depths_are_read() {
    // Four tiles of 16 × 16 pixels make 20 × 18.
    let tile = |left: usize, top: usize| -> Vec<u8> {
        (0..256).map(|index| (10 * (left + index % 16) + (top + index / 16)) as u8).collect()
    };
    let mut tags = page(20, 18, 8, 1, 1);
    tags.extend([Tag(322, vec![16]), Tag(323, vec![16])]);
    let tiles = [tile(0, 0), tile(16, 0), tile(0, 16), tile(16, 16)];
    let read = Picture::decode(&file(&tags, TILE_OFFSETS, &tiles)).unwrap();
    let expected: Vec<u8> = (0..360).map(|index| (10 * (index % 20) + index / 20) as u8).collect();
    assert_eq!(read.to_luma(), expected);
    // Red, green and blue in strips of their own.
    let mut tags = page(2, 1, 8, 3, 2);
    tags.push(Tag(284, vec![2]));
    let planes = file(&tags, STRIP_OFFSETS, &[vec![255, 0], vec![255, 0], vec![255, 100]]);
    assert_eq!(Picture::decode(&planes).unwrap().to_luma(), [255, 11]);
    // Four bits, of which 0 is white; sixteen bits, and a palette of 2 bits.
    let inverted = file(&page(3, 1, 4, 1, 0), STRIP_OFFSETS, &[vec![0x0F, 0x30]]);
    assert_eq!(Picture::decode(&inverted).unwrap().to_luma(), [255, 0, 204]);
    let deep = file(&page(2, 1, 16, 1, 1), STRIP_OFFSETS, &[vec![9, 0, 7, 200]]);
    assert_eq!(Picture::decode(&deep).unwrap().to_luma(), [0, 200]);
    let mut tags = page(4, 1, 2, 1, 3);
    let ramp = [0, 25_700, 51_400, 65_535];
    tags.push(Tag(320, [ramp, ramp, ramp].concat()));
    let palette = file(&tags, STRIP_OFFSETS, &[vec![0b00_01_10_11]]);
    assert_eq!(Picture::decode(&palette).unwrap().to_luma(), [0, 100, 200, 255]);
    // Inks, and a transparent pixel.
    let inks = file(&page(2, 1, 8, 4, 5), STRIP_OFFSETS, &[vec![0, 0, 0, 255, 0, 0, 0, 55]]);
    assert_eq!(Picture::decode(&inks).unwrap().to_luma(), [0, 200]);
    let mut tags = page(2, 1, 8, 4, 2);
    tags.push(Tag(338, vec![2]));
    let clear = file(&tags, STRIP_OFFSETS, &[vec![9, 9, 9, 0, 9, 9, 9, 255]]);
    assert_eq!(Picture::decode(&clear).unwrap().to_luma(), [255, 9]);
}

#[test]
fn what_is_not_read_is_refused_in_words() {
    let refused = |change: &dyn Fn(&mut Vec<Tag>)| {
        let mut tags = page(4, 4, 8, 1, 1);
        change(&mut tags);
        Picture::decode(&file(&tags, STRIP_OFFSETS, &[vec![0; 16]])).unwrap_err().to_string()
    };
    let set = |number: u16, value: u32| {
        move |tags: &mut Vec<Tag>| {
            tags.retain(|tag| tag.0 != number);
            tags.push(Tag(number, vec![value]));
        }
    };
    assert!(refused(&set(259, 6)).contains("old-style JPEG"));
    assert!(refused(&set(259, 34_712)).contains("compression 34712"));
    assert!(refused(&set(258, 12)).contains("12 bits"));
    assert!(refused(&set(339, 3)).contains("whole numbers"));
    assert!(refused(&set(257, 0)).contains("without a size"));
    let large = |tags: &mut Vec<Tag>| {
        set(256, 60_000)(tags);
        set(257, 60_000)(tags);
    };
    assert!(refused(&large).contains("100 million"));
    assert!(
        refused(&|tags| {
            tags.retain(|tag| tag.0 != STRIP_OFFSETS);
            tags.extend([Tag(TILE_OFFSETS, vec![8]), Tag(322, vec![1 << 31]), Tag(323, vec![1 << 31])]);
        })
        .contains("tiles")
    );
}

#[test]
fn a_jpeg_of_very_many_scans_is_refused() {
    let file = bytes("progressive.jpg");
    let scan = file.windows(2).rposition(|marker| marker == [0xFF, 0xDA]).unwrap();
    let (scan, end) = (&file[scan..file.len() - 2], &file[file.len() - 2..]);
    let with = |more: usize| [&file[..file.len() - 2], &scan.repeat(more), end].concat();
    assert!(Picture::decode(&with(10)).is_ok());
    assert!(matches!(Picture::decode(&with(64)), Err(PictureError::TooLaborious(_))));
}

#[test]
fn no_file_that_is_cut_off_or_changed_panics() {
    for name in ["runs", "group3-2d-aligned", "group4-strips", "lzw", "jpeg", "packbits", "pages"] {
        let file = bytes(&format!("{name}.tif"));
        for length in (0..file.len()).step_by(5) {
            let _ = Picture::decode(&file[..length]);
        }
        for at in (0..file.len()).step_by(3) {
            let mut damaged = file.clone();
            damaged[at] ^= 0xFF;
            (0..Picture::pages(&damaged).min(4)).for_each(|page| drop(Picture::decode_page(&damaged, page)));
        }
    }
}
