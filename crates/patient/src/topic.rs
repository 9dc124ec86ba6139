//! The pages of questions: what belongs together is asked together, what cannot wait comes first.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{By, Danger, Fact, FactIndex, Kind, Role, Sort, Stage};

/// One page of questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Age and pain.
    You,
    /// What can kill within hours.
    Sudden,
    /// Falls and crashes.
    Injury,
    /// Bladder, bowel, and feeling between the legs.
    Bladder,
    /// Legs.
    Legs,
    /// Fever, infection, and what lets one in.
    Infection,
    /// Cancer, and what looks like it.
    Cancer,
    /// Bleeding, and everything that has no other page.
    Other,
}

impl Topic {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Topic; 8] = [
        Topic::You,
        Topic::Sudden,
        Topic::Injury,
        Topic::Bladder,
        Topic::Legs,
        Topic::Infection,
        Topic::Cancer,
        Topic::Other,
    ];

    /// Its id in addresses and forms.
    pub fn id(self) -> &'static str {
        match self {
            Topic::You => "you",
            Topic::Sudden => "sudden",
            Topic::Bladder => "bladder",
            Topic::Legs => "legs",
            Topic::Injury => "injury",
            Topic::Infection => "infection",
            Topic::Cancer => "cancer",
            Topic::Other => "other",
        }
    }

    /// The question at the head of its page.
    pub fn question(self) -> &'static str {
        match self {
            Topic::You => "How old are you, and how bad is the pain?",
            Topic::Sudden => "Does any of this fit you right now?",
            Topic::Bladder => "Is there a change when you pee or poo, or between your legs?",
            Topic::Legs => "Are your legs weak, numb or sore?",
            Topic::Injury => "Were you hurt, or could a bone be weak?",
            Topic::Infection => "Could there be an infection?",
            Topic::Cancer => "Does one of these fit you?",
            Topic::Other => "Last page: pills, bleeding and the rest",
        }
    }

    /// The facts of its page, as the guideline orders them.
    pub fn facts(self, guideline: &Guideline) -> Vec<FactIndex> {
        let asked = guideline.entered_facts().filter(|(index, _)| is_asked(guideline, *index));
        asked.filter(|(_, fact)| Topic::of(fact) == self).map(|(index, _)| index).collect()
    }

    fn of(fact: &Fact) -> Topic {
        match fact.group.as_str() {
            "patient" | "treatment" => Topic::You,
            "vascular" | "gate" => Topic::Sudden,
            "bladder" => Topic::Bladder,
            "legs" => Topic::Legs,
            "trauma" | "neck" => Topic::Injury,
            "infection" => Topic::Infection,
            "cancer" => Topic::Cancer,
            _ => Topic::Other,
        }
    }
}

/// Whether a patient is asked for a fact at home: it is a question of triage and no examination,
/// and an urgency, a destination or an amount may hang on it. What only staff may settle is asked as well, as
/// a patient may tell of a danger; a "no" to it then settles nothing. The age is asked of everybody.
pub fn is_asked(guideline: &Guideline, index: FactIndex) -> bool {
    let fact = &guideline.facts[index];
    let decides = guideline.program.decisive[index] || fact.quantity().is_some();
    let matters = decides && fact.asked_at.contains(&Stage::Triage);
    let asks =
        fact.by == By::Ask && (fact.quantity().is_none() || fact.asked_of.contains(&Role::Patient));
    fact.id == "age" || (asks && matters && fact.group != "scanner")
}

/// The answers that a named fact offers besides "no" and "I am not sure": value and words.
pub fn options(fact: &Fact) -> Vec<(String, String)> {
    let Kind::Named { sort, values, clear, .. } = &fact.kind else { return Vec::new() };
    let mut options: Vec<(String, String)> = values
        .iter()
        .enumerate()
        .filter(|(at, _)| *sort == Sort::Choice || at != clear)
        .map(|(_, value)| {
            let own = fact.patient_values.get(value);
            (value.clone(), own.cloned().unwrap_or_else(|| words(*sort, value)))
        })
        .collect();
    // The dangerous answer first: it is what the question is for.
    if *sort != Sort::Choice && fact.danger == Danger::Rising {
        options.reverse();
    }
    options
}

fn words(sort: Sort, value: &str) -> String {
    match (sort, value) {
        (Sort::FindingWithOnset, "new") => "Yes, this is new".to_string(),
        (Sort::FindingWithOnset, "longstanding") => "Yes, for a long time".to_string(),
        (Sort::Finding, "present") => "Yes".to_string(),
        _ => {
            let mut words = value.replace('_', " ");
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            words
        }
    }
}
