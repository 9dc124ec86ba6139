//! How it goes at home: four check-ins, what was answered, and who calls where nobody answers.
//!
//! The days are local policy (CR20), as are the clocks of the calls. What an answer means for a
//! scan or a referral is the guideline's; here it only decides who looks at it next.

use cauda_guideline::Guideline;
use serde::{Deserialize, Serialize};

use crate::clocks::TaskKind;
use crate::closed_list::closed_list;
use crate::command::Found;
use crate::event::{Carried, FindingSaid, What};
use crate::finding::is_danger;
use crate::handle::Writing;
use crate::identity::{Actor, StaffRole, Text};
use crate::messaging::Messaged;
use crate::refusal::{Refusal, Why};
use crate::table::Phase;
use crate::tasks::Raise;
use crate::visit::Visit;
use crate::wire;

const DAY: i64 = 86_400;
/// Most signs of an answer: the return list is shorter.
const SIGNS_MAX: usize = 16;
/// Most characters of the id of a sign.
const SIGN_MAX: usize = 64;

closed_list! {
    /// When a patient at home is asked.
    Round {
        DayTwo = "day 2",
        DayFourteen = "day 14",
        WeekFour = "week 4",
        WeekSix = "week 6",
    }
}

impl Round {
    /// Days after the patient went.
    pub const fn days(self) -> i64 {
        match self {
            Round::DayTwo => 2,
            Round::DayFourteen => 14,
            Round::WeekFour => 28,
            Round::WeekSix => 42,
        }
    }
}

closed_list! {
    /// How the pain went since the visit; the guideline's own values.
    Course {
        Better = "better",
        Same = "same",
        Worse = "worse",
    }
}

closed_list! {
    /// What the patient can do in a day.
    Daily {
        AsUsual = "daily life as usual",
        Some = "some things are hard",
        Most = "most things are hard",
    }
}

closed_list! {
    /// Work.
    Work {
        AsUsual = "works as usual",
        Less = "works less or lighter",
        Off = "off work for the pain",
        NoWork = "has no paid work",
    }
}

closed_list! {
    /// What was tried since the visit.
    Tried {
        Moving = "kept moving",
        Medicine = "medicine",
        Warmth = "warmth",
        Physiotherapy = "physiotherapy or exercises",
        Injection = "an injection",
    }
}

closed_list! {
    /// Why nobody is asked any more.
    Stop {
        Better = "better",
        Returned = "came back",
        Admitted = "is in a hospital",
        Died = "died",
        Merged = "asked in another visit",
        PatientAsks = "does not want to be asked",
        Settled = "looked after elsewhere",
    }
}

/// A danger sign at home, as far as the patient knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signs {
    /// None of the list.
    None,
    /// At least one.
    Some,
    /// Not sure, or not answered: never the same as none.
    #[default]
    Unsure,
}

/// What a patient told of the time since the visit. What was left out is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Danger signs.
    pub signs: Signs,
    /// Which lines of the guideline's return list, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// Pain now, 0 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pain: Option<u8>,
    /// Course.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
    /// Daily life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily: Option<Daily>,
    /// Work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
    /// What was tried; nothing if that was not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<Vec<Tried>>,
}

/// A round and its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// Which.
    pub round: Round,
    /// When the patient is asked.
    #[serde(with = "wire::instant")]
    pub at: i64,
}

/// How a round stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoundState {
    /// Its day has not come.
    Ahead,
    /// Asked, and not answered: somebody owns the call.
    Asked,
    /// Answered, or closed by whoever called.
    Over,
}

/// A round of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckIn {
    /// Which, and when.
    pub planned: Planned,
    /// How it stands.
    pub state: RoundState,
}

/// A danger sign that was told at home and that nobody has settled yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DangerTold {
    /// When.
    #[serde(with = "wire::instant")]
    pub at: i64,
    /// Lines of the guideline's return list, by id.
    pub lines: Vec<String>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// When.
    pub at: i64,
    /// Who wrote it down.
    pub by: Actor,
    /// The round it answers; nothing between rounds.
    pub round: Option<Round>,
    /// A danger sign was told.
    pub danger: bool,
    /// What was told.
    pub told: Told,
}

