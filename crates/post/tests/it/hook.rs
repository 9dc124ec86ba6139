//! Messages posted to a webhook.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use cauda_post::{Address, Channel, Fault, Message, Outcome, PostError, Webhook, WebhookSettings};
use futures_util::stream;
use ring::hmac;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::house::{House, NOON, SECRET, clock, message};
use crate::web_server::WebServer;

#[tokio::test]
async fn a_message_arrives_signed() {
    let house = House::new();
    let mut server = WebServer::start(|| StatusCode::ACCEPTED.into_response()).await;
    let to = Address::parse("+49 170 1234567").unwrap();
    let message = Message::new("visit-1.check-in", to, "Rücken", "Wie \"geht\" es?\n").unwrap();
    assert_eq!(server.webhook(&house).send(&message).await, Outcome::Sent);
    let asked = server.asked.recv().await.unwrap();
    let header = |name: &str| asked.headers[name].to_str().unwrap();
    assert_eq!(asked.path, "/sms?unit=er");
    assert_eq!(header("host"), format!("127.0.0.1:{}", server.port));
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("idempotency-key"), "visit-1.check-in");
    let body: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
    let expect = json!({
        "key": "visit-1.check-in",
        "to": "+491701234567",
        "subject": "Rücken",
        "text": "Wie \"geht\" es?\n",
    });
    assert_eq!(body, expect);
    let (second, tag) = header("cauda-signature").split_once(",v1=").unwrap();
    assert_eq!(second, format!("t={NOON}"));
    let tag: Vec<u8> = (0..tag.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&tag[at..at + 2], 16).unwrap())
        .collect();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let mut signed = format!("{NOON}.").into_bytes();
    signed.extend_from_slice(&asked.body);
    hmac::verify(&key, &signed, &tag).unwrap();
    signed[0] ^= 1;
    assert!(hmac::verify(&key, &signed, &tag).is_err());
    assert!(server.asked.try_recv().is_err(), "asked once");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let house = House::new();
    let mut server =
        WebServer::start(|| (StatusCode::FOUND, [("location", "/elsewhere")]).into_response())
            .await;
    let outcome = server.webhook(&house).send(&message()).await;
    assert_eq!(outcome, Outcome::later(Fault::Http(302)));
    assert_eq!(server.asked.recv().await.unwrap().path, "/sms?unit=er");
    assert!(server.asked.try_recv().is_err(), "asked once");
}

#[tokio::test]
async fn it_waits_as_long_as_it_is_asked_to() {
    let house = House::new();
    let noon_and_a_minute = "Mon, 23 Nov 2026 12:01:00 GMT";
    let cases = [
        ("120", Some(120)),
        (noon_and_a_minute, Some(60)),
        ("99999999999999999999", Some(43_200)),
        ("Mon, 23 Nov 2020 12:01:00 GMT", Some(0)),
        ("soon", None),
        ("-5", None),
    ];
    for (asked, wait_seconds) in cases {
        let server = WebServer::start(move || {
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", asked)]).into_response()
        });
        let outcome = server.await.webhook(&house).send(&message()).await;
        assert_eq!(outcome, Outcome::Later { what: Fault::Http(429), wait_seconds }, "{asked}");
    }
}

#[tokio::test]
async fn what_is_refused_for_good_is_never_sent_again() {
    let house = House::new();
    let words = "maria.muster@example.org is unknown";
    let server =
        WebServer::start(move || (StatusCode::UNPROCESSABLE_ENTITY, words).into_response()).await;
    let outcome = server.webhook(&house).send(&message()).await;
    assert_eq!(outcome, Outcome::Never { what: Fault::Http(422) });
    assert!(!format!("{outcome:?}").contains("maria"));
}

struct TellsItsEnd(UnboundedSender<()>);

impl Drop for TellsItsEnd {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[tokio::test]
async fn an_endless_answer_ends_and_a_foreign_one_is_none() {
    let house = House::new();
    let (told, mut gone) = unbounded_channel();
    let server = WebServer::start(move || {
        let end = TellsItsEnd(told.clone());
        let endless = stream::repeat_with(move || {
            let _end = &end;
            Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 8_192]))
        });
        Body::from_stream(endless).into_response()
    })
    .await;
    assert_eq!(server.webhook(&house).send(&message()).await, Outcome::Sent);
    // Nothing else ends this answer than a line that is closed.
    gone.recv().await.unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    let webhook =
        Webhook::open(&WebhookSettings::new(&url, house.path("secret")), clock()).unwrap();
    let message = message();
    for (begin, more) in [("HTTP/1.1 200 OK\r\nx: ", true), ("220 mail.example.org\r\n", false)] {
        let server = async {
            let (mut line, _) = listener.accept().await.unwrap();
            let mut heard = [0; 1_024];
            assert!(line.read(&mut heard).await.unwrap() > 0);
            line.write_all(begin.as_bytes()).await.unwrap();
            while more && line.write_all(&[b'x'; 8_192]).await.is_ok() {}
            while line.read(&mut heard).await.unwrap_or(0) > 0 {}
        };
        let (outcome, ()) = tokio::join!(webhook.send(&message), server);
        assert_eq!(outcome, Outcome::later(Fault::Nonsense), "{begin}");
    }
}

