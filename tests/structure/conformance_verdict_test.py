#!/usr/bin/env python3
"""What conformance_verdict.py accepts and what not."""
import unittest

from conformance_verdict import read_list, verdict

LOG = """\
pass                3.1 s  core/casts.cpp
skip                0.2 s  gpu/blur.cpp
skip                0.2 s  core/vectors.cpp
FAIL (run, 1)       1.0 s  func/updates.cpp
FAIL (build, 1)     0.5 s  func/tuples.cpp
1 passed, 2 failed, 2 skipped
"""


class Verdict(unittest.TestCase):
    def test_passing(self):
        self.assertEqual(verdict(read_list("# a comment\ncore/casts.cpp\n\n"), LOG), [])

    def test_failing(self):
        self.assertEqual(verdict(read_list("func/updates.cpp\nfunc/tuples.cpp\n"), LOG),
                         ["func/updates.cpp: FAIL (run, 1)", "func/tuples.cpp: FAIL (build, 1)"])

    def test_skipping(self):
        self.assertEqual(len(verdict(read_list("core/vectors.cpp\n"), LOG)), 1)
        self.assertEqual(len(verdict(read_list("core/vectors.cpp  # whatever\n"), LOG)), 1)
        self.assertEqual(verdict(read_list("gpu/blur.cpp  # may skip: needs a device\n"), LOG), [])

    def test_allowed_to_skip_is_not_allowed_to_fail(self):
        self.assertEqual(len(verdict(read_list("func/updates.cpp  # may skip: needs a device\n"), LOG)), 1)

    def test_not_run(self):
        self.assertEqual(verdict(read_list("core/other.cpp\n"), LOG), ["core/other.cpp: was not run"])
        self.assertEqual(len(verdict(read_list("core/casts.cp\n"), LOG)), 1)

    def test_reason_is_needed(self):
        with self.assertRaises(SystemExit):
            read_list("gpu/blur.cpp  # may skip\n")
        with self.assertRaises(SystemExit):
            read_list("gpu/blur.cpp  # may skip:\n")

    def test_twice(self):
        with self.assertRaises(SystemExit):
            read_list("core/casts.cpp\ncore/casts.cpp\n")


if __name__ == "__main__":
    unittest.main()
