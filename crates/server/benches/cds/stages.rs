//! Where the time of one call goes: the same steps as the server takes, one after the other on one
//! thread, each measured by itself.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use cauda_cds_hooks::{
    HookRequest, Launch, Links, Matter, Pregnancy, Rating, Response, Situation as Asked, UsedFact,
    answer,
};
use cauda_chart::{Call, Chart, read_about};
use cauda_guideline::decision::Decision;
use cauda_guideline::facts::Role;
use cauda_guideline::time;
use cauda_pathway::answer::Answer;
use cauda_pathway::event::FindingSaid;
use cauda_server::clock::Clock;
use cauda_server::department::Department;
use cauda_server::ehr::Inside;
use cauda_server::ehr::consult::{self, Brought, Consult, Event, Place};
use cauda_server::ehr::situation::{Situation, own_visit};
use cauda_store::Record;
use serde_json::Value;

use crate::charts::{Asking, Charts};
use crate::program::{Signers, guideline, record, registered};

const URL: &str = "http://127.0.0.1:7070";
/// Calls that are measured, and others before them.
const CALLS: usize = 1_500;
const WARM: usize = 100;

/// The times of each step.
#[derive(Default)]
struct Steps {
    names: Vec<&'static str>,
    times: BTreeMap<&'static str, Vec<Duration>>,
}

impl Steps {
    fn end(&mut self, name: &'static str, began: Instant) -> Instant {
        let time = began.elapsed();
        if !self.names.contains(&name) {
            self.names.push(name);
        }
        self.times.entry(name).or_default().push(time);
        Instant::now()
    }
}

/// Measures and prints.
pub fn measure(folder: &Path, signers: &Signers) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut steps = Steps::default();
    runtime.block_on(calls(folder, signers, &mut steps));
    println!("one call, step by step on one thread, microseconds:");
    for name in &steps.names {
        let times = steps.times.get_mut(name).unwrap();
        let times = &mut times[WARM..];
        times.sort();
        let mean = times.iter().sum::<Duration>() / times.len() as u32;
        let at = |share: usize| times[times.len() * share / 100].as_micros();
        println!("  {name:<44} mean {:>6}  p50 {:>6}  p99 {:>6}", mean.as_micros(), at(50), at(99));
    }
}

async fn calls(folder: &Path, signers: &Signers, steps: &mut Steps) {
    let guideline = guideline();
    let record = Record::open(&record(folder)).await.unwrap();
    cauda_server::notes::make(&record).await.unwrap();
    let config = registered(folder, URL);
    let inside = Inside::open(&config, &guideline, &record, &Clock::System).unwrap();
    let opening = Department::open(guideline, record.clone(), Clock::System);
    let department = opening.await.unwrap();
    let now = Clock::System.now();
    let charts = Charts::at(now);
    for number in 0..WARM + CALLS {
        let asking = Asking::nth(number);
        let body = charts.body(asking);
        let address = inside.address(&asking.path());
        let bearers = [&signers.rsa, &signers.ec].map(|key| {
            format!("Bearer {}", crate::token(key, &address, now, &format!("stages-{number}")))
        });
        let whole = Instant::now();
        one(&inside, &department, &address, &bearers, (asking, &body), steps).await;
        steps.end("all of it, with both signatures", whole);
    }
    record.close().await;
}

async fn one(
    inside: &Inside,
    department: &Department,
    address: &str,
    bearers: &[String; 2],
    (asking, body): (Asking, &str),
    steps: &mut Steps,
) {
    let (guideline, record) = (department.guideline(), department.record());
    let mut at = Instant::now();
    for (name, bearer) in ["token, RS384", "token, ES384"].into_iter().zip(bearers) {
        // Each has an id of its own, as a token is good once.
        let now = inside.registry.authenticate_now(Some(bearer), address).unwrap();
        if now.is_none() {
            // The first time the key set is read from its file.
            inside.registry.authenticate(Some(bearer), address).await.unwrap();
        }
        at = steps.end(name, at);
    }
    let json = cauda_fhir::read(body.as_bytes()).unwrap();
    at = steps.end("bytes to JSON", at);
    let service = asking.hook().service().id();
    let request = HookRequest::read(&json, service, &inside.codes).unwrap();
    let missing = request.missing(&inside.listed.observations);
    assert!(missing.is_empty());
    at = steps.end("JSON to request", at);
    let now = Clock::System.now();
    let (patient, encounter) = (request.context.patient, request.context.encounter);
    let about = Call { patient: Some(patient), encounter, base: Some(&inside.url), now };
    let chart = read_about(&inside.table, guideline, &about, &request.all_supplied());
    at = steps.end("request to chart", at);
    let day = time::write(now);
    let day = day.get(..10).unwrap();
    let handle = inside.handles.give(&Place { tenant: "bench", patient, encounter, day });
    let earlier = consult::read(record, &handle).await.unwrap();
    at = steps.end("earlier calls of the encounter", at);
    let number = chart.patient.as_ref().unwrap().identifiers.first().map(|(_, number)| &**number);
    let own = own_visit(department, number).await.unwrap();
    at = steps.end("the department's own visit", at);
    let findings = said(&chart);
    let mut known =
        Situation::new(own, findings.iter().chain(earlier.said()), earlier.signatures());
    let (decision, answered) = known.decide(guideline, now);
    at = steps.end("decide, with reasons and questions", at);
    let cards = cards(inside, department, &request, &chart, &earlier, &decision, handle.as_str());
    at = steps.end("cards", at);
    let sha256 = consult::hash(&findings);
    let resources = chart.findings.iter().map(|found| found.resource.clone()).collect();
    let brought = Brought { findings, resources, taken_back: Vec::new(), whole: true };
    let mut events = consult::chart_events(&earlier, &earlier, &sha256, &brought);
    events.push(event(&request, now, number, sha256, answered, &cards));
    let command = uuid::Uuid::now_v7().to_string();
    let micros = Clock::System.micros();
    consult::write(record, &handle, command, micros, &events).await.unwrap();
    at = steps.end("record, until it is on the disk", at);
    let size = record.size().await.unwrap();
    let rows = record.log(size - events.len() as u64, 1_000).await.unwrap();
    assert_eq!(rows.len(), events.len());
    at = steps.end("read again, as the department follows", at);
    std::hint::black_box(cards.json().to_string());
    steps.end("cards to bytes", at);
}

