//! Addresses that came with a call or an answer, thrown at every place that takes one. Nothing is
//! ever connected to but the registered servers, and no token goes elsewhere.
//!
//! `urls.txt` holds one a line: `{s}` and `{x}` are the scheme and the other one, `{h}` and `{p}`
//! host and port of the registered server, `{o}` all of its origin, `{t}` host and port of a trap.

use cauda_ehr::{Failed, Gate, GateError, Question, Refused, Registry};
use serde_json::json;

use crate::desk::{Desk, ISSUER, NAMED, TOKEN, call, secret, soon};
use crate::server::Answer;

const URLS: &str = include_str!("urls.txt");

/// All of them, of the registered server with that scheme, host and port.
fn urls(desk: &Desk, scheme: &str, host: &str, port: u16) -> Vec<String> {
    let usual = (scheme, port) == ("https", 443);
    let origin = match usual {
        true => format!("{scheme}://{host}"),
        false => format!("{scheme}://{host}:{port}"),
    };
    let lines = URLS.lines().filter(|line| !line.starts_with("# "));
    lines
        .map(|line| {
            let line = line
                .replace("{o}", &origin)
                .replace("{s}", scheme)
                .replace("{x}", if scheme == "https" { "http" } else { "https" })
                .replace("{h}", host)
                .replace("{p}", &port.to_string())
                .replace("{t}", &format!("127.0.0.1:{}", desk.trap.port));
            unescaped(&line)
        })
        .collect()
}

/// `\t`, `\n`, `\r`, `\\` and `\u{…}` as in Rust.
fn unescaped(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let (sign, used) = match after.as_bytes()[0] {
            b't' => ('\t', 1),
            b'n' => ('\n', 1),
            b'r' => ('\r', 1),
            b'\\' => ('\\', 1),
            b'u' => {
                let end = after.find('}').unwrap();
                let number = u32::from_str_radix(&after[2..end], 16).unwrap();
                (char::from_u32(number).unwrap(), end + 1)
            }
            other => panic!("{other}"),
        };
        text.push(sign);
        rest = &after[used..];
    }
    text + rest
}

struct Scene {
    desk: Desk,
    registry: Registry,
    gate: Gate,
    here: Vec<String>,
    named: Vec<String>,
}

async fn scene() -> Scene {
    let desk = Desk::new().await;
    let registry = desk.registry();
    let here = urls(&desk, "http", "127.0.0.1", desk.ehr.port);
    let named = urls(&desk, "https", "ehr.example.org", 443);
    assert!(here.len() >= 200, "{}", here.len());
    Scene { gate: Gate::of(&registry), desk, registry, here, named }
}

#[tokio::test]
async fn a_fhir_server_that_a_call_names() {
    let Scene { desk, registry, gate, here, named } = scene().await;
    for (tenant, urls) in [("here", &here), (NAMED, &named)] {
        for url in urls {
            let error = gate.fhir(tenant, url, Some(&secret()), soon()).unwrap_err();
            assert_eq!(error, GateError::OtherServer, "{url:?}");
            assert!(registry.at(url).is_empty(), "{url:?}");
            assert!(!registry.tenant(tenant).unwrap().is_at(url), "{url:?}");
            assert!(!registry.allows_origin(url), "{url:?}");
        }
    }
    assert!(desk.ehr.asked().is_empty());
    desk.nobody_escaped("fhirServer");
}

#[tokio::test]
async fn a_key_set_that_a_token_names() {
    let Scene { desk, registry, here, named, .. } = scene().await;
    call(&registry, &desk.bearer()).await.unwrap();
    for (issuer, urls) in [(ISSUER, &here), ("https://named.example.org", &named)] {
        for url in urls {
            for url in [url.clone(), url.replace("fhir/r4", "keys")] {
                let mut claims = desk.claims();
                claims["iss"] = json!(issuer);
                let token = desk.key.sign(&claims, &[("jku", &url)]).unwrap();
                let refused = call(&registry, &format!("Bearer {token}")).await;
                assert_eq!(refused, Err(Refused::KeySetAddress), "{url:?}");
            }
        }
    }
    assert_eq!(desk.ehr.paths(), ["/keys"]);
    desk.nobody_escaped("jku");
}

#[tokio::test]
async fn an_issuer_that_a_token_names() {
    let Scene { desk, registry, here, named, .. } = scene().await;
    for url in here.iter().chain(&named) {
        let mut claims = desk.claims();
        claims["iss"] = json!(url);
        let token = desk.key.sign(&claims, &[]).unwrap();
        let refused = call(&registry, &format!("Bearer {token}")).await;
        assert_eq!(refused, Err(Refused::Issuer), "{url:?}");
    }
    assert!(desk.ehr.asked().is_empty());
    desk.nobody_escaped("iss");
}

