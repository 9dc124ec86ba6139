//! An order as a message tells it, as the board takes it.

use cauda_guideline::Guideline;
use cauda_guideline::vocabulary::Tier;
use cauda_hl7::{
    Clinician, Coded, Designator, EntityId, Location, Order, Party, Patient, PatientClass,
    PersonName, Priority, Sex as Told, Visit, is_uid,
};
use cauda_pathway::identity::Text;
use cauda_pathway::patient::{Day, Sex};
use cauda_scans::{About, Catalogue, Kind, Numbers, Placed, Protocol, Request, Source};

use super::config::Service;
use super::numbers::{Authority, authority};
use crate::scans::deadline;

/// Minutes of a picture that no protocol here names.
const UNNAMED_MINUTES: [u32; 2] = [25, 45];
/// Most characters of Accession Number and Scheduled Procedure Step ID (DICOM PS3.5, SH).
const SHORT_MAX: usize = 16;

/// What an order is read with.
pub struct Site<'a> {
    /// What codes mean here.
    pub services: &'a [Service],
    /// Protocols.
    pub catalogue: &'a Catalogue,
    /// Whose words say by when.
    pub guideline: &'a Guideline,
}

/// The number of an order as the board knows it: `SYNEHR/4711`, or `4711` without an authority.
pub fn number(id: &EntityId) -> String {
    match id.authority.as_ref().and_then(|authority| authority.name()) {
        Some(authority) => format!("{authority}/{}", id.id),
        None => id.id.clone(),
    }
}

/// An order. What it does not say stays as it was in `before`, and so does how urgent it is where
/// it asks for less: a person lowers that, on the board.
pub fn of_order(
    site: &Site<'_>,
    order: &Order,
    about: About,
    visit: Option<&Visit>,
    sender: &Party,
    before: Option<&Request>,
    (placer, now): (Text, i64),
) -> Request {
    let service = order.service.as_ref();
    let named = service.and_then(|service| named(site.services, service));
    let kind = named.and_then(|service| service.kind).map(|kind| kind.kind());
    let kind = kind.or_else(|| visit.and_then(|visit| visit.class).and_then(of_class));
    let told = kind.or(before.map(|before| before.kind)).unwrap_or(Kind::Emergency);
    // Nor does it become what less urgent patients come for.
    let kind = match before {
        Some(before) if told.tier() < before.kind.tier().min(before.tier) => before.kind,
        _ => told,
    };
    let wanted = tier(told, order.priority);
    let tier = before.map_or(wanted, |before| before.tier.max(wanted));
    let says = order.priority.is_some() || kind != told;
    let less = (says && wanted < tier).then(|| less(sender, wanted));
    let asked = order.placed.and_then(|at| at.from_day()).map(|at| at.min(now));
    let ordered_at = before.map_or(asked.unwrap_or(now), |before| before.ordered_at);
    // A tier that stays keeps its clock; another begins with the message that says it.
    let kept =
        before.filter(|before| before.tier == tier).and_then(|before| before.deadline.clone());
    let from = if before.is_some() { now } else { ordered_at };
    // Only who comes from home in ordinary time waits for a date; whoever is urgent does not.
    let dated = kind == Kind::Outpatient && tier == Kind::Outpatient.tier();
    let start = order.start.map(|start| start.earliest);
    let start = start.or(before.and_then(|before| before.not_before)).filter(|_| dated);
    let words = [order.clinical_information.clone(), order.reason.as_ref().and_then(words_of)];
    let words: Vec<String> = words.into_iter().flatten().chain(order.notes.clone()).collect();
    Request {
        kind,
        about,
        tier,
        deadline: kept.or_else(|| deadline(site.guideline, tier, from)),
        protocol: protocol(site, named, order, before),
        not_before: start,
        ordered_at,
        asked_by: order
            .ordered_by
            .as_ref()
            .and_then(clinician)
            .or(before.map(|before| before.asked_by.clone()))
            .unwrap_or_else(|| name_of(sender)),
        telephone: order
            .callback
            .as_deref()
            .and_then(|text| Text::new(text).ok())
            .or(before.and_then(|before| before.telephone.clone())),
        why: why(&words.join("; "), less, before),
        source: before.map_or(Source::Hl7 { placer }, |before| before.source.clone()),
        numbers: numbers(order, sender, before),
    }
}

/// What the application that sent a message is called.
pub fn name_of(sender: &Party) -> String {
    let name = sender.application.as_ref().and_then(|application| application.name());
    name.unwrap_or("HL7").to_string()
}

