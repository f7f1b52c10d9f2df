//! Generates the text of clinical pages from a seed: letters, progress notes, tables of results, medication lists, leaflets in
//! two columns. They describe nobody: sentences are put together from lists of words.

use rand::{Rng, RngExt as _, seq::IndexedRandom as _};
use serde::Serialize;

/// One page as the template `page.typ` takes it.
#[derive(Debug, Serialize)]
pub(super) struct GeneratedPage {
    /// A font that comes with the typesetter.
    pub(super) font: &'static str,
    /// In points.
    pub(super) size: f32,
    /// How many columns the blocks are set in.
    columns: u8,
    /// The lines above the rule at the top.
    head: Vec<String>,
    blocks: Vec<ProseBlock>,
    /// The texts at the bottom, left and right.
    foot: [String; 2],
}

/// A part of a page.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum ProseBlock {
    Heading {
        text: String,
    },
    Prose {
        text: String,
    },
    /// Each with a number before it.
    Steps {
        items: Vec<String>,
    },
    /// The first row is the header.
    Table {
        rows: Vec<Vec<String>>,
    },
}

const FONTS: [(&str, f32); 3] =
    [("Libertinus Serif", 11.0), ("New Computer Modern", 10.5), ("DejaVu Sans Mono", 8.8)];

impl GeneratedPage {
    /// Page `number` of a record.
    pub(super) fn generate(number: usize, rng: &mut impl Rng) -> Self {
        let (font, size) = *pick(&FONTS, rng);
        let (columns, title, blocks) = match number % 5 {
            0 => (1, "Progress note", progress_note(rng)),
            1 => (1, "Laboratory report", laboratory_report(rng)),
            2 => (1, "Letter to the referring physician", letter(rng)),
            3 => (1, "Medication list", medication_list(rng)),
            _ => (2, "Information for patients", leaflet(rng)),
        };
        Self {
            font,
            size,
            columns,
            head: vec![
                format!("{} {}", pick(&PLACES, rng), pick(&HOUSES, rng)),
                title.to_owned(),
                format!(
                    "Patient: {}   Date: {}   MRN: {:08}",
                    name(rng),
                    date(rng),
                    rng.random_range(0..90_000_000)
                ),
            ],
            blocks,
            foot: ["Synthetic record, no real person".to_owned(), format!("Page {}", number + 1)],
        }
    }

    /// All words as a reader meets them, from top to bottom.
    pub(super) fn text(&self) -> String {
        let mut lines: Vec<String> = self.head.clone();
        for block in &self.blocks {
            match block {
                ProseBlock::Heading { text } | ProseBlock::Prose { text } => lines.push(text.clone()),
                ProseBlock::Steps { items } => {
                    lines.extend(items.iter().zip(1..).map(|(item, number)| format!("{number}. {item}")));
                }
                ProseBlock::Table { rows } => lines.extend(rows.iter().map(|row| row.join(" "))),
            }
        }
        lines.extend(self.foot.iter().cloned());
        lines.join("\n")
    }
}

fn progress_note(rng: &mut impl Rng) -> Vec<ProseBlock> {
    let mut blocks = Vec::new();
    for title in ["Subjective", "Objective", "Assessment"] {
        blocks.push(heading(title));
        blocks.push(prose(rng.random_range(4..=6), rng));
    }
    blocks.push(heading("Plan"));
    let steps = rng.random_range(3..=6);
    blocks.push(ProseBlock::Steps { items: (0..steps).map(|_| sentence(rng)).collect() });
    blocks
}

fn laboratory_report(rng: &mut impl Rng) -> Vec<ProseBlock> {
    let header = ["Test", "Result", "Unit", "Reference", "Flag"].map(str::to_owned).to_vec();
    let mut rows = vec![header];
    let mut tests: Vec<_> = LABS.sample(rng, 18).copied().collect();
    tests.sort_by_key(|test| test.0);
    for (test, low, high, decimals, unit) in tests {
        let spread = high - low;
        let value = (low - 0.3 * spread + rng.random_range(0.0..1.6) * spread).max(0.1);
        let flag = if value < low {
            "L"
        } else if value > high {
            "H"
        } else {
            ""
        };
        rows.push(vec![
            test.to_owned(),
            format!("{value:.decimals$}"),
            unit.to_owned(),
            format!("{low:.decimals$} - {high:.decimals$}"),
            flag.to_owned(),
        ]);
    }
    vec![prose(2, rng), ProseBlock::Table { rows }, heading("Comment"), prose(3, rng)]
}

