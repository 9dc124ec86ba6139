//! What Cauda answers as a FHIR server: questionnaires, plans, decided visits. Pure.
