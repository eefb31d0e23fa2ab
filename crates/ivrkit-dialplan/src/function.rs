//! Functions of the dialplan that need no channel: `${CUT(LIST,-,2)}` and its like.
//!
//! One file per family, after the modules of Asterisk's `funcs/`. Used while a dialplan loads and
//! wherever its calls are walked through. What is not here is [`Called::NotModelled`]; nothing is
//! guessed. Must not know of contexts or extensions.

pub(crate) mod arguments;
pub(crate) mod calculation;
mod condition;
mod list;
mod print;
mod text;
mod uri;

use crate::expression::Environment;

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    /// Its value.
    Value(Vec<u8>),
    /// Asterisk's function fails; its value counts as empty.
    Failed,
    /// No function of that name is here.
    NotModelled,
}

/// Calls a function with what stands between its parentheses.
///
/// Variables that it names are asked of `environment`, which also hears its complaints.
pub fn call(name: &[u8], given: &[u8], environment: &mut dyn Environment) -> Called {
    let value = match name {
        b"CUT" => list::cut(given, environment),
        b"FIELDQTY" => Some(list::field_quantity(given, environment)),
        b"FIELDNUM" => list::field_number(given, environment),
        b"LISTFILTER" => list::list_filter(given, environment),
        b"REPLACE" => list::replace(given, environment),
        b"STRREPLACE" => list::string_replace(given, environment),
        b"FILTER" => text::filter(given, environment),
        b"REGEX" => text::regex(given, environment),
        b"QUOTE" => Some(text::quote(given, environment)),
        b"LEN" => Some(given.len().to_string().into_bytes()),
        b"TOUPPER" => Some(given.to_ascii_uppercase()),
        b"TOLOWER" => Some(given.to_ascii_lowercase()),
        b"PASSTHRU" => Some(given.to_vec()),
        b"KEYPADHASH" => Some(text::keypad_hash(given)),
        b"EXISTS" => Some(flag(!given.is_empty())),
        b"ISNULL" => Some(flag(given.is_empty())),
        b"IF" => condition::chosen(given, environment),
        b"MATH" => calculation::calculated(given, environment),
        b"URIENCODE" => Some(uri::encoded(given)),
        b"URIDECODE" => Some(uri::decoded(given)),
        b"SPRINTF" => return print::printed(given, environment),
        _ => return Called::NotModelled,
    };
    value.map_or(Called::Failed, Called::Value)
}

fn flag(is_so: bool) -> Vec<u8> {
    vec![if is_so { b'1' } else { b'0' }]
}

#[cfg(test)]
mod tests;
