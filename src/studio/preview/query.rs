//! The parameters of an address.

use std::str::FromStr;

use super::refusal::Refusal;

/// The parameters of an address, by name.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// The parameters of `a=1&b=2`. What is not UTF-8 once it is decoded is left out.
    pub(super) fn new(text: &str) -> Query {
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(name)?, decoded(value)?))
        };
        Query(text.split('&').filter(|pair| !pair.is_empty()).filter_map(pair).collect())
    }

    /// The first value of a name.
    ///
    /// # Errors
    /// A refusal if there is none.
    pub(super) fn text(&self, name: &str) -> Result<&str, Refusal> {
        self.optional(name).ok_or_else(|| Refusal::bad_request(format!("`{name}` is missing")))
    }

    /// The first value of a name; `None` if there is none.
    pub(super) fn optional(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a name, as a number.
    ///
    /// # Errors
    /// A refusal if there is none, or it is no such number.
    pub(super) fn number<T: Usable>(&self, name: &str) -> Result<T, Refusal> {
        let number = self.text(name)?.parse().ok().filter(T::is_usable);
        number.ok_or_else(|| Refusal::bad_request(format!("`{name}` is no number that can be used")))
    }
}

/// Whether a number can be used: no infinity, and not that which is none.
pub(super) trait Usable: FromStr {
    /// Whether this one can.
    fn is_usable(&self) -> bool;
}

impl Usable for u32 {
    fn is_usable(&self) -> bool {
        true
    }
}

impl Usable for f64 {
    fn is_usable(&self) -> bool {
        self.is_finite()
    }
}

/// A name or value without its escapes; `None` if it is not UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_and_what_is_broken_is_left_out() {
        let query = Query::new("a=1%2B2+3&b&c=%&d=%ff&e=%C3%A9&a=9&n=1.5&o=NaN&p=-inf");
        assert_eq!(query.text("a").unwrap(), "1+2 3");
        assert_eq!((query.optional("b"), query.optional("c"), query.optional("d")), (Some(""), None, None));
        assert_eq!(query.text("e").unwrap(), "é");
        assert_eq!(query.number::<f64>("n").unwrap(), 1.5);
        assert!(query.number::<u32>("n").is_err() && query.text("z").is_err());
        assert!(query.number::<f64>("o").is_err() && query.number::<f64>("p").is_err());
    }
}
