//! A discrete-event driver: Poisson arrivals, exponential service, one or several scanners, and
//! at each free scanner the very choice of the product. In the tests only.

use cauda_queue::{
    Choice, Department, Entry, EntryId, Protocol, Scanner, Settings, State, Tier, next,
};

use crate::chance::Chance;
use crate::department::scanner;

/// Seconds of a unit of time; whole seconds then blur nothing.
pub const UNIT: f64 = 100_000.0;

/// Customers left out at the start.
const WARM_UP: usize = 5_000;

/// Batches for the confidence bounds.
pub const BATCHES: usize = 40;

/// A class of customers.
#[derive(Clone, Copy)]
pub struct Class {
    pub tier: Tier,
    /// Arrivals a unit of time.
    pub rate: f64,
    /// Mean service, in units.
    pub service: f64,
    /// Units from the order to the deadline.
    pub window: f64,
}

pub struct Load<'a> {
    pub classes: &'a [Class],
    pub scanners: usize,
    pub customers: usize,
    pub settings: Settings,
    pub seed: u64,
}

/// One served customer.
pub struct Served {
    pub class: usize,
    pub wait: f64,
}

pub struct Run {
    /// In order of arrival, warm-up left out.
    pub served: Vec<Served>,
    /// When the last service ended, in seconds: the same for all policies that never idle.
    pub end: i64,
    /// Seconds of service given.
    pub work: i64,
}

/// A mean with the standard error that batch means give.
#[derive(Clone, Copy, Debug)]
pub struct Mean {
    pub mean: f64,
    pub error: f64,
}

impl Run {
    pub fn wait(&self, class: usize) -> Mean {
        self.mean(|one| (one.class == class).then_some(one.wait))
    }

    pub fn longest(&self, class: usize) -> f64 {
        let all = self.served.iter().filter(|one| one.class == class).map(|one| one.wait);
        all.fold(0.0, f64::max)
    }

    /// The mean of what `value` gives, over batches of customers that follow one another.
    pub fn mean(&self, value: impl Fn(&Served) -> Option<f64>) -> Mean {
        let size = self.served.len() / BATCHES;
        let batches = self.served.chunks_exact(size).take(BATCHES).map(|batch| {
            let values: Vec<f64> = batch.iter().filter_map(&value).collect();
            values.iter().sum::<f64>() / values.len() as f64
        });
        let means: Vec<f64> = batches.collect();
        let count = means.len() as f64;
        let mean = means.iter().sum::<f64>() / count;
        let square = means.iter().map(|one| (one - mean).powi(2)).sum::<f64>();
        Mean { mean, error: (square / (count * (count - 1.0))).sqrt() }
    }
}

/// Service is drawn at the arrival, so that one seed brings the same customers to any policy.
pub fn run(load: &Load<'_>) -> Run {
    let mut chance = Chance(load.seed);
    let rate: f64 = load.classes.iter().map(|class| class.rate).sum();
    let names: Vec<String> = (0..load.scanners).map(|n| format!("S{n}")).collect();
    let scanners: Vec<Scanner> = names.iter().map(|name| scanner(name)).collect();
    let mut department =
        Department { scanners, entries: Vec::new(), now: 0, settings: load.settings.clone() };
    let mut free_at: Vec<Option<i64>> = vec![None; load.scanners];
    let mut customers: Vec<(usize, i64, i64, i64)> = Vec::with_capacity(load.customers);
    let (mut clock, mut end, mut work) = (0.0, 0, 0);
    let mut arrival = Some(0_i64);
    while arrival.is_some() || free_at.iter().any(Option::is_some) {
        let departure = free_at.iter().flatten().min().copied();
        match (arrival, departure) {
            (Some(at), done) if done.is_none_or(|done| at < done) => {
                department.now = at;
                let class = pick(load.classes, rate, &mut chance);
                let own = load.classes[class];
                let service = chance.exponential(own.service * UNIT).round() as i64;
                department.entries.push(arrived(customers.len(), own, at));
                customers.push((class, at, service, at));
                clock += chance.exponential(UNIT / rate);
                arrival = (customers.len() < load.customers).then_some(clock.round() as i64);
            }
            (_, Some(done)) => {
                department.now = done;
                for free in free_at.iter_mut().filter(|free| **free == Some(done)) {
                    *free = None;
                }
            }
            _ => break,
        }
        for (ix, free) in free_at.iter_mut().enumerate().filter(|(_, free)| free.is_none()) {
            if department.entries.is_empty() {
                break;
            }
            let id = department.scanners[ix].id.clone();
            let Choice::Take { entry, .. } = next(&department, &id) else { continue };
            let at = department.entries.iter().position(|one| one.id == entry).unwrap();
            department.entries.swap_remove(at);
            let customer = &mut customers[entry.as_str().parse::<usize>().unwrap()];
            customer.3 = department.now;
            work += customer.2;
            *free = Some(department.now + customer.2);
            end = end.max(department.now + customer.2);
        }
    }
    assert!(department.entries.is_empty(), "somebody was never served");
    let measured = customers.into_iter().skip(WARM_UP);
    let served = measured
        .map(|(class, came, _, began)| Served { class, wait: (began - came) as f64 / UNIT });
    Run { served: served.collect(), end, work }
}

fn pick(classes: &[Class], rate: f64, chance: &mut Chance) -> usize {
    let mut left = chance.uniform() * rate;
    for (ix, class) in classes.iter().enumerate() {
        left -= class.rate;
        if left <= 0.0 {
            return ix;
        }
    }
    classes.len() - 1
}

fn arrived(number: usize, class: Class, at: i64) -> Entry {
    let due = at + (class.window * UNIT) as i64;
    Entry {
        id: EntryId::from(number.to_string().as_str()),
        tier: class.tier,
        deadline: Some(cauda_queue::Deadline {
            at: due,
            started_at: at,
            started_by: String::new(),
        }),
        protocol: Protocol::default(),
        readiness: Vec::new(),
        state: State::Waiting,
        ordered_at: at,
        not_before: None,
        place_now: String::new(),
        overrides: Vec::new(),
    }
}
