//! The templates built into the program.

/// A template whose files are part of the program.
#[derive(Debug)]
pub(super) struct BuiltinTemplate {
    pub name: &'static str,
    pub files: &'static [(&'static str, &'static [u8])],
}

macro_rules! builtin {
    ($($template:literal in $envelope:literal: [$($file:literal),* $(,)?],)*) => {
        /// The built-in templates, each with the envelope that it names. Their sources are in `templates/` and `envelopes/`.
        static TEMPLATES: &[BuiltinTemplate] = &[$(BuiltinTemplate {
            name: $template,
            files: &[
                (
                    concat!("envelopes/", $envelope, ".toml"),
                    include_bytes!(concat!("../../../envelopes/", $envelope, ".toml")),
                ),
                $(($file, include_bytes!(concat!("../../../templates/", $template, "/", $file))),)*
            ],
        },)*];
    };
}

/// The template of the sheets at the ends of a lot. No job names it.
pub(super) static LOT_SHEET: BuiltinTemplate = BuiltinTemplate {
    name: "lot-sheet",
    files: &[("lot-sheet.typ", include_bytes!("../../../templates/lot-sheet/lot-sheet.typ"))],
};

builtin! {
    "card-letter" in "dl-two-windows": [
        "template.toml", "card-letter.typ", "commun.typ", "textes.typ", "bandeau.svg", "ciseaux.svg",
        "picto-perdue.svg", "picto-question.svg", "picto-technique.svg", "picto-telephone.svg",
        "reperes-carte.svg",
    ],
    "mailer-igc-sante" in "dl-window-low": ["template.toml", "mailer-igc-sante.typ", "commun.typ", "textes.typ"],
    "mailer-legacy" in "dl-window-low": ["template.toml", "mailer-legacy.typ", "commun.typ", "textes.typ"],
}

/// The built-in template of that name.
pub(super) fn find(name: &str) -> Option<&'static BuiltinTemplate> {
    TEMPLATES.iter().find(|builtin| builtin.name == name)
}

/// The names of the built-in templates, for messages.
pub(super) fn names() -> String {
    TEMPLATES.iter().map(|builtin| builtin.name).collect::<Vec<_>>().join(", ")
}
