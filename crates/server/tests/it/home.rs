//! Links of patients: waiting, and six weeks at home, on a clock that the test moves.

use cauda_pathway::check_in::Stop;
use cauda_pathway::identity::VisitId;
use cauda_pathway::messaging::Sending;
use cauda_pathway::visit::Visit;
use cauda_server::Config;
use cauda_server::outbox::Messages;
use cauda_server::passing::pass_once;

use crate::browser::{Browser, Page};
use crate::house::{House, MORNING};
use crate::mail::MailServer;

const DAY: i64 = 86_400;

/// Links of a visit as staff see them: waiting and home, or home alone; without the address.
pub fn links(house: &House, staff: &mut Browser, visit: &str) -> Vec<String> {
    let page = staff.get(&format!("/visit/{visit}/patient"));
    let links = page.text.split("class=\"link\"><a href=\"").skip(1);
    let links = links.map(|rest| rest.split('"').next().unwrap());
    let address = house.address();
    links.map(|link| link.strip_prefix(&address).unwrap().to_string()).collect()
}

pub fn home_link(house: &House, visit: &str) -> String {
    links(house, &mut house.as_role("Physician"), visit).pop().unwrap()
}

fn visit(house: &House, id: &str) -> Visit {
    let id = VisitId::new(id).unwrap();
    house.runtime.block_on(house.server().department.entry(&id)).unwrap().visit.clone()
}

fn pass(house: &House, seconds: i64) {
    house.clock.pass(seconds);
    house.runtime.block_on(pass_once(&house.server().department));
}

fn answer(patient: &mut Browser, link: &str, fields: &[(&str, &str)]) -> Page {
    let page = patient.get(link);
    assert!(page.has("How is your back?"), "{}", page.text);
    patient.send(&page, link, fields)
}

/// The strain of the demonstration goes home; its visit.
fn go_home(house: &House) -> &'static str {
    let mut doctor = house.as_role("Physician");
    let page = doctor.get("/visit/demo-v4/decision");
    let to = "/visit/demo-v4/decide/discharge";
    let mut sent = doctor.send(&page, to, &[("plan", "stay active"), ("card", "given")]);
    if sent.status == 409 {
        sent = doctor.send(&sent, to, &[]);
    }
    assert_eq!(sent.status, 303, "{}", sent.text);
    "demo-v4"
}

#[test]
fn a_patient_who_waits_reads_what_was_released_and_nothing_else() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let waiting = links(&house, &mut doctor, "demo-v4").remove(0);
    let mut patient = house.browser();
    let page = patient.get(&waiting);
    assert!(page.has("A doctor looks after you.") && page.has("Tell a nurse at once if"));
    assert!(page.has("Your nurse or doctor tells you first."));
    for private in ["Adeyemi", "D-1005", "MRI", "You can go home", "danger signs and found none"] {
        assert!(!page.has(private), "{private}");
    }
    assert!(patient.cookie.is_none());
    let staff = doctor.get("/visit/demo-v4/patient");
    assert!(!staff.has("during sex"), "never shown, so never offered");
    let share =
        [("share.next", "disposition/home"), ("share.checked", "attestation/legs_examined")];
    let shared = doctor.send(&staff, "/visit/demo-v4/patient", &share);
    assert_eq!(shared.status, 303, "{}", shared.text);
    let page = patient.get(&waiting);
    assert!(page.has("You can go home") && page.has("Your legs are as strong"), "{}", page.text);
    // What is private is refused, whoever sends it.
    let staff = doctor.get("/visit/demo-v4/patient");
    let private = [("share.checked", "attestation/sexual_feeling_as_before")];
    assert_eq!(doctor.send(&staff, "/visit/demo-v4/patient", &private).status, 422);
    // After the visit it says so, and tells nothing more.
    go_home(&house);
    let page = patient.get(&waiting);
    assert!(page.has("Your visit here has ended.") && !page.has("Your legs are as strong"));
}

