//! The `if` of a row: one look at something drawn before, in words such as
//! `condition is fracture or metastasis` and `age >= 65`.

use cauda_guideline::diagnostic::nearest;
use cauda_guideline::facts::Quantity;

use super::VALUES_MAX;

/// One look at something drawn before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Premise {
    /// Place of what it looks at among the draws; zero is the condition.
    pub slot: usize,
    test: Test,
    /// As it is written.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    /// Bit `n` for value `n`.
    Among(u64),
    /// From the first place to the second.
    Between(i64, i64),
}

/// What a premise may look at.
#[derive(Debug)]
pub(super) struct Known<'a> {
    /// Its id.
    pub(super) id: String,
    /// Its values, where they have names.
    pub(super) values: Vec<String>,
    /// Its grid, where it is a number.
    pub(super) quantity: Option<&'a Quantity>,
}

impl Premise {
    /// Whether it holds for what was drawn.
    pub fn holds(&self, drawn: &[i64]) -> bool {
        let Some(value) = drawn.get(self.slot) else { return false };
        match self.test {
            Test::Among(values) => {
                (0..VALUES_MAX as i64).contains(value) && values >> value & 1 == 1
            }
            Test::Between(low, high) => (low..=high).contains(value),
        }
    }

    /// Reads `id is value {or value}`, `id is not value` or `id sign number`.
    pub(super) fn parse(text: &str, known: &[Known<'_>]) -> Result<Premise, String> {
        let mut words = text.split_whitespace();
        let id = words.next().unwrap_or_default();
        let Some(slot) = known.iter().position(|known| known.id == id) else {
            let near = nearest(id, known.iter().map(|known| known.id.as_str()));
            let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`"));
            return Err(format!("`{id}` is not drawn before this row{near}"));
        };
        let words: Vec<&str> = words.collect();
        let test = match (words.as_slice(), known[slot].quantity) {
            (["is", "not", rest @ ..], None) => Test::Among(!among(rest, &known[slot])?),
            (["is", rest @ ..], None) => Test::Among(among(rest, &known[slot])?),
            ([sign @ (">=" | "≥" | ">" | "<" | "<=" | "≤"), number], Some(quantity)) => {
                compared(sign, number, quantity)?
            }
            _ => {
                return Err(format!(
                    "write `{id} is value`, `{id} is not value` or, for a number, `{id} >= number`"
                ));
            }
        };
        Ok(Premise { slot, test, text: text.to_string() })
    }
}

fn among(words: &[&str], known: &Known<'_>) -> Result<u64, String> {
    let mut found = 0;
    for (at, word) in words.iter().enumerate() {
        if at % 2 == 1 {
            if *word != "or" {
                return Err(format!("`or` is expected before `{word}`"));
            }
            continue;
        }
        let Some(value) = known.values.iter().position(|value| value == word) else {
            return Err(format!(
                "`{}` is never `{word}`; it is {}",
                known.id,
                known.values.join(", ")
            ));
        };
        found |= 1 << value;
    }
    if words.len().is_multiple_of(2) { Err("a value is missing".to_string()) } else { Ok(found) }
}

fn compared(sign: &str, number: &str, quantity: &Quantity) -> Result<Test, String> {
    let place = quantity.place(number, Some(&quantity.unit))?;
    let (low, high) = quantity.range;
    Ok(match sign {
        ">=" | "≥" => Test::Between(place, high),
        ">" => Test::Between(place + 1, high),
        "<" => Test::Between(low, place - 1),
        _ => Test::Between(low, place),
    })
}
