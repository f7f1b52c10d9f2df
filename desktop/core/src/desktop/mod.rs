//! What is behind the window: one method for each of its commands, and the events that it hears. Answers with the types of
//! `contract`. Knows no window: the shell passes paths, bytes and handles.

mod account;
mod account_file;
mod analysing;
mod billing;
mod branding;
mod clinics;
mod command_errors;
mod edit_conversion;
mod edit_sync;
mod intake;
mod members;
mod page_images;
mod pages;
mod pictures;
mod reading;
mod record_sync;
mod records;
mod renderer;
mod report;
mod review;
mod second_factor;
mod session;
mod settings;
mod signing;
mod state;
mod statements;
mod unused_lines;

pub use self::{
    branding::{LetterheadInput, SignatureBlockInput},
    intake::PastedImage,
    page_images::{ImageRequest, PngImage},
    pictures::PicturePurpose,
    records::RecordFilter,
    report::SavedReport,
    session::ClinicRequest,
    state::{Desktop, DesktopConfig},
};
