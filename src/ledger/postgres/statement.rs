//! Statements, parameters and rows, between the ledger's portable SQL and PostgreSQL.

use std::error::Error;
use std::fmt;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::fault::{Kind, ServerFault};
use crate::ledger::LedgerError;
use crate::ledger::database::{Row, Value};

/// A statement with PostgreSQL's parameters: `?1` is `$1`. What stands in quotes is left as it is.
pub(super) fn translated(sql: &str) -> String {
    let mut translated = String::with_capacity(sql.len());
    let mut quote = None;
    for character in sql.chars() {
        quote = match quote {
            Some(open) if open == character => None,
            None if character == '\'' || character == '"' => Some(character),
            open => open,
        };
        translated.push(if character == '?' && quote.is_none() { '$' } else { character });
    }
    translated
}

/// A parameter that outlives its caller. It is never displayed: it may be personal.
pub(super) enum Parameter {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Parameter {
    /// The parameters of a statement.
    pub(super) fn all(values: &[Value]) -> Vec<Parameter> {
        values.iter().map(Parameter::from).collect()
    }

    /// The type that the server is told; it finds that of an empty value itself.
    pub(super) fn kind(&self) -> Type {
        match self {
            Parameter::Null => Type::UNKNOWN,
            Parameter::Integer(_) => Type::INT8,
            Parameter::Text(_) => Type::TEXT,
            Parameter::Bytes(_) => Type::BYTEA,
        }
    }
}

impl From<&Value<'_>> for Parameter {
    fn from(value: &Value) -> Parameter {
        match *value {
            Value::Null => Parameter::Null,
            Value::Integer(number) => Parameter::Integer(number),
            Value::Text(text) => Parameter::Text(text.to_owned()),
            Value::Bytes(bytes) => Parameter::Bytes(bytes.to_owned()),
        }
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a value of type {}", self.kind())
    }
}

impl ToSql for Parameter {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Parameter::Null => Ok(IsNull::Yes),
            Parameter::Integer(number) => number.to_sql_checked(kind, out),
            Parameter::Text(text) => text.to_sql_checked(kind, out),
            Parameter::Bytes(bytes) => bytes.to_sql_checked(kind, out),
        }
    }

    fn accepts(_kind: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A row of an answer.
pub(super) struct Answer<'a> {
    pub(super) row: &'a tokio_postgres::Row,
    pub(super) place: &'a str,
}

impl<'a> Answer<'a> {
    fn column<T: FromSql<'a>>(&self, column: usize) -> Result<Option<T>, LedgerError> {
        self.row.try_get(column).map_err(|error| ServerFault::of(self.place, &error).into())
    }
}

impl Row for Answer<'_> {
    fn integer(&self, column: usize) -> Result<Option<i64>, LedgerError> {
        Ok(self.column::<Whole>(column)?.map(|whole| whole.0))
    }

    fn text(&self, column: usize) -> Result<Option<&str>, LedgerError> {
        self.column(column)
    }

    fn bytes(&self, column: usize) -> Result<Option<&[u8]>, LedgerError> {
        self.column(column)
    }
}

/// A whole number, of whatever width the server computed it. A sum is a `numeric`, a comparison a `boolean`.
struct Whole(i64);

impl<'a> FromSql<'a> for Whole {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Whole, Box<dyn Error + Sync + Send>> {
        let number = match *kind {
            Type::BOOL => bool::from_sql(kind, raw)?.into(),
            Type::INT2 => i16::from_sql(kind, raw)?.into(),
            Type::INT4 => i32::from_sql(kind, raw)?.into(),
            Type::NUMERIC => numeric(raw).ok_or("a number that is not whole, or too large")?,
            _ => i64::from_sql(kind, raw)?,
        };
        Ok(Whole(number))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::BOOL | Type::INT2 | Type::INT4 | Type::INT8 | Type::NUMERIC)
    }
}

/// A whole `numeric`: how many digits to the base 10,000, the power of the first, the sign, decimals, the digits.
fn numeric(raw: &[u8]) -> Option<i64> {
    const NEGATIVE: u16 = 0x4000;
    let word = |index: usize| Some(u16::from_be_bytes(raw.get(2 * index..2 * index + 2)?.try_into().ok()?));
    let (digits, power, sign) = (usize::from(word(0)?), word(1)?.cast_signed(), word(2)?);
    if sign != 0 && sign != NEGATIVE || power < -1 && digits > 0 {
        return None;
    }
    let places = usize::try_from(power + 1).ok()?;
    if digits > places {
        return None;
    }
    let digit = |index: usize| if index < digits { word(4 + index) } else { Some(0) };
    let joined = |sum: i64, index| sum.checked_mul(10_000)?.checked_add(digit(index)?.into());
    let number = (0..places).try_fold(0, joined)?;
    Some(if sign == NEGATIVE { -number } else { number })
}

/// The fault of a statement within the rows of another.
pub(super) fn nested(place: &str) -> LedgerError {
    let reason = "a statement within the rows of another, which one connection can't answer";
    ServerFault::new(place, Kind::Statement, reason).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_translated_and_quoted_text_is_not() {
        for (portable, own) in [
            ("SELECT ?1, ?12 WHERE a = ?2", "SELECT $1, $12 WHERE a = $2"),
            ("SELECT '?1', \"?2\", 'it''s ?3', ?4", "SELECT '?1', \"?2\", 'it''s ?3', $4"),
            ("SELECT 'é?' || ?1", "SELECT 'é?' || $1"),
        ] {
            assert_eq!(translated(portable), own);
        }
    }

    #[test]
    fn whole_numerics_are_read() {
        let raw = |words: &[u16]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
        for (words, number) in [
            (&[0, 0, 0, 0][..], Some(0)),
            (&[1, 0, 0, 0, 7], Some(7)),
            (&[1, 1, 0, 0, 5], Some(50_000)),
            (&[3, 2, 0x4000, 0, 1, 2, 3], Some(-100_020_003)),
            (&[2, 0, 0, 2, 1, 5000], None),
            (&[1, 0xFFFF, 0, 1, 5000], None),
            (&[0, 0, 0xC000, 0], None),
            (&[1, 9, 0, 0, 9999], None),
        ] {
            assert_eq!(numeric(&raw(words)), number, "{words:?}");
        }
    }

    #[test]
    fn a_parameter_is_never_displayed() {
        assert!(!format!("{:?}", Parameter::Text("zpqm".to_owned())).contains("zpqm"));
    }
}
