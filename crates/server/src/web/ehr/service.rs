//! `POST /cds-services/{id}`: who calls, what is known, what the guideline says, what of it is
//! told; and all of that in the record.

use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use cauda_cds_hooks::{
    HookRequest, Launch, Links, Matter, Order, Rating, Response as Cards, Situation, answer,
    precondition_failed,
};
use cauda_chart::{Chart, Why};
use cauda_ehr::Tenant;
use cauda_fhir::Resource;
use cauda_guideline::decide::State as ConcernState;
use cauda_guideline::decision::Decision;
use cauda_guideline::facts::Role;
use cauda_guideline::time;
use cauda_guideline::vocabulary::Tier;
use cauda_pathway::answer::Answer;
use cauda_pathway::event::FindingSaid;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::calling::{self, Call};
use super::gathering::{Gathered, gather};
use crate::ehr::Inside;
use crate::ehr::consult::{self, Asked, Brought, Event, Handle, Place};
use crate::ehr::recent::{self, Recent};
use crate::ehr::situation::{self, Situation as Known};
use crate::ehr::telling;
use crate::web::App;

/// How long the EHR's FHIR server is waited for, and how long the record, from the first byte of
/// the call on: an EHR drops a card that comes after half a second.
const FETCH_MILLIS: u64 = 330;
const ANSWER_MILLIS: u64 = 430;
/// An adult, in years (CR14).
const ADULT_YEARS: u32 = 18;

/// A call of a service.
pub async fn service(State(app): State<App>, Path(id): Path<String>, request: Request) -> Response {
    let inside = match calling::inside(&app) {
        Ok(inside) => inside,
        Err(answer) => return *answer,
    };
    let asked = request.headers().clone();
    let Ok(_place) = inside.calls.try_acquire() else {
        tracing::warn!("too many calls of hooks at once");
        let text = "too many calls at once, so there is no advice on this one; ask again";
        let busy = calling::outcome(StatusCode::SERVICE_UNAVAILABLE, "throttled", text);
        return calling::with_cors(&inside, &asked, busy);
    };
    let said = match calling::call(&app, &inside, request).await {
        // Counted from here: a slow line is the caller's, and takes nothing from the answer.
        Ok((call, _)) => called(&app, &inside, &id, &call, Instant::now()).await,
        Err(answer) => return answer,
    };
    let answer = said.unwrap_or_else(|answer| answer);
    calling::with_cors(&inside, &asked, answer)
}

/// Everything that an answer is made of.
struct Consulting<'a> {
    app: &'a App,
    inside: &'a Inside,
    tenant: &'a Tenant,
    request: &'a HookRequest<'a>,
    gathered: &'a Gathered,
    handle: Handle,
    recent: &'a Recent,
    /// What was said before could not be read, or not all of it.
    unread: bool,
    now: i64,
}

/// Said where the department's own knowledge did not come in time.
const UNREAD: &str = "what is known in Cauda of this patient could not be read in time";

async fn called(
    app: &App,
    inside: &Inside,
    id: &str,
    call: &Call,
    began: Instant,
) -> Result<Response, Response> {
    let tenant = inside.registry.tenant(&call.caller.tenant);
    let tenant = tenant.ok_or_else(|| {
        calling::outcome(StatusCode::NOT_FOUND, "not-found", "no EHR is registered here")
    })?;
    let body = calling::json(&call.body).map_err(|answer| *answer)?;
    let mut request = HookRequest::read(&body, id, &inside.codes).map_err(|error| {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
        calling::answer(status, &error.outcome())
    })?;
    let now = app.clock.now();
    let guideline = app.department.guideline();
    let fetching = began + Duration::from_millis(FETCH_MILLIS);
    let gathered = gather(inside, guideline, &mut request, tenant.id(), now, fetching).await;
    let deadline = began + Duration::from_millis(ANSWER_MILLIS);
    let place = Place {
        tenant: tenant.id(),
        patient: request.context.patient,
        encounter: request.context.encounter,
        day: &recent::day(now),
    };
    let handle = inside.handles.give(&place);
    // A record that is away costs the memory of what was said, never the card, and the card says so.
    let reading = recent::read(app.department.record(), &inside.handles, &place, &handle, now);
    let read = timeout_at(deadline, reading).await.ok().and_then(Result::ok);
    let unread = read.as_ref().is_none_or(|read| read.all().cut);
    let recent = read.unwrap_or_default();
    let earlier = recent.all();
    // A danger that is known in any way counts, whatever the EHR does not send.
    let nothing = gathered.chart.findings.is_empty()
        && gathered.chart.alarms.is_empty()
        && !earlier.was_answered()
        && !earlier.earlier().iter().any(|card| card.kind.is_never_silenced())
        && earlier.number().is_none()
        && !unread;
    if gathered.nobody && nothing {
        let body = precondition_failed(&gathered.missing);
        return Err(calling::answer(StatusCode::PRECONDITION_FAILED, &body));
    }
    let consulting = Consulting {
        app,
        inside,
        tenant,
        request: &request,
        gathered: &gathered,
        handle,
        recent: &recent,
        unread,
        now,
    };
    let (cards, events) = consulting.answer(deadline).await;
    if consulting.write(events, &call.token, deadline).await {
        return Err(calling::outcome(
            StatusCode::UNAUTHORIZED,
            "login",
            "the token was used before",
        ));
    }
    Ok(calling::answer(StatusCode::OK, &cards.json()))
}

