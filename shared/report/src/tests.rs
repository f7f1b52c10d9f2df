use std::{collections::BTreeMap, sync::LazyLock};

use lopdf::{Dictionary, Document, Object};
use maneiro_api::{
    DocumentId,
    analysis::{Analysis, LabFlag, SourceDocument},
    branding::{ClinicLetterhead, SignerBlock},
    edit::StatementSection,
    report::{PaperSize, ReportForm, ReportLanguage, ReportOptions},
};
use maneiro_page::BBox;

use super::*;
use crate::fixtures::{
    checked_statement, clinic_letterhead, document, empty_analysis, lab_result, many_labs, report_signature,
    signer_block, typical_analysis, unquoted_statement,
};

fn harbor_clinic() -> &'static ClinicLetterhead {
    static LETTERHEAD: LazyLock<ClinicLetterhead> = LazyLock::new(|| clinic_letterhead("Harbor Clinic"));
    &LETTERHEAD
}

fn report(analysis: &Analysis) -> Report<'_> {
    let letterhead = Some(harbor_clinic());
    let options = review_options();
    Report { letterhead, options, record_title: "Holloway, shoulder", analysis, date: DATE, signer: None }
}

/// The day of letters that are not signed.
const DATE: time::Date = time::macros::date!(2025 - 03 - 04);

/// All that there is, in English.
fn review_options() -> &'static ReportOptions {
    static OPTIONS: LazyLock<ReportOptions> = LazyLock::new(ReportOptions::default);
    &OPTIONS
}

fn open(analysis: &Analysis) -> Document {
    Document::load_mem(&pdf(&report(analysis)).unwrap()).unwrap()
}

/// What the PDF says, page after page: one space between words, nothing for invisible characters.
fn text_of(file: &Document) -> String {
    let numbers: Vec<u32> = file.get_pages().into_keys().collect();
    squeeze(&file.extract_text(&numbers).unwrap())
}

fn squeeze(text: &str) -> String {
    text.replace('\u{200b}', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text without any white space, for what may be broken into lines anywhere.
fn solid(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace() && *character != '\u{200b}').collect()
}

#[test]
fn pdf_states_what_the_analysis_states() {
    let analysis = typical_analysis();
    let text = solid(&text_of(&open(&analysis)));
    let wanted = [
        "Harbor Clinic",
        "Marian T. Holloway",
        "14 March 1966",
        "00482913",
        "left shoulder after the 2024 fall",
        "1 January 2023 to 28 February 2025",
        "Language model clinical-large-2",
        "1 March 2025, 09:26 UTC",
        "with good recovery. [p. 7]",
        "Penicillin Hives [pp. 1, 8]",
        "Metformin 500 mg by mouth twice daily Active [p. 14]",
        "eGFR (CKD-EPI 2021) 49 mL/min/1.73 m2 >= 60 Low 2025-01-14 [p. 18]",
        "Possible obstructive sleep apnea; the sleep study was put off. possible [p. 17]",
        "“Metformin ER 500 mg” [p. 14]",
        "[p. 16] repeats [p. 12]",
        "[p. 10] The image on this page is damaged.",
        "[p. 12] not read: handwriting",
        "[p. 15] 12 of 23 lines not understood",
        "Of 23 lines of text, 4 gave a statement",
        "Repeat potassium and creatinine in 2 weeks (2025-02-18) 2025-02-04 open [p. 19]",
        "holloway-record.pdf",
        "page 2 of 4",
    ];
    for wanted in wanted {
        assert!(text.contains(&solid(wanted)), "«{wanted}» is not in the report");
    }
    assert!(text.contains(&solid("[p. 4†]")), "the page that was hard to read is not marked");
}

#[test]
fn checked_statements_are_in_both_formats() {
    let analysis = typical_analysis();
    // A name in a table begins with a capital.
    let pdf = solid(&text_of(&open(&analysis))).to_lowercase();
    let markdown = markdown(&report(&analysis)).to_lowercase();
    let summary_and_more = analysis.findings.statements().filter(|it| it.checked);
    for statement in summary_and_more {
        // A table shows a measurement's words in its cells, in an order of its own.
        for word in statement.text.split_whitespace() {
            let word = word.trim_matches(|character: char| !character.is_alphanumeric()).to_lowercase();
            let known_otherwise = word == "bp";
            assert!(known_otherwise || pdf.contains(&word), "«{word}» is not in the PDF");
            assert!(known_otherwise || markdown.contains(&word), "«{word}» is not in the Markdown");
        }
    }
}

#[test]
fn doubtful_statements_are_never_among_the_facts() {
    let mut analysis = typical_analysis();
    let uncited = {
        let mut it = checked_statement("Uncited claim about gout.", 3);
        it.citations.clear();
        it
    };
    analysis.findings.summary.insert(0, uncited);
    analysis.findings.gaps.push(unquoted_statement("No colonoscopy on file.", 9));
    for text in [text_of(&open(&analysis)), markdown(&report(&analysis))] {
        let (facts, rest) = text.split_once("Doubtful - compare with the page").unwrap();
        for doubtful in ["atrial fibrillation", "Atrial fibrillation", "gout", "colonoscopy"] {
            assert!(!facts.contains(doubtful), "«{doubtful}» is among the facts");
            assert!(rest.contains(doubtful), "«{doubtful}» is missing");
        }
    }
}

#[test]
fn illness_of_a_relative_is_family_history() {
    let text = text_of(&open(&typical_analysis()));
    let (_, family) = text.split_once("Family history").unwrap();
    assert!(family.trim_start_matches([' ', '•']).starts_with("Breast cancer"));
    let (active, _) = text.split_once("Resolved or historical").unwrap();
    assert!(!active.contains("Breast cancer") && !active.contains("Stroke"));
}

/// The images that are drawn in a file.
fn images(file: &Document) -> usize {
    let is_image = |object: &&Object| {
        object
            .as_stream()
            .is_ok_and(|it| it.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|it| it == b"Image"))
    };
    file.objects.values().filter(is_image).count()
}