#[test]
fn a_link_is_for_one_visit_one_purpose_and_a_time() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let both = links(&house, &mut doctor, "demo-v4");
    let [waiting, home] = both.as_slice() else { panic!("{both:?}") };
    let mut patient = house.browser();
    let good = |patient: &mut Browser, link: &str| patient.get(link).status == 200;
    assert!(good(&mut patient, waiting) && good(&mut patient, home));
    let broken = patient.get("/c/nothing");
    for link in [
        waiting.replace("/w/", "/c/"),
        home.replace("/c/", "/w/"),
        format!("{home}x"),
        home[..home.len() - 1].to_string(),
        format!("/c/{}", "A".repeat(3_000)),
    ] {
        let page = patient.get(&link);
        assert_eq!((page.status, &page.text), (404, &broken.text), "{link}");
    }
    // The signature of another visit.
    let other = home_link(&house, "demo-v9");
    let (mine, _) = home.rsplit_once('.').unwrap();
    let mixed = format!("{mine}.{}", other.rsplit_once('.').unwrap().1);
    assert_eq!(patient.get(&mixed).status, 404);
    // Revoked.
    let page = doctor.get("/visit/demo-v4/patient");
    assert_eq!(doctor.send(&page, "/visit/demo-v4/patient/revoke", &[]).status, 303);
    assert!(!good(&mut patient, waiting) && !good(&mut patient, home));
    let anew = links(&house, &mut doctor, "demo-v4");
    assert!(good(&mut patient, &anew[0]) && good(&mut patient, &anew[1]));
    // Past its days.
    house.clock.pass(3 * DAY);
    assert!(!good(&mut patient, &anew[0]) && good(&mut patient, &anew[1]));
    house.clock.pass(75 * DAY);
    assert!(!good(&mut patient, &anew[1]));
    // Nobody has a link where patients have none.
    let closed = House::empty();
    assert_eq!(closed.browser().get(home).status, 404);
}

