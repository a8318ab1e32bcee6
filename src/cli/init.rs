//! `pli init`

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::Outcome;
use super::console::Console;
use super::run::now;
use crate::failure::Failure;
use crate::init::{BureauAnswers, InitOrder, MadeJob, Question, make};
use template::Paper;

/// Make a production job: folders, keys, a commented job file.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli init /var/lib/pli/cards        # asks\n  pli init cards --name 'Agence de Lyon' --return-address 'BP 12; 69002 LYON' --office-address '4 RUE MERCIERE; 69002 LYON' --phone '04 72 00 00 00' --phone-overseas '00 33 4 72 00 00 00' --website agence.example --press-key press.pub"
)]
pub(super) struct Arguments {
    /// The job's folder, which is not there yet or is empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The issuer's name, as pieces show it
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Where undelivered mail goes; `;` between its lines
    #[arg(long, value_name = "LINES")]
    return_address: Option<String>,
    /// The office's address; `;` between its lines
    #[arg(long, value_name = "LINES")]
    office_address: Option<String>,
    /// The service's phone number
    #[arg(long, value_name = "TEXT")]
    phone: Option<String>,
    /// The service's phone number from overseas
    #[arg(long, value_name = "TEXT")]
    phone_overseas: Option<String>,
    /// The website
    #[arg(long, value_name = "TEXT")]
    website: Option<String>,
    /// When somebody answers the phone; may be left out
    #[arg(long, value_name = "TEXT")]
    hours: Option<String>,
    /// Who opens the mailers: the press's age recipient, or a file with one a line; without it no mailer is made yet
    #[arg(long, value_name = "FILE|age1…")]
    press_key: Option<String>,
    /// The opacity of the mailers' paper in per cent (ISO 2471), from its data sheet; may be left out
    #[arg(long, value_name = "PERCENT", value_parser = opacity)]
    paper_opacity: Option<f64>,
    /// The product code that the post gave for the mailers' tracking numbers; without it an invented one, XX, is printed
    #[arg(long, value_name = "CODE", value_parser = prefix)]
    tracking_prefix: Option<String>,
}

/// Reads the prefix of tracking identifiers.
fn prefix(text: &str) -> Result<String, String> {
    let text = text.trim().to_ascii_uppercase();
    let well_formed = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if well_formed { Ok(text) } else { Err("write two capitals or digits".to_owned()) }
}

/// Reads an opacity.
fn opacity(text: &str) -> Result<f64, String> {
    let found = text.trim().trim_end_matches('%').trim().replace(',', ".").parse().ok();
    found.filter(|value| Paper::OPACITIES.contains(value)).ok_or_else(|| "write 50 to 100".to_owned())
}

/// What a person asked for and did next.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Answer<'a> {
    #[serde(flatten)]
    made: &'a MadeJob,
    /// Whether the prefix of tracking identifiers is said.
    says_tracking: bool,
    /// What to do next: commands, in their order.
    next: Vec<Step>,
}

/// A thing to do next.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Step {
    command: String,
    why: &'static str,
}

pub(super) fn init(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let mut asked = Asked::of(arguments);
    if std::io::stdin().is_terminal() {
        asked.ask(console)?;
    }
    let order = InitOrder {
        folder: &arguments.folder,
        bureau: &asked.bureau,
        press_key: asked.press_key.as_deref(),
        paper_opacity: asked.paper_opacity,
        tracking_prefix: asked.tracking_prefix.as_deref(),
        now: now(),
    };
    let made = make(&order)?;
    let (next, says_tracking) = (next_steps(&arguments.folder, &made), asked.tracking_prefix.is_some());
    let answer = Answer { made: &made, says_tracking, next };
    console.result(&answer, |console| text(&answer, console))?;
    Ok(Outcome::Done)
}

/// The answers so far.
struct Asked {
    bureau: BureauAnswers,
    press_key: Option<String>,
    paper_opacity: Option<f64>,
    tracking_prefix: Option<String>,
}

impl Asked {
    /// Those of the command line.
    fn of(arguments: &Arguments) -> Asked {
        let mut bureau = BureauAnswers::with_hours(arguments.hours.clone().unwrap_or_default());
        let given = [
            (Question::Name, &arguments.name),
            (Question::ReturnAddress, &arguments.return_address),
            (Question::OfficeAddress, &arguments.office_address),
            (Question::Phone, &arguments.phone),
            (Question::PhoneOverseas, &arguments.phone_overseas),
            (Question::Website, &arguments.website),
        ];
        for (question, text) in given {
            text.iter().for_each(|text| bureau.give(question, text.clone()));
        }
        Asked {
            bureau,
            press_key: arguments.press_key.clone(),
            paper_opacity: arguments.paper_opacity,
            tracking_prefix: arguments.tracking_prefix.clone(),
        }
    }