/// The time after a visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AtHome {
    /// The rounds, in order.
    pub rounds: Vec<CheckIn>,
    /// The message of each round that was asked by one.
    pub messages: Vec<Messaged>,
    /// What was answered, oldest first.
    pub answers: Vec<Answered>,
    /// Why nobody is asked any more.
    pub stopped: Option<Stop>,
    /// When somebody last spoke with the patient and settled it.
    pub settled_at: Option<i64>,
    /// When the patient came back.
    pub returned_at: Option<i64>,
}

impl AtHome {
    /// The next round whose day has not come.
    pub fn next(&self) -> Option<Planned> {
        let ahead = self.rounds.iter().filter(|round| round.state == RoundState::Ahead);
        ahead.map(|round| round.planned).min_by_key(|planned| planned.at)
    }

    /// The latest round that was asked and not answered.
    pub fn asked(&self) -> Option<Planned> {
        let asked = self.rounds.iter().filter(|round| round.state == RoundState::Asked);
        asked.map(|round| round.planned).max_by_key(|planned| planned.at)
    }

    /// The danger sign that was told last, unless somebody spoke with the patient and settled it.
    pub fn danger(&self) -> Option<DangerTold> {
        let told = self.answers.iter().rev().find(|answer| answer.danger)?;
        let open = self.settled_at.is_none_or(|settled| settled < told.at);
        open.then(|| DangerTold { at: told.at, lines: told.told.lines.clone() })
    }

    /// Whether somebody is or will be asked.
    pub fn is_on(&self) -> bool {
        self.stopped.is_none() && self.rounds.iter().any(|round| round.state != RoundState::Over)
    }

    pub(crate) fn plan(&mut self, rounds: &[Planned]) {
        let ahead = |planned: &Planned| CheckIn { planned: *planned, state: RoundState::Ahead };
        self.rounds = rounds.iter().map(ahead).collect();
        self.messages.clear();
        self.stopped = None;
    }

    pub(crate) fn ask(&mut self, round: Round) {
        for known in self.rounds.iter_mut().filter(|known| known.planned.round == round) {
            known.state = RoundState::Asked;
        }
    }

    /// One answer closes every round that was asked, the late ones as well.
    pub(crate) fn answer(&mut self, answered: Answered) {
        self.answers.push(answered);
        self.close();
    }

    pub(crate) fn close(&mut self) {
        for known in self.rounds.iter_mut().filter(|known| known.state == RoundState::Asked) {
            known.state = RoundState::Over;
        }
    }

    /// The first reason stays: who died is not "settled" by a later word.
    pub(crate) fn stop(&mut self, why: Stop) {
        if !self.rounds.is_empty() {
            self.stopped.get_or_insert(why);
        }
    }
}

impl Visit {
    /// Seconds since the episode began, at that moment.
    pub fn since_began(&self, now: i64) -> Option<i64> {
        let here = self.arrived_at?;
        let before = self.returning.as_ref().and_then(|carried| carried.began);
        Some(now.saturating_sub(before.map_or(here, |before| before.min(here))).max(0))
    }
}

/// A sign for which somebody at home comes back at once: it stands on the guideline's return list.
pub(crate) fn is_sign_at_home(guideline: &Guideline, said: &FindingSaid) -> bool {
    let lists = guideline.vocabulary.lists().filter(|(list, _)| *list == "return");
    let mut lines = lists.flat_map(|(_, entries)| entries);
    lines.any(|(_, _, phrase)| phrase.facts.contains(&said.fact)) && is_danger(guideline, said)
}

/// The guideline's names of what a check-in tells.
pub(crate) const COURSE: &str = "course_since_visit";
const SINCE: &str = "weeks_since_first_visit";
const PAIN: &str = "pain_score";

