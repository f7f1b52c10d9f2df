//! Weekly: compares what is counted as stored with the bucket.

use crate::{app::storage_comparison, domain::error::Error, state::App};

pub(super) async fn run(app: &App) -> Result<(), Error> {
    storage_comparison::compare(app).await.map(drop)
}
