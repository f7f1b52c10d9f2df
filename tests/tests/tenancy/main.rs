//! One clinic never sees another, and a thief sees nothing: what PostgreSQL enforces, what the service answers, and what
//! lies in the stores.

mod catalogue;
mod foreign;
mod interleaving;
mod login;
mod stolen;
