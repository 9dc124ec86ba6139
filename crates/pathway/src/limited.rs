//! The limited protocol of cauda equina: when it may not be used, what it is extended to before the
//! patient leaves the table, and what it does not exclude (CR27, `scanner/limited_protocol.md`).

use cauda_guideline::Guideline;
use cauda_guideline::decision::AdviceState;
use cauda_guideline::vocabulary::Phrase;

use crate::clocks::TaskKind;
use crate::command::Found;
use crate::deciding::explained;
use crate::event::{FindingSaid, LimitedImages, ResultNumber, What};
use crate::finding::is_danger;
use crate::handle::Writing;
use crate::identity::{Actor, Text};
use crate::refusal::{Refusal, Why};
use crate::tasks::Raise;
use crate::visit::{Order, Pending, Visit};

/// What a page of the scanner says where the limited protocol is never used.
const NEVER: &str = "whole_spine_never_limited";
/// The region of a picture that shows whatever a limited one leaves out.
const WHOLE: &str = "whole spine";
/// The report that a limited protocol may answer; all others need what it does not show.
const ANSWERS: &str = "cauda_equina_scan";
/// Most signs of one command that are looked at one by one.
const SIGNS_MAX: usize = 12;
/// Reports of scans, as the facts are called.
const REPORT: &str = "_scan";

/// Whether a picture is a limited one: another covers it, it covers none, and no page asks for it,
/// so that it is only a way to begin.
pub fn is_limited(guideline: &Guideline, image: &str) -> bool {
    let Some(phrase) = mri(guideline, image) else { return false };
    let images = || guideline.vocabulary.ids("image");
    let is_covered = images().any(|other| covers(guideline, other, image));
    let asks = |text: &str| text == image;
    let mut pages = guideline.pages.iter();
    let is_asked = pages.any(|page| page.page.then_phrases("image").any(|it| asks(&it.text)));
    phrase.covers.is_empty() && is_covered && !is_asked
}

/// What the limited form of an order is extended to: the least picture of the whole spine that
/// answers the order too. Nothing where the guideline has none.
pub fn whole_of<'a>(guideline: &'a Guideline, ordered: &str) -> Option<&'a str> {
    let images = guideline.vocabulary.ids("image");
    let whole = images.filter_map(|id| Some((id, mri(guideline, id)?)));
    let whole = whole.filter(|(_, phrase)| phrase.region.as_deref() == Some(WHOLE));
    let answers = |id: &str| id == ordered || covers(guideline, id, ordered);
    let least = whole.filter(|(id, _)| answers(id));
    least.min_by_key(|(_, phrase)| (phrase.minutes, phrase.covers.len())).map(|(id, _)| id)
}

/// Whether the guideline says of this patient that no limited protocol is used.
pub fn is_never_limited(visit: &Visit, guideline: &Guideline, as_of: i64) -> bool {
    let said = explained(visit, guideline, as_of, None).scanner;
    let given = said.iter().filter(|advised| advised.state == AdviceState::Given);
    given.flat_map(|advised| &advised.says).any(|line| line.spoken.id == NEVER)
}

fn mri<'a>(guideline: &'a Guideline, image: &str) -> Option<&'a Phrase> {
    let phrase = guideline.vocabulary.get("image", image)?;
    (phrase.modality.as_deref() == Some("mri")).then_some(phrase)
}

fn covers(guideline: &Guideline, image: &str, lesser: &str) -> bool {
    mri(guideline, image).is_some_and(|phrase| phrase.covers.iter().any(|one| one == lesser))
}

impl Order {
    /// The picture that is taken, or was taken last.
    pub fn picture(&self) -> &str {
        self.scanned_as.as_deref().unwrap_or(&self.image)
    }
}

/// Whether the limited pictures of a scan that is over were never read.
pub fn is_unread(pending: &Pending, guideline: &Guideline) -> bool {
    let ended = |order: &Order| order.ended.is_some() && order.limited.is_none();
    let order = pending.order.as_ref().filter(|order| ended(order));
    pending.is_awaited() && order.is_some_and(|order| is_limited(guideline, order.picture()))
}

