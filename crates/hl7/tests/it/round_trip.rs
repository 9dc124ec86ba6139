//! Any bytes are read without harm, and what is written arrives as it is.

use cauda_hl7::{
    Acknowledgement, Admission, AdmissionEvent, Appointment, AppointmentEvent, Body, Charset,
    Clinician, Coded, Control, Critical, Delimiters, Designator, EntityId, Header, Hl7Error,
    Identifier, Location, Merge, Observation, Order, OrderStatus, Orders, PartialDate, Party,
    Patient, PatientClass, PersonName, Priority, Report, Reports, Sex, Stage, Step, Version, Visit,
    When, read, write,
};
use proptest::option::of;
use proptest::prelude::*;

use crate::house::{reading, zone};

/// Any text that a person could type, with all delimiters, ends of lines and spaces in it.
fn text() -> BoxedStrategy<String> {
    prop_oneof![
        3 => "[a-zA-Z0-9 ]{1,12}",
        2 => r#"[|^~\\&#*@!%"\r\n\t \x0b\x1cXFE.br]{1,10}"#,
        2 => "[äöüßÄéñ¤ ]{1,8}",
    ]
    .boxed()
}

/// Text that Latin-1 does not have.
fn far_text() -> BoxedStrategy<String> {
    prop_oneof![text(), "[őŁ山田Жא€]{1,6}".boxed()].boxed()
}

fn one() -> BoxedStrategy<Option<String>> {
    of(far_text()).boxed()
}

fn designator() -> BoxedStrategy<Option<Designator>> {
    let found = (far_text(), one(), one()).prop_map(|(namespace, universal_id, kind)| Designator {
        namespace: Some(namespace),
        universal_id,
        universal_id_type: kind,
    });
    of(found).boxed()
}

fn identifier() -> BoxedStrategy<Identifier> {
    (far_text(), designator(), one())
        .prop_map(|(id, authority, kind)| Identifier { id, authority, kind })
        .boxed()
}

fn entity() -> BoxedStrategy<EntityId> {
    (far_text(), designator()).prop_map(|(id, authority)| EntityId { id, authority }).boxed()
}

fn coded() -> BoxedStrategy<Coded> {
    (far_text(), one(), one())
        .prop_map(|(code, text, system)| Coded {
            code: Some(code),
            text,
            system,
            ..Coded::default()
        })
        .boxed()
}

fn name() -> BoxedStrategy<PersonName> {
    (far_text(), one(), one(), one(), one())
        .prop_map(|(family, given, middle, suffix, prefix)| PersonName {
            family: Some(family),
            given,
            middle,
            suffix,
            prefix,
        })
        .boxed()
}

fn clinician() -> BoxedStrategy<Clinician> {
    (far_text(), name()).prop_map(|(id, name)| Clinician { id: Some(id), name }).boxed()
}

fn time() -> BoxedStrategy<When> {
    let second = (0_i64..4_000_000_000).prop_map(When::second);
    let minute = (2000..2099, 1..=12, 1..=28, 0..24, 0..60).prop_filter_map(
        "the hour that comes twice",
        |(year, month, day, hour, minute): (i32, i32, i32, i32, i32)| {
            let text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}");
            When::read(&text, &zone()).filter(|when| when.latest - when.earliest == 59)
        },
    );
    let day = (2000..2099, 1..=12, 1..=28).prop_filter_map("a day", |(year, month, day)| {
        When::read(&format!("{year:04}{month:02}{day:02}"), &zone())
    });
    prop_oneof![second, minute, day].boxed()
}

fn patient() -> BoxedStrategy<Patient> {
    let born =
        (1900_i16..2026, of((1_i8..=12, of(1_i8..=28)))).prop_map(|(year, rest)| PartialDate {
            year,
            month: rest.map(|(month, _)| month),
            day: rest.and_then(|(_, day)| day),
        });
    let sex = prop_oneof![Just(Sex::Female), Just(Sex::Unknown)];
    (
        proptest::collection::vec(identifier(), 1..3),
        of(name()),
        of(born),
        of(sex),
        of(identifier()),
        of(time()),
        of(any::<bool>()),
        proptest::collection::vec(coded(), 0..3),
    )
        .prop_map(|(identifiers, name, born, sex, account, died_at, died, allergies)| Patient {
            identifiers,
            name,
            born,
            sex,
            account,
            died_at,
            died,
            allergies,
        })
        .boxed()
}

fn visit() -> BoxedStrategy<Visit> {
    let location = (far_text(), one(), one(), one(), one(), one()).prop_map(
        |(point_of_care, room, bed, facility, building, floor)| Location {
            point_of_care: Some(point_of_care),
            room,
            bed,
            facility,
            building,
            floor,
        },
    );
    let codes = proptest::collection::vec(far_text(), 0..3);
    (of(location), of(clinician()), of(clinician()), codes, of(identifier()), of(time()))
        .prop_map(|(location, attending, referring, ambulatory, number, admitted)| Visit {
            class: Some(PatientClass::Emergency),
            location,
            attending,
            referring,
            ambulatory,
            number,
            admitted,
            discharged: admitted,
        })
        .boxed()
}

