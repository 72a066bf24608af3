"""Rules about pages that repeat what the source says: they may not drift apart."""
import re

from checks.source_tree import Rules, Violation, is_test

RULES = Rules()


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


OPTION = re.compile(r'\{"([a-z-]+)", "[^"]+",\s*"[^"]*",\s*"([^"]*)",')
# The file itself is an option of no table.
FLAGS_BESIDE = {"config"}
VARIABLES_OF_THE_SYSTEM = {"HOME"}
# How the source asks for a variable by its name; options are asked for by the table.
READS = re.compile(r"\b(?:getenv|get|take|first_of|file_or_home)\(([^();]*)\)")
NAME = re.compile(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)"')
SETTINGS = {
    "src/agent/config/option.cc":
        '    {"flush-size", "SIZE", "closed at once",\n     "8MiB", [](x) {}},\n'
        '    {"zone", "NAME", "where", "none", [](x) {}},\n',
    "docs/contract.md": "| `--flush-size` | `8MiB` | x |\n| `--zone` | none | x |\n",
    ".env.example": "# x\n#FLUSH_SIZE=8MiB\n#ZONE=\n#CONFIG=x\n#AWS_B=\n",
    "src/cli/x.cc": 'const auto x = get(environment, "CONFIG"); Table t({"HEAD_ING"});\n'
                    'y = first_of(variable, {"AWS_B", "CONFIG"});\n',
}


def variables_read(tree):
    """Every environment variable that a program asks for by name."""
    return {name for path in tree.paths(r"src/.*\.cc") if not is_test(path)
            for call in READS.findall(tree.texts[path])
            for name in NAME.findall(call)} - VARIABLES_OF_THE_SYSTEM


def with_change(sample, path, old, new):
    return sample | {path: sample[path].replace(old, new)}


@RULES.rule("settings-pages",
            refused=[with_change(SETTINGS, "docs/contract.md", "--zone", "--zones"),
                     with_change(SETTINGS, "docs/contract.md", "8MiB", "9MiB"),
                     with_change(SETTINGS, ".env.example", "#ZONE=", ""),
                     with_change(SETTINGS, ".env.example", "8MiB", "9MiB"),
                     with_change(SETTINGS, ".env.example", "# x", "#GONE=1"),
                     with_change(SETTINGS, ".env.example", "#AWS_B=\n", ""),
                     with_change(SETTINGS, "src/cli/x.cc", "AWS_B", "AWS_C")],
            accepted=[SETTINGS])
def settings_are_listed(tree):
    """The options of the source (--help prints them) = docs/contract.md; they, and every variable
    that a program reads, = .env.example."""
    source, page, example, *_ = SETTINGS
    if source not in tree.texts:
        return
    options = dict(OPTION.findall(tree.texts[source]))
    rows = dict(re.findall(r"^\| `--([a-z-]+)` \| ([^|]*) \|", tree.texts.get(page, ""),
                           re.MULTILINE))
    variables = dict(re.findall(r"^#?([A-Z0-9_]+)=(.*)$", tree.texts.get(example, ""),
                                re.MULTILINE))
    names = {flag: flag.upper().replace("-", "_") for flag in options}
    for flag, default in options.items():
        if rows.get(flag, "").replace("`", "") != default:
            yield Violation(page, 1, f"needs the row `--{flag}` with the default {default}")
        literal = not re.search(r" |^none$|HOSTNAME", default)
        value = variables.get(names[flag])
        if value is None or (literal and value != default):
            yield Violation(example, 1, f"needs {names[flag]}={default}")
    for flag in rows.keys() - options.keys() - FLAGS_BESIDE:
        yield Violation(page, 1, f"--{flag} is no option of {source}")
    read = variables_read(tree)
    for name in variables.keys() - set(names.values()) - read:
        yield Violation(example, 1, f"{name} is read by no program")
    for name in read - variables.keys():
        yield Violation(example, 1, f"needs {name}, which a program reads")


METRICS = {
    "src/runtime/telemetry/metric_table.cc": '    {"flush_spans", kHistogram, "x", {}, kSpans},\n',
    "docs/contract.md": "## Metrics\n\n| Metric | x |\n| --- | --- |\n| `flush_spans` | |\n",
}


@RULES.rule("metrics-page",
            refused=[with_change(METRICS, "docs/contract.md", "flush_spans", "flush_span"),
                     with_change(METRICS, "docs/contract.md", "| `flush_spans` | |", "")],
            accepted=[METRICS])
def metrics_are_listed(tree):
    source, page = METRICS
    if source not in tree.texts:
        return
    families = set(re.findall(r'\{"([a-z_]+)", k(?:Counter|Gauge|Histogram)',
                              tree.texts[source]))
    section = tree.texts.get(page, "").partition("## Metrics")[2].partition("\n## ")[0]
    cells = "".join(re.findall(r"^\|([^|]*)\|", section, re.MULTILINE))
    listed = set(re.findall(r"`([a-z_]+)`", cells))
    for name in sorted(families - set(re.findall(r"`([a-z_]+)`", section))):
        yield Violation(page, 1, f"has no row for the metric {name} of {source}")
    for name in sorted(listed - families):
        yield Violation(page, 1, f"{name} is no metric of {source}")
