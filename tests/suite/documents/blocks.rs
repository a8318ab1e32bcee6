//! The fenced blocks of a page.

/// A fenced block.
pub struct Block<'p> {
    /// The line of its fence, from 1.
    pub line: usize,
    /// What stands behind the fence: `console`, `sh`, `toml`, or nothing.
    pub language: &'p str,
    /// The comment (`<!-- … -->`) on the line before, without its marks; empty where there is none.
    pub note: &'p str,
    /// What stands in it.
    pub text: String,
}

impl Block<'_> {
    /// Its first line.
    pub fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// The commands of a `sh` block: its lines, put together where they end with `\`.
    pub fn commands(&self) -> Vec<String> {
        let text = self.text.replace("\\\n", " ");
        text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
    }

    /// The commands of a `console` block, each with the output that is quoted below it.
    pub fn exchanges(&self) -> Vec<(String, String)> {
        let text = format!("\n{}", self.text.replace("\\\n", ""));
        let parts = text.split("\n$ ").skip(1);
        let split = |part: &str| match part.split_once('\n') {
            Some((line, quoted)) => (line.to_owned(), quoted.trim_end().to_owned()),
            None => (part.to_owned(), String::new()),
        };
        parts.map(split).collect()
    }
}

/// The blocks of a page, from top to bottom.
pub fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    let mut before = "";
    for (line, text) in (1..).zip(page.lines()) {
        match (open.take(), text.strip_prefix("```")) {
            (None, Some(language)) => {
                let note = before.strip_prefix("<!-- ").and_then(|note| note.strip_suffix(" -->"));
                open = Some(Block { line, language, note: note.unwrap_or_default(), text: String::new() });
            }
            (None, None) => before = text,
            (Some(block), Some(_)) => {
                found.push(block);
                before = "";
            }
            (Some(mut block), None) => {
                block.text += text;
                block.text.push('\n');
                open = Some(block);
            }
        }
    }
    assert!(open.is_none(), "a block is closed");
    found
}

#[test]
fn blocks_are_found_with_their_notes() {
    let page = "<!-- file: a.csv -->\n```csv\nx\n```\n```console\n$ a\n$ b \\\n  -c\n…\nend\n\n$ d\n```\ntext\n```sh\na \\\n  b\n\nc\n```\n";
    let found = blocks(page);
    let told: Vec<_> = found.iter().map(|block| (block.line, block.language, block.note)).collect();
    assert_eq!(told, [(2, "csv", "file: a.csv"), (5, "console", ""), (15, "sh", "")]);
    assert_eq!(found[0].first_line(), "x");
    let quoted = found[1].exchanges();
    assert_eq!((quoted.len(), &*quoted[1].0, &*quoted[1].1), (3, "b   -c", "…\nend"));
    assert_eq!(found[2].commands(), ["a    b", "c"]);
}
