//! What an EHR's FHIR server is asked, and what its answers are worth (FHIR R4, "RESTful API").
//!
//! An answer is a resource or it is [`Failed`]; no failure is ever an empty result. Of a search of
//! which a page is missing, what came is given together with why it is not whole.

use std::fmt;
use std::sync::Arc;

use cauda_fhir::{BYTES_MAX, ENTRIES_MAX, Resource};
use cauda_outbound::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use cauda_outbound::{Bytes, Fault, Place};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use crate::registry::Clock;
use crate::{Failed, Question, Secret, Tenant};

/// What is sent and wanted.
const FHIR_JSON: &str = "application/fhir+json";
/// Most pages of one search.
const PAGES_MAX: usize = 5;
/// What stands as a further page where there is one that nobody has named.
const UNKNOWN_PAGE: &str = "urn:cauda:further-page";
/// The statuses of success, and of too many questions.
const OK: u16 = 200;
const TOO_MANY: u16 = 429;
/// From here on the server itself has failed.
const SERVER_FAILED: u16 = 500;

/// A client of one EHR's FHIR server, for one call and its token.
#[derive(Clone)]
pub struct FhirClient {
    tenant: Arc<Tenant>,
    token: Option<Secret>,
    deadline: Instant,
    clock: Clock,
    pages_max: usize,
}

/// What a question found.
#[derive(Clone, PartialEq)]
pub struct Found {
    /// The resource, or one Bundle of all pages.
    pub resource: Value,
    /// Why there may be more than is in the Bundle. What is in it counts; what is not in it is
    /// unknown. The Bundle then keeps a link to a further page.
    pub missing: Option<Failed>,
}

impl FhirClient {
    pub(crate) fn new(
        tenant: Arc<Tenant>,
        token: Option<Secret>,
        deadline: Instant,
        clock: Clock,
    ) -> FhirClient {
        FhirClient { tenant, token, deadline, clock, pages_max: PAGES_MAX }
    }

    /// Reads no more pages of a search than that, 1 to 5; without it 5.
    pub fn pages(mut self, most: usize) -> FhirClient {
        self.pages_max = most.clamp(1, PAGES_MAX);
        self
    }

    /// The EHR it asks.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// One resource.
    ///
    /// # Errors
    /// [`Failed`], of one that is not there too.
    pub async fn read(&self, kind: &str, id: &str) -> Result<Value, Failed> {
        let question = Question::resource(kind, id).ok_or(Failed::Question)?;
        self.resource(&question).await
    }

    /// A search by names and values.
    ///
    /// # Errors
    /// [`Failed`], if not even the first page came.
    pub async fn search(&self, kind: &str, parameters: &[(&str, &str)]) -> Result<Found, Failed> {
        self.bundle(&Question::search(kind, parameters).ok_or(Failed::Question)?).await
    }

    /// One resource or a search.
    ///
    /// # Errors
    /// [`Failed`], as the two others.
    pub async fn ask(&self, question: &Question) -> Result<Found, Failed> {
        match question.id() {
            Some(_) => Ok(Found { resource: self.resource(question).await?, missing: None }),
            None => self.bundle(question).await,
        }
    }

    /// The resource that a reference names, if it is on this server.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn follow(&self, reference: &str) -> Result<Value, Failed> {
        let question = Question::reference(self.tenant.fhir_base(), reference);
        self.resource(&question.ok_or(Failed::Question)?).await
    }

    /// Sends a transaction: all of it is done, or nothing (FHIR R4, "Batch/Transaction").
    ///
    /// # Errors
    /// [`Failed`]. Of one that was sent and not answered nobody knows whether it was done, so it
    /// must be one that may be sent twice.
    pub async fn transaction(&self, bundle: &Value) -> Result<(), Failed> {
        let sent = Resource::of(bundle).ok_or(Failed::Question)?.list("entry").len();
        let value = self.send("", Some(bundle)).await?;
        let done = Resource::of(&value).is_some_and(|answer| {
            let entries = answer.list("entry");
            let is_done = |entry: &&Value| {
                let status = entry.get("response").and_then(|one| one.get("status"));
                status.and_then(Value::as_str).is_some_and(|status| status.starts_with('2'))
            };
            answer.kind() == "Bundle"
                && answer.text("type") == Some("transaction-response")
                && entries.len() == sent
                && entries.iter().all(is_done)
        });
        if done { Ok(()) } else { Err(Failed::OtherResource) }
    }

    async fn resource(&self, question: &Question) -> Result<Value, Failed> {
        let value = self.get(&question.below()).await?;
        // Another patient's resource under this one's id would be the worst of answers.
        let right = Resource::of(&value)
            .is_some_and(|found| found.kind() == question.kind() && found.id() == question.id());
        if right { Ok(value) } else { Err(Failed::OtherResource) }
    }

    async fn bundle(&self, question: &Question) -> Result<Found, Failed> {
        let mut pages = Pages::default();
        let mut below = question.below();
        for _ in 0..self.pages_max {
            let next = match self.page(&below).await {
                Ok(page) => pages.add(page),
                // What came counts, and it is not all.
                Err(failed) if pages.some => return Ok(pages.end(Some(failed))),
                Err(failed) => return Err(failed),
            };
            let Some(link) = next else { return Ok(pages.end(None)) };
            match self.tenant.fhir_base().page(&link) {
                Some(further) => below = further,
                None => return Ok(pages.end(Some(Failed::OtherServer))),
            }
        }
        Ok(pages.end(Some(Failed::TooMany)))
    }

    async fn page(&self, below: &str) -> Result<Value, Failed> {
        let value = self.get(below).await?;
        let is_page = Resource::of(&value).is_some_and(|found| {
            found.kind() == "Bundle" && found.text("type") == Some("searchset")
        });
        if is_page { Ok(value) } else { Err(Failed::OtherResource) }
    }

    /// Asks for what stands below the base.
    async fn get(&self, below: &str) -> Result<Value, Failed> {
        self.send(below, None).await
    }

    /// Asks, or with a body sends it there.
    async fn send(&self, below: &str, body: Option<&Value>) -> Result<Value, Failed> {
        let path = self.tenant.fhir_base().path();
        let at_base = below.is_empty() || below.starts_with('?');
        let slash = if at_base && !path.is_empty() { "" } else { "/" };
        let place = self.tenant.base_place().at(&format!("{path}{slash}{below}"));
        let place = place.map_err(|_| Failed::Question)?;
        let breaker = &self.tenant.breaker;
        if !breaker.lets_through((self.clock)()) {
            return Err(Failed::LeftAlone);
        }
        // Whoever waits for his turn in vain has asked nothing, so that is no failure of theirs.
        let turn = timeout_at(self.deadline, self.tenant.connections.acquire()).await;
        let _turn = turn.ok().and_then(Result::ok).ok_or(Fault::Slow)?;
        let asking = timeout_at(self.deadline, self.exchange(&place, body)).await;
        let answer = asking.unwrap_or(Err(Fault::Slow));
        let answered = match &answer {
            Ok((status, _)) => *status < SERVER_FAILED && *status != TOO_MANY,
            Err(fault) => *fault == Fault::Large,
        };
        breaker.tell(answered, (self.clock)());
        match answer? {
            (OK, body) => Ok(cauda_fhir::read_within(&body, BYTES_MAX)?),
            (status, _) => Err(Failed::Status(status)),
        }
    }

    async fn exchange(&self, place: &Place, body: Option<&Value>) -> Result<(u16, Vec<u8>), Fault> {
        let request = match body {
            Some(_) => place.post().header(CONTENT_TYPE, FHIR_JSON),
            None => place.get(),
        };
        let mut request = request.header(ACCEPT, FHIR_JSON);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token.header());
        }
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = request.body(body).map_err(|_| Fault::Nonsense)?;
        let answer = self.tenant.client.ask(place, request).await?;
        match answer.status() {
            OK => Ok((OK, answer.body(BYTES_MAX).await?)),
            // Of any other the body is not looked at.
            status => Ok((status, Vec::new())),
        }
    }
}

