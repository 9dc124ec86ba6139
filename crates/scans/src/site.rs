//! The scanners of a site, and what happens to them.

use std::collections::{BTreeMap, BTreeSet};

use cauda_pathway::identity::{Actor, Text};
use cauda_pathway::wire;
use cauda_queue::{Down, Gap, Hours, Scanner, Tier};
use serde::{Deserialize, Serialize};

/// A scanner as the settings name it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScannerSettings {
    /// Its id, `mr1`.
    pub id: String,
    /// Its name on the board.
    pub name: String,
    /// Its application entity title in DICOM, 1 to 16 characters.
    pub ae_title: String,
    /// Field in tesla, `1.5`.
    pub tesla: f32,
    /// Coils there are.
    #[serde(default)]
    pub coils: BTreeSet<String>,
    /// Minutes to change the coil; to set up contrast; between any two patients.
    #[serde(default = "five")]
    pub coil_minutes: u32,
    /// Minutes to set up contrast.
    #[serde(default = "five")]
    pub contrast_minutes: u32,
    /// Minutes between any two patients.
    #[serde(default = "five")]
    pub turnover_minutes: u32,
    /// Reserved time, given up before it begins.
    #[serde(default)]
    pub reserved: Vec<Reserved>,
}

fn five() -> u32 {
    5
}

/// Time of each day that is kept for emergencies.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reserved {
    /// Minute of the day at which it begins, in UTC.
    pub from_minute: u32,
    /// How long.
    pub minutes: u32,
    /// So many minutes before, it is everybody's.
    pub release_minutes: u32,
}

/// Something happened to a scanner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteEvent {
    /// Version of its form.
    pub version: u32,
    /// When.
    #[serde(with = "wire::instant")]
    pub at: i64,
    /// Who said so.
    pub by: Actor,
    /// Which scanner.
    pub scanner: String,
    /// What.
    pub what: ScannerWhat,
}

/// What happened to a scanner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScannerWhat {
    /// Out of order.
    Down {
        /// Until when, if anybody knows.
        #[serde(with = "wire::maybe_instant")]
        until: Option<i64>,
        /// Why.
        reason: Option<Text>,
    },
    /// It works again.
    Up,
}

/// The scanners as they are now: the settings, and what happened since.
pub fn scanners(
    settings: &[ScannerSettings],
    down: &BTreeMap<String, Down>,
    now: i64,
) -> Vec<Scanner> {
    settings.iter().map(|one| scanner(one, down.get(&one.id).copied(), now)).collect()
}

fn scanner(one: &ScannerSettings, down: Option<Down>, now: i64) -> Scanner {
    // Tenths of a tesla; what no scanner has becomes zero and suits nothing.
    let tenths = (one.tesla * 10.0).round();
    let field = if (0.0..=200.0).contains(&tenths) { tenths as u16 } else { 0 };
    let midnight = now - now.rem_euclid(86_400);
    let gaps = one.reserved.iter().flat_map(|reserved| {
        // One that began yesterday may run past midnight.
        [midnight - 86_400, midnight, midnight + 86_400].map(|day| {
            let from = day + i64::from(reserved.from_minute) * 60;
            Gap {
                from,
                to: from + i64::from(reserved.minutes) * 60,
                least: Tier::Emergency,
                release_minutes: reserved.release_minutes,
            }
        })
    });
    Scanner {
        id: one.id.as_str().into(),
        name: one.name.clone(),
        field,
        coils: one.coils.clone(),
        capabilities: BTreeSet::new(),
        hours: Hours::Always,
        down,
        running: None,
        free_since: None,
        coil: None,
        contrast: false,
        coil_minutes: one.coil_minutes,
        contrast_minutes: one.contrast_minutes,
        turnover_minutes: one.turnover_minutes,
        gaps: gaps.filter(|gap| gap.to > now).collect(),
    }
}
