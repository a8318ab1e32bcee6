//! The columns of a record file, and what their values may be.

use jiff::civil::{Date, DateTime};

use foreign::is_unprintable;
use mail::card::{CardFamily, CardNumber, CardStatus};
use mail::country::Country;
use mail::holder::{Civility, Title};
use mail::identifiers::{PsIdNat, StructureId};
use mail::profession::Profession;
use mail::reason::Reason;
use mail::{excerpt, shown_character};

/// Defines the columns, each with its name in the header.
macro_rules! columns {
    ($($column:ident = $name:literal,)*) => {
        /// The columns of `cards.csv`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Column { $(#[doc = $name] $column,)* }

        impl Column {
            /// How many there are.
            pub(crate) const COUNT: usize = [$($name),*].len();

            /// Every column.
            pub(crate) const ALL: [Self; Self::COUNT] = [$(Self::$column),*];

            /// Its name in the header.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$column => $name,)* }
            }
        }
    };
}

columns! {
    CardNumber = "card_number",
    CardFamily = "card_family",
    Reason = "reason",
    RequestedAt = "requested_at",
    IssueDate = "issue_date",
    ExpiryDate = "expiry_date",
    ReplacedCardNumber = "replaced_card_number",
    ReplacedGeneration = "replaced_generation",
    PsIdNat = "ps_id_nat",
    StructureId = "structure_id",
    Civility = "civility",
    Title = "title",
    LastName = "last_name",
    FirstName = "first_name",
    ProfessionCode = "profession_code",
    Organisation = "organisation",
    Address1 = "address_1",
    Address2 = "address_2",
    Address3 = "address_3",
    Address4 = "address_4",
    Address5 = "address_5",
    Address6 = "address_6",
    Country = "country",
    Status = "status",
}

/// The column of the client's reference, which a file may leave out.
pub(crate) const CLIENT_REF: &str = "client_ref";

impl Column {
    /// The six lines of the address, in order.
    pub(crate) const ADDRESS: [Self; 6] =
        [Self::Address1, Self::Address2, Self::Address3, Self::Address4, Self::Address5, Self::Address6];

    /// The columns of dates.
    pub(crate) const DATES: [Self; 3] = [Self::RequestedAt, Self::IssueDate, Self::ExpiryDate];

    /// The column with a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// Whether every record needs a value in it.
    fn is_mandatory(self) -> bool {
        matches!(
            self,
            Self::CardNumber
                | Self::CardFamily
                | Self::Reason
                | Self::RequestedAt
                | Self::PsIdNat
                | Self::Address6
                | Self::Status
        )
    }

    /// The words that it may hold; none for a column of any other text.
    pub(crate) fn words(self) -> Vec<&'static str> {
        match self {
            Self::CardFamily => CardFamily::ALL.map(CardFamily::code).to_vec(),
            Self::Reason => Reason::ALL.map(Reason::code).to_vec(),
            Self::Status => CardStatus::ALL.map(CardStatus::code).to_vec(),
            Self::Civility => Civility::ALL.map(Civility::code).to_vec(),
            Self::Title => Title::ALL.map(Title::code).to_vec(),
            _ => Vec::new(),
        }
    }

    /// Checks that a text of the job file can be a value of this column.
    ///
    /// # Errors
    /// The problem, then `; ` and what to write.
    pub(super) fn check(self, text: &str) -> Result<(), String> {
        if let Some(character) = text.chars().find(|character| is_unprintable(*character)) {
            return Err(format!("it holds {}; take it out", shown_character(character)));
        }
        if text.is_empty() {
            return match self.is_mandatory() {
                true => Err("it is empty, and every record needs it; write a value".to_owned()),
                false => Ok(()),
            };
        }
        match self {
            Self::CardNumber | Self::ReplacedCardNumber => checked(CardNumber::parse(text)),
            Self::PsIdNat => checked(PsIdNat::parse(text)),
            Self::StructureId => checked(StructureId::parse(text)),
            Self::ProfessionCode => checked(Profession::parse(text)),
            Self::Country => checked(Country::find(text)),
            Self::IssueDate | Self::ExpiryDate => match text.len() == 10 && text.parse::<Date>().is_ok() {
                true => Ok(()),
                false => Err(format!("`{}` is not a date; write it as in 2026-11-23", excerpt(text))),
            },
            Self::RequestedAt => match text.len() >= 16 && text.parse::<DateTime>().is_ok() {
                true => Ok(()),
                false => Err(format!(
                    "`{}` is not a date and a time; write it as in 2026-11-23T16:45",
                    excerpt(text)
                )),
            },
            _ => self.check_word(text),
        }
    }

    fn check_word(self, text: &str) -> Result<(), String> {
        let words = self.words();
        if words.is_empty() || words.contains(&text) {
            return Ok(());
        }
        let meant = foreign::nearest(text, words.iter().copied());
        let meant = meant.map(|word| format!("did you mean `{word}`? ")).unwrap_or_default();
        Err(format!("`{}` is no {}; {meant}write one of {}", excerpt(text), self.name(), words.join(", ")))
    }
}

fn checked<T, E: ToString>(result: Result<T, E>) -> Result<(), String> {
    result.map(drop).map_err(|fault| fault.to_string())
}
