"""Compares our assertions with medspaCy's on sentences with marked targets; run by scripts/bench-analysis.

Usage: compare.py BENCH FILE...: BENCH is our measured program, each FILE has lines of sentence, target, assertion.
"""

import logging
import subprocess
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import medspacy  # noqa: E402
from medspacy.ner import TargetRule  # noqa: E402
from medspacy.util import DEFAULT_PIPENAMES  # noqa: E402,F401


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines if line.strip() and not line.startswith("#")]


def medspacy_assertion(nlp, sentence, target):
    matcher = nlp.get_pipe("medspacy_target_matcher")
    for label in list(matcher.labels):
        matcher.remove(label) if hasattr(matcher, "remove") else None
    matcher.add(TargetRule(target, "TARGET"))
    ents = [ent for ent in nlp(sentence).ents if ent.text.lower() == target.lower()]
    if not ents:
        return "not found"
    ent = ents[0]._
    if ent.is_negated:
        return "negated"
    if ent.is_family:
        return "family"
    if ent.is_hypothetical:
        return "planned"
    if ent.is_uncertain:
        return "possible"
    if ent.is_historical:
        return "historical"
    return "present"


def report(name, wanted, found):
    right = sum(a == b for a, b in zip(wanted, found))
    hits = sum(a == b == "negated" for a, b in zip(wanted, found))
    said, true = found.count("negated"), wanted.count("negated")
    precision = hits / said if said else 0.0
    recall = hits / true if true else 0.0
    print(f"  {name:<10} negation precision {precision:.3f} recall {recall:.3f}; all assertions right {right / len(wanted):.3f}")


def main():
    bench, files = sys.argv[1], sys.argv[2:]
    for path in files:
        rows = read(path)
        wanted = [row[2] for row in rows]
        ours = subprocess.run([bench, "polarity", path], check=True, capture_output=True, text=True).stdout.splitlines()
        theirs = []
        for sentence, target, _ in rows:
            nlp = medspacy.load()
            theirs.append(medspacy_assertion(nlp, sentence, target))
        print(f"{path}: {len(rows)} targets, {wanted.count('negated')} negated")
        report("maneiro", wanted, ours)
        report("medspaCy", wanted, theirs)


main()
