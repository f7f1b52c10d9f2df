//! From core, the window system and other processes to the window: all events through one channel, in their order.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use maneiro_core::{
    contract::{
        events::{OfferPath, ShellEvent, WindowPoint},
        session::SessionState,
    },
    desktop::Desktop,
};
use tauri::{
    AppHandle, DragDropEvent, Manager as _, Window, WindowEvent, async_runtime::JoinHandle, ipc::Channel,
};
use tokio::sync::broadcast::error::RecvError;

use crate::window;

/// Twenty times a second.
const MIN_DRAG_INTERVAL: Duration = Duration::from_millis(50);

/// What goes on between the shell and its window.
#[derive(Default)]
pub(crate) struct WindowEvents {
    forwarder: Mutex<Option<JoinHandle<()>>>,
    /// Files that the program was started with, until the window can take them.
    waiting_files: Mutex<Vec<PathBuf>>,
    /// How many files hover over the window, and when it was last told where.
    drag: Mutex<(u32, Option<Instant>)>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends events to the window that subscribed last.
pub(crate) fn forward(app: &AppHandle, channel: Channel<ShellEvent>) {
    let mut events = app.state::<Desktop>().subscribe();
    let app_of_task = app.clone();
    let task = tauri::async_runtime::spawn(async move {
        loop {
            let event = match events.recv().await {
                Ok(event) => event,
                // What was missed is asked for anew.
                Err(RecvError::Lagged(_)) => ShellEvent::RecordsChanged,
                Err(RecvError::Closed) => return,
            };
            let is_locked = matches!(&event, ShellEvent::Session { session: SessionState::Locked { .. } });
            if channel.send(event).is_err() {
                return;
            }
            if is_locked {
                // Nothing of a record stays in the web view's memory.
                window::reload(&app_of_task);
                return;
            }
        }
    });
    let before = lock(&app.state::<WindowEvents>().forwarder).replace(task);
    if let Some(before) = before {
        before.abort();
    }
}

/// Files hover over the window, or were dropped onto it.
pub(crate) fn on_window_event(window: &Window, event: &WindowEvent) {
    let WindowEvent::DragDrop(event) = event else { return };
    let app = window.app_handle();
    let scale = window.scale_factor().unwrap_or(1.0);
    let (state, desktop) = (app.state::<WindowEvents>(), app.state::<Desktop>());
    let tell = |count, position: tauri::PhysicalPosition<f64>| {
        desktop.emit(ShellEvent::Drag { count, x: position.x / scale, y: position.y / scale });
    };
    match event {
        DragDropEvent::Enter { paths, position } => {
            let count = u32::try_from(paths.len()).unwrap_or(u32::MAX);
            *lock(&state.drag) = (count, Some(Instant::now()));
            tell(count, *position);
        }
        DragDropEvent::Over { position } => {
            let mut drag = lock(&state.drag);
            if drag.1.is_none_or(|told| told.elapsed() >= MIN_DRAG_INTERVAL) {
                drag.1 = Some(Instant::now());
                tell(drag.0, *position);
            }
        }
        DragDropEvent::Drop { paths, position } => {
            tell(0, *position);
            let at = WindowPoint { x: position.x / scale, y: position.y / scale };
            offer(app, paths.clone(), OfferPath::Dropped, Some(at));
        }
        DragDropEvent::Leave => tell(0, tauri::PhysicalPosition::new(0.0, 0.0)),
        _ => {}
    }
}

fn offer(app: &AppHandle, paths: Vec<PathBuf>, how: OfferPath, at: Option<WindowPoint>) {
    let desktop = app.state::<Desktop>().inner().clone();
    tauri::async_runtime::spawn(async move {
        let files = desktop.offer_files(paths).await;
        desktop.emit(ShellEvent::FilesOffered { files, how, at });
    });
}

/// Files of a command line, ours or that of a second process. They wait until the window lists records.
pub(crate) fn open_files(app: &AppHandle, arguments: &[String], folder: &std::path::Path) {
    let files = arguments.iter().skip(1).filter(|argument| !argument.starts_with('-'));
    let paths: Vec<PathBuf> = files.map(|file| folder.join(file)).filter(|path| path.is_file()).collect();
    if paths.is_empty() {
        return;
    }
    let is_open = matches!(app.state::<Desktop>().session_state(), SessionState::Open { .. });
    if is_open && lock(&app.state::<WindowEvents>().forwarder).is_some() {
        offer(app, paths, OfferPath::Opened, None);
    } else {
        lock(&app.state::<WindowEvents>().waiting_files).extend(paths);
    }
}

/// Offers what the program was started with.
pub(crate) async fn offer_opened(app: &AppHandle) {
    let paths = std::mem::take(&mut *lock(&app.state::<WindowEvents>().waiting_files));
    if !paths.is_empty() {
        offer(app, paths, OfferPath::Opened, None);
    }
}
