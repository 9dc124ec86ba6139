//! Changes as they come, to the pages of this server.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use crate::house::House;

/// The lines of an open stream of changes.
fn listen(house: &House, cookie: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(house.server().address).unwrap();
    write!(stream, "GET /live HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\n\r\n").unwrap();
    BufReader::new(stream)
}

fn until(lines: &mut BufReader<TcpStream>, wanted: &str) -> String {
    let mut line = String::new();
    loop {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "the line ended before {wanted}");
        if line.contains(wanted) {
            return line;
        }
    }
}

#[test]
fn a_change_is_told_with_visit_and_position_and_nothing_else() {
    let house = House::demo();
    let mut nurse = house.as_role("Triage nurse");
    let mut lines = listen(&house, nurse.cookie.as_ref().unwrap());
    until(&mut lines, "event: beat");
    let path = "/visit/demo-v0/triage";
    nurse.fill(path, path, &[("f.saddle_numbness", "new"), ("acuity", "2")]);
    let line = until(&mut lines, "demo-v0");
    let data: serde_json::Value =
        serde_json::from_str(line.trim().strip_prefix("data: ").unwrap()).unwrap();
    let keys: Vec<&String> = data.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["position", "visit"]);
}

#[test]
fn the_line_ends_with_the_server() {
    let mut house = House::demo();
    let nurse = house.as_role("Triage nurse");
    let mut lines = listen(&house, nurse.cookie.as_ref().unwrap());
    until(&mut lines, "event: beat");
    house.close();
    let mut rest = String::new();
    while lines.read_line(&mut rest).unwrap_or(0) > 0 {}
}

#[test]
fn what_is_in_memory_is_what_the_record_has() {
    let house = House::demo();
    let department = house.server().department.clone();
    let before = department.position();
    let mut nurse = house.as_role("Triage nurse");
    let path = "/visit/demo-v0/triage";
    nurse.fill(path, path, &[("f.saddle_numbness", "new"), ("acuity", "2")]);
    assert!(department.position() > before);
    let id = cauda_pathway::identity::VisitId::new("demo-v0").unwrap();
    let entry = house.runtime.block_on(department.entry(&id)).unwrap();
    let events = house.runtime.block_on(department.events(&id)).unwrap();
    assert_eq!(
        entry.visit,
        cauda_pathway::fold(&events),
        "what is in memory is what the record has"
    );
}
