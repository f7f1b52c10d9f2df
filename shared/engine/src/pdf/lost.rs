//! Whether a page that shows nothing has lost what it showed: a file that breaks off still lists the objects that are
//! gone, and such a page is not blank.

use hayro::hayro_syntax::{
    object::{Array, Dict, MaybeRef, Object, Stream},
    page::Page,
};

/// Whether the page names content or drawings that are not in the file.
pub(super) fn is_emptied(page: &Page<'_>) -> bool {
    let is_gone = |object: MaybeRef<Object<'_>>| match object {
        MaybeRef::Ref(id) => page.xref().get::<Object<'_>>(id.into()).is_none(),
        MaybeRef::NotRef(_) => false,
    };
    let content: Vec<_> = match page.raw().get::<Array<'_>>(b"Contents") {
        Some(parts) => parts.raw_iter().collect(),
        None => page.raw().get_raw::<Object<'_>>(b"Contents").into_iter().collect(),
    };
    let drawings: &Dict<'_> = &page.resources().x_objects;
    content.into_iter().any(is_gone)
        || drawings.keys().any(|name| drawings.get::<Stream<'_>>(name.as_ref()).is_none())
}
