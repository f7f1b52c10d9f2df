/** What an analyser makes of the made-up record: statements with quotes. Boxes are looked up on the pages, never written here. */
import type { Assertion, Citation, Place, Section, Statement, StatementDetails } from "../../contract";
import { boxesOf, findWords } from "./layout";
import { sampleDocument, sampleWords } from "./record";

interface Draft {
  section: Section;
  text: string;
  /** Page and quote; a quote over two pages has ` ¶ ` where the page ends. */
  quotes: [number, string][];
  assertion?: Assertion;
  details?: Partial<StatementDetails>;
  in_conflict?: boolean;
  checked?: boolean;
  weak?: [string, number];
}

const s = (section: Section, text: string, quotes: [number, string][], more: Partial<Draft> = {}): Draft => ({
  section,
  text,
  quotes,
  ...more,
});

const lab = (
  name: string,
  value: string,
  unit: string,
  range: string,
  flag: "low" | "high" | "normal",
  quote: [number, string],
  date: string,
): Draft => {
  const mark = flag === "normal" ? "" : `, ${flag}`;
  return s("labs", `${name} ${value} ${unit}${mark}`, [quote], {
    details: { name, value, unit, reference_range: range, flag, date },
  });
};

const drafts: Draft[] = [
  s(
    "summary",
    "Allergies disagree: none known in one place, penicillin and lisinopril in another",
    [
      [1, "Penicillin Hives 1994"],
      [4, "No known drug allergies (NKDA)."],
      [6, "the emergency department recorded no allergies."],
    ],
    { in_conflict: true },
  ),
  s("summary", "Urine albumin/creatinine 68 mg/g, high", [
    [18, "Urine albumin/creatinine 68 H mg/g < 30"],
    [19, "Urine albumin/creatinine 68 mg/g, higher than in 2023."],
  ]),
  s("summary", "Full-thickness tear of the left supraspinatus tendon", [
    [7, "Full-thickness tear of the left supraspinatus tendon, 1.8 cm, with 1.5 cm of retraction."],
    [6, "suspected full-thickness rotator cuff tear."],
    [9, "Acute traumatic full-thickness tear of the left supraspinatus tendon in an active patient."],
    [12, "Crescent-shaped full-thickness tear of the supraspinatus,"],
    [13, "Full-thickness tear of the left supraspinatus tendon after a fall."],
  ]),
  s(
    "conflicts",
    "Drug allergies: none known in the emergency note; penicillin and lisinopril elsewhere",
    [
      [4, "No known drug allergies (NKDA)."],
      [1, "Penicillin Hives 1994"],
      [14, "Penicillin: hives. Lisinopril: dry cough."],
    ],
    { in_conflict: true },
  ),
  s(
    "conflicts",
    "Metformin: 500 mg twice daily in the list of August 2024, 1000 mg twice daily at discharge",
    [
      [14, "Metformin ER 500 mg by mouth twice daily"],
      [13, "Metformin 1000 mg by mouth twice daily"],
    ],
    { in_conflict: true },
  ),
  s(
    "problems",
    "Type 2 diabetes mellitus, since 2014",
    [
      [1, "Type 2 diabetes mellitus, since 2014"],
      [2, "Type 2 diabetes mellitus, not at goal."],
      [8, "type 2 diabetes mellitus (last A1c 7.9 % in March 2024),"],
      [17, "Type 2 diabetes mellitus with chronic kidney disease stage 3a."],
    ],
    { details: { code: "ICD-10-CM E11.9" } },
  ),
  s(
    "problems",
    "Chronic kidney disease stage 3a",
    [
      [1, "Chronic kidney disease stage 3a, since 2022"],
      [2, "Chronic kidney disease stage 3a with albuminuria."],
      [6, "CKD stage 3a on losartan: NSAIDs are to be avoided."],
      [8, "chronic kidney disease stage 3a."],
    ],
    { details: { code: "ICD-10-CM N18.31" } },
  ),
  s(
    "problems",
    "Essential hypertension, since 2012",
    [
      [1, "Essential hypertension, since 2012"],
      [6, "Hypertension, above goal, in pain and on ibuprofen."],
    ],
    { details: { code: "ICD-10-CM I10" } },
  ),
  s("problems", "Mixed hyperlipidemia", [
    [1, "Mixed hyperlipidemia"],
    [2, "Mixed hyperlipidemia."],
  ]),
  s(
    "problems",
    "Obstructive sleep apnea",
    [
      [2, "Possible obstructive sleep apnea. STOP-BANG score 4."],
      [17, "Possible obstructive sleep apnea:"],
      [19, "Home sleep study for possible sleep apnea"],
    ],
    { assertion: "possible" },
  ),
  s(
    "problems",
    "Myocardial infarction, stroke",
    [
      [1, "No history of myocardial infarction, stroke"],
      [8, "She has never had a heart attack or a stroke."],
    ],
    {
      assertion: "negated",
    },
  ),
  s("problems", "Deep vein thrombosis", [[1, "or deep vein thrombosis."]], { assertion: "negated" }),
  s("problems", "Myocardial infarction at 62", [[1, "Father: myocardial infarction at age 62."]], {
    assertion: "family",
    details: { relation: "father" },
  }),
  s("problems", "Breast cancer at 67", [[1, "Mother: breast cancer at age 67."]], {
    assertion: "family",
    details: { relation: "mother" },
  }),
  s(
    "problems",
    "Colon cancer at 55",
    [
      [1, "Brother: colon cancer at age 55."],
      [19, "Screening colonoscopy (brother had colon cancer)"],
    ],
    { assertion: "family", details: { relation: "brother" } },
  ),
  s("problems", "Iron deficiency anemia, resolved 2021", [[1, "Iron deficiency anemia, resolved 2021"]], {
    assertion: "historical",
  }),
  s("problems", "Community-acquired pneumonia, 2019", [[1, "Community-acquired pneumonia, 2019, resolved"]], {
    assertion: "historical",
  }),
  s("problems", "Adhesive capsulitis is unlikely", [[9, "Adhesive capsulitis is unlikely,"]], { assertion: "negated" }),
  s("signs_symptoms", "Left shoulder pain 6/10, worse at night", [[6, "Pain 6/10, worse at night,"]]),
  s("signs_symptoms", "Drop arm test positive", [[4, "Drop arm test positive."]]),
  s("signs_symptoms", "Empty can test positive, external rotation strength 4/5", [
    [6, "Empty can test positive, external rotation strength 4/5."],
  ]),
  s("signs_symptoms", "Lift-off test", [[6, "Lift-off test negative."]], { assertion: "negated" }),
  s(
    "signs_symptoms",
    "Numbness or tingling of the hand",
    [
      [4, "Denies numbness or tingling of the hand."],
      [6, "No numbness."],
    ],
    { assertion: "negated" },
  ),
  s("signs_symptoms", "Loss of consciousness", [[4, "No loss of consciousness."]], { assertion: "negated" }),
  s("signs_symptoms", "Loud snoring, tired in the afternoon", [
    [2, "Her husband reports loud snoring; she is tired in the afternoon."],
  ]),
  s("medications", "Ibuprofen stopped; no NSAIDs because of kidney disease", [
    [6, "CKD stage 3a on losartan: NSAIDs are to be avoided."],
    [6, "Stop ibuprofen today."],
  ]),
  s(
    "medications",
    "Acetaminophen 650 mg by mouth every 6 hours as needed",
    [
      [6, "Acetaminophen 650 mg by mouth every 6 hours as needed,"],
      [8, "acetaminophen 650 mg every 6 hours as needed."],
    ],
    { checked: false, weak: ["650", 66] },
  ),
  s("medications", "Metformin 1000 mg by mouth twice daily", [[13, "Metformin 1000 mg by mouth twice daily"]], {
    in_conflict: true,
  }),
  s("medications", "Losartan 50 mg once daily", [
    [2, "Continue losartan 50 mg once daily,"],
    [14, "Losartan 50 mg by mouth once daily"],
  ]),
  s("medications", "Amlodipine 5 mg by mouth once daily", [
    [2, "start amlodipine 5 mg by mouth once daily."],
    [14, "Amlodipine 5 mg by mouth once daily"],
  ]),
  s("medications", "Atorvastatin 40 mg at bedtime", [
    [2, "Increase atorvastatin from 20 mg to 40 mg at bedtime."],
    [17, "Continue atorvastatin 40 mg at bedtime."],
  ]),
  s("medications", "Empagliflozin 10 mg by mouth once daily for kidney protection", [
    [17, "Start empagliflozin 10 mg by mouth once daily for kidney protection."],
  ]),
  s("medications", "Aspirin 81 mg once daily", [[14, "Aspirin 81 mg once daily"]]),
  s("medications", "Oxycodone 5 mg, course completed", [[14, "Oxycodone 5 mg 07/24/2024 course completed"]], {
    assertion: "historical",
  }),
  s("medications", "Insulin on a sliding scale during the stay", [[13, "on sliding scale insulin."]], {
    assertion: "historical",
  }),
  s(
    "allergies",
    "Penicillin: hives",
    [
      [1, "Penicillin Hives 1994"],
      [8, "Allergy: penicillin (hives, 1994)."],
      [12, "because of penicillin allergy (hives)."],
    ],
    { in_conflict: true },
  ),
  s("allergies", "Lisinopril: dry cough", [[1, "Lisinopril Dry cough 2019"]]),
  s("vitals", "Blood pressure 144/88 mmHg", [[6, "BP 144/88 mmHg,"]], {
    details: { name: "Blood pressure", value: "144/88", unit: "mmHg", date: "2024-05-20" },
  }),
  s("vitals", "Blood pressure 128/78 mmHg", [[19, "BP 128/78 mmHg,"]], {
    details: { name: "Blood pressure", value: "128/78", unit: "mmHg", date: "2025-02-06" },
  }),
  s("vitals", "Weight 82.3 kg", [[19, "weight 82.3 kg,"]], {
    details: { name: "Weight", value: "82.3", unit: "kg", date: "2025-02-06" },
  }),
  lab("Hemoglobin A1c", "7.2", "%", "4.0 - 5.6", "high", [18, "Hemoglobin A1c 7.2 H %"], "2025-01-14"),
  lab("eGFR", "49", "mL/min/1.73 m2", ">= 60", "low", [18, "eGFR (CKD-EPI 2021) 49 L mL/min/1.73 m2"], "2025-01-14"),
  lab("Potassium", "5.2", "mmol/L", "3.5 - 5.1", "high", [18, "Potassium 5.2 H mmol/L"], "2025-01-14"),
  lab("Creatinine", "1.26", "mg/dL", "0.57 - 1.00", "high", [18, "Creatinine 1.26 H mg/dL"], "2025-01-14"),
  lab("LDL cholesterol", "84", "mg/dL", "< 100", "normal", [18, "LDL cholesterol 84 mg/dL"], "2025-01-14"),
  lab(
    "Urine albumin/creatinine",
    "68",
    "mg/g",
    "< 30",
    "high",
    [18, "Urine albumin/creatinine 68 H mg/g"],
    "2025-01-14",
  ),
  lab("Hemoglobin A1c", "7.6", "%", "4.0 - 5.6", "high", [11, "Hemoglobin A1c 7.6 H %"], "2024-07-09"),
  lab("Hemoglobin A1c", "8.1", "%", "4.0 - 5.6", "high", [3, "Hemoglobin A1c 8.1 H %"], "2023-02-16"),
  s(
    "procedures",
    "Arthroscopic rotator cuff repair, left shoulder, with subacromial decompression",
    [
      [12, "Arthroscopic rotator cuff repair, left shoulder, with subacromial decompression."],
      [13, "Arthroscopic rotator cuff repair, left shoulder, 07/18/2024."],
    ],
    { details: { date: "2024-07-18" } },
  ),
  s("procedures", "Laparoscopic cholecystectomy, 2008", [[1, "Laparoscopic cholecystectomy, 2008."]], {
    assertion: "historical",
  }),
  s(
    "imaging",
    "MRI left shoulder: full-thickness supraspinatus tear, 1.8 cm, with 1.5 cm of retraction",
    [[7, "Full-thickness tear of the left supraspinatus tendon, 1.8 cm, with 1.5 cm of retraction."]],
    { details: { date: "2024-06-04" } },
  ),
  s(
    "imaging",
    "X-ray left shoulder: acute fracture or dislocation",
    [
      [5, "No acute fracture or dislocation of the left shoulder."],
      [4, "No fracture, no dislocation."],
    ],
    { assertion: "negated", details: { date: "2024-05-11" } },
  ),
  s("social_history", "Former smoker, 10 pack-years, quit in 2010", [
    [1, "Former smoker, 10 pack-years, quit in 2010."],
  ]),
  s("immunizations", "Influenza vaccine given", [[17, "Influenza vaccine given today,"]], {
    details: { date: "2024-10-17" },
  }),
  s(
    "timeline",
    "Fall on wet stairs onto the outstretched left arm",
    [
      [4, "slipped on wet stairs at home today and fell onto her outstretched left arm."],
      [9, "she fell on wet stairs onto her outstretched left arm."],
    ],
    { details: { date: "2024-05-11" } },
  ),
  s(
    "timeline",
    "Arthroscopic repair without complication",
    [
      [12, "Complications: none."],
      [13, "Uncomplicated operation."],
    ],
    {
      details: { date: "2024-07-18" },
    },
  ),
  s(
    "timeline",
    "No active elevation of the left arm before 29 August 2024; passive motion to 90° only",
    [[13, "No active elevation of the left arm before 08/29/2024, ¶ passive motion to 90 degrees only."]],
    { details: { date: "2024-08-29" } },
  ),
  s("follow_ups", "Repeat potassium and creatinine in 2 weeks", [[19, "Repeat potassium and creatinine in 2 weeks"]], {
    assertion: "planned",
  }),
  s(
    "follow_ups",
    "Orthopaedic review 12 months after surgery, July 2025",
    [[19, "Orthopaedic review with Dr. Voss, 12 months after surgery July 2025"]],
    { assertion: "planned" },
  ),
  s("gaps", "Dilated eye exam ordered, no report in the record", [
    [2, "Dilated eye exam ordered today;"],
    [19, "Dilated eye exam: no report on file, please book"],
  ]),
];

