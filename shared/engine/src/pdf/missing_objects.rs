//! What a page has lost: a file that breaks off still lists the objects that are gone, and a page that draws them is not
//! blank, nor is it all there. Follows the places where the page itself draws them, not those inside its drawings.

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

/// A picture is drawn from a square of this side onto its place (ISO 32000-2, 8.3.2.4).
const SIDE: f64 = 1.0;
/// What is at most so large on the page, in points, was no picture, but a drawing with a size of its own.
const NO_PICTURE: f64 = 2.0;

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
    content.into_iter().any(is_gone) || lacks_drawings(page)
}

fn lacks_drawings(page: &Page<'_>) -> bool {
    let drawings = &page.resources().x_objects;
    drawings.keys().any(|name| is_lost(drawings, name.as_ref()))
}

fn is_lost(drawings: &Dict<'_>, name: &[u8]) -> bool {
    drawings.contains_key(name) && drawings.get::<Stream<'_>>(name).is_none()
}

/// Where the page draws pictures that are not in the file, in points on the page as shown. Where it would draw something
/// else that is not there nobody knows: that may be anywhere.
pub(super) fn places(page: &Page<'_>) -> Vec<Rect> {
    if !lacks_drawings(page) {
        return Vec::new();
    }
    let (width, height) = page.render_dimensions();
    let bounds = Size::new(f64::from(width), f64::from(height)).to_rect();
    let mut places = Vec::new();
    let mut to_page = page.initial_transform(true).to_kurbo();
    let mut saved = Vec::new();
    let mut operations = page.typed_operations();
    while let Some(operation) = operations.next() {
        match operation {
            TypedInstruction::SaveState(_) => saved.push(to_page),
            TypedInstruction::RestoreState(_) => to_page = saved.pop().unwrap_or(to_page),
            TypedInstruction::Transform(transform) => to_page *= affine(&transform),
            TypedInstruction::XObject(drawn) if is_lost(&page.resources().x_objects, drawn.0.as_ref()) => {
                let place = to_page.transform_rect_bbox(Size::new(SIDE, SIDE).to_rect());
                let is_picture = place.width().max(place.height()) > NO_PICTURE;
                places.push(if is_picture { place.intersect(bounds) } else { bounds });
            }
            _ => {}
        }
    }
    places
}

fn affine(Transform(a, b, c, d, x, y): &Transform) -> Affine {
    Affine::new([a, b, c, d, x, y].map(Number::as_f64))
}

/// The fingerprint of a page that has lost something and would have this one without that. It is equal to no other: what
/// was lost need not be the same.
pub(super) fn fingerprint(without: [u8; 32], number: u32) -> [u8; 32] {
    Sha256::new_with_prefix(without).chain_update(number.to_le_bytes()).finalize().into()
}
