//! Orders for the scanners that EHRs place as FHIR `ServiceRequest`: put on the board, changed,
//! taken back, read. An EHR sees its own orders alone, and each number of a placer is one order.

mod whom;

use cauda_ehr::Settings;
use cauda_fhir_service::{
    BETWEEN, Coded, Issue, Ordered, Standing, Urgency, When, Wish, ordered, priority_of_tier,
    standing_order,
};
use cauda_guideline::vocabulary::Tier;
use cauda_hl7::Priority;
use cauda_pathway::identity::{Actor, CommandId, Text};
use cauda_pathway::patient::Day;
use cauda_queue::{Departure, State, Will as Wanted};
use cauda_scans::{Action, Kind, Numbers, Placed, Protocol, Request, Scan, Source, Will};
use cauda_store::StoreError;
use serde_json::Value;

use crate::hl7::{Service, tier_of};
use crate::scans::{ScanActError, ScanList, deadline};
use crate::web::LocalTime;
use crate::{ServerError, ids};

/// The address of LOINC as a code system.
const LOINC: &str = "http://loinc.org";
/// In whose name an EHR holds its orders.
const HOLDER: &str = "ehr";
/// A hold by an EHR counts so long, in seconds; then a person decides.
const HOLD_SECONDS: i64 = 72 * 3_600;
/// An order from home is for later than this, in seconds from when it was written.
const FROM_HOME_SECONDS: i64 = 86_400;
/// A time that is nearer than this is now, in seconds from when it was written.
const NOW_SECONDS: i64 = 3_600;

/// Why an order was not taken, changed or shown.
pub enum Declined {
    /// There is none of this id that this EHR may see.
    NoSuch,
    /// What was sent cannot be mapped.
    Unmapped(Vec<Issue>),
    /// It does not go with what is on the board.
    Conflict(String),
    /// It was changed meanwhile.
    Changed,
    /// The record did not take it.
    Failed(ServerError),
}

impl From<ServerError> for Declined {
    fn from(error: ServerError) -> Declined {
        Declined::Failed(error)
    }
}

impl From<ScanActError> for Declined {
    fn from(error: ScanActError) -> Declined {
        match error {
            ScanActError::Refused(why) => Declined::Conflict(why.to_string()),
            ScanActError::Visit(_) => {
                Declined::Conflict("the visit of the order refuses it".to_string())
            }
            ScanActError::NoSuchScan => Declined::NoSuch,
            ScanActError::Failed(ServerError::Store(StoreError::Taken { .. })) => {
                Declined::Conflict("an order of this number was here before".to_string())
            }
            // Sent again it would be no shorter.
            ScanActError::Failed(ServerError::Store(StoreError::Malformed(_))) => {
                let text = "it is longer than an order may be; shorten its texts";
                let issue = Issue::error("too-long", text, "ServiceRequest");
                Declined::Unmapped(vec![issue])
            }
            ScanActError::Failed(error) => Declined::Failed(error),
        }
    }
}

/// Orders of one EHR.
pub struct Orders<'a> {
    /// The board.
    pub list: &'a ScanList,
    /// What is said of the EHR.
    pub tenant: &'a Settings,
    /// Its patient numbers are the department's own. A number of another system is another
    /// patient's: it is known on the board with the EHR's id behind it.
    pub own_numbers: bool,
    /// The system of our own codes, those of protocols.
    pub own: &'a str,
    /// The time of the department: a day begins at its midnight.
    pub local_time: &'a LocalTime,
    /// The call, once: a step of it is done once.
    pub call: &'a str,
}

/// An order as it stands, and whether it is new.
pub struct Placement {
    /// It as a resource.
    pub resource: Value,
    /// Its id.
    pub id: String,
    /// How often it was changed.
    pub version: usize,
    /// It came just now.
    pub new: bool,
}

