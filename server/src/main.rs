//! The binary `banto`.

fn main() -> std::process::ExitCode {
    banto_server::cli::main()
}
