//! Numbers in PDF syntax, as short as possible (ISO 32000-1 §7.3.3).

/// Appends an integer.
pub(super) fn push_int(out: &mut Vec<u8>, value: i64) {
    let mut digits = [0u8; 20];
    let mut first = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        first -= 1;
        digits[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[first..]);
}

/// Appends a number with at most `decimals` decimals.
fn push_decimals(out: &mut Vec<u8>, value: f64, decimals: u32) {
    let scale = 10i64.pow(decimals);
    let scaled = (value * scale as f64).round() as i64;
    push_scaled(out, scaled, decimals);
}

/// Appends `scaled` divided by ten to the power of `decimals`: -5 with three decimals is `-.005`.
fn push_scaled(out: &mut Vec<u8>, scaled: i64, decimals: u32) {
    if scaled < 0 {
        out.push(b'-');
    }
    let scale = 10u64.pow(decimals);
    let (whole, mut fraction) = (scaled.unsigned_abs() / scale, scaled.unsigned_abs() % scale);
    if whole != 0 || fraction == 0 {
        push_int(out, whole as i64);
    }
    let mut unit = scale / 10;
    if fraction != 0 {
        out.push(b'.');
    }
    while fraction != 0 {
        out.push(b'0' + (fraction / unit) as u8);
        (fraction, unit) = (fraction % unit, unit / 10);
    }
}

/// Appends a length in points, to a thousandth.
pub(super) fn push_points(out: &mut Vec<u8>, value: f64) {
    push_decimals(out, value, 3);
}

/// Appends a scale factor, to a millionth.
pub(super) fn push_scale(out: &mut Vec<u8>, value: f64) {
    push_decimals(out, value, 6);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(value: f64) -> String {
        let mut out = Vec::new();
        push_points(&mut out, value);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn numbers_are_short_and_exact() {
        assert_eq!(points(0.0), "0");
        assert_eq!(points(841.92), "841.92");
        assert_eq!(points(-0.05), "-.05");
        assert_eq!(points(0.12), ".12");
        assert_eq!(points(-0.0001), "0");
        assert_eq!(points(12.0006), "12.001");
    }
}
