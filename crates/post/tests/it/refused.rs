//! What is refused before anything is sent.

use cauda_post::{Address, Encryption, Message, PostError, Smtp, SmtpSettings};

use crate::house::{House, clock, sender};

fn to() -> Address {
    Address::parse("maria@example.org").unwrap()
}

#[test]
fn no_header_can_be_put_into_a_message() {
    let check = |key: &str, subject: &str, text: &str| {
        let made = Message::new(key, to(), subject, text);
        assert!(matches!(made, Err(PostError::Message(_))), "{key:?} {subject:?} {text:?}");
    };
    check("k", "Hello\r\nBcc: other@example.org", "t");
    check("k", "Hello\nBcc: other@example.org", "t");
    check("k", "Hello\rBcc: other@example.org", "t");
    check("k", "Hello\u{2028}there", "t");
    check("k\r\nx: y", "s", "t");
    check("k k", "s", "t");
    check("", "s", "t");
    check(&"k".repeat(129), "s", "t");
    check("k", " ", "t");
    check("k", &"s".repeat(201), "t");
    check("k", "s", "\n");
    check("k", "s", "a\rb");
    check("k", "s", "a\0b");
    check("k", "s", &"t".repeat(16_385));
    Message::new(&"k".repeat(128), to(), &"ü".repeat(200), &"t".repeat(16_384)).unwrap();
}

#[test]
fn no_header_can_be_put_into_the_settings() {
    let good = SmtpSettings::new("mail.example.org", sender());
    Smtp::open(&good, clock()).unwrap();
    let check = |settings: SmtpSettings| {
        let opened = Smtp::open(&settings, clock());
        assert!(matches!(opened, Err(PostError::Setting { .. })), "{settings:?}");
    };
    check(SmtpSettings { from_name: Some("A\r\nBcc: x@example.org".into()), ..good.clone() });
    for link in ["https://x.org/\r\nBcc: x", "http://x.org", "https://x.org/>,<mailto:y", "x"] {
        check(SmtpSettings { unsubscribe: Some(link.into()), ..good.clone() });
    }
    for host in ["", "mail example.org", "mail.example.org:25", "smtp://mail.example.org"] {
        check(SmtpSettings { host: host.into(), ..good.clone() });
    }
}

#[test]
fn nothing_leaves_this_machine_unencrypted() {
    let check = |host: &str, expect: bool| {
        let settings =
            SmtpSettings { encryption: Encryption::None, ..SmtpSettings::new(host, sender()) };
        assert_eq!(Smtp::open(&settings, clock()).is_ok(), expect, "{host}");
    };
    check("127.0.0.1", true);
    check("127.3.2.1", true);
    check("::1", true);
    for host in ["localhost", "10.0.0.5", "::ffff:127.0.0.1", "2130706433", "127.0.0.1.example.org"]
    {
        check(host, false);
    }
}

#[test]
fn an_authority_is_a_file_of_certificates() {
    let house = House::new();
    let check = |text: &str| {
        let authority = Some(house.write("other.pem", text, 0o644));
        let settings = SmtpSettings { authority, ..SmtpSettings::new("localhost", sender()) };
        let opened = Smtp::open(&settings, clock());
        assert!(matches!(opened, Err(PostError::File { .. })), "{opened:?}");
    };
    check("");
    check("no certificate");
    check("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
}
