"""The rule that a file includes the headers that it uses, as far as no compiler says so (STYLE.md).

Every build starts from cmake/pch.h and cmake/test_pch.h. The release build, the sanitizers' and
static analysis compile files of a folder together, where a macro comes with another file."""
import re

from checks.source_tree import Rules, Violation, line_of

RULES = Rules()
ALGORITHMS = ("sort|stable_sort|find|find_if|copy|copy_n|equal|fill|lower_bound|upper_bound"
              "|any_of|all_of|none_of|count|count_if|max_element|min_element|clamp|min|max|reverse"
              "|remove_if|transform|rotate|partition_point")
# Header -> the names by which its use is seen. size_t is not among them: many headers bring it.
USED = {header: re.compile(rf"\b{names}\b") for header, names in {
    "algorithm": rf"std::(?:ranges::)?(?:{ALGORITHMS})",
    "array": r"std::(?:array|to_array)",
    "boost/asio/any_io_executor.hpp": r"asio::any_io_executor",
    "boost/asio/async_result.hpp": r"asio::async_(?:result|initiate)",
    "boost/asio/awaitable.hpp": r"asio::awaitable",
    "boost/asio/co_spawn.hpp": r"asio::co_spawn",
    "boost/asio/detached.hpp": r"asio::detached",
    "boost/asio/io_context.hpp": r"asio::io_context",
    "boost/asio/post.hpp": r"asio::post",
    "boost/asio/use_awaitable.hpp": r"asio::use_awaitable",
    "chrono": r"std::chrono",
    "cstddef": r"std::(?:byte|ptrdiff_t|nullptr_t)",
    "cstdint": r"std::u?int(?:8|16|32|64|ptr|max)_t",
    "expected": r"std::(?:un)?expected",
    "functional": r"std::(?:function|move_only_function|bind_front|less|greater|hash)",
    "map": r"std::(?:multi)?map",
    "memory": r"std::(?:(?:unique|shared|weak)_ptr|make_(?:unique|shared))",
    "optional": r"std::(?:optional|nullopt)",
    "span": r"std::(?:span|as_bytes|as_writable_bytes)",
    "string": r"std::(?:string|to_string|getline)",
    "string_view": r"std::string_view",
    "unordered_map": r"std::unordered_map",
    "utility": r"std::(?:move|pair|swap|exchange|forward|to_underlying|unreachable|cmp_\w+"
               r"|in_range)",
    "variant": r"std::(?:variant|get_if|holds_alternative|visit|monostate)",
    "vector": r"std::vector",
    "gtest/gtest.h": r"(?:TEST(?:_F|_P)?|EXPECT_EQ|ASSERT_TRUE)(?=\()",
    "gmock/gmock.h": r"EXPECT_THAT(?=\()",
    "base/check.h": r"SH_CHECK(?=\()",
    "base/error.h": r"SH_(?:CO_)?TRY(?:_OK)?(?=\()",
}.items()}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def included_headers(tree, path):
    """The headers that a file includes, itself or by way of the project's, and its own name."""
    seen, waiting, included = set(), [path], {path.removeprefix("src/")}
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for own, other in INCLUDE.findall(tree.texts[name]):
            included.add(own or other)
            folders = ("src/", "", "tests/sim/", name[:name.rfind("/") + 1])
            waiting += [base + own for base in folders if own and base + own in tree.texts]
    return included


@RULES.rule("used-include",
            refused=[{"src/base/x.cc": "std::vector<int> x;\n"},
                     {"src/base/x.h": "#include <string>\n",
                      "src/base/x.cc": '#include "base/x.h"\nauto x = std::move(y);\n'},
                     {"src/base/x_test.cc": "TEST(X, Is) {}\n"},
                     {"src/base/x.cc": "void x() { SH_CHECK(true, \"it is\"); }\n"}],
            accepted=[{"src/base/x.h": "#include <vector>\n",
                       "src/base/x.cc": '#include "base/x.h"\nstd::vector<int> x;\n'},
                      {"src/base/x.cc": "// std::vector\nstd::size_t x;\n"}])
def used_headers_are_included(tree):
    for path in tree.paths(r"(src|tests|fuzz|bench)/.*\.(h|cc)"):
        included = included_headers(tree, path)
        for header, names in USED.items():
            used = header not in included and names.search(tree.code(path))
            if used:
                yield Violation(path, line_of(tree.code(path), used.start()),
                                f"{used.group()} without #include of {header}, here or in a "
                                "header of ours")
