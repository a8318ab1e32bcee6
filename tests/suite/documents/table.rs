//! Which pages are run, and the blocks that can't be run here.
//!
//! A new page with a block gets a line in `pages!`, and a setup of its own (`setups/NAME.sh`) where its commands need a job.

use std::path::PathBuf;

use super::blocks::{Block, blocks};
use super::{pages, read, root};

/// Makes a test of each page.
macro_rules! pages {
    ($($name:ident => $page:literal,)*) => {
        /// The pages whose blocks are run, from top to bottom.
        const RUN: &[&str] = &[$($page),*];

        $(#[cfg(unix)]
        #[test]
        fn $name() {
            super::running::run($page);
        })*
    };
}

pages! {
    the_readme_shows_the_demonstration_and_a_night => "README.md",
    page_2d_doc => "docs/2d-doc.md",
    a_day_of_a_lot_goes_as_its_page_says => "docs/after-the-press.md",
    page_approvals => "docs/approvals.md",
    page_audit => "docs/audit.md",
    page_cluster => "docs/cluster.md",
    page_doctor => "docs/doctor.md",
    the_drill_restores_a_lost_ledger => "docs/drill.md",
    page_editors => "docs/editors.md",
    page_feedback => "docs/feedback.md",
    page_first_job => "docs/first-job.md",
    page_folding => "docs/folding.md",
    page_glossary => "docs/glossary.md",
    page_inbox => "docs/inbox.md",
    page_input => "docs/input.md",
    page_inserter => "docs/inserter.md",
    page_integrator => "docs/integrator.md",
    page_job_file => "docs/job-file.md",
    page_keeping => "docs/keeping.md",
    page_keys => "docs/keys.md",
    page_ledger => "docs/ledger.md",
    page_object_stores => "docs/object-stores.md",
    page_operator => "docs/operator.md",
    page_postage => "docs/postage.md",
    page_postgresql => "docs/postgresql.md",
    page_press => "docs/press.md",
    page_proof => "docs/proof.md",
    page_returned_mail => "docs/returned-mail.md",
    page_template_check => "docs/template-check.md",
    page_template_reference => "docs/template-reference.md",
    page_through_light => "docs/through-light.md",
}

/// Pages that another test runs: the page, and the test.
const ELSEWHERE: [(&str, &str); 1] = [("docs/templates.md", "tests/suite/book_templates.rs")];

/// Blocks that are not run here: their page, how their first line begins, and why.
const NOT_RUN: &[(&str, &str, &str)] = &[
    ("CONTRIBUTING.md", "cargo run", "it builds the program and runs all tests"),
    ("README.md", "cargo run", "it builds the program and runs all tests"),
    (
        "docs/approvals.md",
        "#!/bin/sh",
        "no sudo is here; tests/suite/separation.rs starts the program as it does",
    ),
    ("docs/approvals.md", "# /etc/sudoers.d", "no sudo is here"),
    ("docs/architecture.md", "cards.csv ─ intake", "a drawing"),
    (
        "docs/cluster.md",
        "#!/bin/sh",
        "no Slurm runs here; tests/slurm gives a real one an array of shards and a merge that waits for it",
    ),
    ("docs/cluster.md", "apiVersion", "no Kubernetes runs here, as the page says"),
    ("docs/inbox.md", "night = ", "tests/suite/schemas.rs holds it against its schema"),
    ("docs/inbox.md", "minisign", "it asks for a passphrase; src/signers has signatures that it made"),
    ("docs/input.md", "NUM_CARTE", "tests/suite/input.rs reads it"),
    ("docs/input.md", "[input]", "tests/suite/input.rs reads it"),
    ("docs/input.md", "inbox/issuer.csv", "tests/suite/input.rs compares it"),
    ("docs/input.md", "[input.dates]", "tests/suite/input.rs reads it"),
    ("docs/input.md", "[input.fixed]", "tests/suite/input.rs reads it"),
    ("docs/inserter.md", "Prüfzeit;", "src/inserting/results/tests.rs reads it"),
    ("docs/inserter.md", "H L26327A", "src/inserting/results/tests.rs reads it"),
    ("docs/inserter.md", "7\tL26327A", "src/inserting/results/tests.rs reads it"),
    ("docs/install.md", "packaging/debian/build", "packaging/debian/test begins with it"),
    (
        "docs/install.md",
        "systemctl start",
        "no systemd runs here; packaging/debian/test runs what the unit runs",
    ),
    ("docs/install.md", "[Service]", "no systemd runs here"),
    ("docs/install.md", "journalctl", "no systemd runs here"),
    ("docs/keeping.md", "# pli-purge.timer", "no systemd runs here"),
    ("docs/ledger.md", ".staging-", "a drawing"),
    (
        "docs/ledger.md",
        "pli ledger job.toml export",
        "tests/suite/postgres.rs has a server, and runs it there",
    ),
    ("docs/library.md", "cargo run", "it builds the libraries' examples, as tests/run does"),
    ("docs/object-stores.md", "install -m 600", "no store is here; tests/object-store has one"),
    ("docs/operator.md", "job/   ", "a drawing"),
    ("docs/operator.md", "0 20 * * 1-5", "no cron runs here"),
    ("docs/postgresql.md", "sudo -u postgres", "no server is here; tests/suite/postgres.rs has one"),
    ("docs/preview.md", "pli preview", "it runs until it is ended; tests/suite/preview.rs does that"),
    ("docs/returns.md", "$ pli scan", "two hundred pictures, which benches/returns makes"),
    ("docs/template-reference.md", "kind = ", "tests/suite/book_templates.rs compares it"),
    ("docs/through-light.md", "#let chiffres", "an excerpt of templates/mailer-igc-sante"),
];

