//! The sample record: a synthetic patient, and the generator that makes the file from known facts.