fn said(chart: &Chart) -> Vec<FindingSaid> {
    let said = chart.findings.iter().map(|found| FindingSaid {
        fact: found.fact.clone(),
        value: found.value.clone(),
        said_by: Role::Ehr,
        at: found.at,
        limited_by_pain: false,
    });
    said.collect()
}

fn cards(
    inside: &Inside,
    department: &Department,
    request: &HookRequest,
    chart: &Chart,
    earlier: &Consult,
    decision: &Decision,
    handle: &str,
) -> Response {
    let used = chart.used.iter().map(|used| UsedFact {
        fact: used.fact.clone(),
        name: used.label.clone(),
        value: used.value.clone(),
        counted: None,
        at: Some(time::write(used.at)),
        by: used.resource.clone(),
    });
    let launch = inside.address("/ehr/launch");
    let page = inside.address("/ehr/source");
    let situation = Asked {
        hook: request.hook,
        patient: request.context.patient,
        encounter: request.context.encounter,
        orders: &request.orders(&inside.codes, None),
        matter: Matter::BackPain,
        codes: &inside.codes,
        guideline: department.guideline(),
        decision,
        used: &used.collect::<Vec<_>>(),
        ignored: &[],
        unlisted: &[],
        pregnancy: Pregnancy::No,
        not_supplied: &[],
        blocks: &[],
        alarms: &[],
        screened: None,
        by_specialist: false,
        is_child: Some(false),
        is_deceased: false,
        earlier: &earlier.earlier(),
        rating: Some(Rating { consulted: "cauda" }),
        links: Links {
            launch: Some(Launch { url: &launch, handle }),
            guideline: &page,
            icon: None,
        },
        base: &inside.url,
    };
    answer(&situation, &mut || uuid::Uuid::now_v7().to_string())
}

fn event(
    request: &HookRequest,
    now: i64,
    number: Option<&str>,
    chart: String,
    answered: Answer,
    cards: &Response,
) -> Event {
    let context = &request.context;
    let orders = context.orders.iter();
    Event::Asked(Box::new(consult::Asked {
        at: now,
        hook: request.hook.name().to_string(),
        instance: request.instance.clone(),
        tenant: "bench".to_string(),
        patient: context.patient.to_string(),
        number: number.map(str::to_string),
        encounter: context.encounter.map(str::to_string),
        user: context.user.to_string(),
        orders: orders.map(|order| (order.reference.clone().unwrap_or_default(), None)).collect(),
        chart,
        visit: None,
        answer: Box::new(answered),
        shown: cards.shown().into_iter().map(Into::into).collect(),
        rated: Vec::new(),
    }))
}

/// Calls of the record, and how many readings of a chart stand beside them.
pub async fn recorded(folder: &Path) -> (usize, usize) {
    let record = Record::open(&record(folder)).await.unwrap();
    let (mut asked, mut read, mut from) = (0, 0, 0);
    loop {
        let page = record.log(from, 500).await.unwrap();
        let Some(last) = page.last() else { break };
        from = last.position + 1;
        asked += page.iter().filter(|row| row.kind == "consult_asked").count();
        read += page.iter().filter(|row| row.kind == "chart_read").count();
    }
    record.close().await;
    (asked, read)
}

/// Nothing of a body is left as it stands in the template.
pub fn check(charts: &Charts) {
    let body: Value = serde_json::from_str(&charts.body(Asking::nth(7))).unwrap();
    assert_eq!(body["context"]["patientId"], body["prefetch"]["patient"]["id"]);
}
