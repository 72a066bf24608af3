"""Rules about what stands in the C++ files (STYLE.md)."""
import re

from checks.source_tree import Rules, Violation, is_test, line_of, without_directives

RULES = Rules()

# The project's macros; more control flow hidden in macros is not wanted. Lower lines are parts of
# the upper ones.
MACROS = {
    "SH_CHECK", "SH_TRY", "SH_CO_TRY", "SH_TRY_OK", "SH_CO_TRY_OK",
    "SH_CONCAT", "SH_CONCAT_INNER", "SH_TRY_WITH",
}
FORBIDDEN_PARTS = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "impl"}
CORE_LAYER_MAX = 8
FUNCTION_LINES_MAX = 70
COROUTINE_LINES_MAX = 60

# What, the words that follow "use", and the paths of src that may.
BANNED = [
    ("ambient-clock", r"\b(system_clock|steady_clock|high_resolution_clock|utc_clock)\s*::\s*now\b"
                      r"|\b(clock_gettime|gettimeofday|localtime|gmtime)(_r)?\s*\("
                      r"|\bstd::time\s*\(|(?<![\w.:>])time\s*\(\s*(nullptr|NULL|0|&)",
     "the injected Clock", ["runtime/"]),
    ("ambient-chance", r"\brandom_device\b|(?<![\w.:>])s?rand\s*\(|\barc4random|\bgetrandom\s*\(",
     "the injected Random", ["runtime/", "cli/"]),
    ("own-random", r"\bmt19937|\bminstd_rand|\bdefault_random_engine\b", "the injected Random",
     ["runtime/"]),
    ("sleep", r"\bsleep_(for|until)\b|(?<![\w.:>])(u|nano)?sleep\s*\(",
     "the injected Clock's sleep", ["runtime/", "cli/"]),
    ("thread", r"\bstd::j?thread\b|\bpthread_create\b", "BlockingPool of runtime", ["runtime/"]),
    ("detach", r"\.detach\s*\(\s*\)|\basio::detached\b", "TaskGroup", ["runtime/"]),
    ("async", r"\bstd::async\b", "a Task", []),
    ("raw-new", r"\bnew\s+(\(|[A-Za-z_:])|(?<!=)(?<!= )\bdelete\b\s*(\[\s*\]\s*)?[A-Za-z_(*]",
     "std::make_unique", []),
    ("throw", r"\bthrow\b", "a Result: nothing inside throws", ["cli/line/"]),
    ("print", r"\bstd::(cout|cerr|clog)\b|(?<![\w.:>])(printf|puts|perror)\s*\(|\bstd::f?printf\b",
     "runtime/telemetry/log.h", ["cli/", "agent/", "base/check.cc", "runtime/telemetry/log.cc"]),
    ("environment", r"\b(secure_)?getenv\b|\bsetenv\b", "the configuration, parsed in agent",
     ["agent/", "cli/"]),
    ("exit", r"\b(quick_)?exit\s*\(|\babort\s*\(", "an error that reaches the composition root",
     ["base/check", "agent/", "cli/"]),
    ("assert", r"(?<!static_)\bassert\s*\(", "SH_CHECK, which stays on in release", []),
    ("volatile", r"\bvolatile\b", "std::atomic, or nothing", []),
    ("goto", r"\bgoto\b", "a function that returns", []),
    ("friend-test", r"\bFRIEND_TEST\b|\bfriend\s+class\s+\w*Test\b"
                    r"|\b\w*(_for_test(ing)?|ForTest(ing)?)\b",
     "the public interface", []),
]
# Rules of BANNED that hold for tests too.
BANNED_IN_TESTS = {"ambient-chance", "async", "goto", "friend-test"}


def cpp(tree, prefix="src/"):
    return tree.paths(re.escape(prefix) + r".*\.(h|cc)")


def all_cpp(tree):
    return tree.paths(r"(src|tests|fuzz|bench)/.*\.(h|cc)")


