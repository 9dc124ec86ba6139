//! What may be written of an EHR, and what is refused by its name.

use std::path::PathBuf;

use cauda_ehr::{EhrError, Mode, Parts, Registry, Settings};
use std::sync::Arc;

use crate::desk::settings;

fn usual() -> Settings {
    settings(
        "st-anna",
        "https://ehr.example.org",
        "https://ehr.example.org/fhir",
        "https://ehr.example.org/keys",
    )
}

fn open(all: &[Settings], mode: Mode) -> Result<Registry, EhrError> {
    Registry::open(all, mode, Parts::new(Arc::new(|| 0)))
}

fn refused(change: impl Fn(&mut Settings)) -> &'static str {
    let mut settings = usual();
    change(&mut settings);
    match open(&[settings], Mode::Production).unwrap_err() {
        EhrError::Setting { name, what, .. } => {
            assert!(!what.is_empty());
            name
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_table_is_read_and_nothing_in_it_is_ignored() {
    let text = r#"
        name = "Clinic of St Anna"
        tenant = "st-anna"
        fhir_base = "HTTPS://EHR.example.org:443/fhir/"
        issuers = ["https://ehr.example.org"]
        jku = "https://ehr.example.org/keys"
        token_seconds = 900
        origins = ["https://ehr.example.org", "https://ehr.example.org:8443"]
        number_system = "urn:oid:2.16.840.1"
        rating = true
        specialist_services = ["neurosurgery"]
    "#;
    let settings: Settings = toml::from_str(text).unwrap();
    let registry = open(&[settings], Mode::Production).unwrap();
    let tenant = registry.tenant("st-anna").unwrap();
    assert_eq!(tenant.fhir_base().to_string(), "https://ehr.example.org/fhir");
    assert!(tenant.settings().rating && !tenant.settings().private_addresses);
    assert!(registry.allows_origin("https://ehr.example.org:8443"));
    for origin in ["", "*", "null", "https://ehr.example.org/", "https://evil.example.org"] {
        assert!(!registry.allows_origin(origin), "{origin}");
    }
    assert!(toml::from_str::<Settings>(&format!("{text}\nprivate_adresses = true")).is_err());
    assert!(toml::from_str::<Settings>(&text.replace("tenant =", "tenants =")).is_err());
}

#[test]
fn nobody_is_registered_without_being_written() {
    let registry = open(&[], Mode::Production).unwrap();
    assert_eq!(registry.tenants().count(), 0);
    assert!(registry.at("https://ehr.example.org/fhir").is_empty());
}

#[test]
fn each_is_refused_by_its_name() {
    for id in ["", "St-Anna", "a b", "a/b", "..", "ä", &"a".repeat(65)] {
        assert_eq!(refused(|settings| settings.tenant = id.to_string()), "tenant", "{id}");
    }
    for name in ["", " x", "x\n", &"a".repeat(121)] {
        assert_eq!(refused(|settings| settings.name = name.to_string()), "name");
    }
    for url in [
        "",
        "ehr.example.org",
        "//ehr.example.org/fhir",
        "http://ehr.example.org/fhir",
        "ftp://ehr.example.org/fhir",
        "https://",
        "https:///fhir",
        "https://user:pass@ehr.example.org/fhir",
        "https://ehr.example.org/fhir?x=1",
        "https://ehr.example.org/fhir#x",
        "https://ehr.example.org/a/../fhir",
        "https://ehr.example.org//fhir",
        "https://ehr.example.org/%66hir",
        "https://ehr.example.org./fhir",
        "https://ehr.example.org:0/fhir",
        "https://ehr.example.org:65536/fhir",
        "https://2130706433/fhir",
        "https://0x7f.1/fhir",
        "https://ehr.example.org\\fhir",
        "https://ehr.exämple.org/fhir",
    ] {
        assert_eq!(refused(|settings| settings.fhir_base = url.to_string()), "fhir_base", "{url}");
        assert_eq!(refused(|settings| settings.jku = Some(url.to_string())), "jku", "{url}");
    }
    // This machine only where the settings say so.
    for url in ["http://127.0.0.1:9/fhir", "https://127.0.0.1/fhir", "http://[::1]/fhir"] {
        let change = |settings: &mut Settings| {
            settings.fhir_base = url.to_string();
            settings.private_addresses = false;
        };
        assert_eq!(refused(change), "fhir_base", "{url}");
    }
    assert_eq!(refused(|settings| settings.jku = None), "jku");
    for all in [vec![], vec![String::new()], vec!["a b".to_string()], vec!["a".to_string(); 9]] {
        assert_eq!(refused(|settings| settings.issuers = all.clone()), "issuers");
    }
    let twice = vec!["a".to_string(), "a".to_string()];
    assert_eq!(refused(|settings| settings.issuers = twice.clone()), "issuers");
    assert_eq!(refused(|settings| settings.tenant_claim = Some(String::new())), "tenant_claim");
    for seconds in [0, -1, 59, 901, i64::MAX] {
        assert_eq!(refused(|settings| settings.token_seconds = Some(seconds)), "token_seconds");
    }
    for origin in [
        "*",
        "null",
        "",
        "https://ehr.example.org/",
        "https://ehr.example.org/x",
        "https://EHR.example.org",
        "https://ehr.example.org:443",
        "http://ehr.example.org",
    ] {
        let change = |settings: &mut Settings| settings.origins = vec![origin.to_string()];
        assert_eq!(refused(change), "origins", "{origin}");
    }
    for system in ["", "mrn", "urn: x"] {
        let change = |settings: &mut Settings| settings.number_system = Some(system.to_string());
        assert_eq!(refused(change), "number_system");
    }
    let services = |settings: &mut Settings| settings.specialist_services = vec![String::new()];
    assert_eq!(refused(services), "specialist_services");
}

#[test]
fn two_ehrs_are_never_mistaken_for_each_other() {
    let name = |all: &[Settings]| match open(all, Mode::Production).unwrap_err() {
        EhrError::Setting { name, .. } => name,
        other => panic!("{other}"),
    };
    let mut other = usual();
    other.tenant = "other".to_string();
    open(&[usual(), other.clone()], Mode::Production).unwrap();
    other.tenant_claim = Some("st-anna".to_string());
    assert_eq!(name(&[usual(), other]), "issuers");
    let mut same = usual();
    same.issuers = vec!["https://other.example.org".to_string()];
    assert_eq!(name(&[usual(), same]), "tenant");
    assert_eq!(name(&vec![usual(); 65]), "tenant");
}

#[test]
fn the_public_sandbox_is_registered_in_development_alone() {
    let changes: [fn(&mut Settings); 6] = [
        |settings| settings.issuers = vec!["https://sandbox.cds-hooks.org".to_string()],
        |settings| settings.issuers = vec!["HTTPS://Sandbox.CDS-Hooks.org/x".to_string()],
        |settings| settings.jku = Some("https://sandbox.cds-hooks.org/keys".to_string()),
        |settings| settings.jku = Some("https://SANDBOX.cds-hooks.org/keys".to_string()),
        |settings| settings.fhir_base = "https://x.sandbox.cds-hooks.org/fhir".to_string(),
        |settings| settings.origins = vec!["https://sandbox.cds-hooks.org".to_string()],
    ];
    for change in changes {
        let mut settings = usual();
        change(&mut settings);
        let error = open(&[settings.clone()], Mode::Production).unwrap_err();
        assert!(error.to_string().contains("the signing key of sandbox.cds-hooks.org is public"));
        open(&[settings], Mode::Development).unwrap();
    }
}

#[test]
fn files_that_cannot_be_used() {
    let mut settings = usual();
    settings.authority = Some(PathBuf::from("/nowhere/authority.pem"));
    let error = open(&[settings], Mode::Production).unwrap_err();
    assert!(matches!(error, EhrError::File { .. }), "{error}");
}