function citation(page: number, quote: string): Citation {
  const places: Place[] = [];
  let confidence: number | null = null;
  quote.split(" ¶ ").forEach((part, offset) => {
    const words = sampleWords(page + offset);
    const found = findWords(words, part);
    if (found) confidence = Math.min(confidence ?? 100, found.confidence);
    const boxes = found ? boxesOf(words, found.from, found.to) : [];
    places.push({ page: page + offset, document: sampleDocument, quote: part, boxes });
  });
  return { quote: quote.replace(" ¶ ", " "), places, confidence, chosen_by_reader: false };
}

const noDetails: StatementDetails = {
  name: null,
  value: null,
  unit: null,
  reference_range: null,
  flag: null,
  date: null,
  relation: null,
  code: null,
};

function statement(draft: Draft, index: number): Statement {
  const citations = draft.quotes.map(([page, quote]) => citation(page, quote));
  const verified = citations.every((it) => it.places.every((place) => place.boxes.length > 0));
  const weak = draft.weak ? { start: draft.text.indexOf(draft.weak[0]), word: draft.weak[0] } : null;
  return {
    id: `stm_${String(index + 1).padStart(4, "0")}`,
    section: draft.section,
    text: draft.text,
    text_before: null,
    assertion: draft.assertion ?? "present",
    citations,
    verified,
    checked: verified && draft.checked !== false,
    also_in_record: false,
    in_conflict: draft.in_conflict ?? false,
    weak_words:
      weak && draft.weak ? [{ start: weak.start, end: weak.start + weak.word.length, confidence: draft.weak[1] }] : [],
    details: { ...noDetails, ...draft.details },
    state: "open",
    added_by_hand: false,
    changed: null,
    versions: null,
    is_new: false,
  };
}

export const sampleStatements = (): Statement[] => drafts.map(statement);
