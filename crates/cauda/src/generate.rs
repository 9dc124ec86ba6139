//! `cauda generate`: what to try the program with. Of a department's messages a synthetic day, as
//! files or sent to whoever takes them; of an EHR a key and calls, in `ehr_call`.

mod ehr_call;

use std::fs;
use std::path::Path;
use std::time::Duration;

use cauda_guideline::time;
use cauda_hl7::day::{Day, DaySettings, Fate, Form, Trouble, day};
use cauda_hl7::{Sender, SenderSettings, Verdict, read_header};
use jiff::tz::TimeZone;
use serde_json::json;

use crate::args::{Generate, Hl7Day};
use crate::error::CliError;

/// How long an answer may take.
const ANSWER_SECONDS: u64 = 30;
const DAY_SECONDS: i64 = 86_400;

/// Runs the command; the number is the exit code: 1 when a message that was sent was refused.
///
/// # Errors
/// Settings of no day; a folder that cannot be written; a receiver that does not answer; a key or
/// an address that cannot be used.
pub fn run(args: &Generate) -> Result<u8, CliError> {
    match args {
        Generate::Hl7Day(args) => hl7_day(args),
        Generate::EhrKey(args) => ehr_call::key(args),
        Generate::EhrCall(args) => ehr_call::call(args),
    }
}

fn hl7_day(args: &Hl7Day) -> Result<u8, CliError> {
    let start = match &args.day {
        Some(day) => {
            let midnight = time::read(&format!("{day}T00:00:00Z"));
            midnight.map_err(|_| wrong("--day is year-month-day, 2026-12-01", "correct it"))?
        }
        None => {
            let now = jiff::Timestamp::now().as_second();
            now - now.rem_euclid(DAY_SECONDS)
        }
    };
    let mut settings = DaySettings::new(start, TimeZone::UTC);
    settings.orders = args.orders;
    settings.form = if args.orm { Form::Orm } else { Form::Omi };
    if args.undisturbed {
        settings = settings.undisturbed();
    }
    let made = day(args.seed, &settings)
        .map_err(|error| wrong(&error.to_string(), "choose other numbers"))?;
    if let Some(out) = &args.out {
        write(out, &made)?;
    }
    match &args.send {
        Some(to) => send(to, &made),
        None if args.out.is_none() => Err(wrong(
            "neither --out nor --send says where the day goes",
            "give --out FOLDER for files, or --send ADDRESS:PORT",
        )),
        None => Ok(0),
    }
}

/// A file a message, in the order of delivery, and `day.json` that says what becomes of each order.
fn write(out: &Path, made: &Day) -> Result<(), CliError> {
    let unwritable = |error: std::io::Error| CliError::Unwritable {
        path: out.to_path_buf(),
        why: error.to_string(),
    };
    fs::create_dir_all(out).map_err(unwritable)?;
    if fs::read_dir(out).map_err(unwritable)?.next().is_some() {
        let help = "give an empty folder: nothing is overwritten";
        return Err(wrong(&format!("{} is not empty", out.display()), help));
    }
    let mut names = Vec::new();
    for (at, timed) in made.messages.iter().enumerate() {
        let kind = kind_of(&timed.message).replace('^', "-");
        let name = format!("{:04}-{kind}.hl7", at + 1);
        fs::write(out.join(&name), &timed.message).map_err(unwritable)?;
        names.push(json!({
            "file": name, "at": time::write(timed.at), "trouble": trouble(timed.trouble),
        }));
    }
    let scans = made.scans.iter().map(|scan| {
        json!({
            "accession": scan.accession, "scanner": scan.scanner,
            "started": time::write(scan.started), "ended": time::write(scan.ended),
            "discontinued": scan.discontinued,
            "start_lost": scan.start_lost, "end_lost": scan.end_lost,
        })
    });
    let orders = made.orders.iter().map(|order| {
        json!({
            "placer": order.placer, "accession": order.accession,
            "ordered": time::write(order.ordered), "becomes": fate(order.fate),
        })
    });
    let whole = json!({
        "messages": names,
        "scans": scans.collect::<Vec<_>>(),
        "orders": orders.collect::<Vec<_>>(),
    });
    let text = serde_json::to_string_pretty(&whole)
        .map_err(|error| CliError::Internal(error.to_string()))?;
    fs::write(out.join("day.json"), text + "\n").map_err(unwritable)?;
    let (messages, orders) = (made.messages.len(), made.orders.len());
    crate::out::line(&format!(
        "{messages} messages about {orders} orders are in {}",
        out.display()
    ));
    Ok(())
}

fn send(to: &str, made: &Day) -> Result<u8, CliError> {
    let address = to.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let (host, port) =
        address.ok_or_else(|| wrong("--send is host:port, 127.0.0.1:2575", "correct it"))?;
    let mut sender = Sender::new(SenderSettings {
        host: host.trim_matches(['[', ']']).to_string(),
        port,
        tls: None,
        timeout: Duration::from_secs(ANSWER_SECONDS),
        pause: Duration::ZERO,
    })
    .map_err(|error| wrong(&error.to_string(), "give a host and a port"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::Internal(error.to_string()))?;
    let (mut taken, mut refused) = (0_usize, 0_usize);
    for (at, timed) in made.messages.iter().enumerate() {
        let sent = runtime.block_on(sender.send(&timed.message)).map_err(|fault| {
            let message = format!("message {} was not answered: {fault}", at + 1);
            wrong(&message, "look whether somebody listens there, and sends are allowed from here")
        })?;
        match sent.verdict {
            Verdict::Taken => taken += 1,
            Verdict::Later | Verdict::Never => {
                refused += 1;
                let why = sent.why.unwrap_or_default();
                let kind = kind_of(&timed.message);
                crate::out::line(&format!("message {} ({kind}) was refused: {why}", at + 1));
            }
        }
    }
    crate::out::line(&format!("{taken} messages taken, {refused} refused"));
    Ok(u8::from(refused > 0))
}

fn kind_of(message: &[u8]) -> String {
    let reading = cauda_hl7::Reading::new(TimeZone::UTC);
    read_header(message, &reading)
        .map_or("unknown".to_string(), |header| format!("{}^{}", header.kind.0, header.kind.1))
}

fn trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::None => "none",
        Trouble::Duplicate => "the same bytes came before",
        Trouble::SentAgain => "the same content came before, under another control id",
        Trouble::Late => "later than it was written",
        Trouble::AfterItsOrder => "after the order of its patient",
    }
}

fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Reported => "reported",
        Fate::Discontinued => "discontinued",
        Fate::Cancelled => "cancelled",
        Fate::NoShow => "did not come",
    }
}

fn wrong(message: &str, help: &str) -> CliError {
    CliError::Argument { message: message.to_string(), help: help.to_string() }
}
