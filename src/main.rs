//! The `pli` program: arguments in, exit code out. Everything else is library.

use std::process::ExitCode;

fn main() -> ExitCode {
    foreign::this_program_may_run_itself();
    pli::cli::main()
}
