//! The codes of a card, in types that can't be shown.

use template::FieldName;
use zeroize::Zeroizing;

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Has no `Debug`, `Display` or `Serialize`, and is wiped on drop.
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            pub(super) fn new(digits: &str) -> $name {
                $name(Zeroizing::new(digits.to_owned()))
            }

            /// The digits. Only the composition of a mailer, its proof and [`CardCodes::same_as`] read them.
            pub(super) fn expose(&self) -> &str {
                &self.0
            }
        }
    };
}

secret!(
    /// The confidential code of a card, four digits.
    Pin
);
secret!(
    /// The code that unblocks a card, eight digits.
    Puk
);
secret!(
    /// The code by which a holder identifies to the support service.
    AssistanceCode
);

/// The three codes of one card.
#[derive(Clone)]
pub struct CardCodes {
    /// The confidential code.
    pub pin: Pin,
    /// The unblocking code.
    pub puk: Puk,
    /// The assistance code; the first three digits of the unblocking code where the file has none (pieces.md §2).
    pub assistance: AssistanceCode,
}

impl CardCodes {
    /// Whether both have the same three codes. Compares all three, without stopping at the first difference.
    pub(super) fn same_as(&self, other: &CardCodes) -> bool {
        (self.pin.expose() == other.pin.expose())
            & (self.puk.expose() == other.puk.expose())
            & (self.assistance.expose() == other.assistance.expose())
    }

    /// Two specimens of codes of the same length that differ at every place.
    pub(crate) fn specimens() -> [CardCodes; 2] {
        let codes = |pin, puk, assistance| CardCodes {
            pin: Pin::new(pin),
            puk: Puk::new(puk),
            assistance: AssistanceCode::new(assistance),
        };
        [codes("2708", "19436507", "486"), codes("6351", "80251974", "732")]
    }

    /// How many characters a code of the specimens has.
    pub(crate) fn specimen_length(field: FieldName) -> usize {
        match field {
            FieldName::Pin => 4,
            FieldName::Puk => 8,
            _ => 3,
        }
    }

    /// Codes of zeros only, for showing a template to its designer.
    pub(crate) fn specimen() -> CardCodes {
        CardCodes { pin: Pin::new("0000"), puk: Puk::new("00000000"), assistance: AssistanceCode::new("000") }
    }
}