fn step(omi: bool) -> BoxedStrategy<Step> {
    (far_text(), one(), one(), one(), one(), of(coded()), one(), one(), one())
        .prop_map(move |found| {
            let (accession, procedure_id, study_uid, step_id, modality, ..) = found.clone();
            let (.., protocol, station_name, location, station_ae) = found;
            Step {
                accession: Some(accession),
                procedure_id,
                study_uid,
                step_id,
                modality,
                protocol,
                station_name: station_name.filter(|_| omi),
                location: location.filter(|_| omi),
                station_ae,
            }
        })
        .boxed()
}

fn order(omi: bool) -> BoxedStrategy<Order> {
    let control = prop_oneof![Just(Control::New), Just(Control::Cancel), Just(Control::Change)];
    let observation =
        (coded(), one(), one()).prop_map(|(what, value, unit)| Observation { what, value, unit });
    let many = if omi { 0..3 } else { 0..2 };
    (
        (control, entity(), of(entity()), of(time()), of(time()), of(clinician())),
        (one(), coded(), one(), of(coded()), one()),
        proptest::collection::vec(far_text(), 0..3),
        proptest::collection::vec(observation, 0..3),
        proptest::collection::vec(step(omi), many),
    )
        .prop_map(move |(first, second, notes, observations, steps)| {
            let (control, placer, filler, placed, start, ordered_by) = first;
            let (callback, mut service, clinical_information, reason, transport) = second;
            // In ORM the protocol is the second half of the service.
            if let Some(protocol) =
                steps.first().and_then(|step| step.protocol.as_ref()).filter(|_| !omi)
            {
                service.alternate_code = protocol.code.clone();
                service.alternate_text = protocol.text.clone();
                service.alternate_system = protocol.system.clone();
            }
            Order {
                placer: Some(placer),
                filler,
                status: Some(OrderStatus::Scheduled),
                priority: Some(Priority::Stat),
                placed,
                start,
                ordered_by,
                callback,
                service: Some(service),
                clinical_information,
                reason,
                transport,
                notes,
                observations,
                steps,
                ..Order::new(control)
            }
        })
        .boxed()
}

fn body() -> BoxedStrategy<(Body, bool)> {
    let admission = (of(time()), of(time()), patient(), of(visit())).prop_map(
        |(occurred, recorded, patient, visit)| {
            let event = AdmissionEvent::Registered;
            Body::Admission(Box::new(Admission { event, occurred, recorded, patient, visit }))
        },
    );
    let merge = (patient(), far_text()).prop_filter_map("two numbers", |(mut kept, lost)| {
        kept.allergies.clear();
        let lost = vec![Identifier { id: lost, ..Identifier::default() }];
        let other = kept.identifiers.iter().all(|one| one.id != lost[0].id);
        other.then(|| Body::Merges(vec![Merge { kept, lost }]))
    });
    let orders = |omi: bool| {
        let orders = proptest::collection::vec(order(omi), 1..3);
        (patient(), of(visit()), orders).prop_map(move |(patient, visit, orders)| {
            (Body::Orders(Box::new(Orders { patient: Some(patient), visit, orders })), omi)
        })
    };
    let stage = prop_oneof![Just(Stage::Preliminary), Just(Stage::Final), Just(Stage::Corrected)];
    let critical = prop_oneof![Just(Critical::Marked), Just(Critical::NotMarked)];
    let report = (entity(), of(entity()), one(), one(), of(coded()), of(time()), stage, critical)
        .prop_map(|(placer, filler, accession, study_uid, service, at, stage, critical)| Report {
            placer: Some(placer),
            filler,
            accession,
            study_uid,
            service,
            at,
            stage,
            critical,
        });
    let reports =
        (of(patient()), proptest::collection::vec(report, 1..3)).prop_map(|(patient, reports)| {
            Body::Reports(Box::new(Reports { patient, visit: None, reports }))
        });
    let appointment = (entity(), of(entity()), time(), of(1_u32..600), of(coded()), of(coded()))
        .prop_map(|(placer, filler, start, minutes, reason, service)| {
            Body::Appointment(Box::new(Appointment {
                event: AppointmentEvent::Booked,
                placer: Some(placer),
                filler,
                order: None,
                patient: None,
                visit: None,
                start: Some(start),
                minutes,
                reason,
                service,
                resources: Vec::new(),
                location: None,
                status: None,
            }))
        });
    prop_oneof![
        admission.prop_map(|body| (body, false)),
        merge.prop_map(|body| (body, false)),
        orders(true),
        orders(false),
        reports.prop_map(|body| (body, false)),
        appointment.prop_map(|body| (body, false)),
    ]
    .boxed()
}

