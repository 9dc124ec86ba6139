//! From findings to the answer.

use sha2::{Digest, Sha256};

use super::{
    Action, Basis, Cited, Classification, ConcernAnswer, Decision, Imaging, Missing, Shown, Spoken,
    Told, Urgency, WouldChange, cells_text, said_text,
};
use crate::ENGINE_VERSION;
use crate::ask::{Questions, Waits, questions_of};
use crate::change::single_changes;
use crate::decide::{State, Truths, Verdict, decide_with_truths, holds};
use crate::explain::forcing_facts;
use crate::facts::{Fact, FactIndex, Stage};
use crate::guideline::{Guideline, LoadedPage};
use crate::page::PageKind;
use crate::program::Place;
use crate::resolve::{Finding, Findings, Patient, Reason, Said};
use crate::time;
use crate::vocabulary::{Phrase, Tier};

/// Decides and explains; with a stage, questions of that stage come first.
pub fn explain(guideline: &Guideline, findings: &Findings, stage: Option<Stage>) -> Decision {
    let patient = findings.patient();
    let (verdict, truths) = decide_with_truths(&guideline.program, &patient);
    Writer::new(guideline, findings, &patient, verdict, &truths).decision(stage)
}

/// What is scanned, said and done, without the reasons.
pub fn told(guideline: &Guideline, findings: &Findings) -> Told {
    let patient = findings.patient();
    let (verdict, truths) = decide_with_truths(&guideline.program, &patient);
    let writer = Writer::new(guideline, findings, &patient, verdict, &truths);
    let imaging = writer.imaging();
    let no_imaging_because = writer.no_imaging_because(&imaging);
    let suspects = writer.suspects();
    let mut kinds = vec![PageKind::Treatment, PageKind::FollowUp];
    if imaging.iter().any(|image| image.modality == "mri") {
        kinds.push(PageKind::Scanner);
    }
    Told {
        suspects,
        imaging,
        no_imaging_because,
        actions: writer.actions(),
        results: writer.results(),
        advice: writer.given(&kinds),
        return_list: writer.return_list(),
    }
}

pub(super) struct Writer<'a> {
    pub(super) guideline: &'a Guideline,
    pub(super) findings: &'a Findings,
    pub(super) patient: &'a Patient,
    pub(super) verdict: Verdict,
    pub(super) truths: &'a Truths,
    waits: Waits<'a>,
}

