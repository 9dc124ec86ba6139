//! The scans asked for: merged where one answers another, with what holds them
//! and what the scanner must know first.

use super::writer::{Writer, spoken};
use super::{Imaging, Shown};
use crate::guideline::LoadedPage;
use crate::page::{PageKind, Saying};
use crate::program::Advice;
use crate::vocabulary::{Phrase, Tier};

impl Writer<'_> {
    pub(super) fn imaging(&self) -> Vec<Imaging> {
        let mut found: Vec<Imaging> = Vec::new();
        for (index, tier) in self.acted_pages() {
            if self.verdict.answered >> index & 1 == 1 {
                // That scan was done; what follows stands under the results.
                continue;
            }
            let loaded = &self.guideline.pages[self.guideline.program.concerns[index].page];
            for word in loaded.page.then_phrases("image") {
                let Some(phrase) = self.guideline.vocabulary.get("image", &word.text) else {
                    continue;
                };
                match found.iter_mut().find(|image| image.spoken.id == word.text) {
                    Some(same) => same.pages.push(loaded.id.clone()),
                    None => found.push(self.image(&word.text, phrase, loaded, tier)),
                }
            }
        }
        merge(&mut found);
        for image in &mut found {
            self.hold(image);
        }
        found
    }

    fn image(&self, id: &str, phrase: &Phrase, loaded: &LoadedPage, tier: Tier) -> Imaging {
        Imaging {
            spoken: spoken(id, phrase),
            modality: phrase.modality.clone().unwrap_or_default(),
            region: phrase.region.clone().unwrap_or_default(),
            contrast: phrase.contrast.clone().unwrap_or_default(),
            minutes: phrase.minutes,
            tier,
            within: self.within(loaded, tier),
            pages: vec![loaded.id.clone()],
            no_scanner_in_time: self.spoken_of(loaded, "no scanner in time", "fallback"),
            patient_cannot_be_scanned: self.spoken_of(
                loaded,
                "patient cannot be scanned",
                "fallback",
            ),
            protocol: phrase.protocol.clone(),
            limits: phrase.limits.clone(),
            covers: phrase.covers.clone(),
            held_by: Vec::new(),
            ask_before: Vec::new(),
        }
    }

    fn within(&self, loaded: &LoadedPage, tier: Tier) -> Option<String> {
        let own = loaded.page.then.iter().find_map(|line| match &line.saying {
            Saying::Within { count, unit, clock } => {
                let unit =
                    if count.text == "1" { unit.text.trim_end_matches('s') } else { &unit.text };
                Some(format!("{} {unit} of {}", count.text, clock.words()))
            }
            Saying::Phrases(_) => None,
        });
        own.or_else(|| self.guideline.vocabulary.get("tier", tier.id())?.deadline.clone())
    }

    /// What the scanner's pages say against an image, for certain or perhaps.
    fn hold(&self, image: &mut Imaging) {
        for advice in self.scanner_pages() {
            let loaded = &self.guideline.pages[advice.page];
            let said = loaded.page.then_phrases("scan").filter_map(|word| {
                Some((word, self.guideline.vocabulary.get("scan", &word.text)?))
            });
            for (word, phrase) in said {
                let blocks = phrase.blocks && image.modality == "mri";
                if !blocks && !phrase.conflicts.contains(&image.spoken.id) {
                    continue;
                }
                if self.truths.is_true(advice.holds) {
                    image.held_by.push(spoken(&word.text, phrase));
                } else if !self.truths.is_false(advice.holds) {
                    let facts = self.undetermined(&[advice.holds]);
                    let new: Vec<Shown> = facts.into_iter().map(|fact| self.shown(fact)).collect();
                    for shown in new {
                        if !image.ask_before.contains(&shown) {
                            image.ask_before.push(shown);
                        }
                    }
                }
            }
        }
    }

    fn scanner_pages(&self) -> impl Iterator<Item = &Advice> {
        let advice = self.guideline.program.advice.iter();
        advice.filter(|advice| advice.kind == PageKind::Scanner)
    }
}

/// Drops images that another one answers too; that one takes over their pages
/// and the earlier deadline.
fn merge(found: &mut Vec<Imaging>) {
    let mut at = 0;
    while at < found.len() {
        let id = found[at].spoken.id.clone();
        let wider = found.iter().position(|other| other.covers.contains(&id));
        let Some(wider) = wider.filter(|wider| *wider != at) else {
            at += 1;
            continue;
        };
        let lesser = found[at].clone();
        let kept = &mut found[wider];
        if lesser.tier > kept.tier {
            kept.tier = lesser.tier;
            kept.within = lesser.within;
            kept.no_scanner_in_time = lesser.no_scanner_in_time;
            kept.patient_cannot_be_scanned = lesser.patient_cannot_be_scanned;
        }
        for page in
            lesser.pages.into_iter().filter(|page| !kept.pages.contains(page)).collect::<Vec<_>>()
        {
            kept.pages.push(page);
        }
        found.remove(at);
        at = 0;
    }
    found.sort_by_key(|image| std::cmp::Reverse(image.tier));
}
