//! Measures the analyser; run by `make bench-analysis`. `pages COUNT` analyses made-up pages of about 400 words and prints pages
//! a second of processor time and peak memory, `polarity FILE` prints the assertion of each target of a file of sentences,
//! `findings FILE` prints what a text gives as JSON, and `terms FILE` the terms that the lexicon alone finds in each line.

use std::{env, fs, process::ExitCode, sync::Arc, time::Duration};

use maneiro_analysis::{
    Analyser, AnalysisControl, AnalysisRequest, SourcePage, find_terms, target_assertion,
};
use maneiro_api::DocumentId;
use maneiro_page::{BBox, Line, Page, TextSource, Word};
use time::macros::date;
use uuid::Uuid;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["pages", count] => count.parse().map_or(ExitCode::from(2), |count| {
            bench_pages(count);
            ExitCode::SUCCESS
        }),
        ["polarity", file] => fs::read_to_string(file).map_or(ExitCode::from(2), |sentences| {
            print_polarity(&sentences);
            ExitCode::SUCCESS
        }),
        ["findings", file] => fs::read_to_string(file).map_or(ExitCode::from(2), |text| {
            print_findings(&text);
            ExitCode::SUCCESS
        }),
        ["terms", file] => fs::read_to_string(file).map_or(ExitCode::from(2), |text| {
            for (number, line) in text.lines().enumerate() {
                for (kind, term) in find_terms(line) {
                    println!("{}\t{kind}\t{term}", number + 1);
                }
            }
            ExitCode::SUCCESS
        }),
        _ => {
            eprintln!("usage: bench pages COUNT | polarity FILE | findings FILE | terms FILE");
            ExitCode::from(2)
        }
    }
}

fn bench_pages(count: u32) {
    let request = AnalysisRequest { focus: None, window: None, today: date!(2025 - 02 - 20) };
    let control = Arc::new(AnalysisControl::default());
    let mut analyser = Analyser::new(request, control);
    let document = DocumentId::from_uuid(Uuid::from_u128(1));
    let (mut words, mut pushing) = (0, Duration::ZERO);
    for number in 1..=count {
        let page = make_page(number);
        words += page.words().count();
        let started = processor_time();
        analyser.push(SourcePage { document, page }).expect("nobody cancels");
        pushing += processor_time() - started;
    }
    let taken = memory_kb("VmRSS:");
    let started = processor_time();
    let output = analyser.finish().expect("nobody cancels");
    let finishing = processor_time() - started;
    let (pushing, finishing) = (pushing.as_secs_f64(), finishing.as_secs_f64());
    let statements = output.findings.statements().count();
    println!("pages                {count}");
    println!("words a page         {}", words / count as usize);
    println!("statements           {statements}");
    println!("pages a second       {:.0}", f64::from(count) / (pushing + finishing));
    println!("seconds to take      {pushing:.1}");
    println!("seconds to finish    {finishing:.1}");
    println!("MB before finishing  {}", taken.map_or(0, |kb| kb / 1024));
    println!("peak memory, MB      {}", memory_kb("VmHWM:").map_or(0, |kb| kb / 1024));
}

/// The time that this thread has had on a processor (Linux): what a busy machine takes from it is not counted.
fn processor_time() -> Duration {
    let status = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(status.split(' ').next().and_then(|time| time.parse().ok()).unwrap_or(0))
}

