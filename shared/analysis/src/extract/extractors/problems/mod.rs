//! Diagnoses and complaints.

pub(crate) mod mentions;
