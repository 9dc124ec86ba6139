//! An EHR to try Cauda with: FHIR, SMART and an order screen.
