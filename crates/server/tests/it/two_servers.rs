//! Two servers on one PostgreSQL: each shows the other's changes, and both write on one visit.

use std::sync::Arc;

use cauda_pathway::identity::VisitId;
use cauda_server::clock::Clock;
use cauda_server::{Config, Server};
use cauda_store::Options;

use crate::browser::Browser;
use crate::house::{House, MORNING, guideline};
use crate::postgres;

#[test]
fn two_servers_on_one_postgresql_show_each_others_changes() {
    let database = postgres::Server::start("fsync = off");
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(database.address("postgres"), folder.path().join("key"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let start = |demo: bool| {
        let config = Config { demo, ..House::config() };
        let clock = Clock::at(MORNING);
        runtime
            .block_on(Server::start(config, &options, guideline(), Arc::new(|| None), clock))
            .unwrap()
    };
    let (one, other) = (start(true), start(true));
    let mut nurse = Browser::new(format!("http://{}", one.address));
    let page = nurse.get("/sign-in");
    let id = page.button("Triage nurse").unwrap();
    nurse.post("/sign-in", &[("account", &id), ("next", "/")]);
    // The session is known to the other server too.
    let mut there = Browser::new(format!("http://{}", other.address));
    there.cookie = nurse.cookie.clone();
    // It asks for the password once, as it cannot know for how long nobody was there.
    let locked = there.get("/waiting");
    assert!(locked.has("Still you?"), "{}", locked.text);
    there.send(&locked, "/unlock", &[]);
    assert!(there.get("/waiting").has("Tomas Novak"));
    let mut changes = other.department.changes();
    let path = "/visit/demo-v0/triage";
    nurse.fill(path, path, &[("f.saddle_numbness", "new"), ("acuity", "2")]);
    let change = runtime.block_on(async { changes.recv().await.unwrap() });
    assert_eq!(change.visit, "demo-v0");
    assert!(there.get("/visit/demo-v0/decision").has("MRI now"));
    // Both write at once; nothing is overwritten, and both see the same visit.
    let forms = [nurse.get(path), there.get(path)];
    std::thread::scope(|scope| {
        let (nurse, there, forms) = (&mut nurse, &mut there, &forms);
        scope.spawn(move || {
            assert_eq!(nurse.send(&forms[0], path, &[("f.pain_score", "7")]).status, 303)
        });
        scope.spawn(move || {
            assert_eq!(there.send(&forms[1], path, &[("f.temperature", "38.4")]).status, 303)
        });
    });
    let id = VisitId::new("demo-v0").unwrap();
    let events = runtime.block_on(one.department.events(&id)).unwrap();
    let folded = cauda_pathway::fold(&events);
    for fact in ["pain_score", "temperature"] {
        assert!(folded.findings.iter().any(|finding| finding.said.fact == fact), "{fact}");
    }
    for server in [&one, &other] {
        let size = runtime.block_on(server.department.record().size()).unwrap();
        let mut live = server.department.changes();
        while server.department.position() < size {
            runtime.block_on(async { live.recv().await.unwrap() });
        }
        assert_eq!(runtime.block_on(server.department.entry(&id)).unwrap().visit, folded);
    }
    runtime.block_on(one.stop());
    runtime.block_on(other.stop());
}
