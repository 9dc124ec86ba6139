//! CDS Hooks: requests, cards, feedback. Pure.
