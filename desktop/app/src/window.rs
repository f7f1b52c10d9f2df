//! The window: hidden until its first themed frame, where it was last on a screen that is there, and without a way out.

use std::{path::PathBuf, time::Duration};

use maneiro_core::{contract::session::ColorScheme, desktop::Desktop, files::write_atomically};
use serde::{Deserialize, Serialize};
use tauri::{
    App, AppHandle, Manager as _, Monitor, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
    webview::{Color, NewWindowResponse},
};

pub(crate) const LABEL: &str = "main";

/// When the window is shown even if its page says nothing.
const SHOW_AFTER: Duration = Duration::from_millis(1500);

const SIZE: (f64, f64) = (1280.0, 800.0);
const MIN_SIZE: (f64, f64) = (900.0, 600.0);

/// As much of the window's top must be on a screen, so that it can be taken hold of.
const MIN_VISIBLE: (f64, f64) = (160.0, 40.0);

/// The grounds of both schemes, as in `desktop/ui/index.html`.
const LIGHT_GROUND: Color = Color(0xf5, 0xf7, 0xf8, 0xff);
const DARK_GROUND: Color = Color(0x11, 0x17, 0x1a, 0xff);

/// Where the window is, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Placement {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    is_maximized: bool,
}

/// A screen in logical pixels.
#[derive(Debug, Clone, Copy)]
struct Screen {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// The file that keeps the placement.
pub(crate) struct PlacementFile(pub(crate) PathBuf);

/// Makes the window, hidden.
///
/// # Errors
/// Those of Tauri.
pub(crate) fn create(app: &App) -> tauri::Result<()> {
    let scheme = app.state::<Desktop>().preferences().scheme;
    let kept = std::fs::read(&app.state::<PlacementFile>().0).ok();
    let kept: Option<Placement> = kept.and_then(|text| serde_json::from_slice(&text).ok());
    let screens: Vec<Screen> = app.available_monitors()?.iter().map(screen).collect();
    let placement = kept.and_then(|kept| kept.clamp(&screens));
    let (width, height) = placement.map_or(SIZE, |placement| (placement.width, placement.height));
    let mut builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Maneiro")
        .visible(false)
        .inner_size(width, height)
        .min_inner_size(MIN_SIZE.0, MIN_SIZE.1)
        .devtools(cfg!(debug_assertions))
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny);
    builder = match placement {
        Some(placement) => builder.position(placement.x, placement.y).maximized(placement.is_maximized),
        None => builder.center(),
    };
    builder = match scheme {
        ColorScheme::Light => builder.background_color(LIGHT_GROUND),
        ColorScheme::Dark => builder.background_color(DARK_GROUND),
        ColorScheme::System => builder,
    };
    let window = builder.build()?;
    keep_placement(&window);
    let app = app.handle().clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOW_AFTER).await;
        show_window(&app);
    });
    Ok(())
}

/// The program's own page, and nothing else. A reload is one.
fn is_own_page(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

/// Shows the window, once.
pub(crate) fn show_window(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL)
        && !window.is_visible().unwrap_or(false)
    {
        // A window that the system refuses to show cannot be shown by us.
        let _ = window.show();
        let _ = window.set_focus();
    }
}

/// Brings the window to the front: a second process was started.
pub(crate) fn raise(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // As in `show_window`.
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}

/// Loads the page anew, so that nothing of before stays in its memory.
pub(crate) fn reload(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL)
        && let Err(error) = window.reload()
    {
        tracing::error!(error = %error, "the window could not be reloaded");
    }
}

fn keep_placement(window: &WebviewWindow) {
    let kept = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { .. } = event
            && let Some(placement) = placement(&kept)
        {
            let text = serde_json::to_vec(&placement).expect("a placement has finite numbers only");
            let path = &kept.state::<PlacementFile>().0;
            if let Err(error) = write_atomically(path, &text) {
                tracing::warn!(error = %error, "the window's place could not be kept");
            }
        }
    });
}

fn placement(window: &WebviewWindow) -> Option<Placement> {
    let scale = window.scale_factor().ok()?;
    let position = window.outer_position().ok()?.to_logical::<f64>(scale);
    let size = window.inner_size().ok()?.to_logical::<f64>(scale);
    let is_maximized = window.is_maximized().ok()?;
    Some(Placement { x: position.x, y: position.y, width: size.width, height: size.height, is_maximized })
}

fn screen(monitor: &Monitor) -> Screen {
    let scale = monitor.scale_factor();
    let position = monitor.position().to_logical::<f64>(scale);
    let size = monitor.size().to_logical::<f64>(scale);
    Screen { x: position.x, y: position.y, width: size.width, height: size.height }
}

impl Placement {
    /// The placement on a screen that is there, no larger than it; none if no screen shows enough of it.
    fn clamp(self, screens: &[Screen]) -> Option<Self> {
        let overlap = |start: f64, length: f64, from: f64, extent: f64| {
            (start + length).min(from + extent) - start.max(from)
        };
        let width = self.width.max(MIN_SIZE.0);
        let screen = screens.iter().find(|screen| {
            overlap(self.x, width, screen.x, screen.width) >= MIN_VISIBLE.0
                && overlap(self.y, MIN_VISIBLE.1, screen.y, screen.height) >= MIN_VISIBLE.1
        })?;
        Some(Self {
            width: width.min(screen.width.max(MIN_SIZE.0)),
            height: self.height.clamp(MIN_SIZE.1, screen.height.max(MIN_SIZE.1)),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Screen = Screen { x: 0.0, y: 0.0, width: 1920.0, height: 1080.0 };

    fn at(x: f64, y: f64, width: f64, height: f64) -> Placement {
        Placement { x, y, width, height, is_maximized: false }
    }

    #[test]
    fn a_window_on_a_screen_that_is_gone_is_centred_anew() {
        let second = Screen { x: 1920.0, ..SCREEN };
        let kept = at(2000.0, 50.0, 1280.0, 800.0);
        assert_eq!(kept.clamp(&[SCREEN, second]), Some(kept));
        assert_eq!(kept.clamp(&[SCREEN]), None);
        assert_eq!(at(100.0, -200.0, 1280.0, 800.0).clamp(&[SCREEN]), None, "its title cannot be reached");
        assert_eq!(kept.clamp(&[]), None);
    }

    #[test]
    fn a_window_is_never_larger_than_its_screen() {
        let small = Screen { width: 1024.0, height: 700.0, ..SCREEN };
        assert_eq!(at(0.0, 0.0, 2560.0, 1400.0).clamp(&[small]), Some(at(0.0, 0.0, 1024.0, 700.0)));
        assert_eq!(at(0.0, 0.0, 10.0, 10.0).clamp(&[small]), Some(at(0.0, 0.0, 900.0, 600.0)));
    }

    #[test]
    fn only_the_programs_own_page_is_navigated_to() {
        let is_own = |url: &str| is_own_page(&Url::parse(url).unwrap());
        assert!(is_own("tauri://localhost/index.html"));
        for url in
            ["https://example.com/", "tauri://elsewhere/", "file:///etc/passwd", "about:blank", "data:,x"]
        {
            assert!(!is_own(url), "{url}");
        }
    }
}
