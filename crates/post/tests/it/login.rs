//! Logging in, and asking whether it would work.

use cauda_post::{Channel, Encryption, Fault, Outcome, PostError, Smtp, SmtpSettings};
use serde_json::{Value, json};

use crate::house::{House, SECRET, clock, message};
use crate::mail_server::{MailServer, encrypted, encrypting};

fn asking_for_a_login(house: &House) -> Value {
    let mut settings = encrypting(house, "starttls");
    settings["login"] = json!(["cauda", SECRET]);
    settings
}

fn with_login(house: &House, server: &MailServer, password: &str) -> Channel {
    let login = house.write("login", &format!("cauda\n{password}\n"), 0o600);
    let settings =
        SmtpSettings { login: Some(login), ..encrypted(house, Encryption::StartTls, server.port) };
    Channel::Smtp(Smtp::open(&settings, clock()).unwrap())
}

#[tokio::test]
async fn the_right_login_is_taken_and_the_wrong_one_waits_to_be_mended() {
    let house = House::new();
    let mut server = MailServer::start(&asking_for_a_login(&house));
    let right = with_login(&house, &server, SECRET);
    right.check().await.unwrap();
    let wrong = with_login(&house, &server, "wrong");
    assert_eq!(wrong.check().await, Err(PostError::Fault(Fault::Login)));
    assert_eq!(wrong.send(&message()).await, Outcome::later(Fault::Login));
    let none = encrypted(&house, Encryption::StartTls, server.port);
    let none = Channel::Smtp(Smtp::open(&none, clock()).unwrap());
    assert_eq!(none.send(&message()).await, Outcome::later(Fault::Login));
    // Neither check nor refusal came as far as a mail: the first one that arrives is this.
    assert_eq!(right.send(&message()).await, Outcome::Sent);
    assert_eq!(server.next()["step"], "MAIL");
    assert_eq!(server.next()["login"], "cauda");
    assert!(!format!("{right:?}").contains(SECRET));
}

#[tokio::test]
async fn a_server_without_login_gets_no_password() {
    let house = House::new();
    let server = MailServer::start(&encrypting(&house, "starttls"));
    let channel = with_login(&house, &server, SECRET);
    assert_eq!(channel.check().await, Err(PostError::Fault(Fault::Login)));
}

#[test]
fn a_login_is_two_lines_that_not_everybody_may_read() {
    let house = House::new();
    let check = |text: &str, mode: u32, expect: Option<&str>| {
        let login = Some(house.write("login", text, mode));
        let settings = SmtpSettings { login, ..encrypted(&house, Encryption::StartTls, 1) };
        let opened = Smtp::open(&settings, clock()).map_err(|error| error.to_string());
        match (opened, expect) {
            (Ok(_), None) => {}
            (Err(error), Some(part)) => {
                assert!(error.contains(part) && !error.contains("hunter"), "{error}");
            }
            (opened, expect) => panic!("{opened:?}, not {expect:?}"),
        }
    };
    check("name\nhunter 7\n", 0o600, None);
    check("name\r\nhunter 7", 0o640, None);
    check("name\nhunter\n", 0o644, Some("everybody may read it"));
    check("name\n", 0o600, Some("on its second"));
    check("name\n\n", 0o600, Some("on its second"));
    check("name\nhunter\nthird\n", 0o600, Some("on its second"));
    check("name\nhunter\0\n", 0o600, Some("zero byte"));
    check(&"hunter".repeat(2_000), 0o600, Some("too large"));
}
