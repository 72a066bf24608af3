"""Rules about files, folders and documents (STYLE.md)."""
import posixpath
import re

from checks.source_tree import Rules, Violation, line_of

RULES = Rules()
FILE_LINES_MAX = 500
LINE_COLUMNS_MAX = 100
FOLDER_FILES_MAX = 25
README_LINES_MAX = 12
TESTS_TO_CODE_MIN = 1.0
README_FOLDERS = "tests|fuzz|bench|scripts|proto|migrations|docs"
CROWDED = ("src/wire/messages", "src/kafka/handlers")
CODE = r"(src|tests|fuzz|bench|scripts|cmake|proto)/.*|CMakeLists\.txt|\.ci/run"
DATA = re.compile(r"fuzz/corpus/.*|.*/golden/.*|.*\.(json|csv|bin|md|svg|png)")


def code_files(tree):
    return [path for path in tree.paths(CODE) if not DATA.fullmatch(path)]


@RULES.rule("file-length", refused=[{"src/base/x.cc": "\n" * 501}],
            accepted=[{"src/base/x.cc": "\n" * 500}])
def files_are_short(tree):
    for path in code_files(tree):
        length = len(tree.lines(path))
        if length > FILE_LINES_MAX:
            yield Violation(path, length,
                            f"{length} lines, at most {FILE_LINES_MAX}: split by concern")


@RULES.rule("line-length", refused=[{"src/base/x.cc": "x" * 101}, {"scripts/x": "x" * 101}],
            accepted=[{"src/base/x.cc": "é" * 100}])
def lines_are_short(tree):
    for path in code_files(tree):
        for number, line in enumerate(tree.lines(path), 1):
            if len(line) > LINE_COLUMNS_MAX:
                yield Violation(path, number, f"{len(line)} columns, at most {LINE_COLUMNS_MAX}")


@RULES.rule("folder-size",
            refused=[{f"src/base/x{number}.h": "" for number in range(26)}],
            accepted=[{f"src/wire/messages/x{number}.h": "" for number in range(26)}])
def folders_are_small(tree):
    counts = {}
    for path in code_files(tree):
        folder = posixpath.dirname(path)
        if path.endswith("CMakeLists.txt"):
            continue
        counts[folder] = counts.get(folder, 0) + 1
    for folder, count in counts.items():
        if count > FOLDER_FILES_MAX and folder not in CROWDED:
            yield Violation(folder, 1,
                            f"{count} files, at most {FOLDER_FILES_MAX}: make subfolders")


@RULES.rule("folder-readme",
            refused=[{"src/base/x.h": ""}, {"src/base/x.h": "", "src/base/README.md": "x\n" * 13},
                     {"docs/x.md": ""},
                     {"tests/e2e/grpc/x.cc": "", "tests/README.md": "# tests\n"}],
            accepted=[{"src/base/x.h": "", "src/base/README.md": "# base\n", "cmake/x.cmake": ""},
                      {"docs/formats/x.md": "", "docs/README.md": "# docs\n"}])
def every_folder_says_what_it_is(tree):
    """Each folder of src and tests, and the others of README_FOLDERS as a whole."""
    folders = {"/".join(path.split("/")[:2]) for path in tree.paths(r"(src|tests)/.*/.*")}
    folders |= {path.split("/")[0] for path in tree.paths(rf"({README_FOLDERS})/.*")}
    for folder in sorted(folders):
        readme = f"{folder}/README.md"
        if readme not in tree.texts:
            yield Violation(folder, 1, "no README.md: purpose, layer, three main types, tests, "
                                       "change here when")
        elif len([line for line in tree.lines(readme) if line.strip()]) > README_LINES_MAX:
            yield Violation(readme, 1, f"more than {README_LINES_MAX} lines: design goes to docs")


def statements(tree, paths):
    """Lines that are neither blank nor comment nor directive."""
    lines = (line.strip() for path in paths for line in tree.lines(path))
    return sum(1 for line in lines if line and not line.startswith(("//", "#")))


@RULES.rule("test-length",
            refused=[{"src/base/x.cc": "a\nb\n", "src/base/x_test.cc": "a\n//\n\n"}],
            accepted=[{"src/base/x.cc": "// a\n\nb\n", "tests/sim/x.h": "a\n",
                       "bench/x.cc": "b\n"}])
def tests_are_as_long_as_the_code(tree):
    """src against *_test.*, tests and fuzz."""
    tests = {path for path in tree.paths(r".*\.(cc|h|py)")
             if re.search(r"^(tests|fuzz)/|_test\.|/fake_", path)}
    code = set(tree.paths(r"src/.*\.(cc|h)")) - tests
    ratio = statements(tree, tests) / max(1, statements(tree, code))
    if ratio < TESTS_TO_CODE_MIN:
        yield Violation("src", 1, f"tests are {ratio:.2f} of the code, at least "
                                  f"{TESTS_TO_CODE_MIN}")


