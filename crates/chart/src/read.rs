//! The whole of what was supplied becomes a chart.

use std::collections::BTreeMap;

use cauda_fhir::{ENTRIES_MAX, Resource, Supplied};
use cauda_guideline::Guideline;

use crate::chart::{Block, Chart, Why};
use crate::gather::Gather;
use crate::medicine::Medications;
use crate::standing::{Whose, whose};
use crate::table::Table;
use crate::{
    allergy, answers, condition, device, encounter, medicine, observation, patient, procedure,
};

/// Most resources of one call.
const RESOURCES_MAX: usize = 5_000;
/// Most keys of one call, and the longest that is listed, in bytes.
const KEYS_MAX: usize = 100;
const KEY_BYTES_MAX: usize = 64;

/// What a call is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Call<'a> {
    /// Id of the patient, from the context of the call. Without one, the only `Patient` that came.
    pub patient: Option<&'a str>,
    /// Id of the encounter, from the context of the call. Without one, the only one that goes on.
    pub encounter: Option<&'a str>,
    /// Our own base address, under which our questionnaires stand.
    pub base: Option<&'a str>,
    /// The moment, in seconds since 1970 UTC.
    pub now: i64,
}

/// Reads what was supplied under each key, about the only patient in it.
pub fn read(
    table: &Table,
    guideline: &Guideline,
    supplied: &[(&str, Supplied<'_>)],
    now: i64,
) -> Chart {
    read_about(table, guideline, &Call { now, ..Call::default() }, supplied)
}

/// Reads what was supplied under each key, about the patient of a call.
pub fn read_about(
    table: &Table,
    guideline: &Guideline,
    call: &Call<'_>,
    supplied: &[(&str, Supplied<'_>)],
) -> Chart {
    let mut chart = Chart::default();
    let mut all = Vec::new();
    for (key, supplied) in supplied.iter().take(KEYS_MAX) {
        let key: String = key.chars().take(KEY_BYTES_MAX).collect();
        match supplied {
            Supplied::Absent => chart.absent.push(key),
            Supplied::Failed => chart.failed.push(key),
            Supplied::NoneFound => {}
            Supplied::Found(found) => {
                let resources = supplied.resources();
                let cut = found.list("entry").len() >= ENTRIES_MAX
                    || all.len() + resources.len() > RESOURCES_MAX;
                if cut || found.next_page().is_some() {
                    chart.partial.push(key);
                }
                let room = RESOURCES_MAX - all.len();
                all.extend(resources.into_iter().take(room));
            }
        }
    }
    let mut gather = Gather::new(guideline, call.now);
    let subject = who(&all, call, &mut chart);
    let id = call.patient.or(subject.and_then(|patient| patient.id()));
    if let Some(patient) = subject {
        chart.patient = patient::read(&patient, gather.now);
        chart.blocks.extend(patient::blocks(&patient));
        patient::tell_age(&patient, &mut gather);
    }
    let visit = current(&all, call, id);
    chart.encounter = visit.and_then(|visit| encounter::current(&visit));
    let medications = medications(&all);
    for resource in &all {
        let is_visit = visit.is_some_and(|visit| std::ptr::eq(visit.json(), resource.json()));
        if !is_visit {
            one(table, call.base, id, resource, &medications, &mut gather);
        }
    }
    if !gather.alarms.is_empty() {
        chart.blocks.push(Block::Alarm);
    }
    finish(chart, gather)
}

/// The patient, if it is sure who that is.
fn who<'a>(all: &[Resource<'a>], call: &Call<'_>, chart: &mut Chart) -> Option<Resource<'a>> {
    let patients = all.iter().filter(|resource| resource.kind() == "Patient");
    let mut by_id: BTreeMap<Option<&str>, Resource<'a>> = BTreeMap::new();
    for patient in patients {
        by_id.entry(patient.id()).or_insert(*patient);
    }
    let asked = match call.patient {
        Some(id) => by_id.get(&Some(id)).copied(),
        None if by_id.len() == 1 => {
            by_id.into_values().next().filter(|patient| patient.id().is_some())
        }
        None => {
            if by_id.len() > 1 {
                chart.blocks.push(Block::SeveralPatients);
            }
            None
        }
    };
    if asked.is_none() && chart.blocks.is_empty() {
        chart.blocks.push(Block::NoPatient);
    }
    asked
}

/// The encounter of the call: the one it names, else the only one that goes on.
fn current<'a>(all: &[Resource<'a>], call: &Call<'_>, id: Option<&str>) -> Option<Resource<'a>> {
    let theirs = |resource: &&Resource<'a>| {
        resource.kind() == "Encounter" && whose(resource.field("subject"), id) != Whose::Others
    };
    let mut encounters = all.iter().filter(theirs);
    match call.encounter {
        Some(named) => encounters.find(|resource| resource.id() == Some(named)).copied(),
        None => {
            let mut going: Vec<Resource<'a>> =
                encounters.filter(|resource| encounter::goes_on(resource)).copied().collect();
            if going.len() == 1 { going.pop() } else { None }
        }
    }
}

fn medications<'a>(all: &[Resource<'a>]) -> Medications<'a> {
    let medications = all.iter().filter(|resource| resource.kind() == "Medication");
    medications.filter_map(|medication| Some((medication.id()?, *medication))).collect()
}

/// One resource, if it may be the patient's.
fn one<'a>(
    table: &Table,
    base: Option<&str>,
    patient: Option<&str>,
    resource: &Resource<'a>,
    medications: &Medications<'a>,
    gather: &mut Gather<'_>,
) {
    let field = match resource.kind() {
        "Patient" | "Medication" => return,
        "AllergyIntolerance" | "Device" => "patient",
        "Observation"
        | "Condition"
        | "MedicationRequest"
        | "MedicationStatement"
        | "Procedure"
        | "Encounter"
        | "QuestionnaireResponse" => "subject",
        _ => return gather.count("other"),
    };
    let whose = whose(resource.field(field), patient);
    if whose == Whose::Others {
        return gather.ignore(resource, None, Why::AnotherSubject);
    }
    match resource.kind() {
        "Observation" => observation::read(table, resource, whose, patient, gather),
        "Condition" => condition::read(table, resource, whose, gather),
        "AllergyIntolerance" => allergy::read(table, resource, whose, gather),
        "Procedure" => procedure::read(table, resource, whose, gather),
        "Device" => device::read(table, resource, whose, gather),
        "Encounter" => encounter::read(table, resource, whose, gather),
        "QuestionnaireResponse" => answers::read(base, resource, whose, gather),
        _ => medicine::read(table, resource, whose, medications, gather),
    }
}

/// Puts the parts together. Of a patient who is in doubt nothing reassures.
fn finish(mut chart: Chart, mut gather: Gather<'_>) -> Chart {
    chart.blocks.sort_unstable();
    chart.blocks.dedup();
    if chart.blocks.iter().any(|block| *block != Block::Alarm) {
        gather.keep_dangers();
    }
    chart.findings = gather.findings();
    chart.alarms = gather.alarms;
    chart.unlisted = gather.unlisted;
    // What may matter first, and of that the newest.
    chart.unlisted.sort_by_key(|one| std::cmp::Reverse((one.may_matter, one.at)));
    chart.used = gather.used;
    chart.ignored = gather.ignored;
    chart.unknown = gather.unknown;
    chart.dropped = gather.dropped;
    chart
}
