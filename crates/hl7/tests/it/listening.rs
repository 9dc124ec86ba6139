//! The listener: nothing is answered before it is taken, nobody unknown is heard, and no line
//! takes more than its share.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cauda_hl7::{
    Code, DeadLetter, Desk, Hl7Error, Hosts, Inbound, Limits, Listener, NotKept, Partner, Refused,
    Settings, Taken, Verdict,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use crate::house::{message, reading};
use crate::peer::Peer;

/// A desk that keeps in memory what it took and what was refused.
#[derive(Default)]
pub struct Book {
    pub taken: Mutex<Vec<String>>,
    pub seen: Mutex<HashSet<String>>,
    pub letters: Mutex<Vec<(Verdict, Code, String, usize)>>,
    pub refuses: Mutex<Option<Refused>>,
    pub keeps_nothing: bool,
    /// If there, a message is taken when it is rung.
    pub gate: Option<Notify>,
    /// Rung when a message has come to the gate.
    pub at_gate: Notify,
}

#[async_trait]
impl Desk for Book {
    async fn take(&self, message: Inbound, raw: &[u8]) -> Result<Taken, Refused> {
        if let Some(gate) = &self.gate {
            self.at_gate.notify_one();
            gate.notified().await;
        }
        assert!(raw.starts_with(b"MSH"));
        if let Some(refused) = self.refuses.lock().unwrap().clone() {
            return Err(refused);
        }
        if !self.seen.lock().unwrap().insert(message.keys.message.clone()) {
            return Ok(Taken::Before);
        }
        self.taken.lock().unwrap().push(message.header.control_id);
        Ok(Taken::Now)
    }

    async fn keep(&self, letter: DeadLetter<'_>) -> Result<(), NotKept> {
        if self.keeps_nothing {
            return Err(NotKept);
        }
        let kept = (letter.verdict, letter.code, letter.why.to_string(), letter.raw.len());
        self.letters.lock().unwrap().push(kept);
        Ok(())
    }
}

/// A listener at work, stopped with the test.
pub struct House {
    pub address: SocketAddr,
    pub book: Arc<Book>,
    stop: Option<oneshot::Sender<()>>,
    work: JoinHandle<()>,
}

pub fn settings() -> Settings {
    let partner = Partner {
        application: "REGISTER".to_string(),
        facility: Some("GENERAL".to_string()),
        hosts: vec![Hosts::read("hosts", "127.0.0.0/8").unwrap()],
    };
    Settings::new(vec![partner], reading(), Arc::new(|| 1_795_399_800))
}

impl House {
    pub async fn open(book: Book, settings: Settings) -> House {
        let book = Arc::new(book);
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = Listener::bind(any, settings, book.clone()).await.unwrap();
        let address = listener.address().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let work = tokio::spawn(listener.serve(async move {
            let _ = stopped.await;
        }));
        House { address, book, stop: Some(stop), work }
    }

    async fn usual() -> House {
        House::open(Book::default(), settings()).await
    }

    pub async fn call(&self) -> Caller {
        Caller(TcpStream::connect(self.address).await.unwrap())
    }

    pub async fn stop(mut self) -> Arc<Book> {
        self.stop.take().unwrap().send(()).unwrap();
        self.work.await.unwrap();
        self.book
    }

    fn letters(&self) -> Vec<(Verdict, Code, String, usize)> {
        self.book.letters.lock().unwrap().clone()
    }
}

pub struct Caller(TcpStream);

impl Caller {
    async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    async fn send(&mut self, message: &[u8]) {
        self.write(&cauda_hl7::mllp::frame(message)).await;
    }

    /// The next answer: MSA as text; nothing when the line is closed.
    async fn answer(&mut self) -> Option<String> {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\x1c\r") {
            let mut byte = [0];
            match self.0.read(&mut byte).await {
                Ok(1) => bytes.push(byte[0]),
                _ => return None,
            }
        }
        let text = String::from_utf8(bytes).unwrap();
        text.split('\r').find(|line| line.starts_with("MSA")).map(str::to_string)
    }
}

fn arrival(control_id: &str) -> Vec<u8> {
    let text = String::from_utf8(message("ADT^A04", &["PID|||4711||M\u{dc}LLER^ANNA"])).unwrap();
    text.replace("|C1|", &format!("|{control_id}|")).into_bytes()
}

