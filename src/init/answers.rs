//! What a bureau says of itself: the questions, and what their answers must be like.

use foreign::is_unprintable;

use crate::failure::Failure;

/// The longest answer, in characters: the name of a bureau in a job file.
const LONGEST_NAME: usize = 60;
/// The longest line of an address, in characters (AFNOR XP Z 10-011).
const LONGEST_LINE: usize = 38;
/// The most lines of an address.
const MOST_LINES: usize = 6;
/// What stands between two lines of an address in an answer.
const BETWEEN_LINES: char = ';';

/// A question that has no default: a wrong answer would be printed on every piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// The bureau's name.
    Name,
    /// Where undelivered mail goes.
    ReturnAddress,
    /// The bureau's office.
    OfficeAddress,
    /// The phone number of the service.
    Phone,
    /// Its phone number from overseas.
    PhoneOverseas,
    /// The website.
    Website,
}

impl Question {
    /// Every question, in the order in which it is asked.
    pub(crate) const ALL: [Question; 6] = [
        Question::Name,
        Question::ReturnAddress,
        Question::OfficeAddress,
        Question::Phone,
        Question::PhoneOverseas,
        Question::Website,
    ];

    /// The option of the command line that answers it.
    pub(crate) fn option(self) -> &'static str {
        match self {
            Question::Name => "--name",
            Question::ReturnAddress => "--return-address",
            Question::OfficeAddress => "--office-address",
            Question::Phone => "--phone",
            Question::PhoneOverseas => "--phone-overseas",
            Question::Website => "--website",
        }
    }

    /// What is asked, in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Question::Name => "the issuer's name, as pieces show it",
            Question::ReturnAddress => "where undelivered mail goes, lines separated by `;`",
            Question::OfficeAddress => "the office's address, lines separated by `;`",
            Question::Phone => "the service's phone number",
            Question::PhoneOverseas => "the service's phone number from overseas",
            Question::Website => "the website",
        }
    }

    fn is_address(self) -> bool {
        matches!(self, Question::ReturnAddress | Question::OfficeAddress)
    }

    /// The lines of an answer.
    ///
    /// # Errors
    /// The problem and what to write.
    pub(crate) fn read(self, answer: &str) -> Result<Vec<String>, String> {
        let lines: Vec<String> = match self.is_address() {
            true => answer.split(BETWEEN_LINES).map(|line| line.trim().to_owned()).collect(),
            false => vec![answer.trim().to_owned()],
        };
        let (longest, most) = if self.is_address() { (LONGEST_LINE, MOST_LINES) } else { (LONGEST_NAME, 1) };
        let fits = |line: &String| (1..=longest).contains(&line.chars().count());
        if lines.iter().any(|line| line.chars().any(is_unprintable)) {
            return Err("a character in it can't be printed; write it without control characters".to_owned());
        }
        match lines.len() <= most && lines.iter().all(fits) {
            true => Ok(lines),
            false if self.is_address() => Err(format!(
                "write 1 to {MOST_LINES} lines of 1 to {LONGEST_LINE} characters, separated by `;`"
            )),
            false => Err(format!("write 1 to {LONGEST_NAME} characters")),
        }
    }
}

/// The answers of a bureau.
#[derive(Debug, Clone, Default)]
pub(crate) struct BureauAnswers {
    given: Vec<(Question, String)>,
    /// When somebody answers the phone; empty where nobody said.
    pub hours: String,
}

impl BureauAnswers {
    /// No answers yet, except when somebody answers the phone.
    pub(crate) fn with_hours(hours: String) -> BureauAnswers {
        BureauAnswers { given: Vec::new(), hours }
    }

    /// Adds an answer.
    pub(crate) fn give(&mut self, question: Question, answer: String) {
        self.given.push((question, answer));
    }

    /// The questions without an answer.
    pub(crate) fn missing(&self) -> impl Iterator<Item = Question> {
        let given = |question: &Question| self.given.iter().any(|(known, _)| known == question);
        Question::ALL.into_iter().filter(move |question| !given(question))
    }

    /// Checks that every question has an answer that can be printed.
    ///
    /// # Errors
    /// `init_unanswered`: questions without an answer; `init_answer`: an answer can't be used.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let missing: Vec<Question> = self.missing().collect();
        if !missing.is_empty() {
            let named: Vec<&str> = missing.iter().map(|question| question.option()).collect();
            let problem = format!("{} is not given: nothing is invented for it", named.join(", "));
            let examples =
                missing.iter().map(|question| format!("`{} …`: {}", question.option(), question.words()));
            return Err(Failure::usage("init_unanswered", problem)
                .with_advice(examples.collect::<Vec<_>>().join("; ")));
        }
        for (question, answer) in &self.given {
            question.read(answer).map_err(|advice| wrong(question.option(), &advice))?;
        }
        match self.hours.chars().any(is_unprintable) || self.hours.chars().count() > LONGEST_NAME {
            true => Err(wrong("--hours", &format!("write at most {LONGEST_NAME} characters on one line"))),
            false => Ok(()),
        }
    }

    /// The lines of the answer to a question; none where it is wrong.
    pub(super) fn lines(&self, question: Question) -> Vec<String> {
        let answer = self.given.iter().find(|(known, _)| *known == question);
        answer.and_then(|(_, answer)| question.read(answer).ok()).unwrap_or_default()
    }
}

fn wrong(option: &str, advice: &str) -> Failure {
    Failure::usage("init_answer", format!("the answer to `{option}` can't be used")).with_advice(advice)
}