impl Orders<'_> {
    /// Puts an order on the board. The same again is the same order; `if_none_exist` says that
    /// another content under its number is meant to change nothing.
    ///
    /// # Errors
    /// [`Declined`].
    pub async fn place(&self, body: &Value, if_none_exist: bool) -> Result<Placement, Declined> {
        let wanted = self.read(body)?;
        let command = self.placing(&wanted.identifier)?;
        let id = ScanList::id_of_request(&command);
        if let Some(known) = self.find(&id).await? {
            if if_none_exist {
                return self.placement(known, false);
            }
            return self.placed_before(&wanted, known).await;
        }
        if !matches!(wanted.wish, Wish::Active | Wish::Held) {
            let text = "there is no such order here to take back; an order begins as active";
            return Err(unmapped("not-found", text, "status"));
        }
        self.one_person(&wanted).await?;
        let request = self.request(&wanted, None).await?;
        let by = Actor::system();
        self.list.request(&by, &command, request).await?;
        if wanted.wish == Wish::Held {
            self.list.act(&self.holder()?, &id, &self.step("hold")?, self.hold()?).await?;
        }
        let known = self.find(&id).await?.ok_or(Declined::NoSuch)?;
        // Somebody else may have placed it in the same moment, otherwise.
        let mut placement = self.placed_before(&wanted, known).await?;
        placement.new = true;
        Ok(placement)
    }

    /// An order of a number that is known: the same, or not to be placed but changed. It is the
    /// same only if it is wanted as it stands: what a person decided besides changes nothing of that.
    async fn placed_before(&self, wanted: &Ordered, known: Scan) -> Result<Placement, Declined> {
        self.same_patient(wanted, known.request.as_ref())?;
        let taken_back = matches!(wanted.wish, Wish::Revoked | Wish::Mistaken);
        let as_it_stands = match &known.state {
            State::Left(Departure::Cancelled { .. }) if taken_back => {
                return self.placement(known, false);
            }
            State::Left(_) => {
                let text = match taken_back {
                    true => "it has left the list, and is no longer to be taken back",
                    false => "it has left the list; order the scan anew, under a new number",
                };
                return Err(Declined::Conflict(text.to_string()));
            }
            _ if taken_back => false,
            _ => (wanted.wish == Wish::Held) == self.is_held(&known),
        };
        let same = as_it_stands && {
            let request = self.request(wanted, known.request.as_ref()).await?;
            known.request.as_ref() == Some(&request)
        };
        if !same {
            let text = format!("an order of this number is here; change it: PUT {}", known.id);
            return Err(Declined::Conflict(text));
        }
        self.placement(known, false)
    }

    /// Whether the EHR itself holds it.
    fn is_held(&self, known: &Scan) -> bool {
        let now = self.list.now();
        known.overrides.iter().any(|one| self.is_ours(one) && one.counts(now))
    }

    /// Whether a hold is this EHR's own. One of another system, or of a person, is not.
    fn is_ours(&self, one: &cauda_queue::Override) -> bool {
        let before = || {
            // Older ones are told by their reason.
            let reason = one.reason.as_ref().map(|reason| reason.as_str());
            one.by == Actor::system().id.to_string() && reason == Some(self.held_by().as_str())
        };
        one.will == Wanted::Hold && (one.by == HOLDER || before())
    }

    fn held_by(&self) -> String {
        format!("held by {}", self.tenant.name)
    }

    /// Who holds an order for an EHR: of an order that it placed, the EHR that placed it.
    fn holder(&self) -> Result<Actor, Declined> {
        let wrong = |_| Declined::Failed(StoreError::Malformed("an id does not fit").into());
        let id = cauda_pathway::identity::ActorId::new(HOLDER).map_err(wrong)?;
        Ok(Actor { id, ..Actor::system() })
    }

    /// Changes an order, holds it, or takes it back.
    ///
    /// # Errors
    /// [`Declined`].
    pub async fn change(
        &self,
        id: &str,
        body: &Value,
        if_match: Option<usize>,
    ) -> Result<Placement, Declined> {
        let known = self.find(id).await?.ok_or(Declined::NoSuch)?;
        let mut wanted = self.read(body)?;
        // What we said of its status is no reason.
        let note = self.status(&known).1;
        wanted.reasons.retain(|reason| Some(reason) != note.as_ref());
        if body.get("id").and_then(Value::as_str).is_some_and(|said| said != id) {
            return Err(unmapped("value", "it is another id than that of the address", "id"));
        }
        if reference(&wanted.identifier) != self.reference_of(&known).unwrap_or_default() {
            let text = "the order has another number; a placer's number stays what it is";
            return Err(unmapped("value", text, "identifier"));
        }
        if if_match.is_some_and(|version| version != known.events) {
            return Err(Declined::Changed);
        }
        let by = Actor::system();
        let gone = known.has_left();
        match wanted.wish {
            Wish::Revoked | Wish::Mistaken => {
                self.same_patient(&wanted, known.request.as_ref())?;
                if !matches!(known.state, State::Left(Departure::Cancelled { .. })) {
                    let said = match wanted.wish {
                        Wish::Mistaken => "entered in error",
                        _ => "revoked",
                    };
                    let why = wanted.reasons.join(BETWEEN);
                    let dash = if why.is_empty() { "" } else { ": " };
                    let reason = format!("{said} by {}{dash}{why}", self.tenant.name);
                    let reason = text(&reason, "reasonCode")?;
                    if gone {
                        let text = "it has left the list, and is no longer to be taken back";
                        return Err(Declined::Conflict(text.to_string()));
                    }
                    let action = Action::Cancel { reason };
                    self.list.act(&by, id, &self.step("cancel")?, action).await?;
                }
            }
            Wish::Active | Wish::Held => {
                let request = self.request(&wanted, known.request.as_ref()).await?;
                if gone {
                    let text = "it has left the list; order the scan anew, under a new number";
                    return Err(Declined::Conflict(text.to_string()));
                }
                let action = Action::Request(Box::new(request));
                self.list.act(&by, id, &self.step("change")?, action).await?;
                let now = self.list.now();
                let held = self.is_held(&known);
                let mut standing = known.overrides.iter().filter(|one| one.counts(now));
                match wanted.wish {
                    Wish::Held if !held => {
                        let by = self.holder()?;
                        self.list.act(&by, id, &self.step("hold")?, self.hold()?).await?;
                    }
                    // What a person or another system decided besides stands.
                    Wish::Active if held && standing.all(|one| self.is_ours(one)) => {
                        let by = self.holder()?;
                        self.list.act(&by, id, &self.step("free")?, Action::Free).await?;
                    }
                    _ => {}
                }
            }
        }
        let known = self.find(id).await?.ok_or(Declined::NoSuch)?;
        self.placement(known, false)
    }

    /// An order as it stands.
    ///
    /// # Errors
    /// [`Declined`].
    pub async fn show(&self, id: &str) -> Result<Placement, Declined> {
        let known = self.find(id).await?.ok_or(Declined::NoSuch)?;
        self.placement(known, false)
    }

    /// The order of that id, if this EHR placed it.
    async fn find(&self, id: &str) -> Result<Option<Scan>, Declined> {
        let plain = id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !plain {
            return Ok(None);
        }
        let found = self.list.read(id).await?.map(|(scan, _)| scan);
        Ok(found.filter(|scan| self.reference_of(scan).is_some()))
    }

    fn reference_of(&self, scan: &Scan) -> Option<String> {
        match &scan.request.as_ref()?.source {
            Source::Fhir { tenant, reference, .. } if tenant.as_str() == self.tenant.tenant => {
                Some(reference.as_str().to_string())
            }
            _ => None,
        }
    }

    fn read(&self, body: &Value) -> Result<Ordered, Declined> {
        let numbers = self.tenant.number_system.as_deref().ok_or_else(|| {
            let text = "number_system of this EHR is not registered here, so no patient is known \
                        by number";
            unmapped("not-supported", text, "subject.identifier")
        })?;
        ordered(body, numbers).map_err(Declined::Unmapped)
    }

    /// The command that places an order: the same for the same number of the same EHR.
    fn placing(&self, identifier: &(String, String)) -> Result<CommandId, Declined> {
        self.command(&format!("fhir {} {}", self.tenant.tenant, reference(identifier)))
    }

    fn step(&self, what: &str) -> Result<CommandId, Declined> {
        self.command(&format!("fhir {} {what}", self.call))
    }

    fn command(&self, text: &str) -> Result<CommandId, Declined> {
        let kept: String = ids::kept(text).chars().take(40).collect();
        let wrong = || StoreError::Malformed("an id does not fit");
        CommandId::new(kept).map_err(|_| Declined::Failed(wrong().into()))
    }

    fn hold(&self) -> Result<Action, Declined> {
        let reason = text(&self.held_by(), "status")?;
        let until = self.list.now().saturating_add(HOLD_SECONDS);
        Ok(Action::Will { will: Will::Hold, reason: Some(reason), until })
    }

    /// The order as the board takes it. What it does not say stays as it was.
    async fn request(
        &self,
        wanted: &Ordered,
        before: Option<&Request>,
    ) -> Result<Request, Declined> {
        self.same_patient(wanted, before)?;
        let now = self.list.now();
        let (coded, protocol, service) = self.protocol(wanted)?;
        let code = coded.code.clone();
        let kept = before.filter(|before| before.numbers.service.as_deref() == Some(&code));
        let protocol = kept.map_or(protocol, |before| before.protocol.clone());
        let kind = service.and_then(|service| service.kind).map(|kind| kind.kind());
        let kind = kind.or(before.map(|before| before.kind));
        let asked = match &wanted.authored {
            Some(when) => self.second(when, "authoredOn")?.min(now),
            None => now,
        };
        let ordered_at = before.map_or(asked, |before| before.ordered_at);
        let start = match &wanted.start {
            Some((when, _)) => Some(self.second(when, "occurrenceDateTime")?),
            None => None,
        };
        let later = |by: i64| start.is_some_and(|start| start > ordered_at.saturating_add(by));
        // Who says routine, and another day, orders from home. Whoever is not known as such is an
        // emergency: nobody says how urgent it is by leaving the priority out.
        let another_day = wanted.urgency == Some(Urgency::Routine) && later(FROM_HOME_SECONDS);
        let kind = kind.unwrap_or(if another_day { Kind::Outpatient } else { Kind::Emergency });
        let priority = wanted.urgency.and_then(|urgency| match urgency {
            Urgency::Routine => None,
            Urgency::Urgent | Urgency::Asap => Some(Priority::Asap),
            Urgency::Stat => Some(Priority::Stat),
        });
        let tier = tier_of(kind, priority);
        // Less than it was, a person decides on the board.
        let tier = before.map_or(tier, |before| before.tier.max(tier));
        let same = before.filter(|before| before.tier == tier);
        let from = if before.is_some() { now } else { ordered_at };
        let guideline = self.list.department().guideline();
        let from_home = kind == Kind::Outpatient && tier == Kind::Outpatient.tier();
        let mut why = wanted.reasons.clone();
        why.extend(self.carried(wanted, coded, &protocol.name));
        // A time that the board does not wait for is read by people.
        let asked_for = wanted.start.as_ref().filter(|_| !from_home && later(NOW_SECONDS));
        why.extend(asked_for.map(|(_, said)| format!("wanted for {said}")));
        let why = why.join(BETWEEN);
        let start = start.or(before.and_then(|before| before.not_before));
        let reference = reference(&wanted.identifier);
        Ok(Request {
            kind,
            about: self.about(wanted, before).await?,
            tier,
            deadline: match same {
                Some(before) => before.deadline.clone(),
                None => deadline(guideline, tier, from),
            },
            protocol,
            not_before: start.filter(|_| from_home),
            ordered_at,
            asked_by: wanted
                .requester
                .clone()
                .or(before.map(|before| before.asked_by.clone()))
                .unwrap_or_else(|| self.tenant.name.clone()),
            telephone: before.and_then(|before| before.telephone.clone()),
            why: match why.is_empty() {
                true => before.and_then(|before| before.why.clone()),
                false => Some(text(&why, "reasonCode").map_err(|_| too_long())?),
            },
            source: Source::Fhir {
                tenant: text(&self.tenant.tenant, "identifier")?,
                reference: text(&reference, "identifier")?,
                coding: match &coded.system {
                    Some(system) => Some(text(system, "code")?),
                    None => None,
                },
            },
            numbers: Numbers {
                service: Some(code),
                placed: Some(placed(&self.tenant.tenant, &wanted.identifier)),
                ..before.map(|before| before.numbers.clone()).unwrap_or_default()
            },
        })
    }

    /// What the codes and the words beside them say besides the code that is known: nobody here
    /// knows what it means, so people read it.
    fn carried(&self, wanted: &Ordered, known: &Coded, protocol: &str) -> Vec<String> {
        let means = |one: &Coded| self.found(one).is_some();
        let others = wanted.codes.iter().filter(|one| *one != known && !means(one));
        let others = others.map(|one| format!("also coded as {}", one.words()));
        let text = wanted.ordered_as.as_deref();
        let text = text.filter(|text| text.to_lowercase() != protocol.to_lowercase());
        text.map(|text| format!("ordered as {text}")).into_iter().chain(others).collect()
    }

    /// A day begins at midnight of the department.
    fn second(&self, when: &When, path: &str) -> Result<i64, Declined> {
        let of = |day: &String| self.local_time.on(Day::read(day).ok()?, "00:00");
        match when {
            When::Second(second) => Some(*second),
            When::Day(day) => of(day),
        }
        .ok_or_else(|| unmapped("value", "this is no day of a calendar", path))
    }

    /// The code that is known, its protocol, and what a table of the site says of it.
    fn protocol<'w>(
        &self,
        wanted: &'w Ordered,
    ) -> Result<(&'w Coded, Protocol, Option<&Service>), Declined> {
        let mut found = Vec::new();
        for coded in &wanted.codes {
            if let Some((protocol, service)) = self.found(coded) {
                found.push((coded, protocol, service));
            }
        }
        let differ = found.windows(2).any(|two| two[0].1.id != two[1].1.id);
        match (found.into_iter().next(), differ) {
            (Some(one), false) => Ok(one),
            (Some(_), true) => {
                let text = "its codes name several protocols here; leave one of them";
                Err(unmapped("multiple-matches", text, "code"))
            }
            (None, _) => {
                let text = "no protocol here has this code; write it into [[hl7.service]], or use \
                            the id of a protocol";
                Err(unmapped("not-found", text, "code"))
            }
        }
    }

    /// What a code means here, if anything.
    fn found(&self, coded: &Coded) -> Option<(Protocol, Option<&Service>)> {
        let (catalogue, services) = (self.list.catalogue(), &self.list.config().services);
        let vocabulary = &self.list.department().guideline().vocabulary;
        let (system, code) = (coded.system.as_deref(), coded.code.as_str());
        let service = services.iter().find(|service| service.code == code);
        if let Some(by_table) = service.and_then(|service| catalogue.get(&service.protocol)) {
            return Some((by_table.clone(), service));
        }
        let own = system.is_none_or(|system| system == self.own);
        let by_id = catalogue.get(code).filter(|_| own);
        let by_loinc = || {
            let ours = |id: &&str| {
                let phrase = vocabulary.get("image", id);
                let codes = phrase.map(|phrase| phrase.codes.as_slice()).unwrap_or_default();
                codes.iter().any(|one| one.system == "LOINC" && one.code == code)
            };
            let known = system == Some(LOINC);
            vocabulary.ids("image").find(ours).filter(|_| known)
        };
        let protocol = by_id.or_else(|| by_loinc().and_then(|id| catalogue.get(id)))?;
        Some((protocol.clone(), None))
    }

    /// Its status, and what people read beside it.
    fn status(&self, scan: &Scan) -> (&'static str, Option<String>) {
        let now = self.list.now();
        let held = scan.overrides.iter().any(|one| one.will == Wanted::Hold && one.counts(now));
        match &scan.state {
            State::Left(Departure::Scanned { .. }) => ("completed", None),
            State::Left(Departure::Cancelled { reason, .. }) => {
                ("revoked", Some(reason.as_str().to_string()))
            }
            State::Left(Departure::Discharged { .. }) => ("revoked", Some("discharged".into())),
            // It is still wanted: somebody else scans, and the clock runs on.
            State::Left(Departure::Transferred { site, .. }) => {
                ("active", Some(format!("transferred to {site}, where it is to be scanned")))
            }
            State::OnTable { .. } => ("active", Some("the scan has begun".to_string())),
            _ if held => ("on-hold", None),
            _ => ("active", None),
        }
    }

    fn placement(&self, scan: Scan, new: bool) -> Result<Placement, Declined> {
        let request = scan.request.as_ref().ok_or(Declined::NoSuch)?;
        let reference = self.reference_of(&scan).ok_or(Declined::NoSuch)?;
        let identifier = reference.split_once('|').ok_or(Declined::NoSuch)?;
        let now = self.list.now();
        let (status, note) = self.status(&scan);
        let coding = match &request.source {
            Source::Fhir { coding, .. } => coding.as_ref(),
            _ => None,
        };
        let about = &request.about;
        let resource = standing_order(&Standing {
            id: &scan.id,
            version: scan.events,
            identifier,
            status,
            priority: priority_of_tier(shown(&scan, request, now)),
            code: request.numbers.service.as_deref(),
            code_system: coding.map(|coding| coding.as_str()),
            scanned: &request.protocol.name,
            number: (
                self.tenant.number_system.as_deref().unwrap_or_default(),
                about.number.as_ref().map_or("", |number| self.number_there(number.as_str())),
            ),
            name: about.name.as_ref().map(|name| name.as_str()),
            authored: request.ordered_at,
            start: request.not_before,
            requester: &request.asked_by,
            why: request.why.as_ref().map(|why| why.as_str()),
            note,
        });
        Ok(Placement { resource, id: scan.id.clone(), version: scan.events, new })
    }
}

