/** The pages of the made-up record, as text: what the scripts of the sample record typeset. No such person exists. */

export interface SampleSheet {
  kind: string;
  date: string | null;
  author: string | null;
  /** Degrees the sheet lies askew on the glass; 0: born digital. */
  tilt: number;
  /** Marks: `&` handwriting and `%` a stamped line that nobody can read, `#` a head, `^` centred, `|` columns as they stand, `~` small, `----` a line; `*` around words: bold. */
  text: string;
  duplicateOf?: number;
}

export const sheets: SampleSheet[] = [
  {
    kind: "Face sheet",
    date: "2025-02-10",
    author: "Northgate Family Medicine",
    tilt: 0,
    text: `#^ Northgate Family Medicine
^ Patient face sheet
^ 210 Mill Street, Linden Falls - Tel (302) 555-0142 - Fax (302) 555-0143
----
| *Patient:* Marian T. Holloway                 *MRN:* 00482913
| *Date of birth:* 03/14/1966                   *Sex:* Female
| *Primary care:* Elena Brandt, MD              *Language:* English

# ACTIVE PROBLEMS
1. Type 2 diabetes mellitus, since 2014
2. Essential hypertension, since 2012
3. Chronic kidney disease stage 3a, since 2022
4. Mixed hyperlipidemia
5. Full-thickness tear of the left supraspinatus tendon, repaired 07/18/2024

# RESOLVED PROBLEMS
- Iron deficiency anemia, resolved 2021
- Community-acquired pneumonia, 2019, resolved

# ALLERGIES AND INTOLERANCES
|* Substance            Reaction            Noted
| Penicillin           Hives               1994
| Lisinopril           Dry cough           2019

# SURGICAL HISTORY
Laparoscopic cholecystectomy, 2008. No other operations before 2024.

# FAMILY HISTORY
Father: myocardial infarction at age 62. Mother: breast cancer at age 67. Brother: colon cancer at age 55.

# SOCIAL HISTORY
Former smoker, 10 pack-years, quit in 2010. Alcohol: one to two drinks a month. School librarian, lives with her husband.

# PERTINENT NEGATIVES
No history of myocardial infarction, stroke or deep vein thrombosis.`,
  },
  {
    kind: "Annual visit",
    date: "2023-02-16",
    author: "Northgate Family Medicine",
    tilt: 0.35,
    text: `#^ Northgate Family Medicine
^ Annual visit
^ 210 Mill Street, Linden Falls - Tel (302) 555-0142
----
| *Patient:* Marian T. Holloway                 *Date of visit:* 02/16/2023
| *Date of birth:* 03/14/1966                   *Seen by:* Elena Brandt, MD

# SUBJECTIVE
56-year-old woman here for her annual visit and diabetes review. She feels well. Home glucose readings are 150 to 190 mg/dL before breakfast. She has been taking metformin once daily only, because of loose stools. She denies chest pain, shortness of breath and leg swelling. No hypoglycemia. Her husband reports loud snoring; she is tired in the afternoon.

# VITAL SIGNS
BP 148/92 mmHg, pulse 78/min, SpO2 98 % on room air, weight 86.4 kg, height 166 cm, BMI 31.4 kg/m2.

# EXAMINATION
Lungs clear. Heart sounds regular, no murmur. No ankle edema. Monofilament sensation intact in both feet, no foot ulcer.

# ASSESSMENT AND PLAN
1. Type 2 diabetes mellitus, not at goal. Metformin 500 mg by mouth twice daily with meals, extended release. Dietitian visit offered.
2. Hypertension, above goal. Continue losartan 50 mg once daily, start amlodipine 5 mg by mouth once daily.
3. Chronic kidney disease stage 3a with albuminuria. Avoid NSAIDs. Repeat labs in 6 months.
4. Mixed hyperlipidemia. Increase atorvastatin from 20 mg to 40 mg at bedtime.
5. Possible obstructive sleep apnea. STOP-BANG score 4. Home sleep study to be discussed.
6. Dilated eye exam ordered today; report to be sent to this office.

Signed: Elena Brandt, MD`,
  },
  {
    kind: "Laboratory report",
    date: "2023-02-16",
    author: "Linden Falls Clinical Laboratory",
    tilt: -0.2,
    text: `#^ Linden Falls Clinical Laboratory
^ Laboratory report
^ 4 Quarry Lane, Linden Falls - Medical director: Ruth Adeyemi, MD
----
| *Patient:* Holloway, Marian T.                *MRN:* 00482913
| *Date of birth:* 03/14/1966                   *Sex:* Female
| *Collected:* 02/16/2023 08:10                 *Reported:* 02/17/2023
| *Ordered by:* Elena Brandt, MD                *Fasting:* Yes

|* Test                        Result    Flag    Units             Reference range
| Hemoglobin A1c              8.1       H       %                 4.0 - 5.6
| Glucose, fasting            168       H       mg/dL             70 - 99
| Creatinine                  1.18      H       mg/dL             0.57 - 1.00
| eGFR (CKD-EPI 2021)         54        L       mL/min/1.73 m2    >= 60
| Urea nitrogen (BUN)         22        H       mg/dL             6 - 20
| Sodium                      139               mmol/L            136 - 145
| Potassium                   4.4               mmol/L            3.5 - 5.1
| ALT                         31                U/L               7 - 35
| Total cholesterol           224       H       mg/dL             < 200
| LDL cholesterol             138       H       mg/dL             < 100
| HDL cholesterol             44        L       mg/dL             >= 50
| Triglycerides               212       H       mg/dL             < 150
| Hemoglobin                  13.1              g/dL              12.0 - 15.5
| Urine albumin/creatinine    46        H       mg/g              < 30

H = above reference range, L = below reference range. Results marked final were verified by the laboratory.`,
  },
  {
    kind: "Emergency note",
    date: "2024-05-11",
    author: "St. Alban Regional Hospital",
    tilt: 0,
    text: `~ 05/11/2024 19:42  FROM: ST ALBAN ED (302) 555-0171  TO: (302) 555-0143  PAGE 01/01
^ *ST. ALBAN REGIONAL HOSPITAL*
^ EMERGENCY DEPARTMENT NOTE

| *PATIENT:* HOLLOWAY, MARIAN T.                *DATE:* 05/11/2024
| *DOB:* 03/14/1966                             *ARRIVAL:* 17:05
| *MRN:* 00482913                               *SEEN BY:* T. KEENE, MD

*CHIEF COMPLAINT:* Left shoulder pain after a fall.

*HISTORY:* 58-year-old woman slipped on wet stairs at home today and fell onto her outstretched left arm. Immediate pain in the left shoulder, cannot lift the arm above chest height. She did not hit her head. No loss of consciousness. Denies neck pain. Denies numbness or tingling of the hand.

*PAST HISTORY:* Type 2 diabetes, hypertension, chronic kidney disease.

*ALLERGIES:* No known drug allergies (NKDA).

*HOME MEDICATIONS:* Metformin, losartan, amlodipine, atorvastatin. Doses not brought.

*VITAL SIGNS:* BP 156/94, pulse 92, resp 18, temp 98.4 F, SpO2 98 %. Pain 8/10.

*EXAM:* Left shoulder tender over the greater tuberosity. Active abduction 40 degrees. Drop arm test positive. Radial pulse 2+, sensation intact over the deltoid.

*X-RAY LEFT SHOULDER:* No fracture, no dislocation.

*IMPRESSION:* Left shoulder injury, suspected rotator cuff tear.

*PLAN:* Sling. Ice. Ibuprofen 600 mg by mouth three times daily for 5 days. Follow up with primary care in 1 week. Return for numbness, weakness of the hand or worsening pain.

& rn lno fll np wv
Electronically signed: Thomas Keene, MD 05/11/2024 19:20`,
  },
  {
    kind: "X-ray, left shoulder",
    date: "2024-05-11",
    author: "St. Alban Regional Hospital",
    tilt: -0.28,
    text: `#^ St. Alban Regional Hospital
^ Department of Radiology
^ 1 Hospital Drive, Linden Falls - Tel (302) 555-0170
----
#^ X-ray left shoulder, three views
| *Patient:* Holloway, Marian T.                *MRN:* 00482913
| *Date of birth:* 03/14/1966                   *Date of study:* 05/11/2024
| *Requested by:* Thomas Keene, MD              *Read by:* Priya Nair, MD

# CLINICAL INFORMATION
Fall on outstretched left arm. Rule out fracture.

# TECHNIQUE
Anteroposterior views in internal and external rotation and a scapular Y view.

# COMPARISON
None.

# FINDINGS
There is no fracture or dislocation. The glenohumeral joint space is preserved. Mild degenerative change of the acromioclavicular joint. The acromiohumeral distance measures 8 mm. No soft tissue calcification. The visualized left lung is clear.

# IMPRESSION
1. No acute fracture or dislocation of the left shoulder.
2. Mild acromioclavicular osteoarthritis.

If a rotator cuff tear is suspected clinically, MRI is recommended.

Priya Nair, MD, radiologist
% AC joint: n epa on, sm ll
Signed 05/11/2024 18:31`,
  },
  {
    kind: "Progress note",
    date: "2024-05-20",
    author: "Northgate Family Medicine",
    tilt: 0.32,
    text: `NORTHGATE FAMILY MEDICINE
PROGRESS NOTE

| *Patient:* Marian T. Holloway                 *Date:* 05/20/2024
| *DOB:* 03/14/1966                             *Author:* E. Brandt, MD

*S:* Seen 9 days after a fall on wet stairs with injury to the left shoulder. Pain 6/10, worse at night, wakes her when she rolls onto the left side. She cannot reach a shelf. She has taken ibuprofen 600 mg three times daily from the emergency department. No numbness. No fever.

*O:* BP 144/88 mmHg, pulse 80/min. Left shoulder: no swelling, tender over the greater tuberosity. Active abduction 60 degrees, passive abduction 150 degrees. Empty can test positive, external rotation strength 4/5. Lift-off test negative. Neck movement full and painless. Distal pulses and sensation intact.

*A:*
1. Left shoulder pain and weakness after a fall on 05/11/2024, suspected full-thickness rotator cuff tear.
2. CKD stage 3a on losartan: NSAIDs are to be avoided.
3. Hypertension, above goal, in pain and on ibuprofen.

*P:*
1. Stop ibuprofen today. Acetaminophen 650 mg by mouth every 6 hours as needed, not more than 3 g a day.
2. MRI of the left shoulder without contrast.
3. Continue sling for comfort only; pendulum exercises daily to prevent stiffness.
4. Basic metabolic panel today after NSAID use.
5. Review with the MRI report in 3 weeks.

Note: the emergency department recorded no allergies. The patient confirms hives after penicillin in 1994; our list is unchanged.

E. Brandt, MD`,
  },
  {
    kind: "MRI, left shoulder",
    date: "2024-06-04",
    author: "St. Alban Regional Hospital",
    tilt: 0,
    text: `#^ St. Alban Regional Hospital
^ Department of Radiology
^ 1 Hospital Drive, Linden Falls - Tel (302) 555-0170
----
#^ MRI left shoulder without contrast
| *Patient:* Holloway, Marian T.                *MRN:* 00482913
| *Date of birth:* 03/14/1966                   *Date of study:* 06/04/2024
| *Requested by:* Elena Brandt, MD              *Read by:* Priya Nair, MD

# CLINICAL INFORMATION
Pain and weakness of the left shoulder after a fall on 05/11/2024.

# TECHNIQUE
1.5 T. Axial, oblique coronal and oblique sagittal proton density sequences with fat suppression, oblique sagittal T1.

# COMPARISON
Radiographs of the left shoulder, 05/11/2024.

# FINDINGS
*Rotator cuff:* Full-thickness tear of the supraspinatus tendon at its footprint, 1.8 cm from front to back, with 1.5 cm of retraction. The infraspinatus, subscapularis and teres minor tendons are intact. No fatty atrophy of the supraspinatus muscle.

*Biceps:* The long head of the biceps tendon is within its groove, with mild tendinosis.

*Labrum and joint:* No labral tear. Small joint effusion. No Hill-Sachs lesion.

*Bone:* Bone marrow edema of the greater tuberosity. No fracture line.

*Acromioclavicular joint:* Mild osteoarthritis. Type II acromion. Fluid in the subacromial bursa.

# IMPRESSION
1. Full-thickness tear of the left supraspinatus tendon, 1.8 cm, with 1.5 cm of retraction.
2. Bone contusion of the greater tuberosity without fracture.
3. Mild acromioclavicular osteoarthritis.

Electronically signed by Priya Nair, MD, 06/04/2024 16:02`,
  },
  {
    kind: "Referral letter",
    date: "2024-06-10",
    author: "Northgate Family Medicine",
    tilt: -0.46,
    text: `Northgate Family Medicine
210 Mill Street, Linden Falls
Tel (302) 555-0142

June 10, 2024

Daniel R. Voss, MD
Harbor Orthopaedics and Sports Medicine
77 Wharf Road, Linden Falls

RE: Marian T. Holloway, born 03/14/1966, MRN 00482913

Dear Dr. Voss,

Thank you for seeing this 58-year-old right-handed school librarian with a full-thickness tear of the left supraspinatus tendon. She fell on wet stairs on 05/11/2024. Three weeks of a sling, acetaminophen and pendulum exercises have not brought back her strength: she lifts the arm to 60 degrees and sleeps poorly.

Relevant history: type 2 diabetes mellitus (last A1c 7.9 % in March 2024), hypertension, chronic kidney disease stage 3a. Please avoid NSAIDs. She has never had a heart attack or a stroke.

Allergy: penicillin (hives, 1994).

Medications: metformin 500 mg twice daily, losartan 50 mg once daily, amlodipine 5 mg once daily, atorvastatin 40 mg at bedtime, acetaminophen 650 mg every 6 hours as needed.

I would be grateful for your opinion on surgical repair. The MRI of 06/04/2024 is enclosed.

Yours sincerely,

Elena Brandt, MD

Enclosure: MRI report`,
  },
  {
    kind: "Consultation",
    date: "2024-06-25",
    author: "Harbor Orthopaedics and Sports Medicine",
    tilt: 0.15,
    text: `#^ Harbor Orthopaedics and Sports Medicine
^ Daniel R. Voss, MD
^ 77 Wharf Road, Linden Falls - Tel (302) 555-0188
----
June 25, 2024

Elena Brandt, MD
Northgate Family Medicine

RE: Marian T. Holloway, born 03/14/1966

Dear Dr. Brandt,

Thank you for referring Mrs. Holloway, whom I saw today in consultation.

*History.* Six weeks ago she fell on wet stairs onto her outstretched left arm. Since then she has had night pain and weakness when she lifts the arm. There was no shoulder trouble before the fall.

*Examination.* No wasting. Active forward elevation 80 degrees, passive 160 degrees. Supraspinatus strength 3/5, external rotation 4/5, belly press normal. Neurovascular status of the arm is normal. Adhesive capsulitis is unlikely, as passive movement is nearly full.

*Imaging.* I have reviewed the MRI of 06/04/2024: full-thickness supraspinatus tear of 1.8 cm with 1.5 cm of retraction and good muscle quality.

*Impression.* Acute traumatic full-thickness tear of the left supraspinatus tendon in an active patient.

*Plan.* We discussed exercise treatment and operation. In a traumatic tear of this size I recommend arthroscopic repair within the next weeks, and she wishes to go ahead. Risks including infection, stiffness, re-tear and nerve injury were explained. Her diabetes raises the risk of infection and stiffness; an A1c below 8.0 % is required. Surgery is booked for 07/18/2024 at St. Alban Regional Hospital. Losartan is to be held on the morning of surgery, metformin on the day of surgery.

With kind regards,

Daniel R. Voss, MD`,
  },
  { kind: "Blank page", date: null, author: null, tilt: 0, text: "" },
  {
    kind: "Preoperative laboratory",
    date: "2024-07-09",
    author: "St. Alban Regional Hospital",
    tilt: 0.23,
    text: `#^ St. Alban Regional Hospital
^ Laboratory - preoperative panel
^ 1 Hospital Drive, Linden Falls
----
| *Patient:* Holloway, Marian T.                *MRN:* 00482913
| *Date of birth:* 03/14/1966                   *Sex:* Female
| *Collected:* 07/09/2024 09:25                 *Reported:* 07/09/2024
| *Ordered by:* Daniel R. Voss, MD              *Indication:* Before shoulder surgery

|* Test                    Result     Flag     Units              Reference range
| Hemoglobin A1c          7.6        H        %                  4.0 - 5.6
| Glucose                 149        H        mg/dL              70 - 99
| Creatinine              1.21       H        mg/dL              0.57 - 1.00
| eGFR (CKD-EPI 2021)     52         L        mL/min/1.73 m2     >= 60
| Sodium                  140                 mmol/L             136 - 145
| Potassium               4.6                 mmol/L             3.5 - 5.1
| White blood cells       7.2                 10^3/uL            4.0 - 11.0
| Hemoglobin              12.6                g/dL               12.0 - 15.5
| Hematocrit              38.1                %                  36.0 - 46.0
| Platelets               264                 10^3/uL            150 - 400
| INR                     1.0                                    0.9 - 1.1

H = above reference range, L = below reference range.

ECG 07/09/2024: sinus rhythm, 76/min, no ischemic changes.`,
  },
  {
    kind: "Operation report",
    date: "2024-07-18",
    author: "St. Alban Regional Hospital",
    tilt: -0.35,
    text: `#^ St. Alban Regional Hospital
^ Operation report
^ 1 Hospital Drive, Linden Falls
----
| *Patient:* Holloway, Marian T.                *Date of operation:* 07/18/2024
| *Date of birth:* 03/14/1966                   *Surgeon:* Daniel R. Voss, MD
| *MRN:* 00482913                               *Anesthesia:* General, interscalene block

*Preoperative diagnosis:* Full-thickness tear of the left supraspinatus tendon.

*Postoperative diagnosis:* Same.

*Procedure:* Arthroscopic rotator cuff repair, left shoulder, with subacromial decompression.

*Indication:* Traumatic tear after a fall on 05/11/2024, with persistent weakness. Consent was obtained and the left shoulder marked by the surgeon.

*Antibiotic prophylaxis:* Clindamycin 900 mg intravenously once, because of penicillin allergy (hives).

*Findings:* Crescent-shaped full-thickness tear of the supraspinatus, 2.0 cm at the footprint, mobile to the lateral edge. Infraspinatus and subscapularis intact. Long head of biceps with mild fraying, stable. Glenohumeral cartilage without defect. No loose bodies.

*Description:* Beach chair position. Posterior, lateral and anterior portals. Diagnostic arthroscopy as above. The bursa was cleared and the undersurface of the acromion flattened by 4 mm. The footprint was prepared to bleeding bone. Double-row repair with two medial and two lateral anchors; the tendon covered the footprint without tension in 20 degrees of abduction. Final inspection showed a stable repair through rotation. Portals were closed with 3-0 nylon.

*Estimated blood loss:* 20 mL. *Drains:* none. *Complications:* none.

*Plan:* Abduction sling for 6 weeks. Passive motion from week 2, active motion from week 6, strengthening from week 12. Suture removal in 2 weeks.

Daniel R. Voss, MD - dictated 07/18/2024, signed 07/19/2024`,
  },
  {
    kind: "Discharge summary",
    date: "2024-07-19",
    author: "St. Alban Regional Hospital",
    tilt: 0,
    text: `#^ St. Alban Regional Hospital
^ Discharge summary
^ 1 Hospital Drive, Linden Falls
----
| *Patient:* Holloway, Marian T.                *MRN:* 00482913
| *Date of birth:* 03/14/1966                   *Attending:* Daniel R. Voss, MD
| *Admitted:* 07/18/2024                        *Discharged:* 07/19/2024

# PRINCIPAL DIAGNOSIS
Full-thickness tear of the left supraspinatus tendon after a fall.

# PROCEDURE
Arthroscopic rotator cuff repair, left shoulder, 07/18/2024.

# HOSPITAL COURSE
Uncomplicated operation. Pain was controlled with the interscalene block, acetaminophen and oxycodone. Glucose 140 to 210 mg/dL on sliding scale insulin. No fever, no signs of infection. Hand function normal after the block wore off. Creatinine on 07/19/2024 was 1.19 mg/dL.

# DISCHARGE MEDICATIONS
|* Medication         Dose         Route         How often
| Metformin          1000 mg      by mouth      twice daily
| Losartan           50 mg        by mouth      once daily
| Amlodipine         5 mg         by mouth      once daily
| Atorvastatin       40 mg        by mouth      at bedtime
| Acetaminophen      650 mg       by mouth      every 6 hours as needed
| Oxycodone          5 mg         by mouth      every 6 hours as needed, 5 days

# FOLLOW-UP
- Dr. Voss on 08/01/2024 for wound check and suture removal.
- Physical therapy from the second week after surgery.
- Primary care in 4 weeks for diabetes and blood pressure.

# CONDITION AT DISCHARGE
Stable. Sling in place. The patient understands the restrictions.

No active elevation of the left arm before 08/29/2024,`,
  },
  {
    kind: "Medication list",
    date: "2024-08-22",
    author: "Northgate Family Medicine",
    tilt: 0.28,
    text: `passive motion to 90 degrees only.

#^ Northgate Family Medicine
^ Medication list
^ 210 Mill Street, Linden Falls - Tel (302) 555-0142
----
| *Patient:* Marian T. Holloway                 *Date:* 08/22/2024
| *Date of birth:* 03/14/1966                   *MRN:* 00482913
# CURRENT MEDICATIONS
|* Medication       Dose      Route       Frequency                  For
| Metformin ER     500 mg    by mouth    twice daily                diabetes
| Losartan         50 mg     by mouth    once daily                 blood pressure
| Amlodipine       5 mg      by mouth    once daily                 blood pressure
| Atorvastatin     40 mg     by mouth    at bedtime                 cholesterol
| Acetaminophen    650 mg    by mouth    every 6 hours as needed    shoulder pain
# STOPPED MEDICATIONS
|* Medication         Dose           Stopped            Reason
| Oxycodone          5 mg           07/24/2024         course completed
| Ibuprofen          600 mg         05/20/2024         chronic kidney disease
| Lisinopril         10 mg          2019               dry cough
# ALLERGIES
Penicillin: hives. Lisinopril: dry cough.

Reviewed with the patient by E. Brandt, MD.
& llm dnnr awh frn lw`,
  },
  {
    kind: "Therapy progress note",
    date: "2024-09-26",
    author: "Linden Falls Physical Therapy",
    tilt: 0.2,
    text: `#^ Linden Falls Physical Therapy
^ Progress note
^ 15 Station Square, Linden Falls - Tel (302) 555-0126
----
| *Patient:* Marian T. Holloway                 *Date:* 09/26/2024
| *Referred by:* Daniel R. Voss, MD             *Visit:* 12 of 24

# DIAGNOSIS
Ten weeks after arthroscopic rotator cuff repair of the left shoulder on 07/18/2024.

# SUBJECTIVE
Pain 2/10 at rest, 4/10 after exercise. She sleeps through the night. She has stopped the sling as planned. No numbness or tingling.

# OBJECTIVE
|* Left shoulder                         08/15/2024            09/26/2024
| Passive forward elevation             110 degrees           150 degrees
| Active forward elevation              not tested            125 degrees
| Passive external rotation             20 degrees            45 degrees
| Strength, external rotation           not tested            4/5
Portals healed, no redness.

# ASSESSMENT
Good progress and within the surgeon's protocol. No sign of re-tear.

# PLAN
Continue twice a week. Begin strengthening with bands in week 12, from 10/10/2024. Home program daily. Next report to Dr. Voss in 6 weeks.

Karin Lindqvist, PT`,
  },
  {
    kind: "Operation report",
    date: "2024-07-18",
    author: "St. Alban Regional Hospital",
    tilt: -0.4,
    text: "",
    duplicateOf: 12,
  },
  {
    kind: "Progress note",
    date: "2024-10-17",
    author: "Northgate Family Medicine",
    tilt: 0.58,
    text: `#^ Northgate Family Medicine
^ Progress note
^ 210 Mill Street, Linden Falls - Tel (302) 555-0142
----
| *Patient:* Marian T. Holloway                 *Date of visit:* 10/17/2024
| *Date of birth:* 03/14/1966                   *Seen by:* Elena Brandt, MD

# SUBJECTIVE
Diabetes and kidney review, 3 months after left shoulder surgery. Shoulder pain is mild, she drives again. Home blood pressure 132 to 142 over 80 to 88. She denies chest pain, palpitations and ankle swelling. No genital or urinary infection in the past.

# VITAL SIGNS
BP 138/84 mmHg, pulse 74/min, weight 84.1 kg, BMI 30.5 kg/m2.

# EXAMINATION
Chest clear, no edema. Feet: pulses palpable, monofilament intact, no ulcer. Left shoulder: portals healed, active elevation 130 degrees.

# ASSESSMENT AND PLAN
1. Type 2 diabetes mellitus with chronic kidney disease stage 3a. Start empagliflozin 10 mg by mouth once daily for kidney protection. Continue metformin. Sick day rules and genital hygiene explained.
2. Hypertension, near goal. Continue losartan and amlodipine.
3. Mixed hyperlipidemia. Continue atorvastatin 40 mg at bedtime.
4. Left rotator cuff repair, good recovery. Physical therapy continues.
5. Possible obstructive sleep apnea: she prefers to wait with the sleep study.
6. Influenza vaccine given today, left deltoid avoided.
7. Labs before the next visit: A1c, metabolic panel, lipids, urine albumin, vitamin B12.

Signed: Elena Brandt, MD`,
  },
  {
    kind: "Laboratory report",
    date: "2025-01-14",
    author: "Linden Falls Clinical Laboratory",
    tilt: 0,
    text: `#^ Linden Falls Clinical Laboratory
^ Laboratory report
^ 4 Quarry Lane, Linden Falls - Medical director: Ruth Adeyemi, MD
----
| *Patient:* Holloway, Marian T.                *MRN:* 00482913
| *Date of birth:* 03/14/1966                   *Sex:* Female
| *Collected:* 01/14/2025 08:05                 *Reported:* 01/15/2025
| *Ordered by:* Elena Brandt, MD                *Fasting:* Yes

|* Test                        Result    Flag    Units             Reference range
| Hemoglobin A1c              7.2       H       %                 4.0 - 5.6
| Creatinine                  1.26      H       mg/dL             0.57 - 1.00
| eGFR (CKD-EPI 2021)         49        L       mL/min/1.73 m2    >= 60
| Sodium                      138               mmol/L            136 - 145
| Potassium                   5.2       H       mmol/L            3.5 - 5.1
| Total cholesterol           162               mg/dL             < 200
| LDL cholesterol             84                mg/dL             < 100
| HDL cholesterol             46        L       mg/dL             >= 50
| Triglycerides               158       H       mg/dL             < 150
| Hemoglobin                  12.9              g/dL              12.0 - 15.5
| Vitamin B12                 298               pg/mL             232 - 1245
| TSH                         2.1               mIU/L             0.45 - 4.50
| Urine albumin/creatinine    68        H       mg/g              < 30

H = above reference range, L = below reference range. The specimen for potassium was not hemolyzed.`,
  },
  {
    kind: "Visit summary",
    date: "2025-02-06",
    author: "Northgate Family Medicine",
    tilt: 0,
    text: `#^ Northgate Family Medicine
^ Visit summary and follow-up plan
^ 210 Mill Street, Linden Falls - Tel (302) 555-0142
----
| *Patient:* Marian T. Holloway                 *Date of visit:* 02/06/2025
| *Date of birth:* 03/14/1966                   *Seen by:* Elena Brandt, MD

# TODAY
Feels well on empagliflozin. Left shoulder nearly pain free, active elevation 155 degrees. Denies dizziness and chest pain. BP 128/78 mmHg, pulse 72/min, weight 82.3 kg, BMI 29.9 kg/m2.

# RESULTS OF 01/14/2025
A1c has come down to 7.2 %. Potassium is slightly high at 5.2 mmol/L. eGFR 49 mL/min/1.73 m2, an expected small fall after the start of empagliflozin. Urine albumin/creatinine 68 mg/g, higher than in 2023.

# FOLLOW-UP PLAN
|* What                                                          When
| Repeat potassium and creatinine                               in 2 weeks
| Low potassium diet sheet given; avoid salt substitutes        now
| Dilated eye exam: no report on file, please book              within 4 weeks
| Hemoglobin A1c and urine albumin                              in 3 months
| Orthopaedic review with Dr. Voss, 12 months after surgery     July 2025
| Referral to nephrology if eGFR falls below 45                 if needed
| Home sleep study for possible sleep apnea                     patient to decide
| Screening colonoscopy (brother had colon cancer)              in 2025

Next visit with Dr. Brandt in 3 months.

Signed: Elena Brandt, MD`,
  },
];
