//! Functions that ask what the dialplan has, and what sent the call to `e`.

use super::{arguments, failed, truth};
use crate::{
    call::line::Line,
    function::Called,
    number::{parsed, scanned},
};

/// `DIALPLAN_EXISTS(context,extension,priority or label)`.
pub(super) fn exists(line: &Line, given: &[u8]) -> Called {
    let [context, exten, priority] = arguments(given);
    truth(if !priority.is_empty() {
        match scanned(&priority, 30).filter(|&number| number > 0) {
            Some(number) => line.exists(&context, &exten, number),
            None => line.label(&context, &exten, &priority).is_some_and(|number| number > 0),
        }
    } else if !exten.is_empty() {
        line.exists(&context, &exten, 1)
    } else if context.is_empty() {
        return failed(line, "DIALPLAN_EXISTS takes a context at least");
    } else {
        line.pbx.contexts.contains_key(&context)
    })
}

/// `VALID_EXTEN(context,extension,priority)`; by default the own context, and the priority 1. A label is
/// no priority.
pub(super) fn is_extension(line: &Line, given: &[u8]) -> Called {
    let [context, exten, priority] = arguments(given);
    if exten.is_empty() {
        return failed(line, "VALID_EXTEN takes an extension");
    }
    let own = || line.with(|channel| channel.context.to_vec());
    let context = if context.is_empty() { own() } else { context };
    let number = if priority.is_empty() { 1 } else { parsed(&priority) };
    truth(number != 0 && line.exists(&context, &exten, number))
}

/// `EXCEPTION(reason)`, `EXCEPTION(context)`, `EXCEPTION(exten)`, `EXCEPTION(priority)`.
pub(super) fn exception(line: &Line, field: &[u8]) -> Called {
    let field = field.to_ascii_lowercase();
    line.with(|channel| {
        let Some(exception) = &channel.exception else { return Called::Failed };
        Called::Value(match &field[..] {
            b"reason" => exception.reason.clone(),
            b"context" => exception.context.clone(),
            field if field.starts_with(b"exten") => exception.exten.clone(),
            b"priority" => exception.priority.to_string().into_bytes(),
            _ => return Called::Failed,
        })
    })
}
