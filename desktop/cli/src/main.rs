//! `maneiro`: the main job from a terminal.

fn main() {}