def banned_rule(name, pattern, replacement, homes):
    expression = re.compile(pattern)

    def check(tree):
        for path in all_cpp(tree) if name in BANNED_IN_TESTS else cpp(tree):
            if is_test(path) and name not in BANNED_IN_TESTS:
                continue
            if path.removeprefix("src/").startswith(tuple(homes)):
                continue
            code = without_directives(tree.code(path))
            for match in expression.finditer(code):
                yield Violation(path, line_of(code, match.start()),
                                f"{match.group().strip()}: use {replacement}")
    return check


SAMPLES = {
    "ambient-clock": ["auto t = std::chrono::steady_clock::now();", "long t = time(nullptr);"],
    "ambient-chance": ["std::random_device d;", "int x = rand();"],
    "own-random": ["std::mt19937 random(1);"],
    "sleep": ["std::this_thread::sleep_for(1s);", "usleep(5);"],
    "thread": ["std::thread t(f);"],
    "detach": ["t.detach();", "co_spawn(e, f(), boost::asio::detached);"],
    "async": ["auto f = std::async(g);"],
    "raw-new": ["auto* p = new Thing();", "delete p;", "delete[] p;"],
    "throw": ["throw 1;"],
    "print": ["std::cout << 1;", 'printf("x");'],
    "environment": ['auto* v = getenv("X");'],
    "exit": ["exit(1);", "std::abort();"],
    "assert": ["assert(x);"],
    "volatile": ["volatile int x;"],
    "goto": ["goto done;"],
    "friend-test": ["friend class LogTest;", "void reset_for_test();"],
}
INNOCENT = """// throw new std::thread; rand() sleep_for
const char* text = "delete goto volatile";
Thing(const Thing&) = delete;
void operator=(Thing&&) = delete;
static_assert(sizeof(int) == 4);
auto at = clock.now(); const auto renew = renew_lease(); int operand = operand_of(1); retime(0);
auto p = std::make_unique<Thing>();
"""
for entry in BANNED:
    RULES.rule(entry[0], refused=[{"src/wire/x.cc": text + "\n"} for text in SAMPLES[entry[0]]],
               accepted=[{"src/wire/x.cc": INNOCENT},
                         {"src/wire/x.cc": f"// allow({entry[0]}): a reason\n"
                                           f"{SAMPLES[entry[0]][0]}\n"}])(banned_rule(*entry))


def statements(code):
    """(position, text) of each statement, cut at semicolons and braces."""
    start = 0
    for match in re.finditer(r"[;{}]", code):
        yield start, code[start:match.start()]
        start = match.end()


@RULES.rule("one-await",
            refused=[{"src/wire/x.cc": "auto a = co_await f(co_await g());\n"},
                     {"src/wire/x.cc": "auto a = ok ? co_await f() : 0;\n"},
                     {"src/wire/x.cc": "if (co_await f() &&\n    co_await g()) return;\n"}],
            accepted=[{"src/wire/x.cc": "auto a = co_await f();\nco_await g();\n"},
                      {"src/wire/x.cc": "const auto n = ok ? 1 : 2;\nco_await f(n);\n"}])
def one_await_per_statement(tree):
    for path in all_cpp(tree):
        for start, text in statements(without_directives(tree.code(path))):
            awaits = len(re.findall(r"\bco_await\b|\bSH_CO_TRY(?:_OK)?\b(?!.*\bco_await\b)", text,
                                    re.DOTALL))
            line = line_of(tree.code(path), start + len(text) - len(text.lstrip()))
            if awaits > 1:
                yield Violation(path, line, "more than one co_await in a statement: name the first "
                                            "one's result")
            elif awaits and "?" in text and "co_await" in text:
                yield Violation(path, line, "co_await in a statement with ?: - name the argument "
                                            "beforehand, or use if")


