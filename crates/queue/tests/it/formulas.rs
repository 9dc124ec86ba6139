//! Mean waits by queueing theory, classes from the most urgent to the least.
//!
//! - Erlang's C, and the wait that meets an arrival: `W0`, the mean time until a scanner is free
//!   for whoever finds all of them busy. One scanner: `Σ λ E[S²] / 2`; several with one mean
//!   service `s`: `C(c, a) s / c`.
//! - Strict priority without preemption: A. Cobham, "Priority assignment in waiting line
//!   problems", Operations Research 2 (1954): `W_p = W0 / ((1 - σ_{p-1}) (1 - σ_p))`, with
//!   `σ_p` the load of the classes up to `p`.
//! - Accumulating priority: L. Kleinrock, "A delay dependent queue discipline", Naval Research
//!   Logistics Quarterly 11 (1964); D. Stanford, P. Taylor and I. Ziedins, "Waiting time
//!   distributions in the accumulating priority queue", Queueing Systems 77 (2014); for several
//!   servers A. Sharif, D. Stanford, P. Taylor and I. Ziedins (2014).
//! - Conservation: L. Kleinrock, "A conservation law for a wide class of queueing disciplines"
//!   (1965): `Σ ρ_p W_p = ρ W0 / (1 - ρ)` for whatever never idles and does not look at service.
//!
//! Derivation of the accumulating waits, as the papers themselves were not at hand. Class `p`
//! gains `b_p` a unit of time. Somebody of class `p` comes at 0 and waits `W`. Before them go
//! 1. what is in service: `W0`;
//! 2. of those found waiting, all of the classes that gain as fast or faster: by Little's law
//!    `λ_i W_i` of them; of the slower, who waits `V` in all is passed unless the newcomer waits
//!    too short, and of the `λ_i W_i` found the share `b_i / b_p` goes first (an arrival `t`
//!    before keeps its lead until `t b_i / (b_p - b_i)`; integrating over `t` leaves that share);
//! 3. of the faster that come later, those within `W (1 - b_p / b_i)`: they catch up in time.
//!
//! So `W_p = W0 + Σ_{i≥p} ρ_i W_i + Σ_{i<p} ρ_i W_i b_i / b_p + W_p Σ_{i>p} ρ_i (1 - b_p / b_i)`,
//! here with `i > p` for faster. It is linear, solved below by elimination; put together with
//! the conservation law it becomes Kleinrock's recursion. Both are computed and compared, and
//! both ends (equal rates, rates far apart) with first come and Cobham.

/// A class: load on one scanner, and its rate of gaining priority.
#[derive(Clone, Copy)]
pub struct Part {
    pub load: f64,
    pub gain: f64,
}

pub fn erlang_c(scanners: usize, offered: f64) -> f64 {
    // Erlang's B by its recursion, then C.
    let b = (1..=scanners).fold(1.0, |b, n| offered * b / (n as f64 + offered * b));
    let load = offered / scanners as f64;
    b / (1.0 - load * (1.0 - b))
}

/// `W0` on one scanner from arrivals and mean services, exponential.
pub fn residual(classes: &[(f64, f64)]) -> f64 {
    classes.iter().map(|(rate, service)| rate * service * service).sum()
}

/// `W0` on several scanners with one mean service.
pub fn residual_of_many(scanners: usize, rate: f64, service: f64) -> f64 {
    erlang_c(scanners, rate * service) * service / scanners as f64
}

pub fn cobham(residual: f64, loads: &[f64]) -> Vec<f64> {
    let mut before = 0.0;
    let wait = |load: &f64| {
        let upto = before + load;
        let wait = residual / ((1.0 - before) * (1.0 - upto));
        before = upto;
        wait
    };
    loads.iter().map(wait).collect()
}

pub fn first_come(residual: f64, load: f64) -> f64 {
    residual / (1.0 - load)
}

/// Kleinrock's recursion, from the slowest to gain to the fastest.
pub fn recursion(residual: f64, parts: &[Part]) -> Vec<f64> {
    let load: f64 = parts.iter().map(|part| part.load).sum();
    let mut waits = vec![0.0; parts.len()];
    for p in (0..parts.len()).rev() {
        let own = parts[p].gain;
        let mut above = residual / (1.0 - load);
        let mut below = 1.0;
        for (i, other) in parts.iter().enumerate() {
            if other.gain < own {
                above -= other.load * waits[i] * (1.0 - other.gain / own);
            } else {
                below -= other.load * (1.0 - own / other.gain);
            }
        }
        waits[p] = above / below;
    }
    waits
}

/// The linear equations of the derivation, by Gaussian elimination.
pub fn equations(residual: f64, parts: &[Part]) -> Vec<f64> {
    let n = parts.len();
    let mut rows: Vec<Vec<f64>> = vec![vec![0.0; n + 1]; n];
    for (p, row) in rows.iter_mut().enumerate() {
        let own = parts[p].gain;
        row[p] += 1.0;
        row[n] = residual;
        for (i, other) in parts.iter().enumerate() {
            row[i] -= other.load * (other.gain / own).min(1.0);
            if other.gain > own {
                row[p] -= other.load * (1.0 - own / other.gain);
            }
        }
    }
    for pivot in 0..n {
        let scale = rows[pivot][pivot];
        rows[pivot].iter_mut().for_each(|cell| *cell /= scale);
        let line = rows[pivot].clone();
        for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| *at != pivot) {
            let _ = at;
            let factor = row[pivot];
            row.iter_mut().zip(&line).for_each(|(cell, other)| *cell -= factor * other);
        }
    }
    rows.iter().map(|row| row[n]).collect()
}

fn close(one: &[f64], other: &[f64], within: f64) {
    for (one, other) in one.iter().zip(other) {
        assert!((one - other).abs() <= within * other.abs(), "{one} is not {other}");
    }
}

fn parts(gains: [f64; 4]) -> Vec<Part> {
    let loads = [0.2, 0.3, 0.1, 0.25];
    loads.iter().zip(gains).map(|(load, gain)| Part { load: *load, gain }).collect()
}

#[test]
fn both_ways_to_the_accumulating_waits_agree() {
    for gains in [[8.0, 4.0, 2.0, 1.0], [1.5, 1.2, 1.1, 1.0], [9.0, 9.0, 1.0, 1.0]] {
        close(&recursion(0.7, &parts(gains)), &equations(0.7, &parts(gains)), 1e-9);
    }
}

#[test]
fn accumulating_lies_between_first_come_and_cobham() {
    let equal = recursion(0.7, &parts([1.0; 4]));
    close(&equal, &[first_come(0.7, 0.85); 4], 1e-9);
    let apart = recursion(0.7, &parts([1e18, 1e12, 1e6, 1.0]));
    close(&apart, &cobham(0.7, &[0.2, 0.3, 0.1, 0.25]), 1e-4);
}

#[test]
fn all_keep_the_conservation_law() {
    let loads = [0.2, 0.3, 0.1, 0.25];
    let sum = |waits: &[f64]| waits.iter().zip(loads).map(|(w, load)| w * load).sum::<f64>();
    let law = 0.85 * first_come(0.7, 0.85);
    close(&[sum(&cobham(0.7, &loads))], &[law], 1e-9);
    close(&[sum(&recursion(0.7, &parts([8.0, 4.0, 2.0, 1.0])))], &[law], 1e-9);
}

#[test]
fn erlang_c_as_tabled() {
    // One server: the load. Two at an offered load of one: a third.
    close(&[erlang_c(1, 0.8), erlang_c(2, 1.0)], &[0.8, 1.0 / 3.0], 1e-12);
}
