//! HL7 v2 messages over MLLP: admissions, orders, reports, appointments.
