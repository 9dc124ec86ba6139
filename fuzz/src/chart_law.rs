//! What says nothing takes no danger away: nonsense that is put into a chart, beside what it says,
//! never lowers the urgency that is acted on.

use serde_json::{Value, json};

use crate::Dice;
use crate::chart::{decided, read};

/// Bytes of the seed in front of the chart.
const SEED_BYTES: usize = 8;
/// Bits of nonsense that are put in at once.
const BITS_MAX: usize = 3;

/// The first eight bytes choose the nonsense, the rest is a chart.
pub fn chart_law(data: &[u8]) -> bool {
    let Some((seed, rest)) = data.split_at_checked(SEED_BYTES) else { return false };
    let Ok(whole) = cauda_fhir::read(rest) else { return false };
    let whole = crate::shipped::with_version(&whole);
    let is_bundle = whole.get("resourceType").and_then(Value::as_str) == Some("Bundle");
    if !is_bundle || !whole.get("entry").is_some_and(Value::is_array) {
        return false;
    }
    let mut number = [0; SEED_BYTES];
    number.copy_from_slice(seed);
    let mut dice = Dice(u64::from_le_bytes(number));
    let mut spoilt = whole.clone();
    let mut done = Vec::new();
    for _ in 0..1 + dice.below(BITS_MAX) {
        done.push(put_in(&mut dice, &mut spoilt));
    }
    let (before, after) = (decided(&read(&whole)), decided(&read(&spoilt)));
    let (was, is) = (before.urgency.acted_on, after.urgency.acted_on);
    assert!(is >= was, "{done:?} lowers {was:?} to {is:?}");
    let most = (before.urgency.at_most, after.urgency.at_most);
    assert!(most.1 >= most.0, "{done:?} lowers what is possible, {most:?}");
    assert!(!after.decided || before.decided, "{done:?} decides");
    was > cauda_guideline::vocabulary::Tier::None
}

/// Puts in something that says nothing; what it was.
fn put_in(dice: &mut Dice, whole: &mut Value) -> String {
    let Some(entries) = whole.get_mut("entry").and_then(Value::as_array_mut) else {
        return "nothing".into();
    };
    if entries.is_empty() {
        return "nothing".into();
    }
    let at = dice.below(entries.len());
    let kind = dice.below(6);
    if kind == 0 {
        let nonsense = [
            json!({}),
            json!(null),
            json!("text"),
            json!({"resource": null}),
            json!({"resource": {"resourceType": "Observation"}}),
            json!({"resource": {"resourceType": "Condition", "subject": {"reference": "Patient/p2"},
                "code": {"coding": [{"system": "http://snomed.info/sct", "code": "000"}]}}}),
            json!({"resource": {"resourceType": "Patient", "id": "p2", "birthDate": "2024"}}),
            json!({"resource": {"resourceType": "Patient"}}),
            json!({"search": {"mode": "outcome"}, "resource": {"resourceType": "OperationOutcome"}}),
        ];
        let one = dice.of(&nonsense).clone();
        let told = format!("entry {one}");
        entries.insert(at, one);
        return told;
    }
    if kind == 1 {
        let other = dice.below(entries.len());
        entries.swap(at, other);
        return "swapped".into();
    }
    if kind == 2 {
        let again = entries[at].clone();
        entries.push(again);
        return "twice".into();
    }
    let Some(resource) = entries[at].get_mut("resource").and_then(Value::as_object_mut) else {
        return "nothing".into();
    };
    // `null` and things of another kind under names that mean something, where none stand.
    const NAMES: [&str; 16] = [
        "dataAbsentReason",
        "modifierExtension",
        "implicitRules",
        "focus",
        "deceasedBoolean",
        "deceasedDateTime",
        "link",
        "verificationStatus",
        "clinicalStatus",
        "abatementString",
        "doNotPerform",
        "effectivePeriod",
        "effectiveInstant",
        "recordedDate",
        "component",
        "valueInteger",
    ];
    let name = *dice.of(&NAMES);
    let values = [json!(null), json!({}), json!([]), json!(""), json!(0), json!([{}]), json!("x")];
    let value = dice.of(&values).clone();
    if kind == 3 || kind == 4 {
        // An age in doubt is not told at all, as it says which doctor's patient it is, too.
        let marks = matches!(name, "modifierExtension" | "implicitRules");
        let is_patient = resource.get("resourceType") == Some(&json!("Patient"));
        if resource.contains_key(name) || (marks && is_patient) {
            return "nothing".into();
        }
        let kind = resource.get("resourceType").unwrap_or(&Value::Null);
        let told = format!("{kind}.{name}: {value}");
        resource.insert(name.into(), value);
        return told;
    }
    // A further coding of a system that nobody knows.
    let coding = resource.get_mut("code").and_then(|code| code.get_mut("coding"));
    if let Some(list) = coding.and_then(Value::as_array_mut) {
        let odd = [json!({}), json!(null), json!({"system": "urn:x", "code": "x"}), json!("x")];
        let one = dice.of(&odd).clone();
        let told = format!("coding {one}");
        list.insert(0, one);
        return told;
    }
    "nothing".into()
}