#[test]
fn six_weeks_in_a_second() {
    let house = House::demo();
    let id = go_home(&house);
    let link = home_link(&house, id);
    let mut patient = house.browser();
    let list = || house.as_role("Follow-up nurse").get("/follow-up");
    assert!(list().has("asked again later"));
    pass(&house, 2 * DAY);
    assert!(list().has("asked, not answered yet"));
    // The first question has to be answered: nothing chosen is not "none".
    let page = answer(&mut patient, &link, &[("course", "better"), ("pain", "4")]);
    assert!(page.status == 422 && page.has("Please answer the first question."), "{}", page.text);
    assert!(page.has("value=\"better\" checked"), "what was answered stays");
    let fields = [("signs", "none"), ("course", "better"), ("pain", "4"), ("tried", "moving")];
    let thanks = answer(&mut patient, &link, &fields);
    assert!(thanks.has("Good that it is better.") && thanks.has("We ask you again."));
    // Silence on day 14 is somebody's, and a nurse asks the same by telephone.
    pass(&house, 12 * DAY);
    pass(&house, 3 * DAY);
    let mut nurse = house.as_role("Follow-up nurse");
    assert!(nurse.get("/follow-up").has("did not answer"));
    let at_home = nurse.get(&format!("/visit/{id}/at-home"));
    let to = format!("/visit/{id}/at-home/answer");
    let refused = nurse.send(&at_home, &to, &[("course", "same")]);
    assert!(refused.status == 422 && refused.has("Please answer the first question."));
    let told = [("signs", "none"), ("course", "same"), ("work", "less"), ("tried", "nothing")];
    assert_eq!(nurse.send(&at_home, &to, &told).status, 303);
    let at_home = nurse.get(&format!("/visit/{id}/at-home"));
    assert!(at_home.has("on the telephone, follow-up nurse") && at_home.has("nothing"));
    // No better after four weeks: a doctor looks again, and after six a scan may be due.
    pass(&house, 11 * DAY);
    pass(&house, 15 * DAY);
    let thanks = answer(&mut patient, &link, &[("signs", "none"), ("course", "same")]);
    assert!(thanks.has("A doctor should look at it again."), "{}", thanks.text);
    let mut doctor = house.as_role("Physician");
    let list = doctor.get("/follow-up");
    assert!(list.has("no better after four weeks") && list.has("outpatient MRI may be due"));
    let page = doctor.get(&format!("/visit/{id}/at-home"));
    assert!(page.has("Outpatient MRI at six weeks") && page.has("Waits for:"), "{}", page.text);
    let sent =
        doctor.send(&page, &format!("/visit/{id}/at-home/order"), &[("image", "mri_lumbar")]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let after = visit(&house, id);
    let order = after.pending.last().unwrap().order.clone().unwrap();
    assert_eq!(order.tier.id(), "outpatient");
    let page = doctor.get(&format!("/visit/{id}/at-home"));
    let refer = format!("/visit/{id}/at-home/refer");
    assert_eq!(doctor.send(&page, &refer, &[("to", "physiotherapy")]).status, 303);
    let page = doctor.get(&format!("/visit/{id}/at-home"));
    let book = format!("/visit/{id}/at-home/book");
    let wrong = doctor.send(&page, &book, &[("on", "soon"), ("time", "9"), ("with", "physio")]);
    assert_eq!(wrong.status, 422);
    let booking = [("on", "2027-01-20"), ("time", "09:30"), ("with", "Physiotherapy, Ms Adler")];
    assert_eq!(doctor.send(&page, &book, &booking).status, 303);
    assert!(doctor.get(&format!("/visit/{id}/at-home")).has("Physiotherapy, Ms Adler"));
}

#[test]
fn a_danger_sign_says_call_and_alerts_the_list() {
    let house = House::demo();
    let link = home_link(&house, "demo-v9");
    let mut patient = house.browser();
    let page = answer(&mut patient, &link, &[("line", "numb_between_the_legs"), ("signs", "none")]);
    assert!(page.has("Call your emergency number now") && page.has("Do not drive yourself."));
    assert!(page.has("The ER knows."), "{}", page.text);
    let told = visit(&house, "demo-v9");
    assert!(told.at_home.answers[0].danger);
    // Told again while somebody has it: nothing more is written, and the page says that it is known.
    let again = patient.get(&link);
    let twice = patient.send(&again, &link, &[("line", "fever_or_very_ill")]);
    assert!(twice.has("The ER knows."));
    assert_eq!(visit(&house, "demo-v9").at_home.answers.len(), 1);
    // Its details are findings, said by the patient, and reach whoever triages next.
    let more = format!("{link}/more");
    let fields = [("f.saddle_numbness", "new"), ("f.age", "7 a"), ("f.urinary_retention", "new")];
    let sent = patient.send(&page, &more, &fields);
    assert!(sent.has("We have your answers."), "{}", sent.text);
    let told = visit(&house, "demo-v9");
    // Only details of the sign that was told, and nothing that takes a danger back.
    assert!(
        told.findings
            .iter()
            .all(|f| f.said.fact != "urinary_retention" || f.by.id.as_str() != "patient")
    );
    let before = told.findings.len();
    let no = patient.post(&more, &[("f.saddle_numbness", "absent")]);
    assert!(no.has("We could not pass this on."), "{}", no.text);
    assert_eq!(visit(&house, "demo-v9").findings.len(), before);
    let sign = told.findings.iter().find(|f| f.said.fact == "saddle_numbness").unwrap();
    assert_eq!((sign.said.value.as_str(), sign.said.said_by.id()), ("new", "patient"));
    let mut doctor = house.as_role("Physician");
    let list = doctor.get("/follow-up");
    let first = list.text.split("<tbody").nth(1).unwrap();
    assert!(first.contains("must be reached now"), "{first}");
    assert!(doctor.get("/tasks").has("recall the patient"));
    // Back in the department it is an emergency before anybody has triaged.
    let arrival = doctor.get("/arrival");
    let found = doctor.send(&arrival, "/arrival/look", &[("number", "D-2001")]);
    let back = doctor.send(&found, "/arrival", &[("returns", "demo-v9")]);
    let triage = back.location.clone().unwrap();
    let shown = doctor.get(&triage);
    assert!(shown.has("Danger sign told at home"), "{}", shown.text);
    assert!(doctor.get(&triage.replace("triage", "decision")).has("MRI"), "{triage}");
    assert_eq!(visit(&house, "demo-v9").at_home.stopped, Some(Stop::Returned));
}

#[test]
fn a_danger_sign_is_answered_even_if_nothing_can_be_written() {
    let house = House::demo();
    let link = home_link(&house, "demo-v9");
    let mut patient = house.browser();
    let page = patient.get(&link);
    house.runtime.block_on(house.server().department.record().close());
    let fields = [("line", "fever_or_very_ill")];
    let page = patient.send(&page, &link, &fields);
    assert!(page.has("Call your emergency number now"), "{}", page.text);
    assert!(page.has("We could not pass this on."), "nobody is told that somebody knows");
    // Without a sign it is kept in the page, to be sent again.
    let anew = patient.post(&link, &[("signs", "none"), ("course", "same")]);
    assert!(anew.status == 503 && anew.has("value=\"same\""), "{}", anew.text);
}

#[test]
fn a_stranger_with_a_link_cannot_fill_the_record() {
    let house = House::demo();
    let link = home_link(&house, "demo-v9");
    let mut patient = house.browser();
    for turn in 0..40 {
        let pain = format!("{}", turn % 11);
        let course = ["same", "worse", "better"][turn % 3];
        let daily = ["some", "most", "as_usual", ""][turn % 4];
        patient.post(
            &link,
            &[("signs", "unsure"), ("pain", &pain), ("course", course), ("daily", daily)],
        );
    }
    let answers = visit(&house, "demo-v9").at_home.answers.len();
    assert!(answers <= 20, "{answers}");
    // A sign is never counted: it is answered, written down, and somebody has it.
    let page = patient.post(&link, &[("line", "fever_or_very_ill")]);
    assert!(page.has("Call your emergency number now") && page.has("The ER knows."));
    let after = visit(&house, "demo-v9");
    assert!(after.at_home.answers.last().unwrap().danger && after.to_reach);
    // A line that nobody knows is a sign all the same, and one beside it is not lost.
    let link = home_link(&house, "demo-v10");
    let odd = "x".repeat(200);
    let page = patient.post(&link, &[("line", &odd), ("line", "fall_or_knock")]);
    assert!(page.has("The ER knows."), "{}", page.text);
    assert_eq!(visit(&house, "demo-v10").at_home.answers[0].told.lines, ["fall_or_knock"]);
}

#[test]
fn questions_stop_when_the_patient_says_so_and_the_wrong_person_ends_the_link() {
    let house = House::demo();
    let link = home_link(&house, "demo-v9");
    let mut patient = house.browser();
    let stop = format!("{link}/stop");
    let page = patient.post(&stop, &[("why", "asks")]);
    assert!(page.has("We ask no more"), "{}", page.text);
    assert_eq!(visit(&house, "demo-v9").at_home.stopped, Some(Stop::PatientAsks));
    assert_eq!(patient.get(&link).status, 200, "the link still works for who needs it");
    let link = home_link(&house, "demo-v10");
    let page = patient.post(&format!("{link}/stop"), &[("why", "wrong")]);
    assert!(page.has("Thank you for telling us"), "{}", page.text);
    assert_eq!(patient.get(&link).status, 404);
    let list = house.as_role("Follow-up nurse").get("/follow-up");
    assert!(list.has("did not answer") && list.has("call: the check-in was not answered"));
    // The rounds go on, and a corrected contact ends what went the old way.
    let after = visit(&house, "demo-v10");
    assert!(after.at_home.is_on() && after.awaits_contact());
    let mut nurse = house.as_role("Triage nurse");
    let page = nurse.get("/visit/demo-v10/person");
    let fields = [("name", "Luis Romero"), ("number", "D-2002"), ("write_to", "luis@example.org")];
    assert_eq!(nurse.send(&page, "/visit/demo-v10/person", &fields).status, 303);
    let after = visit(&house, "demo-v10");
    assert!(!after.awaits_contact() && after.links_revoked == 2, "{}", after.links_revoked);
}

#[test]
fn lines_of_patients_take_none_from_staff() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let waiting = links(&house, &mut doctor, "demo-v4").remove(0);
    let open = |path: &str| {
        let mut stream = std::net::TcpStream::connect(house.server().address).unwrap();
        let request = format!("GET {path}/live HTTP/1.1\r\nHost: x\r\n\r\n");
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        let mut first = [0; 12];
        std::io::Read::read_exact(&mut stream, &mut first).unwrap();
        (String::from_utf8_lossy(&first).to_string(), stream)
    };
    let lines: Vec<_> = (0..4).map(|_| open(&waiting)).collect();
    assert!(lines.iter().all(|(status, _)| status.ends_with("200")));
    assert!(open(&waiting).0.ends_with("503"), "four of a visit");
}

