//! Text inside Markdown of GitHub: nothing of it is markup, HTML or a link (R85).

use crate::summary::one_line;

/// Most characters of one text on a card.
const TEXT_MAX: usize = 400;

/// A text as it reads, on one line, whatever signs it holds.
pub fn escape(text: &str) -> String {
    let line = crate::summary::fit(&one_line(text), TEXT_MAX);
    let mut escaped = String::with_capacity(line.len() + 8);
    let mut before = None;
    for (at, sign) in line.char_indices() {
        let rest = line.get(at..).unwrap_or_default();
        let begins = before.is_none();
        let is_markup = matches!(
            sign,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '#' | '!' | '@'
        );
        let is_bullet = begins && matches!(sign, '-' | '+' | '=');
        let ends = rest.chars().nth(1).is_none_or(|next| next == ' ');
        let is_number = matches!(sign, '.' | ')')
            && ends
            && line.get(..at).is_some_and(|front| {
                !front.is_empty() && front.bytes().all(|digit| digit.is_ascii_digit())
            });
        let is_link = rest.starts_with("://")
            || (sign == '.' && line.get(..at).is_some_and(|front| front.ends_with("www")));
        if is_markup || is_bullet || is_number || is_link {
            escaped.push('\\');
        }
        escaped.push(sign);
        before = Some(sign);
    }
    escaped
}

/// A heading and its list. Without items there is nothing.
pub(crate) fn section(into: &mut String, heading: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    if !into.is_empty() {
        into.push('\n');
    }
    into.push_str("**");
    into.push_str(heading);
    into.push_str("**\n\n");
    for item in items {
        into.push_str("- ");
        into.push_str(item);
        into.push('\n');
    }
}

/// The first `most` items, and how many more there are.
pub(crate) fn first(items: Vec<String>, most: usize) -> Vec<String> {
    let more = items.len().saturating_sub(most);
    let mut kept: Vec<String> = items.into_iter().take(most).collect();
    if more > 0 {
        kept.push(format!("and {more} more"));
    }
    kept
}
