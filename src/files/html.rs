//! What others wrote, as text of an HTML file.

use std::fmt::{self, Write as _};

use foreign::legible;

/// Text for the content or a quoted attribute of HTML: legible, and without characters that end either.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Escaped<'t>(pub &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in legible(self.0).chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                plain => f.write_char(plain)?,
            }
        }
        Ok(())
    }
}

/// JSON as the text of a script element, which nothing in it can end.
pub(crate) fn script_json(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_content_or_attributes_is_escaped() {
        let hostile = "</td><script>alert('1')</script>\" onload=\"x&amp;\u{202e}\u{0}";
        let escaped = Escaped(hostile).to_string();
        assert!(!escaped.contains(['<', '>', '"', '\'', '\u{202e}', '\u{0}']), "{escaped}");
        assert!(escaped.starts_with("&lt;/td&gt;&lt;script&gt;alert(&#39;1&#39;)"));
        assert!(escaped.contains("x&amp;amp;\\u{202e}"));
    }

    #[test]
    fn json_in_a_script_means_the_same_and_ends_nothing() {
        let value = serde_json::json!({ "path": "</script><!--\u{2028}<script>" });
        let text = script_json(&value.to_string());
        assert!(!text.contains('<') && !text.contains('\u{2028}'));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), value);
    }
}
