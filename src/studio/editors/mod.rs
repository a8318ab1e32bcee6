//! Files for editors, so that Typst's language server completes and previews a template: the prelude, the program's fonts,
//! settings for Visual Studio Code, Helix and Neovim, and a page that explains them.
//!
//! The program reads none of them again: its own prelude takes the place of `pli.typ`, and hidden files are no part of a
//! template.

use std::path::Path;

use composition::facts;
use mail::piece::PieceKind;
use serde::Serialize;
use template::{Facts, Template};

use super::records::invented_record;
use crate::failure::Failure;
use crate::files::{make_folder, write_whole};
use crate::job::Bureau;

/// The prelude's name in a template's folder.
const PRELUDE: &str = "pli.typ";
/// How a prelude begins: a file that does not was written by somebody else.
const PRELUDE_BEGINS: &[u8] = b"// pli.typ";
/// The folder of what only editors read.
const SUPPORT: &str = ".pli";
/// The page that explains the settings.
const README: &str = include_str!("README.md");

/// What was written for editors.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct EditorSupport {
    /// The files, relative to the template's folder.
    pub files: Vec<String>,
    /// Settings that were there already and are left as they are.
    pub kept: Vec<String>,
}

/// Writes the prelude and the settings into the folder of a template. Settings that are there are left alone.
///
/// # Errors
/// `prelude_occupied`: a `pli.typ` that is no prelude; template errors of a folder that has a `template.toml`; I/O errors.
pub(crate) fn write_editor_support(folder: &Path) -> Result<EditorSupport, Failure> {
    let prelude = folder.join(PRELUDE);
    if prelude.symlink_metadata().is_ok() && !is_prelude(&prelude) {
        return Err(Failure::usage(
            "prelude_occupied",
            "this file is no prelude of `pli`, and is not overwritten",
        )
        .in_file(prelude.display())
        .with_advice("give it another name: a template's `pli.typ` is always that of the program"));
    }
    let (main, inputs) = inputs(folder)?;
    make_folder(folder)?;
    let root = fs_err::canonicalize(folder)?.display().to_string();
    let settings = Settings { root: &root, main: &main, inputs: &inputs };
    let mut support = EditorSupport { files: Vec::new(), kept: Vec::new() };
    support.write(folder, PRELUDE, template::prelude())?;
    for (name, bytes) in template::program_fonts() {
        support.write(folder, &format!("{SUPPORT}/fonts/{name}"), bytes)?;
    }
    support.write(folder, &format!("{SUPPORT}/README.md"), settings.readme().as_bytes())?;
    for (path, text) in settings.files() {
        match folder.join(path).symlink_metadata().is_ok() {
            true => support.kept.push(path.to_owned()),
            false => support.write(folder, path, text.as_bytes())?,
        }
    }
    Ok(support)
}

impl EditorSupport {
    fn write(&mut self, folder: &Path, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let file = folder.join(path);
        make_folder(file.parent().unwrap_or(folder))?;
        write_whole(&file, bytes)?;
        self.files.push(path.to_owned());
        Ok(())
    }
}

fn is_prelude(file: &Path) -> bool {
    foreign::read(file, 1 << 20).is_ok_and(|bytes| bytes.starts_with(PRELUDE_BEGINS))
}

/// The main file of the template in a folder, and the inputs of its usual variant. A folder without `template.toml` gets those
/// of a letter that declares every fact.
fn inputs(folder: &Path) -> Result<(String, Facts), Failure> {
    let template = match folder.join("template.toml").exists() {
        true => Some(Template::find(folder)?),
        false => None,
    };
    let kind = template.as_ref().map_or(PieceKind::Letter, |template| template.manifest().kind);
    let facts = facts(kind, &invented_record(kind)?);
    let (main, facts) = match &template {
        Some(template) => (template.manifest().main.clone(), template.variant_of(&facts)),
        None => ("letter.typ".to_owned(), facts),
    };
    Ok((main, Bureau::invented().facts().into_iter().chain(facts).collect()))
}

/// What the settings of an editor say.
struct Settings<'a> {
    /// The template's folder, whole.
    root: &'a str,
    main: &'a str,
    inputs: &'a Facts,
}

