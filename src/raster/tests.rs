//! PDFs as scanners write them, made here.

use super::*;

/// The page's width and height, in points.
const PAGE: (u32, u32) = (200, 300);

fn stream(entries: &str, bytes: &[u8]) -> Vec<u8> {
    [format!("<<{entries}/Length {}>>\nstream\n", bytes.len()).as_bytes(), bytes, b"\nendstream"].concat()
}

/// An image of one byte a pixel, unless the entries say else.
fn image(width: usize, height: usize, entries: &str, bytes: &[u8]) -> Vec<u8> {
    let kind = if entries.contains("/ImageMask") { "" } else { "/ColorSpace/DeviceGray" };
    let depth = if entries.contains("/BitsPerComponent") { "" } else { "/BitsPerComponent 8" };
    let size = format!("/Type/XObject/Subtype/Image/Width {width}/Height {height}");
    stream(&format!("{size}{kind}{depth}{entries}"), bytes)
}

/// What a page is made of that shows `content`, with the objects from number 5 on as resources `/X5`, `/X6` …
fn content_of(content: &str, objects: &[Vec<u8>]) -> Content {
    OpenPdf::from_bytes("", file_of(content, objects)).unwrap().renderer().content(1).unwrap()
}

/// A PDF of that page.
fn file_of(content: &str, objects: &[Vec<u8>]) -> Vec<u8> {
    let names: String = (5..5 + objects.len()).map(|number| format!("/X{number} {number} 0 R")).collect();
    let (width, height) = PAGE;
    let page = format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]/Contents 4 0 R\
         /Resources<</XObject<<{names}>>/ExtGState<<{names}>>>>>>"
    );
    let mut all = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        page.into_bytes(),
        stream("", content.as_bytes()),
    ];
    all.extend_from_slice(objects);
    let mut file = b"%PDF-1.6\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", all.len() + 1);
    for (number, object) in (1..).zip(&all) {
        table += &format!("{:010} 00000 n \n", file.len());
        file.extend([format!("{number} 0 obj\n").as_bytes(), object, b"\nendobj\n"].concat());
    }
    let start = file.len();
    let trailer = format!("trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", all.len() + 1);
    file.extend([table.into_bytes(), trailer.into_bytes()].concat());
    file
}

#[test]
fn what_stands_before_the_header_of_a_pdf_is_taken_away() {
    let pdf = file_of("0 0 9 9 re f", &[]);
    for before in ["", "\r\n", "HTTP/1.1 200 OK\r\n\r\n"] {
        let mut bytes = [before.as_bytes(), &pdf].concat();
        assert!(is_pdf(&mut bytes), "{before:?}");
        assert_eq!(bytes, pdf);
        assert_eq!(OpenPdf::from_bytes("", bytes).unwrap().pages(), 1);
    }
    for before in [&b"\x89PNG\r\n\x1a\n"[..], &[b' '; 2000]] {
        let other = [before, &pdf].concat();
        let mut bytes = other.clone();
        assert!(!is_pdf(&mut bytes));
        assert_eq!(bytes, other);
    }
}

/// A picture, the page's point of its pixel in the corner, and the level at a part of its width and height.
type Seen = (u32, u32, (f64, f64), Box<dyn Fn(f64, f64) -> u8>);

fn seen(content: Content) -> Vec<Seen> {
    let rounded = |(x, y): (f64, f64)| ((1000.0 * x).round() / 1000.0, (1000.0 * y).round() / 1000.0);
    let pictures = content.pictures.into_iter().map(|placed| {
        let (picture, on_page) = placed.into_parts();
        let (width, height, luma) = (picture.width(), picture.height(), picture.to_luma());
        let at = move |x: f64, y: f64| {
            let (column, row) = ((x * f64::from(width)) as usize, (y * f64::from(height)) as usize);
            luma[row * width as usize + column]
        };
        (width, height, rounded(on_page((0.0, 0.0))), Box::new(at) as Box<dyn Fn(f64, f64) -> u8>)
    });
    pictures.collect()
}

const WHOLE: &str = "200 0 0 300 0 0 cm";

