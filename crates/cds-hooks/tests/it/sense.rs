//! What a physician at night must not be told, each found by one who read the cards.

use cauda_cds_hooks::{Hook, Matter, Pregnancy, UnlistedDiagnosis, UsedFact};
use cauda_guideline::vocabulary::Tier;
use serde_json::{Value, json};

use crate::world::{
    CPT, LOINC, Scene, clear_but, guideline, lumbar_mri, lumbar_xray, only_age, request_of, saddle,
    strain, unknown_but,
};

fn lumbar_ct() -> Value {
    request_of("ct", CPT, "72131", json!({"priority": "urgent"}))
}

fn cards(scene: &Scene) -> Vec<Value> {
    scene.json()["cards"].as_array().unwrap().clone()
}

/// A fall at 82 with thin bones: CT or X-ray first.
fn fall() -> &'static cauda_guideline::decision::Decision {
    clear_but(&[("age", "82 a"), ("osteoporosis", "present"), ("low_energy_fall", "present")])
}

#[test]
fn a_picture_that_shows_more_is_not_too_little_and_less_is_never_one_press_away() {
    let decision = fall();
    assert!(decision.urgency.acted_on >= Tier::Urgent, "{:?}", decision.urgency);
    assert!(cards(&Scene::order(decision, &[lumbar_ct()])).is_empty(), "CT answers it");
    let mri = request_of("mri", CPT, "72148", json!({"priority": "urgent"}));
    let card = Scene::order(decision, &[mri]).card();
    assert!(card.get("suggestions").is_none(), "{card}");
    assert!(!card["detail"].as_str().unwrap().contains("too little"), "{card}");
    assert!(card["detail"].as_str().unwrap().contains("not wrong"), "{card}");
}

#[test]
fn a_diagnosis_of_the_chart_is_named_in_the_line_and_told_when_the_record_is_opened() {
    let alarms = vec!["Cauda equina syndrome".to_string()];
    let words = "the chart holds a diagnosis that a clinician must see first";
    let mut decision = unknown_but(&[("age", "46 a")]).clone();
    decision.clinician_review = true;
    let of = |hook: Hook| Scene {
        hook,
        alarms: alarms.clone(),
        blocks: vec![words],
        ..Scene::order(&decision, &[lumbar_xray()])
    };
    for hook in [Hook::OrderSign, Hook::EncounterDischarge, Hook::PatientView] {
        let scene = of(hook);
        let cards = cards(&scene);
        assert_eq!(cards.len(), 1, "{hook:?}");
        let summary = cards[0]["summary"].as_str().unwrap();
        assert!(summary.starts_with("In the chart: Cauda equina syndrome"), "{summary}");
        assert_eq!(cards[0]["indicator"], "critical");
        assert!(cards[0]["detail"].as_str().unwrap().contains("No X-ray rules it out"));
    }
}

#[test]
fn who_came_for_something_else_is_told_of_what_only_a_spine_explains() {
    let infection = unknown_but(&[("age", "40 a"), ("temperature", "39.0 Cel")]);
    assert!(infection.urgency.acted_on >= Tier::Urgent);
    let flu = Scene { matter: Matter::Other, ..Scene::leave(infection) };
    assert!(cards(&flu).is_empty(), "a fever of an influenza");
    let nobody = Scene { matter: Matter::NotSaid, ..Scene::leave(infection) };
    let card = &cards(&nobody)[0];
    assert!(card["summary"].as_str().unwrap().starts_with("Back or leg pain?"), "{card}");
    assert_ne!(card["indicator"], "critical");
    let spine = Scene { matter: Matter::Other, ..Scene::leave(saddle()) };
    assert_eq!(cards(&spine).len(), 1, "a numb saddle is told of whoever has it");
}

