//! What a patient is told, as literals of the circuit: urgency, disposition,
//! first step and pictures.

use std::collections::BTreeMap;

use cauda_guideline::Guideline;
use cauda_guideline::page::PageKind;
use cauda_guideline::program::Program;
use cauda_guideline::vocabulary::Tier;

use crate::circuit::{Circuit, FALSE, Literal, TRUE};
use crate::encode::Copy;

/// The answer to one unknown patient.
#[derive(Clone, Debug)]
pub struct Answers {
    /// The disposition by its id in the vocabulary, in page order; several
    /// pages may lead to one.
    pub dispositions: Vec<(String, Literal)>,
    /// No disposition stands.
    pub cannot_decide: Literal,
    /// A disposition stands that tells the patient that no emergency was found.
    pub reassured: Literal,
    /// By tier: acted on exactly so.
    pub acted: [Literal; 6],
    /// By tier: at least exactly so.
    pub at_least: [Literal; 6],
    /// By tier: at most exactly so.
    pub at_most: [Literal; 6],
    /// Pictures shown, by their id in the vocabulary.
    pub images: BTreeMap<String, Literal>,
}

impl Answers {
    /// Reads the answers off a patient of the circuit.
    pub fn new(guideline: &Guideline, copy: &Copy, circuit: &mut Circuit) -> Answers {
        let program = &guideline.program;
        let mut dispositions: Vec<(String, Vec<Literal>)> = Vec::new();
        let mut reassured = Vec::new();
        for (row, stands) in program.rows.iter().zip(&copy.stands) {
            match dispositions.iter_mut().find(|(go, _)| *go == row.go) {
                Some((_, pages)) => pages.push(*stands),
                None => dispositions.push((row.go.clone(), vec![*stands])),
            }
            if row.reassuring {
                reassured.push(*stands);
            }
        }
        let dispositions: Vec<(String, Literal)> =
            dispositions.into_iter().map(|(go, pages)| (go, circuit.or(&pages))).collect();
        let somewhere: Vec<Literal> = dispositions.iter().map(|(_, literal)| *literal).collect();
        Answers {
            cannot_decide: -circuit.or(&somewhere),
            reassured: circuit.or(&reassured),
            acted: exact(circuit, &copy.acted),
            at_least: exact(circuit, &copy.at_least),
            at_most: exact(circuit, &copy.at_most),
            images: images(guideline, copy, circuit),
            dispositions,
        }
    }

    /// Every disposition with its literal, "cannot decide yet" (`None`) last.
    pub fn by_disposition(&self) -> impl Iterator<Item = (Option<&str>, Literal)> {
        let somewhere = self.dispositions.iter().map(|(go, literal)| (Some(go.as_str()), *literal));
        somewhere.chain(std::iter::once((None, self.cannot_decide)))
    }
}

fn exact(circuit: &mut Circuit, planes: &[Literal; 6]) -> [Literal; 6] {
    Tier::ALL.map(|tier| match planes.get(tier as usize + 1) {
        Some(above) => circuit.and(&[planes[tier as usize], -above]),
        None => planes[tier as usize],
    })
}

/// A concern page acted on at a tier.
struct Acted<'a> {
    index: usize,
    concern: Option<&'a str>,
    tier: Tier,
    holds: Literal,
}

/// The pictures of the pages acted on, as the answer lists them: within one
/// concern the gravest page speaks, a clinic is not named while a scan is due
/// today, and outside the scope no tier below urgent is.
fn images(guideline: &Guideline, copy: &Copy, circuit: &mut Circuit) -> BTreeMap<String, Literal> {
    let acted = acted(guideline, copy);
    let in_scope = in_scope(&guideline.program, copy, circuit);
    let mut shown: BTreeMap<String, Vec<Literal>> = BTreeMap::new();
    for page in &acted {
        let mut needs = vec![page.holds];
        if page.tier > Tier::None && page.tier < Tier::Urgent {
            needs.push(in_scope);
        }
        if matches!(page.tier, Tier::Outpatient | Tier::Booked) {
            needs.push(-copy.acted[Tier::Urgent as usize]);
        }
        let graver = acted
            .iter()
            .filter(|other| other.concern == page.concern && other.tier > page.tier)
            .map(|other| -other.holds);
        needs.extend(graver);
        let answered = guideline.program.concerns[page.index].answered;
        needs.extend(answered.map(|place| -copy.places[place].yes));
        let speaks = circuit.and(&needs);
        let loaded = &guideline.pages[guideline.program.concerns[page.index].page];
        for word in loaded.page.then_phrases("image") {
            if guideline.vocabulary.get("image", &word.text).is_some() {
                shown.entry(word.text.clone()).or_default().push(speaks);
            }
        }
    }
    let asked: BTreeMap<String, Literal> =
        shown.into_iter().map(|(image, pages)| (image, circuit.or(&pages))).collect();
    // An image that another one answers too is not taken.
    let taken = asked.iter().map(|(image, holds)| {
        let covers = |other: &String| {
            let phrase = guideline.vocabulary.get("image", other);
            other != image && phrase.is_some_and(|phrase| phrase.covers.contains(image))
        };
        let wider = asked.iter().filter(|(other, _)| covers(other)).map(|(_, other)| -other);
        let needs: Vec<Literal> = std::iter::once(*holds).chain(wider).collect();
        (image.clone(), circuit.and(&needs))
    });
    taken.collect()
}

fn acted<'a>(guideline: &'a Guideline, copy: &Copy) -> Vec<Acted<'a>> {
    let mut acted = Vec::new();
    for (index, concern) in guideline.program.concerns.iter().enumerate() {
        let page = &guideline.pages[concern.page].page;
        let id = page.then_phrases("concern").next().map(|word| word.text.as_str());
        acted.push(Acted { index, concern: id, tier: concern.tier, holds: copy.raised[index] });
        if let Some(tier) = concern.settle {
            acted.push(Acted { index, concern: id, tier, holds: copy.settled[index] });
        }
    }
    acted.retain(|page| page.holds != FALSE);
    acted
}

fn in_scope(program: &Program, copy: &Copy, circuit: &mut Circuit) -> Literal {
    let scope =
        program.concerns.iter().enumerate().filter(|(_, concern)| concern.kind == PageKind::Scope);
    let closed: Vec<Literal> = scope.map(|(index, _)| copy.excluded[index]).collect();
    if closed.is_empty() { TRUE } else { circuit.and(&closed) }
}
