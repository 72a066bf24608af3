"""The project's files as the checks see them, and the form of a rule with its own proof.

A rule is a function from a SourceTree to Violations, registered with samples that it must refuse
and samples that it must accept. Each run first tries every rule on its samples: a check that cannot
fail proves nothing.

A line may break a rule where that makes the code clearer, if it or the line above says why:
    // allow(rule-name): reason
"""
import functools
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

WAIVER = re.compile(r"(?://|#|--|<!--)\s*allow\(([a-z-]+)\): \S+")
LITERALS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^()\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-zA-Z])'(?:\\.|[^'\\\n])+'", re.DOTALL)


@dataclass(frozen=True)
class Violation:
    path: str
    line: int
    text: str


class SourceTree:
    """Path -> text of every file, tracked or new, that is not ignored; a binary one is empty."""

    def __init__(self, texts):
        self.texts = texts
        self._code = {}

    @staticmethod
    def of_clone(root):
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root, capture_output=True, check=True).stdout.decode()
        texts = {}
        for name in sorted(set(listing.split("\0")) - {""}):
            path = Path(root, name)
            if path.is_file():
                try:
                    texts[name] = path.read_text(encoding="utf-8")
                except UnicodeDecodeError:
                    texts[name] = ""
        return SourceTree(texts)

    def paths(self, pattern):
        """Paths that match the regular expression from start to end."""
        expression = re.compile(pattern)
        return [path for path in self.texts if expression.fullmatch(path)]

    def code(self, path):
        """C++ text with comments and literals blanked out; line numbers stay."""
        if path not in self._code:
            self._code[path] = LITERALS.sub(
                lambda match: blank(match.group()), self.texts[path])
        return self._code[path]

    def lines(self, path):
        return self.texts[path].splitlines()

    def layers(self):
        """Folder -> layer number, from src/LAYERS."""
        pairs = (line.split() for line in self.texts.get("src/LAYERS", "").splitlines())
        return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2}

    def waived(self, rule, violation):
        if violation.path not in self.texts:
            return False
        lines = self.lines(violation.path)
        near = lines[max(0, violation.line - 2):violation.line]
        return any(rule in WAIVER.findall(line) for line in near)


def blank(text):
    """The same shape without the characters: line numbers stay."""
    return re.sub(r"[^\n]", " ", text)


@functools.cache
def without_directives(code):
    """C++ text with preprocessor lines, macro bodies too, blanked out."""
    return re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda match: blank(match.group()), code,
                  flags=re.MULTILINE)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def folder_of(path):
    """`base` for src/base/x.cc; None outside src."""
    match = re.fullmatch(r"src/([^/]+)/.+", path)
    return match.group(1) if match else None


def is_test(path):
    return path.endswith("_test.cc") or path.startswith(("tests/", "fuzz/", "bench/"))


@dataclass
class Rule:
    name: str
    check: Callable
    refused: list
    accepted: list = field(default_factory=list)


class Rules:
    """An ordered set of rules; run() proves them on their samples, then applies them."""

    def __init__(self):
        self.rules = []

    def rule(self, name, refused, accepted=()):
        """Registers a rule. `refused` and `accepted` are lists of trees given as {path: text}."""
        def register(check):
            self.rules.append(Rule(name, check, list(refused), list(accepted)))
            return check
        return register

    def violations(self, rule, tree):
        return [found for found in rule.check(tree) if not tree.waived(rule.name, found)]

    def vacuous(self):
        """Rules that let a sample pass which they must refuse, or refuse one they must accept."""
        for rule in self.rules:
            if not rule.refused:
                yield f"{rule.name}: has no sample that it must refuse"
            for sample in rule.refused:
                if not self.violations(rule, SourceTree(sample)):
                    yield f"{rule.name}: did not refuse {sample}"
            for sample in rule.accepted:
                for found in self.violations(rule, SourceTree(sample)):
                    yield f"{rule.name}: refused {sample}: {found.text}"

    def run(self, root):
        """Prints what is wrong; returns the exit code."""
        problems = list(self.vacuous())
        if problems:
            print("the check itself is broken:", *problems, sep="\n  ")
            return 2
        tree = SourceTree.of_clone(root)
        failed = 0
        for rule in self.rules:
            for found in self.violations(rule, tree):
                failed += 1
                print(f"{found.path}:{found.line}: {found.text} [{rule.name}]")
        if failed:
            print(f"{failed} violations of {len(self.rules)} rules", file=sys.stderr)
        return 1 if failed else 0
