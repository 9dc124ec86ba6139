//! The app that a card opens, in a frame of the EHR with no cookie at all, and on its own.

use cauda_ehr_stand_in::LaunchContext;
use serde_json::json;
use ureq::Agent;

use crate::browser::Page;
use crate::ehr::{Hospital, LUMBAR, draft};

/// A frame whose browser keeps nothing.
pub struct Frame {
    agent: Agent,
    frames: bool,
    cookies: Vec<String>,
}

impl Frame {
    pub fn new() -> Frame {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        Frame { agent: config.into(), frames: true, cookies: Vec::new() }
    }

    pub fn window() -> Frame {
        Frame { frames: false, ..Frame::new() }
    }

    pub fn get(&mut self, url: &str) -> Page {
        let dest = if self.frames { "iframe" } else { "document" };
        let mut request = self.agent.get(url).header("sec-fetch-dest", dest);
        if !self.frames && !self.cookies.is_empty() {
            request = request.header("cookie", self.cookies.join("; "));
        }
        let mut answer = request.call().unwrap();
        if !self.frames {
            for cookie in answer.headers().get_all("set-cookie") {
                let cookie = cookie.to_str().unwrap();
                self.cookies.push(cookie.split(';').next().unwrap().to_string());
            }
        }
        page(&mut answer)
    }

    pub fn post(&self, url: &str, fields: &[(&str, &str)]) -> Page {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = self
            .agent
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-dest", "iframe")
            .header("sec-fetch-site", "same-origin");
        page(&mut request.send(body.finish()).unwrap())
    }

    /// Follows redirections, of whichever side, to a page.
    pub fn open(&mut self, hospital: &Hospital, url: &str) -> (String, Page) {
        let mut at = url.to_string();
        for _ in 0..8 {
            let page = self.get(&at);
            match &page.location {
                Some(next) if next.starts_with('/') => {
                    let origin: String = at.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
                    at = format!("{origin}{next}");
                }
                Some(next) => at = next.clone(),
                None => return (at.replace(&hospital.house.address(), ""), page),
            }
        }
        panic!("it goes round in circles: {at}");
    }
}

fn page(answer: &mut ureq::http::Response<ureq::Body>) -> Page {
    let header =
        |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_string());
    let location = header("location");
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("").to_string()))
        .collect();
    let status = answer.status().as_u16();
    let text = answer.body_mut().read_to_string().unwrap();
    Page { status, text, location, headers }
}

pub fn launched(hospital: &Hospital, patient: &str, context: Option<String>) -> String {
    let launch = LaunchContext {
        client_id: "cauda".to_string(),
        patient: patient.to_string(),
        encounter: Some(format!("{patient}-visit")),
        app_context: context,
        ..LaunchContext::default()
    };
    hospital.ehr.launch(&hospital.at("/ehr/launch"), launch).unwrap()
}

fn card_of(hospital: &Hospital, patient: &str) -> String {
    let answer = hospital.fire("order-sign", patient, vec![draft("d1", patient, LUMBAR)]);
    let links = &answer.cards[0].links;
    links.iter().find_map(|link| link.app_context.clone()).unwrap()
}

#[test]
fn a_card_opens_the_app_in_a_frame_without_any_cookie() {
    let hospital = Hospital::open();
    let handle = card_of(&hospital, "strain");
    let mut frame = Frame::new();
    let (here, page) = frame.open(&hospital, &launched(&hospital, "strain", Some(handle)));
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(here.starts_with("/ehr/app/"), "{here}");
    assert!(page.text.contains("Questions that can change the answer"), "{}", page.text);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains(&format!("frame-ancestors {}", hospital.ehr.base_url())), "{policy}");
    assert_eq!(page.header("x-frame-options"), None);
    assert!(!page.text.contains("<script") && page.text.len() < 80_000);
    // A danger sign answered here counts at once, and at the next order.
    let form = format!("{}{here}/answers", hospital.house.address());
    let fields = [("as", "nurse"), ("command", "c1"), ("f.saddle_numbness", "new")];
    let saved = frame.post(&form, &fields);
    assert_eq!(saved.status, 303, "{}", saved.text);
    let again = frame.get(&format!("{}{here}", hospital.house.address()));
    assert!(again.text.contains("Emergency"), "{}", again.text);
    assert_eq!(frame.post(&form, &fields).status, 303, "sent twice it counts once");
    let told = hospital.recorded().iter().filter(|(kind, _)| kind == "consult_told").count();
    assert_eq!(told, 1);
    let next = hospital.fire("order-sign", "strain", vec![draft("d1", "strain", LUMBAR)]);
    assert_eq!(next.cards[0].indicator, "critical", "{}", next.cards[0].summary);
}

