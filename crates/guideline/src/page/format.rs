//! The one canonical form of a page. `cauda check` compares it byte by byte,
//! so that no blank or line break can change a rule without being seen.

use super::{
    AllElse, Case, Comparison, Given, Group, Item, Line, Need, Page, Saying, Test, TestKind, Word,
};

/// Prints `page` in canonical form.
pub fn format(page: &Page) -> String {
    let mut out = format!("# {}\n\n", page.title);
    out += &format!("Sources: {}.", list(&page.sources, ""));
    if let Some(date) = &page.reviewed {
        out += &format!(" Reviewed {}.", date.text);
    }
    out += &format!("\n\n{}\n", page.why);
    if let Some(when) = &page.when {
        let heading = if page.needed { "Needed when" } else { "When" };
        rule(&mut out, heading, when);
    }
    if let Some(excluded) = &page.excluded {
        rule(&mut out, "Excluded when", excluded);
    }
    lines(&mut out, "If it cannot be known", &page.stuck);
    lines(&mut out, "Then", &page.then);
    lines(&mut out, "After the scan", &page.results);
    if !page.never.is_empty() {
        out += "\n## Never cleared by\n";
        for test in &page.never {
            out += &format!("- {}\n", test_text(test));
        }
    }
    if !page.cases.is_empty() {
        out += "\n## Cases\n";
        for case in &page.cases {
            out += &format!("- {}: {}\n", case.expect.words(), case_line(case));
        }
    }
    out
}

fn rule(out: &mut String, heading: &str, group: &Group) {
    *out += &format!("\n## {heading} {}\n", need(group.need));
    items(out, &group.items, 0);
}

fn items(out: &mut String, children: &[Item], level: usize) {
    let indent = "  ".repeat(level);
    for item in children {
        match item {
            Item::Test(test) => *out += &format!("{indent}- {}\n", test_text(test)),
            Item::Group(group) => {
                *out += &format!("{indent}- {}\n", need(group.need));
                items(out, &group.items, level + 1);
            }
        }
    }
}

fn lines(out: &mut String, heading: &str, lines: &[Line]) {
    if lines.is_empty() {
        return;
    }
    *out += &format!("\n## {heading}\n");
    for line in lines {
        let saying = match &line.saying {
            Saying::Phrases(words) => list(words, ""),
            Saying::Within { count, unit, clock } => {
                format!("{} {} of {}", count.text, unit.text, clock.words())
            }
        };
        *out += &format!("- {}: {saying}\n", line.key.text);
    }
}

fn need(need: Need) -> String {
    match need {
        Need::All => "all of".to_string(),
        Need::Any => "any of".to_string(),
        Need::AtLeast(count) => format!("at least {count} of"),
    }
}

/// A test as the page writes it.
pub fn test_text(test: &Test) -> String {
    let subject = &test.subject.text;
    let mut text = match &test.kind {
        TestKind::Is(values) => {
            let values: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
            format!("`{subject}` is {}", values.join(" or "))
        }
        TestKind::Compares { comparison, number, unit } => {
            format!("`{subject}` {}", quantity(Some(*comparison), number, unit.as_ref()))
        }
        TestKind::Suspected => format!("`{subject}` is suspected"),
        TestKind::Excluded => format!("`{subject}` is excluded"),
    };
    if !test.notes.is_empty() {
        text += &format!(" ({})", list(&test.notes, ""));
    }
    text
}

fn quantity(comparison: Option<Comparison>, number: &Word, unit: Option<&Word>) -> String {
    let sign = comparison.map_or(String::new(), |comparison| format!("{} ", comparison.sign()));
    let unit = unit.map_or(String::new(), |unit| format!(" {}", unit.text));
    format!("{sign}{}{unit}", number.text)
}

/// A case without its expectation.
pub fn case_line(case: &Case) -> String {
    let settings: Vec<String> = case
        .settings
        .iter()
        .map(|setting| {
            let value = match &setting.given {
                Given::Value(word) | Given::Unknown(word) => word.text.clone(),
                Given::Number { comparison, number, unit } => {
                    quantity(*comparison, number, unit.as_ref())
                }
            };
            let mut text = format!("`{}` {value}", setting.fact.text);
            if let Some(role) = &setting.by {
                text += &format!(" by {}", role.text);
            }
            if let Some((count, unit)) = &setting.ago {
                text += &format!(" {} {} ago", count.text, unit.text);
            }
            text
        })
        .collect();
    let all_else = match case.all_else {
        AllElse::Clear => "all else clear",
        AllElse::Unknown => "all else unknown",
    };
    let mut text = settings.join(", ");
    if !text.is_empty() {
        text += "; ";
    }
    text += all_else;
    if !case.asks.is_empty() {
        text += &format!(" → asks for {}", list(&case.asks, "`"));
    }
    text
}

fn list(words: &[Word], quote: &str) -> String {
    let words: Vec<String> =
        words.iter().map(|word| format!("{quote}{}{quote}", word.text)).collect();
    words.join(", ")
}
