#!/usr/bin/env python3
"""Writes the mutated sources: make_mutants.py SOURCE_DIR OUTPUT_DIR [--list]

Every file that a mutant of the table changes is written below OUTPUT_DIR, where it has the place
it has below SOURCE_DIR/src, and mutant.h, which says which one is selected. --list prints the files
instead."""
import sys
from pathlib import Path

from mutant_table import load

HEADER = '''#pragma once
namespace streamhouse::mutants {
/// Number of the selected mutant in the table, from 1; 0 = none.
inline int selected = 0;
inline bool is(int number) { return selected == number; }
inline constexpr const char* kNames[] = {"none"%s};
}  // namespace streamhouse::mutants
'''


def mutated_files(source):
    """File below src -> its text with every mutant of it in place."""
    texts = {}
    for number, mutant in enumerate(load(), start=1):
        name = mutant["file"]
        text = texts.get(name) or (source / "src" / name).read_text(encoding="utf-8")
        if text.count(mutant["old"]) != 1:
            sys.exit(f"mutant {mutant['name']}: its place stands {text.count(mutant['old'])} times "
                     f"in src/{name}, expected once:\n{mutant['old']}")
        condition = f"::streamhouse::mutants::is({number})"
        texts[name] = text.replace(mutant["old"], mutant["new"].replace("MUTANT", condition))
    return texts


def write_if_changed(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main():
    source, output = Path(sys.argv[1]), Path(sys.argv[2])
    if "--list" in sys.argv:
        print(";".join(sorted({mutant["file"] for mutant in load()})))
        return
    names = "".join(f', "{mutant["name"]}"' for mutant in load())
    write_if_changed(output / "mutant.h", HEADER % names)
    for name, text in mutated_files(source).items():
        write_if_changed(output / name, '#include "mutant.h"\n' + text)


if __name__ == "__main__":
    main()