fn letter(rng: &mut impl Rng) -> Vec<ProseBlock> {
    let mut blocks = vec![prose(1, rng)];
    for _ in 0..4 {
        blocks.push(prose(rng.random_range(4..=6), rng));
    }
    blocks
}

fn medication_list(rng: &mut impl Rng) -> Vec<ProseBlock> {
    let header = ["Medication", "Dose", "How taken", "For"].map(str::to_owned).to_vec();
    let mut rows = vec![header];
    for (drug, dose) in DRUGS.sample(rng, 12) {
        let taken = pick(&FREQUENCIES, rng).to_string();
        rows.push(vec![(*drug).to_owned(), (*dose).to_owned(), taken, pick(&CONDITIONS, rng).to_string()]);
    }
    vec![prose(3, rng), ProseBlock::Table { rows }, heading("Reviewed with the patient"), prose(4, rng)]
}

fn leaflet(rng: &mut impl Rng) -> Vec<ProseBlock> {
    let mut blocks = Vec::new();
    for title in ["Before the visit", "Your treatment", "At home", "When to call us"] {
        blocks.push(heading(title));
        blocks.push(prose(5, rng));
    }
    blocks
}

fn heading(text: &str) -> ProseBlock {
    ProseBlock::Heading { text: text.to_owned() }
}

fn prose(sentences: usize, rng: &mut impl Rng) -> ProseBlock {
    let sentences: Vec<String> = (0..sentences).map(|_| sentence(rng)).collect();
    ProseBlock::Prose { text: sentences.join(" ") }
}

fn pick<'a, T>(list: &'a [T], rng: &mut impl Rng) -> &'a T {
    list.choose(rng).expect("a list has something in it")
}

fn name(rng: &mut impl Rng) -> String {
    format!("{} {}. {}", pick(&FIRST_NAMES, rng), rng.random_range('A'..='Z'), pick(&LAST_NAMES, rng))
}

fn date(rng: &mut impl Rng) -> String {
    let (month, day, year) =
        (rng.random_range(1..=12), rng.random_range(1..=28), rng.random_range(2016..=2025));
    format!("{month:02}/{day:02}/{year}")
}

/// A sentence template with its blanks filled in: `{drug}` and the like.
fn sentence(rng: &mut impl Rng) -> String {
    let mut rest = *pick(&SENTENCES, rng);
    let mut said = String::new();
    while let Some((before, blank)) = rest.split_once('{') {
        let (blank, after) = blank.split_once('}').expect("a blank is closed");
        said.push_str(before);
        said.push_str(&fill(blank, rng));
        rest = after;
    }
    said.push_str(rest);
    said
}

fn fill(blank: &str, rng: &mut impl Rng) -> String {
    match blank {
        "drug" => {
            let (drug, dose) = pick(&DRUGS, rng);
            format!("{drug} {dose}")
        }
        "often" => pick(&FREQUENCIES, rng).to_string(),
        "condition" => pick(&CONDITIONS, rng).to_string(),
        "symptom" => pick(&SYMPTOMS, rng).to_string(),
        "part" => pick(&PARTS, rng).to_string(),
        "study" => pick(&STUDIES, rng).to_string(),
        "finding" => pick(&FINDINGS, rng).to_string(),
        "name" => name(rng),
        "date" => date(rng),
        "weeks" => rng.random_range(2..=26).to_string(),
        "score" => rng.random_range(1..=10).to_string(),
        "angle" => (rng.random_range(4..=17) * 10).to_string(),
        "pressure" => format!("{}/{}", rng.random_range(102..=168), rng.random_range(58..=98)),
        "pulse" => rng.random_range(54..=108).to_string(),
        "weight" => format!("{:.1}", rng.random_range(48.0..124.0)),
        other => panic!("nothing is known for the blank {other}"),
    }
}

