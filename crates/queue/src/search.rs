//! The smallest change that avoids a breach.
//!
//! Changes are tried from the least disturbing to the most, each by a forecast of its own, and
//! one is offered only if the scan is then done in time and nobody at least as urgent becomes
//! late by it. Where nothing here helps the answer is to transfer now (CR21).

use std::cmp::Reverse;

use crate::breach::Change;
use crate::department::Department;
use crate::entry::{Entry, Shorter, State};
use crate::forecast::{self, Forecast};
use crate::names::{EntryId, ScannerId};
use crate::overriding::Will;
use crate::rank;
use crate::scanner::{Hours, Span};
use crate::tier::Tier;

/// The most forecasts that one plan spends on looking for changes.
pub const SEARCHES_MAX: usize = 32;

/// The most partners tried for one swap, and gaps for one release.
const PARTNERS_MAX: usize = 6;

/// The search for changes, with what is left of its budget.
pub(crate) struct Search<'a> {
    department: &'a Department,
    ready: &'a [i64],
    base: &'a Forecast,
    left: usize,
}

/// The budget is used up.
struct Spent;

type Found = Result<Option<(Change, Vec<EntryId>)>, Spent>;

impl<'a> Search<'a> {
    pub(crate) fn new(department: &'a Department, ready: &'a [i64], base: &'a Forecast) -> Self {
        Search { department, ready, base, left: SEARCHES_MAX }
    }

    /// The smallest change, and the less urgent orders that become late by it.
    pub(crate) fn change(&mut self, ix: usize) -> (Change, Vec<EntryId>) {
        let Some(entry) = self.department.entries.get(ix) else {
            return (Change::Unsearched, Vec::new());
        };
        if let Some(hopeless) = self.hopeless(entry) {
            return (hopeless, Vec::new());
        }
        let steps: [fn(&mut Self, usize, &Entry) -> Found; 8] = [
            Self::ready_by,
            Self::end_hold,
            Self::other_scanner,
            Self::shorter,
            Self::swap,
            Self::release,
            Self::staff,
            Self::together,
        ];
        for step in steps {
            match step(self, ix, entry) {
                Ok(Some(found)) => return found,
                Ok(None) => {}
                Err(Spent) => return (Change::Unsearched, Vec::new()),
            }
        }
        (Change::TransferNow, Vec::new())
    }

    /// What needs no forecast: the deadline is missed even on the first free table.
    fn hopeless(&self, entry: &Entry) -> Option<Change> {
        let now = self.department.now;
        let deadline = entry.deadline.as_ref()?.at;
        let shorter = entry.protocol.shorter.as_ref().map(|it| i64::from(it.minutes_p50) * 60);
        let usual = entry.protocol.seconds_p50();
        let shortest = shorter.map_or(usual, |shorter| shorter.min(usual));
        if now.saturating_add(shortest) > deadline {
            return Some(Change::TooLate);
        }
        let suiting = self.department.scanners.iter().filter(|it| it.suits(&entry.protocol));
        let free = suiting.filter_map(|it| match (it.down, self.department.running(it)) {
            (Some(down), _) if down.since <= now => down.until,
            (_, Some(running)) => Some(self.department.ends(&running).0),
            _ => Some(now),
        });
        let soonest = free.min().unwrap_or(i64::MAX).max(now);
        (soonest.saturating_add(shortest) > deadline).then_some(Change::TransferNow)
    }

    fn ready_by(&mut self, ix: usize, entry: &Entry) -> Found {
        let now = self.department.now;
        let items: Vec<String> = entry.waits_for(now).map(str::to_string).collect();
        if items.is_empty() {
            return Ok(None);
        }
        let ready_at = |at: i64| {
            let mut ready = self.ready.to_vec();
            if let Some(own) = ready.get_mut(ix) {
                *own = at.max(entry.not_before.unwrap_or(at));
            }
            ready
        };
        let (at_once, earliest) = (ready_at(now), now);
        let Some((forecast, late)) = self.tried(self.department, &at_once, ix)? else {
            return Ok(None);
        };
        // The start it would get is late enough, unless the scanner is given away before.
        let start = forecast.slots.get(ix).copied().flatten().map_or(earliest, |slot| slot.start);
        let at_start = ready_at(start);
        let change = |by| Change::ReadyBy { by, items };
        Ok(Some(match self.tried(self.department, &at_start, ix)? {
            Some((_, late)) => (change(start), late),
            None => (change(earliest), late),
        }))
    }

