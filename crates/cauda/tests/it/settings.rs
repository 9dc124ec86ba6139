//! Settings that cannot be used: `doctor` and `serve` refuse the same, in the same words, and a
//! start that is refused has made nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::run::{Scratch, cauda};
use crate::serving::{Started, serve};

/// Settings that are right, but for what a test puts in their place.
struct Settings {
    scratch: Scratch,
    parts: Vec<(&'static str, String)>,
}

impl Settings {
    fn new(name: &str) -> Settings {
        let scratch = Scratch::new(name);
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_string()]).unwrap();
        let secret = |name: &str, text: &str| {
            let path = scratch.write(name, text.as_bytes());
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            path
        };
        let chain = secret("chain.pem", &made.cert.pem());
        let own = secret("own.pem", &made.signing_key.serialize_pem());
        let key = cauda_jose::SigningKey::generate_es384().unwrap();
        let set = cauda_jose::key_set([&key]).to_string();
        let set = scratch.write("keys.json", set.as_bytes());
        scratch.write("others.json", b"{\"keys\": []}");
        let codes = "[systems]\nhere = [\"urn:oid:2.16.840.1.113883.19.7\"]\n[order]\n\
                     here = [{ code = \"MRLS\", image = [\"mri\", \"lumbar\", \"without\"] }]\n";
        let codes = scratch.write("codes.toml", codes.as_bytes());
        scratch.write("none.toml", b"[systems]\nhere = 7\n");
        let database = scratch.path("record.sqlite");
        let parts = vec![
            ("top", format!("listen = \"127.0.0.1:0\"\ndatabase = \"{database}\"\n")),
            (
                "ehr",
                format!(
                    "[ehr]\nurl = \"https://ed.example.org\"\ncodes = [\"{codes}\"]\n\
                     hooks = [\"order-select\"]\n"
                ),
            ),
            (
                "registered",
                format!(
                    "[[ehr.registered]]\nname = \"Main\"\ntenant = \"main\"\n\
                     fhir_base = \"https://ehr.example.org/fhir\"\n\
                     issuers = [\"https://ehr.example.org\"]\nkeys = \"{set}\"\n"
                ),
            ),
            ("smart", String::new()),
            ("messages", String::new()),
            ("sign_on", String::new()),
            (
                "scanner",
                "[[scanner]]\nid = \"mr1\"\nname = \"MR 1\"\nae_title = \"MR1\"\ntesla = 1.5\n"
                    .to_string(),
            ),
            (
                "protocol",
                "[[protocol]]\nid = \"brain\"\nname = \"MRI brain\"\nminutes = [15, 25]\n"
                    .to_string(),
            ),
            (
                "dicom",
                format!(
                    "[dicom]\nlisten = \"127.0.0.1:0\"\nae_title = \"CAUDA\"\n\
                     tls_certificate = \"{chain}\"\ntls_key = \"{own}\"\n\
                     [[dicom.device]]\nae_title = \"MR1\"\nhost = \"any\"\nscanner = \"mr1\"\n"
                ),
            ),
            (
                "hl7",
                format!(
                    "[hl7]\nlisten = \"127.0.0.1:0\"\n\
                     tls_certificate = \"{chain}\"\ntls_key = \"{own}\"\n\
                     [[hl7.partner]]\napplication = \"EHR\"\nhosts = [\"127.0.0.1\"]\n\
                     [[hl7.service]]\ncode = \"MRB\"\nprotocol = \"brain\"\n"
                ),
            ),
        ];
        Settings { scratch, parts }
    }

    /// The file, with one part otherwise.
    fn with(&self, part: &str, change: impl Fn(&str) -> String) -> String {
        let text: String = self
            .parts
            .iter()
            .map(|(name, text)| if *name == part { change(text) } else { text.clone() })
            .collect();
        self.scratch.write("settings.toml", text.as_bytes())
    }
}

/// What a start says to be wrong.
fn sentence(said: &str) -> &str {
    let line = said.lines().find_map(|line| line.strip_prefix("error: "));
    line.unwrap_or_else(|| panic!("{said}"))
}

