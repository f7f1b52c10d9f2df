//! Medications.

pub(crate) mod mentions;