/// The tier that a person chose, while it counts; else the one of the order.
fn shown(scan: &Scan, request: &Request, now: i64) -> Tier {
    let chosen = scan.overrides.iter().rev().filter(|one| one.counts(now));
    let mut chosen = chosen.filter_map(|one| match &one.will {
        Wanted::Tier(tier) => Tier::of_id(tier.id()),
        _ => None,
    });
    chosen.next().unwrap_or(request.tier)
}

fn reference(identifier: &(String, String)) -> String {
    format!("{}|{}", identifier.0, identifier.1)
}

/// By whom and under which number it was placed, as HL7 v2 says it (table 0301).
fn placed(tenant: &str, identifier: &(String, String)) -> Placed {
    let (id, kind) = match identifier.0.strip_prefix("urn:oid:") {
        Some(oid) => (oid.to_string(), "ISO"),
        None => (identifier.0.clone(), "URI"),
    };
    Placed {
        application: tenant.to_string(),
        facility: None,
        number: Some(identifier.1.clone()),
        authority: Some([None, Some(id), Some(kind.to_string())]),
    }
}

fn text(text: &str, path: &str) -> Result<Text, Declined> {
    let why = "this text is empty, longer than 2000 characters, or holds control characters";
    Text::new(text).map_err(|_| unmapped("value", why, path))
}

fn too_long() -> Declined {
    let why = "its reasons, its notes and what is carried beside them are together longer than 2000 \
               characters; write less";
    unmapped("too-long", why, "reasonCode")
}

fn unmapped(code: &'static str, text: &str, path: &str) -> Declined {
    Declined::Unmapped(vec![Issue::error(code, text, &format!("ServiceRequest.{path}"))])
}
