//! What was proved when this was published, and by what.

use cauda_guideline::ENGINE_VERSION;
use cauda_proof::counterexample::{Counterexample, Story};
use cauda_proof::properties::{Checked, Outcome};
use cauda_proof::solver::Which;
use cauda_proof::{Effort, PROPERTY_SET, Proved, Receipt, Report};
use maud::{Markup, html};

use super::shell::{View, sentence};

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

    /// How many properties hold, and how many were asked.
    pub fn counted(&self) -> (usize, usize) {
        let held = self.checked.iter().filter(|checked| checked.outcome == Outcome::Holds);
        (held.count(), self.checked.len())
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
        p {
            (proofs.counted().0) " of " (proofs.counted().1) " properties hold. "
            a href="#not-proved" { "What is not proved" } " stands below the table."
        }
        (table(proofs))
        @for checked in &proofs.checked {
            @if let Outcome::Broken(found) = &checked.outcome { (broken(checked, found)) }
        }
        (not_proved(view))
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

/// What the table does not hold, though a reader may expect it.
fn not_proved(view: View) -> Markup {
    html! {
        h2 #not-proved { "What is not proved" }
        ul {
            li {
                strong { "How many patients are scanned. " }
                "The ceilings on scans and on urgency (CR28) are no safety property. A model of "
                "generated patients judges them, outside the proofs and outside the SHA-256: "
                code { "cauda verify --population" } ". Its figures, and which ceiling is "
                "exceeded, stand in " code { "docs/population.md" } ". A guideline can be proved "
                "and still scan too many."
            }
            li {
                strong { "SP8: never less urgent than the edition before. " }
                "It is about two editions, so it is no part of this receipt. "
                code { "cauda verify DIR --against OLD_DIR" } " proves it, but for the changes "
                "on a signed list, and " code { "cauda diff OLD_DIR DIR" } " shows who is "
                "answered otherwise."
                @if view.site.changes.is_some() {
                    " For this edition see " a href=(view.href("changes.html")) { "Changes" } "."
                }
            }
            li {
                strong { "SP9: nobody is lost on the way. " }
                "It is about orders, queue and follow-up, which the program does not have yet."
            }
            li {
                strong { "Advice. " }
                "SP11 leaves out pages that only advise: while an answer is missing they wait, "
                "and keep nobody from a decision."
            }
            li {
                strong { "SP12 and SP13 are tried, not proved for all. " }
                "SP12 takes random patients, and SP13 short timelines."
            }
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
        table.stack {
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
                        td data-label="Outcome" { (outcome(&checked.outcome)) }
                        td data-label="Asked" {
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
