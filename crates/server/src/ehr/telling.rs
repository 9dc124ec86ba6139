//! What a chart says, in the words of a card and of the app: measured values, what was not used,
//! what nobody took into account, and whether the patient may be pregnant.

use cauda_cds_hooks::{IgnoredFact, Pregnancy, UnlistedDiagnosis, UsedFact};
use cauda_chart::Chart;
use cauda_guideline::Guideline;
use cauda_guideline::facts::{Fact, Kind};
use cauda_guideline::resolve::{Findings, Said};
use cauda_guideline::units::value_words;
use cauda_guideline::visit::read_value;
use cauda_pages::staff::Calendar;

/// Years in which the guideline asks for a possible pregnancy, `facts/gate.toml`.
const MAY_BEAR_YEARS: std::ops::RangeInclusive<u32> = 12..=55;

/// What was used, with its measured value; diagnoses that are alarms first.
pub fn used(
    chart: &Chart,
    guideline: &Guideline,
    known: &Findings,
    calendar: &dyn Calendar,
) -> Vec<UsedFact> {
    let used = chart.used.iter().map(|used| {
        let index = guideline.fact(&used.fact);
        let fact = index.map(|index| &guideline.facts[index]);
        let measured = used.measured.as_ref().unwrap_or(&used.value);
        let said = index.map(|index| known.by_fact[index].said);
        let counted = fact.zip(said).and_then(|(fact, said)| counted(fact, measured, said));
        UsedFact {
            fact: used.fact.clone(),
            name: fact.map_or_else(|| used.label.clone(), |fact| fact.staff.clone()),
            value: value_words(measured),
            counted,
            at: Some(format!("{} {}", calendar.day(used.at), calendar.time(used.at))),
            by: used.resource.clone(),
        }
    });
    let alarms = chart.alarms.iter().map(|alarm| UsedFact {
        fact: String::new(),
        name: "Diagnosis in the chart".to_string(),
        value: alarm.label.clone(),
        counted: None,
        at: None,
        by: alarm.resource.clone(),
    });
    alarms.chain(used).collect()
}

/// What counts of a measured value, as a decision shows it, where that is only its dangerous
/// side: whatever is as bad as measured, or worse.
fn counted(fact: &Fact, measured: &str, said: Said) -> Option<String> {
    let Kind::Quantity(quantity) = &fact.kind else { return None };
    let Ok(Said::Between(value, same)) = read_value(fact, measured) else { return None };
    match said {
        Said::Between(least, greatest) if value == same && least < greatest => {
            let is_end = least == value || greatest == value;
            is_end.then(|| quantity.interval_text(least, greatest))
        }
        _ => None,
    }
}

/// What a row matched and was not used, by its name where there is one.
pub fn ignored(chart: &Chart) -> Vec<IgnoredFact> {
    let ignored = chart.ignored.iter().map(|ignored| IgnoredFact {
        what: match &ignored.label {
            Some(label) => format!("{label} ({})", ignored.resource),
            None => ignored.resource.clone(),
        },
        why: ignored.why.words().to_string(),
    });
    ignored.collect()
}

/// Diagnoses that say nothing to the guideline.
pub fn unlisted(chart: &Chart) -> Vec<UnlistedDiagnosis> {
    let unlisted = chart.unlisted.iter();
    let one = |one: &cauda_chart::Unlisted| UnlistedDiagnosis {
        label: one.label.clone(),
        may_matter: one.may_matter,
    };
    unlisted.map(one).collect()
}

/// Whether the patient may be pregnant, by what was said, else by sex and age as the record has
/// them. What nobody said of a woman or of somebody whose sex is not recorded is not known.
pub fn pregnancy(
    guideline: &Guideline,
    known: &Findings,
    gender: Option<&str>,
    years: Option<u32>,
) -> Pregnancy {
    let value = |id: &str| {
        let index = guideline.fact(id)?;
        match (known.by_fact[index].said, &guideline.facts[index].kind) {
            (Said::Value(value), Kind::Named { values, .. }) => {
                values.get(value).map(String::as_str)
            }
            _ => None,
        }
    };
    let ruled_out = value("pregnancy_ruled_out") == Some("present");
    match (value("pregnancy_test"), value("possible_pregnancy")) {
        (Some("positive" | "in_womb"), _) => Pregnancy::Possible,
        (_, Some("present")) if !ruled_out => Pregnancy::Possible,
        (_, Some(_)) => Pregnancy::No,
        (_, None) => {
            let too_young_or_old = years.is_some_and(|years| !MAY_BEAR_YEARS.contains(&years));
            match ruled_out || gender == Some("male") || too_young_or_old {
                true => Pregnancy::No,
                false => Pregnancy::NotKnown,
            }
        }
    }
}