    fn end_hold(&mut self, ix: usize, entry: &Entry) -> Found {
        if entry.held(self.department.now).is_none() {
            return Ok(None);
        }
        let free = |own: &mut Entry| own.overrides.retain(|one| one.will != Will::Hold);
        self.with_own(ix, free).map(|tried| tried.map(|late| (Change::EndHold, late)))
    }

    fn other_scanner(&mut self, ix: usize, entry: &Entry) -> Found {
        if entry.called_to().is_none() && entry.only_on(self.department.now).is_none() {
            return Ok(None);
        }
        let mut changed = self.department.clone();
        if let Some(own) = changed.entries.get_mut(ix) {
            own.overrides.retain(|one| !matches!(one.will, Will::Only(_)));
            own.state = State::Waiting;
        }
        let Some((forecast, late)) = self.tried(&changed, self.ready, ix)? else {
            return Ok(None);
        };
        let slot = forecast.slots.get(ix).copied().flatten();
        let scanner = slot.and_then(|slot| self.department.scanners.get(slot.scanner));
        Ok(scanner.map(|it| (Change::OtherScanner { scanner: it.id.clone() }, late)))
    }

    fn shorter(&mut self, ix: usize, entry: &Entry) -> Found {
        let Some(shorter) = &entry.protocol.shorter else { return Ok(None) };
        let change = Change::Shorter { protocol: shorter.name.clone() };
        self.with_own(ix, |own| shorten(own, shorter)).map(|tried| tried.map(|late| (change, late)))
    }

    fn swap(&mut self, ix: usize, entry: &Entry) -> Found {
        for (other, with) in self.partners(ix, entry) {
            let swap = Some((ix, other));
            if let Some((_, late)) = self.tried_with(self.department, self.ready, ix, swap)? {
                return Ok(Some((Change::Swap { with }, late)));
            }
        }
        Ok(None)
    }

    /// With whom it may change places, the nearest ahead first: that moves least.
    fn partners(&self, ix: usize, entry: &Entry) -> Vec<(usize, EntryId)> {
        let (now, settings) = (self.department.now, &self.department.settings);
        let latest = rank::latest_start(entry, settings, now);
        let (group, tier) = (rank::key(entry, settings, now, 0).group, entry.tier_at(now));
        let own = self.base.slots.get(ix).copied().flatten().map_or(i64::MAX, |slot| slot.start);
        let both = self.department.entries.iter().zip(&self.base.slots).enumerate();
        let mut partners: Vec<(Reverse<i64>, &EntryId, usize)> = both
            .filter(|(_, (other, _))| other.waits() && other.id != entry.id)
            .filter_map(|(at, (other, slot))| Some((slot.as_ref()?.start, other, at)))
            .filter(|(start, _, _)| *start < own && *start <= latest)
            .filter(|(_, other, _)| other.tier_at(now) <= tier)
            .filter(|(_, other, _)| rank::key(other, settings, now, 0).group >= group)
            .map(|(start, other, at)| (Reverse(start), &other.id, at))
            .collect();
        partners.sort();
        let nearest = partners.into_iter().take(PARTNERS_MAX);
        nearest.map(|(_, id, at)| (at, id.clone())).collect()
    }

    /// All that can be done about the entry itself at once, and a swap where that is not enough.
    fn together(&mut self, ix: usize, entry: &Entry) -> Found {
        let now = self.department.now;
        let mut changed = self.department.clone();
        let mut ready = self.ready.to_vec();
        let mut changes = Vec::new();
        let items: Vec<String> = entry.waits_for(now).map(str::to_string).collect();
        if !items.is_empty()
            && let Some(own) = ready.get_mut(ix)
        {
            *own = entry.not_before.unwrap_or(now);
            changes.push(Change::ReadyBy { by: now, items });
        }
        let Some(own) = changed.entries.get_mut(ix) else { return Ok(None) };
        if entry.held(now).is_some() {
            own.overrides.retain(|one| one.will != Will::Hold);
            changes.push(Change::EndHold);
        }
        if let Some(shorter) = &entry.protocol.shorter {
            shorten(own, shorter);
            changes.push(Change::Shorter { protocol: shorter.name.clone() });
        }
        if changes.len() > 1
            && let Some((_, late)) = self.tried(&changed, &ready, ix)?
        {
            return Ok(Some((Change::Together { changes }, late)));
        }
        if changes.is_empty() {
            return Ok(None);
        }
        for (other, with) in self.partners(ix, entry) {
            if let Some((_, late)) = self.tried_with(&changed, &ready, ix, Some((ix, other)))? {
                changes.push(Change::Swap { with });
                return Ok(Some((Change::Together { changes }, late)));
            }
        }
        Ok(None)
    }

