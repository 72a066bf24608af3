"""Goal: files that are compiled as one mean by each name what they mean alone, and none is lost.
Method: small files, grouped."""
import subprocess
import tempfile
import unittest
from pathlib import Path

from source_groups import FILES_MAX, group_text, grouped, private_names

ROOT = Path(__file__).resolve().parent.parent.parent


class PrivateNamesTest(unittest.TestCase):
    def names_of(self, text):
        return set(private_names("x.cc", text))

    def test_what_stands_in_an_unnamed_namespace_is_private(self):
        text = ("namespace a {\nnamespace {\nconstexpr int kOne = 1;\n"
                "std::string text(int number) { int inside = number; return {}; }\n"
                "template <class T>\nclass Table : public Base { int member_; };\n"
                "using Rows = std::vector<int>;\nusing enum Colour;\nenum class Colour { kRed };\n"
                "const std::array<int, 2> pair{1, 2};\nstruct Later;\n"
                "TEST_F(Table, Is) { f(); }\n}  // namespace\nint shared() { return 1; }\n}\n")
        self.assertEqual(self.names_of(text),
                         {"kOne", "text", "Table", "Rows", "Colour", "pair", "Later"})

    def test_a_member_defined_outside_its_class_is_no_name_of_its_own(self):
        self.assertEqual(self.names_of("namespace {\nvoid Table::add(int x) { f(x); }\n}\n"), set())

    def test_macros_and_names_of_other_namespaces_count_comments_do_not(self):
        text = ("#define SIZE 3\nusing base::Errc;\nusing namespace sqlite;\n"
                "// namespace { int gone; }\n")
        self.assertEqual(self.names_of(text), {"SIZE", "Errc", "using namespace"})


class GroupedTest(unittest.TestCase):
    def grouped(self, **texts):
        return grouped(list(texts), texts)

    def test_files_go_together_until_a_group_is_full(self):
        texts = {f"f{number}": "" for number in range(FILES_MAX + 1)}
        self.assertEqual([len(group) for group in self.grouped(**texts)], [FILES_MAX, 1])

    def test_files_with_different_meanings_of_a_name_are_apart(self):
        own = "namespace {\nint f() { return 1; }\n}\n"
        self.assertEqual(self.grouped(a=own, b=own, c=""), [["a", "c"], ["b"]])
        self.assertEqual(self.grouped(a="using x::Row;\n", b="using y::Row;\n"), [["a"], ["b"]])
        self.assertEqual(self.grouped(a="using x::Row;\n", b="using x::Row;\n"), [["a", "b"]])

    def test_files_that_open_a_namespace_keep_to_themselves(self):
        opens = "using namespace x;\n"
        self.assertEqual(self.grouped(a=opens, b="", c=opens), [["a", "c"], ["b"]])

    def test_a_constant_or_type_that_is_never_qualified_has_another_name_in_the_second(self):
        own = '#include "x.h"\nnamespace {\nconstexpr int kSize = 1;\nusing Row = int;\n}\n'
        qualified = own + "int f() { return x::kSize; }\n"
        self.assertEqual(self.grouped(a=own, b=qualified, c=own), [["a", "c"], ["b"]])
        lines = [line.split("  //")[0] for line in
                 group_text(["a", "c"], {"a": own, "c": own}, lambda file: file).splitlines()]
        self.assertEqual(lines, ['#include "x.h"', '#include "a"', "#define Row Row1",
                                 "#define kSize kSize1", '#include "c"', "#undef Row",
                                 "#undef kSize"])

    def test_every_file_is_compiled_once(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("a", "b", "c"):
                text = "" if name == "c" else "namespace {\nint same;\n}\n"
                Path(folder, f"{name}.cc").write_text(text, encoding="utf-8")
            done = subprocess.run(
                ["python3", ROOT / "scripts/source_groups.py", folder, f"{folder}/groups/x",
                 "a.cc", "b.cc", "c.cc"], cwd=folder, text=True, capture_output=True, check=True)
            group, alone = done.stdout.split()
            self.assertEqual(alone, "b.cc")
            text = Path(group).read_text(encoding="utf-8")
            self.assertEqual([line.split('"')[1] for line in text.splitlines()], ["a.cc", "c.cc"])


if __name__ == "__main__":
    unittest.main()
