//! Any body as a call of CDS Hooks, all the way to its card.

use cauda_cds_hooks::{
    Earlier, Hook, HookRequest, IgnoredFact, Kind, Launch, Links, Matter, Order, Pregnancy, Rating,
    Response, SUMMARY_MAX, Situation, UsedFact, answer,
};
use cauda_chart::{Call, Chart, read_about};
use cauda_guideline::decision::Decision;
use cauda_guideline::vocabulary::Tier;
use serde_json::Value;

use crate::chart::{check, decided, says_dead};
use crate::{NOW, shipped};

/// Most bytes of a call.
const CALL_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The services, and one that is none.
const SERVICES: [&str; 3] = ["back-pain-imaging", "back-pain", "other"];

/// A call is refused with a status of the client's, or answered: one card at the most, whole, about
/// this patient; a danger that is about to leave is told, unless the chart says that the patient
/// died; nothing is rated that is not decided.
pub fn hook(data: &[u8]) -> bool {
    let Ok(body) = cauda_fhir::read_within(data, CALL_BYTES_MAX) else { return false };
    let mut read = false;
    for id in SERVICES {
        match HookRequest::read(&body, id, shipped::codes()) {
            Ok(mut request) => {
                answered(&body, &mut request);
                read = true;
            }
            Err(error) => {
                assert!((400..500).contains(&error.status()), "{error}");
                assert!(error.outcome().is_object());
            }
        }
    }
    read
}

fn answered(body: &Value, request: &mut HookRequest) {
    let guideline = shipped::guideline();
    let call = Call {
        patient: Some(request.context.patient),
        encounter: request.context.encounter,
        base: Some("https://cauda.hospital.example/fhir"),
        now: NOW,
    };
    let supplied = request.all_supplied();
    let chart = read_about(shipped::table(), guideline, &call, &supplied);
    check(&chart);
    let mut decision = decided(&chart);
    if !chart.may_reassure() && decision.urgency.acted_on < Tier::Urgent {
        decision.clinician_review = true;
    }
    if let Some(authorization) = request.take_authorization() {
        let shown = format!("{authorization:?} {request:?}");
        let token = authorization.token.reveal();
        assert!(token.len() < 12 || !shown.contains(token), "a token is shown");
    }
    for missing in request.missing(&["8310-5".to_string()]) {
        let query = missing.query.unwrap_or_default();
        assert!(query.is_empty() || cauda_ehr::Question::read(&query).is_some(), "{query}");
    }
    let orders = request.orders(shipped::codes(), None);
    let response = answer_of(request, &chart, &decision, &orders);
    card(&response, request, &decision);
    let patient = body.get("prefetch").and_then(|sent| sent.get("patient"));
    let is_dead = patient.is_some_and(says_dead);
    let leaves = request.hook == Hook::EncounterDischarge;
    let danger = decision.urgency.acted_on >= Tier::Urgent;
    assert!(!(leaves && danger && !is_dead && response.cards.is_empty()), "a danger leaves");
    let told = response.cards.iter().any(|card| card.kind == Kind::Danger);
    assert!(told || is_dead || !waits(&decision, &orders), "a picture waits, and no order is sure");
    let critical = decision.urgency.acted_on >= Tier::Emergency;
    for card in response.cards.iter().filter(|_| critical && !is_dead) {
        let indicator = card.indicator;
        assert_eq!(indicator, cauda_cds_hooks::Indicator::Critical, "{}", card.summary);
    }
}

/// Whether a picture is urgent, somebody is busy with one of the spine, and none of the orders says
/// for sure that it is made, and when.
fn waits(decision: &Decision, orders: &[Order]) -> bool {
    let codes = shipped::codes();
    let urgent = decision
        .imaging
        .iter()
        .any(|image| image.tier >= Tier::Urgent && codes.need(&image.spoken.id).is_some());
    let sure = |order: &&Order| {
        let has = |field: &str| order.raw.get(field).is_some_and(|value| !value.is_null());
        let dated = ["occurrenceDateTime", "occurrencePeriod", "occurrenceTiming"];
        let not = order.raw.get("doNotPerform").is_some_and(|value| value != false);
        let unread = order.occurs.is_none() && dated.into_iter().any(has);
        !not && !unread && !has("modifierExtension")
    };
    let mut spine = orders.iter().filter(|order| order.is_of_the_spine());
    urgent && orders.iter().any(Order::counts) && !spine.any(|order| sure(&order))
}

fn answer_of(
    request: &HookRequest,
    chart: &Chart,
    decision: &Decision,
    orders: &[Order],
) -> Response {
    let used: Vec<UsedFact> = chart
        .used
        .iter()
        .map(|used| UsedFact {
            fact: used.fact.clone(),
            name: used.label.clone(),
            value: used.value.clone(),
            counted: None,
            at: None,
            by: used.resource.clone(),
        })
        .collect();
    let ignored: Vec<IgnoredFact> = chart
        .ignored
        .iter()
        .map(|one| IgnoredFact { what: one.resource.clone(), why: one.why.words().into() })
        .collect();
    let blocks: Vec<&str> = chart.blocks.iter().map(|block| block.words()).collect();
    let age = chart.findings.iter().find(|found| found.fact == "age");
    let years = age.and_then(|age| age.value.split(' ').next()?.parse::<u32>().ok());
    let earlier: [Earlier; 0] = [];
    let situation = Situation {
        hook: request.hook,
        patient: request.context.patient,
        encounter: request.context.encounter,
        orders,
        matter: Matter::NotSaid,
        codes: shipped::codes(),
        guideline: shipped::guideline(),
        decision,
        used: &used,
        ignored: &ignored,
        unlisted: &[],
        pregnancy: Pregnancy::NotKnown,
        not_supplied: &[],
        blocks: &blocks,
        alarms: &[],
        screened: None,
        by_specialist: false,
        is_child: years.map(|years| years < 18),
        is_deceased: chart.patient.as_ref().is_some_and(|patient| patient.deceased),
        earlier: &earlier,
        rating: Some(Rating { consulted: "G-test" }),
        links: Links {
            launch: Some(Launch { url: "https://cauda.example/launch", handle: "h-1" }),
            guideline: "https://cauda.example/ehr/source",
            icon: None,
        },
        base: "https://cauda.example",
    };
    let mut count = 0;
    answer(&situation, &mut || {
        count += 1;
        format!("00000000-0000-4000-8000-{count:012}")
    })
}

fn card(response: &Response, request: &HookRequest, decision: &Decision) {
    assert!(response.cards.len() <= 1);
    for card in &response.cards {
        assert!((1..=SUMMARY_MAX).contains(&card.summary.chars().count()), "{}", card.summary);
        assert!(!card.summary.contains(['\n', '\r']));
        assert!(!card.detail.contains("<script") && !card.detail.contains("]("), "{}", card.detail);
    }
    let json = response.json();
    for action in json["systemActions"].as_array().into_iter().flatten() {
        let resource = &action["resource"];
        assert_eq!(resource["resourceType"], "ServiceRequest");
        // Whoever is in danger is never rated down.
        let danger = decision.urgency.at_most >= Tier::Urgent;
        let low = resource.to_string().contains("\"not-appropriate\"");
        let sent = request
            .context
            .orders
            .iter()
            .any(|order| order.raw.to_string().contains("\"not-appropriate\""));
        assert!(!(danger && low && !sent), "rated down");
    }
    let text = json.to_string();
    assert!(!text.contains(":null"), "an answer holds null");
}
