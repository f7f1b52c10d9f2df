//! The channel of events.

use maneiro_core::contract::events::ShellEvent;
use tauri::{AppHandle, ipc::Channel};

use crate::events;

/// Sends every event from now on; a window that was reloaded subscribes anew.
#[tauri::command]
pub(crate) async fn subscribe(app: AppHandle, channel: Channel<ShellEvent>) {
    events::forward(&app, channel);
}
