//! What goes beyond the verdict: reports, treatment, the scanner, follow-up, the
//! return list, groups signed as clear. None of it changes urgency or disposition.

use super::writer::{Writer, spoken};
use super::{AdviceState, Advised, AdvisedLine, Reported, Shown, Signed, Spoken};
use crate::decide::{State, decide};
use crate::facts::FactIndex;
use crate::guideline::LoadedPage;
use crate::page::{Line, PageKind, Saying};
use crate::program::{Advice, Concern, Node, Place};
use crate::vocabulary::{THEN_KEYS, Tier, result_key};

impl Writer<'_> {
    /// Every page of a kind that holds or may still hold, and those that do not
    /// with what speaks against them.
    pub(super) fn advised(&self, kind: PageKind) -> Vec<Advised> {
        let advice = self.guideline.program.advice.iter();
        advice.filter(|advice| advice.kind == kind).map(|advice| self.advice(advice)).collect()
    }

    /// Every page of these kinds that holds for certain.
    pub(super) fn given(&self, kinds: &[PageKind]) -> Vec<Advised> {
        let advice = self.guideline.program.advice.iter();
        let given = advice.filter(|advice| self.truths.is_true(advice.holds));
        given
            .filter(|advice| kinds.contains(&advice.kind))
            .map(|advice| self.advice(advice))
            .collect()
    }

    /// The scanner's pages, while an MRI is asked for.
    pub(super) fn scanner(&self) -> Vec<Advised> {
        let mri = self.imaging().iter().any(|image| image.modality == "mri");
        if mri { self.advised(PageKind::Scanner) } else { Vec::new() }
    }

    fn advice(&self, advice: &Advice) -> Advised {
        let loaded = &self.guideline.pages[advice.page];
        let state = match advice.holds {
            place if self.truths.is_true(place) => AdviceState::Given,
            place if self.truths.is_false(place) => AdviceState::NotGiven,
            _ => AdviceState::Waits,
        };
        let (mut because, mut waits_for) = (Vec::new(), Vec::new());
        match state {
            AdviceState::Given => {}
            AdviceState::NotGiven => {
                because = self.against(advice.holds);
                // What is clear bars nothing: the advice is for other patients.
                because.retain(|fact| !self.is_clear(*fact));
            }
            AdviceState::Waits => {
                waits_for = self.undetermined(&[advice.holds]);
            }
        }
        let shown =
            |facts: Vec<FactIndex>| facts.into_iter().map(|fact| self.shown(fact)).collect();
        Advised {
            page: loaded.id.clone(),
            title: loaded.page.title.clone(),
            state,
            says: self.lines(&loaded.page.then),
            because: shown(because),
            waits_for: shown(waits_for),
            sources: self.cited(loaded),
        }
    }

    /// Facts entered that make a place false, through false parts of it.
    fn against(&self, place: Place) -> Vec<FactIndex> {
        let program = &self.guideline.program;
        let mut open = vec![place];
        let mut seen = vec![false; program.nodes.len()];
        let mut found = Vec::new();
        while let Some(place) = open.pop() {
            if std::mem::replace(&mut seen[place], true) {
                continue;
            }
            match &program.nodes[place] {
                Node::Fact { fact, .. } if !self.guideline.facts[*fact].is_computed() => {
                    found.push(*fact);
                }
                Node::All(children) | Node::Any(children) | Node::AtLeast(_, children) => {
                    open.extend(children.iter().filter(|child| self.truths.is_false(**child)));
                }
                Node::Fact { .. } | Node::Not(_) => {}
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn is_clear(&self, fact: FactIndex) -> bool {
        self.patient.cells[fact] == 1 << self.guideline.program.cells[fact].clear
    }

    /// Lines `key: phrase` with their wording.
    fn lines(&self, lines: &[Line]) -> Vec<AdvisedLine> {
        let mut said = Vec::new();
        for line in lines {
            let known = THEN_KEYS.iter().find(|(key, _)| *key == line.key.text);
            let (Some((key, list)), Saying::Phrases(words)) = (known, &line.saying) else {
                continue;
            };
            for word in words {
                if let Some(phrase) = self.guideline.vocabulary.get(list, &word.text) {
                    said.push(AdvisedLine {
                        key: key.to_string(),
                        within: phrase.within.clone(),
                        spoken: spoken(&word.text, phrase),
                    });
                }
            }
        }
        said
    }

    /// What the reports so far mean, each in the words of the page of its concern
    /// that speaks.
    pub(super) fn results(&self) -> Vec<Reported> {
        let mut found = Vec::new();
        for report in &self.guideline.program.reports {
            if !self.truths.is_true(report.holds) {
                continue;
            }
            let loaded = &self.guideline.pages[report.page];
            for key in ["closes", "answered"] {
                for word in loaded.page.then_phrases(key) {
                    found.push(self.reported(loaded, &word.text, key == "closes"));
                }
            }
            if !["closes", "answered"].iter().any(|key| loaded.page.then_phrases(key).count() > 0) {
                found.push(self.reported(loaded, "", false));
            }
        }
        found
    }

    fn reported(&self, loaded: &LoadedPage, concern: &str, closes: bool) -> Reported {
        let row = loaded.page.then_phrases("row").next().and_then(|word| result_key(&word.text));
        let mut says = Vec::new();
        if let (Some(row), Some(page)) = (row, self.speaking_page(concern)) {
            for line in page.page.results.iter().filter(|line| line.key.text == row) {
                if let Saying::Phrases(words) = &line.saying {
                    for word in words {
                        if let Some(phrase) = self.guideline.vocabulary.get("result", &word.text) {
                            let spoken = spoken(&word.text, phrase);
                            let key = "result".to_string();
                            says.push(AdvisedLine { key, within: None, spoken });
                        }
                    }
                }
            }
        }
        says.extend(
            self.lines(&loaded.page.then)
                .into_iter()
                .filter(|line| matches!(line.key.as_str(), "do" | "advise" | "call")),
        );
        Reported {
            page: loaded.id.clone(),
            title: loaded.page.title.clone(),
            concern: concern.to_string(),
            row: row.unwrap_or_default().to_string(),
            closes,
            says,
        }
    }

    /// The gravest page of a concern whose rule holds, whatever a scan has shown.
    fn speaking_page(&self, concern: &str) -> Option<&LoadedPage> {
        let program = &self.guideline.program;
        let named = |known: &&Concern| {
            let page = &self.guideline.pages[known.page].page;
            page.then_phrases("concern").any(|word| word.text == concern)
        };
        let of_concern = || program.concerns.iter().filter(named);
        let raised = of_concern().filter(|known| self.truths.is_true(known.rule));
        let gravest = raised.max_by_key(|known| known.tier);
        let known = gravest.or_else(|| of_concern().max_by_key(|known| known.tier))?;
        Some(&self.guideline.pages[known.page])
    }

    /// When to come back at once, for a patient who leaves.
    pub(super) fn return_list(&self) -> Vec<Spoken> {
        let go = self.row_page().and_then(|page| page.page.then_phrases("go").next());
        let phrase = go.and_then(|word| self.guideline.vocabulary.get("disposition", &word.text));
        if !phrase.is_some_and(|phrase| phrase.leaves) {
            return Vec::new();
        }
        let ids: Vec<&str> = self.guideline.vocabulary.ids("return").collect();
        let known = ids
            .into_iter()
            .filter_map(|id| Some(spoken(id, self.guideline.vocabulary.get("return", id)?)));
        known.collect()
    }

    /// Groups signed as clear, and what of each is not clear by it.
    pub(super) fn signed(&self) -> Vec<Signed> {
        let groups = self.guideline.attestations.iter().enumerate();
        let covered = |at: usize, fact: &FactIndex| self.findings.by_fact[*fact].group == Some(at);
        let used = groups.filter(|(at, group)| group.covers.iter().any(|fact| covered(*at, fact)));
        used.map(|(at, group)| {
            let (by_it, other): (Vec<FactIndex>, Vec<FactIndex>) =
                group.covers.iter().partition(|fact| covered(at, fact));
            let other =
                other.into_iter().filter(|fact| self.findings.by_fact[*fact].group.is_none());
            Signed {
                attestation: group.id.clone(),
                staff: group.staff.clone(),
                covers: self.ids(&by_it),
                not_covered: other.map(|fact| self.shown(fact)).collect::<Vec<Shown>>(),
            }
        })
        .collect()
    }

    /// Where the patient goes if a senior physician signs for what cannot be had:
    /// only while nothing urgent is raised or settled, and every open concern is
    /// stuck without a related sign (CR6).
    pub(super) fn if_senior_signs(&self) -> Option<Spoken> {
        let program = &self.guideline.program;
        if self.verdict.row.is_some() || self.verdict.acted >= Tier::Urgent {
            return None;
        }
        let mut signed = self.patient.clone();
        let mut any = false;
        for (index, concern) in program.concerns.iter().enumerate() {
            if self.verdict.state(index) != State::Open {
                continue;
            }
            if self.verdict.stuck >> index & 1 == 0 || concern.tier == Tier::None {
                return None;
            }
            for fact in concern.facts.iter().filter(|fact| !self.truths.is_answered(**fact)) {
                signed.cells[*fact] = 1 << program.cells[*fact].clear;
                signed.cannot_be_had[*fact] = false;
                any = true;
            }
        }
        let row = decide(program, &signed).row.filter(|_| any)?;
        let page = &self.guideline.pages[program.rows[row].page];
        self.spoken_of(page, "go", "disposition").into_iter().next()
    }
}
