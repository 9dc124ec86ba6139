//! The MRI queue: who is scanned next, when, and why. Pure.
