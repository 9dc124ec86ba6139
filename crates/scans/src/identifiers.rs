//! Numbers that a scanner needs, worked out from the order's id, so that they are the same at
//! every query, on every server and after every restore.

use sha2::{Digest, Sha256};

/// Letters and digits that nobody confuses.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Accession Number: 13 characters, where DICOM has room for 16.
pub fn accession(id: &str) -> String {
    format!("C{}", short("accession", id))
}

/// Scheduled Procedure Step ID: 13 characters, where DICOM has room for 16.
pub fn step_id(id: &str) -> String {
    format!("S{}", short("step", id))
}

/// Study Instance UID: a UUID as a UID, below 2.25 (DICOM PS3.5, annex B.2).
pub fn study_uid(id: &str) -> String {
    let hash = hash("study", id);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    // Version 8 of RFC 9562: of one's own making.
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    format!("2.25.{}", u128::from_be_bytes(bytes))
}

fn hash(what: &str, id: &str) -> [u8; 32] {
    Sha256::new().chain_update(what).chain_update([0]).chain_update(id).finalize().into()
}

fn short(what: &str, id: &str) -> String {
    let hash = hash(what, id);
    hash.iter().take(12).map(|byte| char::from(SIGNS[usize::from(byte & 31)])).collect()
}
