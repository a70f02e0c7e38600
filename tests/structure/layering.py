#!/usr/bin/env python3
"""layering.py ROOT: the rule of src/README.md as a check of every #include.

A folder of src/ includes only itself and what stands above it; src/codegen/llvm alone includes LLVM; src/runtime
includes nothing of the compiler; public headers include neither src/ nor LLVM, and so do programs that use them.
"""
import pathlib
import re
import sys

ORDER = ["support", "ir", "analysis", "language", "schedule", "lower", "interpret", "codegen/llvm",
         "codegen/source", "driver"]
INCLUDE = re.compile(r'^\s*#\s*include(?:_next)?\s*([<"])([^>"]+)[>"]', re.M)


def folder_of(path):
    """The folder of src/ that an include path names, or None."""
    return next((f for f in ORDER + ["runtime"] if path.startswith(f + "/")), None)


def violations(root):
    src = root / "src"
    for file in sorted(p for p in root.rglob("*") if p.suffix in (".h", ".cpp", ".c", ".def")):
        relative = file.relative_to(root)
        top = relative.parts[0]
        if top not in ("src", "include", "generators", "demo"):
            continue
        mine = folder_of(str(relative.relative_to("src"))) if top == "src" else None
        for match in INCLUDE.finditer(file.read_text(errors="replace")):
            path = match.group(2)
            if re.match(r"(llvm|llvm-c|clang|lld)/", path) and mine != "codegen/llvm":
                yield f"{relative}: includes {path}: only src/codegen/llvm may include LLVM"
            theirs = folder_of(path)
            if theirs is None or not (src / path).exists():
                continue
            if mine is None:
                yield f"{relative}: includes {path}: src/ is private"
            elif mine == theirs:
                continue
            elif "runtime" in (mine, theirs):
                yield f"{relative}: includes {path}: the runtime and the compiler do not include each other"
            elif ORDER.index(theirs) > ORDER.index(mine):
                yield f"{relative}: includes {path}: {theirs} stands below {mine}"


found = list(violations(pathlib.Path(sys.argv[1])))
print("\n".join(found) or "every include keeps to the order of the folders")
sys.exit(1 if found else 0)
