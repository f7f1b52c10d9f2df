//! Objects that a page draws and the file lacks. A file that is cut off still lists the objects that are gone, and a page that
//! draws them is neither blank nor complete. Looks at what the page itself draws, not inside its form XObjects.

use hayro::{
    hayro_interpret::TransformExt,
    hayro_syntax::{
        content::ops::{Transform, TypedInstruction},
        object::{Array, Dict, MaybeRef, Number, Object, Stream},
        page::Page,
    },
    kurbo::{Affine, Rect, Size},
};
use sha2::{Digest, Sha256};

/// The square that is mapped to the place of an image (ISO 32000-2, 8.3.2.4).
const UNIT_SQUARE: Rect = Rect::new(0.0, 0.0, 1.0, 1.0);
/// A missing object that is drawn at most this large was a form XObject, which has its own size, not an image.
const MAX_FORM_SIDE_PT: f64 = 2.0;

/// Whether the page refers to content streams or XObjects that are not in the file.
pub(super) fn has_missing_content(page: &Page<'_>) -> bool {
    let is_missing_object = |object: MaybeRef<Object<'_>>| match object {
        MaybeRef::Ref(id) => page.xref().get::<Object<'_>>(id.into()).is_none(),
        MaybeRef::NotRef(_) => false,
    };
    let content: Vec<_> = match page.raw().get::<Array<'_>>(b"Contents") {
        Some(streams) => streams.raw_iter().collect(),
        None => page.raw().get_raw::<Object<'_>>(b"Contents").into_iter().collect(),
    };
    content.into_iter().any(is_missing_object) || has_missing_xobjects(page)
}

fn has_missing_xobjects(page: &Page<'_>) -> bool {
    let x_objects = &page.resources().x_objects;
    x_objects.keys().any(|name| is_missing(x_objects, name.as_ref()))
}

fn is_missing(x_objects: &Dict<'_>, name: &[u8]) -> bool {
    x_objects.contains_key(name) && x_objects.get::<Stream<'_>>(name).is_none()
}

/// The areas where the page draws images that are not in the file, in points on the page as shown. A missing form XObject
/// may have drawn anywhere, so its area is the whole page.
pub(super) fn missing_image_areas(page: &Page<'_>) -> Vec<Rect> {
    if !has_missing_xobjects(page) {
        return Vec::new();
    }
    let (width, height) = page.render_dimensions();
    let bounds = Size::new(f64::from(width), f64::from(height)).to_rect();
    let mut areas = Vec::new();
    let mut to_page = page.initial_transform(true).to_kurbo();
    let mut saved = Vec::new();
    let mut operations = page.typed_operations();
    while let Some(operation) = operations.next() {
        match operation {
            TypedInstruction::SaveState(_) => saved.push(to_page),
            TypedInstruction::RestoreState(_) => to_page = saved.pop().unwrap_or(to_page),
            TypedInstruction::Transform(transform) => to_page *= affine(&transform),
            TypedInstruction::XObject(drawn) if is_missing(&page.resources().x_objects, drawn.0.as_ref()) => {
                let area = to_page.transform_rect_bbox(UNIT_SQUARE);
                let is_image = area.width().max(area.height()) > MAX_FORM_SIDE_PT;
                areas.push(if is_image { area.intersect(bounds) } else { bounds });
            }
            _ => {}
        }
    }
    areas
}

fn affine(Transform(a, b, c, d, x, y): &Transform) -> Affine {
    Affine::new([a, b, c, d, x, y].map(Number::as_f64))
}

/// A fingerprint that no other page of the file has: two pages with missing objects are not duplicates, because the objects
/// may have differed. `recorded` is the fingerprint of what is left of the page.
pub(super) fn unique_fingerprint(recorded: [u8; 32], page_number: u32) -> [u8; 32] {
    Sha256::new_with_prefix(recorded).chain_update(page_number.to_le_bytes()).finalize().into()
}