/// The pages of a search so far.
#[derive(Default)]
struct Pages {
    some: bool,
    entries: Vec<Value>,
    next: Option<String>,
    missing: Option<Failed>,
    /// How many matches the server says there are.
    total: Option<u64>,
}

impl Pages {
    /// Takes a page, and gives the link to the next one.
    fn add(&mut self, mut page: Value) -> Option<String> {
        self.some = true;
        self.next = next_link(&page);
        self.total = self.total.or_else(|| page.get("total").and_then(Value::as_u64));
        let entries = page.get_mut("entry").map(Value::take);
        let entries = match entries {
            Some(Value::Array(entries)) => entries,
            // No list: what was meant by it is not known.
            Some(_) => {
                self.missing = Some(Failed::OtherResource);
                Vec::new()
            }
            None => Vec::new(),
        };
        for entry in entries {
            if says_failed(&entry) {
                self.missing = Some(Failed::Outcome);
            }
            match self.entries.len() < ENTRIES_MAX {
                true => self.entries.push(entry),
                false => self.missing = Some(Failed::TooMany),
            }
        }
        self.next.clone()
    }

    fn end(self, missing: Option<Failed>) -> Found {
        let matches = self.entries.iter().filter(|entry| is_match(entry)).count() as u64;
        let fewer = self.total.is_some_and(|total| total > matches).then_some(Failed::TooMany);
        let missing = missing.or(self.missing).or(fewer);
        let mut resource = json!({
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": self.entries,
        });
        if missing.is_some() {
            // Whoever looks at the Bundle alone sees that it is not all.
            let url = self.next.filter(|url| !url.is_empty());
            let url = url.unwrap_or_else(|| UNKNOWN_PAGE.to_string());
            resource["link"] = json!([{"relation": "next", "url": url}]);
        }
        Found { resource, missing }
    }
}

/// The link to a further page. One that is no text is an empty one, which leads nowhere: there is
/// a further page, and it cannot be read.
fn next_link(page: &Value) -> Option<String> {
    let links = Resource::of(page)?.list("link");
    let next = links.iter().find(|link| link.get("relation") == Some(&Value::from("next")))?;
    Some(next.get("url").and_then(Value::as_str).unwrap_or_default().to_string())
}

/// Whether an entry is what was searched for, and not what came along.
fn is_match(entry: &Value) -> bool {
    let mode = entry.get("search").and_then(|search| search.get("mode"));
    mode.is_none_or(|mode| mode == "match")
}

/// Whether an entry says that the search went wrong.
fn says_failed(entry: &Value) -> bool {
    let resource = entry.get("resource").and_then(Resource::of);
    let Some(outcome) = resource.filter(|resource| resource.kind() == "OperationOutcome") else {
        return resource.is_none();
    };
    outcome.list("issue").iter().any(|issue| {
        let severity = issue.get("severity").and_then(Value::as_str);
        !matches!(severity, Some("information" | "warning"))
    })
}

impl fmt::Debug for FhirClient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "client of {:?}", self.tenant)
    }
}

/// A resource is a patient's, so nothing of it is shown.
impl fmt::Debug for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.missing {
            None => out.write_str("what was found"),
            Some(missing) => write!(out, "what was found, not all of it: {missing}"),
        }
    }
}
