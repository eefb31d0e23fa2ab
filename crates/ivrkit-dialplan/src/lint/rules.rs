//! All rules, one file each.
//!
//! A rule is added by its file in the folder of its group and its line in the group's list.

use super::Rule;

mod applications;
mod digits;
mod expressions;
mod flow;
mod jumps;
mod load;
mod prompts;
mod style;
mod versions;

/// The rules of all groups.
pub static ALL: std::sync::LazyLock<Vec<&'static Rule>> = std::sync::LazyLock::new(|| {
    [
        applications::RULES,
        digits::RULES,
        expressions::RULES,
        flow::RULES,
        jumps::RULES,
        load::RULES,
        prompts::RULES,
        style::RULES,
        versions::RULES,
    ]
    .concat()
});

/// The rule of this name or code.
pub fn find(name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.name == name || rule.code.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests;