/// How urgent. Who orders at once may have more than the kind says, and never less: how urgent back
/// pain is, a decision says.
pub fn tier(kind: Kind, priority: Option<Priority>) -> Tier {
    let said = match (priority, kind) {
        (Some(Priority::Stat | Priority::Asap), Kind::Outpatient) => Tier::Urgent,
        (Some(Priority::Stat), _) => Tier::Emergency,
        _ => kind.tier(),
    };
    said.max(kind.tier())
}

/// Between why something was ordered, and that a later message asks for less.
const ASKS_FOR_LESS: &str = " asks for less now, tier ";

/// What the board says of a message that asks for less than the order has.
fn less(sender: &Party, wanted: Tier) -> String {
    format!("{}{ASKS_FOR_LESS}{}: a person lowers it", name_of(sender), wanted.id())
}

/// Why it was ordered; what the message does not say stays.
fn why(words: &str, less: Option<String>, before: Option<&Request>) -> Option<Text> {
    let known = before.and_then(|before| before.why.as_ref()).map(Text::as_str);
    let known = known.unwrap_or_default().split("; ");
    let known: Vec<&str> = known.filter(|part| !part.contains(ASKS_FOR_LESS)).collect();
    let words = match words.is_empty() {
        true => known.join("; "),
        false => words.to_string(),
    };
    let parts: Vec<&str> = less.as_deref().into_iter().chain([words.as_str()]).collect();
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Text::new(parts.join("; ")).or_else(|_| Text::new(words)).ok()
}

fn of_class(class: PatientClass) -> Option<Kind> {
    Some(match class {
        PatientClass::Emergency => Kind::Emergency,
        PatientClass::Inpatient | PatientClass::Obstetrics => Kind::Inpatient,
        PatientClass::Outpatient | PatientClass::Preadmit | PatientClass::Recurring => {
            Kind::Outpatient
        }
        PatientClass::Commercial | PatientClass::NotApplicable | PatientClass::Unknown => {
            return None;
        }
    })
}

fn named<'a>(services: &'a [Service], service: &Coded) -> Option<&'a Service> {
    let codes = [service.code.as_deref(), service.alternate_code.as_deref()];
    services.iter().find(|one| codes.contains(&Some(one.code.as_str())))
}

/// The protocol of the code, or of that name; else a picture of the order's own words, with
/// contrast if they speak of it.
fn protocol(
    site: &Site<'_>,
    named: Option<&Service>,
    order: &Order,
    before: Option<&Request>,
) -> Protocol {
    let code = order.service.as_ref().and_then(code_of);
    if let Some(before) = before.filter(|before| before.numbers.service == code) {
        return before.protocol.clone();
    }
    let by_id = named.and_then(|service| site.catalogue.get(&service.protocol));
    let service = order.service.as_ref();
    let step = order.steps.first().and_then(|step| step.protocol.as_ref());
    let said: Vec<&Coded> = step.into_iter().chain(service).collect();
    let alike = |protocol: &&Protocol| {
        said.iter().any(|said| {
            said.code.as_deref() == Some(protocol.id.as_str())
                || said
                    .text
                    .as_deref()
                    .is_some_and(|text| text.eq_ignore_ascii_case(&protocol.name))
        })
    };
    if let Some(known) = by_id.or_else(|| site.catalogue.all().find(alike)) {
        return known.clone();
    }
    let Some(name) = said.iter().find_map(|said| words_of(said)) else {
        let unnamed = || unnamed("MRI, the order does not say of what".to_string());
        return before.map_or_else(unnamed, |before| before.protocol.clone());
    };
    unnamed(name)
}

fn unnamed(name: String) -> Protocol {
    let small = name.to_lowercase();
    let plain = ["without", "w/o", "plain", "no contrast"].iter().any(|word| small.contains(word));
    Protocol {
        id: "hl7".to_string(),
        contrast: !plain && ["contrast", "gadolin", "+c"].iter().any(|word| small.contains(word)),
        name,
        minutes: UNNAMED_MINUTES,
        coil: None,
        limited: false,
    }
}

