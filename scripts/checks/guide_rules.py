"""Rules about guides and examples for operators: what they name is what the source has."""
import posixpath
import re

from checks.source_tree import Rules, Violation, is_test, line_of

RULES = Rules()
METRIC_TABLE = "src/runtime/telemetry/metric_table.cc"
HISTOGRAM_SUFFIX = re.compile(r"_(bucket|sum|count)$")


def anchors_of(text):
    """Of a page: its headings, as web pages make them into anchors, and what it names itself."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
             for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


def anchors_named(tree):
    """(path, line, page, anchor) of each link into a page, and of each alert's guide."""
    for path in tree.paths(r".*\.md"):
        for match in re.finditer(r"\]\(([^)\s#:]*)#([^)\s]+)\)", tree.texts[path]):
            page = posixpath.normpath(posixpath.join(posixpath.dirname(path), match.group(1)))
            yield (path, line_of(tree.texts[path], match.start()),
                   page if match.group(1) else path, match.group(2))
    for path in tree.paths(r"deploy/.*\.yml"):
        for match in re.finditer(r"guide: ([\w/.]+)#(\S+)", tree.texts[path]):
            yield path, line_of(tree.texts[path], match.start()), match.group(1), match.group(2)


@RULES.rule("anchor",
            refused=[{"a.md": "[b](docs/b.md#gone)", "docs/b.md": "# Here"},
                     {"a.md": "# Here\n[up](#there)"},
                     {"deploy/x.yml": "guide: docs/b.md#gone", "docs/b.md": "# Here"},
                     {"deploy/x.yml": "guide: docs/no.md#here"}],
            accepted=[{"a.md": "[b](docs/b.md#when-it-breaks), [c](docs/b.md#own)",
                       "docs/b.md": '## When it `breaks`\n<a id="own"></a>\n[up](#own)'}])
def anchors_exist(tree):
    for path, line, page, anchor in anchors_named(tree):
        if anchor not in anchors_of(tree.texts.get(page, "")):
            yield Violation(path, line, f"{page} has no part #{anchor}")


def literals_of(tree):
    """All string literals of the programs, neighbours joined, as one text."""
    texts = []
    for path in tree.paths(r"src/.*\.(cc|h)"):
        if not is_test(path):
            texts += re.findall(r'"((?:\\.|[^"\\\n])*)"',
                                re.sub(r'"\s*\n\s*"', "", tree.texts[path]))
    return "\n".join(texts).replace('\\"', '"')


MESSAGES = {"src/base/x.cc": 'e("the file "\n  "has " + n + " holes, at most two");'}


@RULES.rule("quoted-message",
            refused=[MESSAGES | {"docs/x.md": "| message | do |\n| --- | --- |\n| `no file` | x |"},
                     MESSAGES | {"docs/x.md": "| message |\n| --- |\n| `the file has ... hole:` |"},
                     {"src/base/x_test.cc": 'e("no file")',
                      "docs/x.md": "| message |\n| --- |\n| `no file` |"}],
            accepted=[MESSAGES | {"docs/x.md": "| message | do |\n| --- | --- |\n"
                                               "| `the file has ... holes...`, `at most two` | x |"
                                               "\n\n| code |\n| --- |\n| `none` |"}])
def quoted_messages_exist(tree):
    """In tables of docs whose first column is headed `message`; `...` stands for anything."""
    literals = literals_of(tree)
    for path in tree.paths(r"docs/.*\.md"):
        in_table = False
        for number, line in enumerate(tree.lines(path), 1):
            cell = re.split(r"(?<!\\)\|", line)[1].strip() if line.startswith("|") else None
            in_table = cell is not None and (in_table or cell == "message")
            for message in re.findall(r"`([^`]+)`", cell or "") if in_table else ():
                for part in message.split("..."):
                    if part.strip() and part.strip() not in literals:
                        yield Violation(path, number, f"no program says '{part.strip()}'")


