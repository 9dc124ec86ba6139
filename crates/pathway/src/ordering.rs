//! The scan: ordered, declined, screened, scheduled, done (CR9, CR21). More than
//! the guideline asks for needs no reason and is never refused.

use cauda_guideline::vocabulary::Tier;

use crate::answer::Asked;
use crate::clocks::TaskKind;
use crate::command::Action;
use crate::event::{Less, ResultNumber, What};
use crate::handle::Writing;
use crate::identity::Text;
use crate::limited::{is_limited, is_never_limited};
use crate::refusal::{Refusal, Why};
use crate::tasks::Raise;
use crate::visit::{Order, Pending};

/// Most characters of an image's id.
const IMAGE_MAX: usize = 64;

impl Writing<'_> {
    /// An image as staff call it.
    fn named<'a>(&'a self, image: &'a str) -> &'a str {
        let phrase = self.guideline.vocabulary.get("image", image);
        phrase.map_or(image, |phrase| phrase.staff.as_str())
    }

    pub(crate) fn act_on_order(&mut self, action: &Action) -> Result<(), Refusal> {
        match action {
            Action::OrderImaging { image, tier, less, earliest_start } => {
                self.order_imaging(image, *tier, less.as_ref(), *earliest_start)
            }
            Action::DeclineImaging { image, less } => {
                self.decision()?;
                self.record(What::ImagingDeclined { image: name(image)?, less: less.clone() })
            }
            Action::CancelOrder { order, less } => {
                self.order(*order)?;
                self.record(What::OrderCancelled { order: *order, less: less.clone() })?;
                self.done(TaskKind::TransferNow, Some(*order))
            }
            Action::ScreenForScanner { order, cleared, words } => {
                self.screen(*order, *cleared, words.as_ref())
            }
            Action::ScheduleScan { order, start } => self.schedule(*order, *start),
            Action::AcceptWait { order, reason } => self.accept_wait(*order, reason),
            Action::StartScan { order, despite } => self.start(*order, despite.as_ref()),
            Action::EndScan { order, complete } => {
                self.order(*order)?;
                self.record(What::ScanEnded { order: *order, complete: *complete })
            }
            Action::ScanAs { order, image, words } => {
                self.scan_as(*order, name(image)?, words.as_ref())
            }
            Action::ReadLimited { order, shows, words } => {
                self.read_limited(*order, *shows, words.as_ref())
            }
            _ => Ok(()),
        }
    }

    /// What was found not safe is cleared again by a physician or radiologist, with a reason.
    fn screen(
        &mut self,
        number: ResultNumber,
        cleared: bool,
        words: Option<&Text>,
    ) -> Result<(), Refusal> {
        let clears = cleared && self.order(number)?.cleared == Some(false);
        if clears && !self.by.role.is_physician() {
            let message = "it was screened as not safe; only a radiologist or another physician \
                           clears it";
            return Err(Refusal::new(Why::NotYourRole, message));
        }
        if clears && words.is_none() {
            let message = "it was screened as not safe; write why it is safe now";
            return Err(Refusal::new(Why::ReasonNeeded, message));
        }
        self.record(What::SafetyScreened { order: number, cleared, words: words.cloned() })?;
        self.done(TaskKind::SafetyScreen, Some(number))
    }

    /// A scan that began is recorded as it was; one that was not safe says why it began all the
    /// same. That it began screens nobody.
    fn start(&mut self, number: ResultNumber, despite: Option<&Text>) -> Result<(), Refusal> {
        if self.order(number)?.cleared == Some(false) && despite.is_none() {
            let message = "it was screened as not safe; a radiologist or another physician clears \
                           it, or write why it began all the same";
            return Err(Refusal::new(Why::ReasonNeeded, message));
        }
        self.record(What::ScanStarted { order: number, despite: despite.cloned() })?;
        self.done(TaskKind::TransferNow, Some(number))
    }

    /// Who was found not safe to scan is a physician's at once, until that is settled.
    pub(crate) fn watch_screening(&mut self) -> Result<(), Refusal> {
        let kind = TaskKind::AnswerNotSafe;
        let open = |it: &Pending| it.order.as_ref().is_some_and(|order| order.ended.is_none());
        let is_unsafe = |it: &Pending| {
            let cleared = it.order.as_ref().and_then(|order| order.cleared);
            cleared == Some(false) && it.is_awaited() && open(it) && it.report.is_none()
        };
        let all: Vec<(ResultNumber, bool)> =
            self.visit.pending.iter().map(|it| (it.number, is_unsafe(it))).collect();
        for (number, is_unsafe) in all {
            let about = Some(number);
            match (is_unsafe, self.has_open(kind, about)) {
                (true, false) => {
                    let named = self.treating();
                    self.raise(kind, Raise { about, named, ..Raise::default() })?;
                }
                (false, true) => self.done(kind, about)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn decision(&self) -> Result<&crate::answer::Answer, Refusal> {
        self.visit.answer.as_ref().ok_or_else(|| {
            Refusal::new(Why::DecisionNeeded, "there is no decision yet; enter one finding first")
        })
    }

    /// The order of that number, still wanted.
    pub(crate) fn order(&self, number: ResultNumber) -> Result<&Order, Refusal> {
        let pending = self.visit.result(number).filter(|pending| !pending.cancelled);
        pending.and_then(|pending| pending.order.as_ref()).ok_or_else(|| {
            Refusal::new(Why::NoSuchThing, format!("there is no order {number}; choose one listed"))
        })
    }

    fn order_imaging(
        &mut self,
        image: &str,
        tier: Option<Tier>,
        less: Option<&Less>,
        earliest_start: Option<i64>,
    ) -> Result<(), Refusal> {
        let image = name(image)?;
        let answer = self.decision()?.clone();
        let asked = answer.verdict.imaging.iter().find(|asked| self.answers(&image, asked));
        let wanted = asked.map_or(answer.verdict.acted_on, |asked| asked.tier);
        let at_home = self.visit.phase.is_gone();
        let tier = tier.unwrap_or(match at_home {
            true => Tier::Outpatient,
            false => wanted.max(Tier::Outpatient),
        });
        // Nobody at home takes a place on tonight's table; who needs one comes back first.
        if at_home && tier > Tier::Booked {
            let message = "the patient is at home; recall the patient for an urgent scan, or \
                           order it for an outpatient";
            return Err(Refusal::new(Why::NotNow, message));
        }
        if is_limited(self.guideline, &image)
            && is_never_limited(&self.visit, self.guideline, self.as_of())
        {
            let message = "the guideline says whole spine and never a limited protocol; order the \
                           whole spine";
            return Err(Refusal::new(Why::NotNow, message));
        }
        if less.is_none() {
            self.is_not_less(&image, tier, asked, &answer.verdict.imaging)?;
        }
        let within = asked.filter(|asked| asked.tier == tier).and_then(|a| a.within.as_deref());
        let deadline = self.deadline(tier, within);
        let order = self.next_result();
        self.record(What::ImagingOrdered {
            order,
            image,
            tier,
            deadline,
            decided_on: answer.facts_sha256,
            less: less.cloned(),
        })?;
        self.done(TaskKind::AnswerWorsening, None)?;
        self.raise(TaskKind::SafetyScreen, Raise { about: Some(order), ..Raise::default() })?;
        match earliest_start {
            Some(start) => self.schedule(order, start),
            None => Ok(()),
        }
    }

    /// Orders follow a decision that makes their scan more urgent than the one before, and never
    /// one that makes it less (CR27). What a clinician ordered later than asked stays as it is
    /// until more is asked.
    pub(crate) fn hasten_orders(&mut self, before: &[Asked]) -> Result<(), Refusal> {
        // Who is at home is recalled; the order follows once the patient is here.
        if self.visit.phase.is_gone() {
            return Ok(());
        }
        let after = self.visit.answer.iter().flat_map(|answer| &answer.verdict.imaging);
        let after: Vec<Asked> = after.cloned().collect();
        let waiting = self.visit.pending.iter().filter(|pending| {
            let order = pending.order.as_ref();
            pending.is_open_order() && order.is_some_and(|order| order.started.is_none())
        });
        let waiting = waiting.filter_map(|p| p.order.clone().map(|order| (p.number, order)));
        for (number, order) in waiting.collect::<Vec<_>>() {
            let most = |all: &[Asked]| {
                let answered = all.iter().filter(|asked| self.answers(&order.image, asked));
                answered.max_by_key(|asked| asked.tier).cloned()
            };
            let Some(asked) = most(&after) else { continue };
            let was = most(before).map_or(Tier::None, |asked| asked.tier);
            if asked.tier <= was.max(order.tier) {
                continue;
            }
            let deadline = self.deadline(asked.tier, asked.within.as_deref()).min(order.deadline);
            self.record(What::OrderHastened { order: number, tier: asked.tier, deadline })?;
            // The way to the scanner gets its task anew, due by then.
            self.done(TaskKind::Scan, Some(number))?;
            let late = order.scheduled.is_some_and(|start| start > deadline);
            if late && !self.has_open(TaskKind::TransferNow, Some(number)) {
                let about = Some(number);
                self.raise(TaskKind::TransferNow, Raise { about, ..Raise::default() })?;
            }
        }
        Ok(())
    }

    /// Whether an image answers what is asked for: the same, or one that covers it.
    fn answers(&self, image: &str, asked: &Asked) -> bool {
        let phrase = self.guideline.vocabulary.get("image", image);
        let covers = phrase.is_some_and(|phrase| phrase.covers.contains(&asked.image));
        image == asked.image || covers
    }

    fn is_ordered(&self, asked: &Asked) -> bool {
        let orders = self.visit.pending.iter().filter(|pending| pending.is_open_order());
        let mut images = orders.filter_map(|pending| pending.order.as_ref());
        images.any(|order| self.answers(&order.image, asked))
    }

    /// Whether a scan that is due today was neither ordered nor declined, while
    /// another one is under way and hides it.
    pub(crate) fn forgets_a_scan(&self) -> bool {
        let asked = self.visit.answer.iter().flat_map(|answer| &answer.verdict.imaging);
        let due = asked.filter(|asked| asked.tier >= Tier::Urgent);
        let mut open = due.filter(|asked| !self.visit.declined.contains(&asked.image));
        self.visit.phase.awaits_result() && open.any(|asked| !self.is_ordered(asked))
    }

    /// Less is a later tier than asked for, or a smaller image while the larger
    /// one is not ordered.
    fn is_not_less(
        &self,
        image: &str,
        tier: Tier,
        asked: Option<&Asked>,
        all: &[Asked],
    ) -> Result<(), Refusal> {
        if let Some(asked) = asked.filter(|asked| tier < asked.tier) {
            let message = format!(
                "the guideline asks for {} as {}; add a reason, or order it so",
                self.named(&asked.image),
                asked.tier.id()
            );
            return Err(Refusal::new(Why::ReasonNeeded, message));
        }
        let larger = all.iter().find(|asked| asked.covers.iter().any(|lesser| lesser == image));
        match larger.filter(|larger| asked.is_none() && !self.is_ordered(larger)) {
            None => Ok(()),
            Some(larger) => {
                let message = format!(
                    "the guideline asks for {}, which shows more; order it, or add a reason",
                    self.named(&larger.image)
                );
                Err(Refusal::new(Why::ReasonNeeded, message))
            }
        }
    }

    /// By when the scan begins: the guideline's words for this image, else for
    /// this tier. Words that cannot be read make it due at once.
    fn deadline(&self, tier: Tier, within: Option<&str>) -> i64 {
        let of_tier = self.guideline.vocabulary.get("tier", tier.id());
        let of_tier = of_tier.and_then(|phrase| phrase.deadline.as_deref());
        let Some((seconds, clock)) = within.or(of_tier).and_then(span) else { return self.now };
        let start = match (clock, self.visit.suspected_at) {
            ("suspicion", Some(suspected)) => suspected,
            _ => self.now,
        };
        start.saturating_add(seconds)
    }

    pub(crate) fn next_result(&self) -> ResultNumber {
        u32::try_from(self.visit.pending.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// A start after the deadline means: transfer now, at this moment (CR21).
    fn schedule(&mut self, number: ResultNumber, start: i64) -> Result<(), Refusal> {
        let order = self.order(number)?.clone();
        self.record(What::ScanScheduled { order: number, start })?;
        let late = start > order.deadline && !order.wait_accepted;
        match (late, self.has_open(TaskKind::TransferNow, Some(number))) {
            (true, false) => {
                let about = Some(number);
                self.raise(TaskKind::TransferNow, Raise { about, ..Raise::default() })
            }
            (false, true) => self.done(TaskKind::TransferNow, Some(number)),
            _ => Ok(()),
        }
    }

    fn accept_wait(&mut self, order: ResultNumber, reason: &Text) -> Result<(), Refusal> {
        self.order(order)?;
        self.record(What::WaitAccepted { order, reason: reason.clone() })?;
        self.done(TaskKind::TransferNow, Some(order))
    }
}

/// `4 hours of the request`, as the guideline writes a deadline, in seconds and what starts the
/// clock. Nothing of other words.
pub fn span(words: &str) -> Option<(i64, &str)> {
    let (count, rest) = words.split_once(' ')?;
    let (unit, clock) = rest.split_once(" of ")?;
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        "week" => 604_800,
        _ => return None,
    };
    let count: i64 = count.parse().ok()?;
    Some((count.checked_mul(seconds)?, clock.trim_start_matches("the ")))
}

/// An image is named as the vocabulary does, or in a few words of its own.
fn name(image: &str) -> Result<String, Refusal> {
    let image = image.trim();
    let fits = !image.is_empty() && image.chars().count() <= IMAGE_MAX;
    if fits && !image.chars().any(char::is_control) {
        return Ok(image.to_string());
    }
    let message = format!("name the image in 1 to {IMAGE_MAX} characters");
    Err(Refusal::new(Why::Unreadable, message))
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_deadline_of_the_guideline_is_read() {
        assert_eq!(span("4 hours of the request"), Some((14_400, "request")));
        assert_eq!(span("1 hours of suspicion"), Some((3_600, "suspicion")));
        assert_eq!(span("30 minutes of suspicion"), Some((1_800, "suspicion")));
        assert_eq!(span("soon"), None);
    }
}
