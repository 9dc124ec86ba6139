//! Ids and names of artifacts, from the ids of the guideline.

use cauda_fhir_service::Base;

/// Most bytes of an id of FHIR.
const ID_BYTES_MAX: usize = 64;

/// `action` and `bladder_scan` as `action-bladder-scan`. A longer one is cut, and a
/// number made of the whole keeps it apart from the others.
pub(super) fn id(list: &str, entry: &str) -> String {
    let whole = format!("{list}-{entry}").replace('_', "-");
    if whole.len() <= ID_BYTES_MAX {
        return whole;
    }
    let mut sum: u32 = 0x811c_9dc5;
    for byte in whole.bytes() {
        sum = (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    let cut: String = whole.chars().take(ID_BYTES_MAX - 9).collect();
    format!("{cut}-{sum:08x}")
}

/// The same as a name: `ActionBladderScan`.
pub(super) fn name(list: &str, entry: &str) -> String {
    let mut out = String::new();
    for part in list.split('_').chain(entry.split('_')) {
        let mut letters = part.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

/// The address of what a phrase asks for, without its version.
pub fn activity_url(base: &Base, list: &str, entry: &str) -> String {
    format!("{}/ActivityDefinition/{}", base.url(), id(list, entry))
}
