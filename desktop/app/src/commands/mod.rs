//! The window's commands by subject: each takes its input, calls core and answers.

pub(crate) mod account;
pub(crate) mod billing;
pub(crate) mod events;
pub(crate) mod pages;
pub(crate) mod people;
pub(crate) mod records;
pub(crate) mod report;
pub(crate) mod review;
pub(crate) mod session;
pub(crate) mod settings;

use maneiro_api::RecordId;
use maneiro_core::contract::common::{CommandError, CommandErrorCode};
use serde::Deserialize;
use tauri::AppHandle;
use tauri_plugin_opener::OpenerExt as _;
use url::Url;

include!("list.rs");

/// What a command answers.
type CommandResult<T> = Result<T, CommandError>;

/// Names a record.
#[derive(Deserialize)]
pub(crate) struct OfRecord {
    record: RecordId,
}

/// Opens a page in the system's browser. Core says which pages may be opened.
fn open_in_browser(app: &AppHandle, page: Url) -> CommandResult<()> {
    app.opener().open_url(page, None::<&str>).map_err(|_| CommandErrorCode::Internal.into())
}

macro_rules! handler {
    ($($module:ident: $($name:ident),+;)+) => {
        /// The handler of all commands.
        pub(crate) fn handler() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($($module::$name),+),+]
        }
    };
}

commands!(handler);

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    macro_rules! names {
        ($($module:ident: $($name:ident),+;)+) => {
            [$($(stringify!($name)),+),+]
        };
    }

    fn repository(path: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The window may call each command, and nothing of Tauri or of a plugin.
    #[test]
    fn the_window_may_do_what_is_listed_and_nothing_else() {
        let capability: serde_json::Value =
            serde_json::from_str(&repository("desktop/app/capabilities/main.json")).unwrap();
        let allowed: Vec<&str> =
            capability["permissions"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        let listed: Vec<String> =
            commands!(names).iter().map(|name| format!("allow-{}", name.replace('_', "-"))).collect();
        assert_eq!(allowed, listed);
        assert_eq!(capability["windows"], serde_json::json!(["main"]));
        assert!(capability.get("remote").is_none(), "no page from elsewhere may call anything");
    }

    /// Every command of the contract is registered, and the other way round.
    #[test]
    fn the_contract_in_typescript_names_the_same_commands() {
        let mut contract = Vec::new();
        for file in
            ["session", "account", "people", "billing", "records", "pages", "review", "report", "settings"]
        {
            let text = repository(&format!("desktop/ui/src/backend/contract/{file}.ts"));
            let commands =
                text.split("Commands {").nth(1).unwrap_or_else(|| panic!("{file} has no commands"));
            let is_command = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
            let names = commands.lines().filter(is_command).filter_map(|line| {
                let (name, rest) = line.trim().split_once(": {")?;
                (rest.contains("in:") || rest.is_empty()).then(|| name.to_owned())
            });
            contract.extend(names);
        }
        let mut listed: Vec<String> = commands!(names)
            .iter()
            .filter(|name| **name != "subscribe")
            .map(|name| (*name).to_owned())
            .collect();
        // The window offers none of these.
        let not_offered = repository("desktop/ui/src/backend/notOffered.ts");
        contract.retain(|name| !not_offered.contains(&format!("\"{name}\",")));
        contract.sort();
        listed.sort();
        assert_eq!(contract, listed);
    }
}
