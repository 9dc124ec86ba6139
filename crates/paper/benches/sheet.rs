//! How long a sheet and a letter take.
//!
//!   cargo bench -p cauda-paper
//!   CAUDA_PAPER_TO=folder cargo bench -p cauda-paper      keeps the papers there
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

#[path = "../tests/it/papers.rs"]
mod papers;

use std::time::Instant;

use cauda_paper::{PageSize, Paper, Size, pdf};

const ROUNDS: usize = 200;

fn main() {
    let folder = std::env::var("CAUDA_PAPER_TO").ok();
    let large = Paper { size: Size::Large, ..papers::sheet() };
    let (letter, us) = (papers::letter(), Paper { page: PageSize::Letter, ..papers::letter() });
    for (name, paper) in [
        ("sheet", papers::sheet()),
        ("sheet in large print", large),
        ("hoja", papers::hoja()),
        ("letter", letter),
        ("letter on US paper", us),
    ] {
        let mut times: Vec<f64> = (0..ROUNDS).map(|_| once(&paper)).collect();
        times.sort_by(f64::total_cmp);
        let bytes = pdf(&paper).unwrap();
        println!(
            "{name}: {:.2} ms at the median, {:.2} ms at most, {} bytes",
            times[ROUNDS / 2],
            times[ROUNDS - 1],
            bytes.len()
        );
        if let Some(folder) = &folder {
            std::fs::write(format!("{folder}/{}.pdf", name.replace(' ', "_")), bytes).unwrap();
        }
    }
}

fn once(paper: &Paper) -> f64 {
    let began = Instant::now();
    pdf(paper).unwrap();
    began.elapsed().as_secs_f64() * 1_000.0
}
