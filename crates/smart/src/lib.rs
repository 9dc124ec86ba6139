//! SMART App Launch: opened from an EHR, or on its own.
