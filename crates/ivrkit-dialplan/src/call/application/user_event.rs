//! `UserEvent(name,field: value,...)`.

use super::{
    super::{exchange::What, line::Line},
    Outcome,
};
use crate::application::arguments::{self, Text};

/// Tells whoever listens; what has no `:` is left out.
pub(super) fn run(line: &Line, data: &[u8]) -> Outcome {
    let mut arguments =
        arguments::split(data, Text::Expanded).into_iter().map(|range| &data[range]);
    let Some(name) = arguments.next() else {
        line.complain(None, "UserEvent is given no name".to_owned());
        return Outcome::HangUp;
    };
    let fields = arguments.filter_map(|field| {
        let colon = field.iter().position(|&byte| byte == b':')?;
        Some((field[..colon].to_vec(), field[colon + 1..].trim_ascii().to_vec()))
    });
    let fields = fields.collect();
    line.tell(What::UserEvent { name: name.to_vec(), fields });
    Outcome::Next
}