#[test]
fn a_signed_report_says_by_whom_and_when() {
    let analysis = typical_analysis();
    let (block, signature) = (signer_block(), report_signature());
    let signer = Some(Signer { block: &block, signature: Some(&signature) });
    let signed = Report { signer, ..report(&analysis) };
    let file = Document::load_mem(&pdf(&signed).unwrap()).unwrap();
    let texts = [solid(&text_of(&file)), solid(&markdown(&signed))];
    let digest = "0a".repeat(32);
    for wanted in [
        "Harbor Clinic",
        "12 Quay Street, Linden Falls",
        "Dora Doctor, MD",
        "Orthopaedic surgery",
        "Licence TX 12345",
        "Signed by Dora Doctor, MD on 2 March 2025, 17:05 UTC, version 2",
        &digest,
    ] {
        for text in &texts {
            assert!(text.contains(&solid(wanted)), "«{wanted}» is not in {text}");
        }
    }
    assert_eq!(images(&file), 2, "emblem and signature");
}

#[test]
fn a_draft_does_not_look_signed() {
    let analysis = typical_analysis();
    let block = signer_block();
    let draft = Report { signer: Some(Signer { block: &block, signature: None }), ..report(&analysis) };
    let file = Document::load_mem(&pdf(&draft).unwrap()).unwrap();
    for text in [solid(&text_of(&file)), solid(&markdown(&draft))] {
        assert!(text.contains("Draft,notsigned") && text.contains("DoraDoctor,MD"), "{text}");
        assert!(!text.contains("Signedby") && !text.contains("SHA-256"), "{text}");
    }
    assert_eq!(images(&file), 1, "the emblem, and no picture of a signature");
    let plain = Report { letterhead: None, ..report(&analysis) };
    let plain = Document::load_mem(&pdf(&plain).unwrap()).unwrap();
    assert!(!text_of(&plain).contains("Harbor Clinic") && images(&plain) == 0);
}

fn text_with(analysis: &Analysis, options: &ReportOptions) -> String {
    let file = Document::load_mem(&pdf(&Report { options, ..report(analysis) }).unwrap()).unwrap();
    solid(&text_of(&file))
}

fn letter_options() -> ReportOptions {
    let recipient = "Dr. Ana Pérez\n4 Mill Road".to_owned();
    ReportOptions { form: ReportForm::ShortLetter, recipient, ..ReportOptions::default() }
}

