//! What happens to clinics by themselves, with time.

use crate::{
    app::usage_review,
    domain::{error::Error, task::LeasedTask},
    state::App,
};

/// Hourly, so that a trial that began is told of within the hour.
pub(super) async fn enqueue_reviews(app: &App) -> Result<(), Error> {
    usage_review::enqueue_reviews(app).await
}

pub(super) async fn review(app: &App, task: &LeasedTask) -> Result<(), Error> {
    usage_review::review(app, &task.lease).await
}

/// Every six hours.
pub(super) async fn enqueue_measurements(app: &App) -> Result<(), Error> {
    usage_review::enqueue_measurements(app).await
}

pub(super) async fn measure(app: &App, task: &LeasedTask) -> Result<(), Error> {
    usage_review::measure(app, &task.lease).await
}