#[tokio::test]
async fn a_further_page_that_an_answer_names() {
    let Scene { desk, gate, here, .. } = scene().await;
    let base = format!("{}/fhir/r4", desk.ehr.origin());
    for url in &here {
        let first = json!({
            "resourceType": "Bundle", "type": "searchset", "entry": [],
            "link": [{"relation": "next", "url": url}],
        });
        desk.ehr.forget();
        desk.ehr.answers(move |asked| match asked.path.as_str() {
            "/fhir/r4/Observation?first" => Answer::Whole(200, first.to_string()),
            _ => Answer::Whole(404, String::new()),
        });
        let client = gate.fhir("here", &base, Some(&secret()), soon()).unwrap();
        let found = client.ask(&Question::read("Observation?first").unwrap()).await.unwrap();
        assert!(found.missing.is_some(), "{url:?}");
        // One that names no host may name something below the base.
        let paths = desk.ehr.paths();
        assert!(paths.iter().all(|path| path.starts_with("/fhir/r4")), "{url:?}: {paths:?}");
        assert!(!url.contains(':') || paths.len() == 1, "{url:?}: {paths:?}");
        assert!(!paths.iter().any(|path| path.contains("..")), "{url:?}: {paths:?}");
        desk.nobody_escaped(url);
    }
}

#[tokio::test]
async fn a_reference_an_id_or_a_question_that_is_an_address() {
    let Scene { desk, gate, here, .. } = scene().await;
    let base = format!("{}/fhir/r4", desk.ehr.origin());
    let client = gate.fhir("here", &base, Some(&secret()), soon()).unwrap();
    for url in &here {
        // What is but a word may be an id.
        if url.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            continue;
        }
        assert_eq!(client.follow(url).await, Err(Failed::Question), "{url:?}");
        assert_eq!(client.read("Patient", url).await, Err(Failed::Question), "{url:?}");
        assert_eq!(client.read(url, "1").await, Err(Failed::Question), "{url:?}");
        assert_eq!(client.search(url, &[]).await, Err(Failed::Question), "{url:?}");
        assert_eq!(Question::read(url), None, "{url:?}");
        for more in ["Patient/1", "/Patient/1"] {
            let longer = format!("{url}{more}");
            let followed = client.follow(&longer).await;
            assert_eq!(followed, Err(Failed::Question), "{longer:?}");
        }
    }
    assert!(desk.ehr.asked().is_empty());
    desk.nobody_escaped("references");
    // One below the base is followed.
    desk.ehr
        .answers(|_| Answer::Whole(200, json!({"resourceType": "Patient", "id": "1"}).to_string()));
    for reference in ["Patient/1", "Patient/1/_history/2", &format!("{base}/Patient/1")] {
        client.follow(reference).await.unwrap();
    }
    assert_eq!(desk.ehr.paths(), ["/fhir/r4/Patient/1"; 3]);
}

#[tokio::test]
async fn a_redirect_that_an_answer_names() {
    let Scene { desk, here, .. } = scene().await;
    let base = format!("{}/fhir/r4", desk.ehr.origin());
    let plain = here.iter().filter(|url| url.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    for url in plain {
        // Each by a gate of its own, so that none is left alone.
        let gate = Gate::of(&desk.registry());
        let client = gate.fhir("here", &base, Some(&secret()), soon()).unwrap();
        let head = format!("HTTP/1.1 307 x\r\nlocation: {url}\r\ncontent-length: 0\r\n\r\n");
        desk.ehr.forget();
        desk.ehr.answers(move |_| Answer::Raw(head.clone().into_bytes()));
        assert_eq!(client.read("Patient", "1").await, Err(Failed::Status(307)), "{url:?}");
        assert_eq!(desk.ehr.paths(), ["/fhir/r4/Patient/1"]);
    }
    desk.nobody_escaped("redirects");
}

/// The other direction: the trap does spring, and the token is seen, where it is registered.
#[tokio::test]
async fn the_trap_is_one() {
    let desk = Desk::new().await;
    let base = format!("{}/fhir", desk.trap.origin());
    let one = crate::desk::settings("trap", "https://trap.example.org", &base, &base);
    let gate = Gate::of(&desk.open(&[one]));
    let client = gate.fhir("trap", &base, Some(&secret()), soon()).unwrap();
    assert_eq!(client.read("Patient", "1").await, Err(Failed::Status(404)));
    assert_eq!(desk.trap.lines(), 1);
    let seen = desk.trap.asked()[0].authorization.clone();
    assert_eq!(seen.as_deref(), Some(&*format!("Bearer {TOKEN}")));
}
