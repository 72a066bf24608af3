"""How many tests ran, passed and failed, from what they leave behind."""
import json
import re
from dataclasses import dataclass

SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(self.passed + other.passed, self.failed + other.failed,
                     self.skipped + other.skipped)

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")

    def ran(self):
        return self.passed + self.failed + self.skipped > 0

    def settled(self, succeeded):
        """What ran nothing, or says that nothing failed although it ended badly, has failed."""
        if not self.ran() or (not succeeded and not self.failed):
            return self + Count(failed=1)
        return self


def count_by_output(succeeded, output):
    """The count of a command: what its last line says, else one."""
    lines = output.rstrip().splitlines()
    summary = SUMMARY.match(lines[-1]) if lines else None
    if not summary:
        return Count(passed=1) if succeeded else Count(failed=1)
    return Count(*(int(number or 0) for number in summary.groups())).settled(succeeded)


def count_by_report(succeeded, report, output=""):
    """The count of a GoogleTest binary, from the JSON report (a path) that it writes at its end; of
    one that was never started, since its server is missing, what the output says."""
    count = Count()
    lines = output.rstrip().splitlines()
    if not report.exists() and lines and SUMMARY.match(lines[-1]):
        return count_by_output(succeeded, output)
    if report.exists():
        for suite in json.loads(report.read_text(encoding="utf-8"))["testsuites"]:
            for test in suite["testsuite"]:
                if test.get("failures"):
                    count.failed += 1
                elif test["status"] == "NOTRUN" or test["result"] != "COMPLETED":
                    count.skipped += 1
                else:
                    count.passed += 1
    return count.settled(succeeded)


def exit_code(total, skipped_fails):
    """0 only if something passed and nothing failed."""
    return 1 if total.failed or not total.passed or (skipped_fails and total.skipped) else 0