#[test]
fn a_letter_has_what_the_next_doctor_must_know() {
    let (analysis, options) = (typical_analysis(), letter_options());
    let letter = Report { options: &options, ..report(&analysis) };
    let file = pdf(&letter).unwrap();
    assert!(
        page_links(&file).unwrap().concat().iter().any(|link| link.page == 14),
        "references lead to pages"
    );
    let file = Document::load_mem(&file).unwrap();
    assert!(file.get_pages().len() <= 2);
    for text in [solid(&text_of(&file)), solid(&markdown(&letter).replace('\\', ""))] {
        for wanted in [
            "Harbor Clinic",
            "4 March 2025",
            "Dr. Ana Pérez",
            "4 Mill Road",
            "Re: Marian T. Holloway, born 14 March 1966, record number 00482913",
            "Possible obstructive sleep apnea; the sleep study was put off.",
            "Type 2 diabetes mellitus, since 2014 [pp. 1, 17]",
            "Metformin 500 mg by mouth twice daily [p. 14]",
            "Penicillin: hives [pp. 1, 8]",
            "Metformin ER 500 mg",
            "A dilated eye exam was ordered",
            "Doubtful - compare with the page",
            "Problems that are negated, planned or of relatives (2)",
            "Vital signs (1), Laboratory results (4)",
            "Documents: holloway-record.pdf (19 pages).",
        ] {
            assert!(text.contains(&solid(wanted)), "«{wanted}» is not in {text}");
        }
        for left_out in ["148/92", "Fell on wet stairs", "breast cancer", "Full code"] {
            assert!(!text.contains(&solid(left_out)), "«{left_out}» is in the letter");
        }
    }
}

#[test]
fn what_a_letter_leaves_out_is_not_nothing() {
    let (analysis, options) = (many_labs(3), letter_options());
    for text in
        [text_with(&analysis, &options), solid(&markdown(&Report { options: &options, ..report(&analysis) }))]
    {
        assert!(!text.contains("Nothingwasfound") && text.contains("Laboratoryresults(3)"), "{text}");
    }
}

#[test]
fn a_signed_letter_has_the_day_of_its_signature() {
    let (analysis, options) = (typical_analysis(), letter_options());
    let (block, signature) = (signer_block(), report_signature());
    let text = |signature| {
        let signer = Some(Signer { block: &block, signature });
        markdown(&Report { options: &options, signer, ..report(&analysis) })
    };
    assert!(text(Some(&signature)).contains("\n2 March 2025\n") && text(None).contains("\n4 March 2025\n"));
    assert!(text(None).contains("Sincerely,"));
}

#[test]
fn only_statements_and_quotes_stay_in_their_own_words() {
    let analysis = typical_analysis();
    let (block, signature) = (signer_block(), report_signature());
    let signer = Some(Signer { block: &block, signature: Some(&signature) });
    let labels = |texts: &texts::Texts| match serde_json::to_value(&texts.headings).unwrap() {
        serde_json::Value::Object(labels) => labels,
        _ => unreachable!("the headings are an object"),
    };
    let [english, spanish] =
        [ReportLanguage::En, ReportLanguage::Es].map(|language| labels(texts::Texts::new(language)));
    for form in [ReportForm::ShortLetter, ReportForm::FullReview] {
        let options = ReportOptions { form, language: ReportLanguage::Es, ..letter_options() };
        let report = Report { options: &options, signer, ..report(&analysis) };
        let file = Document::load_mem(&pdf(&report).unwrap()).unwrap();
        assert_eq!(file.catalog().unwrap().get(b"Lang").unwrap().as_str().unwrap(), b"es");
        let markdown = markdown(&report).replace('\\', "");
        for text in [solid(&text_of(&file)), solid(&markdown)] {
            for wanted in
                ["14 de marzo de 1966", "[págs. 1, 17]", "Firmado por Dora Doctor, MD", "“Metformin ER"]
            {
                let wanted = wanted.trim_start_matches('“');
                assert!(text.contains(&solid(wanted)), "«{wanted}» is not in {text}");
            }
            for (name, label) in &english {
                let label = solid(label.as_str().unwrap());
                // Short words are parts of others, and «Document» of «Documento».
                let is_part = label.chars().count() <= 6 || spanish[name].as_str().unwrap().contains(&label);
                assert_ne!(
                    spanish[name].as_str().map(solid).as_ref(),
                    Some(&label),
                    "{name} is not translated"
                );
                assert!(is_part || !text.contains(&label), "{name} is English in {text}");
            }
            for label in
                ["Active", "Stopped", "Frequency", "Medications", "negated", "Licence", "Signed by", "pages"]
            {
                assert!(!text.contains(&solid(label)), "«{label}» is English");
            }
        }
    }
}

