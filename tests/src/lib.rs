//! What the tests stand on: the sample record and its generator, and a running service to ask.

pub mod sample;
