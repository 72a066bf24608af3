"""Rules about files, folders and documents (STYLE.md)."""
import posixpath
import re

from checks.source_tree import Rules, Violation, line_of

RULES = Rules()
FILE_LINES_MAX = 500
LINE_COLUMNS_MAX = 100
FOLDER_FILES_MAX = 25
README_LINES_MAX = 12
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
            refused=[{"src/base/x.h": ""}, {"src/base/x.h": "", "src/base/README.md": "x\n" * 13}],
            accepted=[{"src/base/x.h": "", "src/base/README.md": "# base\n"}])
def every_folder_says_what_it_is(tree):
    for folder in sorted({"/".join(path.split("/")[:2]) for path in tree.paths(r"src/.*/.*")}):
        readme = f"{folder}/README.md"
        if readme not in tree.texts:
            yield Violation(folder, 1, "no README.md: purpose, layer, three main types, tests, "
                                       "change here when")
        elif len([line for line in tree.lines(readme) if line.strip()]) > README_LINES_MAX:
            yield Violation(readme, 1, f"more than {README_LINES_MAX} lines: design goes to docs")


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


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def switch_cases(text, outcome):
    """code -> groups of `outcome` in the return that follows its `case Errc::k...` labels."""
    cases = {}
    for match in re.finditer(r"((?:\s*case Errc::k\w+:)+)\s*return " + outcome, text):
        for name in re.findall(r"Errc::k(\w+)", match.group(1)):
            cases[snake(name)] = match.groups()[1:]
    return cases


ERRORS = {
    "src/base/error.h": "enum class Errc : std::uint8_t {\n  kNotFound,\n  kStopped,  ///< x\n};\n",
    "src/base/error.cc": "Retry retryability(Errc code) {\n  switch (code) {\n"
                         "    case Errc::kStopped:\n      return Retry::kAfterRefresh;\n"
                         "    case Errc::kNotFound:\n      return Retry::kNever;\n  }\n}\n",
    "src/rpc/error_status.cc":
        "case Errc::kNotFound:\n  return {grpc::StatusCode::NOT_FOUND, \"not_found\"};\n"
        "case Errc::kStopped:\n  return {grpc::StatusCode::UNAVAILABLE, \"unavailable\"};\n",
}
ROWS = ("| `not_found` | x | never | NOT_FOUND `not_found` | 1 |\n"
        "| `stopped` | x | after refresh | UNAVAILABLE `unavailable`, more | 2 |\n")


@RULES.rule("errors-page",
            refused=[ERRORS | {"docs/errors.md": ROWS.splitlines()[0]},
                     ERRORS | {"docs/errors.md": ROWS + "| `gone` | x | never | A `b` | 1 |\n"},
                     ERRORS | {"docs/errors.md": ROWS.replace("after refresh", "after backoff")},
                     ERRORS | {"docs/errors.md": ROWS.replace("UNAVAILABLE", "ABORTED")},
                     ERRORS],
            accepted=[ERRORS | {"docs/errors.md": ROWS}])
def the_errors_page_is_the_source(tree):
    """docs/errors.md: | `code` | meaning | retry | gRPC status `trailer` ... | for every Errc."""
    header = tree.texts.get("src/base/error.h")
    if header is None:
        return
    body = re.search(r"enum class Errc[^{]*\{(.*?)\};", header, re.DOTALL).group(1)
    codes = [snake(name) for name in re.findall(r"^\s*k(\w+)\b", body, re.MULTILINE)]
    retry = switch_cases(tree.texts["src/base/error.cc"], r"Retry::k(\w+);")
    status = switch_cases(tree.texts["src/rpc/error_status.cc"],
                          r'\{grpc::StatusCode::(\w+), "(\w+)"\};')
    page = "docs/errors.md"
    rows = {}
    for number, line in enumerate(tree.texts.get(page, "").splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if re.fullmatch(r"`[a-z_]+`", cells[0]) and len(cells) >= 5:
            rows[cells[0].strip("`")] = (number, cells)
    for code in codes:
        number, cells = rows.get(code, (1, None))
        if cells is None:
            yield Violation(page, number, f"has no row for `{code}` of src/base/error.h")
            continue
        wanted = snake(retry[code][0]).replace("_", " ")
        if cells[2] != wanted:
            yield Violation(page, number, f"`{code}` is retried {wanted} by src/base/error.cc")
        wanted = "{} `{}`".format(*status[code])
        if not cells[3].startswith(wanted):
            yield Violation(page, number, f"`{code}` is {wanted} in src/rpc/error_status.cc")
    for code in rows.keys() - set(codes):
        yield Violation(page, rows[code][0], f"`{code}` is no code of src/base/error.h")
