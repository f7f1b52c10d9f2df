//! What the environment sets.

use std::{path::PathBuf, sync::Arc, time::Duration};

use maneiro_api::RetryPolicy;
use maneiro_core::{
    desktop::DesktopConfig,
    files::DataFolder,
    keychain::SystemKeychain,
    system::{SystemRandom, SystemWallClock},
};

/// The address that the app is shipped with.
const PRESET_SERVER: &str = "https://cloud.maneiro.example";

/// Somebody sits before the window, and what can wait waits in the outbox.
const RETRY: RetryPolicy = RetryPolicy::with_total_delay(Duration::from_secs(6));

/// The record of a synthetic patient, from the project's own generator.
const SAMPLE_RECORD: &[u8] = include_bytes!("../../cli/sample/record.pdf");

/// The configuration, and where the window's place is kept.
///
/// - `MANEIRO_CLOUD_URL`: the preset server, in place of the shipped one.
/// - `MANEIRO_OUTBOX`: the folder where the embedded cloud of this computer puts its mails.
/// - `MANEIRO_DATA_DIR`: the data folder.
/// - `MANEIRO_STORE_KEY`: in place of the keychain's secret.
///
/// `page_base` is where the window fetches images.
///
/// # Errors
/// If there is no data folder, or the path of this program is unknown.
pub(crate) fn from_environment(
    page_base: String,
) -> Result<(DesktopConfig, PathBuf), Box<dyn std::error::Error>> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let folder = DataFolder::for_user().ok_or("this user has no data folder; set MANEIRO_DATA_DIR")?;
    let placement = folder.join("window.json");
    let preset = variable("MANEIRO_CLOUD_URL").unwrap_or_else(|| PRESET_SERVER.to_owned());
    let config = DesktopConfig {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        folder,
        keychain: Arc::new(SystemKeychain),
        store_key: variable("MANEIRO_STORE_KEY").map(Into::into),
        preset_server: preset.trim_end_matches('/').to_owned(),
        mail_outbox: variable("MANEIRO_OUTBOX").map(PathBuf::from),
        worker: std::env::current_exe()?,
        page_base,
        sample_record: SAMPLE_RECORD,
        retry: RETRY,
        random: Arc::new(SystemRandom),
        clock: Arc::new(SystemWallClock),
    };
    Ok((config, placement))
}