#[test]
fn the_text_mask_over_a_ground_is_a_picture_of_its_own() {
    // The left half of each row is text, as a stencil: bits of 0 are painted.
    let mask: Vec<u8> = (0..600 * 50).map(|byte| if byte % 50 < 25 { 0 } else { 255 }).collect();
    let content = content_of(
        &format!("q {WHOLE} /X5 Do Q q 0.1 g {WHOLE} /X6 Do Q"),
        &[image(40, 60, "", &[200; 2400]), image(400, 600, "/ImageMask true/BitsPerComponent 1", &mask)],
    );
    // Both layers together are more than each.
    assert!(!content.is_scan);
    let pictures = seen(content);
    assert_eq!(pictures.iter().map(|seen| (seen.0, seen.1)).collect::<Vec<_>>(), [(432, 632), (72, 92)]);
    let at = &pictures[0].3;
    assert_eq!([at(0.01, 0.5), at(0.25, 0.5), at(0.75, 0.5), at(0.99, 0.5)], [255, 0, 255, 255]);
    assert_eq!(pictures[0].2, (-8.0, -8.0));
}

#[test]
fn a_finer_soft_mask_of_an_image_is_the_picture() {
    let mask: Vec<u8> = (0..400 * 600).map(|pixel| if pixel % 400 < 200 { 255 } else { 0 }).collect();
    let objects = [image(40, 60, "/SMask 6 0 R", &[90; 2400]), image(400, 600, "", &mask)];
    let pictures = seen(content_of(&format!("{WHOLE} /X5 Do"), &objects));
    assert_eq!(pictures.iter().map(|seen| (seen.0, seen.1)).collect::<Vec<_>>(), [(432, 632)]);
    assert_eq!([(pictures[0].3)(0.25, 0.5), (pictures[0].3)(0.75, 0.5)], [0, 255]);
    assert_eq!(pictures[0].2, (-8.0, -8.0));
    // A coarser one shades it.
    let coarse = [image(40, 60, "/SMask 6 0 R", &[90; 2400]), image(2, 1, "", &[255, 0])];
    let pictures = seen(content_of(&format!("{WHOLE} /X5 Do"), &coarse));
    assert_eq!((pictures[0].0, [0.4, 0.6].map(|x| (pictures[0].3)(x, 0.5))), (72, [90, 255]));
    // A soft mask of the page's state.
    let group = stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 200 300]/Group<</S/Transparency/CS/DeviceGray>>\
         /Resources<</XObject<</M 7 0 R>>>>",
        format!("{WHOLE} /M Do").as_bytes(),
    );
    let state = b"<</Type/ExtGState/SMask<</Type/Mask/S/Luminosity/G 6 0 R>>>>".to_vec();
    let objects = [state, group, image(400, 600, "", &mask)];
    let content = content_of("/X5 gs 0 0 200 300 re f 0 0 10 10 re f", &objects);
    let pictures = seen(content);
    assert_eq!(pictures.iter().map(|seen| (seen.0, seen.1)).collect::<Vec<_>>(), [(432, 632)]);
    assert_eq!([(pictures[0].3)(0.25, 0.5), (pictures[0].3)(0.75, 0.5)], [0, 255]);
}

#[test]
fn a_page_that_was_cut_into_strips_is_one_picture() {
    let strips: Vec<Vec<u8>> = (0..10).map(|level| image(200, 30, "", &vec![20 * level; 6000])).collect();
    let place = |strip: usize, gap: usize| {
        format!("q 200 0 0 30 0 {} cm /X{} Do Q ", 270 - strip * (30 + gap), 5 + strip)
    };
    let shown = |gap: usize| (0..10).map(|strip| place(strip, gap)).collect::<String>();
    let content = content_of(&shown(0), &strips);
    assert!(content.is_scan);
    let pictures = seen(content);
    assert_eq!((pictures.len(), pictures[0].0, pictures[0].1), (1, 232, 332));
    assert_eq!(
        [0, 4, 9].map(|strip| (pictures[0].3)(0.5, (31.0 + 30.0 * f64::from(strip)) / 332.0)),
        [0, 80, 180]
    );
    // Apart they are ten, too small to be taken.
    assert!(seen(content_of(&shown(3), &strips)).is_empty());
    // What is drawn over them shows only on the page.
    assert!(!content_of(&format!("{} 10 10 50 1 re f", shown(0)), &strips).is_scan);
    assert!(content_of(&format!("1 g 0 0 200 300 re f {}", shown(0)), &strips).is_scan);
}

