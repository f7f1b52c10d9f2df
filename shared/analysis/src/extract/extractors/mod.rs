//! The extractors: one module for each list of the findings.

pub(crate) mod allergies;
pub(crate) mod code_status;
pub(crate) mod encounters;
pub(crate) mod follow_ups;
pub(crate) mod imaging;
pub(crate) mod labs;
pub(crate) mod medications;
pub(crate) mod page_identity;
pub(crate) mod patient;
pub(crate) mod problems;
pub(crate) mod procedures;
pub(crate) mod signs_symptoms;
pub(crate) mod timeline;
pub(crate) mod vitals;
