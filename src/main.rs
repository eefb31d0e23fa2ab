//! Arguments to command to exit code, and nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    ivrkit::cli::main()
}
