//! The codes of a card, held against what a mailer shows. Only whether they agree leaves this module.

use template::FieldName;

use super::codes::CardCodes;
use super::codes_of_night::CodesOfNight;

/// The codes that the mailer of one card must show; none if no codes file has the card.
pub(crate) struct ShownCodes(Option<CardCodes>);

impl CodesOfNight {
    /// The codes that the mailers of several cards must show, in their order.
    pub(crate) fn shown_of(&self, card_numbers: &[&str]) -> Vec<ShownCodes> {
        let found = self.of_cards(card_numbers).into_iter();
        found.map(|codes| ShownCodes(codes.and_then(Result::ok))).collect()
    }
}

impl ShownCodes {
    /// Whether a text is that code of the card.
    pub(crate) fn shows(&self, field: FieldName, text: &str) -> bool {
        let Some(codes) = &self.0 else { return false };
        let code = match field {
            FieldName::Pin => codes.pin.expose(),
            FieldName::Puk => codes.puk.expose(),
            FieldName::AssistanceCode => codes.assistance.expose(),
            _ => return false,
        };
        !code.is_empty() && text == code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::CodesFile;
    use crate::vault::opened_text::tests::sealed_and_opened;

    #[test]
    fn a_text_is_a_code_only_of_its_own_card_and_field() {
        let text =
            "card_number,pin,puk,assistance_code\n2400140649,4821,90817263,\n2400140650,4822,90817264,77\n";
        let mut codes = CodesOfNight::default();
        let opened = sealed_and_opened(text.as_bytes());
        codes.add(CodesFile::read("codes.csv", opened).unwrap_or_else(|error| panic!("{error}")));
        let [card, other] = &codes.shown_of(&["2400140649", "2400140651"])[..] else { panic!("two cards") };
        assert!(card.shows(FieldName::Pin, "4821") && card.shows(FieldName::Puk, "90817263"));
        assert!(card.shows(FieldName::AssistanceCode, "908"));
        assert!(!card.shows(FieldName::Pin, "4822") && !card.shows(FieldName::Puk, "4821"));
        assert!(!card.shows(FieldName::Date, "4821") && !card.shows(FieldName::Pin, ""));
        assert!(!other.shows(FieldName::Pin, ""));
    }
}
