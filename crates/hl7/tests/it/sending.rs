//! The sender: an answer counts for the message it names and for no other.

use std::time::Duration;

use cauda_hl7::mllp::{Decoder, Found, frame};
use cauda_hl7::{
    Body, Coded, Control, EntityId, Fault, Header, Identifier, Order, Orders, Party, Patient,
    PersonName, Priority, Sender, SenderSettings, Sent, Step, Verdict, Version, WAIT_SECONDS_MAX,
    When, wait_seconds, write,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::house::zone;
use crate::peer::Peer;

fn order(control_id: &str, omi: bool) -> Vec<u8> {
    order_of(control_id, omi, Version::V2_5_1)
}

fn order_of(control_id: &str, omi: bool, version: Version) -> Vec<u8> {
    let text = |text: &str| Some(text.to_string());
    let number = |id: &str| Some(EntityId { id: id.to_string(), authority: None });
    let identifier =
        Identifier { id: "4711".to_string(), kind: text("MR"), ..Identifier::default() };
    let name =
        PersonName {
            family: text("MÜLLER & SÖHNE"), given: text("ANNA"), ..PersonName::default()
        };
    let patient = Patient { identifiers: vec![identifier], name: Some(name), ..Patient::default() };
    let step = Step {
        accession: text("A1"),
        procedure_id: text("RP1"),
        study_uid: text("1.2.840.1"),
        step_id: text("S1"),
        modality: text("MR"),
        station_ae: text("MR1"),
        ..Step::default()
    };
    let service = Coded { code: text("MRLS"), text: text("MRI lumbar spine"), ..Coded::default() };
    let order = Order {
        placer: number("P1"),
        priority: Some(Priority::Stat),
        placed: Some(When::second(1_795_399_800)),
        service: Some(service),
        clinical_information: text("numb | between ^ the legs"),
        steps: vec![step],
        ..Order::new(Control::New)
    };
    let (sender, receiver) = (Party::named("CAUDA", "ED"), Party::named("RIS", "GENERAL"));
    let header = Header::new(sender, receiver, 1_795_399_800, control_id);
    let header = Header { version: Some(version), ..if omi { header.omi() } else { header.orm() } };
    let body = Orders { patient: Some(patient), visit: None, orders: vec![order] };
    write(&header, &Body::Orders(Box::new(body)), &zone()).unwrap()
}

fn sender(port: u16, timeout: Duration) -> Sender {
    Sender::new(SenderSettings { timeout, ..SenderSettings::new("127.0.0.1", port) }).unwrap()
}

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(100);

/// The other side, which does as it is told.
struct Other(TcpListener);

struct OtherLine(TcpStream, Decoder);

impl Other {
    async fn open() -> (Other, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (Other(listener), port)
    }

    async fn line(&self) -> OtherLine {
        OtherLine(self.0.accept().await.unwrap().0, Decoder::new(100_000))
    }
}

impl OtherLine {
    /// The control id of the next message; nothing when the line is closed.
    async fn message(&mut self) -> Option<String> {
        let mut chunk = [0; 4_096];
        loop {
            let count = self.0.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
            if let Some(Found::Frame(frame)) = self.1.next(&mut &chunk[..count]) {
                let text = String::from_utf8(frame).unwrap();
                return text.split('|').nth(9).map(str::to_string);
            }
        }
    }

    async fn say(&mut self, msa: &str) {
        let text = format!("MSH|^~\\&|RIS|GENERAL|CAUDA|ED|2026||ACK|9|P|2.5\rMSA|{msa}\r");
        self.0.write_all(&frame(text.as_bytes())).await.unwrap();
    }
}

fn taken() -> Sent {
    Sent { verdict: Verdict::Taken, why: None }
}

#[tokio::test]
async fn one_line_carries_many_messages() {
    let (other, port) = Other::open().await;
    let mut sender = sender(port, LONG);
    let theirs = async {
        let mut line = other.line().await;
        for at in 0..3 {
            let id = line.message().await.unwrap();
            assert_eq!(id, format!("C{at}"));
            line.say(&format!("AA|{id}")).await;
        }
    };
    let ours = async {
        for at in 0..3 {
            assert_eq!(sender.send(&order(&format!("C{at}"), true)).await, Ok(taken()));
        }
    };
    tokio::join!(theirs, ours);
}

#[tokio::test]
async fn a_late_answer_is_never_credited_to_the_next_message() {
    let (other, port) = Other::open().await;
    let mut sender = sender(port, SHORT);
    let theirs = async {
        let mut slow = other.line().await;
        assert_eq!(slow.message().await.unwrap(), "C1");
        // No answer in time: the sender closes this line, and its answer goes nowhere.
        assert_eq!(slow.message().await, None);
        let _ = slow.0.write_all(&frame(b"MSH|^~\\&|R|G|C|E|2026||ACK|9|P|2.5\rMSA|AA|C1")).await;
        let mut next = other.line().await;
        assert_eq!(next.message().await.unwrap(), "C2");
        next.say("AR|C2|no").await;
    };
    let ours = async {
        assert_eq!(sender.send(&order("C1", true)).await, Err(Fault::Slow));
        let sent = sender.send(&order("C2", true)).await.unwrap();
        assert_eq!((sent.verdict, sent.why.as_deref()), (Verdict::Never, Some("no")));
    };
    tokio::join!(theirs, ours);
}

#[tokio::test]
async fn answers_to_others_are_passed_over() {
    let (other, port) = Other::open().await;
    let mut sender = sender(port, LONG);
    let theirs = async {
        let mut line = other.line().await;
        line.message().await.unwrap();
        line.say("AA|C0").await;
        line.say("AR|OTHER").await;
        line.say("AE|C1|busy").await;
    };
    let ours = async {
        let sent = sender.send(&order("C1", false)).await.unwrap();
        assert_eq!((sent.verdict, sent.why.as_deref()), (Verdict::Later, Some("busy")));
    };
    tokio::join!(theirs, ours);
}

#[tokio::test]
async fn only_wrong_answers_are_no_answer() {
    for said in ["AA|C0", "AA|", "AA|c1", "ZZ|C1"] {
        let (other, port) = Other::open().await;
        let mut sender = sender(port, SHORT);
        let theirs = async {
            let mut line = other.line().await;
            line.message().await.unwrap();
            line.say(said).await;
            assert_eq!(line.message().await, None, "the line is closed");
        };
        let ours = async {
            let fault = sender.send(&order("C1", true)).await;
            assert!(matches!(fault, Err(Fault::Slow | Fault::Nonsense)), "{said}");
        };
        tokio::join!(theirs, ours);
    }
}

#[tokio::test]
async fn a_line_that_was_closed_meanwhile_is_opened_again() {
    let (other, port) = Other::open().await;
    let mut sender = sender(port, LONG);
    let theirs = async {
        for at in ["C1", "C2"] {
            let mut line = other.line().await;
            assert_eq!(line.message().await.unwrap(), at);
            line.say(&format!("CA|{at}")).await;
        }
    };
    let ours = async {
        assert_eq!(sender.send(&order("C1", true)).await, Ok(taken()));
        assert_eq!(sender.send(&order("C2", true)).await, Ok(taken()));
    };
    tokio::join!(theirs, ours);
}

#[tokio::test]
async fn a_receiver_that_needs_a_pause_gets_it() {
    let (other, port) = Other::open().await;
    let pause = Duration::from_millis(80);
    let settings = SenderSettings { pause, ..SenderSettings::new("127.0.0.1", port) };
    let mut sender = Sender::new(settings).unwrap();
    let theirs = async {
        let mut line = other.line().await;
        line.message().await.unwrap();
        line.say("AA|C1").await;
        let answered = std::time::Instant::now();
        line.message().await.unwrap();
        line.say("AA|C2").await;
        answered.elapsed()
    };
    let ours = async {
        assert_eq!(sender.send(&order("C1", true)).await, Ok(taken()));
        assert_eq!(sender.send(&order("C2", true)).await, Ok(taken()));
    };
    let (waited, ()) = tokio::join!(theirs, ours);
    assert!(waited >= pause / 2, "{waited:?}");
}

#[tokio::test]
async fn nobody_there_is_said_at_once_and_nonsense_is_not_sent() {
    let (other, port) = Other::open().await;
    drop(other);
    let mut sender = sender(port, LONG);
    assert_eq!(sender.send(&order("C1", true)).await, Err(Fault::Away));
    assert_eq!(sender.check().await, Err(Fault::Away));
    assert_eq!(sender.send(b"hello").await, Err(Fault::Nonsense));
}

#[test]
fn waits_grow_to_a_limit_and_differ() {
    for failures in 0..40 {
        let all: Vec<i64> = (0..1_000).map(|draw| wait_seconds(failures, draw)).collect();
        let (least, most) = (*all.iter().min().unwrap(), *all.iter().max().unwrap());
        assert!(least >= 1 && most <= WAIT_SECONDS_MAX, "{failures}");
        assert!(least * 2 >= most, "{failures}: {least} to {most}");
    }
    assert!(wait_seconds(1, 0) <= 2);
    assert!(wait_seconds(u32::MAX, u32::MAX) >= WAIT_SECONDS_MAX / 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_others_wrote_takes_our_orders() {
    let (mut peer, port) = tokio::task::spawn_blocking(|| Peer::take("AA")).await.unwrap();
    let mut sender = sender(port, LONG);
    assert_eq!(sender.send(&order("C1", true)).await, Ok(taken()));
    assert_eq!(sender.send(&order("C2", false)).await, Ok(taken()));
    let told = tokio::task::spawn_blocking(move || (peer.next(), peer.next())).await.unwrap();
    assert_eq!(told.0["kind"], "OMI^O23^OMI_O23");
    assert_eq!(told.0["control_id"], "C1");
    let segments = serde_json::json!(["MSH", "PID", "ORC", "TQ1", "OBR", "IPC"]);
    assert_eq!(told.0["segments"], segments);
    assert_eq!(told.1["kind"], "ORM^O01^ORM_O01");
}

#[test]
fn a_parser_that_others_wrote_finds_everything_in_its_place() {
    let messages = [order("C1", true), order_of("C2", false, Version::V2_3_1), order("C3", false)];
    let told = Peer::check(&messages);
    for (one, name) in told.iter().zip(["OMI_O23", "ORM_O01", "ORM_O01"]) {
        assert_eq!((&one["valid"], one["name"].as_str()), (&true.into(), Some(name)), "{told:?}");
    }
}