/// The patient's number in the hospital, where the EHR says it. A number of another hospital is no
/// number here: it would be another patient's.
pub fn number<'c>(chart: &'c Chart, tenant: &Tenant, inside: &Inside) -> Option<&'c str> {
    let settings = Some(tenant.settings()).filter(|one| inside.has_own_numbers(one))?;
    let system = settings.number_system.as_deref()?;
    let known = &chart.patient.as_ref()?.identifiers;
    let mut own = known.iter().filter(|(of, _)| of == system).map(|(_, number)| number.as_str());
    let first = own.next()?;
    // Of several nobody knows which is right, and the wrong one is another patient's visit.
    own.all(|other| other == first).then_some(first)
}

/// What a chart brings, as the record has it.
pub fn brought(chart: &Chart) -> Brought {
    let has_id =
        |resource: &&String| resource.split_once('/').is_some_and(|(_, id)| !id.is_empty());
    let resources = chart
        .findings
        .iter()
        .map(|found| Some(&found.resource).filter(has_id).cloned().unwrap_or_default());
    // Only what says so itself is taken back; a value that is missing this time is not.
    let back = chart.ignored.iter().filter(|one| matches!(one.why, Why::Status | Why::Refuted));
    Brought {
        findings: findings(chart),
        resources: resources.collect(),
        taken_back: back.map(|one| &one.resource).filter(has_id).cloned().collect(),
        whole: is_whole(chart),
    }
}

fn findings(chart: &Chart) -> Vec<FindingSaid> {
    let said = chart.findings.iter().map(|found| FindingSaid {
        fact: found.fact.clone(),
        value: found.value.clone(),
        said_by: Role::Ehr,
        at: found.at,
        limited_by_pain: false,
    });
    said.collect()
}

