//! The EHRs a department has registered: whose calls are believed, and what they are asked.