fn delimiters() -> BoxedStrategy<Delimiters> {
    prop_oneof![
        Just(Delimiters::USUAL),
        Just(Delimiters::new(*b"#*@!%").unwrap()),
        Just(Delimiters::new(*br#"&|"~^"#).unwrap()),
    ]
    .boxed()
}

fn header(omi: bool, delimiters: Delimiters, control_id: &str) -> Header {
    let sender = Party::named("CAUDA", "ED");
    let header = Header::new(sender, Party::named("RIS", "GENERAL"), 1_800_000_000, control_id);
    let header = Header { delimiters, ..header };
    if omi { header.omi() } else { header.orm() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_arrives((body, omi) in body(), delimiters in delimiters()) {
        let header = header(omi, delimiters, "C1");
        let failed = |why: String| TestCaseError::fail(why);
        let bytes = write(&header, &body, &zone()).map_err(|error| failed(error.to_string()))?;
        let back = read(&bytes, &reading()).map_err(|reject| failed(reject.to_string()))?;
        prop_assert!(back.body == body);
        prop_assert_eq!(back.header.sender, header.sender);
    }

    #[test]
    fn in_latin_1_it_arrives_or_is_refused((body, omi) in body()) {
        let header = Header { charset: Charset::latin1(), ..header(omi, Delimiters::USUAL, "C1") };
        match write(&header, &body, &zone()) {
            Ok(bytes) => {
                let back = read(&bytes, &reading());
                prop_assert!(back.is_ok_and(|back| back.body == body));
            }
            Err(Hl7Error::Unwritable(why)) => {
                prop_assert!(why.contains("character set"), "{}", why);
            }
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, &reading());
        let _ = Acknowledgement::read(&bytes);
    }

    #[test]
    fn a_spoilt_message_is_read_without_harm(
        (body, omi) in body(),
        spoils in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let Ok(mut bytes) = write(&header(omi, Delimiters::USUAL, "C1"), &body, &zone()) else {
            return Ok(());
        };
        for (at, byte) in spoils {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read(&bytes, &reading());
        let _ = Acknowledgement::read(&bytes);
    }
}

/// Whole messages of a day, with pieces of one in another, cut and doubled.
#[test]
fn a_mangled_day_is_read_without_harm() {
    let day = cauda_hl7::day::DaySettings::new(1_795_388_400, zone());
    let day = cauda_hl7::day::day(1, &cauda_hl7::day::DaySettings { orders: 20, ..day }).unwrap();
    let all: Vec<Vec<u8>> = day.messages.into_iter().map(|timed| timed.message).collect();
    let mut state = 88_172_645_463_325_252_u64;
    let mut drawn = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below.max(1)).unwrap()).unwrap()
    };
    for _ in 0..1_500 {
        let mut bytes = all[drawn(all.len())].clone();
        for _ in 0..=drawn(4) {
            let from = &all[drawn(all.len())];
            let (first, length) = (drawn(from.len()), drawn(40));
            let piece = &from[first..(first + length).min(from.len())];
            let at = 8 + drawn(bytes.len().saturating_sub(8));
            let until = (at + drawn(12)).min(bytes.len());
            bytes.splice(at.min(until)..until, piece.iter().copied());
        }
        if let Ok(inbound) = read(&bytes, &reading()) {
            // What was read can be written again, unless a value of it has no place there.
            let _ = write(&inbound.header, &inbound.body, &zone());
        }
    }
}

#[test]
fn what_would_not_arrive_is_refused() {
    let patient = Patient {
        identifiers: vec![Identifier { id: "1".to_string(), ..Identifier::default() }],
        ..Patient::default()
    };
    let mut order = Order::new(Control::Cancel);
    order.placer = Some(EntityId { id: "P1".to_string(), authority: None });
    let body = |order: Order| {
        let patient = Some(patient.clone());
        Body::Orders(Box::new(Orders { patient, visit: None, orders: vec![order] }))
    };
    let check = |header: &Header, order: Order, why: &str| {
        let said = write(header, &body(order), &zone()).map_err(|error| error.to_string());
        assert!(said.as_ref().is_err_and(|said| said.contains(why)), "{said:?}");
    };
    let header = |omi| header(omi, Delimiters::USUAL, "C1");
    assert!(write(&header(true), &body(order.clone()), &zone()).is_ok());
    let empty = Order { callback: Some(String::new()), ..order.clone() };
    check(&header(true), empty, "would not arrive");
    let named = Step { station_name: Some("ONE".to_string()), ..Step::default() };
    let placed = Order { steps: vec![named], ..order.clone() };
    check(&header(false), placed, "would not arrive");
    let two = Order { steps: vec![Step::default(), Step::default()], ..order.clone() };
    check(&header(false), two, "room for one step");
    let old = Header { version: Some(Version::V2_4), ..header(true) };
    check(&old, order.clone(), "OMI began with version 2.5");
    let long = Header { control_id: "C".repeat(21), ..header(true) };
    check(&long, order.clone(), "1 to 20 characters");
    let unnumbered = Order { placer: None, ..order };
    check(&header(true), unnumbered, "the order has no number");
}