#[test]
fn sections_that_are_left_out_are_named() {
    let mut analysis = typical_analysis();
    analysis.findings.labs[0].statement.checked = false;
    let sections = Some(vec![StatementSection::Labs, StatementSection::Medications]);
    let chosen = ReportOptions { sections, ..ReportOptions::default() };
    let note = "their statements: Conflicts (1), Problems (8, 1 of them doubtful)";
    let text = text_with(&analysis, &chosen);
    assert!(text.contains(&solid(note)), "{text}");
    assert!(text.contains("Potassium") && text.contains("Atorvastatin") && text.contains("goodrecovery"));
    assert!(!text.contains("Essentialhypertension") && !text.contains("MetforminER500mg"), "{text}");
    let sections = Some(vec![StatementSection::Problems]);
    let text = text_with(&analysis, &ReportOptions { sections, ..ReportOptions::default() });
    assert!(text.contains(&solid("Laboratory results (4, 1 of them doubtful)")), "{text}");
    assert!(!text_with(&analysis, &ReportOptions::default()).contains("leftoutofthisreport"));
}

#[test]
fn a_report_has_the_size_of_its_paper() {
    for (paper, width) in [(PaperSize::Letter, 612.0), (PaperSize::A4, 595.276)] {
        let analysis = typical_analysis();
        let options = ReportOptions { paper, ..ReportOptions::default() };
        let file =
            Document::load_mem(&pdf(&Report { options: &options, ..report(&analysis) }).unwrap()).unwrap();
        let page = file.get_dictionary(file.page_iter().next().unwrap()).unwrap();
        let size = page.get_deref(b"MediaBox", &file).unwrap().as_array().unwrap();
        assert!((size[2].as_float().unwrap() - width).abs() < 0.1, "{paper:?}: {size:?}");
    }
}

#[test]
fn markup_in_a_record_is_printed_literally() {
    let hostile = "#panic(\"x\") $x^2$ [a](b) *bold* _it_ `raw` @ref <label> \\ // /* */ = Head ~ #read(\"/etc/passwd\") \
                   #{1+1} -- ... 'single' \"double\" {\"json\": true} \\u{41}";
    let mut analysis = typical_analysis();
    analysis.findings.patient.name = Some(hostile.to_owned());
    analysis.findings.summary[0].text = hostile.to_owned();
    analysis.findings.labs[0].name = hostile.to_owned();
    analysis.sources[0].name = hostile.to_owned();
    analysis.focus = Some(hostile.to_owned());
    let letterhead = ClinicLetterhead { lines: vec![hostile.to_owned()], ..clinic_letterhead(hostile) };
    let block = SignerBlock { name: hostile.to_owned(), line: hostile.to_owned(), ..signer_block() };
    let signer = Some(Signer { block: &block, signature: None });
    let options = ReportOptions { recipient: hostile.to_owned(), ..ReportOptions::default() };
    let letterhead = Some(&letterhead);
    let report = Report { letterhead, record_title: hostile, signer, options: &options, ..report(&analysis) };
    let file = Document::load_mem(&pdf(&report).unwrap()).unwrap();
    let text = solid(&text_of(&file));
    let times = text.matches(&solid(hostile)).count();
    assert!(times >= 10, "the text stands there {times} times, not wherever it was put");
}