#[test]
fn pictures_are_taken_as_they_show() {
    let levels: Vec<u8> = (0..50 * 60).map(|pixel| if pixel % 50 < 25 { 10 } else { 240 }).collect();
    let sides = |pictures: Vec<Seen>| {
        assert_eq!((pictures.len(), pictures[0].0, pictures[0].1), (1, 82, 92));
        [(pictures[0].3)(0.3, 0.5), (pictures[0].3)(0.7, 0.5)]
    };
    let plain = image(50, 60, "", &levels);
    assert_eq!(sides(seen(content_of(&format!("{WHOLE} /X5 Do"), std::slice::from_ref(&plain)))), [10, 240]);
    let inverted = image(50, 60, "/Decode[1 0]", &levels);
    assert_eq!(sides(seen(content_of(&format!("{WHOLE} /X5 Do"), &[inverted]))), [245, 15]);
    // In a form in a form.
    let form = |number: usize| {
        let resources = format!("/Resources<</XObject<</I {number} 0 R>>>>");
        stream(&format!("/Type/XObject/Subtype/Form/BBox[0 0 1 1]{resources}"), b"/I Do")
    };
    let nested = [form(6), form(7), plain];
    assert_eq!(sides(seen(content_of(&format!("{WHOLE} /X5 Do"), &nested))), [10, 240]);
}

#[test]
fn fax_data_and_jpeg_files_are_taken() {
    let tiff = include_bytes!("../../crates/symbols/tests/pictures/files/group4.tif");
    let fax = image(
        70,
        45,
        "/BitsPerComponent 1/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 70/Rows 45/BlackIs1 true>>",
        &tiff[8..8 + 194],
    );
    let pictures = seen(content_of(&format!("{WHOLE} /X5 Do"), &[fax]));
    let (width, height) = (f64::from(pictures[0].0), f64::from(pictures[0].1));
    assert_eq!((pictures[0].0, pictures[0].1), (102, 77));
    let read: Vec<u8> =
        (0..70).map(|x| (pictures[0].3)((16.5 + f64::from(x)) / width, 18.5 / height)).collect();
    let drawn: Vec<u8> = (0..70)
        .map(|x: usize| if (x / 5).is_multiple_of(3) || (2 * x).is_multiple_of(17) { 0 } else { 255 })
        .collect();
    assert_eq!(read, drawn);
    // A JPEG file that asks to be turned is placed as the page says.
    let jpeg = include_bytes!("../../crates/symbols/tests/pictures/files/turned.jpg");
    let size = "/Type/XObject/Subtype/Image/Width 70/Height 45/BitsPerComponent 8/Filter/DCTDecode";
    let rgb = stream(&format!("{size}/ColorSpace/DeviceRGB"), jpeg);
    let content = content_of(&format!("{WHOLE} /X5 Do"), &[rgb]);
    assert!(content.is_scan);
    let pictures = seen(content);
    assert_eq!((pictures[0].0, pictures[0].1, pictures[0].2), (70, 45, (0.0, 0.0)));
}

#[test]
fn a_part_has_the_pixels_of_the_whole_picture() {
    // Lines, areas and curves at no whole pixel, on a page of no whole size.
    let content = "0.37 w 10.3 20.7 m 180.2 270.9 l S 33.3 44.4 55.55 66.66 re f\n\
        100 100 m 150.1 180.3 20.7 220.9 180.4 240.8 c 0.6 g f 0 g 0.12 0.24 1.2 2.4 re f";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 199.89 301.33]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<>>>>".to_owned(),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
    ];
    let mut pdf = b"%PDF-1.6\n".to_vec();
    let mut table = "xref\n0 5\n0000000000 65535 f \n".to_owned();
    for (object, number) in objects.iter().zip(1..) {
        table += &format!("{:010} 00000 n \n", pdf.len());
        pdf.extend(format!("{number} 0 obj\n{object}\nendobj\n").into_bytes());
    }
    let start = pdf.len();
    pdf.extend(format!("{table}trailer<</Size 5/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").into_bytes());
    for dpi in [600, 333] {
        let open = OpenPdf::from_bytes("", pdf.clone()).unwrap();
        let whole = open.renderer().picture(1, f64::from(dpi)).unwrap();
        let (columns, luma) = (whole.width(), whole.to_luma());
        let parts = [(0, 0, 300, 200), (512, 700, 333, 444), (columns - 100, whole.height() - 90, 100, 90)];
        let parts = parts.map(|(x, y, width, height)| Part { page: 1, x, y, width, height });
        let drawn = draw_parts("", &pdf, dpi, &parts).unwrap();
        for (part, drawn) in parts.iter().zip(drawn) {
            assert_eq!((drawn.width, drawn.height), (part.width, part.height));
            let index = |x: u32, y: u32| ((part.y + y) * columns + part.x + x) as usize;
            let differ = |at: u32| {
                let (x, y) = (at % part.width, at / part.width);
                luma[index(x, y)].abs_diff(drawn.luma[at as usize])
            };
            // Lengths are rounded in another place, which moves an edge by some millionths of a pixel.
            let most = (0..part.width * part.height).map(differ).max();
            assert!(most <= Some(1), "{dpi} dpi {part:?}: {most:?}");
        }
    }
}