/// A size from this process's status (Linux).
fn memory_kb(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Sentences of clinical notes; `{n}`, `{d}`, `{m}` are a number, a decimal number and a day that differ from page to page.
const SECTIONS: [&[&str]; 6] = [
    &[
        "PROGRESS NOTE",
        "Patient: Doe, Jane   DOB: 03/14/1956   MRN: 00{n}11",
        "Date of visit: {m}",
        "HISTORY OF PRESENT ILLNESS:",
        "The patient is a 68-year-old woman with type 2 diabetes, hypertension and chronic kidney disease who returns",
        "for follow-up. She denies chest pain, dyspnea, orthopnea or palpitations. She reports fatigue and occasional",
        "dizziness on standing. There is no fever, cough or dysuria. Home blood pressures average 13{d} systolic.",
    ],
    &[
        "MEDICATIONS:",
        "1. Metformin 1000 mg PO BID",
        "2. Lisinopril {n} mg PO daily",
        "3. Atorvastatin 40 mg PO at bedtime",
        "4. Amlodipine 5 mg PO daily",
        "5. Furosemide {n} mg PO daily as needed for edema",
        "6. Apixaban 5 mg PO BID",
        "7. Levothyroxine 75 mcg PO daily",
    ],
    &[
        "VITALS: BP 1{n}/7{d} mmHg, HR {n}, RR 18, Temp 98.{n} F, SpO2 96%, weight {d} kg",
        "PHYSICAL EXAM:",
        "General: well nourished, no acute distress. Neck: supple, no lymphadenopathy. Lungs: clear to auscultation",
        "bilaterally, no wheezes or crackles. Heart: regular rate and rhythm, no murmur. Abdomen: soft, nontender, no",
        "hepatomegaly. Extremities: trace edema of both ankles, no cyanosis. Neuro: alert and oriented, no focal deficit.",
    ],
    &[
        "LABS:",
        "Collected: {m}",
        "Test   Result   Flag   Units   Reference range",
        "Sodium   13{n}      mmol/L   136 - 145",
        "Potassium   4.{n}      mmol/L   3.5 - 5.1",
        "Creatinine   1.{n}   H   mg/dL   0.57 - 1.00",
        "Glucose   1{n}   H   mg/dL   70 - 99",
        "Hemoglobin   1{d}   L   g/dL   12.0 - 15.5",
        "Hemoglobin A1c   7.{n}   H   %   4.0 - 5.6",
        "TSH   2.{n}      mIU/L   0.45 - 4.50",
    ],
    &[
        "IMAGING:",
        "Chest X-ray {m}: no focal consolidation, no pleural effusion, mild cardiomegaly unchanged from the prior study.",
        "CT abdomen and pelvis {m}: 4 mm nonobstructing left renal calculus. No hydronephrosis. Possible hepatic steatosis.",
        "PAST SURGICAL HISTORY:",
        "Laparoscopic cholecystectomy in 2012. Right total knee arthroplasty on {m}. Cataract surgery of both eyes.",
        "FAMILY HISTORY: mother had breast cancer, father died of myocardial infarction at 71.",
        "ALLERGIES: Penicillin (hives), codeine (nausea)",
    ],
    &[
        "ASSESSMENT AND PLAN:",
        "1. Type 2 diabetes mellitus, A1c 7.{n}, above goal. Increase metformin and recheck A1c in 3 months.",
        "2. Hypertension, controlled. Continue lisinopril and amlodipine.",
        "3. Chronic kidney disease stage 3a, stable. Avoid NSAIDs. Repeat basic metabolic panel in 6 weeks.",
        "4. Atrial fibrillation, rate controlled, on apixaban. No bleeding.",
        "5. Hypothyroidism, stable on levothyroxine. Possible sleep apnea, sleep study ordered.",
        "FOLLOW-UP: Return to clinic in 3 months. Call for chest pain or shortness of breath.",
        "Electronically signed by Helen Park, MD on {m}",
    ],
];

/// Lines of a page, and letters of a line, of a text without pages.
const PAGE_LINES: usize = 54;
const LINE_CHARS: usize = 92;

fn print_findings(text: &str) {
    let request = AnalysisRequest { focus: None, window: None, today: date!(2025 - 02 - 20) };
    let mut analyser = Analyser::new(request, Arc::new(AnalysisControl::default()));
    let document = DocumentId::from_uuid(Uuid::from_u128(1));
    let lines: Vec<String> = text.lines().flat_map(wrapped).collect();
    for (number, page) in (1..).zip(lines.chunks(PAGE_LINES)) {
        let lines = page.iter().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let lines = lines.map(|(row, line)| make_line(line, row)).collect();
        let page = Page::new(number, 612.0, 792.0, TextSource::TextLayer, lines);
        analyser.push(SourcePage { document, page }).expect("nobody cancels");
    }
    let output = analyser.finish().expect("nobody cancels");
    println!("{}", serde_json::to_string(&output.findings).expect("findings are JSON"));
}

/// The lines of a paragraph.
fn wrapped(paragraph: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in paragraph.split_whitespace() {
        let last = lines.last_mut().expect("never empty");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > LINE_CHARS {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

const CHAR_WIDTH_PT: f32 = 4.6;
const LINE_HEIGHT_PT: f32 = 13.0;
const MARGIN_PT: f32 = 40.0;

/// A page of all sections, in an order of its own and with its own numbers and days.
fn make_page(number: u32) -> Page {
    let first = usize::try_from(number).unwrap_or(0) % SECTIONS.len();
    let (head, rest) = (&SECTIONS[0], &SECTIONS[1..]);
    let texts = head.iter().chain(rest.iter().cycle().skip(first).take(rest.len()).copied().flatten());
    let mut seed = u64::from(number);
    let lines = texts.enumerate().map(|(row, text)| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let count = 10 + (seed >> 33) % 80;
        let day = format!("{:02}/{:02}/{}", 1 + number / 28 % 12, 1 + number % 28, 2010 + number / 336 % 15);
        let text = text
            .replace("{n}", &count.to_string())
            .replace("{d}", &format!("{}.{}", count % 10, (seed >> 40) % 10))
            .replace("{m}", &day);
        make_line(&text, row)
    });
    Page::new(number, 612.0, 792.0, TextSource::TextLayer, lines.collect())
}

/// The words of a line in a monospaced font; several spaces make a gap.
fn make_line(text: &str, row: usize) -> Line {
    let y0 = MARGIN_PT + LINE_HEIGHT_PT * row as f32;
    let mut column = 0;
    let mut words = Vec::new();
    for word in text.split(' ') {
        let length = word.chars().count();
        if length > 0 {
            let x0 = MARGIN_PT + CHAR_WIDTH_PT * column as f32;
            let bbox = BBox { x0, y0, x1: x0 + CHAR_WIDTH_PT * length as f32, y1: y0 + LINE_HEIGHT_PT * 0.8 };
            words.push(Word { text: word.to_owned(), bbox, confidence: 100 });
        }
        column += length + 1;
    }
    Line::body(words)
}

/// One line for each sentence: what the analyser says of its target.
fn print_polarity(sentences: &str) {
    for line in sentences.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let (sentence, target) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
        let assertion = target_assertion(sentence, target)
            .and_then(|assertion| serde_json::to_value(assertion).ok())
            .and_then(|value| value.as_str().map(str::to_owned));
        println!("{}", assertion.unwrap_or_else(|| "not found".to_owned()));
    }
}
