//! Detects signatures. A signed PDF is never extended, not even by an update that leaves the signed bytes as they are: its
//! author has vouched for what it shows.

use std::collections::HashSet;

use hayro::hayro_syntax::{
    Pdf,
    object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier},
};

/// Further fields of a form are ignored.
const MAX_FIELDS: usize = 100_000;

pub(super) fn is_signed(pdf: &Pdf) -> bool {
    let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()).unwrap_or_default();
    // A certified document restricts what may be changed in it (ISO 32000-2, 12.8.6).
    let is_certified = catalog.get::<Dict<'_>>(b"Perms").is_some_and(|permissions| !permissions.is_empty());
    is_certified || has_byte_range(pdf.data().as_ref()) || has_signed_field(&catalog, pdf)
}

/// Whether a signature states the bytes that it covers. A byte range is never in a compressed object.
fn has_byte_range(bytes: &[u8]) -> bool {
    let mut names = bytes.split(|byte| *byte == b'/').skip(1);
    names.any(|name| {
        name.strip_prefix(b"ByteRange").is_some_and(|value| value.trim_ascii_start().starts_with(b"["))
    })
}

/// Whether a signature field of the form has a value.
fn has_signed_field(catalog: &Dict<'_>, pdf: &Pdf) -> bool {
    let form = catalog.get::<Dict<'_>>(b"AcroForm").unwrap_or_default();
    // Each field with whether its parents are signature fields.
    let mut open: Vec<_> = references(&form, b"Fields").into_iter().map(|field| (field, false)).collect();
    let mut seen = HashSet::new();
    while let Some((field, is_below_signature)) = open.pop() {
        let field = match field {
            MaybeRef::Ref(id) if seen.insert(ObjectIdentifier::from(id)) && seen.len() < MAX_FIELDS => {
                pdf.xref().get::<Dict<'_>>(id.into())
            }
            MaybeRef::NotRef(Object::Dict(dict)) => Some(dict),
            MaybeRef::Ref(_) | MaybeRef::NotRef(_) => None,
        };
        let Some(field) = field else { continue };
        let is_signature =
            field.get::<Name<'_>>(b"FT").map_or(is_below_signature, |kind| kind.as_str() == "Sig");
        if is_signature && field.get::<Dict<'_>>(b"V").is_some() {
            return true;
        }
        open.extend(references(&field, b"Kids").into_iter().map(|kid| (kid, is_signature)));
    }
    false
}

fn references<'a>(dict: &Dict<'a>, key: &[u8]) -> Vec<MaybeRef<Object<'a>>> {
    let array = dict.get::<Array<'a>>(key);
    array.map(|array| array.raw_iter().take(MAX_FIELDS).collect()).unwrap_or_default()
}
