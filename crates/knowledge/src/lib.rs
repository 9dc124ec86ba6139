//! The guideline in the standards of others: CQL and FHIR knowledge artifacts. Pure.
