#!/usr/bin/env python3
"""Which sources may be compiled as one, so that they read the headers they share only once.

  scripts/source_groups.py ROOT OUTPUT FILE...

Writes a file OUTPUT_N.cc for each group of two and more, and prints what to compile in their stead,
a path a line. Every build but `dev` and scripts/tidy use it; `dev` compiles each file by itself,
which shows that it includes what it needs.

Files go together as long as no two mean different things by a name: one that they declare in an
unnamed namespace, define as a macro, or take from another namespace. A constant or a type that the
file never qualifies does not keep it apart: a macro gives it another name there. Names are found by
their looks; what is missed, the compiler says.
"""
import re
import sys
from pathlib import Path

from checks.source_tree import LITERALS, blank, without_directives

# More read their headers still more seldom, but take longer when one of them was changed.
FILES_MAX = 16
MARK = "  // NOLINT(bugprone-suspicious-include)"
UNNAMED = re.compile(r"\bnamespace\s*\{")
MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)
TYPE = re.compile(r"^(?:template\s*<.*>)?\s*"
                  r"(?:class|struct|union|enum(?:\s+class)?|using|concept)\s+"
                  r"(?!namespace)(\w+)\s*[^\w:]", re.DOTALL)
OPENED_ENUM = re.compile(r"^\s*using\s+enum\b")
FIRST_MARK = re.compile(r"[({=;]|\[(?!\[)")
USED = re.compile(r"^using ((?:\w+::)+(\w+));", re.MULTILINE)
OPENED = re.compile(r"^using namespace (\w+);", re.MULTILINE)
OPENS = "using namespace"
ANYONES = {"", "TEST", "TEST_F", "TEST_P"}
LAST_WORD = re.compile(r"(?<!::)\b(\w+)\s*$")
# Its values are names too.
PLAIN_ENUM = re.compile(r"\benum\s+(?!class\b)(\w+)")
QUALIFIED = re.compile(r"(?:\.|->|::)\s*(\w+)")
# A type or a constant, by its case (STYLE.md).
RENAMED = re.compile(r"(?:k[A-Z]|[A-Z]\w*[a-z])\w*")
INCLUDED = re.compile(r'^#include ["<].*[">]', re.MULTILINE)


def declarations(code):
    """What stands directly in unnamed namespaces, each without the body of its function or type."""
    for start in UNNAMED.finditer(code):
        depth, kept = 1, ""
        for mark in code[start.end():]:
            depth += {"{": 1, "}": -1}.get(mark, 0)
            if depth == 0:
                break
            if depth == 1 + (mark == "{"):
                kept += mark
            if depth == 1 and mark in ";}":
                yield kept.strip(" \n}")
                kept = ""


def declared_name(declaration):
    if OPENED_ENUM.match(declaration):
        return ""
    named = TYPE.match(declaration)
    mark = FIRST_MARK.search(declaration)
    named = named or (mark and LAST_WORD.search(declaration[:mark.start()]))
    return named.group(1) if named else ""


def code_of(text):
    return without_directives(LITERALS.sub(lambda match: blank(match.group()), text))


def private_names(file, text):
    """What a file alone means by a name: name -> meaning."""
    code = code_of(text)
    names = {declared_name(part): file for part in declarations(code)}
    names |= {name: file for name in MACRO.findall(text)}
    names |= {name: whole for whole, name in USED.findall(code)}
    names |= {OPENS: opened for opened in OPENED.findall(code)}
    return {name: meaning for name, meaning in names.items() if name not in ANYONES}


def fixed_names(text):
    """The names that may not be changed in a file."""
    code = code_of(text)
    return {*MACRO.findall(text), *QUALIFIED.findall(code), *PLAIN_ENUM.findall(code)}


def conflicts(names, meant):
    return {name for name, meaning in names.items() if meant.get(name, meaning) != meaning}


def grouped(files, texts, files_max=FILES_MAX):
    """The files in groups, in their order: each joins the first group that means the same by its
    names, or where those that differ can be changed."""
    groups = []
    for file in files:
        names = {OPENS: ""} | private_names(file, texts[file])
        fixed = fixed_names(texts[file])
        for members, meant in groups:
            differing = conflicts(names, meant)
            if len(members) < files_max and all(RENAMED.fullmatch(name) and name not in fixed
                                                for name in differing):
                members.append(file)
                meant |= {name: names[name] for name in names.keys() - differing}
                break
        else:
            groups.append(([file], names))
    return [members for members, _ in groups]


def group_text(members, texts, path_of):
    """A source that stands for its members. Their headers come first where a name of theirs is
    changed, so that it is changed in the member alone."""
    lines, meant = [], {}
    for number, file in enumerate(members):
        names = private_names(file, texts[file])
        changed = sorted(conflicts(names, meant))
        meant |= {name: names[name] for name in names.keys() - set(changed)}
        lines += [f"#define {name} {name}{number}" for name in changed]
        lines.append(f'#include "{path_of(file)}"{MARK}')
        lines += [f"#undef {name}" for name in changed]
    if any(line.startswith("#define") for line in lines):
        headers = [line for file in members for line in INCLUDED.findall(texts[file])]
        lines = [*dict.fromkeys(headers), *lines]
    return "\n".join(lines) + "\n"


def members_of(path):
    """What a group's file that main() wrote stands for; any other for itself."""
    text = path.read_text(encoding="utf-8")
    return re.findall(rf'^#include "(.*)"{re.escape(MARK)}$', text, re.MULTILINE) or [str(path)]


def main():
    root, output, files = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    output.parent.mkdir(parents=True, exist_ok=True)
    texts = {file: Path(file).read_text(encoding="utf-8") for file in files}
    for number, members in enumerate(grouped(files, texts)):
        if len(members) == 1:
            print(members[0])
            continue
        path = output.with_name(f"{output.name}_{number}.cc")
        text = group_text(members, texts,
                          lambda file: Path(file).resolve().relative_to(root))
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