    fn release(&mut self, ix: usize, entry: &Entry) -> Found {
        let tier = entry.tier_at(self.department.now);
        let due = entry.deadline.as_ref().map_or(i64::MAX, |deadline| deadline.at);
        let scanners = self.department.scanners.iter().enumerate();
        let gaps = scanners.flat_map(|(at, it)| it.gaps.iter().map(move |gap| (at, it, gap)));
        let closed = gaps
            .filter(|(_, it, gap)| tier < gap.least && gap.from < due && it.suits(&entry.protocol));
        let mut closed: Vec<_> = closed.map(|(at, it, gap)| (gap.from, &it.id, at)).collect();
        closed.sort();
        for (from, scanner, at) in closed.into_iter().take(PARTNERS_MAX) {
            let mut changed = self.department.clone();
            if let Some(own) = changed.scanners.get_mut(at) {
                own.gaps.retain(|gap| gap.from != from);
            }
            if let Some((_, late)) = self.tried(&changed, self.ready, ix)? {
                return Ok(Some((Change::Release { scanner: scanner.clone(), from }, late)));
            }
        }
        Ok(None)
    }

    fn staff(&mut self, ix: usize, entry: &Entry) -> Found {
        if entry.tier_at(self.department.now) < Tier::Urgent {
            return Ok(None);
        }
        let due = entry.deadline.as_ref().map_or(i64::MAX, |deadline| deadline.at);
        let mut closed: Vec<(&ScannerId, usize)> = self
            .department
            .scanners
            .iter()
            .enumerate()
            .filter(|(_, it)| it.down.is_none() && it.suits(&entry.protocol))
            .filter(|(_, it)| matches!(it.hours, Hours::Open(_)))
            .map(|(at, it)| (&it.id, at))
            .collect();
        closed.sort();
        for (scanner, at) in closed.into_iter().take(PARTNERS_MAX) {
            let mut changed = self.department.clone();
            if let Some(own) = changed.scanners.get_mut(at)
                && let Hours::Open(spans) = &mut own.hours
            {
                spans.push(Span { from: self.department.now, to: due });
            }
            if let Some((_, late)) = self.tried(&changed, self.ready, ix)? {
                return Ok(Some((Change::Staff { scanner: scanner.clone() }, late)));
            }
        }
        Ok(None)
    }

    fn with_own(
        &mut self,
        ix: usize,
        change: impl FnOnce(&mut Entry),
    ) -> Result<Option<Vec<EntryId>>, Spent> {
        let mut changed = self.department.clone();
        if let Some(own) = changed.entries.get_mut(ix) {
            change(own);
        }
        Ok(self.tried(&changed, self.ready, ix)?.map(|(_, late)| late))
    }

    /// A forecast of a changed department, if the entry is then done in time and nobody at least
    /// as urgent is late by it; with the less urgent who are.
    fn tried(
        &mut self,
        changed: &Department,
        ready: &[i64],
        ix: usize,
    ) -> Result<Option<(Forecast, Vec<EntryId>)>, Spent> {
        self.tried_with(changed, ready, ix, None)
    }

    fn tried_with(
        &mut self,
        changed: &Department,
        ready: &[i64],
        ix: usize,
        swap: Option<(usize, usize)>,
    ) -> Result<Option<(Forecast, Vec<EntryId>)>, Spent> {
        self.left = self.left.checked_sub(1).ok_or(Spent)?;
        let forecast = forecast::with_swap(changed, ready, swap);
        let missed = |forecast: &Forecast, at: usize| {
            let deadline = changed.entries.get(at).and_then(|entry| entry.deadline.as_ref());
            let end = forecast.slots.get(at).copied().flatten().map_or(i64::MAX, |slot| slot.end);
            deadline.is_some_and(|deadline| end > deadline.at)
        };
        if missed(&forecast, ix) {
            return Ok(None);
        }
        let now = self.department.now;
        let own = self.department.entries.get(ix).map(|entry| entry.tier_at(now));
        let mut late = Vec::new();
        for (at, entry) in changed.entries.iter().enumerate().filter(|(_, entry)| entry.waits()) {
            if missed(&forecast, at) && !missed(self.base, at) {
                if Some(entry.tier_at(now)) >= own {
                    return Ok(None);
                }
                late.push(entry.id.clone());
            }
        }
        late.sort();
        Ok(Some((forecast, late)))
    }
}

fn shorten(own: &mut Entry, shorter: &Shorter) {
    own.protocol.minutes_p50 = shorter.minutes_p50;
    own.protocol.minutes_p90 = shorter.minutes_p90;
}