#[tokio::test]
async fn one_that_is_away_or_hangs_is_asked_again() {
    let house = House::new();
    let to = |port: u16, timeout: Duration| {
        let url = format!("http://127.0.0.1:{port}/");
        let settings =
            WebhookSettings { timeout, ..WebhookSettings::new(&url, house.path("secret")) };
        Channel::Webhook(Webhook::open(&settings, clock()).unwrap())
    };
    // Bound and not listening, so nobody answers there and nobody else can.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let away = to(socket.local_addr().unwrap().port(), Duration::from_secs(20));
    assert_eq!(away.send(&message()).await, Outcome::later(Fault::Away));
    assert_eq!(away.check().await, Err(PostError::Fault(Fault::Away)));

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hanging = to(silent.local_addr().unwrap().port(), Duration::from_millis(200));
    assert_eq!(hanging.send(&message()).await, Outcome::later(Fault::Slow));

    let rude = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let cut = to(rude.local_addr().unwrap().port(), Duration::from_secs(20));
    let message = message();
    let server = async { drop(rude.accept().await.unwrap()) };
    let (outcome, ()) = tokio::join!(cut.send(&message), server);
    assert_eq!(outcome, Outcome::later(Fault::Cut));
}

#[tokio::test]
async fn it_travels_encrypted_to_whom_the_authority_names() {
    let house = House::new();
    let mut server = WebServer::encrypted(&house).await;
    let settings = |host: &str, authority: Option<&House>| WebhookSettings {
        authority: authority.map(|house| house.path("authority.pem")),
        ..WebhookSettings::new(&format!("https://{host}:{}/", server.port), house.path("secret"))
    };
    let other = House::new();
    for (host, authority) in
        [("localhost", Some(&other)), ("localhost", None), ("127.0.0.1", Some(&house))]
    {
        let webhook = Webhook::open(&settings(host, authority), clock()).unwrap();
        assert_eq!(webhook.check().await, Err(Fault::Encryption), "{host}");
        assert_eq!(webhook.send(&message()).await, Outcome::later(Fault::Encryption), "{host}");
    }
    let right = Webhook::open(&settings("localhost", Some(&house)), clock()).unwrap();
    right.check().await.unwrap();
    assert!(server.asked.try_recv().is_err(), "nothing was asked yet");
    assert_eq!(right.send(&message()).await, Outcome::Sent);
    assert_eq!(server.asked.recv().await.unwrap().headers["idempotency-key"], "visit-1");
}

#[test]
fn only_one_whole_address_is_posted_to() {
    let house = House::new();
    let open = |url: &str| Webhook::open(&WebhookSettings::new(url, house.path("secret")), clock());
    for url in [
        "http://127.0.0.1:9/x",
        "http://[::1]/x",
        "https://gateway.example.org/sms?x=1",
        "https://10.0.0.5:8443",
    ] {
        assert!(open(url).is_ok(), "{url}");
    }
    let long = format!("https://example.org/{}", "x".repeat(2_048));
    for url in [
        "",
        "/sms",
        "example.org",
        "//example.org/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://example.org/",
        "http://10.0.0.5/",
        "http://192.168.1.1/",
        "http://169.254.169.254/",
        "http://0.0.0.0/",
        "http://localhost/",
        "http://localhost./",
        "http://127.0.0.1./",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://127.0.0.1.example.org/",
        "http://127.0.0.1@example.org/",
        "http://example.org#@127.0.0.1/",
        "http://example.org\\@127.0.0.1/",
        "https://name:word@example.org/",
        "https://example.org/#part",
        "https://exa mple.org/",
        "https://example.org/\r\nx: y",
        &long,
    ] {
        let opened = open(url);
        assert!(matches!(opened, Err(PostError::Setting { .. })), "{url}: {opened:?}");
    }
}

#[test]
fn nothing_secret_is_shown() {
    let house = House::new();
    let settings = WebhookSettings::new("https://example.org/token-1234", house.path("secret"));
    let webhook = Channel::Webhook(Webhook::open(&settings, clock()).unwrap());
    let shown = format!("{webhook:?} {settings:?}");
    assert!(!shown.contains("token-1234") && !shown.contains(SECRET), "{shown}");
    for (text, mode) in [("short\n", 0o600), ("", 0o600), (SECRET, 0o604)] {
        let secret = house.write("other", text, mode);
        let opened = Webhook::open(&WebhookSettings { secret, ..settings.clone() }, clock());
        assert!(matches!(opened, Err(PostError::File { .. })), "{opened:?}");
    }
}