@RULES.rule("coroutine-reference",
            refused=[{"src/wire/x.h": "Task<int> f(const Order& order);\n"},
                     {"src/wire/x.h": "Task<Result<std::map<int, A>>> f(int a, Order&& order);\n"},
                     {"src/wire/x.cc": "Task<void> Log::f(int a,\n    const Order& order) {}\n"}],
            accepted=[{"src/wire/x.h": "Task<int> f(Runtime& runtime, Order order);\n"
                                       "int g(const Order& order);\n"},
                      {"src/wire/x_test.cc": "Task<int> f(const Order& order);\n"}])
def coroutines_take_values(tree):
    """A temporary binds to const& and &&, and dies before the coroutine does; to & it cannot."""
    for path in cpp(tree):
        if is_test(path):
            continue
        code = without_directives(tree.code(path))
        for match in re.finditer(r"\bTask<[^;{}()]*>\s+[\w:]+\s*\(([^;{}]*)", code):
            for parameter in re.finditer(r"\bconst\b[^,&]*&|&&", match.group(1)):
                yield Violation(path, line_of(code, match.start(1) + parameter.start()),
                                "a coroutine takes values, or references to what outlives it")


def functions(code):
    """(position, header, body) of each block that follows a parameter list, outermost only."""
    stack = []
    for match in re.finditer(r"[{}]", code):
        if match.group() == "{":
            start = max(code.rfind(mark, 0, match.start()) for mark in ";{}") + 1
            header = code[start:match.start()]
            is_function = re.search(r"\)[^()]*$", header) and not re.match(
                r"\s*(if|for|while|switch|catch|else|return|namespace|struct|class|enum)\b", header)
            stack.append((start, match.start(), header if is_function else None))
        elif stack:
            start, opened, header = stack.pop()
            if header is not None and not any(outer[2] is not None for outer in stack):
                yield start, header, code[opened:match.end()]


@RULES.rule("coroutine-length",
            refused=[{"src/wire/x.cc": "Task<void> f() {\n" + "  co_await g();\n" * 60 + "}\n"}],
            accepted=[{"src/wire/x.cc": "Task<void> f() {\n" + "  co_await g();\n" * 58 + "}\n"
                                        "struct X {\n" + "  int x;\n" * 70 + "};\n"}])
def coroutines_are_short(tree):
    """clang-tidy limits every function; a coroutine, which only acts, has a tighter limit."""
    for path in cpp(tree):
        if is_test(path):
            continue
        code = without_directives(tree.code(path))
        for start, header, body in functions(code):
            length = body.count("\n") + 1
            if length > COROUTINE_LINES_MAX and re.search(r"\bco_(await|return)\b", body):
                line = line_of(code, start + len(header) - len(header.lstrip()))
                yield Violation(path, line, f"a coroutine of {length} lines, at most "
                                            f"{COROUTINE_LINES_MAX}: move decisions to a machine")


@RULES.rule("test-function-length",
            refused=[{"tests/wire/x.cc": "TEST_F(X, Y) {\n" + "  f();\n" * 70 + "}\n"},
                     {"src/wire/x_test.cc": "void f() {\n" + "  g();\n" * 70 + "}\n"}],
            accepted=[{"src/wire/x_test.cc": "TEST(X, Y) {\n" + "  f();\n" * 68 + "}\n"
                                             "struct X {\n" + "  int x;\n" * 70 + "};\n"}])
def functions_of_tests_are_short(tree):
    """clang-tidy says it of the others; in tests it would cost as much as all else together."""
    for path in all_cpp(tree):
        if not is_test(path):
            continue
        code = without_directives(tree.code(path))
        for start, header, body in functions(code):
            length = body.count("\n") + 1
            if length > FUNCTION_LINES_MAX:
                line = line_of(code, start + len(header) - len(header.lstrip()))
                yield Violation(path, line, f"a function of {length} lines, at most "
                                            f"{FUNCTION_LINES_MAX}: split it")


