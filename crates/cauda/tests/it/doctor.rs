//! `cauda doctor`: what works, what does not, and that it only looks.

use crate::run::{Scratch, cauda};

#[test]
fn an_empty_place_is_fine_and_stays_empty() {
    let scratch = Scratch::new("doctor-empty");
    let database = scratch.path("record.sqlite");
    let ran = cauda(&["doctor", "--database", &database, "--listen", "127.0.0.1:0"]).expect(0);
    for words in [
        "note    guideline   back_pain",
        "ok      time zone   UTC",
        "note    encryption  none; only this machine",
        "note    record      none yet",
        "A department can be served",
    ] {
        assert!(ran.out.contains(words), "{words}\n{}", ran.out);
    }
    assert!(!std::path::Path::new(&database).exists(), "nothing is made");
}

#[test]
fn each_fault_is_told_with_its_mend() {
    let scratch = Scratch::new("doctor-faults");
    let database = scratch.path("record.sqlite");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let key = scratch.path("record.key");
    std::fs::write(&key, "anything").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let ran = cauda(&[
        "doctor",
        "--database",
        &database,
        "--key",
        &key,
        "--listen",
        &address,
        "--time-zone",
        "Atlantis/Deep",
    ])
    .expect(1);
    for words in [
        "FAULT   time zone",
        "give an IANA name",
        "FAULT   address",
        "another program has it",
        "FAULT   key",
        "chmod 600",
        "Mend what is marked FAULT",
    ] {
        assert!(ran.out.contains(words), "{words}\n{}", ran.out);
    }
    let public = cauda(&["doctor", "--database", &database, "--listen", "0.0.0.0:0"]).expect(1);
    assert!(public.out.contains("--behind-proxy"), "{}", public.out);
}

#[test]
fn an_address_of_no_known_kind_is_refused_and_not_printed() {
    for address in
        ["Postgres://ann:canary@db/x", " postgres://ann:canary@db/x", "mysql://ann:canary@db/x"]
    {
        let ran = cauda(&["doctor", "--database", address]).expect(3);
        assert!(
            !ran.out.contains("canary") && !ran.err.contains("canary"),
            "{}{}",
            ran.out,
            ran.err
        );
        assert!(ran.err.contains("small letters"), "{}", ran.err);
    }
}

#[test]
fn a_place_where_no_record_can_be_made_is_a_fault() {
    let scratch = Scratch::new("doctor-place");
    let nowhere = scratch.path("no/such/folder/record.sqlite");
    let ran = cauda(&["doctor", "--database", &nowhere, "--listen", "127.0.0.1:0"]).expect(1);
    assert!(ran.out.contains("there is no such folder"), "{}", ran.out);
    let folder = scratch.path("folder.sqlite");
    std::fs::create_dir(&folder).unwrap();
    let ran = cauda(&["doctor", "--database", &folder, "--listen", "127.0.0.1:0"]).expect(1);
    assert!(ran.out.contains("is not a file"), "{}", ran.out);
    let key = scratch.path("record.key");
    std::fs::write(&key, "no key").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let database = scratch.path("record.sqlite");
    let with_key = ["doctor", "--database", &database, "--key", &key, "--listen", "127.0.0.1:0"];
    assert!(cauda(&with_key).expect(1).out.contains("FAULT   key"));
}

#[test]
fn the_ways_of_messages_are_tried_and_nothing_is_sent() {
    let scratch = Scratch::new("doctor-messages");
    let database = scratch.path("record.sqlite");
    let settings = scratch.path("settings.toml");
    let look = |text: &str| {
        std::fs::write(&settings, text).unwrap();
        cauda(&[
            "doctor",
            "--database",
            &database,
            "--listen",
            "127.0.0.1:0",
            "--config",
            &settings,
        ])
    };
    // Nobody listens there.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let smtp = format!(
        "[messages]\nquiet = \"21:00-08:00\"\n[messages.smtp]\nhost = \"127.0.0.1\"\nport = {gone}\n\
         encryption = \"none\"\nfrom = \"er@example.org\"\n"
    );
    let ran = look(&smtp).expect(1);
    assert!(ran.out.contains("FAULT   mail"), "{}", ran.out);
    assert!(ran.out.contains("no address their links could lead to"), "{}", ran.out);
    let ran = look(&format!("patient_url = \"https://ed.example.org\"\n{smtp}")).expect(1);
    assert!(ran.out.contains("give --emergency-number and --telephone"), "{}", ran.out);
    let ran = look("[messages.smtp]\nhost = \"mail\"\nfrom = \"nobody\"\n").expect(1);
    assert!(
        ran.out.contains("[messages.smtp]") && ran.out.contains("docs/operations.md"),
        "{}",
        ran.out
    );
    let ran = look("[messages]\nquiet = \"night\"\n").expect(1);
    assert!(ran.out.contains("[messages]"), "{}", ran.out);
    let ran = look("patient_url = \"http://ed.example.org\"\n").expect(1);
    assert!(ran.out.contains("it is reached by https"), "{}", ran.out);
}

#[test]
fn ehrs_that_do_not_answer_are_named() {
    let scratch = Scratch::new("doctor-ehr");
    let (database, settings) = (scratch.path("record.sqlite"), scratch.path("settings.toml"));
    let look = |text: &str| {
        std::fs::write(&settings, text).unwrap();
        let listen = "127.0.0.1:0";
        cauda(&["doctor", "--database", &database, "--listen", listen, "--config", &settings])
    };
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let registered = format!(
        "[ehr]\nurl = \"https://ed.example.org\"\n[[ehr.registered]]\nname = \"North\"\n\
         tenant = \"north\"\nfhir_base = \"http://127.0.0.1:{gone}/fhir\"\n\
         issuers = [\"https://ehr.example.org\"]\njku = \"http://127.0.0.1:{gone}/jwks\"\n\
         private_addresses = true\n"
    );
    let ran = look(&registered).expect(1);
    assert!(ran.out.contains("FAULT   EHR         north: keys"), "{}", ran.out);
    assert!(ran.out.contains("docs/ehr.md"), "{}", ran.out);
    let ran =
        look("[ehr]\nurl = \"https://ed.example.org\"\nhooks = [\"order-dispatch\"]\n").expect(1);
    assert!(ran.out.contains("no hook that is answered"), "{}", ran.out);
}

#[test]
fn signatures_of_translations_are_read_and_those_that_sign_nothing_are_named() {
    let scratch = Scratch::new("doctor-words");
    let (database, words) = (scratch.path("record.sqlite"), scratch.path("words.toml"));
    let look = |text: &str| {
        std::fs::write(&words, text).unwrap();
        cauda(&["doctor", "--database", &database, "--listen", "127.0.0.1:0", "--words", &words])
    };
    let ran = look("").expect(0);
    assert!(ran.out.contains("English on 4 of 4 pages, Spanish on 0 of 4"), "{}", ran.out);
    let signed = |hash: &str| {
        format!(
            "[es.\"call-now\"]\nsha256 = \"{hash}\"\nreviewer = \"Ana\"\ndate = \"2026-11-26\"\n"
        )
    };
    let ran = look(&signed("abc")).expect(3);
    assert!(ran.err.contains("words.toml:1: `call-now`: `sha256` is not 64 digits"), "{}", ran.err);
    let ran = look(&signed(&"a".repeat(64))).expect(1);
    assert!(ran.out.contains("the first is [es.\"call-now\"]"), "{}", ran.out);
}
