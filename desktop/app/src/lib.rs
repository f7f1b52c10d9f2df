//! The window of Maneiro: a Tauri shell around `maneiro-core`. Decides nothing.

mod commands;
mod config;
mod dialogs;
mod events;
mod page_protocol;
mod print;
mod window;

use maneiro_core::desktop::Desktop;

use crate::{page_protocol::PageSecret, window::PlacementFile};

/// Runs the window until it is closed.
///
/// # Errors
/// Those of Tauri, and of finding the data folder.
pub fn run() -> Result<(), Box<dyn std::error::Error>> {
    let secret = PageSecret::generate();
    let (config, placement) = config::from_environment(secret.page_base())?;
    tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, arguments, folder| {
            window::raise(app);
            events::open_files(app, &arguments, folder.as_ref());
        }))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_clipboard_manager::init())
        .manage(secret)
        .manage(PlacementFile(placement))
        .manage(Desktop::new(config))
        .manage(events::WindowEvents::default())
        .register_asynchronous_uri_scheme_protocol(page_protocol::SCHEME, |context, request, responder| {
            page_protocol::respond(context.app_handle(), &request, responder);
        })
        .invoke_handler(commands::handler())
        .on_window_event(events::on_window_event)
        .setup(|app| {
            let arguments: Vec<String> = std::env::args().collect();
            events::open_files(app.handle(), &arguments, &std::env::current_dir().unwrap_or_default());
            let desktop = tauri::Manager::state::<Desktop>(app).inner().clone();
            tauri::async_runtime::spawn(async move { desktop.lock_when_idle().await });
            Ok(window::create(app)?)
        })
        .build(tauri::generate_context!())?
        .run(|app, event| {
            if let tauri::RunEvent::Exit = event {
                let desktop = tauri::Manager::state::<Desktop>(app).inner().clone();
                tauri::async_runtime::block_on(desktop.close());
            }
        });
    Ok(())
}
