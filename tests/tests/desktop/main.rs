//! The workstation as its user meets it: the real `maneiro` with good input and bad.

mod clouds;
mod copies;
mod demos;
mod files;
mod hostile;
mod languages;
mod pages;
mod stores;
mod whole;
#[cfg(target_os = "linux")]
mod workers;