impl Consulting<'_> {
    async fn answer(&self, deadline: Instant) -> (Cards, Vec<Event>) {
        let chart = &self.gathered.chart;
        let earlier = self.recent.all();
        let own = self.inside.has_own_numbers(self.tenant.settings());
        let before = earlier.number().filter(|_| own);
        let number = number(chart, self.tenant, self.inside).or(before);
        let own = timeout_at(deadline, situation::own_visit(&self.app.department, number)).await;
        let own = own.ok().and_then(Result::ok);
        let unread = self.unread || own.is_none();
        let brought = brought(chart);
        // What the EHR did not send this time is not gone.
        let before = match brought.whole {
            true => Vec::new(),
            false => earlier.chart_beside(&brought),
        };
        let all = brought.findings.iter().chain(&before).chain(earlier.said());
        let mut known = Known::new(own.flatten(), all, earlier.signatures());
        let guideline = self.app.department.guideline();
        let (mut decision, answered) = known.decide(guideline, self.now);
        // What stands in the chart and cannot be said as a finding has to be seen by somebody; a
        // danger that is acted on already says more than that.
        if (unread || !chart.may_reassure()) && decision.urgency.acted_on < Tier::Urgent {
            decision.clinician_review = true;
        }
        let cards = self.cards(&known, &decision, unread);
        let sha256 = consult::hash(&brought.findings);
        let mut events = consult::chart_events(&self.recent.own, earlier, &sha256, &brought);
        events.push(Event::Asked(Box::new(self.asked(&known, answered, &cards, sha256, number))));
        (cards, events)
    }

    fn asked(
        &self,
        known: &Known,
        answered: Answer,
        cards: &Cards,
        chart: String,
        number: Option<&str>,
    ) -> Asked {
        let context = &self.request.context;
        let orders = context.orders.iter().filter(|order| order.ordered.is_some());
        let image = |order: &Order| {
            order.ordered.as_ref().and_then(|ordered| ordered.image).map(str::to_string)
        };
        Asked {
            at: self.now,
            hook: self.request.hook.name().to_string(),
            instance: self.request.instance.clone(),
            tenant: self.tenant.id().to_string(),
            patient: context.patient.to_string(),
            number: number.map(str::to_string),
            encounter: context.encounter.map(str::to_string),
            user: context.user.to_string(),
            orders: orders
                .map(|order| (order.reference.clone().unwrap_or_default(), image(order)))
                .collect(),
            chart,
            visit: known.own.as_ref().map(|(id, entry)| (id.clone(), entry.visit.events as u64)),
            answer: Box::new(answered),
            shown: cards.shown().into_iter().map(Into::into).collect(),
            rated: rated(cards),
        }
    }

    fn cards(&self, known: &Known, decision: &Decision, unread: bool) -> Cards {
        let (chart, request) = (&self.gathered.chart, self.request);
        let guideline = self.app.department.guideline();
        let calendar = self.app.local_time.now(&self.app.clock);
        let ignored = telling::ignored(chart);
        let unlisted = telling::unlisted(chart);
        let findings =
            cauda_pathway::known(&known.visit, guideline, self.now.max(known.visit.latest));
        let used = telling::used(chart, guideline, &findings, &calendar);
        let gender = chart.patient.as_ref().and_then(|patient| patient.gender.as_deref());
        let pregnancy = telling::pregnancy(guideline, &findings, gender, years(chart));
        let not_supplied = chart.absent.iter().chain(&chart.failed).chain(&chart.partial);
        let not_supplied: Vec<&str> = not_supplied.map(String::as_str).collect();
        let screened = known.own.as_ref().and_then(|(_, entry)| screened(&entry.visit, decision));
        let mut orders = request.orders(&self.inside.codes, self.gathered.placed.as_ref());
        let matter = self.matter(known, &orders);
        // An order that is older than the danger was not made for it.
        if let Some(newest) = newest_danger(known, decision) {
            orders.retain(|order| !order.is_older_than(newest));
        }
        let mut blocks: Vec<&str> = chart.blocks.iter().map(|block| block.words()).collect();
        blocks.extend(unread.then_some(UNREAD));
        let alarms: Vec<String> = chart.alarms.iter().map(|alarm| alarm.label.clone()).collect();
        let launch = self.inside.address("/ehr/launch");
        let guideline_page = self.inside.address("/ehr/source");
        let opens = self.inside.opens.contains(self.tenant.id());
        let situation = Situation {
            hook: request.hook,
            patient: request.context.patient,
            encounter: request.context.encounter,
            orders: &orders,
            matter,
            codes: &self.inside.codes,
            guideline,
            decision,
            used: &used,
            ignored: &ignored,
            unlisted: &unlisted,
            pregnancy,
            not_supplied: &not_supplied,
            screened: screened.as_deref(),
            by_specialist: self.is_by_specialist(),
            is_child: years(chart).map(|years| years < ADULT_YEARS),
            blocks: &blocks,
            alarms: &alarms,
            is_deceased: chart.patient.as_ref().is_some_and(|patient| patient.deceased),
            // What was told on another day is told again: silence is for the same one.
            earlier: &self.recent.own.earlier(),
            rating: self.tenant.settings().rating.then_some(Rating { consulted: "cauda" }),
            links: Links {
                launch: opens.then_some(Launch { url: &launch, handle: self.handle.as_str() }),
                guideline: &guideline_page,
                icon: None,
            },
            base: self.inside.base.url(),
        };
        answer(&situation, &mut || uuid::Uuid::now_v7().to_string())
    }

    /// What the visit is about, of all that is known beside the orders.
    fn matter(&self, known: &Known, orders: &[Order<'_>]) -> Matter {
        // Somebody who answered for the back, or ordered a picture of it, said what it is about.
        let earlier = self.recent.all();
        let told =
            earlier.was_answered() || earlier.earlier().iter().any(|card| card.order.is_some());
        if known.own.is_some() || told || !self.gathered.chart.alarms.is_empty() {
            return Matter::BackPain;
        }
        let encounter = self.gathered.encounter.as_ref().and_then(Resource::of);
        let said = encounter.map(|one| self.inside.codes.matter(&one, "reasonCode"));
        // So does whoever placed such an order in this visit, seen at discharge as well.
        let of_the_back = |order: &Order| {
            !order.is_draft && order.is_of_the_spine() && order.matter != Matter::Other
        };
        match said.unwrap_or(Matter::NotSaid) {
            Matter::NotSaid if orders.iter().any(of_the_back) => Matter::BackPain,
            said => said,
        }
    }

    fn is_by_specialist(&self) -> bool {
        let services = &self.tenant.settings().specialist_services;
        let encounter = self.gathered.encounter.as_ref().and_then(Resource::of);
        let Some(encounter) = encounter.filter(|_| !services.is_empty()) else { return false };
        let codings = encounter.codings("serviceType");
        let named = codings.iter().flat_map(|coding| [Some(coding.code), coding.display]).flatten();
        let text = encounter.field("serviceType").and_then(|one| one.get("text"));
        named.chain(text.and_then(Value::as_str)).any(|name| services.iter().any(|s| s == name))
    }

    /// Writes what happened. Whether this token had been used for a call before, on any server of
    /// this record. What cannot be written in time is still written, and the answer goes out.
    async fn write(&self, events: Vec<Event>, token: &str, deadline: Instant) -> bool {
        let record = self.app.department.record().clone();
        let (handle, at) = (self.handle.clone(), self.app.clock.micros());
        let command = format!("cds-{}", token.get(..40).unwrap_or(token));
        let writing = tokio::spawn(async move {
            let written = consult::write(&record, &handle, command, at, &events).await;
            if let Err(error) = &written {
                tracing::error!(%error, "a consultation was not recorded");
            }
            written
        });
        matches!(timeout_at(deadline, writing).await, Ok(Ok(Ok(true))))
    }
}

