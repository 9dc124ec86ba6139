//! What is said of a patient appears in no log, metric, error or address: strings nobody else uses
//! go through every form, and then everything that is not a page of that patient is searched.

use std::io::Write;
use std::sync::{Arc, Mutex};

use cauda_server::web::ROUTES;

use crate::house::House;

const NAME: &str = "Quokkanary Zzyzx";
const WORDS: &str = "wombatwords";
const NUMBER: &str = "NUMBAT-77";
const VALUE: &str = "echidnavalue";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_of_a_patient_leaves_the_record_and_the_pages() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .try_init()
        .unwrap();
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let opened = doctor.get("/arrival");
    let page = doctor.send(&opened, "/arrival/look", &[("number", NUMBER)]);
    let person = [
        ("name", NAME),
        ("number", NUMBER),
        ("born", "1980-01-02"),
        ("sex", "female"),
        ("allergies", WORDS),
    ];
    let sent = doctor.send(&page, "/arrival", &person);
    let triage = sent.location.clone().unwrap();
    let id = triage.split('/').nth(2).unwrap().to_string();
    let csrf = doctor.get(&triage).hidden("/sign-out")[0].1.clone();
    for route in ROUTES {
        if route.path == "/live"
            || matches!(route.act, None | Some(cauda_server::access::Act::ManageAccounts))
        {
            continue;
        }
        for what in [
            "order",
            "decline",
            "admit",
            "observe",
            "discharge",
            "report",
            "test",
            "ask",
            "accepted",
            "depart",
            "done",
            "wait",
            "cancel",
        ] {
            let path =
                route.path.replace("{id}", &id).replace("{number}", "1").replace("{task}", "1");
            let path =
                path.replace("{what}", what).replace("{referral}", "1").replace("{*file}", WORDS);
            let fields = [
                ("csrf", csrf.as_str()),
                ("words", WORDS),
                ("plan", WORDS),
                ("ward", WORDS),
                ("image", VALUE),
                ("reason", "clinicaljudgement"),
                ("name", NAME),
                ("f.saddle_numbness", VALUE),
                ("f.temperature", VALUE),
                ("a.saddle_as_before", VALUE),
                (VALUE, VALUE),
                ("identity", "QZ 1980"),
            ];
            let page = match route.method {
                "GET" => doctor.get(&format!("{path}?{VALUE}={WORDS}&number={NUMBER}")),
                _ => doctor.post(&path, &fields),
            };
            assert!(
                page.status != 500 || path.starts_with("/guideline"),
                "{} {}",
                route.method,
                path
            );
            if !route.path.contains("{what}") {
                break;
            }
        }
    }
    // A patient answers by a link: neither the link nor the answer stands anywhere else.
    let shared = doctor.get("/visit/demo-v9/patient");
    let link = shared.text.split("class=\"link\"><a href=\"").nth(1).unwrap();
    let link = link.split('"').next().unwrap().strip_prefix(&house.address()).unwrap().to_string();
    let mut patient = house.browser();
    patient.get(&link);
    patient.post(&link, &[("line", VALUE), ("pain", WORDS)]);
    patient.post(&link, &[("signs", "none"), ("course", VALUE)]);
    patient.get(&format!("{link}x"));
    // A request that is no request.
    doctor
        .post(&format!("/visit/{WORDS}/triage"), &[("csrf", &csrf), ("f.saddle_numbness", VALUE)]);
    let numbers = doctor.get("/metrics");
    assert_eq!(numbers.status, 200);
    // The record goes away in the middle of a form: the error names no finding.
    house.runtime.block_on(house.server().department.record().close());
    doctor.post(
        &format!("/visit/{id}/triage"),
        &[("csrf", &csrf), ("f.saddle_numbness", "new"), ("acuity", "2"), ("words", WORDS)],
    );
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).to_string();
    assert!(log.contains("/visit/{id}/triage"), "requests are logged by their route: {log}");
    let token = link.rsplit('/').next().unwrap();
    for canary in ["Quokkanary", "Zzyzx", WORDS, NUMBER, VALUE, "1980-01-02", token] {
        let line = log.lines().find(|line| line.contains(canary));
        assert_eq!(line, None, "{canary} is in the log");
        assert!(!numbers.text.contains(canary), "{canary} is in the metrics");
    }
}
