//! `PlanDefinition/$apply` as R4 has it: a `CarePlan` with a `RequestGroup` inside.
//!
//! Newer engines answer with a Bundle; R4 says CarePlan, and so does this one.

use cauda_guideline::Guideline;
use cauda_guideline::decision::{Action, AdviceState, Advised, Decision, Spoken};
use cauda_guideline::page::PageKind;
use serde_json::{Value, json};

use crate::about::reference;
use crate::answer::capital;
use crate::evidence::documentation;
use crate::priority::{of_decision, of_tier};
use crate::request::{Intent, service_request};
use crate::{About, provenance};

/// Id of the `RequestGroup` inside its holder.
pub(crate) const PLAN: &str = "plan";

/// The plan of a decision. With `scans`, references to a `ServiceRequest` for each image of the
/// decision, the plan points at those; without, it holds proposals of its own.
pub fn apply(
    about: &About,
    guideline: &Guideline,
    decision: &Decision,
    scans: Option<&[String]>,
) -> Value {
    let mut plan = json!({
        "resourceType": "CarePlan",
        "contained": request_group(about, guideline, decision, scans),
        "instantiatesCanonical": [about.base().plan(guideline)],
        "status": "draft",
        "intent": "proposal",
        "title": guideline.title,
        "description": summary(decision),
        "created": about.moment(),
        "author": { "type": "Device", "display": provenance::program() },
        "activity": [{ "reference": reference(&format!("#{PLAN}")) }],
    });
    about.put(&mut plan);
    let notes = decision.notes.iter().map(|text| json!({ "text": text }));
    let notes: Vec<Value> = notes.collect();
    if !notes.is_empty() {
        plan["note"] = json!(notes);
    }
    plan
}

/// One sentence: what the pain is, how urgent, where to.
fn summary(decision: &Decision) -> String {
    let disposition = match &decision.disposition {
        Some(spoken) => spoken.staff.as_str(),
        None => "cannot decide yet",
    };
    let words = capital(decision.classification.words());
    let review = match decision.clinician_review {
        true => " A clinician has to review it: the guideline contradicts itself.",
        false => "",
    };
    let urgency = decision.urgency;
    format!(
        "{words}; {disposition}. Urgency {}, at most {}.{review}",
        urgency.acted_on.id(),
        urgency.at_most.id()
    )
}

/// A `RequestGroup` with the id `plan`, then what it points at, all to be contained in one holder.
pub fn request_group(
    about: &About,
    guideline: &Guideline,
    decision: &Decision,
    scans: Option<&[String]>,
) -> Vec<Value> {
    let mut plan = Plan { about, guideline, held: Vec::new(), actions: Vec::new() };
    plan.disposition(decision);
    plan.questions(decision);
    plan.scans(decision, scans);
    for action in &decision.actions {
        plan.action(action);
    }
    let advised = decision.treatment.iter().chain(&decision.scanner).chain(&decision.follow_up);
    for advised in advised.filter(|advised| advised.state == AdviceState::Given) {
        plan.advised(advised);
    }
    for report in &decision.results {
        let lines: Vec<&Spoken> = report.says.iter().map(|line| &line.spoken).collect();
        plan.lines(&report.title, &lines, std::slice::from_ref(&report.page));
    }
    let list: Vec<&Spoken> = decision.return_list.iter().collect();
    plan.lines("Come back at once for", &list, &[]);

    let mut group = json!({
        "resourceType": "RequestGroup",
        "id": PLAN,
        "instantiatesCanonical": [about.base().plan(guideline)],
        "status": "draft",
        "intent": Intent::Proposal.code(),
        "priority": of_decision(decision),
        "authoredOn": about.moment(),
    });
    about.put(&mut group);
    let raised = decision.concerns.iter().filter(|concern| !concern.because.is_empty());
    let reasons: Vec<Value> = raised.map(|concern| json!({ "text": concern.title })).collect();
    if !reasons.is_empty() {
        group["reasonCode"] = json!(reasons);
    }
    if !plan.actions.is_empty() {
        group["action"] = json!(plan.actions);
    }
    plan.held.insert(0, group);
    plan.held
}

