//! Numbers in the text format of Prometheus, version 0.0.4.

use std::fmt::{Display, Write};

/// A text of metrics with the labels that all of its samples have.
pub(super) struct Exposition {
    labels: String,
    text: String,
}

impl Exposition {
    /// An empty text. `labels` are names and values.
    pub(super) fn new(labels: &[(&str, &str)]) -> Exposition {
        let labels: Vec<String> = labels.iter().map(|(name, value)| label(name, value)).collect();
        Exposition { labels: labels.join(","), text: String::new() }
    }

    /// Adds a gauge with its samples: further labels, and the value. Adds nothing where there are none.
    pub(super) fn gauge<V: Display>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Vec<(&'static str, String)>, V)>,
    ) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        // Writing to memory does not fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (more, value) in samples {
            let series = self.series(name, &more);
            let _ = writeln!(self.text, "{series} {value}");
        }
    }

    /// A name with all its labels, as a sample has it.
    pub(super) fn series(&self, name: &str, more: &[(&'static str, String)]) -> String {
        let mut labels = self.labels.clone();
        for (name, value) in more {
            labels.push(',');
            labels.push_str(&label(name, value));
        }
        format!("{name}{{{labels}}}")
    }

    /// The text.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// The value of a series in a text of metrics.
pub(super) fn value_of(text: &str, series: &str) -> Option<i64> {
    text.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
}

/// A label, as a sample has it.
pub(super) fn label(name: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{name}=\"{value}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_labels_are_quoted_and_found_again() {
        let mut text = Exposition::new(&[("pli_job", "a\"b\\c\nd")]);
        text.gauge("pli_a", "One.", [(vec![("kind", "letter".to_owned())], 7)]);
        text.gauge::<u64>("pli_b", "None.", []);
        let series = text.series("pli_a", &[("kind", "letter".to_owned())]);
        let text = text.into_text();
        assert_eq!(
            text,
            "# HELP pli_a One.\n# TYPE pli_a gauge\npli_a{pli_job=\"a\\\"b\\\\c\\nd\",kind=\"letter\"} 7\n"
        );
        assert_eq!(value_of(&text, &series), Some(7));
        assert_eq!(value_of(&text, "pli_b"), None);
    }
}
