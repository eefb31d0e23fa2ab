//! Variables by name: `GLOBAL`, `SHARED`, `SET`, `DELETE` and what asks whether there are any.

use super::{DONE, arguments, failed, truth};
use crate::{
    call::{line::Line, variables::Variables},
    function::Called,
    syntax::strip,
};

/// `GLOBAL(name)`.
pub(super) fn global(line: &Line, name: &[u8]) -> Called {
    Called::Value(global_value(line, name).unwrap_or_default())
}

/// `GLOBAL(name)=value`.
pub(super) fn set_global(line: &Line, name: &[u8], value: &[u8]) -> Called {
    line.set_global(name, value);
    DONE
}

/// `GLOBAL_EXISTS(name)`.
pub(super) fn global_exists(line: &Line, name: &[u8]) -> Called {
    truth(global_value(line, name).is_some())
}

/// `GLOBAL_DELETE(name)=`.
pub(super) fn delete_global(line: &Line, name: &[u8]) -> Called {
    line.with(|channel| channel.set_global(name, None));
    DONE
}

/// `VARIABLE_EXISTS(name)`: a variable of the channel or a global one.
pub(super) fn exists(line: &Line, name: &[u8]) -> Called {
    let is_own = line.with(|channel| channel.variables.value(name).is_some());
    truth(is_own || global_value(line, name).is_some())
}

/// `DELETE(name)=`.
pub(super) fn delete(line: &Line, name: &[u8]) -> Called {
    line.with(|channel| channel.variables.set(name, None));
    DONE
}

/// `SET(name=value)`, whose value is the value.
pub(super) fn set(line: &Line, given: &[u8]) -> Called {
    let equals = given.iter().position(|&byte| byte == b'=').filter(|&at| at > 0);
    let Some(equals) = equals else { return failed(line, "SET takes name=value") };
    let stripped = |text| {
        let (start, end) = strip(text);
        &text[start..end]
    };
    let (name, value) = (stripped(&given[..equals]), stripped(&given[equals + 1..]));
    line.set(name, value);
    Called::Value(value.to_vec())
}

/// `SHARED(name)` of this channel.
pub(super) fn shared(line: &Line, given: &[u8]) -> Called {
    let [name, channel] = arguments(given);
    if !channel.is_empty() && line.with(|own| own.setup.channel != channel) {
        return Called::NotModelled;
    }
    line.with(|channel| match &channel.facts.shared {
        Some(shared) => Called::Value(shared.value(&name).unwrap_or_default().to_vec()),
        None => Called::Failed,
    })
}

/// `SHARED(name)=value` of this channel.
pub(super) fn set_shared(line: &Line, given: &[u8], value: &[u8]) -> Called {
    let [name, channel] = arguments(given);
    if name.is_empty() {
        return failed(line, "SHARED takes the name of a variable");
    }
    if !channel.is_empty() && line.with(|own| own.setup.channel != channel) {
        return Called::NotModelled;
    }
    line.with(|channel| {
        let shared = channel.facts.shared.get_or_insert_with(Variables::default);
        shared.set(&name, Some(value));
    });
    DONE
}

fn global_value(line: &Line, name: &[u8]) -> Option<Vec<u8>> {
    let loaded = &line.pbx.dialplan.globals;
    line.with(|channel| channel.global(loaded, name).map(<[u8]>::to_vec))
}