#[test]
fn a_card_of_another_patient_or_of_nobody_opens_nothing() {
    let hospital = Hospital::open();
    let handle = card_of(&hospital, "strain");
    for context in [handle.clone(), "f".repeat(40), "nonsense".to_string()] {
        let opened = Frame::new().open(&hospital, &launched(&hospital, "cancer", Some(context)));
        assert_eq!(opened.1.status, 403, "{}", opened.1.text);
        assert!(!opened.1.text.contains("Questions that can change"));
    }
}

#[test]
fn it_opens_from_the_chart_without_a_card_and_in_a_window() {
    let hospital = Hospital::open();
    let (here, page) = Frame::window().open(&hospital, &launched(&hospital, "infection", None));
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(here.starts_with("/ehr/app/"));
    assert!(page.text.contains("38.9"), "the chart was read: {}", page.text);
}

#[test]
fn nobody_comes_in_without_a_launch() {
    let hospital = Hospital::open();
    let mut frame = Frame::new();
    for path in [
        "/ehr/app/x",
        "/ehr/back",
        "/ehr/back?code=1&state=2",
        "/ehr/launch",
        "/ehr/launch?iss=https%3A%2F%2Fevil.example&launch=1",
    ] {
        let page = frame.get(&hospital.at(path));
        assert!(page.status >= 400, "{path}: {}", page.status);
        assert!(page.location.is_none(), "{path}");
    }
    // An answer that was given once is no way in again.
    let launch = launched(&hospital, "strain", None);
    let sent = frame.get(&launch);
    let authorized = frame.get(&sent.location.unwrap());
    let back = authorized.location.unwrap();
    assert!(frame.get(&back).location.is_some());
    assert!(frame.get(&back).status >= 400);
}

#[test]
fn a_decided_visit_is_written_into_the_chart_once() {
    let hospital = Hospital::open();
    let handle = card_of(&hospital, "strain");
    let mut frame = Frame::new();
    let (here, _) = frame.open(&hospital, &launched(&hospital, "strain", Some(handle)));
    let at = |rest: &str| format!("{}{here}{rest}", hospital.house.address());
    let undecided = frame.post(&at("/write-back"), &[("command", "w0")]);
    assert_eq!(undecided.location.as_deref(), Some(here.as_str()), "{}", undecided.text);
    assert!(hospital.ehr.stored("CarePlan").is_empty());
    let fields = [
        ("as", "physician"),
        ("command", "c1"),
        ("f.saddle_numbness", "new"),
        ("f.urinary_retention", "new"),
    ];
    assert_eq!(frame.post(&at("/answers"), &fields).status, 303);
    let page = frame.get(&at(""));
    assert!(page.text.contains("Write the decision into the chart"), "{}", page.text);
    let written = frame.post(&at("/write-back"), &[("command", "w1")]);
    assert_eq!(written.status, 303, "{}", written.text);
    assert!(written.location.unwrap().ends_with("?done=written"));
    let plans = hospital.ehr.stored("CarePlan");
    assert_eq!(plans.len(), 1);
    assert_eq!(plans[0]["subject"]["reference"], json!("Patient/strain"));
    let orders = hospital.ehr.stored("ServiceRequest").len();
    frame.post(&at("/write-back"), &[("command", "w2")]);
    assert_eq!(hospital.ehr.stored("CarePlan").len(), 1);
    assert_eq!(hospital.ehr.stored("ServiceRequest").len(), orders);
    assert!(frame.get(&at("")).text.contains("This decision stands in the chart."));
}

#[test]
fn where_the_advice_comes_from_can_be_read_by_everybody() {
    let hospital = Hospital::open();
    let page = hospital.get("/ehr/source", &[]);
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Not a certified medical device"));
    let json = hospital.get("/ehr/source.json", &[]);
    assert_eq!(json.body["attributes"].as_array().unwrap().len(), 13, "{}", json.text);
    let keys = hospital.get("/.well-known/jwks.json", &[]);
    assert!(keys.body["keys"][0]["d"].is_null() && keys.body["keys"][0]["kty"] == "EC");
}