const SENTENCES: [&str; 36] = [
    "The patient reports {symptom} for {weeks} weeks, worse at night and after climbing stairs.",
    "She denies {symptom}, {symptom} and {symptom}.",
    "He was last seen on {date} for {condition}, which has been stable since.",
    "Blood pressure was {pressure} mmHg, pulse {pulse}/min and weight {weight} kg.",
    "{study} of {date} showed {finding} of the {part}.",
    "Pain in the {part} is rated {score}/10 at rest and {score}/10 on movement.",
    "Continue {drug} {often}; the dose was not changed today.",
    "We started {drug} {often} because of {condition}.",
    "Active elevation of the {part} reaches {angle} degrees, passive {angle} degrees.",
    "There is a history of {condition} and of {condition}, diagnosed on {date}.",
    "Dr. {name} was informed by telephone on {date} and agrees with the plan.",
    "The examination of the {part} was unremarkable except for {finding}.",
    "{study} is to be repeated in {weeks} weeks, sooner if {symptom} returns.",
    "No known drug allergies were recorded, although a rash after penicillin is remembered from childhood.",
    "The family history includes {condition} in the mother and {condition} in a brother.",
    "He stopped {drug} on his own {weeks} weeks ago because of {symptom}.",
    "Strength was 4/5 on the left and 5/5 on the right; sensation to light touch was intact.",
    "Thank you for referring this pleasant patient, whom we saw together with {name} on {date}.",
    "Physical therapy twice a week for {weeks} weeks was recommended for the {part}.",
    "Return at once if {symptom}, fever above 38.5 C or {symptom} should occur.",
    "The wound over the {part} is clean and dry, without redness or discharge.",
    "She tolerates {drug} well and takes it {often}, usually with breakfast.",
    "Renal function is to be checked before contrast is given for the {study}.",
    "It is likely that {symptom} is caused by {condition}; other causes were excluded.",
    "A second opinion from {name} may be useful if {condition} does not improve.",
    "The patient lives alone on the third floor, does not smoke, and drinks one glass of wine a week.",
    "Compared with the study of {date}, {finding} is unchanged in size and shape.",
    "Please bring all of your medicines, or a list of them, to every visit.",
    "Do not drive or use heavy tools for 24 hours after the procedure.",
    "Lungs are clear on both sides; heart sounds are regular, with no murmur, rub or gallop.",
    "Drink enough water, rest when you are tired, and walk a little further each day.",
    "Immunizations against influenza and tetanus were given on {date}.",
    "Off work for {weeks} weeks; light duties afterwards, no lifting above 5 kg.",
    "If the pharmacy has no {drug}, ask us before you take another product.",
    "Differential diagnosis: {condition} (likely), {condition} (possible), {condition} (doubtful).",
    "Since the fall on {date} there has been {symptom}, treated with {drug} {often}.",
];

const FIRST_NAMES: [&str; 16] = [
    "Agnes", "Bertram", "Clara", "Dominic", "Edith", "Fergus", "Greta", "Harold", "Imogen", "Jasper",
    "Katrin", "Leopold", "Miriam", "Nathan", "Ottilie", "Quentin",
];

const LAST_NAMES: [&str; 16] = [
    "Abernathy",
    "Birch",
    "Castellan",
    "Dunmore",
    "Eastwood",
    "Fairbanks",
    "Greaves",
    "Hollister",
    "Ingram",
    "Jansen",
    "Kirkland",
    "Lindqvist",
    "Marchetti",
    "Norwood",
    "Overholt",
    "Pemberton",
];

const PLACES: [&str; 8] = [
    "Alder Creek",
    "Brookhaven",
    "Cedar Falls",
    "Eastgate",
    "Harbour View",
    "Millbrook",
    "Northfield",
    "Westerly",
];

const HOUSES: [&str; 6] = [
    "Medical Center",
    "Community Hospital",
    "Orthopaedic Associates",
    "Family Practice",
    "Internal Medicine Group",
    "Rehabilitation Clinic",
];

const DRUGS: [(&str, &str); 24] = [
    ("Acetaminophen", "650 mg"),
    ("Amlodipine", "5 mg"),
    ("Apixaban", "2.5 mg"),
    ("Atorvastatin", "40 mg"),
    ("Bisoprolol", "1.25 mg"),
    ("Carvedilol", "12.5 mg"),
    ("Cetirizine", "10 mg"),
    ("Citalopram", "20 mg"),
    ("Empagliflozin", "10 mg"),
    ("Furosemide", "40 mg"),
    ("Gabapentin", "300 mg"),
    ("Hydrochlorothiazide", "25 mg"),
    ("Ibuprofen", "400 mg"),
    ("Levothyroxine", "75 mcg"),
    ("Lisinopril", "20 mg"),
    ("Losartan", "50 mg"),
    ("Metformin", "1000 mg"),
    ("Montelukast", "10 mg"),
    ("Naproxen", "500 mg"),
    ("Pantoprazole", "40 mg"),
    ("Prednisone", "7.5 mg"),
    ("Rosuvastatin", "10 mg"),
    ("Tamsulosin", "0.4 mg"),
    ("Warfarin", "3 mg"),
];

const FREQUENCIES: [&str; 8] = [
    "once daily",
    "twice daily",
    "three times a day",
    "every 8 hours",
    "at bedtime",
    "every other day",
    "as needed for pain",
    "with meals",
];