/// The script that prepares a page's folder.
pub fn setup(page: &str) -> PathBuf {
    let name = page.trim_start_matches("docs/").trim_end_matches(".md");
    root().join("tests/suite/documents/setups").join(format!("{name}.sh"))
}

/// Whether a block is not run here: it stands in the list, `packaging/debian/test` runs it (`<!-- test: NAME -->`), or it needs a
/// program that is built with keys in an HSM.
pub fn is_left_out(page: &str, block: &Block) -> bool {
    let listed =
        |(of, begins, _): &&(&str, &str, &str)| *of == page && block.first_line().starts_with(begins);
    let hsm = !cfg!(feature = "pkcs11") && block.text.contains("pkcs11:");
    NOT_RUN.iter().any(|entry| listed(&entry)) || block.note.starts_with("test: ") || hsm
}

/// The pages as the lists name them, with their texts.
fn named() -> Vec<(String, String)> {
    let name = |page: &PathBuf| page.strip_prefix(root()).unwrap().display().to_string();
    pages().iter().map(|page| (name(page), read(page))).collect()
}

#[test]
fn each_block_of_each_page_is_run_or_stands_in_the_list() {
    for (page, text) in named() {
        let is_run = RUN.contains(&&*page) || ELSEWHERE.iter().any(|(other, _)| *other == page);
        for block in blocks(&text) {
            let line = block.line;
            assert!(is_run || is_left_out(&page, &block), "{page}:{line}: no test runs this: see `table.rs`");
        }
    }
}

#[test]
fn the_lists_name_what_is_there() {
    let all = named();
    let text = |page: &str| all.iter().find(|(name, _)| name == page).map(|(_, text)| &**text);
    for (page, begins, why) in NOT_RUN {
        let found = blocks(text(page).expect(page));
        assert!(found.iter().any(|block| block.first_line().starts_with(begins)), "{page} has `{begins}`");
        for file in
            why.split([' ', ',', ';']).filter(|word| word.starts_with("tests/") || word.starts_with("src/"))
        {
            assert!(root().join(file).exists(), "{page}, `{begins}`: {file}");
        }
    }
    for (page, test) in ELSEWHERE {
        assert!(
            text(page).is_some() && read(&root().join(test)).contains("templates.md"),
            "{test} runs {page}"
        );
    }
    for script in fs_err::read_dir(setup("README.md").parent().unwrap()).unwrap() {
        let script = script.unwrap().path();
        assert!(RUN.iter().any(|page| setup(page) == script), "{} is of a page", script.display());
    }
    let packaging = read(&root().join("packaging/debian/test"));
    for (page, text) in &all {
        for block in blocks(text) {
            if let Some(name) = block.note.strip_prefix("test: ") {
                let page = page.trim_start_matches("docs/").trim_end_matches(".md");
                // `commands` takes a block whose words are replaced before it is run.
                let is_run = ["run", "commands"]
                    .iter()
                    .any(|word| packaging.contains(&format!("\n{word} {page} {name}")));
                assert!(is_run, "packaging/debian/test runs {page}, {name}");
            }
        }
    }
}