#[test]
fn an_order_that_fits_is_said_to_fit() {
    let fever = unknown_but(&[("age", "40 a"), ("temperature", "39.0 Cel")]);
    let whole = request_of("mri", LOINC, "36400-0", json!({"priority": "stat"}));
    let card = Scene::order(fever, &[whole]).card();
    let summary = card["summary"].as_str().unwrap();
    assert!(summary.starts_with("This order fits what is suspected"), "{summary}");
    assert_eq!(card["indicator"], "info");
    assert!(!card["detail"].as_str().unwrap().contains("no advice on this order"), "{card}");
}

#[test]
fn cancelling_is_offered_only_to_who_may_go_and_is_never_marked() {
    let home = Scene::order(strain(), &[lumbar_mri()]).card();
    let offered = home["suggestions"].as_array().unwrap();
    assert!(offered.iter().all(|one| one["isRecommended"] != true), "{home}");
    let stays = clear_but(&[("pain_controlled", "absent")]);
    if stays.disposition.as_ref().is_some_and(|place| place.id != "home") {
        let card = Scene::order(stays, &[lumbar_mri()]).card();
        assert!(card.get("suggestions").is_none(), "{card}");
    }
}

#[test]
fn a_child_and_an_age_that_was_not_sent_are_said_in_words() {
    let child = unknown_but(&[("age", "9 a")]);
    for hook in [Hook::OrderSign, Hook::EncounterDischarge] {
        let scene = Scene { hook, is_child: Some(true), ..Scene::order(child, &[lumbar_mri()]) };
        let card = &cards(&scene)[0];
        assert!(card["summary"].as_str().unwrap().starts_with("Under 18"), "{card}");
        assert_eq!(card["indicator"], "warning");
    }
    let nobody = Scene { is_child: None, ..Scene::order(strain(), &[lumbar_mri()]) };
    let card = nobody.card();
    assert!(card["detail"].as_str().unwrap().contains("The age: it was not sent"), "{card}");
}

#[test]
fn what_is_to_be_done_is_not_cut_and_the_label_says_what_it_is() {
    let card = Scene::order(saddle(), &[lumbar_xray()]).card();
    let detail = card["detail"].as_str().unwrap();
    let what = detail.split("**Why**").next().unwrap();
    assert!(!what.contains("more"), "{what}");
    let label = card["source"]["label"].as_str().unwrap();
    assert!(label.matches("not a certified").count() == 1, "{label}");
}

fn unlisted(labels: &[(&str, bool)]) -> Vec<UnlistedDiagnosis> {
    let one = |(label, may_matter): &(&str, bool)| UnlistedDiagnosis {
        label: label.to_string(),
        may_matter: *may_matter,
    };
    labels.iter().map(one).collect()
}

fn detail(card: &Value) -> &str {
    card["detail"].as_str().unwrap()
}

fn summary(card: &Value) -> &str {
    card["summary"].as_str().unwrap()
}

#[test]
fn what_the_chart_says_and_no_row_knows_stands_on_the_card_by_name() {
    let mut labels = vec![("Paraplegia, unspecified", true), ("<b>saddle</b> numb", true)];
    labels.extend([("A", false), ("B", false), ("C", false), ("D", false), ("E", false)]);
    for decision in [saddle(), only_age(), strain()] {
        let order = if decision == saddle() { lumbar_xray() } else { lumbar_mri() };
        let scene = Scene { unlisted: unlisted(&labels), ..Scene::order(decision, &[order]) };
        let card = scene.card();
        let part = detail(&card).split("**In the chart, and not taken into account**").nth(1);
        let part = part.unwrap_or_else(|| panic!("{card}")).split("**").next().unwrap();
        assert!(part.contains("Paraplegia, unspecified") && part.contains("and 1 more"), "{part}");
        assert!(!part.contains("<b>"), "{part}");
    }
}

