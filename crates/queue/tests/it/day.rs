//! A drawn day of two scanners, run through events and the product's choices.

use cauda_queue::{
    Answer, Choice, Department, Departure, Entry, EntryId, Event, State, Tier, Will, next, plan,
};

use crate::chance::Chance;
use crate::department::{HOUR, MINUTE, NOW, department, due, id, item, minutes, mr, ready};

const ORDERS: u64 = 100;

struct Day {
    made: Department,
    chance: Chance,
    /// What ends when: order, on scanner.
    ends: Vec<(i64, EntryId)>,
    ordered: u64,
}

impl Day {
    fn order(&mut self, now: i64) {
        let tier = Tier::ALL[self.chance.below(5) as usize];
        let within = [30_000, 9_000, 1_400, 230, 30][tier as usize];
        let name = format!("o{:03}", self.ordered);
        self.ordered += 1;
        let since = (now - NOW) / MINUTE;
        let mut entry = minutes(due(&name, tier, since + within), 15, 25);
        entry.ordered_at = now;
        if self.chance.below(2) == 0 {
            let at = now + self.chance.below(90) as i64 * MINUTE;
            entry.readiness = vec![item("screening", Answer::Unknown, Some(at))];
        }
        self.made.apply(now, Event::Ordered(Box::new(entry))).unwrap();
    }

    /// Whatever may happen; refusals are fine, losses are not.
    fn chance_event(&mut self, now: i64) {
        let own = id(&format!("o{:03}", self.chance.below(self.ordered.max(1))));
        let scanner = mr(["A", "B"][self.chance.below(2) as usize]);
        let by = "coordinator".to_string();
        let event = match self.chance.below(12) {
            0 => Event::Cancelled { id: own, by, reason: "not indicated".to_string() },
            1 => Event::Transferred { id: own, site: "north".to_string() },
            2 => Event::Discharged { id: own },
            3 => Event::Prepared { id: own, scanner },
            4 => Event::WentDown { scanner, until: Some(now + HOUR) },
            5 => Event::Returned { id: own },
            6 => match self.made.decide(&own, Will::First, "x", None, now + HOUR) {
                Ok(made) => Event::Overridden { id: own, made },
                Err(_) => return,
            },
            _ => Event::Answered { id: own, item: item("screening", Answer::Yes, None) },
        };
        let _ = self.made.apply(now, event);
    }

    fn end_scans(&mut self, now: i64) {
        let (over, on): (Vec<_>, Vec<_>) = self.ends.drain(..).partition(|(at, _)| *at <= now);
        self.ends = on;
        for (_, own) in over {
            // It may have been sent back from the table meanwhile.
            let _ = self.made.apply(now, Event::Ended { id: own });
        }
    }

    fn start_scans(&mut self, now: i64) {
        for scanner in [mr("A"), mr("B")] {
            let Choice::Take { entry: own, .. } = next(&self.made, &scanner) else { continue };
            let taken = self.made.entry(&own).unwrap().clone();
            self.not_passed(&taken, now);
            self.ends.retain(|(_, other)| *other != own);
            self.made.apply(now, Event::Started { id: own.clone(), scanner }).unwrap();
            let long = 10 + self.chance.below(40) as i64;
            self.ends.push((now + long * MINUTE, own));
        }
    }

    fn not_passed(&self, taken: &Entry, now: i64) {
        let waits = self.made.entries.iter().filter(|it| it.waits() && ready(it));
        let held = |it: &&Entry| it.held(now).is_none();
        let immediate = waits.filter(held).any(|it| it.tier_at(now) == Tier::Immediate);
        assert!(!immediate || taken.tier_at(now) == Tier::Immediate);
    }
}

fn live(seed: u64) {
    let chance = Chance(seed);
    let made = department(&["A", "B"], Vec::new());
    let mut day = Day { made, chance, ends: Vec::new(), ordered: 0 };
    for minute in 0..4 * 24 * 60 {
        let now = NOW + minute * MINUTE;
        day.made.now = now;
        day.end_scans(now);
        if day.ordered < ORDERS && day.chance.below(14) == 0 {
            day.order(now);
        }
        if minute < 24 * 60 && day.chance.below(20) == 0 {
            day.chance_event(now);
        }
        if minute == 24 * 60 {
            // At last everybody is answered for and the scanners work.
            while day.ordered < ORDERS {
                day.order(now);
            }
            for n in 0..ORDERS {
                let item = item("screening", Answer::Yes, None);
                let _ = day.made.apply(now, Event::Answered { id: id(&format!("o{n:03}")), item });
            }
        }
        day.start_scans(now);
        let inside = day.made.entries.iter().filter(|it| !matches!(it.state, State::Left(_)));
        if minute % 60 == 0 {
            assert_eq!(plan(&day.made).entries.len(), inside.count(), "seed {seed}");
        }
    }
    let left = |it: &Entry| matches!(&it.state, State::Left(how) if accounted(how));
    assert_eq!(day.made.entries.len() as u64, ORDERS, "seed {seed}");
    assert!(day.made.entries.iter().all(left), "seed {seed}: somebody is still in the queue");
}

fn accounted(how: &Departure) -> bool {
    match how {
        Departure::Cancelled { by, reason, .. } => !by.is_empty() && !reason.as_str().is_empty(),
        Departure::Transferred { site, .. } => !site.is_empty(),
        Departure::Scanned { .. } | Departure::Discharged { .. } => true,
    }
}

#[test]
fn drawn_days_end_with_every_order_accounted_for() {
    for seed in 0..20 {
        live(seed);
    }
}
