//! Pictures as the files that scanners and telephones make.

use std::io::Cursor;

use fax::encoder::Encoder;
use fax::{Color, VecWriter};
use image::codecs::jpeg::JpegEncoder;
use image::{GrayImage, ImageFormat};

use crate::fault::Fault;
use crate::kind::Kind;
use crate::severity::{EVERYTHING_JPEG, JPEG_POOR, PHOTO_JPEG, SCAN_JPEG};

/// The format of a picture's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Grey JPEG of a quality from 1 to 100.
    Jpeg(u8),
    /// Black-and-white TIFF, compressed as Group 4 (ITU-T T.6).
    Group4,
}

impl FileFormat {
    /// The format of a kind's pictures.
    #[must_use]
    pub fn of(kind: Kind) -> FileFormat {
        match kind {
            Kind::Threshold300 | Kind::Threshold200 | Kind::InkSpread | Kind::InkStarved | Kind::Fax => {
                FileFormat::Group4
            }
            Kind::Jpeg25 => FileFormat::Jpeg(JPEG_POOR),
            Kind::Perspective => FileFormat::Jpeg(PHOTO_JPEG),
            Kind::Everything300 | Kind::Everything200 => FileFormat::Jpeg(EVERYTHING_JPEG),
            _ => FileFormat::Jpeg(SCAN_JPEG),
        }
    }

    /// The ending of the file's name.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            FileFormat::Jpeg(_) => "jpg",
            FileFormat::Group4 => "tif",
        }
    }

    /// The picture as a file of this format. Group 4 holds pictures that are black and white already.
    ///
    /// # Errors
    /// [`Fault::Picture`] if a JPEG can't be encoded; [`Fault::Asked`] for a Group 4 picture of more than 65 535 pixels
    /// across.
    pub fn encode(self, picture: &GrayImage) -> Result<Vec<u8>, Fault> {
        match self {
            FileFormat::Jpeg(quality) => {
                let mut file = Cursor::new(Vec::new());
                picture.write_with_encoder(JpegEncoder::new_with_quality(&mut file, quality))?;
                Ok(file.into_inner())
            }
            FileFormat::Group4 => group4(picture),
        }
    }

    /// What the file leaves of the picture.
    ///
    /// # Errors
    /// As [`FileFormat::encode`].
    pub fn through(self, picture: GrayImage) -> Result<GrayImage, Fault> {
        match self {
            FileFormat::Jpeg(_) => {
                let file = self.encode(&picture)?;
                Ok(image::load_from_memory_with_format(&file, ImageFormat::Jpeg)?.into_luma8())
            }
            FileFormat::Group4 => Ok(picture),
        }
    }
}

fn group4(picture: &GrayImage) -> Result<Vec<u8>, Fault> {
    let width = u16::try_from(picture.width())
        .map_err(|_| Fault::Asked(format!("{} pixels are too wide for Group 4", picture.width())))?;
    let mut encoder = Encoder::new(VecWriter::new());
    for row in picture.as_raw().chunks_exact(usize::from(width)) {
        let colours = row.iter().map(|&value| if value < 128 { Color::Black } else { Color::White });
        // Writing to memory can't fail.
        let Ok(()) = encoder.encode_line(colours, width);
    }
    let Ok(writer) = encoder.finish();
    Ok(fax::tiff::wrap(&writer.finish(), picture.width(), picture.height()))
}