#[test]
fn a_page_of_another_site_sends_nothing() {
    let house = House::demo();
    let link = home_link(&house, "demo-v9");
    let mut patient = house.browser();
    let foreign = [("sec-fetch-site", "cross-site")];
    let sent = patient.post_with(&link, &[("signs", "none"), ("course", "same")], &foreign);
    assert_eq!(sent.status, 422);
    assert!(visit(&house, "demo-v9").at_home.answers.is_empty());
}

/// The demonstration with a mail server, and Marta Kowalska to be written to.
fn with_mail(mail: &MailServer) -> House {
    with_mail_and(mail, House::config())
}

/// The same with other settings.
pub fn with_mail_and(mail: &MailServer, config: Config) -> House {
    let messages = Messages { smtp: Some(mail.settings()), ..Messages::default() };
    let house = House::with(Config { demo: true, messages, ..config });
    let mut nurse = house.as_role("Triage nurse");
    let page = nurse.get("/visit/demo-v9/person");
    let to = "/visit/demo-v9/person";
    let person = [("name", "Marta Kowalska"), ("number", "D-2001"), ("sex", "unknown")];
    let wrong: Vec<_> = person.iter().copied().chain([("write_to", "marta at home")]).collect();
    let refused = nurse.send(&page, to, &wrong);
    assert!(refused.status == 422 && refused.has("e-mail"), "{}", refused.text);
    let right: Vec<_> = person.iter().copied().chain([("write_to", "marta@example.org")]).collect();
    assert_eq!(nurse.send(&page, to, &right).status, 303);
    house
}

