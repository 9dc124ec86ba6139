//! Modality worklist and performed procedure steps for scanners.
