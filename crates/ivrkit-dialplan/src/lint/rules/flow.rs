//! Where a call goes on, and where it falls off the end.

use crate::lint::Rule;

mod block_without_end;
mod busy_loop;
mod circular_include;
mod endless_menu;
mod goes_on_elsewhere;
mod made_up_handler;
mod no_first_priority;
mod priority_gap;
mod prompt_without_wait;
mod return_without_gosub;
mod shadowed_include;
mod silence_ends_call;
mod sound_after_hangup;
mod subroutine_without_return;
mod unanswered_wait;
mod unreachable_extension;
mod unreachable_step;
mod wrong_key_ends_call;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &block_without_end::RULE,
    &busy_loop::RULE,
    &circular_include::RULE,
    &endless_menu::RULE,
    &goes_on_elsewhere::RULE,
    &made_up_handler::RULE,
    &no_first_priority::RULE,
    &priority_gap::RULE,
    &prompt_without_wait::RULE,
    &return_without_gosub::RULE,
    &shadowed_include::RULE,
    &silence_ends_call::RULE,
    &sound_after_hangup::RULE,
    &subroutine_without_return::RULE,
    &unanswered_wait::RULE,
    &unreachable_extension::RULE,
    &unreachable_step::RULE,
    &wrong_key_ends_call::RULE,
];
