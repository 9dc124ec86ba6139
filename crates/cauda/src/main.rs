//! `cauda`: the command line. Commands read, decide, write; what they decide
//! with lives in the other crates.

mod args;
mod assess;
mod check;
mod diagnostics;
mod diff;
mod doctor;
mod ehr;
mod error;
mod facts;
mod folder;
mod generate;
mod guideline;
mod hl7;
mod interview;
mod manual;
mod messages;
mod mutate;
mod out;
mod page;
mod population;
mod publish;
mod record;
mod scanners;
mod serve;
mod shares;
mod sign_on;
mod story;
mod tour;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::error::CliError;

/// A call of an EHR is many small texts, made and let go on several threads: with it the same
/// machine answers a third more of them (docs/benchmarks.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = matches!(&cli.command, Command::Assess(args) if args.json);
    let outcome = match &cli.command {
        Command::Assess(args) => assess::run(args),
        Command::Interview(args) => interview::run(args),
        Command::Facts(args) => facts::run(args),
        Command::Check(args) => check::check(args),
        Command::Fmt(args) => check::fmt(args),
        Command::Verify(args) => verify::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Publish(args) => publish::run(args),
        Command::Mutate(args) => mutate::run(args),
        Command::Record(args) => record::run(args),
        Command::Doctor(args) => doctor::run(args),
        Command::Serve(args) => serve::serve(args),
        Command::Demo(args) => serve::demo(args),
        Command::Generate(args) => generate::run(args),
        Command::Tour(args) => tour::run(args),
        Command::Completions { shell } => Ok(manual::completions(*shell)),
        Command::Man { dir } => manual::man(dir),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            report(&error, json);
            ExitCode::from(error.exit_code())
        }
    }
}

fn report(error: &CliError, json: bool) {
    match error {
        CliError::Visit { fault, .. } if json => {
            let shown = serde_json::json!({
                "error": fault.message, "path": fault.path, "at": fault.span.start, "help": fault.help,
            });
            anstream::eprintln!("{shown}");
        }
        CliError::Visit { fault, name, text } => {
            anstream::eprint!("{}", diagnostics::render_visit(name, text, fault));
        }
        CliError::Argument { message, help }
        | CliError::Usage { message, help }
        | CliError::Record { message, help: Some(help) } => {
            anstream::eprintln!("error: {message}\n  help: {help}")
        }
        other => anstream::eprintln!("error: {other}"),
    }
}
