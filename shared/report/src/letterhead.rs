//! The letterhead and the place of the signature, as they are printed.

use maneiro_api::{
    branding::{ClinicLetterhead, ReportPicture, SignerBlock},
    signature::ReportSignature,
};
use time::UtcOffset;

use crate::{
    model::{LetterheadModel, PictureModel, SignatureModel},
    texts::Texts,
};

/// How large a picture of the resolution that the service keeps is printed.
const PICTURE_DPI: f32 = 300.0;

const POINTS_PER_INCH_PT: f32 = 72.0;

/// The largest width and height of the letterhead's picture.
const LETTERHEAD_PICTURE_PT: [f32; 2] = [170.0, 58.0];

/// The largest width and height of the picture of a signature.
const SIGNATURE_PICTURE_PT: [f32; 2] = [160.0, 52.0];

/// Where a PNG says its width and its height (PNG, third edition, 11.2.1).
const PNG_SIZE: std::ops::Range<usize> = 16..24;

pub(crate) fn letterhead(letterhead: &ClinicLetterhead) -> LetterheadModel {
    let ClinicLetterhead { name, lines, picture } = letterhead;
    let picture = picture.as_ref().and_then(|picture| printed_picture(picture, LETTERHEAD_PICTURE_PT));
    LetterheadModel { name: name.clone(), lines: lines.clone(), picture }
}

/// A draft has the block without its picture, and says that it is none.
pub(crate) fn signature(
    block: &SignerBlock,
    signature: Option<&ReportSignature>,
    texts: &Texts,
) -> SignatureModel {
    let licence = Some(&block.licence).filter(|licence| !licence.is_empty());
    let licence = licence.map(|licence| (texts.licence)(licence));
    let lines = [Some(block.line.clone()), licence, Some(block.phone.clone())];
    let picture = block.picture.as_ref().filter(|_| signature.is_some());
    SignatureModel {
        name: block.name.clone(),
        lines: lines.into_iter().flatten().filter(|text| !text.is_empty()).collect(),
        picture: picture.and_then(|picture| printed_picture(picture, SIGNATURE_PICTURE_PT)),
        is_signed: signature.is_some(),
        statement: signature.map_or_else(
            || texts.draft.to_owned(),
            |signature| {
                let signed_at = (texts.date_and_minute)(signature.signed_at.to_offset(UtcOffset::UTC));
                (texts.signed)(&block.name, &signed_at, signature.version)
            },
        ),
        digest: signature.map(|signature| (texts.digest)(&signature.sha256)),
    }
}

/// The picture at its own size, or smaller to fit; none if the bytes are no PNG.
fn printed_picture(picture: &ReportPicture, [max_width, max_height]: [f32; 2]) -> Option<PictureModel> {
    let (width, height) = picture.file.get(PNG_SIZE)?.split_first_chunk::<4>()?;
    let px = |bytes: &[u8]| Some(u32::from_be_bytes(bytes.try_into().ok()?) as f32).filter(|px| *px > 0.0);
    let (width, height) = (px(width)?, px(height)?);
    let scale = (POINTS_PER_INCH_PT / PICTURE_DPI).min(max_width / width).min(max_height / height);
    let (width_pt, height_pt) = (width * scale, height * scale);
    Some(PictureModel { width_pt, height_pt, png: picture.file.clone() })
}
