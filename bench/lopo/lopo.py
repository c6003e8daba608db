#!/usr/bin/env python3
"""Leave one phase out: is an attack step that nobody ever labelled still looked at?

For every scenario and every attack phase in it: `soc learn` from the other scenarios without any record of that phase, then
`soc triage --precedent` on the scenario that was left out, and count its records of that phase that are neither closed nor
would be. A phase of which the other scenarios are cleaned stands for a technique that is new to the estate.

The folder holds, for each scenario, NAME.alerts.ndjson with one alert per line (id, first_seen, last_seen, ...) and
NAME.labels.ndjson with {"id", "label": "malicious"|"benign"|"ambiguous", "phases": [...]} per line. Ambiguous records are
triaged but neither learned nor counted. Python's standard library only.

Prints a table, then
    METRIC unseen_not_closed SHARE      over all records of unseen phases
    METRIC unseen_records N
    METRIC phases_lost N                phases of which every record would be closed
    METRIC closed_share SHARE           of benign records in the same runs, so that closing nothing does not look like success
"""
import argparse
import collections
import glob
import json
import os
import subprocess
import sys
import tempfile

NO_PHASE = "false_positive"  # how the data set names a malicious record outside any step


def read(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def write(path, records):
    with open(path, "w", encoding="utf-8") as f:
        for r in records:
            f.write(json.dumps(r) + "\n")
    return path


def scenarios(folder):
    found = {}
    for alerts in sorted(glob.glob(os.path.join(folder, "*.alerts.ndjson"))):
        labels = alerts[:-len("alerts.ndjson")] + "labels.ndjson"
        if os.path.exists(labels):
            name = os.path.basename(alerts).split(".")[0]
            found[name] = (read(alerts), {r["id"]: r for r in read(labels)})
    return found


def decisions(name, alerts, labels, unseen):
    """The decisions of one scenario; records of the unseen phase were never decided."""
    for a in alerts:
        lab = labels[a["id"]]
        if lab["label"] == "ambiguous" or unseen in lab.get("phases", ()):
            continue
        d = {"alert_id": a["id"], "at": a["last_seen"], "by": "analyst", "certainty": "confirmed"}
        if lab["label"] == "malicious":
            yield {**d, "disposition": "true_positive", "incident": "intrusion " + name}
        else:
            yield {**d, "disposition": "false_positive"}


def run(soc, home, *args):
    env = {"PATH": os.environ.get("PATH", ""), "HOME": home, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    p = subprocess.run([soc, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, check=False)
    if p.returncode:
        sys.exit("soc " + " ".join(args[:1]) + ": " + p.stderr.decode(errors="replace").strip())
    return p.stdout


def shut_ids(output):
    """The alerts whose verdict is closed, or would be."""
    shut, by_verdict = set(), {}
    for line in output.splitlines():
        d = json.loads(line)
        if d["kind"] == "verdict":
            by_verdict[d["id"]] = d["route"] == "close" or d.get("would_close", False)
            if by_verdict[d["id"]]:
                shut.update(d["group"]["alert_ids"])
        elif d["kind"] == "members" and by_verdict[d["verdict"]]:
            shut.update(d["alert_ids"])
    return shut


def one(soc, data, name, unseen, flags, floor):
    alerts, labels = data[name]
    others = [(n, d) for n, d in data.items() if n != name]
    now = max(a["last_seen"] for _, (al, _) in data.items() for a in al)
    with tempfile.TemporaryDirectory(prefix="lopo-") as tmp:
        history = write(tmp + "/history.ndjson", [a for _, (al, lab) in others for a in al if unseen not in lab[a["id"]].get("phases", ())])
        said = write(tmp + "/decisions.ndjson", [d for n, (al, lab) in others for d in decisions(n, al, lab, unseen)])
        new = write(tmp + "/new.ndjson", alerts)
        conf = []
        if floor is not None:
            with open(tmp + "/soc.yaml", "w", encoding="utf-8") as f:
                f.write(f"policy:\n  floor: {floor}\n")
            conf = ["--config", tmp + "/soc.yaml"]
        run(soc, tmp, "learn", "--decisions", said, "--alerts", history, "--out", tmp + "/p.json", "--now", now, *flags, *conf)
        shut = shut_ids(run(soc, tmp, "triage", "--json", "--no-book", "--precedent", tmp + "/p.json", "--now", now, *conf, new))
    count = collections.Counter()
    for a in alerts:
        lab = labels[a["id"]]
        if lab["label"] == "malicious" and unseen in lab["phases"]:
            count["unseen"] += 1
            count["missed"] += a["id"] in shut
        elif lab["label"] == "benign":
            count["benign"] += 1
            count["closed"] += a["id"] in shut
    return count


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", help="folder of NAME.alerts.ndjson and NAME.labels.ndjson")
    p.add_argument("--soc", default="soc", help="the binary (default: soc on PATH)")
    p.add_argument("--alpha", default="0.02")
    p.add_argument("--delta", default="0.05")
    p.add_argument("--floor", type=int, help="decisions a detector needs before it may be closed (default: soc's own)")
    args = p.parse_args()
    data = scenarios(args.folder)
    if len(data) < 2:
        sys.exit(f"{args.folder}: fewer than two scenarios")
    total = collections.Counter()
    print(f"{'left out':26}{'never labelled':24}{'records':>9}{'closed':>8}{'benign closed':>15}")
    for name, (_, labels) in data.items():
        phases = sorted({ph for r in labels.values() if r["label"] == "malicious" for ph in r["phases"]} - {NO_PHASE})
        for phase in phases:
            c = one(args.soc, data, name, phase, ["--alpha", args.alpha, "--delta", args.delta], args.floor)
            total += c
            total["phases"] += 1
            total["lost"] += c["missed"] == c["unseen"]
            print(f"{name:26}{phase:24}{c['unseen']:9}{c['missed']:8}{c['closed'] / max(1, c['benign']):15.3f}", flush=True)
    print(f"METRIC unseen_not_closed {1 - total['missed'] / max(1, total['unseen']):.4f}")
    print(f"METRIC unseen_records {total['unseen']}")
    print(f"METRIC phases {total['phases']}")
    print(f"METRIC phases_lost {total['lost']}")
    print(f"METRIC closed_share {total['closed'] / max(1, total['benign']):.4f}")


if __name__ == "__main__":
    main()