impl Writing<'_> {
    /// Another picture than was ordered, or than was taken so far.
    pub(crate) fn scan_as(
        &mut self,
        number: ResultNumber,
        image: String,
        words: Option<&Text>,
    ) -> Result<(), Refusal> {
        let before = self.order(number)?.picture().to_string();
        let limited = is_limited(self.guideline, &image);
        if limited && is_never_limited(&self.visit, self.guideline, self.as_of()) {
            let message = "the guideline says whole spine and never a limited protocol: an upper \
                           motor sign, a sensory level, or a sign that a clear scan left";
            return Err(Refusal::new(Why::NotNow, message));
        }
        if limited && !is_limited(self.guideline, &before) && words.is_none() {
            let message = "a limited protocol shows less than was ordered; add a reason";
            return Err(Refusal::new(Why::ReasonNeeded, message));
        }
        let (order, words) = (number, words.cloned());
        self.record(What::ScanChanged { order, image, shows: None, words })
    }

    /// What the limited pictures show. They are extended unless every deficit is explained.
    pub(crate) fn read_limited(
        &mut self,
        number: ResultNumber,
        shows: LimitedImages,
        words: Option<&Text>,
    ) -> Result<(), Refusal> {
        let order = self.order(number)?.clone();
        if !is_limited(self.guideline, order.picture()) {
            let message = "this scan is not a limited one; write its report instead";
            return Err(Refusal::new(Why::NotNow, message));
        }
        if !shows.extends() && !self.by.role.is_physician() {
            let message = "only a physician or radiologist says that every deficit is explained";
            return Err(Refusal::new(Why::NotYourRole, message));
        }
        if !shows.extends() && words.is_none() {
            let message = "write what explains the deficit; else the scan is extended";
            return Err(Refusal::new(Why::ReasonNeeded, message));
        }
        let whole = whole_of(self.guideline, &order.image).filter(|_| shows.extends());
        let image = whole.unwrap_or(order.picture()).to_string();
        let (shows_too, words) = (Some(shows), words.cloned());
        self.record(What::ScanChanged { order: number, image, shows: shows_too, words })?;
        // The patient has left the table, and the rest is still to be scanned.
        if shows.extends() && order.ended.is_some() {
            self.record(What::ScanEnded { order: number, complete: false })?;
        }
        // The report comes later; who treats the patient is told now.
        let (kind, about) = (TaskKind::CallForCompression, Some(number));
        if shows == LimitedImages::Compression && !self.has_open(kind, about) {
            let named = self.treating();
            self.raise(kind, Raise { about, named, ..Raise::default() })?;
        }
        Ok(())
    }

    /// A new sign of the cord makes a whole picture of a limited one that is not over (CR27): the
    /// visit says so by itself, with the sign that was told since event `from`.
    pub(crate) fn make_whole(&mut self, from: usize) -> Result<(), Refusal> {
        let guideline = self.guideline;
        let open = self.visit.pending.iter().filter(|it| it.is_open_order() && it.report.is_none());
        let orders = open.filter_map(|it| Some((it.number, it.order.as_ref()?)));
        let limited = orders
            .filter(|(_, order)| order.ended.is_none() && is_limited(guideline, order.picture()));
        let whole: Vec<(ResultNumber, String)> = limited
            .filter_map(|(number, order)| {
                Some((number, whole_of(guideline, &order.image)?.to_string()))
            })
            .collect();
        if whole.is_empty() || !is_never_limited(&self.visit, guideline, self.as_of()) {
            return Ok(());
        }
        let words = Text::new(self.sign_since(from)).ok();
        for (order, image) in whole {
            let (shows, words) = (None, words.clone());
            self.record_as(Actor::system(), What::ScanChanged { order, image, shows, words })?;
        }
        Ok(())
    }

    /// What was told since event `from` that is enough by itself for the whole spine.
    fn sign_since(&self, from: usize) -> String {
        let told = self.events.iter().skip(from).flat_map(|event| match &event.what {
            What::FindingsRecorded { findings } => findings.as_slice(),
            _ => &[],
        });
        let told: Vec<&FindingSaid> =
            told.filter(|said| is_danger(self.guideline, said)).take(SIGNS_MAX).collect();
        let alone = |sign: &&&FindingSaid| {
            let mut visit = self.visit.clone();
            for finding in &mut visit.findings {
                let other = told.iter().any(|said| **said == finding.said);
                finding.withdrawn |= other && finding.said != ***sign;
            }
            is_never_limited(&visit, self.guideline, self.as_of())
        };
        let signs = told.iter().filter(alone).filter_map(|said| {
            let fact = self.guideline.facts.get(self.guideline.fact(&said.fact)?)?;
            Some(fact.staff.clone())
        });
        let mut signs: Vec<String> = signs.collect();
        signs.dedup();
        match signs.is_empty() {
            true => "a sign of the cord".to_string(),
            false => signs.join(", "),
        }
    }

    /// Limited pictures that nobody read before the scan ended are somebody's task.
    pub(crate) fn watch_limited(&mut self) -> Result<(), Refusal> {
        let kind = TaskKind::ReadLimited;
        let all: Vec<(ResultNumber, bool)> =
            self.visit.pending.iter().map(|p| (p.number, is_unread(p, self.guideline))).collect();
        for (number, is_unread) in all {
            let about = Some(number);
            match (is_unread, self.has_open(kind, about)) {
                (true, false) => self.raise(kind, Raise { about, ..Raise::default() })?,
                (false, true) => self.done(kind, about)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A limited protocol shows neither cord nor infection nor metastasis, and pictures that ask for
    /// more, or that nobody could read, exclude nothing at all.
    pub(crate) fn limited_excludes_no_more(
        &self,
        number: ResultNumber,
        found: &Found,
    ) -> Result<(), Refusal> {
        let order = self.visit.result(number).and_then(|pending| pending.order.as_ref());
        let limited = |order: &&Order| is_limited(self.guideline, order.picture());
        let Some(order) = order.filter(limited) else { return Ok(()) };
        let asks_for_more = order.limited.is_some_and(LimitedImages::extends);
        for said in &found.findings {
            let clears = matches!(said.value.as_str(), "clear" | "other_cause");
            if !said.fact.ends_with(REPORT) || !clears {
                continue;
            }
            if said.fact != ANSWERS || asks_for_more {
                let message = "a limited protocol does not show the cord, infection or \
                               metastasis, and is extended before it excludes anything; enter \
                               \"inadequate\" or that a sign remains, and have the rest scanned";
                return Err(Refusal::new(Why::NotNow, message));
            }
        }
        Ok(())
    }
}
