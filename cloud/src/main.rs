//! `maneiro-cloud`: serve, worker, migrate, admin.

fn main() {}
