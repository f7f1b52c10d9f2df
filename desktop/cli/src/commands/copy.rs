//! `copy`: a searchable copy of a file. Nothing leaves this machine.

use maneiro_core::{
    Error,
    searchable_pdf::{self, Place},
};
use serde_json::json;

use crate::{
    args,
    commands::read,
    context::{Context, this_binary},
    failure::Failure,
};

/// Reads a file and writes its searchable copy.
pub(crate) async fn run(context: &Context<'_>, args: args::Copy) -> Result<(), Failure> {
    // Everything that can be refused at once is, before minutes are spent on reading.
    let source = read::examine(&args.file).await?;
    let place = Place::new(args.out, args.force, &source).map_err(Error::from)?;
    let options = args.reading.options(this_binary()?);
    searchable_pdf::check(&options, &source).await?;
    let store = context.store().await?;
    let read = read::file(context.ui, &store, &options, &source, None).await?;
    let bar = context.ui.pages("copying");
    bar.set_length(read.pages.into());
    let written =
        searchable_pdf::write(&store, &options, &read, &place, &|page| bar.set_position(page.into())).await;
    bar.finish_and_clear();
    written?;
    let path = place.path();
    if context.ui.is_json() {
        context.ui.print_json(&json!({ "file": read::as_json(&read), "written": path }))?;
    } else {
        context.ui.done("copied", &path.display().to_string());
    }
    Ok(())
}