const CONDITIONS: [&str; 18] = [
    "type 2 diabetes mellitus",
    "essential hypertension",
    "chronic kidney disease stage 3a",
    "atrial fibrillation",
    "osteoarthritis of the knee",
    "hypothyroidism",
    "mixed hyperlipidemia",
    "lumbar spinal stenosis",
    "obstructive sleep apnea",
    "iron deficiency anemia",
    "gastroesophageal reflux",
    "carpal tunnel syndrome",
    "rotator cuff tear",
    "plantar fasciitis",
    "seasonal allergic rhinitis",
    "chronic obstructive pulmonary disease",
    "migraine without aura",
    "peripheral neuropathy",
];

const SYMPTOMS: [&str; 16] = [
    "shortness of breath",
    "chest pain",
    "dizziness",
    "swelling of the ankles",
    "numbness of the fingers",
    "a dry cough",
    "night sweats",
    "loss of appetite",
    "blurred vision",
    "palpitations",
    "morning stiffness",
    "nausea",
    "a burning pain",
    "headache",
    "weakness of the grip",
    "difficulty sleeping",
];

const PARTS: [&str; 14] = [
    "left shoulder",
    "right shoulder",
    "cervical spine",
    "lumbar spine",
    "left knee",
    "right knee",
    "right wrist",
    "left hip",
    "right ankle",
    "abdomen",
    "left elbow",
    "thoracic spine",
    "right hand",
    "neck",
];

const STUDIES: [&str; 8] = [
    "Magnetic resonance imaging",
    "An X-ray",
    "Computed tomography",
    "Ultrasound",
    "Electromyography",
    "Echocardiography",
    "A bone density scan",
    "An exercise test",
];

const FINDINGS: [&str; 10] = [
    "a small effusion",
    "mild degenerative change",
    "a partial tear of 8 mm",
    "moderate narrowing",
    "no fracture or dislocation",
    "slight tenderness",
    "a cyst measuring 1.4 x 0.9 cm",
    "calcification",
    "a healed scar of 6 cm",
    "limited rotation",
];

/// Test, lower and upper limit, decimals, unit.
const LABS: [(&str, f64, f64, usize, &str); 26] = [
    ("Alanine aminotransferase", 7.0, 55.0, 0, "U/L"),
    ("Albumin", 3.5, 5.0, 1, "g/dL"),
    ("Alkaline phosphatase", 40.0, 129.0, 0, "U/L"),
    ("Aspartate aminotransferase", 8.0, 48.0, 0, "U/L"),
    ("Bilirubin, total", 0.1, 1.2, 1, "mg/dL"),
    ("C-reactive protein", 0.1, 5.0, 1, "mg/L"),
    ("Calcium", 8.6, 10.2, 1, "mg/dL"),
    ("Chloride", 98.0, 107.0, 0, "mmol/L"),
    ("Cholesterol, HDL", 40.0, 80.0, 0, "mg/dL"),
    ("Cholesterol, LDL", 50.0, 130.0, 0, "mg/dL"),
    ("Creatinine", 0.59, 1.04, 2, "mg/dL"),
    ("Ferritin", 11.0, 307.0, 0, "ng/mL"),
    ("Glucose, fasting", 70.0, 99.0, 0, "mg/dL"),
    ("Hematocrit", 35.5, 44.9, 1, "%"),
    ("Hemoglobin", 11.6, 15.0, 1, "g/dL"),
    ("Hemoglobin A1c", 4.0, 5.6, 1, "%"),
    ("Magnesium", 1.7, 2.3, 1, "mg/dL"),
    ("Phosphate", 2.5, 4.5, 1, "mg/dL"),
    ("Platelets", 157.0, 371.0, 0, "10E9/L"),
    ("Potassium", 3.6, 5.2, 1, "mmol/L"),
    ("Red blood cells", 3.92, 5.13, 2, "10E12/L"),
    ("Sodium", 135.0, 145.0, 0, "mmol/L"),
    ("Thyrotropin", 0.30, 4.20, 2, "mIU/L"),
    ("Urea nitrogen", 6.0, 21.0, 0, "mg/dL"),
    ("Vitamin B12", 180.0, 914.0, 0, "ng/L"),
    ("White blood cells", 3.4, 9.6, 1, "10E9/L"),
];

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn every_blank_of_every_sentence_can_be_filled() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..2_000 {
            let said = sentence(&mut rng);
            assert!(!said.contains(['{', '}']), "{said}");
        }
    }
}