impl Writing<'_> {
    /// The days on which a patient who has just gone is asked.
    pub(crate) fn plan_check_ins(&mut self) -> Result<(), Refusal> {
        let now = self.now;
        let planned = Round::ALL
            .iter()
            .map(|round| Planned { round: *round, at: now.saturating_add(round.days() * DAY) });
        let rounds = planned.collect();
        self.record(What::CheckInsPlanned { rounds })
    }

    /// Rounds of a visit that turned out to be this one, if nobody would ask here.
    pub(crate) fn take_over_check_ins(&mut self, carried: &Carried) -> Result<(), Refusal> {
        let rounds = &carried.check_ins;
        if carried.danger.is_some() || carried.to_reach {
            self.recall_for_a_sign()?;
        }
        let asks = self.visit.at_home.is_on() || self.visit.at_home.stopped.is_some();
        if !self.visit.phase.is_gone() || asks || rounds.is_empty() {
            return Ok(());
        }
        self.record(What::CheckInsPlanned { rounds: rounds.to_vec() })
    }

    /// Rounds whose day has come are asked, and the call has an owner from then on.
    pub(crate) fn ask_at_home(&mut self) -> Result<(), Refusal> {
        for _ in Round::ALL {
            let due = self.visit.at_home.next().filter(|planned| planned.at <= self.now);
            let Some(due) = due.filter(|_| self.visit.at_home.stopped.is_none()) else { break };
            self.record(What::CheckInDue { round: due.round })?;
            if !self.has_open(TaskKind::CheckIn, None) {
                self.raise(TaskKind::CheckIn, Raise::default())?;
            }
        }
        Ok(())
    }

    /// The answers become findings of the episode, said by the patient.
    pub(crate) fn answer_check_in(&mut self, told: &Told, found: &Found) -> Result<(), Refusal> {
        let fits = |line: &String| line.len() <= SIGN_MAX && !line.contains(char::is_control);
        if told.lines.len() > SIGNS_MAX || !told.lines.iter().all(fits) {
            return Err(Refusal::new(Why::TooLarge, "choose the signs from the list"));
        }
        if told.pain.is_some_and(|pain| pain > 10) {
            return Err(Refusal::new(Why::Unreadable, "pain is a number from 0 to 10"));
        }
        let findings = self.findings_of(told, found);
        self.find_if_any(&Found { findings, signed: found.signed.clone() })?;
        let signs = |said: &FindingSaid| is_sign_at_home(self.guideline, said);
        let danger =
            told.signs == Signs::Some || !told.lines.is_empty() || found.findings.iter().any(signs);
        let round = self.visit.at_home.asked().map(|planned| planned.round);
        let told = told.clone();
        self.record(What::CheckInAnswered { danger, round, told: Some(told.clone()) })?;
        self.done(TaskKind::CheckIn, None)?;
        self.after_answer(&told, danger)
    }

    /// What was told, as the guideline's facts; what it does not know stays with the answer.
    fn findings_of(&self, told: &Told, found: &Found) -> Vec<FindingSaid> {
        let mut findings = found.findings.clone();
        let mut add = |fact: &str, value: String, said_by| {
            let known = findings.iter().any(|said| said.fact == fact);
            if self.guideline.fact(fact).is_some() && !known {
                let fact = fact.to_string();
                let at = self.now;
                findings.push(FindingSaid { fact, value, said_by, at, limited_by_pain: false });
            }
        };
        let patient = cauda_guideline::facts::Role::Patient;
        if let Some(course) = told.course {
            add(COURSE, course.words().to_string(), patient);
        }
        if let Some(pain) = told.pain {
            add(PAIN, pain.to_string(), patient);
        }
        if let Some(since) = self.visit.since_began(self.now) {
            add(SINCE, format!("{} d", since / DAY), cauda_guideline::facts::Role::Ehr);
        }
        findings
    }

    /// Who looks at an answer: at once for a sign, today for what is not sure, within a day for
    /// what is worse, and a clinician for pain that is no better after four weeks. Better ends it
    /// from the second week on, for an adult whom a physician sent home.
    fn after_answer(&mut self, told: &Told, danger: bool) -> Result<(), Refusal> {
        if danger {
            self.recall_for_a_sign()?;
        }
        if !self.visit.phase.is_gone() {
            return Ok(());
        }
        let left = self.visit.since_left(self.now);
        let weeks = left.max(self.visit.since_began(self.now).unwrap_or(0));
        let is_late = weeks >= Round::WeekFour.days() * DAY;
        if told.signs == Signs::Unsure && !danger {
            self.see_that(TaskKind::CallAboutSigns)?;
        }
        let worse = told.course == Some(Course::Worse);
        if !danger && (worse || is_late && told.course.is_none()) {
            self.see_that(TaskKind::CallAtHome)?;
        }
        if is_late && matches!(told.course, Some(Course::Same | Course::Worse)) {
            self.see_that(TaskKind::LookAgain)?;
        }
        let is_better = told.course == Some(Course::Better) && told.signs == Signs::None;
        let is_well = is_better && told.daily != Some(Daily::Most) && !danger;
        let is_checked = self.visit.phase == Phase::Discharged && self.visit.is_adult();
        if is_well && is_checked && left >= Round::DayFourteen.days() * DAY {
            return self.record(What::CheckInsStopped { why: Stop::Better, words: None });
        }
        Ok(())
    }

    /// Whoever is at home comes back; of a patient who is here a physician hears it.
    fn recall_for_a_sign(&mut self) -> Result<(), Refusal> {
        if self.visit.phase.is_live() {
            return self.see_that(TaskKind::AnswerWorsening);
        }
        if !self.visit.phase.is_alive_end() {
            return Ok(());
        }
        let reason = Text::new("a danger sign was told at home");
        reason.map_or(Ok(()), |reason| self.open_recall(&reason))
    }

    fn see_that(&mut self, kind: TaskKind) -> Result<(), Refusal> {
        if self.has_open(kind, None) { Ok(()) } else { self.raise(kind, Raise::default()) }
    }

    /// Nobody is asked any more. Who asks for it by the link is still called once, if a call is
    /// open: whoever holds the link may be somebody else.
    pub(crate) fn stop_check_ins(
        &mut self,
        why: Stop,
        words: Option<&Text>,
    ) -> Result<(), Refusal> {
        if why == Stop::Settled && words.is_none() {
            let message = "write down who looks after the patient, then stop the check-ins";
            return Err(Refusal::new(Why::ReasonNeeded, message));
        }
        if self.visit.at_home.rounds.is_empty() {
            let message = "no check-ins are planned for this patient";
            return Err(Refusal::new(Why::NotNow, message));
        }
        self.record(What::CheckInsStopped { why, words: words.cloned() })?;
        match self.by.role {
            StaffRole::System => Ok(()),
            _ => self.done(TaskKind::CheckIn, None),
        }
    }

    /// The rounds that are still ahead are asked after all.
    pub(crate) fn resume_check_ins(&mut self) -> Result<(), Refusal> {
        let home = &self.visit.at_home;
        let can = matches!(
            home.stopped,
            Some(Stop::Better | Stop::PatientAsks | Stop::Settled | Stop::Admitted)
        );
        let open = home.rounds.iter().filter(|round| round.state != RoundState::Over);
        let rounds: Vec<Planned> = open.map(|round| round.planned).collect();
        if !can || rounds.is_empty() {
            let message = "no check-in is left to ask; call the patient, or book an appointment";
            return Err(Refusal::new(Why::NotNow, message));
        }
        self.record(What::CheckInsPlanned { rounds })
    }

    /// The link reached another person: it ends, nobody is written to until the way is known, and
    /// the rounds go on, so that silence has its owner.
    pub(crate) fn disown_link(&mut self) -> Result<(), Refusal> {
        self.record(What::LinksRevoked {})?;
        if self.visit.phase.is_gone() { self.see_that(TaskKind::CorrectContact) } else { Ok(()) }
    }

    /// The way to the patient is another one: links that went the old way end, and the message of
    /// a round that is open goes the new way.
    pub(crate) fn correct_contact(&mut self) -> Result<(), Refusal> {
        self.record(What::LinksRevoked {})?;
        self.done(TaskKind::CorrectContact, None)
    }
}

impl Visit {
    /// Whether the guideline's answer is for this patient: an adult, as far as is known.
    pub fn is_adult(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.verdict.in_scope)
    }

    /// Whether the link reached another person, and the way is not known yet.
    pub fn awaits_contact(&self) -> bool {
        self.open_tasks().any(|task| task.kind == TaskKind::CorrectContact)
    }

    /// Seconds since the patient went, at that moment.
    pub fn since_left(&self, now: i64) -> i64 {
        let first = self
            .at_home
            .rounds
            .iter()
            .map(|round| round.planned.at.saturating_sub(round.planned.round.days() * DAY));
        now.saturating_sub(first.min().unwrap_or(self.phase_since)).max(0)
    }
}
