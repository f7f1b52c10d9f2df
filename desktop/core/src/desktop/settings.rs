//! About, and the support bundle.

use super::state::Desktop;
use crate::{
    contract::{
        common::{CommandError, Timestamp},
        records::ReadingState,
        settings::{About, AboutComponent, AboutServer, BundleFile, SupportBundle},
    },
    licences::licences,
};

impl Desktop {
    /// What this program is made of. `commit` and `built_at` are the shell's.
    #[must_use]
    pub fn about(&self, commit: &str, built_at: Timestamp) -> About {
        let server = self.server();
        let version = self.shared.config.version.clone();
        About {
            version: version.clone(),
            commit: commit.to_owned(),
            built_at,
            server: AboutServer { url: server.url, version: server.version },
            components: vec![AboutComponent { name: "Maneiro".to_owned(), version: version.clone() }],
            licences: licences(&version),
        }
    }

    /// What helps to find a fault: versions and counts, nothing of a patient.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn support_bundle(&self) -> Result<SupportBundle, CommandError> {
        let server = self.server();
        let mut lines = vec![
            format!("version: {}", self.shared.config.version),
            format!("system: {} {}", std::env::consts::OS, std::env::consts::ARCH),
            format!("server version: {}", server.version.as_deref().unwrap_or("not seen")),
            format!("server is preset: {}", server.preset),
        ];
        if let Ok(session) = self.session() {
            let rows = session.store.records().await?;
            let running = rows.iter().filter(|row| row.reading == ReadingState::Running).count();
            let waiting = rows.iter().filter(|row| row.request.is_some()).count();
            lines.push(format!("records: {}", rows.len()));
            lines.push(format!("being read: {running}"));
            lines.push(format!("waiting for the cloud: {waiting}"));
            lines.push(format!("offline: {}", session.is_offline()));
        }
        let id = self.new_uuid().simple().to_string();
        let files = vec![BundleFile { name: "system.txt".to_owned(), text: lines.join("\n") + "\n" }];
        Ok(SupportBundle { id, name: "maneiro-support.txt".to_owned(), files })
    }
}
