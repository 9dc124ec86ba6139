//! Rows of the requirements on answers and cards, over answers of every kind.

use cauda_cds_hooks::{HL7_REASONS, Hook, Kind, Response, code_systems};
use serde_json::{Value, json};

use crate::musts::{absolute, coding, hold, nothing_empty, plain_markdown, text};
use crate::world::{
    BASE, Scene, cards, clear_but, lumbar_mri, lumbar_mri_stat, lumbar_xray, only_age, saddle,
    samples, strain,
};

fn lists<'a>(field: &str) -> Vec<&'a Value> {
    let lists = cards().into_iter().filter_map(|card| card.get(field));
    lists.flat_map(|list| list.as_array().unwrap()).collect()
}

#[test]
fn every_must_holds_of_every_sample() {
    for (name, answer) in samples() {
        println!("{name}");
        hold(answer);
    }
}

#[test]
fn r003_nothing_is_null_or_empty() {
    samples().iter().for_each(|(_, answer)| nothing_empty(answer, true));
}

#[test]
fn r074_an_answer_holds_cards() {
    assert!(samples().iter().all(|(_, answer)| answer["cards"].is_array()));
}

#[test]
fn r075_system_actions_are_there_only_when_there_are_some() {
    let some = Scene::order(saddle(), &[lumbar_mri_stat()]).json();
    assert!(!some["systemActions"].as_array().unwrap().is_empty());
    let none = Scene { rating: false, ..Scene::order(saddle(), &[lumbar_mri_stat()]) }.json();
    assert!(none.get("systemActions").is_none() && none.get("extension").is_none());
}

#[test]
fn r077_nothing_to_say_is_an_empty_list() {
    assert_eq!(Response::default().json(), json!({ "cards": [] }));
    let agrees = Scene { rating: false, ..Scene::order(saddle(), &[lumbar_mri_stat()]) };
    assert_eq!(agrees.json(), json!({ "cards": [] }));
}

#[test]
fn r080_r081_r082_each_card_has_its_own_uuid_and_is_kept_by_it() {
    let (strain, saddle) = (strain(), saddle());
    for scene in [Scene::order(strain, &[lumbar_mri()]), Scene::order(saddle, &[lumbar_xray()])] {
        let answer = scene.response();
        let shown = answer.shown();
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].uuid, answer.cards[0].uuid);
        assert_eq!(shown[0].order.as_deref(), answer.cards[0].order.as_deref());
        let mut uuids = vec![shown[0].uuid.clone()];
        uuids.extend(shown[0].suggestions.iter().map(|(uuid, _)| uuid.clone()));
        let count = uuids.len();
        uuids.sort();
        uuids.dedup();
        assert_eq!(uuids.len(), count);
    }
}

#[test]
fn r083_summary_is_under_140_characters() {
    for card in cards() {
        let count = text(&card["summary"]).chars().count();
        assert!(count < 140 && count > 10, "{}", card["summary"]);
    }
}

#[test]
fn r084_r085_detail_is_markdown_without_html() {
    cards().into_iter().for_each(|card| plain_markdown(text(&card["detail"])));
}

#[test]
fn r085_what_a_record_says_cannot_become_markup() {
    use cauda_cds_hooks::escape;
    assert_eq!(escape("<b>a</b> & [x](http://y)"), "\\<b\\>a\\</b\\> \\& \\[x\\](http\\://y)");
    assert_eq!(escape("1. one"), "1\\. one");
    assert_eq!(escape("- one\n# two"), "\\- one \\# two");
    assert_eq!(escape("see www.example.org"), "see www\\.example.org");
    assert_eq!(escape("38.4 Cel at 09:40"), "38.4 Cel at 09:40");
    assert!(escape(&"x".repeat(10_000)).chars().count() <= 400);
}

#[test]
fn r087_r088_indicator_is_one_of_three_by_urgency() {
    for card in cards() {
        assert!(["info", "warning", "critical"].contains(&text(&card["indicator"])));
    }
    let (strain, saddle, unknown) = (strain(), saddle(), only_age());
    assert_eq!(Scene::order(saddle, &[lumbar_xray()]).card()["indicator"], "critical");
    assert_eq!(Scene::order(strain, &[lumbar_mri()]).card()["indicator"], "warning");
    assert_eq!(Scene::order(unknown, &[lumbar_mri()]).card()["indicator"], "info");
}

#[test]
fn r090_r105_source_is_an_object_with_a_label() {
    for card in cards() {
        assert!(card["source"].is_object());
        assert!(text(&card["source"]["label"]).contains("0.1.0"));
    }
}

#[test]
fn r098_r099_r100_r136_r219_reasons_for_not_following_are_coded_with_their_words() {
    let reasons = lists("overrideReasons");
    assert!(!reasons.is_empty());
    reasons.iter().for_each(|reason| coding(reason));
    assert!(reasons.iter().any(|reason| reason["system"] == HL7_REASONS));
}

#[test]
fn r103_r104_r138_r139_r141_links_have_label_address_and_type() {
    for link in lists("links") {
        text(&link["label"]);
        absolute(&link["url"]);
        assert!(["smart", "absolute"].contains(&text(&link["type"])));
    }
}

