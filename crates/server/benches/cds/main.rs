//! Calls of an EHR at a fixed rate: how long each takes, on the machine that makes them too.
//!
//!   cargo bench -p cauda-server --bench cds
//!   CAUDA_CDS_SECONDS=10 CAUDA_CDS_RATE=300 cargo bench -p cauda-server --bench cds
//!   CAUDA_CDS_ONLY=stages cargo bench -p cauda-server --bench cds
//!
//! The server is a process of its own with its record in SQLite; this one plays the EHR. It signs
//! every token before a run, begins each call at its planned time whatever became of those before,
//! and counts from that time on. Without a rate it runs 500 a second signed by RS384, 200 a second
//! by ES384, and then by RS384 from a few on faster and faster until one call in a hundred takes
//! more than 50 ms.
//! `CAUDA_CDS_ONLY` is `stages`, `rates` or `ramp`.
#![allow(clippy::unwrap_used)]

mod charts;
mod load;
mod program;
mod stages;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cauda_jose::SigningKey;
use serde_json::json;

use charts::{Asking, Charts};
use load::{Call, Came, Lines};
use program::{ISSUER, Program, Signers, TOKEN_SECONDS};

/// As in `cauda`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RS384: usize = 500;
const ES384: usize = 200;
/// How long a run takes and a step of the ramp, in seconds, and what goes before each.
const SECONDS: usize = 60;
const STEP_SECONDS: usize = 15;
const WARM_SECONDS: usize = 2;
/// Where the ramp begins and what each step has more, and where it ends at last.
const FASTER: usize = 50;
const FASTEST: usize = 3_000;
/// What 99 of 100 calls have to keep to.
const BAR_MILLIS: f64 = 50.0;

fn main() {
    if let Some(folder) = std::env::var_os(program::FOLDER) {
        return program::serve(Path::new(&folder));
    }
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<usize>().ok());
    let only = std::env::var("CAUDA_CDS_ONLY").unwrap_or_default();
    let is_wanted = |part: &str| only.is_empty() || only == part;
    let (seconds, rate) = (number("CAUDA_CDS_SECONDS"), number("CAUDA_CDS_RATE"));
    let signers = Signers::new();
    let charts = Arc::new(Charts::at(now()));
    stages::check(&charts);
    let (smallest, largest) = charts.bytes();
    println!("a call has {smallest} to {largest} bytes");
    if is_wanted("stages") {
        let folder = tempfile::tempdir().unwrap();
        signers.register(folder.path());
        stages::measure(folder.path(), &signers);
    }
    let length = seconds.unwrap_or(SECONDS);
    if is_wanted("rates") {
        run(&signers, &charts, &signers.rsa, rate.unwrap_or(RS384), length);
        run(&signers, &charts, &signers.ec, rate.unwrap_or(ES384), length);
    }
    if is_wanted("ramp") && rate.is_none() {
        let length = seconds.unwrap_or(STEP_SECONDS);
        let rates = (FASTER..=FASTEST).step_by(FASTER);
        let mut held = rates.take_while(|rate| {
            let came = run(&signers, &charts, &signers.rsa, *rate, length);
            came.percentile(0.99) <= BAR_MILLIS
        });
        match held.by_ref().last() {
            Some(last) => println!("the bar is held up to {last} a second by RS384"),
            None => println!("the bar is not held"),
        }
    }
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

/// A token for one call of that address.
fn token(key: &SigningKey, address: &str, now: i64, id: &str) -> String {
    let id = format!("{id}-{}", key.algorithm().name());
    let claims = json!({
        "iss": ISSUER, "aud": address, "iat": now, "exp": now + TOKEN_SECONDS, "jti": id,
        "sub": "Practitioner/dr-lind",
    });
    key.sign(&claims, &[]).unwrap()
}

/// One server from start to stop, called at that rate for so long.
fn run(
    signers: &Signers,
    charts: &Arc<Charts>,
    key: &SigningKey,
    rate: usize,
    seconds: usize,
) -> Came {
    let folder = tempfile::tempdir().unwrap();
    signers.register(folder.path());
    let program = Program::start(folder.path());
    let mut calls = signed(key, &program, rate, WARM_SECONDS + seconds);
    let warm: Vec<Call> = calls.drain(..rate * WARM_SECONDS).collect();
    let begin = warm.last().map_or(Duration::ZERO, |call| call.at);
    calls.iter_mut().for_each(|call| call.at -= begin);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let lines = Lines::new(program.address);
    let before = runtime.block_on(load::run(&lines, charts, warm));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap();
    let began = program.seconds();
    let came = runtime.block_on(load::run(&lines, charts, calls));
    let ended = program.seconds();
    let resident = program.resident();
    drop((lines, runtime));
    let log = program.stop();
    print(&came, key, rate);
    let took = came.took.as_secs_f64();
    let core = |from: f64, to: f64| (to - from) / took;
    let (server, ours) = (core(began.server, ended.server), core(began.ours, ended.ours));
    let others = core(began.all, ended.all) - server - ours;
    println!(
        "    cores: server {server:.2}, generator {ours:.2}, others {others:.2}; \
         load before: {}",
        load.split_whitespace().next().unwrap_or_default()
    );
    let recorded = tokio::runtime::Runtime::new().unwrap();
    let (asked, read) = recorded.block_on(stages::recorded(folder.path()));
    let file = std::fs::metadata(folder.path().join("record.sqlite")).unwrap().len() / 1_000_000;
    println!(
        "    answered {}, in the record {asked} and {read} charts, {file} MB; resident {resident} \
         MB; {log} lines of log",
        came.times.len() + before.times.len()
    );
    came
}

fn print(came: &Came, key: &SigningKey, rate: usize) {
    let errors: usize = came.errors.values().sum();
    let count = came.times.len() + errors;
    println!(
        "{rate}/s {}, {count} calls in {:.1} s: p50 {:.1} ms, p90 {:.1}, p99 {:.1}, p99.9 {:.1}, \
         max {:.1}; {errors} errors {:?}",
        key.algorithm().name(),
        came.took.as_secs_f64(),
        came.percentile(0.50),
        came.percentile(0.90),
        came.percentile(0.99),
        came.percentile(0.999),
        came.percentile(1.0),
        came.errors
    );
    let late = came.late.get(came.late.len() * 99 / 100).copied().unwrap_or_default();
    println!(
        "    {} bytes an answer; {} connections; begun late by {:.1} ms at p99",
        came.bytes / came.times.len().max(1),
        came.connections,
        late.as_secs_f64() * 1_000.0
    );
}

/// All calls of a run, signed on both cores.
fn signed(key: &SigningKey, program: &Program, rate: usize, seconds: usize) -> Vec<Call> {
    let times = load::arrivals(rate * seconds, rate as f64);
    let (now, base) = (now(), format!("http://{}", program.address));
    let call = |(number, at): (usize, &Duration)| {
        let asking = Asking::nth(number);
        let address = format!("{base}{}", asking.path());
        let token = token(key, &address, now, &format!("call-{number}"));
        Call { at: *at, asking, bearer: format!("Bearer {token}") }
    };
    let half = times.len() / 2;
    std::thread::scope(|scope| {
        let part = |from: usize, to: usize| {
            let times = &times[from..to];
            move || (from..to).zip(times).map(call).collect::<Vec<_>>()
        };
        let other = scope.spawn(part(half, times.len()));
        let mut all = part(0, half)();
        all.extend(other.join().unwrap());
        all
    })
}
