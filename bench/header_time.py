#!/usr/bin/env python3
"""header_time.py PROGRAMS [--heddle DIR] [--halide DIR] [--every N] [--runs N] [--cxx g++]

How long a program that includes "Halide.h" takes to compile: processor seconds (user and system, which a busy machine
changes least) of `g++ -std=c++20 -O1 -c`, the least of some runs, for each PROGRAMS/*/*.cpp but those of gpu/, and
their median. With --halide (default: the environment variable HALIDE_ROOT, the folder with include/), each program is
compiled against Halide's header, too, in turn with ours.
"""
import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("programs", type=pathlib.Path)
ap.add_argument("--heddle", type=pathlib.Path, default=here.parent, help="the source tree, or where it is installed")
ap.add_argument("--halide", type=pathlib.Path, default=os.environ.get("HALIDE_ROOT"))
ap.add_argument("--every", type=int, default=1, help="only one program in N")
ap.add_argument("--runs", type=int, default=2)
ap.add_argument("--cxx", default="g++")
a = ap.parse_args()

tree = a.heddle / "include"
ours = [f"-I{d}" for d in (tree / "compat", tree / "heddle" / "compat", tree) if d.is_dir()]
peers = {"heddle": [*ours, "-isystem", "/usr/include/halide14"]}
if a.halide:
    peers["halide"] = [f"-I{a.halide / 'include'}"]


def seconds(flags, source, scratch):
    command = [a.cxx, "-std=c++20", "-O1", f"-I{a.programs}", *flags, "-c", str(source), "-o", f"{scratch}/o.o"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode:
        sys.exit(f"{' '.join(command)}\n{run.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


programs = sorted(p for p in a.programs.glob("*/*.cpp") if p.parent.name != "gpu")[::a.every]
if not programs:
    sys.exit(f"no programs in {a.programs}")
times = {peer: [] for peer in peers}
with tempfile.TemporaryDirectory() as scratch:
    print(f"{'processor seconds':40}" + "".join(f"{peer:>8}" for peer in peers))
    for program in programs:
        runs = [{peer: seconds(flags, program, scratch) for peer, flags in peers.items()} for _ in range(a.runs)]
        for peer in peers:
            times[peer].append(min(r[peer] for r in runs))
        name = f"{program.parent.name}/{program.name}"
        print(f"{name:40}" + "".join(f"{times[peer][-1]:8.2f}" for peer in peers), flush=True)
median = {peer: statistics.median(t) for peer, t in times.items()}
print(f"{'median of ' + str(len(programs)):40}" + "".join(f"{median[peer]:8.2f}" for peer in peers))
if "halide" in median:
    print(f"heddle / halide: {median['heddle'] / median['halide']:.2f}")