#[test]
fn ten_thousand_characters_flow_over_pages() {
    let mut analysis = empty_analysis();
    let sentence: String = (0..2000).map(|number| format!("w{number} ")).collect();
    assert!(sentence.len() > 10_000);
    let word = "x".repeat(10_000);
    analysis.findings.summary = vec![checked_statement(&sentence, 1), checked_statement(&word, 2)];
    let on = time::macros::date!(2025 - 01 - 01);
    let narrow = "y".repeat(1_000);
    analysis.findings.labs = vec![lab_result(&sentence, &narrow, "mg", "1 - 2", LabFlag::High, on, 3)];
    let text = solid(&text_of(&open(&analysis)));
    assert!(text.contains("w1998w1999"));
    assert!(text.matches('x').count() >= 10_000 && text.matches('y').count() >= 1_000);
}

#[test]
fn no_character_prevents_a_report() {
    let odd = [
        "emoji \u{1f469}\u{200d}\u{2695}\u{fe0f} \u{1f600}",
        "汉字 한국어 日本語 עברית العربية हिन्दी ไทย",
        "e\u{301} o\u{308}\u{304} q\u{303}\u{327} \u{1100}\u{1161} \u{483}а",
        "\u{e000} \u{f8ff} \u{10ffff} \u{fffe} \u{fffd} \u{0} \u{1b}[31m \u{7f} \u{85}",
        "\u{202e}reversed\u{202c} \u{2066}isolate\u{2069} soft\u{ad}hyphen \u{feff}",
        "½ µg/L ≥ 3 ± 0.5 °C α-blocker ² ‰ → ✓ ☐ ﬁ \u{301}",
    ];
    let mut analysis = typical_analysis();
    analysis.findings.summary = odd.iter().map(|text| checked_statement(text, 1)).collect();
    analysis.findings.patient.name = Some(odd.join(" "));
    analysis.findings.labs[0].unit = Some("µmol/L".to_owned());
    let text = text_of(&open(&analysis));
    assert!(text.contains("≥ 3 ± 0.5 °C"), "{text}");
    assert!(text.contains(MISSING_GLYPH));
    let alone =
        odd.iter().flat_map(|text| text.chars()).map(|character| format!("a{character}b {character}"));
    analysis.findings.summary = alone.map(|text| checked_statement(&text, 1)).collect();
    pdf(&report(&analysis)).unwrap();
}

#[test]
fn pdf_is_tagged_archival_and_accessible() {
    let file = open(&typical_analysis());
    let catalog = file.catalog().unwrap();
    assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"en");
    let marked = file.dereference(catalog.get(b"MarkInfo").unwrap()).unwrap().1.as_dict().unwrap();
    assert!(marked.get(b"Marked").unwrap().as_bool().unwrap());
    assert!(catalog.has(b"StructTreeRoot") && catalog.has(b"OutputIntents"));
    let metadata = file.get_object(catalog.get(b"Metadata").unwrap().as_reference().unwrap()).unwrap();
    let metadata = metadata.as_stream().unwrap().get_plain_content().unwrap();
    let metadata = String::from_utf8(metadata).unwrap();
    for wanted in
        ["pdfaid:part>2<", "pdfaid:conformance>A<", "pdfuaid:part>1<", "Record analysis: Marian T. Holloway"]
    {
        assert!(metadata.contains(wanted), "{wanted} is not in {metadata}");
    }
    let mut roles: BTreeMap<String, u32> = BTreeMap::new();
    for object in file.objects.values() {
        if let Ok(element) = object.as_dict()
            && let Ok(Object::Name(role)) = element.get(b"S")
        {
            *roles.entry(String::from_utf8_lossy(role).into_owned()).or_default() += 1;
        }
    }
    for role in ["Document", "H1", "H2", "P", "L", "LI", "Table", "THead", "TH", "TR", "TD"] {
        assert!(roles.contains_key(role), "no {role} in {roles:?}");
    }
}

#[test]
fn every_font_is_embedded() {
    let file = open(&typical_analysis());
    let fonts: Vec<&Dictionary> = file
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok())
        .filter(|object| object.has_type(b"FontDescriptor"))
        .collect();
    assert!(!fonts.is_empty());
    assert!(fonts.iter().all(|font| font.has(b"FontFile2") || font.has(b"FontFile3")));
}