/// Numbers that fit DICOM; what does not is kept by nobody, and ours counts.
fn numbers(order: &Order, sender: &Party, before: Option<&Request>) -> Numbers {
    let short = |text: &String| {
        let fits = !text.is_empty() && text.len() <= SHORT_MAX;
        fits && text.chars().all(|sign| sign.is_ascii_graphic() && sign != '\\')
    };
    let step = order.steps.first();
    let given = Numbers {
        filler: order.filler.as_ref().map(number),
        service: order.service.as_ref().and_then(code_of),
        accession: order.accession().map(String::from).filter(short),
        step_id: step.and_then(|step| step.step_id.clone()).filter(short),
        study_uid: step.and_then(|step| step.study_uid.clone()).filter(|uid| is_uid(uid)),
        placed: Some(placed(order, sender)),
        patient_authority: None,
    };
    // Who placed it stays who placed it, whoever changes it later.
    let placed = match before {
        Some(before) => before.numbers.placed.clone(),
        None => given.placed,
    };
    let before = before.map(|before| before.numbers.clone()).unwrap_or_default();
    Numbers {
        filler: given.filler.or(before.filler),
        service: given.service.or(before.service),
        accession: given.accession.or(before.accession),
        step_id: given.step_id.or(before.step_id),
        study_uid: given.study_uid.or(before.study_uid),
        placed,
        patient_authority: before.patient_authority,
    }
}

/// Who placed an order, and under which number.
pub fn placed(order: &Order, sender: &Party) -> Placed {
    let name =
        |one: &Option<Designator>| one.as_ref().and_then(|one| one.name()).map(str::to_string);
    let authority = order.placer.as_ref().and_then(|placer| placer.authority.clone());
    Placed {
        application: name(&sender.application).unwrap_or_default(),
        facility: name(&sender.facility),
        number: order.placer.as_ref().map(|placer| placer.id.clone()),
        authority: authority.map(|it| [it.namespace, it.universal_id, it.universal_id_type]),
    }
}

/// Who gave the patient's number; what the message does not say stays.
pub fn patient_authority(patient: Option<&Patient>, before: Option<&Request>) -> Option<Authority> {
    let told = patient.and_then(Patient::identifier).and_then(|number| number.authority.as_ref());
    told.map(authority).or_else(|| before.and_then(|it| it.numbers.patient_authority.clone()))
}

/// Whom it is about; what the message does not say stays.
pub fn about(patient: Option<&Patient>, visit: Option<&Visit>, before: Option<&About>) -> About {
    let name = patient.and_then(|patient| patient.name.as_ref()).and_then(person);
    let born = patient.and_then(|patient| patient.born).and_then(|born| {
        let whole = format!("{:04}-{:02}-{:02}", born.year, born.month?, born.day?);
        Day::read(&whole).ok()
    });
    let number = patient.and_then(Patient::identifier);
    let sex = patient.and_then(|patient| patient.sex).map(|sex| match sex {
        Told::Female => Sex::Female,
        Told::Male => Sex::Male,
        Told::Other => Sex::Other,
        Told::Unknown | Told::Ambiguous | Told::NotApplicable => Sex::Unknown,
    });
    let place = visit.and_then(|visit| visit.location.as_ref()).and_then(place);
    About {
        name: name.or_else(|| before.and_then(|before| before.name.clone())),
        number: number
            .and_then(|number| Text::new(number.id.clone()).ok())
            .or_else(|| before.and_then(|before| before.number.clone())),
        born: born.or_else(|| before.and_then(|before| before.born)),
        sex: sex.or(before.map(|before| before.sex)).unwrap_or(Sex::Unknown),
        place: place.or_else(|| before.and_then(|before| before.place.clone())),
    }
}

fn person(name: &PersonName) -> Option<Text> {
    let given: Vec<&str> =
        [&name.given, &name.middle].into_iter().flatten().map(String::as_str).collect();
    let text = match (&name.family, given.is_empty()) {
        (Some(family), false) => format!("{family}, {}", given.join(" ")),
        (Some(family), true) => family.clone(),
        (None, _) => given.join(" "),
    };
    Text::new(text).ok()
}

fn clinician(one: &Clinician) -> Option<String> {
    person(&one.name).map(|name| name.as_str().to_string()).or_else(|| one.id.clone())
}

fn place(location: &Location) -> Option<Text> {
    let parts = [&location.point_of_care, &location.room, &location.bed];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    Text::new(parts.join(" ")).ok()
}

fn code_of(service: &Coded) -> Option<String> {
    service.code.clone().or_else(|| service.text.clone())
}

/// What a code means, or the code where it says no more.
pub fn words_of(coded: &Coded) -> Option<String> {
    coded.text.clone().or_else(|| coded.alternate_text.clone()).or_else(|| coded.code.clone())
}
