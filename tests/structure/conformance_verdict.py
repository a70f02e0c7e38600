#!/usr/bin/env python3
"""Whether the conformance programs that are listed did what they must: conformance_verdict.py LIST LOG

LIST has a program per line. A listed program must pass. One that cannot run on every machine says so in its line,

    gpu/blur.cpp  # may skip: needs a device

and may be skipped instead. LOG is what the suite's `run` printed; programs in it that are not listed do not count.
With --names, LIST alone is read and the names are printed.
"""
import re
import sys


def read_list(text):
    """name -> why it may be skipped, or None when it may not"""
    listed = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, mark, comment = (part.strip() for part in line.partition("#"))
        if not name:
            continue
        reason = None
        if mark and comment.startswith("may skip"):
            reason = comment.removeprefix("may skip").lstrip(":").strip()
            if not reason:
                raise SystemExit(f"line {number}: {name} may skip, but the reason is missing")
        if name in listed:
            raise SystemExit(f"line {number}: {name} is listed twice")
        listed[name] = reason
    return listed


def verdict(listed, log):
    """A line for each listed program that did not do what it must."""
    states = {name: state for state, name in re.findall(r"^(pass|skip|FAIL.*?) +[0-9.]+ s  (\S+)$", log, re.M)}
    broken = []
    for name, reason in listed.items():
        state = states.get(name, "was not run")
        if state == "pass" or (state == "skip" and reason):
            continue
        broken.append(f"{name}: " + ("skipped, and its line names no reason for that" if state == "skip" else state))
    return broken


def main(args):
    with open(args[-1 if args[0] == "--names" else 0], encoding="utf-8") as file:
        listed = read_list(file.read())
    if args[0] == "--names":
        print("\n".join(listed))
        return 0
    with open(args[1], encoding="utf-8") as file:
        broken = verdict(listed, file.read())
    if broken:
        print(f"ci: {len(broken)} of {len(listed)} listed conformance programs failed:")
        print("\n".join("    " + line for line in broken))
        return 1
    print(f"ci: all {len(listed)} listed conformance programs did what they must")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
