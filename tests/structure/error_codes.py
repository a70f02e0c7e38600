#!/usr/bin/env python3
"""Error codes stand in three places: error_codes.py SOURCE_ROOT

Each code that the sources throw has a row in docs/errors.md and a golden text below tests/ ("error HDnnnn: ..."), which
some test names; and no row or golden text is of a code that nothing throws.
"""
import pathlib
import re
import sys

# What a code is the first argument or member of: refuse(123, ...), Refusal{123, ...}, d.code = 123; and `a ? 123 : 124`.
USE = re.compile(r"(?:\b(?:refuse\w*|fail|file_error|file_refusal)\(|\bRefusal(?: \w+)?\{|\b(?:diagnostic_of|refuse_\w+)\(\s*\{"
                 r"|\bcode = |\breturn \{|\bcheck_no_parallel_between\([\w, ]*?)\s*((?:[^,;(){}]*\?\s*)?\d{2,3}(?:\s*:\s*\d{2,3})?)\s*[,;]")


def codes_in_sources(root):
    found = {}
    for folder in ("src", "tools", "include"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".cpp", ".h"):
                continue
            text = path.read_text(encoding="utf-8")
            for use in USE.finditer(text):
                for code in re.findall(r"\b\d{2,3}\b", use[1]):
                    found.setdefault(code.zfill(3), path.relative_to(root))
            for code in re.findall(r'"error HD0(\d{3}): ', text):  # printed by a tool
                found.setdefault(code, path.relative_to(root))
    return found


def golden_texts(root):
    """code -> texts; and the texts that no test names"""
    tests = root / "tests"
    sources = "\n".join(p.read_text(encoding="utf-8") for p in sorted(tests.rglob("*.cpp")))
    found, orphans = {}, []
    for path in sorted(p for p in tests.rglob("*") if p.suffix in (".txt", ".md") and p.name != "CMakeLists.txt"):
        codes = set(re.findall(r"error HD0(\d{3}):", path.read_text(encoding="utf-8")))
        for code in codes:
            found.setdefault(code, []).append(path.relative_to(root))
        name, folder = path.stem, path.parent.name
        # refused/ of directives has the names of directives.def, tools/ the transcripts that CMake collects.
        if codes and path.parent != tests / "tools" and path.parent != tests / "directives" / "refused":
            number = re.fullmatch(r"HD0(\d{3})", name)
            named = f'"{name}"' in sources or f'{folder}/{path.name}"' in sources
            if not named and not (number and f"REFUSED({int(number[1])}," in sources):
                orphans.append(path.relative_to(root))
    return found, orphans


def main(root):
    page = (root / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| HD0(\d{3}) \|", page, re.M)
    sources = codes_in_sources(root)
    golden, orphans = golden_texts(root)
    faults = [f"HD0{c} has two rows in docs/errors.md" for c in sorted(set(rows)) if rows.count(c) > 1]
    faults += [f"HD0{c} of {sources[c]} has no row in docs/errors.md" for c in sorted(set(sources) - set(rows))]
    faults += [f"HD0{c} has a row in docs/errors.md, but nothing throws it" for c in sorted(set(rows) - set(sources))]
    faults += [f"HD0{c} of {sources[c]} has no golden text: add a program to tests/errors" for c in sorted(set(sources) - set(golden))]
    faults += [f"{golden[c][0]} is of HD0{c}, which nothing throws" for c in sorted(set(golden) - set(sources))]
    faults += [f"{path} is a golden text that no test names" for path in orphans]
    for fault in faults:
        print(fault)
    print(f"{len(sources)} codes, {len(faults)} faults")
    return 1 if faults or len(sources) < 200 else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
