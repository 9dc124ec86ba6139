//! What a form sends: read with limits, and turned into findings and signatures.

use std::collections::BTreeMap;

use cauda_guideline::Guideline;
use cauda_guideline::facts::{By, Fact, Kind, Role};
use cauda_guideline::visit::read_value;
use cauda_pages::staff::findings::{Grid, field};
use cauda_pathway::command::{Found, SignedGroup};
use cauda_pathway::event::{FindingSaid, Less, LessReason};
use cauda_pathway::identity::{StaffRole, Text};

/// Most bytes of a body.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// Most fields of a form.
const FIELDS_MAX: usize = 2_000;

/// The fields of a form, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    /// Reads a body or a query.
    pub fn read(bytes: &[u8]) -> Form {
        let fields = form_urlencoded::parse(bytes).take(FIELDS_MAX);
        Form {
            fields: fields.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
        }
    }

    /// The last value of that name that is not blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut of_name = self.fields.iter().rev().filter(|(known, _)| known == name);
        of_name.find(|(_, value)| !value.trim().is_empty()).map(|(_, value)| value.trim())
    }

    /// All fields.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The fields without those every form has anew.
    pub fn kept(&self) -> Vec<(String, String)> {
        let kept = self.fields.iter().filter(|(name, _)| name != "csrf");
        kept.cloned().collect()
    }

    /// Fields whose names begin so, without that beginning.
    pub fn of(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        let of = self
            .fields
            .iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.trim())));
        of.filter(|(_, value)| !value.is_empty())
    }

    /// The fields by name, for showing a form again.
    pub fn entered(&self) -> BTreeMap<String, String> {
        self.fields.iter().cloned().collect()
    }

    /// The words of a field, if there are any that fit.
    pub fn text(&self, name: &str) -> Option<Text> {
        Text::new(self.get(name)?).ok()
    }

    /// A coded reason with own words.
    pub fn less(&self) -> Option<Less> {
        let id = self.get("reason")?;
        let mut reasons = LessReason::ALL.iter().copied();
        let reason = reasons.find(|r| cauda_pages::staff::decision::reason_id(*r) == id)?;
        Some(Less { reason, words: self.text("words")? })
    }
}

/// As whom a member of staff answers.
pub fn role(role: StaffRole) -> Role {
    match role {
        role if role.is_physician() => Role::Physician,
        role if role.is_nurse() => Role::Nurse,
        _ => Role::Ehr,
    }
}

/// Whose word it is when this person writes it down: the person's own where they may settle it,
/// else the laboratory's or whoever may.
fn said_by(fact: &Fact, role: Role) -> Role {
    if fact.asked_of.is_empty() || fact.asked_of.contains(&role) {
        return role;
    }
    let others = [Role::Laboratory, Role::Patient, Role::Ehr];
    others.into_iter().find(|other| fact.asked_of.contains(other)).unwrap_or(role)
}

/// Findings and signatures of a form at that moment.
///
/// # Errors
/// What is wrong, by the name of its field.
pub fn found(
    guideline: &Guideline,
    form: &Form,
    role: Role,
    at: i64,
) -> Result<Found, BTreeMap<String, String>> {
    let mut faults = BTreeMap::new();
    let mut found = Found::default();
    for (id, value) in form.of("f.") {
        let Some(index) = guideline.fact(id) else {
            faults.insert(format!("f.{id}"), "the guideline does not ask this".to_string());
            continue;
        };
        let fact = &guideline.facts[index];
        match said(fact, form, value) {
            Ok(value) => found.findings.push(FindingSaid {
                fact: fact.id.clone(),
                value,
                said_by: said_by(fact, role),
                at,
                limited_by_pain: form.get(&format!("p.{id}")).is_some(),
            }),
            Err(fault) => {
                faults.insert(field(fact), fault);
            }
        }
    }
    for (id, _) in form.of("a.") {
        match guideline.attestations.iter().find(|known| known.id == id) {
            Some(known) if known.of.contains(&role) => {
                found.signed.push(SignedGroup { attestation: id.to_string(), said_by: role, at });
            }
            Some(known) => {
                let roles: Vec<&str> = known.of.iter().map(|role| role.words()).collect();
                let fault = format!("{} signs this", roles.join(" or "));
                faults.insert(format!("a.{id}"), fault);
            }
            None => {
                let fault = "the guideline has no such signature".to_string();
                faults.insert(format!("a.{id}"), fault);
            }
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// A value as the guideline reads it.
fn said(fact: &Fact, form: &Form, value: &str) -> Result<String, String> {
    let grid = Grid::of(fact).filter(|_| value.len() == 1);
    let value = match (grid, &fact.kind) {
        (Some(grid), _) => match grid.value(value) {
            Some(value) => value.to_string(),
            None => return Err(format!("use one of {}", grid.keys())),
        },
        (None, Kind::Quantity(quantity)) => {
            let plain = value.replace(',', ".");
            let unit = form.get(&format!("u.{}", fact.id)).unwrap_or(&quantity.unit);
            let has_unit = plain.chars().any(|sign| sign.is_alphabetic() || sign == '[');
            match has_unit || quantity.unit == "1" {
                true => plain,
                false => format!("{plain} {unit}"),
            }
        }
        (None, Kind::Named { .. }) => value.to_string(),
    };
    match read_value(fact, &value) {
        Ok(_) => Ok(value),
        // The sentence begins with the fact's id, which the page says in words already.
        Err((message, help)) => {
            let plain = message.split_once(": ").map_or(message.as_str(), |(_, rest)| rest);
            Err(match fact.by {
                By::Ask => format!("choose an answer ({plain})"),
                _ => format!("{plain}; {help}"),
            })
        }
    }
}
