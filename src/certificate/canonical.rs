//! Canonical JSON (RFC 8785): the same value always has the same bytes, which are what is signed.

use serde_json::Value;

/// The canonical bytes of a value; `None` for one with a number that is no whole number within 2^53, of which certificates
/// have none.
///
/// Keys are sorted by UTF-16 code units; `serde_json` writes texts as RFC 8785 §3.2.2.2 wants them.
pub(crate) fn canonical_json(value: &Value) -> Option<Vec<u8>> {
    let mut out = String::new();
    write(value, &mut out)?;
    Some(out.into_bytes())
}

/// The largest whole number that every reader of JSON keeps exactly.
const MAX_WHOLE: u64 = 1 << 53;

fn write(value: &Value, out: &mut String) -> Option<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => {
            let whole = number.as_u64().filter(|whole| *whole <= MAX_WHOLE)?;
            out.push_str(&whole.to_string());
        }
        Value::String(text) => write_text(text, out)?,
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(entries) => {
            let mut entries: Vec<(&String, &Value)> = entries.iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(key, out)?;
                out.push(':');
                write(value, out)?;
            }
            out.push('}');
        }
    }
    Some(())
}

fn write_text(text: &str, out: &mut String) -> Option<()> {
    out.push_str(&serde_json::to_string(text).ok()?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of RFC 8785 §3.2.2 and §3.2.3, their numbers left out.
    #[test]
    fn texts_and_keys_are_written_as_the_rfc_shows_them() {
        let source =
            r#"{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#;
        let wanted = "{\"literals\":[null,true,false],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(canonical_json(&serde_json::from_str(source).unwrap()).unwrap(), wanted.as_bytes());
        let keys = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
        let written =
            String::from_utf8(canonical_json(&serde_json::from_str(keys).unwrap()).unwrap()).unwrap();
        let places = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"]
            .map(|word| written.find(word).unwrap());
        assert!(places.is_sorted(), "{written}");
    }

    #[test]
    fn numbers_are_whole_or_refused() {
        assert_eq!(
            canonical_json(&serde_json::json!({"b": 600, "a": [1, 0]})).unwrap(),
            br#"{"a":[1,0],"b":600}"#
        );
        for refused in ["0.5", "-1", "1e3", "9007199254740993"] {
            assert_eq!(canonical_json(&serde_json::from_str(refused).unwrap()), None, "{refused}");
        }
    }
}