/// A part, what stands in it, what is put there, and the beginning of what is said of it.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    ("top", "listen = \"127.0.0.1:0\"", "listen = \"0.0.0.0:0\"", "0.0.0.0:0 can be reached"),
    ("top", "database", "time_zone = \"Atlantis\"\ndatabase", "the time zone Atlantis"),
    ("top", "database", "idle_minutes = 0\ndatabase", "`idle_minutes` is 1 to 720"),
    ("top", "database", "patient_url = \"http://ed.example.org\"\ndatabase", "patient_url: "),
    ("top", "database", "tls_key = \"k\"\ndatabase", "TLS needs a certificate"),
    (
        "top",
        "database",
        "tls_certificate = \"no.pem\"\ntls_key = \"no.pem\"\ndatabase",
        "no.pem: this is no certificate chain",
    ),
    ("top", "database", "address_file = \"no/such/folder/a\"\ndatabase", "no/such/folder/a: "),
    ("ehr", "https://ed.example.org", "https://ed.example.org/cauda", "ehr.url: "),
    ("ehr", "https://ed.example.org", "http://ed.example.org", "ehr.url: "),
    ("ehr", "https://ed.example.org", "https://ed.example.org:70700", "ehr.url: "),
    ("ehr", "order-select", "order-dispatch", "ehr.hooks: "),
    ("ehr", "codes.toml", "missing.toml", "ehr.codes: "),
    ("ehr", "codes.toml", "none.toml", "ehr.codes: "),
    ("registered", "keys.json", "missing.json", "ehr.registered: EHR main: "),
    ("registered", "keys.json", "others.json", "ehr.registered: EHR main: "),
    ("registered", "https://ehr.example.org/fhir", "http://10.1.2.3/fhir", "ehr.registered: "),
    ("registered", "tenant = \"main\"", "tenant = \"Main\"", "ehr.registered: "),
    (
        "registered",
        "https://ehr.example.org\"]",
        "https://sandbox.cds-hooks.org\"]",
        "ehr.registered: ",
    ),
    ("smart", "", "[[ehr.smart]]\ntenant = \"north\"\nclient_id = \"c\"\n", "ehr.smart: "),
    (
        "smart",
        "",
        "[[ehr.smart]]\ntenant = \"main\"\nclient_id = \"c\"\nkey = \"missing.pem\"\n",
        "ehr.smart: ",
    ),
    (
        "messages",
        "",
        "[messages.smtp]\nhost = \"mail\"\nfrom = \"a@example.org\"\nlogin = \"missing\"\n",
        "messages: missing: ",
    ),
    ("messages", "", "[messages]\nquiet = \"night\"\n", "[messages]: "),
    (
        "sign_on",
        "",
        "[sign_on]\nissuer = \"http://login.example.org\"\nclient_id = \"c\"\n\
         redirect_uri = \"https://ed.example.org/sign-on/back\"\n",
        "sign_on: ",
    ),
    ("scanner", "tesla = 1.5", "tesla = 150", "[[scanner]]: tesla"),
    ("scanner", "id = \"mr1\"", "id = \"\"", "[[scanner]]: an id"),
    ("protocol", "[15, 25]", "[25, 15]", "protocol: brain: minutes"),
    ("protocol", "id = \"brain\"", "id = \"\"", "protocol: "),
    ("dicom", "ae_title = \"CAUDA\"", "ae_title = \"A TITLE OF TOO MANY\"", "dicom: "),
    ("dicom", "scanner = \"mr1\"", "scanner = \"mr9\"", "[[dicom.device]]: "),
    ("dicom", "listen = \"127.0.0.1:0\"\n", "", "[dicom]: `listen`"),
    ("dicom", "chain.pem", "missing.pem", "dicom: "),
    ("dicom", "tls_key", "tls_clients", "[dicom]: TLS needs"),
    ("hl7", "hosts = [\"127.0.0.1\"]", "hosts = []", "hl7: partners: nobody may send"),
    ("hl7", "hosts = [\"127.0.0.1\"]", "hosts = [\"everybody\"]", "[[hl7.partner]]: "),
    ("hl7", "protocol = \"brain\"", "protocol = \"brian\"", "hl7.service: "),
    ("hl7", "own.pem", "chain.pem", "hl7: "),
    ("hl7", "listen = \"127.0.0.1:0\"\n", "", "[hl7]: `listen`"),
];

#[test]
fn what_serve_refuses_doctor_tells_in_the_same_words_and_nothing_is_made() {
    let settings = Settings::new("settings-broken");
    let before: Vec<_> = files(&settings);
    for (part, stands, put, begins) in BROKEN {
        let path = settings.with(part, |text| {
            assert!(text.contains(stands), "{part} has no {stands}");
            if stands.is_empty() { put.to_string() } else { text.replacen(stands, put, 1) }
        });
        let said = match serve(&["--config", &path]) {
            Started::Serving(serving) => panic!("it starts with {put}\n{}", serving.said),
            Started::Refused(code, said) => {
                assert_eq!(code, Some(3), "{put}\n{said}");
                said
            }
        };
        let wrong = sentence(&said).replace(&settings.scratch.path(""), "");
        assert!(wrong.starts_with(begins), "{put}\n{wrong}");
        let told = cauda(&["doctor", "--config", &path]);
        assert!(matches!(told.code, 1 | 3), "{put}: {told:?}");
        let all = format!("{}{}", told.out, told.err);
        assert!(all.contains(sentence(&said)), "{put}\n{said}\n{all}");
        assert_eq!(files(&settings), before, "{put}");
    }
}

fn files(settings: &Settings) -> Vec<String> {
    settings.with("", |text| text.to_string());
    let all = fs::read_dir(settings.scratch.path("")).unwrap();
    let mut names: Vec<String> =
        all.map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_doctor_finds_right_serve_starts_with() {
    let settings = Settings::new("settings-right");
    let path = settings.with("", |text| text.to_string());
    let told = cauda(&["doctor", "--config", &path]).expect(0);
    for words in [
        "ok      scanners    1, with 1 protocols",
        "ok      worklist    127.0.0.1:0, AE title CAUDA, 1 devices, encrypted",
        "ok      HL7         127.0.0.1:0, 1 partners, encrypted",
        "EHR         main: keys read from ",
    ] {
        assert!(told.out.contains(words), "{words}\n{}", told.out);
    }
    match serve(&["--config", &path]) {
        Started::Serving(serving) => assert!(serving.said.contains("HL7 is taken at")),
        Started::Refused(code, said) => panic!("{code:?} {said}"),
    }
}

#[test]
fn a_port_that_somebody_has_is_refused_by_both_before_anything_is_made() {
    let settings = Settings::new("settings-port");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().to_string();
    for part in ["top", "dicom", "hl7"] {
        let path = settings.with(part, |text| text.replacen("127.0.0.1:0", &at, 1));
        let said = match serve(&["--config", &path]) {
            Started::Serving(_) => panic!("{part} starts"),
            Started::Refused(_, said) => said,
        };
        assert!(said.contains(&format!("cannot listen on {at}")), "{said}");
        assert!(said.contains("nothing was changed"), "{said}");
        let told = cauda(&["doctor", "--config", &path]).expect(1);
        assert!(told.out.contains(sentence(&said)), "{said}\n{}", told.out);
        assert!(!files(&settings).iter().any(|name| name.starts_with("record")), "{part}");
    }
}
