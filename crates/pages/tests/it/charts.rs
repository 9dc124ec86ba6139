//! Charts show what the list says, and the overview what the graph allows.

use crate::guidelines::{shipped, shipped_publication};
use crate::html::{Element, elements};

/// The elements of the chart whose title has that id.
fn chart<'a>(page: &'a [Element], id: &str) -> &'a [Element] {
    let title = format!("{id}-title");
    let Some(start) = page.iter().position(|e| e.attribute("id") == Some(&title)) else {
        return &[];
    };
    let end = page[start..].iter().position(|e| e.name == "figcaption").unwrap();
    &page[start..start + end]
}

/// Boxes of one of these classes; an added box is of two.
fn boxes(chart: &[Element], classes: &[&str]) -> usize {
    let shown = chart.iter().filter(|e| e.name == "g");
    shown.filter(|e| classes.contains(&e.attribute("class").unwrap())).count()
}

#[test]
fn every_condition_of_a_list_is_a_box_of_its_chart() {
    let (guideline, made) = (shipped(), shipped_publication());
    for (at, loaded) in guideline.pages.iter().enumerate() {
        let page = elements(&loaded.id, &made.files[&format!("{}.html", loaded.id)]);
        let concern = loaded.page.then_phrases("concern").next();
        let closes = |page: usize| {
            let mut said = guideline.pages[page].page.then_phrases("closes");
            said.any(|word| concern.is_some_and(|own| own.text == word.text))
        };
        let reports = &guideline.program.reports;
        let closing = reports.iter().filter(|report| closes(report.page)).count();
        let is_concern = guideline.program.concerns.iter().any(|concern| concern.page == at);
        for (id, rule) in
            [("chart-rule", &loaded.page.when), ("chart-excluded", &loaded.page.excluded)]
        {
            let Some(rule) = rule else { continue };
            let chart = chart(&page, id);
            let extra = if is_concern { closing } else { 0 };
            let leaves = boxes(chart, &["condition", "reference"]);
            assert_eq!(leaves, rule.tests().len(), "{} {id}", loaded.id);
            let added = boxes(chart, &["reference added"]);
            assert_eq!(added, extra, "{} {id}", loaded.id);
            let caption = format!("id=\"{id}-title\"");
            let after = made.files[&format!("{}.html", loaded.id)].split_once(&caption).unwrap().1;
            let caption = after.split_once("<figcaption>").unwrap().1;
            let caption = caption.split_once("</figcaption>").unwrap().0;
            assert_eq!(caption.contains("The same rule"), extra == 0, "{} {id}", loaded.id);
            assert_eq!(caption.contains("Added in broken frames"), extra > 0, "{}", loaded.id);
            assert_eq!(boxes(chart, &["outcome"]), 1, "{} {id}", loaded.id);
        }
    }
}

#[test]
fn a_chart_says_what_it_shows_in_words() {
    let made = shipped_publication();
    let page = elements("page", &made.files["red_flags/cauda_equina.html"]);
    let text = chart(&page, "chart-rule").iter().find(|e| e.name == "desc").unwrap();
    for part in ["any of (", "Unable to pass urine is new", "is 200 mL or more", "14 days"] {
        assert!(text.text.contains(part), "{}", text.text);
    }
    let svg = page.iter().find(|e| e.name == "svg").unwrap();
    assert_eq!(svg.attribute("role"), Some("img"));
    assert_eq!(svg.attribute("aria-labelledby"), Some("chart-rule-title chart-rule-text"));
}

#[test]
fn a_chart_scrolls_by_keyboard_says_so_and_is_printed_in_slices() {
    let made = shipped_publication();
    let page = elements("page", &made.files["red_flags/cauda_equina.html"]);
    let of_class = |class: &str| {
        let with = |e: &&Element| {
            e.attribute("class").is_some_and(|known| known.split(' ').any(|one| one == class))
        };
        page.iter().filter(with).collect::<Vec<_>>()
    };
    let charts = of_class("chart");
    assert_eq!(charts.len(), 2);
    for chart in &charts {
        assert_eq!(chart.attribute("tabindex"), Some("0"));
        assert_eq!(chart.attribute("role"), Some("region"));
        assert!(chart.attribute("aria-label").is_some_and(|label| label.starts_with("Chart: ")));
    }
    let hints = of_class("hint");
    assert_eq!(hints.len(), charts.len());
    for (hint, chart) in hints.iter().zip(&charts) {
        let floor =
            |e: &Element| e.attribute("class").unwrap().split(' ').next_back().unwrap().to_string();
        assert_eq!(floor(hint), floor(chart));
        assert!(made.files["style.css"].contains(&format!(".chart.{} svg", floor(chart))));
    }
    let slices = page.iter().filter(|e| e.name == "use");
    let goals: Vec<&str> = slices.map(|e| e.attribute("href").unwrap()).collect();
    assert!(goals.len() > 4, "{goals:?}");
    assert!(goals.contains(&"#chart-rule-drawing") && goals.contains(&"#chart-excluded-drawing"));
}

/// Links of the row of the overview that begins with these words.
fn row(start: &str) -> Vec<String> {
    let page = elements("overview", &shipped_publication().files["overview.html"]);
    let begin = page.iter().position(|e| e.name == "th" && e.text.starts_with(start)).unwrap();
    let row = page[begin + 1..].iter().take_while(|e| e.name != "tr");
    row.filter_map(|e| e.attribute("href").map(str::to_string)).collect()
}

#[test]
fn the_overview_leads_where_the_graph_leads() {
    let emergency = row("The spine leads: Emergency, MRI first");
    assert!(emergency.contains(&"red_flags/cauda_equina.html".to_string()));
    assert!(emergency.contains(&"disposition/mri_now.html".to_string()));
    assert!(!emergency.contains(&"disposition/home.html".to_string()));
    let scope = row("Outside the scope");
    assert!(scope.contains(&"disposition/outside_guideline.html".to_string()));
    assert!(!scope.contains(&"disposition/home.html".to_string()), "nobody under 18 goes home");
    let clear = row("No concern");
    assert!(clear.contains(&"disposition/home.html".to_string()));
    assert!(!clear.iter().any(|link| link.contains("mri")));
}