#[test]
fn no_order_is_one_press_from_cancelled_while_the_chart_says_what_nobody_looked_at() {
    let scene = |labels: &[(&str, bool)]| Scene {
        unlisted: unlisted(labels),
        ..Scene::order(strain(), &[lumbar_mri()])
    };
    assert!(scene(&[("Generalized anxiety disorder", false)]).card().get("suggestions").is_some());
    let card = scene(&[("Foot drop, unspecified foot", true)]).card();
    assert!(card.get("suggestions").is_none(), "{card}");
    assert!(summary(&card).contains("not taken into account: Foot drop"), "{card}");
}

#[test]
fn a_headline_claims_no_more_than_was_said() {
    let line = |said: &[(&str, &str)]| {
        let decision = unknown_but(said);
        let card = Scene::order(decision, &[lumbar_xray()]).card();
        (summary(&card).to_string(), detail(&card).to_string())
    };
    let (untold, why) = line(&[("age", "60 a"), ("known_cancer", "present")]);
    assert!(untold.contains("Suspected: spinal metastasis"), "{untold}");
    for text in [&untold, &why] {
        assert!(!text.contains("with new, worse") && !text.contains("has not changed"), "{text}");
    }
    assert!(why.contains("nobody said: Course of the back pain"), "{why}");
    let told = [("age", "60 a"), ("known_cancer", "present"), ("back_pain_course", "new")];
    assert!(line(&told).0.contains("Known cancer with new, worse"), "{:?}", line(&told));
    let tender = [("age", "60 a"), ("known_cancer", "present"), ("midline_tenderness", "present")];
    assert!(line(&tender).0.contains("Known cancer with new, worse"), "midline is one of them");
    let old = [("age", "60 a"), ("known_cancer", "present"), ("back_pain_course", "unchanged")];
    assert!(line(&old).0.contains("has not changed"), "{:?}", line(&old));
    // A weakness that was measured, of which nobody said since when, and a sign that was told.
    let power = [("age", "60 a"), ("power_knee_extension_left", "2")];
    assert!(!line(&power).0.to_lowercase().contains("new weak"), "{:?}", line(&power));
    let both = [("age", "60 a"), ("power_knee_extension_left", "2"), ("saddle_numbness", "new")];
    assert!(line(&both).0.contains("Suspected cauda equina syndrome"), "{:?}", line(&both));
}

#[test]
fn a_title_that_says_new_is_shown_only_where_somebody_said_new() {
    // Over every fact whose "new" is assumed: with it untold no raised title with "new" in it
    // that hangs on it is claimed.
    let hanging = [("power_knee_extension_left", "2"), ("post_void_residual", "400 mL")];
    for (fact, value) in hanging {
        let decision = unknown_but(&[("age", "60 a"), (fact, value)]);
        let card = Scene::order(decision, &[lumbar_xray()]).card();
        for concern in decision.concerns.iter().filter(|one| !one.assumed_new.is_empty()) {
            let claimed = detail(&card).contains(&format!("- {}:", concern.title));
            assert!(!claimed, "{fact}: {} in {card}", concern.title);
        }
    }
}

#[test]
fn a_card_that_asks_names_the_groups_first_and_few_questions_after() {
    let card = Scene::order(only_age(), &[lumbar_mri()]).card();
    let text = detail(&card);
    let groups = text.find("**One signature answers a group").unwrap();
    let alone = text.find("**Not known yet**").unwrap();
    assert!(groups < alone, "{text}");
    for attestation in &guideline().attestations {
        let head: String = attestation.staff.chars().take(40).collect();
        assert!(text.contains(&head), "{head} in {text}");
    }
    let legs = text.lines().find(|line| line.contains("Both legs")).unwrap();
    assert!(legs.contains("a physician)") && !legs.contains("nurse"), "{legs}");
    let asked = text[alone..].split("\n\n").nth(1).unwrap();
    assert!(asked.lines().filter(|line| line.starts_with("- ")).count() <= 9, "{asked}");
    assert!(summary(&card).contains("8 groups to sign"), "{}", summary(&card));
    assert!(summary(&card).contains("emergency MRI"), "{}", summary(&card));
}