#[test]
fn a_check_in_is_asked_by_mail_once_and_without_anything_clinical() {
    let mut server = MailServer::start();
    let house = with_mail(&server);
    let mail = server.mail();
    assert_eq!(mail.to(), "marta@example.org");
    let text = mail.text();
    for private in ["Marta", "Kowalska", "back", "pain", "D-2001", "spine", "MRI"] {
        assert!(!text.contains(private) && !mail.subject().contains(private), "{private}: {text}");
    }
    // The link leads to the page of this patient, and to no other.
    let link = text.lines().find(|line| line.starts_with("http")).unwrap();
    let path = link.strip_prefix(&house.address()).unwrap();
    assert_eq!(path, home_link(&house, "demo-v9"));
    // Noted, and not sent again: the next mail is that of day 14.
    let is_sent = |visit: &Visit| visit.at_home.messages.iter().any(|m| m.sending == Sending::Sent);
    house.runtime.block_on(async {
        let mut changes = house.server().department.changes();
        let id = VisitId::new("demo-v9").unwrap();
        while !is_sent(&house.server().department.entry(&id).await.unwrap().visit) {
            changes.recv().await.unwrap();
        }
    });
    pass(&house, 12 * DAY);
    let second = server.mail();
    assert_ne!(second.id(), mail.id());
    assert_eq!(
        visit(&house, "demo-v9").at_home.rounds[1].planned.at / DAY,
        (MORNING + 12 * DAY) / DAY
    );
}

#[test]
fn nobody_is_written_to_at_night() {
    let mut server = MailServer::start();
    let house = with_mail(&server);
    server.mail();
    // Day 14 comes at nine in the morning; the server looks for the first time at night.
    house.clock.pass(12 * DAY + 13 * 3_600);
    house.runtime.block_on(pass_once(&house.server().department));
    house.clock.pass(10 * 3_600);
    // Any change wakes the outbox.
    let link = home_link(&house, "demo-v11");
    house.browser().post(&link, &[("signs", "none"), ("course", "same")]);
    server.mail();
    let id = VisitId::new("demo-v9").unwrap();
    let events = house.runtime.block_on(house.server().department.events(&id)).unwrap();
    let claims = events.iter().filter_map(|event| match &event.what {
        cauda_pathway::event::What::Messaged(messaged) if messaged.sending == Sending::Claimed => {
            Some(event.at)
        }
        _ => None,
    });
    let hours: Vec<i64> = claims.map(|at| at.rem_euclid(DAY) / 3_600).collect();
    assert!(hours.iter().all(|hour| (8..21).contains(hour)) && hours.len() == 2, "{hours:?}");
}