#[tokio::test]
async fn messages_are_taken_and_answered_one_after_the_other() {
    let house = House::usual().await;
    let mut caller = house.call().await;
    // All at once, with noise between them, in pieces.
    let mut bytes = b"noise".to_vec();
    for at in 0..20 {
        bytes.extend(cauda_hl7::mllp::frame(&arrival(&format!("C{at}"))));
        bytes.extend(b"\r\n");
    }
    for piece in bytes.chunks(333) {
        caller.write(piece).await;
    }
    for at in 0..20 {
        assert_eq!(caller.answer().await.unwrap(), format!("MSA|AA|C{at}"));
    }
    let book = house.stop().await;
    assert_eq!(book.taken.lock().unwrap().len(), 20);
    assert!(book.letters.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_message_is_answered_at_the_end_of_its_frame() {
    let house = House::usual().await;
    let mut caller = house.call().await;
    // Neither the CR nor silence is waited for.
    let framed = cauda_hl7::mllp::frame(&arrival("C1"));
    caller.write(framed.strip_suffix(b"\r").unwrap()).await;
    assert_eq!(caller.answer().await.unwrap(), "MSA|AA|C1");
}

#[tokio::test]
async fn a_frame_that_was_cut_off_is_not_taken_and_the_next_is() {
    let house = House::usual().await;
    let mut caller = house.call().await;
    caller.write(b"\x0bMSH|^~\\&|REGISTER|GENERAL|CAUDA|ED|2026||ADT^A0").await;
    caller.send(&arrival("C2")).await;
    assert_eq!(caller.answer().await.unwrap(), "MSA|AA|C2");
    assert_eq!(house.stop().await.taken.lock().unwrap().as_slice(), ["C2"]);
}

#[tokio::test]
async fn a_message_that_comes_twice_is_taken_once_and_answered_twice() {
    let house = House::usual().await;
    let mut caller = house.call().await;
    for _ in 0..3 {
        caller.send(&arrival("C1")).await;
        assert_eq!(caller.answer().await.unwrap(), "MSA|AA|C1");
    }
    assert_eq!(house.stop().await.taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_is_answered_before_the_desk_has_it() {
    let book = Book { gate: Some(Notify::new()), ..Book::default() };
    let house = House::open(book, settings()).await;
    let mut caller = house.call().await;
    caller.send(&arrival("C1")).await;
    let early = tokio::time::timeout(Duration::from_millis(50), caller.answer()).await;
    assert!(early.is_err(), "it was answered early");
    house.book.gate.as_ref().unwrap().notify_one();
    assert_eq!(caller.answer().await.unwrap(), "MSA|AA|C1");
}

#[tokio::test]
async fn what_was_begun_is_committed_though_its_sender_has_gone() {
    let book = Book { gate: Some(Notify::new()), ..Book::default() };
    let house = House::open(book, settings()).await;
    let mut caller = house.call().await;
    caller.send(&arrival("C1")).await;
    house.book.at_gate.notified().await;
    drop(caller);
    house.book.gate.as_ref().unwrap().notify_one();
    assert_eq!(house.stop().await.taken.lock().unwrap().as_slice(), ["C1"]);
}

#[tokio::test]
async fn a_refusal_says_why_and_is_kept() {
    let house = House::usual().await;
    let mut caller = house.call().await;
    caller.send(&message("ADT^A04", &["PID|||||SMITHSON^ANNA"])).await;
    assert_eq!(caller.answer().await.unwrap(), "MSA|AR|C1|the patient has no number");
    caller.send(b"hello").await;
    assert_eq!(caller.answer().await.unwrap(), "MSA|AR||a message begins with MSH");
    *house.book.refuses.lock().unwrap() = Some(Refused::Later("the record is busy".into()));
    caller.send(&arrival("C2")).await;
    assert_eq!(caller.answer().await.unwrap(), "MSA|AE|C2|the record is busy");
    let never = Refused::Never { code: Code::UnknownKey, why: "there is no such order".into() };
    *house.book.refuses.lock().unwrap() = Some(never);
    caller.send(&arrival("C3")).await;
    assert_eq!(caller.answer().await.unwrap(), "MSA|AR|C3|there is no such order");
    let letters = house.letters();
    let told: Vec<(Verdict, u16)> =
        letters.iter().map(|letter| (letter.0, letter.1.number())).collect();
    let expect = [
        (Verdict::Never, 101),
        (Verdict::Never, 100),
        (Verdict::Later, 207),
        (Verdict::Never, 204),
    ];
    assert_eq!(told, expect);
    assert!(letters.iter().all(|letter| letter.3 > 0), "their bytes are kept");
}

#[tokio::test]
async fn what_cannot_be_kept_is_asked_for_again() {
    let house = House::open(Book { keeps_nothing: true, ..Book::default() }, settings()).await;
    let mut caller = house.call().await;
    caller.send(&message("ADT^A04", &["PID|||||SMITHSON^ANNA"])).await;
    assert!(caller.answer().await.unwrap().starts_with("MSA|AE|C1|"));
}

#[tokio::test]
async fn only_partners_are_heard_and_only_of_their_hosts() {
    let house = House::usual().await;
    let mut caller = house.call().await;
    for (from, to) in [("REGISTER", "STRANGER"), ("|GENERAL|", "|ELSEWHERE|"), ("REGISTER", "")] {
        let text = String::from_utf8(arrival("C1")).unwrap().replace(from, to);
        caller.send(text.as_bytes()).await;
        assert!(caller.answer().await.unwrap().contains("MSA|AR|C1|this application"), "{to}");
    }
    let training = String::from_utf8(arrival("C1")).unwrap().replace("|P|2.5", "|T|2.5");
    caller.send(training.as_bytes()).await;
    assert!(caller.answer().await.unwrap().contains("processing id"));
    assert_eq!(house.letters().len(), 4);
    let mut other = settings();
    other.partners[0].hosts = vec![Hosts::read("hosts", "192.0.2.7").unwrap()];
    let elsewhere = House::open(Book::default(), other).await;
    let mut caller = elsewhere.call().await;
    assert_eq!(caller.answer().await, None);
}

#[tokio::test]
async fn what_nobody_needs_is_dropped_only_if_it_is_named() {
    let ignored = vec!["ADT^A05".to_string(), "MDM".to_string(), "ADT^A04".to_string()];
    let house = House::open(Book::default(), Settings { ignored, ..settings() }).await;
    let mut caller = house.call().await;
    for (kind, answer) in [
        ("ADT^A05", "MSA|AA|C1"),
        ("MDM^T02", "MSA|AA|C1"),
        ("ADT^A99", "MSA|AR|C1|this event is not taken"),
    ] {
        caller.send(&message(kind, &["PID|||4711"])).await;
        assert_eq!(caller.answer().await.unwrap(), answer, "{kind}");
    }
    // What is read is taken, whatever the list says, and broken messages are refused.
    caller.send(&arrival("C2")).await;
    assert_eq!(caller.answer().await.unwrap(), "MSA|AA|C2");
    caller.send(&message("ADT^A04", &["PID|"])).await;
    assert!(caller.answer().await.unwrap().starts_with("MSA|AR|C1|"));
    let book = house.stop().await;
    assert_eq!(book.taken.lock().unwrap().as_slice(), ["C2"]);
    assert_eq!(book.letters.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn somebody_has_to_be_allowed() {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let nobody = Settings { partners: Vec::new(), ..settings() };
    let said = Listener::bind(any, nobody, Arc::new(Book::default())).await;
    assert!(matches!(said.err(), Some(Hl7Error::Setting { name: "partners", .. })));
}

#[test]
fn hosts_are_an_address_or_a_network() {
    let check = |hosts: &str, address: &str, expect| {
        let hosts = Hosts::read("hosts", hosts).unwrap();
        let address: IpAddr = address.parse().unwrap();
        assert_eq!(hosts.contains(address), expect, "{address}");
    };
    check("10.1.2.3", "10.1.2.3", true);
    check("10.1.2.3", "10.1.2.4", false);
    check("10.1.0.0/16", "10.1.255.9", true);
    check("10.1.0.0/16", "10.2.0.1", false);
    check("0.0.0.0/0", "203.0.113.1", true);
    check("10.1.2.3", "::ffff:10.1.2.3", true);
    check("fd00::/8", "fd12::1", true);
    check("::/0", "10.1.2.3", false);
    for wrong in ["", "host.example", "10.1.2.3/33", "10.1.2.3/x", "10.1.2"] {
        assert!(Hosts::read("hosts", wrong).is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn a_large_frame_is_refused_and_the_next_is_taken() {
    let limits = Limits { frame_bytes_max: 1_000, ..Limits::default() };
    let house = House::open(Book::default(), Settings { limits, ..settings() }).await;
    let mut caller = house.call().await;
    caller.send(&[b'x'; 5_000]).await;
    assert!(caller.answer().await.unwrap().contains("larger than is taken"));
    caller.send(&arrival("C1")).await;
    assert_eq!(caller.answer().await.unwrap(), "MSA|AA|C1");
}

#[tokio::test]
async fn a_line_that_speaks_something_else_or_nothing_is_closed() {
    let limits = Limits { frame: Duration::from_millis(100), ..Limits::default() };
    let house = House::open(Book::default(), Settings { limits, ..settings() }).await;
    let mut caller = house.call().await;
    caller.write(&vec![b'x'; 100_000]).await;
    assert_eq!(caller.answer().await, None, "noise without end");
    let mut slow = house.call().await;
    slow.write(b"\x0bMSH|").await;
    assert_eq!(slow.answer().await, None, "a frame without end");
    let limits = Limits { idle: Duration::from_millis(100), ..Limits::default() };
    let house = House::open(Book::default(), Settings { limits, ..settings() }).await;
    let mut silent = house.call().await;
    assert_eq!(silent.answer().await, None, "silence");
}

#[tokio::test]
async fn one_host_does_not_take_every_line() {
    let limits = Limits { connections_of_one_max: 2, ..Limits::default() };
    let house = House::open(Book::default(), Settings { limits, ..settings() }).await;
    let (mut one, mut two) = (house.call().await, house.call().await);
    one.send(&arrival("C1")).await;
    two.send(&arrival("C2")).await;
    assert!(one.answer().await.is_some() && two.answer().await.is_some());
    let mut three = house.call().await;
    assert_eq!(three.answer().await, None);
    one.send(&arrival("C3")).await;
    assert_eq!(one.answer().await.unwrap(), "MSA|AA|C3");
}

#[tokio::test]
async fn a_slow_desk_is_told_to_the_sender_and_may_finish() {
    let limits = Limits { desk: Duration::from_millis(50), ..Limits::default() };
    let book = Book { gate: Some(Notify::new()), ..Book::default() };
    let house = House::open(book, Settings { limits, ..settings() }).await;
    let mut caller = house.call().await;
    caller.send(&arrival("C1")).await;
    assert!(caller.answer().await.unwrap().starts_with("MSA|AE|C1|it was not taken in time"));
    house.book.gate.as_ref().unwrap().notify_one();
    // The same message again finds that it had been taken.
    caller.send(&arrival("C1")).await;
    house.book.gate.as_ref().unwrap().notify_one();
    assert_eq!(caller.answer().await.unwrap(), "MSA|AA|C1");
    assert_eq!(house.stop().await.taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_of_another_system_is_kept_and_never_answered() {
    let house = House::usual().await;
    let mut caller = house.call().await;
    caller.send(&message("ACK^A04", &["MSA|AA|X"])).await;
    caller.send(&arrival("C2")).await;
    assert_eq!(caller.answer().await.unwrap(), "MSA|AA|C2");
    assert_eq!(house.letters().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_others_wrote_is_understood() {
    let house = House::usual().await;
    let latin = b"MSH|^~\\&|REGISTER|GENERAL|CAUDA|ED|2026||ADT^A04|C2|P|2.3||||||8859/1\r\
        PID|||1||M\xdcLLER^J\xd6RG\r"
        .to_vec();
    let refused = message("ADT^A04", &["PID|||||SMITHSON^ANNA"]);
    let messages = [arrival("C1"), latin, refused, arrival("C1")];
    let port = house.address.port();
    let told = tokio::task::spawn_blocking(move || Peer::send(port, &messages)).await.unwrap();
    let text = |at: usize, name: &str| told[at][name].as_str().unwrap().to_string();
    let codes: Vec<String> = (0..4).map(|at| text(at, "code")).collect();
    assert_eq!(codes, ["AA", "AA", "AR", "AA"], "{told:?}");
    assert_eq!(text(1, "answers"), "C2");
    assert_eq!(text(1, "kind"), "ACK^A04");
    assert_eq!(text(2, "text"), "the patient has no number");
    assert!(told.iter().all(|one| one["whole"] == true));
    assert_eq!(house.stop().await.taken.lock().unwrap().as_slice(), ["C1", "C2"]);
}
