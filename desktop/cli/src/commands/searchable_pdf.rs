//! `searchable-pdf`: writes the searchable PDF of a file. Nothing is uploaded.

use maneiro_core::{
    Error,
    files::OutputFile,
    searchable_pdf::{check_source, write_searchable_pdf},
};
use serde_json::json;

use crate::{
    args,
    commands::read,
    context::{Context, current_binary},
    failure::Failure,
};

pub(crate) async fn run(context: &Context<'_>, args: args::SearchablePdfArgs) -> Result<(), Failure> {
    // Everything that can fail early is checked before minutes are spent on reading.
    let source = read::open_source(&args.file).await?;
    let output = OutputFile::new(args.out, args.force, &source).map_err(Error::from)?;
    let options = args.reading.options(current_binary()?);
    check_source(&options, &source).await?;
    let store = context.store().await?;
    let read = read::read_with_progress(context.ui, &store, &options, &source, None).await?;
    let bar = context.ui.page_bar("writing");
    bar.set_length(read.pages.into());
    let show_progress = |page: u32| bar.set_position(page.into());
    let written = write_searchable_pdf(&store, &options, &read, &output, &show_progress).await;
    bar.finish_and_clear();
    written?;
    if context.ui.is_json() {
        let document = json!({ "file": read::file_json(&read), "output_file": output.path() });
        context.ui.print_json(&document)?;
    } else {
        context.ui.show_step("written", &output.path().display().to_string());
    }
    Ok(())
}