#[test]
fn equal_reports_have_equal_bytes() {
    let analysis = typical_analysis();
    let first = pdf(&report(&analysis)).unwrap();
    let others: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..2).map(|_| scope.spawn(|| pdf(&report(&analysis)).unwrap())).collect();
        makers.into_iter().map(|maker| maker.join().unwrap()).collect()
    });
    assert!(others.iter().all(|other| *other == first));
}

#[test]
fn empty_analysis_says_so_once() {
    let analysis = empty_analysis();
    let text = text_of(&open(&analysis));
    assert_eq!(text.matches("Nothing was found").count(), 1);
    assert!(text.contains("not named in the record"));
    for absent in ["Medications", "Problems", "Conflicts", "Doubtful", "Born"] {
        assert!(!text.contains(absent), "{absent}");
    }
    assert_eq!(open(&analysis).get_pages().len(), 1);
    assert_eq!(markdown(&report(&analysis)).matches("Nothing was found").count(), 1);
}

#[test]
fn long_table_repeats_its_header_on_every_page() {
    let file = open(&many_labs(1000));
    let pages: Vec<u32> = file.get_pages().into_keys().collect();
    assert!(pages.len() > 15);
    for page in &pages[..pages.len() - 1] {
        assert!(squeeze(&file.extract_text(&[*page]).unwrap()).contains("Range"), "page {page} has no head");
    }
    assert!(text_of(&file).contains("Test number 999"));
}

#[test]
fn page_references_distinguish_documents() {
    let mut analysis = typical_analysis();
    let second: DocumentId = "doc_0197a6b2c3d47e8f9a0b1c2d3e4f5a09".parse().unwrap();
    let unknown: DocumentId = "doc_0197a6b2c3d47e8f9a0b1c2d3e4f5a0a".parse().unwrap();
    let source = SourceDocument {
        document: second,
        name: "letters.pdf".to_owned(),
        pages: 2,
        unreadable: Vec::new(),
        partly_read: Vec::new(),
    };
    analysis.sources.push(source);
    analysis.findings.summary[0].citations[0].document = second;
    analysis.findings.summary[1].citations[0].document = unknown;
    assert_eq!(analysis.sources[0].document, document());
    for text in [solid(&text_of(&open(&analysis))), solid(&markdown(&report(&analysis)))] {
        for wanted in ["goodrecovery.[2,p.7]", "in2weeks.[?,p.18]", "A1cfellfrom8.1%to7.2%.[1,p.18]"] {
            assert!(text.contains(wanted), "{wanted}");
        }
    }
}

#[test]
fn page_references_lead_to_pages_of_their_files() {
    let mut analysis = typical_analysis();
    analysis.sources[0].name = "javascript:alert(1) & more.pdf".to_owned();
    let pdf = pdf(&report(&analysis)).unwrap();
    let pages = page_links(&pdf).unwrap();
    assert_eq!(pages.len(), Document::load_mem(&pdf).unwrap().get_pages().len());
    let links: Vec<_> = pages.concat();
    let cited = |page| links.iter().any(|link| link.source == 1 && link.page == page);
    assert!([7, 8, 14, 17, 18].into_iter().all(cited), "{links:?}");
    for link in &links {
        let BBox { x0, y0, x1, y1 } = link.bbox;
        assert!(x0 > 60.0 && x1 < 560.0 && y0 > 60.0 && y1 < 740.0 && y1 - y0 < 20.0, "{link:?}");
    }
    let address = b"javascript%3Aalert%281%29%20%26%20more.pdf#page=7&source=1";
    let has_address = Document::load_mem(&pdf).unwrap().objects.values().any(|object| {
        let action = object.as_dict().and_then(|dictionary| dictionary.get(b"A")).and_then(Object::as_dict);
        action.and_then(|action| action.get(b"URI")).and_then(Object::as_str).is_ok_and(|uri| uri == address)
    });
    assert!(has_address, "a file's name has no meaning in an address");
}

#[test]
fn error_contains_nothing_of_the_data() {
    let files = vec![typeset::TemplateFile::from_text("data.json", "\"Holloway\"")];
    let fault =
        typeset::typeset("#json(\"other.json\")", files, time::macros::date!(2025 - 01 - 01)).unwrap_err();
    assert!(!fault.to_string().contains("Holloway"));
}

