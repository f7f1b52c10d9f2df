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
from loguru import logger  # noqa: E402
from spacy.tokens import Span  # noqa: E402


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines if line.strip() and not line.startswith("#")]


def medspacy_assertion(nlp, sentence, target):
    """The assertion of the first place of the target, which medspaCy is told."""
    doc = nlp.get_pipe("medspacy_pyrush")(nlp.make_doc(sentence))
    start = sentence.lower().find(target.lower())
    span = doc.char_span(start, start + len(target), alignment_mode="expand") if start >= 0 else None
    if span is None:
        return "not found"
    doc.ents = [Span(doc, span.start, span.end, label="TARGET")]
    ents = nlp.get_pipe("medspacy_context")(doc).ents
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
    logger.remove()
    nlp = medspacy.load()
    for path in files:
        rows = read(path)
        wanted = [row[2] for row in rows]
        ours = subprocess.run([bench, "polarity", path], check=True, capture_output=True, text=True).stdout.splitlines()
        theirs = [medspacy_assertion(nlp, sentence, target) for sentence, target, _ in rows]
        print(f"{path}: {len(rows)} targets, {wanted.count('negated')} negated")
        report("maneiro", wanted, ours)
        report("medspaCy", wanted, theirs)


main()