#[test]
fn radiation_is_spoken_of_where_a_pregnancy_is_possible_and_delays_no_emergency() {
    let of = |decision, order: Value, pregnancy| {
        let scene = Scene { pregnancy, ..Scene::order(decision, &[order]) };
        scene.card()["detail"].as_str().unwrap().to_string()
    };
    let mri = request_of("mri", CPT, "72148", json!({"priority": "urgent"}));
    for pregnancy in [Pregnancy::NotKnown, Pregnancy::Possible] {
        assert!(of(fall(), mri.clone(), pregnancy).contains("use radiation"), "CT is proposed");
        let text = of(saddle(), lumbar_xray(), pregnancy);
        assert!(text.contains("use radiation"), "an X-ray is ordered: {text}");
        assert!(text.contains("is an emergency and does not wait for it"), "{text}");
        assert!(!of(strain(), lumbar_mri(), pregnancy).contains("radiation"), "an MRI");
    }
    assert!(!of(fall(), mri, Pregnancy::No).contains("radiation"));
}

#[test]
fn a_measured_value_is_shown_as_it_was_measured() {
    let fever = unknown_but(&[("age", "40 a"), ("temperature", ">=38.9 Cel")]);
    let used = |counted: &str| UsedFact {
        fact: "temperature".into(),
        name: "Temperature".into(),
        value: "38.9 °C".into(),
        counted: Some(counted.into()),
        at: None,
        by: "Observation/t".into(),
    };
    let order = || Scene::order(fever, &[lumbar_xray()]);
    let card = Scene { used: vec![used("≥ 38.9 Cel")], ..order() }.card();
    let text = detail(&card);
    assert!(text.contains("Temperature: 38.9 °C"), "{text}");
    assert!(!text.contains("Cel") && !text.contains('≥'), "{text}");
    assert!(text.contains("only the dangerous side counts"), "{text}");
    // What is known from before, and was not measured in this call, stays the limit that it is.
    let before = Scene { used: Vec::new(), ..order() }.card();
    assert!(detail(&before).contains("38.9 °C or more"), "{before}");
}

#[test]
fn a_question_whose_answer_stands_in_the_chart_says_so() {
    let open = only_age().missing.iter().filter(|missing| !missing.detail_only);
    let used = open.map(|missing| UsedFact {
        fact: missing.fact.clone(),
        name: missing.name.clone(),
        value: "as measured".into(),
        counted: Some("≥ 1".into()),
        at: None,
        by: "Observation/v".into(),
    });
    let scene = Scene { used: used.collect(), ..Scene::order(only_age(), &[lumbar_mri()]) };
    let card = scene.card();
    let text = detail(&card);
    assert!(text.contains("(in the chart as measured, not counted as normal)"), "{text}");
}

#[test]
fn a_card_is_short_and_says_nothing_twice() {
    let decisions = [
        saddle(),
        fall(),
        only_age(),
        strain(),
        unknown_but(&[("age", "60 a"), ("known_cancer", "present"), ("temperature", "39 Cel")]),
    ];
    for decision in decisions {
        for order in [lumbar_mri(), lumbar_xray()] {
            for card in cards(&Scene::order(decision, &[order])) {
                let text = detail(&card);
                let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("- ")).collect();
                let mut once = lines.clone();
                once.sort_unstable();
                once.dedup();
                assert_eq!(once.len(), lines.len(), "{text}");
                for label in ["- First:", "- Do:", "- Call:", "- Meanwhile:"] {
                    assert!(lines.iter().filter(|line| line.starts_with(label)).count() <= 1);
                }
                let sources = text.split("**Source**").nth(1).unwrap();
                assert!(sources.lines().filter(|line| line.starts_with("- ")).count() <= 7);
                assert!(text.chars().count() < 4_000, "{}: {text}", text.chars().count());
                assert!(summary(&card).chars().count() < 140);
            }
        }
    }
}
