//! Why a scan is wanted, in the room that a system has for it: whole titles, the most urgent first.

/// Between two titles.
const BETWEEN: &str = "; ";
/// After a title that was cut.
const CUT: &str = "...";

/// As many whole titles as fit into `room` characters, in their order. A title that another one
/// says with more words, and has room, is left out.
pub fn joined<'a>(titles: impl IntoIterator<Item = &'a str>, room: usize) -> String {
    let titles: Vec<&str> = titles.into_iter().collect();
    let mut all = String::new();
    for (at, title) in titles.iter().enumerate() {
        let is_said = titles.iter().enumerate().any(|(other, longer)| match *longer == *title {
            true => other < at,
            // One that has no room itself says nothing in place of another.
            false => longer.contains(title) && longer.chars().count() <= room,
        });
        if is_said {
            continue;
        }
        let before = if all.is_empty() { "" } else { BETWEEN };
        let length = |text: &str| text.chars().count();
        if length(&all) + length(before) + length(title) <= room {
            all.push_str(before);
            all.push_str(title);
        }
    }
    all
}

/// A text of titles, or of a person's own words, in `room` characters: whole titles as far as they
/// fit, else the first words of it, marked as cut. Without what steers a message of a scanner.
pub fn fitting(text: &str, room: usize) -> String {
    let plain: String = text
        .chars()
        .map(|letter| if letter == '\\' || letter.is_control() { ' ' } else { letter })
        .collect();
    let plain = plain.trim();
    if plain.chars().count() <= room {
        return plain.to_string();
    }
    let first = plain.split(BETWEEN).next().unwrap_or_default();
    if first.chars().count() <= room {
        return joined(plain.split(BETWEEN), room);
    }
    let mut cut = String::new();
    for word in first.split_whitespace() {
        let between = usize::from(!cut.is_empty());
        if cut.chars().count() + between + word.chars().count() + CUT.len() > room {
            break;
        }
        if between > 0 {
            cut.push(' ');
        }
        cut.push_str(word);
    }
    match cut.is_empty() {
        true => first.chars().take(room).collect(),
        false => cut + CUT,
    }
}
