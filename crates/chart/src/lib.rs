//! A patient's chart in FHIR becomes findings, by a closed table. Pure.
