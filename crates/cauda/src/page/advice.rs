//! What goes beyond the verdict: reports, the scanner, treatment, follow-up,
//! and when to come back at once.

use cauda_guideline::decision::{AdviceState, Advised, AdvisedLine, Shown};
use cauda_guideline::vocabulary::Tier;

use super::{BOLD, DIM, GREEN, Page, RED, YELLOW, values};

/// Questions before an offer, shown without `--all`.
const ASKED_SHOWN: usize = 5;
/// Offers that are not given, shown without `--all`.
const NOT_GIVEN_SHOWN: usize = 3;

impl Page<'_> {
    /// What reports mean: who is told, and what follows.
    pub(super) fn results(&mut self) {
        for reported in &self.decision.results {
            let style = if reported.closes { GREEN } else { YELLOW };
            let text = format!("{}: {}", reported.title, said(&reported.says));
            self.row("REPORT", style, &text);
        }
    }

    /// What holds the scan, and what the scanner must know before it begins.
    pub(super) fn scanner(&mut self) {
        let images = &self.decision.imaging;
        let mut held: Vec<String> = Vec::new();
        let mut ask: Vec<&Shown> = Vec::new();
        for image in images {
            for spoken in &image.held_by {
                if !held.contains(&spoken.staff) {
                    held.push(spoken.staff.clone());
                }
            }
            ask.extend(image.ask_before.iter());
        }
        if !held.is_empty() {
            self.row("HOLD SCAN", RED, &held.join("; "));
        }
        let mut names: Vec<&str> = Vec::new();
        for shown in ask {
            if !names.contains(&shown.name.as_str()) {
                names.push(&shown.name);
            }
        }
        if !names.is_empty() {
            let text = format!("ask now, while the request goes out: {}", names.join("; "));
            self.row("SCANNER", BOLD, &text);
        }
        let given = self.decision.scanner.iter().filter(|page| page.state == AdviceState::Given);
        let told: Vec<String> = given
            .map(|page| said(&page.says))
            .filter(|text| !held.iter().any(|held| held == text))
            .collect();
        if !told.is_empty() {
            self.row("", DIM, &told.join("; "));
        }
    }

    /// What may be offered now; what waits for answers; what may not, and why.
    pub(super) fn treatment(&mut self) {
        if self.decision.disposition.is_none() && self.decision.urgency.acted_on < Tier::Urgent {
            // Nobody plans treatment before the danger signs are asked.
            if !self.all {
                return;
            }
        }
        self.advised("OFFER", &self.decision.treatment);
    }

    fn advised(&mut self, label: &str, pages: &[Advised]) {
        let mut label = label.to_string();
        for page in pages.iter().filter(|page| page.state == AdviceState::Given) {
            self.row(&label, GREEN, &said(&page.says));
            label.clear();
        }
        let waiting: Vec<&Advised> =
            pages.iter().filter(|page| page.state == AdviceState::Waits).collect();
        if !waiting.is_empty() {
            let mut ask: Vec<String> = Vec::new();
            for shown in waiting.iter().flat_map(|page| &page.waits_for) {
                if !ask.contains(&shown.name) {
                    ask.push(shown.name.clone());
                }
            }
            let titles: Vec<&str> = waiting.iter().map(|page| page.title.as_str()).collect();
            let questions = ask.len();
            if !self.all && questions > ASKED_SHOWN {
                ask.truncate(ASKED_SHOWN);
                ask.push(format!("and {} more (--all)", questions - ASKED_SHOWN));
            }
            self.row("ASK BEFORE", BOLD, &format!("{}: {}", titles.join(", "), ask.join("; ")));
        }
        let not: Vec<&Advised> = pages
            .iter()
            .filter(|page| page.state == AdviceState::NotGiven && !page.because.is_empty())
            .collect();
        // Beside an emergency nobody asks why there is no muscle relaxant.
        let urgent = self.decision.urgency.acted_on >= Tier::Urgent;
        let shown = match (self.all, urgent) {
            (true, _) => not.len(),
            (false, true) => 0,
            (false, false) => NOT_GIVEN_SHOWN,
        };
        for page in not.iter().take(shown) {
            let text = format!("no {}: {}", page.title.to_lowercase(), values(page.because.iter()));
            self.row("", DIM, &text);
        }
    }

    /// What happens after the visit, and when to come back at once.
    pub(super) fn follow_up(&mut self) {
        if self.decision.disposition.is_some() {
            let mut label = "AFTERWARDS";
            let given =
                self.decision.follow_up.iter().filter(|page| page.state == AdviceState::Given);
            for page in given {
                self.row(label, BOLD, &said(&page.says));
                label = "";
            }
        }
        let mut label = "COME BACK";
        for line in &self.decision.return_list {
            self.row(label, RED, &line.staff);
            label = "";
        }
        if let Some(go) = &self.decision.if_senior_signs {
            let text = format!("{}, with warning card and a call within 48 hours", go.staff);
            self.row("IF SIGNED", YELLOW, &text);
        }
        self.signed();
    }
}

impl Page<'_> {
    /// What was signed as a group, and what a signature does not cover.
    fn signed(&mut self) {
        let signed = &self.decision.signed;
        let mut texts: Vec<String> = Vec::new();
        for group in signed {
            let name = match self.all {
                true => group.staff.clone(),
                false => group.attestation.replace('_', " "),
            };
            let count = group.covers.len();
            let noun = if count == 1 { "fact" } else { "facts" };
            let mut text = format!("{name} ({count} {noun})");
            if !group.not_covered.is_empty() {
                let apart = values(group.not_covered.iter());
                text.push_str(&format!(", not by this signature: {apart}"));
            }
            texts.push(text);
        }
        if !texts.is_empty() {
            self.row("SIGNED", DIM, &texts.join("; "));
        }
    }
}

fn said(lines: &[AdvisedLine]) -> String {
    let texts = lines.iter().map(|line| match &line.within {
        Some(within) => format!("{} within {within}", line.spoken.staff),
        None => line.spoken.staff.clone(),
    });
    texts.collect::<Vec<_>>().join("; ")
}