#[test]
fn r107_r108_source_address_is_absolute() {
    cards().into_iter().for_each(|card| absolute(&card["source"]["url"]));
}

#[test]
fn r109_r110_source_address_is_the_same_for_everybody_and_drilling_down_is_a_link() {
    for card in cards() {
        assert_eq!(card["source"]["url"], "https://cauda.example/guideline/back_pain/");
        let kinds: Vec<&str> =
            card["links"].as_array().unwrap().iter().map(|link| text(&link["type"])).collect();
        assert_eq!(kinds, ["smart", "absolute"]);
    }
}

#[test]
fn r111_an_icon_is_an_absolute_address() {
    let icon = "https://cauda.example/icon.png";
    let scene = Scene { icon: Some(icon), ..Scene::order(strain(), &[lumbar_mri()]) };
    let card = scene.card();
    absolute(&card["source"]["icon"]);
    assert_eq!(card["source"]["icon"], icon);
}

#[test]
fn r113_without_an_icon_there_is_no_field() {
    assert!(cards().into_iter().all(|card| card["source"].get("icon").is_none()));
}

#[test]
fn r115_r116_r220_topic_is_always_a_coding() {
    cards().into_iter().for_each(|card| coding(&card["source"]["topic"]));
}

#[test]
fn r142_a_smart_link_is_the_address_of_a_launch() {
    assert!(lists("links").iter().all(|link| ["smart", "absolute"].contains(&text(&link["type"]))));
    for link in lists("links").into_iter().filter(|link| link["type"] == "smart") {
        assert_eq!(link["url"], "https://cauda.example/launch");
    }
}

#[test]
fn r144_r145_r146_r147_app_context_is_only_on_smart_links_and_says_nothing() {
    for link in lists("links") {
        assert_eq!(link["type"] == "smart", link.get("appContext").is_some());
        assert!(link.get("appContext").is_none_or(|context| text(context) == "h-1"));
        assert!(!link["url"].as_str().unwrap().contains("p1"));
    }
}

#[test]
fn r210_changed_facts_take_an_old_card_back() {
    let (strain, saddle) = (strain(), saddle());
    let before = Scene { hook: Hook::OrderSelect, ..Scene::order(strain, &[lumbar_mri_stat()]) };
    assert_eq!(before.kind(), Some(Kind::NotIndicated));
    let after = Scene { hook: Hook::OrderSign, ..Scene::order(saddle, &[lumbar_mri_stat()]) };
    assert!(after.is_silent());
    assert_eq!(before.hook.service(), after.hook.service());
}

#[test]
fn r213_what_is_needed_for_safety_is_at_order_and_discharge() {
    assert_eq!(Hook::DEFAULT.len(), 3);
    assert!(Hook::DEFAULT.contains(&Hook::EncounterDischarge));
}

#[test]
fn r214_extensions_are_objects() {
    for (_, answer) in samples() {
        let Some(extension) = answer.get("extension") else { continue };
        assert_eq!(extension.as_object().unwrap().keys().collect::<Vec<_>>(), ["systemActions"]);
        for action in answer["systemActions"].as_array().unwrap() {
            for one in action["resource"]["extension"].as_array().unwrap() {
                assert!(text(&one["url"]).starts_with("http://fhir.org/argonaut/Extension/"));
            }
        }
    }
}

#[test]
fn r216_r217_r218_codings_have_code_and_system() {
    lists("overrideReasons").into_iter().for_each(coding);
    cards().into_iter().for_each(|card| coding(&card["source"]["topic"]));
}

#[test]
fn a_card_says_why_what_is_missing_what_would_change_it_and_which_version() {
    let saddle = clear_but(&[("saddle_numbness", "new"), ("leg_weakness_left", "unknown")]);
    let card = Scene::order(saddle, &[lumbar_xray()]).card();
    let detail = text(&card["detail"]);
    for heading in ["**What**", "**Why**", "**Not known yet**", "**Read from**", "**Source**"] {
        assert!(detail.contains(heading), "{heading} in {detail}");
    }
    assert!(detail.contains("Not a certified medical device"));
    assert!(detail.contains("version 0.1.0"));
    assert!(detail.contains("Observation/o1") && detail.contains("2026-11-23T09:40:00Z"));
    assert!(detail.contains("Condition/c9: refuted"));
    assert!(detail.contains("The record did not send: procedures"));
}

#[test]
fn every_code_of_a_card_is_in_a_code_system() {
    let systems = code_systems(BASE, "0.1.0");
    for system in &systems {
        nothing_empty(system, false);
        assert_eq!(system["count"], system["concept"].as_array().unwrap().len());
    }
    let is_known = |coding: &Value| {
        let of = systems.iter().find(|system| system["url"] == coding["system"]);
        of.is_some_and(|system| {
            let mut concepts = system["concept"].as_array().unwrap().iter();
            let same =
                |one: &&Value| one["code"] == coding["code"] && one["display"] == coding["display"];
            concepts.find(same).is_some()
        })
    };
    assert!(cards().into_iter().all(|card| is_known(&card["source"]["topic"])));
    let own = lists("overrideReasons").into_iter().filter(|one| one["system"] != HL7_REASONS);
    assert!(own.into_iter().all(is_known));
}
