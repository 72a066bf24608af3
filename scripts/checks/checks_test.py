"""Goal: what judges the code cannot pass by accident. Method: every tool of scripts/ gets something
that it must refuse, and says so. The rules of check_house and check_layers carry their samples."""
import json
import subprocess
import tempfile
import unittest
from pathlib import Path

from clang_tidy import project_scope
from checks.counting import Count, count_by_output, count_by_report, exit_code

ROOT = Path(__file__).resolve().parent.parent.parent


def entry(status="RUN", result="COMPLETED", **more):
    return {"name": "x", "status": status, "result": result} | more


class CountingTest(unittest.TestCase):
    def report_of(self, *tests):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name, "report.json")
        path.write_text(json.dumps({"testsuites": [{"testsuite": list(tests)}]}), encoding="utf-8")
        return path

    def test_a_plain_command_counts_one(self):
        self.assertEqual(count_by_output(True, "all good\n"), Count(1, 0, 0))
        self.assertEqual(count_by_output(False, "all good\n"), Count(0, 1, 0))
        self.assertEqual(count_by_output(True, ""), Count(1, 0, 0))

    def test_a_summary_as_last_line_is_the_count(self):
        self.assertEqual(count_by_output(True, "x\n12 passed, 0 failed\n"), Count(12, 0, 0))
        self.assertEqual(count_by_output(False, "1 passed, 2 failed, 3 skipped"), Count(1, 2, 3))
        self.assertEqual(count_by_output(True, "5 passed, 0 failed\nmore"), Count(1, 0, 0))

    def test_a_command_that_ran_nothing_has_failed(self):
        self.assertEqual(count_by_output(True, "0 passed, 0 failed"), Count(0, 1, 0))

    def test_a_bad_end_is_a_failure_whatever_the_summary_says(self):
        self.assertEqual(count_by_output(False, "7 passed, 0 failed"), Count(7, 1, 0))

    def test_a_report_counts_each_test(self):
        report = self.report_of(entry(), entry(), entry(failures=[{}]), entry(result="SKIPPED"),
                           entry(status="NOTRUN", result="SUPPRESSED"))
        self.assertEqual(count_by_report(False, report), Count(2, 1, 2))

    def test_an_empty_or_missing_report_is_a_failure(self):
        self.assertEqual(count_by_report(True, self.report_of()), Count(0, 1, 0))
        self.assertEqual(count_by_report(True, Path("/nowhere.json")), Count(0, 1, 0))

    def test_a_crash_after_the_tests_is_a_failure(self):
        self.assertEqual(count_by_report(False, self.report_of(entry())), Count(1, 1, 0))

    def test_the_exit_code_needs_something_that_passed_and_nothing_that_failed(self):
        self.assertEqual(exit_code(Count(1, 0, 0), True), 0)
        self.assertEqual(exit_code(Count(0, 0, 0), False), 1)
        self.assertEqual(exit_code(Count(5, 1, 0), False), 1)
        self.assertEqual(exit_code(Count(5, 0, 1), False), 0)
        self.assertEqual(exit_code(Count(5, 0, 1), True), 1)


class ToolTest(unittest.TestCase):
    def output_of(self, text, *command):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "sample.cc")
            path.write_text(text, encoding="utf-8")
            words = [str(path) if word == "FILE" else word for word in command]
            done = subprocess.run(words, cwd=ROOT, text=True, capture_output=True, check=False)
            self.assertNotEqual(done.returncode, 0)
            return done.stdout + done.stderr

    def test_clang_tidy_finds_what_it_is_there_for(self):
        text = ("#include <string>\n#include <utility>\nnamespace x {\n"
                "int BadName(std::string a, int, int, int, int, int) {\n"
                "  std::string b = std::move(a);\n  return static_cast<int>(a.size() + b.size());\n"
                "}\n}\n")
        plugin = project_scope.plugin_in(ROOT / "build" / "release")
        output = self.output_of(text, "clang-tidy-19", f"--load={plugin}",
                                "--config-file=.clang-tidy", "FILE", "--", "-std=c++23")
        for check in ("readability-identifier-naming", "readability-function-size",
                      "bugprone-use-after-move"):
            self.assertIn(check, output)

    def test_clang_format_finds_another_layout(self):
        output = self.output_of("int  f( ){return 1;}\n", "clang-format-19", "--dry-run", "-Werror",
                                "--style=file:.clang-format", "FILE")
        self.assertIn("clang-format-violations", output)

    def test_the_compiler_refuses_a_dropped_result(self):
        text = '#include "base/error.h"\nstreamhouse::base::Status f();\nvoid g() { f(); }\n'
        output = self.output_of(text, "clang++-19", "-std=c++23", "-Isrc", "-Wall", "-Werror",
                                "-fsyntax-only", "FILE")
        self.assertIn("nodiscard", output)


if __name__ == "__main__":
    unittest.main()
