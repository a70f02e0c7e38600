#!/usr/bin/env python3
"""Runs the commands of a document and compares what they print.

    doc_commands.py BUILD_DIR FILE.md [--bless]

In a ```console block, a line `$ command` is run by bash in the root of the source tree, with BUILD set to the build
folder and OUT to an empty one; the lines up to the next `$` are what it prints. A line `...` stands for any lines, and
the last line `(exit status 1)` says that it fails so; every other command succeeds. --bless (or HEDDLE_BLESS=1) writes
what was printed into the file instead, but keeps blocks with `...` as they are; of a failure it writes the text only
where one was expected.
"""
import os, pathlib, re, subprocess, sys, tempfile

build, file = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
bless = "--bless" in sys.argv or os.environ.get("HEDDLE_BLESS") == "1"
root = pathlib.Path(__file__).resolve().parents[2]
text = file.read_text()
failures = 0


def matches(want, got):
    pattern = "".join("(?:.*\n)*?" if line == "..." else re.escape(line) + "\n" for line in want)
    return re.fullmatch(pattern, "".join(line + "\n" for line in got)) is not None


def run_block(block):
    global failures
    steps, lines = [], block.group(1).splitlines()
    for line in lines:
        if line.startswith("$ "):
            steps.append((line, []))
        elif steps:
            steps[-1][1].append(line)
    out = ["```console"]
    for command, want in steps:
        done = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", command[2:]], cwd=root, env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        got = done.stdout.replace(str(build), "$BUILD").replace(environment["OUT"], "$OUT").splitlines()
        expected_status = re.fullmatch(r"\(exit status (\d+)\)", want[-1]) if want else None
        unexpected = done.returncode != (int(expected_status[1]) if expected_status else 0)
        if done.returncode != 0:
            got.append(f"(exit status {done.returncode})")
        rewrite = bless and "..." not in want and not unexpected
        if unexpected or not matches(want, got) and not rewrite:
            failures += 1
            print(f"{file}: {command}\n--- written\n" + "\n".join(want) + "\n--- printed\n" + "\n".join(got))
        out += [command] + (got if rewrite else want)
    return "\n".join(out + ["```"])


with tempfile.TemporaryDirectory() as scratch:
    environment = dict(os.environ, BUILD=str(build), OUT=scratch)
    new = re.sub(r"```console\n(.*?)```", run_block, text, flags=re.S)
if bless and new != text:
    file.write_text(new)
commands = len(re.findall(r"^\$ ", text, flags=re.M))
if commands == 0:
    failures += 1
    print(f"{file}: no command")
print(f"{file}: {commands} commands, {failures} failed")
sys.exit(1 if failures else 0)