@RULES.rule("unordered-iteration",
            refused=[{"src/LAYERS": "wire 2\n", "src/wire/x.cc":
                      "std::unordered_map<int, std::vector<int>> seen;\n"
                      "for (auto& [key, list] : seen) f(list);\n"},
                     {"src/LAYERS": "wire 2\n", "src/wire/x.h": "std::unordered_set<int> seen_;\n",
                      "src/wire/x.cc": "for (auto s : seen_) f(s);\n"},
                     {"src/LAYERS": "wire 2\n", "src/wire/x.cc":
                      "std::unordered_set<int> seen;\nauto it = seen.begin();\n"}],
            accepted=[{"src/LAYERS": "wire 2\n", "src/wire/x.cc":
                       "std::unordered_set<int> seen;\nif (seen.contains(1)) f();\n"},
                      {"src/LAYERS": "rpc 9\n", "src/rpc/x.cc":
                       "std::unordered_set<int> seen;\nfor (auto s : seen) f(s);\n"}])
def unordered_containers_are_not_walked(tree):
    layers = tree.layers()
    for path in cpp(tree):
        if is_test(path) or layers.get(path.split("/")[1], 0) > CORE_LAYER_MAX:
            continue
        stem = re.sub(r"\.(h|cc)$", "", path)
        declared = "".join(tree.code(name) for name in (stem + ".h", stem + ".cc")
                           if name in tree.texts)
        names = set()
        for match in re.finditer(r"\bunordered_(?:multi)?(?:map|set)\s*<", declared):
            position, depth = match.end(), 1
            while depth and position < len(declared):
                depth += {"<": 1, ">": -1}.get(declared[position], 0)
                position += 1
            name = re.match(r"[\s&*]*(\w+)\s*(?:SH_\w+\([^)]*\)\s*)?[;={(,)]", declared[position:])
            if name:
                names.add(name.group(1))
        code = tree.code(path)
        for name in sorted(names):
            walk = rf"for\s*\([^;()]*:\s*(?:\w+(?:\.|->))*{name}\s*\)|\b{name}\.c?begin\s*\("
            for match in re.finditer(walk, code):
                yield Violation(path, line_of(code, match.start()),
                                f"{name} is unordered: its order would show; use std::map, or sort")


@RULES.rule("macro",
            refused=[{"src/base/x.h": "#define SH_LOOP(x) for (;;) x\n"},
                     {"tests/x.cc": "#define CHECK(x) x\n"}],
            accepted=[{"src/base/x.h": "#define SH_TRY(x) x\n"}])
def macros_are_few(tree):
    for path in all_cpp(tree):
        code = tree.code(path)
        for match in re.finditer(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", code, re.MULTILINE):
            if match.group(1) not in MACROS:
                yield Violation(path, line_of(code, match.start()),
                                f"macro {match.group(1)}: a function, template or constant instead")


def parts(name):
    return {part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)}


@RULES.rule("name",
            refused=[{"src/base/string_util.h": ""}, {"src/helpers/x.h": ""},
                     {"src/base/x.h": "class LeaseManager {};\n"},
                     {"src/base/x.h": "void append_impl(int x);\n"}, {"src/base/Name.h": ""},
                     {"src/base/x.h": "int common_part = 1;\n"}],
            accepted=[{"src/base/x.h": "std::common_type_t<int, long> x;\nbool implicit;\n"}])
def names_say_something(tree):
    for path in all_cpp(tree):
        stem = re.sub(r"\.(h|cc)$", "", path)
        if not re.fullmatch(r"[a-z0-9_/]+", stem):
            yield Violation(path, 1, "file and folder names are snake_case")
        for part in sorted(parts(stem) & FORBIDDEN_PARTS):
            yield Violation(path, 1, f"'{part}' in a name says nothing: name what it is")
        code = without_directives(tree.code(path))
        for match in re.finditer(r"(?<![\w:.])[A-Za-z_]\w*", code):
            for part in sorted(parts(match.group()) & FORBIDDEN_PARTS):
                yield Violation(path, line_of(code, match.start()),
                                f"'{part}' in {match.group()} says nothing: name what it is")


