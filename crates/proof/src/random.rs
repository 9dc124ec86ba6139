//! Random patients from a seed: the same seed gives the same patients on every
//! machine. Values sit on thresholds and one step beside them more often than
//! anywhere else.

use cauda_guideline::Guideline;
use cauda_guideline::facts::Kind;
use cauda_guideline::resolve::Patient;

use crate::reference::Known;

/// A small generator (xorshift64*).
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// Starts at `seed`.
    pub fn new(seed: u64) -> Random {
        Random { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `limit`, which is not zero.
    pub fn below(&mut self, limit: u64) -> u64 {
        (self.number() >> 11) % limit.max(1)
    }
}

/// A random patient: as the reference evaluator reads it, and as the engine does.
pub fn patient(guideline: &Guideline, random: &mut Random) -> (Vec<Known>, Patient) {
    // Some patients are nearly unknown, some nearly clear, most in between.
    let unknown_share = [2, 10, 40, 90][random.below(4) as usize];
    let clear_share = [0, 50, 80, 95][random.below(4) as usize];
    let known: Vec<Known> = (0..guideline.facts.len())
        .map(|fact| {
            if guideline.facts[fact].is_computed() {
                Known::Unknown { cannot_be_had: false }
            } else {
                one(guideline, fact, random, unknown_share, clear_share)
            }
        })
        .collect();
    let engine = as_engine(guideline, &known);
    (known, engine)
}

/// The patient as the engine reads it.
pub fn as_engine(guideline: &Guideline, known: &[Known]) -> Patient {
    let mut engine = Patient::unknown(guideline);
    for (fact, value) in known.iter().enumerate() {
        let cells = &guideline.program.cells[fact];
        match value {
            Known::Value(value) => engine.cells[fact] = 1 << value,
            Known::Between(low, high) => {
                engine.cells[fact] = cells.between(*low, *high);
                let range = guideline.facts[fact].quantity().map(|quantity| quantity.range);
                let answered = Some((*low, *high)) != range;
                engine.vague[fact] =
                    answered && cells.count > 1 && engine.cells[fact] == cells.all();
            }
            Known::Unknown { cannot_be_had } => {
                engine.cannot_be_had[fact] = *cannot_be_had && cells.assume.is_none();
            }
        }
    }
    engine
}

fn one(
    guideline: &Guideline,
    fact: usize,
    random: &mut Random,
    unknown_share: u64,
    clear_share: u64,
) -> Known {
    let cells = &guideline.program.cells[fact];
    if random.below(100) < unknown_share {
        return Known::Unknown { cannot_be_had: random.below(3) == 0 };
    }
    let clear = random.below(100) < clear_share;
    match &guideline.facts[fact].kind {
        Kind::Named { values, clear: at, .. } => {
            Known::Value(if clear { *at } else { random.below(values.len() as u64) as usize })
        }
        Kind::Quantity(quantity) if clear => Known::Between(quantity.clear, quantity.clear),
        Kind::Quantity(quantity) => {
            let (low, high) = quantity.range;
            let near = |random: &mut Random| {
                let place = match cells.cuts.len() as u64 {
                    0 => low + random.below((high - low) as u64) as i64,
                    count if random.below(4) > 0 => {
                        // On a threshold, one half step or one step beside it.
                        cells.cuts[random.below(count) as usize] + random.below(6) as i64 - 3
                    }
                    _ => low + random.below((high - low) as u64) as i64,
                };
                place.clamp(low, high)
            };
            let place = near(random);
            match random.below(12) {
                0 => Known::Between(low, place),
                1 => Known::Between(place, high),
                2 => {
                    let other = near(random);
                    Known::Between(place.min(other), place.max(other))
                }
                _ => Known::Between(place, place),
            }
        }
    }
}