impl Settings<'_> {
    /// The settings of each editor, by their path in the template's folder.
    fn files(&self) -> [(&'static str, String); 3] {
        [
            (".vscode/settings.json", self.vscode()),
            (".helix/languages.toml", self.helix()),
            (".nvim.lua", self.neovim()),
        ]
    }

    /// The arguments of Typst's own program, quoted as in JSON, which TOML and Lua read alike.
    fn arguments(&self, indent: &str) -> String {
        let inputs = self.inputs.iter().map(|(name, value)| format!("--input={name}={value}"));
        let arguments: Vec<String> = inputs.chain([self.main.to_owned()]).map(|text| quoted(&text)).collect();
        arguments.join(&format!(",\n{indent}"))
    }

    fn vscode(&self) -> String {
        format!(
            "{{\n  \"tinymist.fontPaths\": [\"${{workspaceFolder}}/{SUPPORT}/fonts\"],\n  \"tinymist.systemFonts\": false,\n  \
             \"tinymist.exportPdf\": \"never\",\n  \"tinymist.typstExtraArgs\": [\n    {}\n  ]\n}}\n",
            self.arguments("    ")
        )
    }

    fn helix(&self) -> String {
        format!(
            "[language-server.tinymist]\ncommand = \"tinymist\"\n\n[language-server.tinymist.config]\nrootPath = {root}\n\
             fontPaths = [{fonts}]\nsystemFonts = false\nexportPdf = \"never\"\ntypstExtraArgs = [\n  {}\n]\n\n\
             [[language]]\nname = \"typst\"\nlanguage-servers = [\"tinymist\"]\n",
            self.arguments("  "),
            root = quoted(self.root),
            fonts = quoted(&self.fonts()),
        )
    }

    fn neovim(&self) -> String {
        format!(
            "vim.lsp.config(\"tinymist\", {{\n  cmd = {{ \"tinymist\" }},\n  filetypes = {{ \"typst\" }},\n  root_dir = {root},\n  \
             settings = {{\n    rootPath = {root},\n    fontPaths = {{ {fonts} }},\n    systemFonts = false,\n    \
             exportPdf = \"never\",\n    typstExtraArgs = {{\n      {}\n    }},\n  }},\n}})\nvim.lsp.enable(\"tinymist\")\n",
            self.arguments("      "),
            root = quoted(self.root),
            fonts = quoted(&self.fonts()),
        )
    }

    fn fonts(&self) -> String {
        format!("{}/{SUPPORT}/fonts", self.root)
    }

    fn readme(&self) -> String {
        let [vscode, helix, neovim] = self.files().map(|(_, text)| text);
        let inputs =
            self.inputs.iter().map(|(name, value)| format!("--input {}", shell(&format!("{name}={value}"))));
        let command: Vec<String> = inputs.collect();
        README
            .replace("{version}", env!("CARGO_PKG_VERSION"))
            .replace("{vscode}", vscode.trim_end())
            .replace("{helix}", helix.trim_end())
            .replace("{neovim}", neovim.trim_end())
            .replace("{main}", self.main)
            .replace("{inputs}", &command.join(" \\\n  "))
    }
}

/// A text in double quotes. Line breaks and quotes are escaped as JSON, TOML and Lua do; other characters stand as they are.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// A text as one word of a shell's command.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::studio::begin_template;

    #[test]
    fn editors_get_settings_that_parse_and_the_template_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("my letter");
        begin_template(Path::new("card-letter"), &target).unwrap();
        let version = Template::find(&target).unwrap().version().to_owned();
        fs_err::create_dir_all(target.join(".helix")).unwrap();
        fs_err::write(target.join(".helix/languages.toml"), "mine").unwrap();
        let support = write_editor_support(&target).unwrap();
        assert_eq!(support.kept, [".helix/languages.toml"]);
        assert!(support.files.iter().all(|file| target.join(file).is_file()));
        assert_eq!(Template::find(&target).unwrap().version(), version);
        let text = fs_err::read_to_string(target.join(".vscode/settings.json")).unwrap();
        let vscode: serde_json::Value = serde_json::from_str(&text).unwrap();
        let arguments = vscode["tinymist.typstExtraArgs"].as_array().unwrap();
        assert!(arguments.iter().any(|argument| argument == "--input=reason=first"));
        assert_eq!(arguments.last().unwrap(), "card-letter.typ");
        let readme = fs_err::read_to_string(target.join(".pli/README.md")).unwrap();
        let helix = readme.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
        let helix: toml::Table = toml::from_str(helix).unwrap();
        let config = &helix["language-server"]["tinymist"]["config"];
        assert_eq!(config["typstExtraArgs"].as_array().unwrap().len(), arguments.len());
        assert!(!readme.contains('{') || !readme.contains("{inputs}"));
        // Again: the prelude is brought up to date, a foreign file is not touched.
        assert!(write_editor_support(&target).unwrap().files.len() < support.files.len());
        fs_err::write(target.join(PRELUDE), "#let mine = 1").unwrap();
        assert_eq!(write_editor_support(&target).unwrap_err().code(), "prelude_occupied");
    }
}
