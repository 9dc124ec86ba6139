//! What arrives: the mail as another program reads it.

use cauda_post::{Address, Encryption, Fault, Message, Outcome, Smtp, SmtpSettings};

use crate::house::{House, clock, message, message_with};
use crate::mail_server::{MailServer, encrypted, encrypting};

#[tokio::test]
async fn a_mail_arrives_once_as_it_was_written() {
    let mut server = MailServer::plain();
    let settings = SmtpSettings {
        from_name: Some("Notaufnahme Süd".into()),
        unsubscribe: Some("https://klinik.example/keine-post?x=1".into()),
        ..server.settings()
    };
    let smtp = Smtp::open(&settings, clock()).unwrap();
    assert_eq!(smtp.send(&message()).await, Outcome::Sent);
    assert_eq!(server.next()["step"], "MAIL");
    let mail = server.mail();
    assert_eq!(mail.0["sender"], "notaufnahme@klinik.example");
    assert_eq!(mail.0["recipients"], serde_json::json!(["maria.muster@example.org"]));
    assert_eq!(mail.0["hello"], "klinik.example");
    assert_eq!(mail.text(), "Guten Tag,\n\nwie geht es Ihrem Rücken?\n");
    let expect = [
        ("from", "Notaufnahme Süd <notaufnahme@klinik.example>"),
        ("to", "maria.muster@example.org"),
        ("subject", "Ihre Rückmeldung"),
        ("date", "Mon, 23 Nov 2026 12:00:00 +0000"),
        ("auto-submitted", "auto-generated"),
        ("list-unsubscribe", "<https://klinik.example/keine-post?x=1>"),
        ("mime-version", "1.0"),
        ("content-type", "text/plain; charset=\"utf-8\""),
    ];
    for (name, value) in expect {
        assert_eq!(mail.header(name), [value], "{name}");
    }
    assert!(mail.header("reply-to").is_empty() && mail.header("bcc").is_empty());
    assert_eq!(mail.0["ascii"], true);
    // Nothing else came between this mail and the next.
    assert_eq!(smtp.send(&message()).await, Outcome::Sent);
    assert_eq!(server.next()["step"], "MAIL");
    assert_eq!(server.next()["step"], "DATA");
}

#[tokio::test]
async fn the_same_key_is_the_same_message_id() {
    let mut server = MailServer::plain();
    let smtp = server.smtp();
    let mut ids = Vec::new();
    for key in ["visit-1", "visit-1", "visit-2"] {
        assert_eq!(smtp.send(&message_with(key, "s", "t")).await, Outcome::Sent);
        ids.push(server.mail().header("message-id").concat());
    }
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    assert!(ids[0].ends_with("@klinik.example>") && !ids[0].contains("visit"), "{}", ids[0]);
}

#[tokio::test]
async fn no_text_ends_a_mail_early_or_breaks_its_lines() {
    let mut server = MailServer::plain();
    let smtp = server.smtp();
    let long = format!("{}\n", "Rückenschmerz ".repeat(300));
    for text in ["a\n.\nMAIL FROM:<x@example.org>\n", ".\n..\n", "\tTab\n", &long] {
        assert_eq!(smtp.send(&message_with("k", "s", text)).await, Outcome::Sent);
        let mail = server.mail();
        assert_eq!(mail.text(), text);
        assert!(mail.0["longest"].as_u64().unwrap() <= 998);
    }
    let subject = "Müdigkeit und Rückenschmerz, ".repeat(6);
    assert_eq!(smtp.send(&message_with("k", subject.trim(), "t")).await, Outcome::Sent);
    assert_eq!(server.mail().header("subject"), [subject.trim()]);
}

#[tokio::test]
async fn it_travels_encrypted() {
    let house = House::new();
    for (name, way) in [("starttls", Encryption::StartTls), ("tls", Encryption::Tls)] {
        let mut server = MailServer::start(&encrypting(&house, name));
        let smtp = Smtp::open(&encrypted(&house, way, server.port), clock()).unwrap();
        assert_eq!(smtp.send(&message()).await, Outcome::Sent, "{name}");
        assert_eq!(server.mail().0["encrypted"], true, "{name}");
    }
}

#[tokio::test]
async fn a_telephone_gets_no_mail() {
    let server = MailServer::plain();
    let to = Address::parse("+49 170 1234567").unwrap();
    let message = Message::new("k", to, "s", "t").unwrap();
    assert_eq!(server.smtp().send(&message).await, Outcome::Never { what: Fault::NotByMail });
}
