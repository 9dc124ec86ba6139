//! The one line of a card: under 140 characters, the most important first (R83).

/// Most characters of a summary; the standard wants fewer than 140.
pub const SUMMARY_MAX: usize = 139;

/// Parts as one line that fits. Blanks of every kind become one blank, and what does not fit is
/// cut at a word.
pub(crate) fn summary(parts: &[&str]) -> String {
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    let mut line = String::new();
    for part in parts {
        if !line.is_empty() {
            line.push_str(if line.ends_with(['.', ':']) { " " } else { ". " });
        }
        line.push_str(&one_line(part));
    }
    fit(&line, SUMMARY_MAX)
}

/// A text on one line, without control characters.
pub(crate) fn one_line(text: &str) -> String {
    let plain: String =
        text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A line of at most `most` characters, cut at a word where there is one.
pub(crate) fn fit(line: &str, most: usize) -> String {
    if line.chars().count() <= most {
        return line.to_string();
    }
    let kept: String = line.chars().take(most.saturating_sub(1)).collect();
    let end = kept.rfind(' ').filter(|end| *end > kept.len() / 2).unwrap_or(kept.len());
    let kept = kept.get(..end).unwrap_or(&kept);
    format!("{}…", kept.trim_end_matches([' ', ',', ';', ':', '.']))
}