def metric_families(text):
    """Of metric_table.cc: name -> (kind, {label: values; empty where they are not listed})."""
    values = {name: set(re.findall(r'"(\w+)"', body)) for name, body in
              re.findall(r"constexpr std::array<Text, \d+> (k\w+) = \{(.*?)\};", text, re.DOTALL)}
    sets = {name: {label: values.get(of, set()) for label, of in
                   re.findall(r'\{"(\w+)", (k\w+|\{\})\}', body)}
            for name, body in
            re.findall(r"constexpr std::array<MetricLabel, \d+> (k\w+) =\s*\{(.*?)\};", text,
                       re.DOTALL)}
    families = re.findall(r'\{"(\w+)", k(Counter|Gauge|Histogram),\s*"[^"]*"(?:,\s*(k\w+|\{\}))?',
                          text)
    return {name: (kind, sets.get(of, {})) for name, kind, of in families}


# Labels that Prometheus itself gives, or makes of a histogram.
LABELS_GIVEN = {"job", "instance", "le", "agent"}
# Names that begin like metrics: a password, a database, a volume.
NAMES_BESIDE = {"dev", "metadata", "data"}
TABLE = {METRIC_TABLE: 'constexpr std::array<Text, 2> kOk = {"ok", "no"};\n'
                       "constexpr std::array<MetricLabel, 1> kBy = {{{\"result\", kOk}}};\n"
                       '    {"flush_seconds", kHistogram, "x", {}, kSeconds},\n'
                       '    {"calls_total", kCounter, "x", kBy},\n'}


@RULES.rule("named-metric",
            refused=[TABLE | {"deploy/prometheus/x.yml": "streamhouse_call_total"},
                     TABLE | {"deploy/prometheus/x.yml": "streamhouse_calls_total_sum"},
                     TABLE | {"deploy/prometheus/x.yml": 'streamhouse_calls_total{code="x"}'},
                     TABLE | {"deploy/prometheus/x.yml": 'streamhouse_calls_total{result!="x"}'},
                     TABLE | {"deploy/grafana/x.json": "streamhouse_calls_total{result='x'}"},
                     TABLE | {"docs/x.md": "`streamhouse_flush_second`"}],
            accepted=[TABLE | {"deploy/prometheus/x.yml":
                               'streamhouse_flush_seconds_bucket{le="1"} '
                               'streamhouse_calls_total{result!="ok",job="x"}',
                               "docs/x.md": "`streamhouse_flush_seconds`, streamhouse_data"}])
def named_metrics_exist(tree):
    """What alerts and pages ask Prometheus for, with its labels and their values."""
    families = metric_families(tree.texts.get(METRIC_TABLE, ""))
    for path in tree.paths(r"deploy/(prometheus|grafana)/.*|docs/.*\.md"):
        page = path.endswith(".md")
        pattern = r"\bstreamhouse_(\w+)(?:\{([^}]*)\})?"
        text = tree.texts[path]
        quoted = re.findall(r"`[^`\n]+`|^```.*?^```", text, re.DOTALL | re.MULTILINE)
        for match in re.finditer(pattern, "\n".join(quoted) if page else text):
            name, line = match.group(1), 1 if page else line_of(text, match.start())
            kind, labels = families.get(name, (None, {}))
            if kind is None and HISTOGRAM_SUFFIX.search(name):
                kind, labels = families.get(HISTOGRAM_SUFFIX.sub("", name), (None, {}))
                kind = kind if kind == "Histogram" else None
            if page and name in NAMES_BESIDE:
                continue
            if kind is None:
                yield Violation(path, line, f"streamhouse_{name} is no metric")
                continue
            given = re.findall(r"(\w+)(?:=|!=)[\"']([^\"']*)[\"']", match.group(2) or "")
            for label, value in given:
                if label in LABELS_GIVEN:
                    continue
                if label not in labels or (labels[label] and value not in labels[label]):
                    yield Violation(path, line, f'streamhouse_{name} has no {label}="{value}"')
