//! Decodes a picture file and says how long each page takes:
//! `cargo run --release --example decode_picture -- FILE [TIMES]`. If TIMES is 0, each page is written
//! as `FILE.PAGE.png` too.

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Instant;

use symbols::Picture;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().ok_or("name a picture file")?;
    let times = arguments.next().map_or(Ok(1), |times| times.parse::<u32>())?;
    let file = fs_err::read(&name)?;
    for page in 0..Picture::pages(&file) {
        let start = Instant::now();
        let mut picture = Picture::decode_page(&file, page)?;
        for _ in 1..times {
            picture = Picture::decode_page(&file, page)?;
        }
        let each = start.elapsed().as_secs_f64() * 1000.0 / f64::from(times.max(1));
        println!("page {}: {} × {} pixels in {each:.1} ms", page + 1, picture.width(), picture.height());
        if times == 0 {
            fs_err::write(format!("{name}.{}.png", page + 1), picture.to_png()?)?;
        }
    }
    Ok(())
}
