//! Targets of Goto and of all else that jumps.

use crate::lint::{Call, Jump, Resolution, Rule, Target};

mod blank_in_target;
mod extension_as_priority;
mod jump_to_missing_context;
mod jump_to_missing_extension;
mod jump_to_missing_label;
mod jump_to_missing_priority;
mod jump_without_target;
mod too_many_target_parts;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &blank_in_target::RULE,
    &extension_as_priority::RULE,
    &jump_to_missing_context::RULE,
    &jump_to_missing_extension::RULE,
    &jump_to_missing_label::RULE,
    &jump_to_missing_priority::RULE,
    &jump_without_target::RULE,
    &too_many_target_parts::RULE,
];

/// Whether a jump names one number alone, which is no priority here but would be an extension.
fn is_extension_for_priority(call: &Call<'_>, jump: &Jump<'_>) -> bool {
    let [None, None, Some(number)] = jump.parts() else { return false };
    let number = number.trim_ascii();
    if number.len() < 2 || !number.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let target = Target { context: None, exten: Some(number), priority: b"1" };
    let as_extension = call.step.subject.resolve(call.step, target);
    matches!(jump.resolution(), Resolution::NoPriority)
        && matches!(as_extension, Resolution::Found(_))
}
