#!/usr/bin/env python3
"""Three-way disposition on Microsoft's GUIDE set.

One part of the rows is learned with `soc learn`, the other is judged by `soc triage --precedent`, and the disposition of every verdict is
compared with the analysts' grade. The parts (--split):
    time           the first part of each organisation's rows is learned, the rest judged. What precedent weighs was chosen on this one.
    incidents      the same without the judged rows of incidents that were learned: their grade was known
    reversed       the last part of each organisation's rows is learned, the first judged, without rows of learned incidents
    organisations  five parts by organisation, each judged by what the other four taught: nothing is known of the organisation
EVIDENCE is the evidence rows, one JSON object per line with
the data set's columns; LABELS is a CSV with the columns evidence_id, incident_id and incident_grade, row by row beside them.
Python's standard library only.

Prints
    METRIC macro_f1 F           of true positive, benign positive and false positive; undetermined counts as wrong
    METRIC f1_CLASS F
    METRIC detector_majority F  macro-F1 of the most frequent grade of the detector, for comparison
"""
import argparse
import collections
import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile

GRADES = {"TruePositive": "true_positive", "BenignPositive": "benign_positive", "FalsePositive": "false_positive"}


def load(evidence, labels):
    with open(evidence, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f if line.strip()]
    with open(labels, encoding="utf-8", newline="") as f:
        grades = list(csv.DictReader(f))
    if len(rows) != len(grades):
        sys.exit(f"{len(rows)} rows of evidence, {len(grades)} labels")
    # Id names an incident and stands on many rows: here each row is an alert of its own
    return [({**r, "Id": str(i)}, {**g, "evidence_id": str(i)}) for i, (r, g) in enumerate(zip(rows, grades)) if g["incident_grade"] in GRADES]


def split(pairs, share):
    """The first share of every organisation's rows, and the rest."""
    by_org = collections.defaultdict(list)
    for pair in pairs:
        by_org[pair[0]["OrgId"]].append(pair)
    past, later = [], []
    for rows in by_org.values():
        rows.sort(key=lambda pair: pair[0]["Timestamp"])
        n = int(len(rows) * share) or 1
        past += rows[:n]
        later += rows[n:]
    return past, later


def strangers(past, later):
    """The later rows of incidents that were not learned."""
    known = {g["incident_id"] for _, g in past}
    return [pair for pair in later if pair[1]["incident_id"] not in known]


def parts(pairs, how, share):
    """What is learned and what is judged, once or several times."""
    if how == "organisations":
        fold = [int(hashlib.sha256(r["OrgId"].encode()).hexdigest(), 16) % 5 for r, _ in pairs]
        return [([p for p, n in zip(pairs, fold) if n != k], [p for p, n in zip(pairs, fold) if n == k]) for k in range(5)]
    if how == "reversed":
        first, last = split(pairs, 1 - share)
        return [(last, strangers(last, first))]
    past, later = split(pairs, share)
    return [(past, strangers(past, later) if how == "incidents" else later)]


def write(path, pairs):
    with open(path, "w", encoding="utf-8") as f:
        for row, _ in pairs:
            f.write(json.dumps(row) + "\n")
    return path


def run(soc, home, *args):
    env = {"PATH": os.environ.get("PATH", ""), "HOME": home, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    p = subprocess.run([soc, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, check=False)
    if p.returncode:
        sys.exit(f"soc {args[0]}: " + p.stderr.decode(errors="replace").strip())
    return p.stdout.splitlines()


def judged(soc, past, later, now):
    """The disposition of every alert of the later part, by id."""
    with tempfile.TemporaryDirectory(prefix="guide-") as tmp:
        with open(tmp + "/decisions.csv", "w", encoding="utf-8") as f:
            f.write("evidence_id,incident_id,incident_grade,timestamp\n")
            for row, g in past:
                f.write(",".join((g["evidence_id"], g["incident_id"], g["incident_grade"], row["Timestamp"])) + "\n")
        run(soc, tmp, "learn", "--decisions", tmp + "/decisions.csv", "--alerts", write(tmp + "/past.ndjson", past), "--out", tmp + "/p.json", "--now", now)
        said, of = {}, {}
        for line in run(soc, tmp, "triage", "--json", "--no-book", "--precedent", tmp + "/p.json", "--now", now, write(tmp + "/later.ndjson", later)):
            d = json.loads(line)
            if d["kind"] == "verdict":
                of[d["id"]] = d["disposition"]
                said.update(dict.fromkeys(d["group"]["alert_ids"], d["disposition"]))
            elif d["kind"] == "members":
                said.update(dict.fromkeys(d["alert_ids"], of[d["verdict"]]))
        return said


def f1(truth, said):
    scores = {}
    for c in GRADES.values():
        hit = sum(t == s == c for t, s in zip(truth, said))
        scores[c] = 2 * hit / max(1, truth.count(c) + said.count(c))
    return sum(scores.values()) / len(scores), scores


def majority(past, later):
    seen = collections.defaultdict(collections.Counter)
    for row, g in past:
        seen[row["DetectorId"]][g["incident_grade"]] += 1
        seen[None][g["incident_grade"]] += 1
    return [GRADES[seen.get(row["DetectorId"], seen[None]).most_common(1)[0][0]] for row, _ in later]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("evidence")
    p.add_argument("labels")
    p.add_argument("--soc", default="soc", help="the binary (default: soc on PATH)")
    p.add_argument("--split", choices=["time", "incidents", "reversed", "organisations"], default="time", help="which part is judged (default time)")
    p.add_argument("--share", type=float, default=0.7, help="of each organisation's rows that is learned (default 0.7)")
    args = p.parse_args()
    pairs = load(args.evidence, args.labels)
    now = max(r["Timestamp"] for r, _ in pairs)
    learned, truth, said, common = 0, [], [], []
    for past, later in parts(pairs, args.split, args.share):
        found = judged(args.soc, past, later, now)
        learned += len(past)
        truth += [GRADES[g["incident_grade"]] for _, g in later]
        said += [found.get(r["Id"], "undetermined") for r, _ in later]
        common += majority(past, later)
    macro, each = f1(truth, said)
    print(f"METRIC learned {learned}\nMETRIC judged {len(truth)}\nMETRIC macro_f1 {macro:.4f}")
    for c, score in each.items():
        print(f"METRIC f1_{c} {score:.4f}")
    print(f"METRIC detector_majority {f1(truth, common)[0]:.4f}")


if __name__ == "__main__":
    main()