    /// Asks on the terminal for what the command line does not say. Somebody who gives all that is printed is asked nothing more.
    fn ask(&mut self, console: &Console) -> Result<(), Failure> {
        let missing: Vec<Question> = self.bureau.missing().collect();
        if missing.is_empty() {
            return Ok(());
        }
        console.step("What do pieces say about the sender? Nothing is invented.");
        for question in missing {
            let read = |answer: &str| question.read(answer).map(|_| answer.to_owned());
            let answer = until_right(console, question.words(), read)?;
            self.bureau.give(question, answer);
        }
        console.step("These may stay empty for now:");
        if self.bureau.hours.is_empty() {
            self.bureau.hours = console.ask("when somebody answers the phone")?.unwrap_or_default();
        }
        if self.press_key.is_none() {
            let answer = console.ask("who opens the mailers (a file, or age1…)")?.unwrap_or_default();
            self.press_key = Some(answer.trim().to_owned()).filter(|answer| !answer.is_empty());
        }
        if self.paper_opacity.is_none() {
            let read = |answer: &str| match answer.is_empty() {
                true => Ok(None),
                false => opacity(answer).map(Some),
            };
            self.paper_opacity =
                until_right(console, "the opacity of the mailers' paper, in per cent", read)?;
        }
        if self.tracking_prefix.is_none() {
            let read = |answer: &str| match answer.is_empty() {
                true => Ok(None),
                false => prefix(answer).map(Some),
            };
            let question = "the post's product code of the mailers' tracking numbers";
            self.tracking_prefix = until_right(console, question, read)?;
        }
        Ok(())
    }
}

/// Asks until the answer can be used.
///
/// # Errors
/// `init_unanswered`: the input ends; I/O errors.
fn until_right<T>(
    console: &Console,
    question: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Failure> {
    loop {
        let Some(answer) = console.ask(question)? else {
            return Err(Failure::usage("init_unanswered", format!("no answer to: {question}"))
                .with_advice("run it again and answer, or give the answers as options: `pli init --help`"));
        };
        match read(answer.trim()) {
            Ok(read) => return Ok(read),
            Err(advice) => console.step(&format!("  {advice}")),
        }
    }
}

/// What to do next: each command can be run as it stands.
fn next_steps(folder: &Path, made: &MadeJob) -> Vec<Step> {
    let quoted = |path: &Path| shell_word(&path.display().to_string());
    let (job, codes) = (quoted(folder), quoted(&made.codes_recipient));
    let step = |command: String, why| Step { command, why };
    vec![
        step(
            format!("cat {codes}"),
            "send this line to whoever makes the codes: codes files are sealed to it",
        ),
        step(
            format!("pli keys list {}", quoted(&folder.join("keys"))),
            "the keys that were made: back them up, apart from the job",
        ),
        step(format!("pli doctor {job}"), "what is still missing, and what would stop a night"),
        step(format!("pli check {job}"), "what tonight would print, once records lie in the inbox"),
        step(format!("pli run {job}"), "the night itself"),
    ]
}

/// A word as a shell reads it back.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@,".contains(c);
    match !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

fn text(answer: &Answer, console: &Console) -> String {
    let made = answer.made;
    let mut lines = vec![console.strong(&format!("{} is made", made.job.display()))];
    for key in &made.keys {
        lines.push(format!("  {:<8} {}  {}", key.purpose, key.key.fingerprint, key.key.file));
    }
    lines.push(format!("  ledger   {}", made.ledger_keys.display()));
    for press in &made.press {
        lines.push(format!("  press    {}", press.fingerprint));
    }
    if made.press.is_empty() {
        let file = made.job.with_file_name("keys").join("press.pub");
        lines.push(console.alert(&format!(
            "  ! nobody can open mailers yet: put the press's recipient (age1…) into {}; until then letters alone are made",
            file.display()
        )));
    }
    if !made.says_opacity {
        lines.push(console.alert("  ! `mailers.paper_opacity` is not said: the work order asks for the paper that the template needs"));
    }
    if !answer.says_tracking {
        lines.push(console.alert(
            "  ! `mailers.tracking_prefix` is not said: mailers bear an invented tracking number until it is",
        ));
    }
    lines.push("next:".to_owned());
    for step in &answer.next {
        lines.push(format!("  {}", step.command));
        lines.push(console.dim(&format!("      # {}", step.why)));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_survives_the_shell() {
        for (text, word) in
            [("/srv/job", "/srv/job"), ("my job", "'my job'"), ("it's", "'it'\\''s'"), ("-x", "'-x'")]
        {
            assert_eq!(shell_word(text), word);
        }
        assert_eq!((opacity("94"), opacity("94,5 %")), (Ok(94.0), Ok(94.5)));
        assert!(opacity("9").is_err() && opacity("thick").is_err());
    }
}