#[test]
fn markdown_escapes_what_would_be_markup() {
    let mut analysis = empty_analysis();
    analysis.findings.summary = vec![
        checked_statement(
            "1. first | <script>alert(1)</script> [link](http://x) `code` **bold** _it_ # no & so \\ ~~on~~",
            1,
        ),
        checked_statement("- a list\n\n# a heading", 2),
        checked_statement("--- 2) two", 3),
        checked_statement("8.1 % is a value, -5 too", 4),
    ];
    analysis.findings.medications = typical_analysis().findings.medications;
    analysis.findings.medications[0].name = "A | B\nC".to_owned();
    let text = markdown(&report(&analysis));
    let wanted = [
        r"1. 1\. first \| \<script\>alert(1)\</script\> \[link\](http://x) \`code\` \*\*bold\*\* \_it\_ \# no \& so \\ \~\~on\~\~ [p. 1]",
        r"2. \- a list \# a heading [p. 2]",
        r"3. \--- 2) two [p. 3]",
        r"- 8.1 % is a value, -5 too [p. 4]",
        r"| A \| B C",
    ];
    for wanted in wanted {
        assert!(text.lines().any(|line| line.starts_with(wanted)), "{wanted}\n is not in\n{text}");
    }
    let columns = |line: &str| line.replace(r"\|", "").matches('|').count();
    let table: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert!(table.iter().all(|line| columns(line) == columns(table[0])));
}

#[test]
#[ignore = "for review: REPORT_FOLDER=folder cargo test .. write_reports -- --ignored writes reports there"]
fn write_reports_for_review() {
    let folder = std::env::var("REPORT_FOLDER").unwrap();
    let long = {
        let mut long = typical_analysis();
        let name = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschafers".repeat(2);
        long.findings.patient.name =
            Some(format!("Maria Antonia Josepha Benedicta {name} y Castellanos de la Frontera"));
        long.findings.medications[0].name =
            "Acetylsalicylic-acid/esomeprazole-magnesium-trihydrate modified-release capsules".to_owned();
        long.findings.medications[1].dose = Some("0123456789012345678901234567890123456789 mg".to_owned());
        long.findings.labs[0].unit = Some("millimoles/kilogram-of-creatinine/24h".to_owned());
        long.sources[0].name = format!("{}.pdf", "scan_of_everything_".repeat(12));
        long.findings.summary[0].text = "word ".repeat(400);
        long
    };
    let cases = [
        ("ordinary", typical_analysis()),
        ("empty", empty_analysis()),
        ("many", many_labs(1000)),
        ("long", long),
    ];
    let forms = [ReportForm::ShortLetter, ReportForm::FullReview];
    for (name, analysis) in cases {
        for (form, language) in
            forms.into_iter().flat_map(|form| [(form, ReportLanguage::En), (form, ReportLanguage::Es)])
        {
            let is_long = name == "long";
            let clinic = if is_long {
                "The Very Long Named Clinic for Orthopaedic Surgery, Sports Medicine and Rehabilitation of Linden Falls and Surroundings"
            } else {
                "Harbor Clinic"
            };
            let recipient = if is_long {
                ["A recipient whose name and whose address are as long as four lines of text may be at most on paper "; 4]
                    .join("\n")
            } else {
                "Dr. Ana Pérez\nLinden Falls Family Practice\n4 Mill Road\nLinden Falls, TX 75001".to_owned()
            };
            let paper = if language == ReportLanguage::Es { PaperSize::A4 } else { PaperSize::Letter };
            let options =
                ReportOptions { form, language, recipient, paper, sections: None, letterhead: true };
            let letterhead = clinic_letterhead(clinic);
            let (block, signature) = (signer_block(), report_signature());
            let signature = (name != "many").then_some(&signature);
            let signer = Some(Signer { block: &block, signature });
            let letterhead = (name != "empty").then_some(&letterhead);
            let report = Report { letterhead, signer, options: &options, ..report(&analysis) };
            let name = format!("{folder}/{name}-{form:?}-{language:?}");
            std::fs::write(format!("{name}.pdf"), pdf(&report).unwrap()).unwrap();
            std::fs::write(format!("{name}.md"), markdown(&report)).unwrap();
        }
    }
}