/// Whether everything that was asked of the EHR came.
pub fn is_whole(chart: &Chart) -> bool {
    chart.absent.is_empty() && chart.failed.is_empty() && chart.partial.is_empty()
}

/// When the newest of the findings was true that a raised concern stands on.
fn newest_danger(known: &Known, decision: &Decision) -> Option<i64> {
    let raised = decision.concerns.iter().filter(|concern| concern.state == ConcernState::Raised);
    let facts: Vec<&str> = raised
        .flat_map(|concern| concern.because.iter().chain(&concern.also))
        .map(|shown| shown.fact.as_str())
        .collect();
    let of = known.visit.findings.iter().filter(|one| facts.contains(&one.said.fact.as_str()));
    of.filter(|one| one.said.fact != "age").map(|one| one.said.at).max()
}

/// Since when the department has an answer of its own, decided, of an adult, and no less urgent
/// than what is known now: what the chart adds to it was not screened.
fn screened(visit: &cauda_pathway::visit::Visit, decision: &Decision) -> Option<String> {
    let answer = visit.answer.as_ref()?;
    let whole = answer.verdict.decided
        && answer.verdict.in_scope
        && answer.verdict.acted_on >= decision.urgency.acted_on;
    whole.then(|| time::write(visit.answered_at))
}

/// The age in years, where the record is sure of it.
pub fn years(chart: &Chart) -> Option<u32> {
    let age = chart.findings.iter().find(|found| found.fact == "age")?;
    age.value.split(' ').next()?.parse().ok()
}

/// How orders were rated.
fn rated(cards: &Cards) -> Vec<(String, String)> {
    let rated = cards.system_actions.iter().filter_map(|action| {
        let resource = action.resource.as_ref()?;
        let id = resource.get("id")?.as_str()?;
        let extensions = resource.get("extension")?.as_array()?;
        let code = extensions.iter().find_map(|one| {
            let concept = one.get("valueCodeableConcept")?;
            concept.get("coding")?.as_array()?.first()?.get("code")?.as_str()
        })?;
        Some((format!("ServiceRequest/{id}"), code.to_string()))
    });
    rated.collect()
}
