//! The workstation as its user sees it: the real `maneiro` with good input and bad.

mod billing;
mod cloud_connection;
mod cross_page;
mod demo;
mod hostile_files;
mod languages;
mod local_store;
#[cfg(target_os = "linux")]
mod page_workers;
mod people;
mod searchable_pdf;
mod unreadable_pages;
mod unusable_files;
mod window;