impl<'a> Writer<'a> {
    fn new(
        guideline: &'a Guideline,
        findings: &'a Findings,
        patient: &'a Patient,
        verdict: Verdict,
        truths: &'a Truths,
    ) -> Writer<'a> {
        let waits = Waits::new(guideline, patient, truths);
        Writer { guideline, findings, patient, verdict, truths, waits }
    }

    /// Facts that could still turn a condition one way or the other.
    pub(super) fn undetermined(&self, places: &[Place]) -> Vec<FactIndex> {
        self.waits.undetermined(places)
    }

    fn decision(&self, stage: Option<Stage>) -> Decision {
        let guideline = self.guideline;
        let asked = questions_of(&self.waits, &self.verdict, stage);
        let imaging = self.imaging();
        let disposition = self
            .row_page()
            .and_then(|page| self.spoken_of(page, "go", "disposition").into_iter().next());
        let no_imaging_because = self.no_imaging_because(&imaging);
        let forcing = forcing_facts(&guideline.program, self.patient);
        Decision {
            guideline: Basis {
                id: guideline.id.clone(),
                version: guideline.version.clone(),
                sha256: guideline.sha256.clone(),
                status: guideline.status.clone(),
                engine: ENGINE_VERSION,
            },
            as_of: self.findings.as_of.map(time::write),
            valid_until: self.findings.valid_until.map(time::write),
            facts_sha256: facts_sha256(guideline, self.findings),
            classification: self.classification(),
            decided: self.verdict.decided,
            clinician_review: self.verdict.conflict,
            urgency: Urgency {
                acted_on: self.verdict.acted,
                at_least: self.verdict.at_least,
                at_most: self.verdict.at_most,
            },
            first_step: self.verdict.first_step,
            disposition,
            concerns: self.concerns(),
            imaging,
            no_imaging_because,
            noted: self.noted(),
            actions: self.actions(),
            results: self.results(),
            treatment: self.advised(PageKind::Treatment),
            scanner: self.scanner(),
            follow_up: self.advised(PageKind::FollowUp),
            return_list: self.return_list(),
            signed: self.signed(),
            if_senior_signs: self.if_senior_signs(),
            why: forcing.into_iter().map(|fact| self.shown(fact)).collect(),
            missing: self.missing(&asked),
            cannot_be_had: asked.cannot_be_had.iter().map(|fact| self.shown(*fact)).collect(),
            withheld: self.ids(&asked.withheld),
            cannot_matter: self.ids(&asked.cannot_matter),
            would_change: self.would_change(),
            notes: self.notes(),
        }
    }

    pub(super) fn ids(&self, facts: &[FactIndex]) -> Vec<String> {
        facts.iter().map(|fact| self.guideline.facts[*fact].id.clone()).collect()
    }

    pub(super) fn row_page(&self) -> Option<&'a LoadedPage> {
        let row = self.verdict.row?;
        Some(&self.guideline.pages[self.guideline.program.rows[row].page])
    }

    fn classification(&self) -> Classification {
        let program = &self.guideline.program;
        let states = |scope: bool| {
            let concerns = program.concerns.iter().enumerate();
            concerns
                .filter(move |(_, concern)| (concern.kind == PageKind::Scope) == scope)
                .map(|(index, _)| self.verdict.state(index))
                .max()
                .unwrap_or(State::Excluded)
        };
        match (states(false), states(true)) {
            (State::Raised, _) => Classification::PotentiallyComplicated,
            (_, State::Raised) => Classification::OutsideGuideline,
            (State::Excluded, State::Excluded) if !self.verdict.conflict => {
                Classification::CommonNonSpecific
            }
            _ => Classification::CannotDecideYet,
        }
    }

    fn concerns(&self) -> Vec<ConcernAnswer> {
        let program = &self.guideline.program;
        let answers = program.concerns.iter().enumerate().map(|(index, concern)| {
            let loaded = &self.guideline.pages[concern.page];
            let state = self.verdict.state(index);
            let waits_for = match state {
                State::Open => self.undetermined(&[concern.raised, concern.excluded]),
                _ => Vec::new(),
            };
            let because = if state == State::Raised { self.because(index) } else { Vec::new() };
            let assumed = if state == State::Raised { self.assumed_new(index) } else { Vec::new() };
            ConcernAnswer {
                page: loaded.id.clone(),
                title: loaded.page.title.clone(),
                concern: loaded
                    .page
                    .then_phrases("concern")
                    .next()
                    .map_or(String::new(), |word| word.text.clone()),
                state,
                tier: concern.tier,
                stuck: self.verdict.stuck >> index & 1 == 1,
                settles_at: concern.settle.filter(|_| self.verdict.settled >> index & 1 == 1),
                also: self.also(index, &because),
                because: because.into_iter().map(|fact| self.shown(fact)).collect(),
                assumed_new: self.ids(&assumed),
                said_less: None,
                waits_for: self.ids(&waits_for),
                sources: self.cited(loaded),
            }
        });
        let mut answers: Vec<ConcernAnswer> = answers.collect();
        self.say_no_more_than_was_said(&mut answers);
        answers
    }

    /// Facts that, alone with what is assumed, raise the concern: known, dangerous, and under its rule.
    fn because(&self, index: usize) -> Vec<FactIndex> {
        let program = &self.guideline.program;
        let concern = &program.concerns[index];
        let mut kept = self.patient.clone();
        let mut facts = Vec::new();
        for fact in concern.facts.iter().rev() {
            let unknown =
                program.cells[*fact].assume.map_or(program.cells[*fact].all(), |cell| 1 << cell);
            if kept.cells[*fact] == unknown {
                continue;
            }
            let before = std::mem::replace(&mut kept.cells[*fact], unknown);
            if !holds(program, &kept, concern.raised) {
                kept.cells[*fact] = before;
                facts.push(*fact);
            }
        }
        facts.reverse();
        facts
    }

    /// Danger signs present that raise no concern by themselves.
    fn noted(&self) -> Vec<Shown> {
        let program = &self.guideline.program;
        let mut told = vec![false; self.guideline.facts.len()];
        for (index, concern) in program.concerns.iter().enumerate() {
            if self.verdict.state(index) == State::Raised {
                concern.facts.iter().for_each(|fact| told[*fact] = true);
            }
        }
        let facts = self.guideline.entered_facts().map(|(fact, _)| fact).filter(|fact| {
            let cells = &program.cells[*fact];
            let dangerous = self.patient.cells[*fact] & !cells.dangerous == 0;
            let may_matter = program.decisive[*fact] && !self.is_not_indicated(*fact);
            dangerous && cells.assume.is_none() && !told[*fact] && may_matter
        });
        facts.map(|fact| self.shown(fact)).collect()
    }

    fn is_not_indicated(&self, fact: FactIndex) -> bool {
        self.patient.cells[fact] == self.guideline.program.cells[fact].all()
    }

    /// Danger signs present that the concern looks at, beside those that raise it.
    fn also(&self, index: usize, because: &[FactIndex]) -> Vec<Shown> {
        let program = &self.guideline.program;
        let facts = program.concerns[index].facts.iter().copied();
        let signs = facts.filter(|fact| {
            let cells = &program.cells[*fact];
            let dangerous = self.patient.cells[*fact] & !cells.dangerous == 0;
            dangerous && cells.assume.is_none() && !because.contains(fact)
        });
        signs.map(|fact| self.shown(fact)).collect()
    }

    pub(super) fn cited(&self, loaded: &LoadedPage) -> Vec<Cited> {
        let sources = loaded.page.sources.iter();
        let known =
            sources.filter_map(|word| Some((word, self.guideline.sources.get(&word.text)?)));
        known
            .map(|(word, source)| Cited { id: word.text.clone(), read: source.read.words() })
            .collect()
    }

    /// Concern pages acted on: raised, or settled upward; the most urgent first.
    pub(super) fn acted_pages(&self) -> Vec<(usize, Tier)> {
        let concerns = self.guideline.program.concerns.iter().enumerate();
        let mut acted: Vec<(usize, Tier)> = concerns
            .filter_map(|(index, concern)| match self.verdict.state(index) {
                State::Raised => Some((index, concern.tier)),
                _ if self.verdict.settled >> index & 1 == 1 => Some((index, concern.settle?)),
                _ => None,
            })
            .collect();
        // Within one concern the gravest page speaks: a lesser one may say the
        // contrary, such as to hold antibiotics for cultures.
        let concern_of = |index: usize| {
            let loaded = &self.guideline.pages[self.guideline.program.concerns[index].page];
            loaded.page.then_phrases("concern").next().map(|word| word.text.as_str())
        };
        let all = acted.clone();
        acted.retain(|(index, tier)| {
            // A clinic in two weeks is not called while a scan is due today.
            let child = !self.verdict.in_scope && *tier > Tier::None && *tier < Tier::Urgent;
            let later = self.verdict.acted >= Tier::Urgent
                && matches!(tier, Tier::Outpatient | Tier::Booked);
            !child
                && !later
                && !all.iter().any(|(other, graver)| {
                    graver > tier && concern_of(*other) == concern_of(*index)
                })
        });
        // The gate comes first and suppresses nothing (E6).
        acted.sort_by_key(|(index, tier)| {
            let concern = &self.guideline.program.concerns[*index];
            (concern.kind, std::cmp::Reverse(*tier), concern.first_step, *index)
        });
        acted
    }

    /// Concerns of the vocabulary that are raised, in reading order.
    fn suspects(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for (index, concern) in self.guideline.program.concerns.iter().enumerate() {
            let page = &self.guideline.pages[concern.page].page;
            let named = page.then_phrases("concern").map(|word| &word.text);
            for id in named.filter(|_| self.verdict.state(index) == State::Raised) {
                if !found.contains(id) {
                    found.push(id.clone());
                }
            }
        }
        found
    }

    fn no_imaging_because(&self, imaging: &[Imaging]) -> Vec<Spoken> {
        match (self.row_page(), imaging.is_empty()) {
            (Some(page), true) => self.spoken_of(page, "no scan because", "reason"),
            _ => Vec::new(),
        }
    }

    pub(super) fn spoken_of(&self, loaded: &LoadedPage, key: &str, list: &str) -> Vec<Spoken> {
        let words = loaded.page.then_phrases(key);
        words
            .filter_map(|word| {
                Some(spoken(&word.text, self.guideline.vocabulary.get(list, &word.text)?))
            })
            .collect()
    }

    fn actions(&self) -> Vec<Action> {
        let mut found: Vec<Action> = Vec::new();
        let mut add = |when: &str, spoken: Spoken, page: &LoadedPage| match found
            .iter_mut()
            .find(|action| action.spoken.id == spoken.id)
        {
            Some(same) if same.pages.contains(&page.id) => {}
            Some(same) => same.pages.push(page.id.clone()),
            None => {
                found.push(Action { when: when.to_string(), spoken, pages: vec![page.id.clone()] })
            }
        };
        let acted = self.acted_pages();
        for key in ["first", "call", "meanwhile"] {
            let list = if key == "call" { "call" } else { "action" };
            for (index, _) in &acted {
                let loaded = &self.guideline.pages[self.guideline.program.concerns[*index].page];
                for spoken in self.spoken_of(loaded, key, list) {
                    add(key, spoken, loaded);
                }
            }
        }
        // Tests that are needed and not done.
        for (fact, known) in self.guideline.entered_facts() {
            let needed = self.guideline.program.needed[fact].is_some()
                && self.guideline.program.decisive[fact]
                && self.waits.is_indicated(fact);
            let page = known
                .needed
                .as_deref()
                .and_then(|id| self.guideline.pages.iter().find(|page| page.id == id));
            if let (true, false, Some(page)) = (needed, self.truths.is_answered(fact), page) {
                for spoken in self.spoken_of(page, "do", "action") {
                    add("do", spoken, page);
                }
            }
        }
        // What cannot be known (E5), and what an answer holds open with nothing left to ask.
        for (index, concern) in self.guideline.program.concerns.iter().enumerate() {
            let all_answered = concern.facts.iter().all(|fact| self.truths.is_answered(*fact));
            let held_open = all_answered && self.verdict.state(index) == State::Open;
            if self.verdict.stuck >> index & 1 == 0 && !held_open {
                continue;
            }
            let loaded = &self.guideline.pages[concern.page];
            for (key, list, when) in [("ask", "call", "ask"), ("do", "action", "if_not_known")] {
                for word in loaded.page.stuck_phrases(key) {
                    if let Some(phrase) = self.guideline.vocabulary.get(list, &word.text) {
                        add(when, spoken(&word.text, phrase), loaded);
                    }
                }
            }
        }
        if let Some(page) = self.row_page() {
            for (key, list) in [("first", "action"), ("advise", "action"), ("call", "call")] {
                for spoken in self.spoken_of(page, key, list) {
                    add(key, spoken, page);
                }
            }
        }
        found
    }

    fn missing(&self, asked: &Questions) -> Vec<Missing> {
        let questions = asked.ask.iter().map(|question| {
            let fact = &self.guideline.facts[question.fact];
            Missing {
                fact: fact.id.clone(),
                name: fact.staff.clone(),
                patient: fact.patient.clone(),
                group: fact.group.clone(),
                reason: why_unknown(&self.findings.by_fact[question.fact]),
                by: fact.by,
                at: fact.asked_at.clone(),
                could_reach: question.could_reach,
                detail_only: question.detail_only,
            }
        });
        questions.collect()
    }

    fn would_change(&self) -> Vec<WouldChange> {
        let program = &self.guideline.program;
        let changes = single_changes(program, self.patient).into_iter().map(|change| {
            let fact = &self.guideline.facts[change.fact];
            WouldChange {
                fact: fact.id.clone(),
                name: fact.staff.clone(),
                value: cells_text(self.guideline, change.fact, 1 << change.cell),
                unknown_now: !self.truths.is_answered(change.fact),
                acted_on: change.acted,
                at_most: change.at_most,
                disposition: change.row.map(|row| program.rows[row].go.clone()),
            }
        });
        changes.collect()
    }

    pub(super) fn shown(&self, index: FactIndex) -> Shown {
        let fact = &self.guideline.facts[index];
        let finding = &self.findings.by_fact[index];
        Shown {
            fact: fact.id.clone(),
            name: fact.staff.clone(),
            value: said_text(fact, finding),
            screened_as_group: finding.group.is_some(),
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for fact in &self.findings.taken_back {
            notes.push(format!(
                "{}: a danger sign was entered after that scan began, so it closes nothing",
                self.guideline.facts[*fact].staff
            ));
        }
        for (index, fact) in self.guideline.entered_facts() {
            let finding = &self.findings.by_fact[index];
            if finding.conflict {
                let value = said_text(fact, finding);
                notes.push(format!(
                    "{}: people disagree; the more dangerous answer, {value}, counts",
                    fact.staff
                ));
            }
            let fell: Vec<&str> = self.fell(index).map(|source| source.staff.as_str()).collect();
            if !fell.is_empty() {
                notes.push(format!(
                    "{}: fell between two examinations ({})",
                    fact.staff,
                    fell.join("; ")
                ));
            }
            if let Some(reason) = finding.partly {
                notes.push(format!("{}: {}", fact.staff, reason.words()));
            }
            match finding.said {
                Said::Unknown(
                    reason @ (Reason::Stale
                    | Reason::Unreliable
                    | Reason::FutureDated
                    | Reason::NotSettledByRole),
                ) if finding.partly.is_none() => {
                    notes.push(format!("{}: {}", fact.staff, reason.words()));
                }
                _ => {}
            }
        }
        notes
    }
}

