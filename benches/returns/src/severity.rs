//! How severe each kind of damage is. Calibrated so that zxing-cpp's rate on each kind is what it is on the pictures
//! that were made by hand: README.md has the table.

/// Grey of toner in a good scan.
pub const TONER: u8 = 30;
/// Grey of paper in a good scan.
pub const PAPER: u8 = 240;
/// Grey of the scanner's lid, around a page that is askew.
pub const LID: u8 = 225;
/// The most that a page which was laid straight is askew, in degrees.
pub const LAID_STRAIGHT: f32 = 0.3;
/// Blur of a scanner's lens in pixels at 300 dpi; in proportion at others.
pub const LENS_AT_300: f32 = 0.5;
/// Deviation of a good sensor's noise, in grey levels.
pub const SENSOR_NOISE: f32 = 2.0;

/// Quality of a scanner's JPEG files.
pub const SCAN_JPEG: u8 = 90;

/// Blur of [`Kind::Blur150`](crate::Kind::Blur150), in pixels.
pub const BLUR_150: f32 = 0.7;
/// Blur of [`Kind::Blur`](crate::Kind::Blur) at 300 dpi, in pixels.
pub const BLUR: f32 = 1.3;
/// Deviation of the noise of [`Kind::Noise`](crate::Kind::Noise), in grey levels.
pub const NOISE: f32 = 20.0;

/// The veil of film over a window: share of the way to white.
pub const FILM_VEIL: f32 = 0.25;
/// Bands of light on the film.
pub const FILM_STREAKS: usize = 6;
/// The strongest band: share of the way to white.
pub const FILM_STREAK: f32 = 0.6;
/// The widest band's half width, in millimetres.
pub const FILM_STREAK_MM: f32 = 6.0;

/// Threshold of black-and-white scans.
pub const THRESHOLD: u8 = 128;
/// Dots of a 600 dpi press by which ink spreads or starves, on each side of an edge.
pub const INK_DOTS: i32 = 2;

/// The darkest grey of a faded print.
pub const FADED_DARK: u8 = 150;
/// The lightest grey of a faded print.
pub const FADED_LIGHT: u8 = 195;
/// Noise of the sensor that sees a faded print, in grey levels.
pub const FADED_NOISE: f32 = 6.0;

/// Stains around each symbol.
pub const STAINS: usize = 4;
/// What the deepest stain leaves of the paper's light, of 255.
pub const STAIN_TONE: u8 = 208;
/// What the dark side of a fold leaves, of 255.
pub const FOLD_TONE: u8 = 110;
/// Where a letter is folded, in millimetres from the top: in three for its envelope, and once more by its reader.
pub const FOLDS_MM: [f32; 3] = [99.0, 198.0, 71.0];
/// Radius of the lines of a rubber stamp, in millimetres.
pub const STAMP_RADIUS_MM: f32 = 0.4;
/// Ink of a rubber stamp: what it leaves of the light, of 255.
pub const STAMP_TONE: u8 = 175;
/// How far off a symbol the stamp's middle may be, in millimetres.
pub const STAMP_NEAR_MM: f32 = 30.0;

/// The most that curl displaces print along a row, in millimetres.
pub const CURL_ALONG_MM: f32 = 0.85;
/// From one wave of the curl to the next, in millimetres.
pub const CURL_PERIOD_MM: f32 = 54.0;
/// The most that curl displaces print across rows, in millimetres.
pub const CURL_ACROSS_MM: f32 = 0.3;

/// The most strokes of a ball pen over each symbol; the least is one.
pub const PEN_STROKES: usize = 2;
/// The most that a stroke is askew from a line of text, in degrees.
pub const PEN_ANGLE: f32 = 20.0;
/// The shortest stroke's half length, in millimetres.
pub const PEN_SHORT_MM: f32 = 2.0;
/// The longest stroke's half length, in millimetres.
pub const PEN_LONG_MM: f32 = 8.0;
/// The most that a stroke is bent from one end to its middle, in millimetres.
pub const PEN_BEND_MM: f32 = 2.0;
/// Radius of a ball pen's line, in millimetres.
pub const PEN_RADIUS_MM: f32 = 0.2;
/// Ink of a ball pen: what it leaves of the light, of 255.
pub const PEN_TONE: u8 = 30;

/// Radius of a postmark's lines, in millimetres.
pub const POSTMARK_RADIUS_MM: f32 = 0.5;
/// Ink of a postmark: what it leaves of the light, of 255. Lighter than toner.
pub const POSTMARK_TONE: u8 = 163;
/// How far off the bars a postmark's middle may be, in millimetres.
pub const POSTMARK_OFF_BARS_MM: f32 = 12.0;
/// How far off the 2D-DOC a postmark's middle may be, in millimetres.
pub const POSTMARK_OFF_BLOCK_MM: f32 = 0.0;
/// Wavy lines of a postmark.
pub const POSTMARK_WAVES: usize = 5;

/// Height of the bars that shows in the window, in millimetres.
pub const SLIVER_MM: f32 = 1.6;
/// Grey of the envelope around the window, before the scan's tones.
pub const ENVELOPE: u8 = 235;
/// The most that a letter is askew in its envelope, in degrees.
pub const SLIVER_SKEW: f32 = 12.0;

/// Resolution of a standard fax, across and down.
pub const FAX_DPI: [f32; 2] = [204.0, 98.0];

/// Quality of JPEG files that save space.
pub const JPEG_POOR: u8 = 25;

/// Resolution of a photograph of a page.
pub const PHOTO_DPI: f32 = 220.0;
/// The largest share by which the far half side of a photographed page is shorter.
pub const PHOTO_PERSPECTIVE: f32 = 0.35;
/// The most that a photographed page is askew, in degrees.
pub const PHOTO_SKEW: f32 = 40.0;
/// Light at the darkest corner of a photograph, as a share.
pub const PHOTO_LEAST_LIGHT: f32 = 0.35;
/// Blur of a photograph, in pixels.
pub const PHOTO_BLUR: f32 = 0.7;
/// Noise of a telephone's sensor, in grey levels.
pub const PHOTO_NOISE: f32 = 5.0;
/// Quality of a telephone's JPEG.
pub const PHOTO_JPEG: u8 = 85;

/// Skew of [`Kind::Everything300`](crate::Kind::Everything300), in degrees.
pub const EVERYTHING_300_SKEW: f32 = 30.0;
/// Skew of [`Kind::Everything200`](crate::Kind::Everything200), in degrees.
pub const EVERYTHING_200_SKEW: f32 = 60.0;
/// What the deepest stain of [`Kind::Everything300`](crate::Kind::Everything300) leaves around the bars, of 255.
pub const EVERYTHING_300_STAIN_BARS: u8 = 205;
/// What the deepest stain of [`Kind::Everything300`](crate::Kind::Everything300) leaves around the 2D-DOC, of 255.
pub const EVERYTHING_300_STAIN_BLOCK: u8 = 137;
/// What the deepest stain of [`Kind::Everything200`](crate::Kind::Everything200) leaves, of 255.
pub const EVERYTHING_200_STAIN: u8 = 180;
/// Blur of both, in pixels at 300 dpi.
pub const EVERYTHING_BLUR: f32 = 1.2;
/// Quality of the JPEG files of both.
pub const EVERYTHING_JPEG: u8 = 50;
