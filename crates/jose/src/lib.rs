//! Signed tokens and key sets (RFC 7515, 7517, 7519), by ring.
