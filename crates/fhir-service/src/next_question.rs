//! `Questionnaire/$next-question` (SDC, "Adaptive Forms"): the questions that could still change
//! the answer, in the guideline's own order, one at a time.
//!
//! INVARIANT: each question is put once. One that is passed over stays unknown, so the form ends
//! after at most as many calls as there are facts.
//! INVARIANT: an answer that cannot be read takes no question away, and the form is not completed
//! while one stands.

use cauda_fhir::Resource;
use cauda_guideline::Guideline;
use cauda_guideline::ask::questions;
use cauda_guideline::decide::decide;
use cauda_guideline::facts::{Fact, Role};
use cauda_guideline::resolve::{Entries, resolve};
use serde_json::{Value, json};

use crate::answer::is_asked;
use crate::answered::{authored, entries_of, response_of};
use crate::form::{GROWING, fact_of, growing};
use crate::populate::{begin, same_subject};
use crate::{About, Form, Issue, ServiceError, findings_of_response, version};

/// Who answers, and what is known beside the form.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Which form.
    pub form: Form,
    /// Who answers it. Only what that role is asked about is asked.
    pub by: Role,
    /// What the visit knows already.
    pub known: &'a Entries,
}

/// The response with one more question, or completed.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// The `QuestionnaireResponse`, with the form so far in it.
    pub response: Value,
    /// The fact that is asked now; `None` when nothing is left to ask.
    pub asks: Option<String>,
    /// Further answers can change neither urgency nor disposition.
    pub decided: bool,
    /// Answers that were not read.
    pub issues: Vec<Issue>,
}

/// The next question. Without a `response` the form begins. The moment decided about is that of
/// `about`; answers keep the time at which the response says they were authored.
///
/// # Errors
/// As [`findings_of_response`]; [`ServiceError::OtherVersion`] for a form of another guideline,
/// [`ServiceError::OtherSubject`] for a response about another patient.
pub fn next_question(
    about: &About,
    guideline: &Guideline,
    asking: &Asking,
    response: Option<&Value>,
) -> Result<Next, ServiceError> {
    let mut response = match response {
        Some(response) => response.clone(),
        None => begin(about, &format!("#{GROWING}"), "in-progress"),
    };
    let resource = response_of(&response)?;
    same_subject(about, &resource)?;
    let mut issues = Vec::new();
    let mut asked = asked_so_far(about, guideline, &asking.form, &resource, &mut issues)?;
    // A client that sends no time has only just answered, and so has one whose clock is ahead.
    let ahead = authored(&resource).is_some_and(|authored| authored > about.at());
    if ahead || resource.field("authored").is_none() {
        response["authored"] = json!(about.moment());
    }
    if matches!(Resource::of(&response).and_then(|it| it.text("status")), None | Some("completed"))
    {
        response["status"] = json!("in-progress");
    }
    let read = findings_of_response(about.base(), guideline, &response)?;
    issues.extend(read.issues);
    // What was answered was asked, whatever the form inside the response holds.
    for answer in &read.answered {
        let fact = guideline.fact(&answer.fact).map(|index| &guideline.facts[index]);
        asked.extend(fact.filter(|fact| asked.iter().all(|earlier| earlier.id != fact.id)));
    }

    let mut entries = asking.known.clone();
    let answers = entries_of(guideline, &read.answered, asking.by);
    for (fact, said) in answers.by_fact {
        said.into_iter().for_each(|entry| entries.add(fact, entry));
    }
    let patient = resolve(guideline, &entries, Some(about.at())).patient();
    let decided = decide(&guideline.program, &patient).decided;
    let next = next_fact(guideline, asking, &asked, &patient).filter(|_| !decided);
    asked.extend(next);

    let is_done = decided || (next.is_none() && issues.is_empty());
    response["status"] = json!(if is_done { "completed" } else { "in-progress" });
    response["questionnaire"] = json!(format!("#{GROWING}"));
    response["contained"] = json!([growing(about.base(), guideline, &asking.form, &asked)]);
    let asks = next.map(|fact| fact.id.clone());
    Ok(Next { response, asks, decided, issues })
}

/// The first fact worth asking that was not asked before, of those this role is asked about.
fn next_fact<'a>(
    guideline: &'a Guideline,
    asking: &Asking,
    asked: &[&Fact],
    patient: &cauda_guideline::resolve::Patient,
) -> Option<&'a Fact> {
    let open = questions(guideline, patient, asking.form.stage).ask.into_iter();
    let facts = open.map(|question| &guideline.facts[question.fact]);
    let mut fitting = facts.filter(|fact| {
        let before = asked.iter().any(|earlier| earlier.id == fact.id);
        !before && asking.form.asks(fact) && is_asked(fact, asking.by)
    });
    fitting.next()
}

/// The facts of the form inside the response, in their order. Its words are never taken over: the
/// form is written anew from the guideline.
fn asked_so_far<'a>(
    about: &About,
    guideline: &'a Guideline,
    form: &Form,
    resource: &Resource,
    issues: &mut Vec<Issue>,
) -> Result<Vec<&'a Fact>, ServiceError> {
    let contained = resource.list("contained").into_iter().filter_map(Resource::of);
    let mut forms = contained.filter(|resource| resource.kind() == "Questionnaire");
    let Some(asked) = forms.next() else {
        let canonical = resource.text("questionnaire");
        let begins = canonical.is_none_or(|canonical| {
            canonical.starts_with('#')
                || Form::of_canonical(about.base(), guideline, canonical).is_some()
        });
        return if begins { Ok(Vec::new()) } else { Err(ServiceError::OtherVersion) };
    };
    let url = form.url(about.base(), guideline);
    if asked.text("url") == Some(&url) && asked.text("version") == Some(&version(guideline)) {
        // The form as it is published, from which the client begins: nothing of it was asked yet.
        return Ok(Vec::new());
    }
    let canonical = form.canonical(about.base(), guideline);
    if !asked.list("derivedFrom").iter().any(|from| *from == canonical.as_str()) {
        return Err(ServiceError::OtherVersion);
    }
    let mut facts: Vec<&Fact> = Vec::new();
    for (at, item) in asked.list("item").into_iter().enumerate() {
        let link = item.get("linkId").and_then(Value::as_str);
        match link.and_then(|link| fact_of(guideline, link)) {
            Some((fact, _)) if facts.iter().all(|known| known.id != fact.id) => facts.push(fact),
            Some(_) => {}
            None => {
                let path = format!("QuestionnaireResponse.contained[0].item[{at}]");
                issues.push(Issue::error(
                    "not-found",
                    "the guideline asks no such question",
                    &path,
                ));
            }
        }
    }
    Ok(facts)
}
