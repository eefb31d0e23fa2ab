//! The help of every command, as it was when somebody last looked at it.
//!
//! After a change of a command: `INSTA_UPDATE=always cargo test --test help`, then read the
//! difference.

use clap::Command;

#[test]
fn help_is_as_it_was_last_read() {
    let mut definition = ivrkit::cli::definition().term_width(100);
    definition.build();
    let mut path = Vec::new();
    snapshot(&definition, &mut path);
}

/// Compares a command's help with its snapshot, then those below it.
fn snapshot(command: &Command, path: &mut Vec<String>) {
    path.push(command.get_name().to_owned());
    insta::with_settings!({
        snapshot_path => "help",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(path.join("-"), command.clone().render_long_help());
    });
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        snapshot(below, path);
    }
    path.pop();
}
