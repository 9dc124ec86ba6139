//! What was proved when this was published, and by what.

use cauda_guideline::ENGINE_VERSION;
use cauda_proof::counterexample::{Counterexample, Story};
use cauda_proof::properties::{Checked, Outcome};
use cauda_proof::solver::Which;
use cauda_proof::{Effort, PROPERTY_SET, Proved, Receipt, Report};
use maud::{Markup, html};

use super::shell::{View, scrolls, sentence};

/// What came of the proofs of one guideline.
#[derive(Clone, Debug)]
pub struct Proofs {
    checked: Vec<Checked>,
    receipt: Option<Receipt>,
    effort: Effort,
    options: Vec<(String, String)>,
}

impl Proofs {
    /// The outcomes of a report made with `effort`; `proved` is what the report
    /// was accepted as, `None` when it was refused; `options` are the options a
    /// site may turn on, each with what it breaks, empty when nothing.
    pub fn new(
        report: &Report,
        effort: &Effort,
        proved: Option<&Proved>,
        options: Vec<(String, String)>,
    ) -> Proofs {
        let proved = proved.filter(|_| options.iter().all(|(_, broken)| broken.is_empty()));
        Proofs {
            checked: report.checked().to_vec(),
            receipt: proved.map(|proved| proved.receipt().clone()),
            effort: effort.clone(),
            options,
        }
    }

    /// Whether the guideline may be used.
    pub fn all_hold(&self) -> bool {
        self.receipt.is_some()
    }

    /// The receipt, of a guideline that may be used.
    pub fn receipt(&self) -> Option<&Receipt> {
        self.receipt.as_ref()
    }
}

/// The proofs.
pub fn page(view: View) -> Markup {
    let proofs = view.site.proofs;
    html! {
        h1 { "Proofs" }
        p {
            "Before a guideline may be used, a program looks for a patient who breaks one of "
            "these sentences. For most of them a solver is asked about all patients at once. "
            "SP12 compares random patients, and SP13 tries every short timeline of each kind of "
            "fact. The proofs below were run when this was published."
        }
        @if proofs.all_hold() {
            p.held { strong { "Every property holds." } }
        }
        (scrolls("Properties", &table(proofs)))
        @for checked in &proofs.checked {
            @if let Outcome::Broken(found) = &checked.outcome { (broken(checked, found)) }
        }
        h2 { "By what it was proved" }
        p {
            "Solvers: " (solvers(&proofs.effort)) ". Random patients: "
            (proofs.effort.random_patients) ", seed " (proofs.effort.seed)
            ". Property set " (PROPERTY_SET) ", engine " (ENGINE_VERSION) "."
        }
        @if !proofs.options.is_empty() {
            h2 { "Options of a site" }
            p { "The same properties were asked with each option on." }
            ul {
                @for (id, broken) in &proofs.options {
                    li {
                        code { (id) } ": "
                        @if broken.is_empty() { span.held { "every property holds" } }
                        @else { strong.broken { (broken) } }
                    }
                }
            }
        }
        (receipt(view))
        h2 { "What a proof does not say" }
        p {
            "It says that these pages keep their promises for every patient that the facts can "
            "describe. It does not say that a source is right, that an answer was true, or that "
            "a threshold is the best one. That is for the committee."
        }
    }
}

fn solvers(effort: &Effort) -> String {
    let names = effort.solvers.iter().map(|which| match which {
        Which::Batsat => "batsat",
        Which::Varisat => "varisat",
    });
    names.collect::<Vec<_>>().join(" and ")
}

fn table(proofs: &Proofs) -> Markup {
    html! {
        table {
            caption { "Safety properties and their outcome" }
            thead {
                tr {
                    th scope="col" { "Id" }
                    th scope="col" { "Sentence" }
                    th scope="col" { "Outcome" }
                    th scope="col" { "Asked" }
                }
            }
            tbody {
                @for checked in &proofs.checked {
                    tr {
                        th scope="row" { (checked.id) }
                        td { (sentence(checked.sentence)) }
                        td { (outcome(&checked.outcome)) }
                        td {
                            (thousands(checked.questions)) " "
                            @match checked.id {
                                "SP12" => "patients",
                                "SP13" => "timelines",
                                _ => "questions",
                            }
                        }
                    }
                }
            }
        }
    }
}

/// `159,305`
fn thousands(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", thousands(number / 1_000), number % 1_000),
    }
}

fn outcome(outcome: &Outcome) -> Markup {
    match outcome {
        Outcome::Holds => html! { span.held { "holds" } },
        Outcome::Broken(_) => html! { strong.broken { "broken" } },
        Outcome::Refuted(why) => html! {
            strong.broken { "broken" } ":" ul { @for sentence in why { li { (sentence) } } }
        },
        Outcome::Failed(why) => html! { strong.broken { "not decided" } ": " (why) },
    }
}

fn broken(checked: &Checked, found: &Counterexample) -> Markup {
    html! {
        h2 { (checked.id) " is broken by this patient" }
        p { (sentence(&found.what)) }
        @for story in std::iter::once(&found.first).chain(&found.second) { (told(story)) }
    }
}

fn told(story: &Story) -> Markup {
    html! {
        ul { @for fact in &story.facts { li { (fact) } } li { (story.all_else) } }
        p { "The engine answers: " (story.answer) }
        p { "To replay: " code { (story.case) } }
    }
}

fn receipt(view: View) -> Markup {
    let guideline = view.site.guideline;
    html! {
        h2 { "Receipt" }
        @match view.site.proofs.receipt() {
            Some(receipt) => {
                dl.summary {
                    div {
                        dt { "SHA-256 of the guideline" }
                        dd { code.hash { (receipt.guideline_sha256) } }
                    }
                    div { dt { "Property set" } dd { (receipt.property_set) } }
                    div { dt { "Engine" } dd { (receipt.engine) } }
                    div { dt { "Properties" } dd { (receipt.properties.join(", ")) } }
                }
            }
            None => {
                p {
                    "There is no receipt. The guideline with the SHA-256 "
                    code.hash { (guideline.sha256) } " may not be used."
                }
            }
        }
        p { "To prove it again: " code { "cauda verify DIR" } "." }
    }
}
