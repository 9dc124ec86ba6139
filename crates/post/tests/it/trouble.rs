//! Mail servers that refuse, are away, hang, or cheat.

use std::time::Duration;

use cauda_post::{Encryption, Fault, Outcome, Smtp, SmtpSettings};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::house::{House, NOON, clock, message, sender};
use crate::mail_server::{MailServer, encrypted, encrypting};
use crate::web_server::acceptor;

/// Long enough for a whole conversation only where it is not what is waited for.
const SHORT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn what_is_refused_for_now_is_sent_later_and_once() {
    let greylisted = "451 4.7.1 <maria.muster@example.org> come back";
    let mut server = MailServer::start(&json!({"answers": {"RCPT": [greylisted]}}));
    let smtp = server.smtp();
    let outcome = smtp.send(&message()).await;
    assert_eq!(outcome, Outcome::later(Fault::Smtp(451)));
    assert!(!format!("{outcome:?} {}", Fault::Smtp(451)).contains("maria"));
    let again = outcome.again_at(1, NOON, message().key()).unwrap();
    assert!((NOON + 60..=NOON + 66).contains(&again));
    assert_eq!(smtp.send(&message()).await, Outcome::Sent);
    assert_eq!(server.next()["step"], "MAIL");
    assert_eq!(server.next()["step"], "MAIL");
    assert_eq!(server.next()["step"], "DATA");
}

#[tokio::test]
async fn what_is_refused_for_good_is_never_sent_again() {
    for (step, answer, code) in [("RCPT", "550 no such user", 550), ("DATA", "554 spam", 554)] {
        let server = MailServer::start(&json!({"answers": {step: [answer]}}));
        let outcome = server.smtp().send(&message()).await;
        assert_eq!(outcome, Outcome::Never { what: Fault::Smtp(code) });
        assert_eq!(outcome.again_at(1, NOON, "k"), None);
    }
}

#[tokio::test]
async fn a_refused_sender_is_a_fault_of_the_settings() {
    let server = MailServer::start(&json!({"answers": {"MAIL": ["553 not from you"]}}));
    assert_eq!(server.smtp().send(&message()).await, Outcome::later(Fault::Sender(553)));
}

#[tokio::test]
async fn a_server_that_is_away_or_hangs_is_asked_again() {
    // Bound and not listening, so nobody answers there and nobody else can.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let away = to(socket.local_addr().unwrap().port(), SHORT * 100);
    assert_eq!(away.send(&message()).await, Outcome::later(Fault::Away));
    assert_eq!(away.check().await, Err(Fault::Away));

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let smtp = to(silent.local_addr().unwrap().port(), SHORT);
    assert_eq!(smtp.send(&message()).await, Outcome::later(Fault::Slow));
    assert_eq!(smtp.check().await, Err(Fault::Slow));

    let hanging = MailServer::start(&json!({"hangs_at": "DATA"}));
    let settings = SmtpSettings { timeout: SHORT, ..hanging.settings() };
    let smtp = Smtp::open(&settings, clock()).unwrap();
    assert_eq!(smtp.send(&message()).await, Outcome::later(Fault::Slow));
}

#[tokio::test]
async fn nothing_is_said_where_encryption_does_not_come_about() {
    let house = House::new();
    // It offers none.
    let mut server = MailServer::plain();
    let settings = encrypted(&house, Encryption::StartTls, server.port);
    let smtp = Smtp::open(&settings, clock()).unwrap();
    assert_eq!(smtp.send(&message()).await, Outcome::later(Fault::NoStartTls));
    assert_eq!(server.smtp().send(&message()).await, Outcome::Sent);
    assert_eq!(server.next()["step"], "MAIL");
    assert_eq!(server.next()["step"], "DATA");
    // Its certificate is of an authority that is not believed, or names another host.
    for (name, way) in [("starttls", Encryption::StartTls), ("tls", Encryption::Tls)] {
        let server = MailServer::start(&encrypting(&house, name));
        let right = encrypted(&house, way, server.port);
        let other = House::new();
        let unknown =
            SmtpSettings { authority: Some(other.path("authority.pem")), ..right.clone() };
        let public = SmtpSettings { authority: None, ..right.clone() };
        let misnamed = SmtpSettings { host: "127.0.0.1".into(), ..right };
        for settings in [unknown, public, misnamed] {
            let smtp = Smtp::open(&settings, clock()).unwrap();
            assert_eq!(smtp.check().await, Err(Fault::Encryption), "{settings:?}");
        }
    }
}

#[tokio::test]
async fn what_was_sent_ahead_of_the_encryption_is_no_answer() {
    let house = House::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = encrypted(&house, Encryption::StartTls, listener.local_addr().unwrap().port());
    let smtp = Smtp::open(&settings, clock()).unwrap();
    for (ahead, expect) in [("", Ok(())), ("250 injected\r\n", Err(Fault::Encryption))] {
        let (asked, ()) = tokio::join!(smtp.check(), start_tls(&listener, &house, ahead));
        assert_eq!(asked, expect, "{ahead:?}");
    }
}

#[tokio::test]
async fn an_endless_answer_ends_and_a_foreign_one_is_none() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let smtp = to(listener.local_addr().unwrap().port(), SHORT * 100);
    let line = format!("220-{}\r\n", "more ".repeat(100));
    for endless in [line.as_str(), "220 more "] {
        let server = async {
            let (mut line, _) = listener.accept().await.unwrap();
            while line.write_all(endless.as_bytes()).await.is_ok() {}
        };
        let (checked, ()) = tokio::join!(smtp.check(), server);
        assert_eq!(checked, Err(Fault::Cut));
    }
    let server = async {
        let (mut line, _) = listener.accept().await.unwrap();
        line.write_all(b"HTTP/1.1 200 OK\r\n").await.unwrap();
    };
    let (checked, ()) = tokio::join!(smtp.check(), server);
    assert_eq!(checked, Err(Fault::Nonsense));
}

fn to(port: u16, timeout: Duration) -> Smtp {
    let settings = SmtpSettings {
        port: Some(port),
        encryption: Encryption::None,
        timeout,
        ..SmtpSettings::new("127.0.0.1", sender())
    };
    Smtp::open(&settings, clock()).unwrap()
}

/// A server that encrypts by STARTTLS, and says something ahead of it in the same breath.
async fn start_tls(listener: &TcpListener, house: &House, ahead: &str) {
    let (line, _) = listener.accept().await.unwrap();
    let mut line = BufReader::new(line);
    say(&mut line, "220 here\r\n").await;
    hear(&mut line).await;
    say(&mut line, "250-here\r\n250 STARTTLS\r\n").await;
    hear(&mut line).await;
    say(&mut line, &format!("220 go\r\n{ahead}")).await;
    let Ok(encrypted) = acceptor(house).accept(line.into_inner()).await else { return };
    let mut encrypted = BufReader::new(encrypted);
    let mut heard = String::new();
    while encrypted.read_line(&mut heard).await.unwrap_or(0) > 0 {
        if encrypted.write_all(b"250 here\r\n").await.is_err() {
            return;
        }
    }
}

async fn say(line: &mut BufReader<TcpStream>, words: &str) {
    line.write_all(words.as_bytes()).await.unwrap();
}

async fn hear(line: &mut BufReader<TcpStream>) {
    let mut heard = String::new();
    line.read_line(&mut heard).await.unwrap();
}
