//! The one binary; everything that it does is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    app::main()
}