def exists(tree, path):
    return path in tree.texts or any(name.startswith(path.rstrip("/") + "/") for name in tree.texts)


@RULES.rule("link",
            refused=[{"README.md": "see [there](docs/no.md)"},
                     {"docs/a.md": "see [there](b.md#part)"}],
            accepted=[{"README.md": "[a](docs/b.md#x), [web](https://x.org), [here](#top)",
                       "docs/b.md": "[up](../README.md), `[not](a-link.md)`"}])
def links_lead_somewhere(tree):
    for path in tree.paths(r".*\.md"):
        text = re.sub(r"```.*?```|`[^`\n]*`", lambda match: re.sub(r"[^\n]", " ", match.group()),
                      tree.texts[path], flags=re.DOTALL)
        for match in re.finditer(r"\]\(([^)\s]+)\)", text):
            target = match.group(1).split("#")[0]
            if not target or re.match(r"[a-z]+:", target):
                continue
            resolved = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if not exists(tree, resolved):
                yield Violation(path, line_of(text, match.start()), f"link to {target}: no file")


@RULES.rule("named-path",
            refused=[{"ARCHITECTURE.md": "done by `src/base/no.h`"},
                     {"src/base/x.h": "// Format: docs/formats/no.md\n"},
                     {"docs/x.md": "run `scripts/no --fast`"}],
            accepted=[{"ARCHITECTURE.md": "`src/base/x.h`, `src/base`, `src/<x>/y.h`, `src/*/y.h`",
                       "src/base/x.h": ""}])
def named_files_exist(tree):
    """Paths that documents (in backquotes) and comments (documents only) name."""
    for path in tree.paths(r".*\.(md|h|cc)"):
        pattern = (r"`\.?/?((?:src|tests|scripts|docs|fuzz|bench|proto|cmake)/[^`\s]+)[^`\n]*`"
                   if path.endswith(".md") else r"\b(docs/[\w./-]+\.md)\b")
        for match in re.finditer(pattern, tree.texts[path]):
            name = match.group(1).rstrip(".,:")
            if not re.search(r"[<*{]|NNNN|\.\.\.", name) and not exists(tree, name):
                yield Violation(path, line_of(tree.texts[path], match.start()),
                                f"names {name}, which does not exist")


@RULES.rule("format-page",
            refused=[{"docs/formats/x.md": "bytes", "docs/y.md": "docs/formats/x.md"}],
            accepted=[{"docs/formats/x.md": "bytes", "src/base/x.h": "// docs/formats/x.md"}])
def format_pages_have_code(tree):
    code = "".join(tree.texts[path] for path in tree.paths(r"src/.*\.(h|cc)"))
    for path in tree.paths(r"docs/formats/.*\.md"):
        if path not in code:
            yield Violation(path, 1, "no file of src says that it reads or writes this format")


@RULES.rule("fuzz-corpus",
            refused=[{"fuzz/fuzz_a.cc": "", "fuzz/CMakeLists.txt": "sh_fuzz(a LINK sh_base)"},
                     {"fuzz/fuzz_a.cc": "", "fuzz/CMakeLists.txt": "", "fuzz/corpus/a/x": ""},
                     {"fuzz/CMakeLists.txt": "", "fuzz/corpus/a/x": ""}],
            accepted=[{"fuzz/fuzz_a.cc": "", "fuzz/CMakeLists.txt": "sh_fuzz(a LINK sh_base)",
                       "fuzz/corpus/a/x": ""}])
def fuzz_targets_are_complete(tree):
    targets = {path[len("fuzz/fuzz_"):-3] for path in tree.paths(r"fuzz/fuzz_\w+\.cc")}
    corpora = {path.split("/")[2] for path in tree.paths(r"fuzz/corpus/\w+/.+")}
    listed = set(re.findall(r"^\s*sh_fuzz\((\w+)", tree.texts.get("fuzz/CMakeLists.txt", ""),
                            re.MULTILINE))
    for name in sorted(targets - corpora):
        yield Violation(f"fuzz/fuzz_{name}.cc", 1, f"fuzz/corpus/{name} holds no seed")
    for name in sorted(targets - listed):
        yield Violation(f"fuzz/fuzz_{name}.cc", 1, "fuzz/CMakeLists.txt does not list it")
    for name in sorted(corpora - targets):
        yield Violation(f"fuzz/corpus/{name}", 1, f"there is no fuzz/fuzz_{name}.cc")
