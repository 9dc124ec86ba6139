//! `cauda record verify`: everything computed anew, and every fault with its position.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use cauda_store::{Report, Trust};
use serde_json::json;

use super::{Progress, count, existing, heads, keys, other_key, refused, stranger};
use crate::args::record::RecordVerify;
use crate::error::CliError;

const GREEN: Style = AnsiColor::Green.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// Runs the command; the number is the exit code: 1 when something is not as it was written.
///
/// # Errors
/// A record, key or head that cannot be read.
pub async fn run(args: &RecordVerify) -> Result<u8, CliError> {
    let mut trust = Trust { keys: keys(&args.signers)?, heads: heads::read(&args.head)? };
    // Who brings a head along vouches for who signed it.
    let brought: Vec<_> = trust.heads.iter().filter_map(cauda_store::SignedHead::key).collect();
    for key in brought {
        if !trust.keys.contains(&key) {
            trust.keys.push(key);
        }
    }
    let record = existing(&args.place).await?;
    let mut progress = Progress::new();
    let report = record.verify(&trust, &mut |done, of| progress.tell(done, Some(of))).await;
    let report = report.map_err(refused)?;
    drop(progress);
    let key = record.public_key().to_string();
    let stranger = match report.is_whole() {
        true => None,
        // Only for the help: heads that cannot be read are among the faults.
        false => stranger(&record, &trust.keys).await.ok().flatten(),
    };
    record.close().await;
    if args.json {
        crate::out::line(&as_json(&report, &key)?);
    } else {
        crate::out::print(&text(&report, &key));
    }
    if let Some(stranger) = stranger {
        anstream::eprintln!("help: {}", other_key(&stranger));
    }
    Ok(u8::from(!report.is_whole()))
}

fn text(report: &Report, key: &str) -> String {
    let mut text = String::new();
    for fault in &report.faults {
        let _ = writeln!(text, "{RED}FAULT{RED:#}  position {}: {}", fault.position, fault.what);
    }
    let listed = report.faults.len() as u64;
    if report.fault_count > listed {
        let _ = writeln!(text, "… and {} more", report.fault_count - listed);
    }
    let _ = writeln!(
        text,
        "{}, {} of them erased, {}\nroot {}\nkey  {key}",
        count(report.events, "event"),
        report.erased,
        count(report.heads, "signed head"),
        report.root
    );
    let _ = match report.is_whole() {
        true => writeln!(text, "{GREEN}whole{GREEN:#}: everything is as it was written"),
        false => writeln!(text, "{RED}not whole{RED:#}: {}", count(report.fault_count, "fault")),
    };
    text
}

fn as_json(report: &Report, key: &str) -> Result<String, CliError> {
    let faults = report.faults.iter();
    let faults: Vec<_> =
        faults.map(|fault| json!({ "position": fault.position, "what": fault.what })).collect();
    let shown = json!({
        "whole": report.is_whole(),
        "events": report.events,
        "erased": report.erased,
        "heads": report.heads,
        "root": report.root.to_string(),
        "key": key,
        "fault_count": report.fault_count,
        "faults": faults,
    });
    serde_json::to_string_pretty(&shown).map_err(|error| CliError::Internal(error.to_string()))
}
