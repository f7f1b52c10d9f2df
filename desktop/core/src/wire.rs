//! Pages as the engine has them and as the wire has them, each made from the other.

use maneiro_api::page::{
    BBox, Field, FieldValue, HowRead, Hyphen, Language, Line, Missing, Page, Role, Unread, WhyUnread, Word,
};
use maneiro_engine as engine;

/// A page of the engine as the wire has it.
pub(crate) fn wire(page: engine::Page) -> Page {
    let how = match page.how {
        engine::HowRead::TextLayer => HowRead::TextLayer,
        engine::HowRead::Ocr { confidence } => HowRead::Ocr { confidence },
        engine::HowRead::Mixed { confidence } => HowRead::Mixed { confidence },
        engine::HowRead::Blank => HowRead::Blank,
    };
    let bbox = |bbox: engine::BBox| BBox { x0: bbox.x0, y0: bbox.y0, x1: bbox.x1, y1: bbox.y1 };
    let word =
        |word: engine::Word| Word { text: word.text, bbox: bbox(word.bbox), confidence: word.confidence };
    let line = |line: engine::Line| Line {
        words: line.words.into_iter().map(word).collect(),
        role: match line.role {
            engine::Role::Body => Role::Body,
            engine::Role::Head => Role::Head,
            engine::Role::Foot => Role::Foot,
            engine::Role::Note => Role::Note,
        },
        hyphen: line.hyphen.map(|hyphen| match hyphen {
            engine::Hyphen::Soft => Hyphen::Soft,
            engine::Hyphen::Hard => Hyphen::Hard,
        }),
    };
    let field = |field: engine::Field| Field {
        name: field.name,
        value: match field.value {
            engine::FieldValue::Text(text) => FieldValue::Text(text),
            engine::FieldValue::Checked(checked) => FieldValue::Checked(checked),
        },
        bbox: bbox(field.bbox),
    };
    let unread = |unread: engine::Unread| Unread {
        bbox: bbox(unread.bbox),
        why: match unread.why {
            engine::WhyUnread::Handwriting => WhyUnread::Handwriting,
            engine::WhyUnread::DamagedPicture => WhyUnread::DamagedPicture,
        },
    };
    let missing = |missing: engine::Missing| match missing {
        engine::Missing::NotChosen => Missing::NotChosen,
        engine::Missing::NotInstalled { package } => Missing::NotInstalled { package },
    };
    let language = |language: engine::Language| Language {
        model: language.model,
        name: language.name,
        missing: language.missing.map(missing),
    };
    Page {
        fields: page.fields.into_iter().map(field).collect(),
        unread: page.unread.into_iter().map(unread).collect(),
        language: page.language.map(language),
        ..Page::new(page.number, page.width, page.height, how, page.lines.into_iter().map(line).collect())
    }
}

/// As much of a page of the wire as the engine needs to know of its words: where they stand on which lines, which are
/// notes.
pub(crate) fn laid(page: Page) -> engine::Page {
    let how = match page.how {
        HowRead::TextLayer => engine::HowRead::TextLayer,
        HowRead::Ocr { confidence } => engine::HowRead::Ocr { confidence },
        HowRead::Mixed { confidence } => engine::HowRead::Mixed { confidence },
        // Nothing is known of them that could be laid.
        HowRead::Blank | HowRead::Repeat { .. } | HowRead::Unreadable { .. } => engine::HowRead::Blank,
    };
    let word = |word: Word| engine::Word {
        text: word.text,
        bbox: engine::BBox { x0: word.bbox.x0, y0: word.bbox.y0, x1: word.bbox.x1, y1: word.bbox.y1 },
        confidence: word.confidence,
    };
    let line = |line: Line| engine::Line {
        words: line.words.into_iter().map(word).collect(),
        role: match line.role {
            Role::Body => engine::Role::Body,
            Role::Head => engine::Role::Head,
            Role::Foot => engine::Role::Foot,
            Role::Note => engine::Role::Note,
        },
        hyphen: line.hyphen.map(|hyphen| match hyphen {
            Hyphen::Soft => engine::Hyphen::Soft,
            Hyphen::Hard => engine::Hyphen::Hard,
        }),
    };
    engine::Page::new(page.number, page.width, page.height, how, page.lines.into_iter().map(line).collect())
}