impl Writer<'_> {
    /// Facts whose latest examination made this one present (CR5).
    fn fell(&self, index: FactIndex) -> impl Iterator<Item = &Fact> {
        let fact = &self.guideline.facts[index];
        let finding = &self.findings.by_fact[index];
        let present = matches!(finding.said, Said::Value(value) if fact.value_index("present") == Some(value));
        let sources = fact.worsening_of.iter().filter_map(|id| self.guideline.fact(id));
        let same = sources.filter(move |source| {
            let examined = &self.findings.by_fact[*source];
            present && examined.at.is_some() && examined.at == finding.at
        });
        same.map(|source| &self.guideline.facts[source])
    }
}

pub(super) fn spoken(id: &str, phrase: &Phrase) -> Spoken {
    Spoken { id: id.to_string(), staff: phrase.staff.clone(), patient: phrase.patient.clone() }
}

fn why_unknown(finding: &Finding) -> Reason {
    match (finding.said, finding.partly) {
        (_, Some(reason)) | (Said::Unknown(reason), None) => reason,
        _ => Reason::KnownInPart,
    }
}

/// SHA-256 of the facts used: ids, values and times in the order of facts.
fn facts_sha256(guideline: &Guideline, findings: &Findings) -> String {
    let mut hash = Sha256::new();
    for (fact, finding) in guideline.facts.iter().zip(&findings.by_fact) {
        hash.update(
            format!("{}\t{:?}\t{:?}\t{:?}\n", fact.id, finding.said, finding.at, finding.by)
                .as_bytes(),
        );
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