@RULES.rule("unfinished",
            refused=[{"src/base/x.h": "// TODO: later\n"}, {"scripts/x": "# FIXME\n"}],
            accepted=[{"src/base/x.h": "// Fixed-size.\n"}])
def nothing_is_left_for_later(tree):
    for path in tree.paths(r"(src|tests|fuzz|bench|scripts|cmake|proto)/.*|CMakeLists.txt"):
        if path.startswith("scripts/checks/"):
            continue
        for number, line in enumerate(tree.lines(path), 1):
            if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
                yield Violation(path, number, "finish it, or open an issue and delete the note")


@RULES.rule("lint-waiver",
            refused=[{"src/base/x.h": "int X;  // NOLINT\n"},
                     {"src/base/x.h": "int X;  // NOLINT(readability-identifier-naming)\n"}],
            accepted=[{"src/base/x.h": "int X;  // NOLINT(readability-identifier-naming): its\n"}])
def lint_is_waived_with_a_reason(tree):
    for path in all_cpp(tree):
        for number, line in enumerate(tree.lines(path), 1):
            if "NOLINT" in line and not re.search(r"NOLINT(NEXTLINE|BEGIN)?\([\w.,-]+\): \S|"
                                                  r"NOLINTEND\(", line):
                yield Violation(path, number, "write NOLINT(check): reason")


@RULES.rule("header-form",
            refused=[{"src/base/x.h": "/// \\file  A thing.\n"},
                     {"src/base/x.h": "#pragma once\n"}],
            accepted=[{"src/base/x.h": "#pragma once\n/// \\file  A thing.\n"}])
def headers_begin_alike(tree):
    for path in cpp(tree):
        text = tree.texts[path]
        if path.endswith(".h") and not (text.startswith("#pragma once") and "/// \\file" in text):
            yield Violation(path, 1, "a header begins with #pragma once, /// \\file <concept>")


@RULES.rule("namespace",
            refused=[{"src/base/x.cc": "namespace streamhouse::model {}\n"}],
            accepted=[{"src/base/x.cc": "namespace streamhouse::base {}\n"},
                      {"src/agent/main.cc": "int main() {}\n"}])
def the_namespace_is_the_folder(tree):
    for path in cpp(tree):
        folder = path.split("/")[1]
        code = tree.code(path)
        if not path.endswith("main.cc") and code.strip() and not re.search(
                rf"\bnamespace\s+streamhouse::{folder}\b", code):
            yield Violation(path, 1, f"nothing here is in namespace streamhouse::{folder}")


@RULES.rule("test-goal",
            refused=[{"src/base/x_test.cc": "#include <gtest/gtest.h>\nTEST(A, B) {}\n"}],
            accepted=[{"src/base/x_test.cc": "// Goal: all of it.\n// Method: known answers.\n"}])
def tests_say_what_for(tree):
    for path in tree.paths(r"(src|tests)/.*_test\.cc|fuzz/.*\.cc"):
        opening = re.match(r"(//[^\n]*\n)*", tree.texts[path]).group()
        if not re.search(r"\bGoal: .*\bMethod: ", opening, re.DOTALL):
            yield Violation(path, 1, "a test file begins with '// Goal: ...' and '// Method: ...'")


@RULES.rule("dead-header",
            refused=[{"src/base/x.h": "", "src/base/x.cc": '#include "base/x.h"\n'}],
            accepted=[{"src/base/x.h": "", "src/base/y.cc": '#include "base/x.h"\n'}])
def every_header_is_used(tree):
    users = {}
    for path in all_cpp(tree):
        for name in re.findall(r'#include "([^"]+)"', tree.texts[path]):
            users.setdefault(f"src/{name}", set()).add(path)
    for path in cpp(tree):
        if path.endswith(".h") and not users.get(path, set()) - {path, path[:-2] + ".cc"}:
            yield Violation(path, 1, "no other file includes this header")
