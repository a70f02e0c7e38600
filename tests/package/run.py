#!/usr/bin/env python3
"""run.py BUILD_DIR: installs the build, and builds a project of a user against the installed package.

Then the schedule file is edited and the project built again: the kernel must change and nothing be compiled. A
schedule file with an unknown directive must fail the build, name the file, and leave the kernel as it was.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

build = pathlib.Path(sys.argv[1]).resolve()
source = pathlib.Path(__file__).resolve().parent / "project"


def run(*command, fails=False):
    result = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if (result.returncode != 0) != fails:
        print("$", *command, "\n" + result.stdout)
        sys.exit(f"expected {'failure' if fails else 'success'}, exit status was {result.returncode}")
    return result.stdout


def expect(condition, what):
    if not condition:
        sys.exit(f"not so: {what}")
    print("ok:", what)


with tempfile.TemporaryDirectory() as temporary:
    work = pathlib.Path(temporary)
    project, out = work / "project", work / "out"
    shutil.copytree(source, project)
    run("cmake", "--install", build, "--prefix", work / "prefix")
    run("cmake", "-G", "Ninja", "-S", project, "-B", out, f"-DCMAKE_PREFIX_PATH={work / 'prefix'}", *sys.argv[2:])
    run("cmake", "--build", out)
    expect(run(out / "app").strip() == "right", "the program that calls the emitted kernels is right")
    for name in ("smooth.h", "smooth.schedule.json", "smooth.stmt"):
        expect((out / "kernels" / name).stat().st_size > 0, f"{name} was emitted")
    expect("no work to do" in run("cmake", "--build", out), "a second build does nothing")

    def objects():
        return {str(o): o.stat().st_mtime_ns for o in out.rglob("*.o")}

    compiled, statement = objects(), (out / "kernels" / "smooth.stmt").read_text()
    schedule = json.loads((project / "smooth.json").read_text())
    schedule["stages"][1]["do"][0][4] = 4
    (project / "smooth.json").write_text(json.dumps(schedule))
    run("cmake", "--build", out)
    expect((out / "kernels" / "smooth.stmt").read_text() != statement, "an edited schedule changes the kernel")
    expect(objects() == compiled, "and compiles nothing")
    expect(run(out / "app").strip() == "right", "and the kernel is still right")

    library = (out / "kernels" / "smooth.a").read_bytes()
    schedule["stages"][1]["do"][0][0] = "spilt"
    (project / "smooth.json").write_text(json.dumps(schedule))
    message = run("cmake", "--build", out, fails=True)
    expect("smooth.json" in message and "spilt" in message, "an unknown directive is refused by name and file")
    expect((out / "kernels" / "smooth.a").read_bytes() == library, "and the kernel stays as it was")
