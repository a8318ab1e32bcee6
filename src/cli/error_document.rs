//! A failure as machines read it: `{"error": …}`. The keys stand in the order of the alphabet.

use serde::Serialize;

use crate::failure::Failure;

/// What a command that fails prints with `--json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ErrorDocument<'f> {
    error: ErrorObject<'f>,
}

/// The failure.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ErrorObject<'f> {
    /// What to do.
    advice: Option<&'f str>,
    /// A stable code; `docs/messages.md` lists them.
    code: &'f str,
    /// Where in the line, from 1.
    column: Option<u64>,
    /// The exit code of the command.
    exit_code: u8,
    /// The file that it is about.
    file: Option<&'f str>,
    /// The line of the file, from 1.
    line: Option<u64>,
    /// What happened.
    message: &'f str,
    /// What it sums up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<ErrorPart<'f>>,
}

/// A part of a failure.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ErrorPart<'f> {
    /// What to do.
    advice: Option<&'f str>,
    /// A stable code.
    code: &'f str,
    /// Where in the line, from 1.
    column: Option<u64>,
    /// The file that it is about.
    file: Option<&'f str>,
    /// The line of the file, from 1.
    line: Option<u64>,
    /// What happened.
    message: &'f str,
    severity: Severity,
}

/// Whether a part alone would be a failure.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum Severity {
    Error,
    Warning,
}

impl<'f> ErrorDocument<'f> {
    /// The document of a failure.
    pub(super) fn of(failure: &'f Failure) -> ErrorDocument<'f> {
        let position = failure.position();
        ErrorDocument {
            error: ErrorObject {
                advice: failure.advice(),
                code: failure.code(),
                column: position.and_then(|position| position.column),
                exit_code: failure.exit().code(),
                file: position.map(|position| position.file.as_str()),
                line: position.and_then(|position| position.line),
                message: failure.message(),
                parts: failure.parts().iter().map(ErrorPart::of).collect(),
            },
        }
    }

    /// Its text, on one line.
    pub(super) fn to_json(&self) -> String {
        // A document of texts and numbers has one.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl<'f> ErrorPart<'f> {
    fn of(part: &'f Failure) -> ErrorPart<'f> {
        let position = part.position();
        ErrorPart {
            advice: part.advice(),
            code: part.code(),
            column: position.and_then(|position| position.column),
            file: position.map(|position| position.file.as_str()),
            line: position.and_then(|position| position.line),
            message: part.message(),
            severity: if part.is_warning() { Severity::Warning } else { Severity::Error },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::failure::Position;

    #[test]
    fn a_failure_is_a_document_with_every_key() {
        let part = Failure::usage("template_fault", "unknown field").at(Position::column("a.typ", 3, 7));
        let small = Failure::usage("template_fault", "small print").into_warning();
        let failure =
            Failure::usage("template", "does not load").with_parts(vec![part, small]).with_advice("mend it");
        let document = serde_json::to_value(ErrorDocument::of(&failure)).unwrap();
        let error = &document["error"];
        assert_eq!(error["exit_code"], json!(2));
        assert_eq!((&error["code"], &error["advice"]), (&json!("template"), &json!("mend it")));
        assert_eq!(
            (&error["file"], &error["line"], &error["column"]),
            (&json!("a.typ"), &json!(3), &json!(7))
        );
        assert_eq!(error["parts"][0]["code"], json!("template_fault"));
        let severity = |part: usize| &error["parts"][part]["severity"];
        assert_eq!((severity(0), severity(1)), (&json!("error"), &json!("warning")));
    }

    #[test]
    fn keys_that_hold_nothing_are_there_in_the_order_of_the_alphabet() {
        let bare = Failure::midway("io", "no room");
        let text = ErrorDocument::of(&bare).to_json();
        let there = r#"{"error":{"advice":null,"code":"io","column":null,"exit_code":4,"file":null,"line":null,"message":"no room"}}"#;
        assert_eq!(text, there);
    }
}