struct Plan<'a> {
    about: &'a About<'a>,
    guideline: &'a Guideline,
    /// What the actions point at.
    held: Vec<Value>,
    actions: Vec<Value>,
}

impl Plan<'_> {
    fn disposition(&mut self, decision: &Decision) {
        let Some(spoken) = &decision.disposition else { return };
        let pages = self.guideline.pages.iter().filter(|page| {
            let mut goes = page.page.then_phrases("go");
            page.kind == PageKind::Disposition && goes.any(|word| word.text == spoken.id)
        });
        // Where several pages lead there, nobody can say here which one did.
        let pages: Vec<String> = pages.map(|page| page.id.clone()).collect();
        let pages = if pages.len() == 1 { pages } else { Vec::new() };
        let action = self.leaf("Disposition", &spoken.staff, &pages);
        self.actions.push(action);
    }

    /// What has to be known before there is an answer.
    fn questions(&mut self, decision: &Decision) {
        let open = decision.missing.iter().filter(|missing| !missing.detail_only);
        let names: Vec<&str> = open.map(|missing| missing.name.as_str()).collect();
        if decision.decided || names.is_empty() {
            return;
        }
        let asked = names.iter().map(|name| self.leaf(name, name, &[])).collect::<Vec<_>>();
        self.actions.push(json!({ "title": "Cannot decide yet: ask or measure", "action": asked }));
    }

    fn scans(&mut self, decision: &Decision, scans: Option<&[String]>) {
        for (at, image) in decision.imaging.iter().enumerate() {
            let elsewhere = scans.and_then(|scans| scans.get(at));
            let to = match elsewhere {
                Some(to) => to.clone(),
                None => {
                    let (about, intent) = (self.about, Intent::Proposal);
                    let mut request =
                        service_request(about, self.guideline, decision, image, intent, &[]);
                    request["id"] = json!(format!("scan-{}", at + 1));
                    self.held.push(request);
                    format!("#scan-{}", at + 1)
                }
            };
            let mut action = json!({
                "title": image.spoken.staff,
                "priority": of_tier(image.tier),
                "resource": reference(&to),
            });
            self.document(&mut action, &image.pages);
            self.actions.push(action);
        }
        for reason in &decision.no_imaging_because {
            let action = self.leaf("No scan", &reason.staff, &[]);
            self.actions.push(action);
        }
    }

    fn action(&mut self, action: &Action) {
        let mut made = self.leaf(&action.spoken.staff, &action.spoken.staff, &action.pages);
        made["code"] = json!([{ "text": action.when.replace('_', " ") }]);
        self.actions.push(made);
    }

    fn advised(&mut self, advised: &Advised) {
        let lines: Vec<&Spoken> = advised.says.iter().map(|line| &line.spoken).collect();
        self.lines(&advised.title, &lines, std::slice::from_ref(&advised.page));
    }

    /// Several lines under one heading.
    fn lines(&mut self, title: &str, lines: &[&Spoken], pages: &[String]) {
        if lines.is_empty() {
            return;
        }
        let lines: Vec<Value> =
            lines.iter().map(|line| self.leaf(&line.staff, &line.staff, &[])).collect();
        let mut action = json!({ "title": title, "action": lines });
        self.document(&mut action, pages);
        self.actions.push(action);
    }

    /// One thing to do. R4 wants each action to hold others or to point at something (`rqg-1`), so
    /// it points at a task without an owner.
    fn leaf(&mut self, title: &str, text: &str, pages: &[String]) -> Value {
        let tasks = self.held.iter().filter(|held| held["resourceType"] == "Task").count();
        let id = format!("task-{}", tasks + 1);
        self.held.push(json!({
            "resourceType": "Task",
            "id": id,
            "status": "draft",
            "intent": Intent::Proposal.code(),
            "description": text,
            "for": reference(self.about.subject()),
        }));
        let mut action = json!({ "title": title, "resource": reference(&format!("#{id}")) });
        if text != title {
            action["description"] = json!(text);
        }
        self.document(&mut action, pages);
        action
    }

    fn document(&self, action: &mut Value, pages: &[String]) {
        let documents = documentation(self.guideline, pages);
        if !documents.is_empty() {
            action["documentation"] = json!(documents);
        }
    }
}
