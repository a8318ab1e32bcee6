//! The `pli` program: arguments in, exit code out. Everything else is library.

use std::process::ExitCode;

fn main() -> ExitCode {
    pli::cli::main()
}
