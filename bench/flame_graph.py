#!/usr/bin/env python3
"""Draws where processor time goes: `perf script` on stdin, a picture (SVG) on stdout.

  perf record -e cpu-clock -F 999 -g -p PID -o agent.perf -- sleep 10
  perf script -i agent.perf | bench/flame_graph.py --title produce > produce.svg

A box is a function, as wide as its share of the samples, on top of its caller; a tip shows its
whole name and share. Threads stand side by side at the bottom, by their names, those of one pool as
one. What the standard library and Boost call in between is left out.
"""
import argparse
import html
import re
import sys

WIDTH, ROW, FONT = 1200, 16, 11
# Narrower boxes are left out.
SHARE_MIN = 0.004
HEAD = re.compile(r"^(\S.*?)\s+\d+\s")
FRAME = re.compile(r"^\s+[0-9a-f]+ (.+) \((.*)\)$")
BETWEEN = ("std::", "boost::", "__libc_start", "[unknown]")
ARGUMENTS = re.compile(r"\([^()]*\)")


class Box:
    """A function called from one place; `samples` of it and all that it called."""

    def __init__(self, name):
        self.name = name
        self.samples = 0
        self.called = {}

    def add(self, stack):
        self.samples += 1
        if stack:
            self.called.setdefault(stack[0], Box(stack[0])).add(stack[1:])

    def depth(self):
        return 1 + max((box.depth() for box in self.called.values()), default=0)


def short(symbol):
    """Without arguments, template arguments, offset and our own namespaces."""
    name = re.sub(r"\+0x[0-9a-f]+$", "", symbol)
    name = name.replace("(anonymous namespace)", "").replace("streamhouse::", "")
    while "<" in name and ">" in name:
        shorter = re.sub(r"<[^<>]*>", "", name)
        if shorter == name:
            break
        name = shorter
    while ARGUMENTS.search(name):
        name = ARGUMENTS.sub("", name)
    return name.replace("::::", "::").replace(" const", "").strip() or symbol


def read(lines):
    """All samples, as one box."""
    root, thread, stack = Box("all"), "", []
    for line in lines:
        frame = FRAME.match(line)
        head = HEAD.match(line)
        if frame:
            name = short(frame.group(1))
            if not name.startswith(BETWEEN):
                stack.append(name)
        elif head:
            thread = re.sub(r"-\d+$", "", head.group(1))
        elif not line.strip() and stack:
            root.add([thread, *reversed(stack)])
            stack = []
    if stack:
        root.add([thread, *reversed(stack)])
    return root


def color(name):
    """Warm, the same for the same name."""
    mark = sum(ord(letter) * 7 for letter in name)
    return f"rgb({205 + mark % 50},{90 + mark // 3 % 110},{40 + mark // 5 % 40})"


def draw(box, left, level, depth, total, out):
    width = WIDTH * box.samples / total
    if width < WIDTH * SHARE_MIN:
        return
    top = (depth - level) * ROW
    share = f"{100 * box.samples / total:.1f} %"
    label = box.name[:int(width / (0.62 * FONT))] if width > 4 * FONT else ""
    out.append(f'<g><title>{html.escape(box.name)}: {share}</title>'
               f'<rect x="{left:.1f}" y="{top}" width="{max(width - 0.5, 0.5):.1f}" '
               f'height="{ROW - 1}" fill="{color(box.name)}"/>'
               f'<text x="{left + 3:.1f}" y="{top + ROW - 5}">{html.escape(label)}</text></g>')
    for called in sorted(box.called.values(), key=lambda one: one.name):
        draw(called, left, level + 1, depth, total, out)
        left += WIDTH * called.samples / total


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--title", default="all")
    arguments = parser.parse_args()
    root = read(sys.stdin)
    if not root.samples:
        sys.exit("no samples: is this the output of perf script, with call chains?")
    root.name = f"{arguments.title}: {root.samples} samples"
    depth = root.depth()
    out = []
    draw(root, 0, 1, depth, root.samples, out)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{depth * ROW}" '
          f'font-family="monospace" font-size="{FONT}">')
    print("\n".join(out))
    print("</svg>")


if __name__ == "__main__":
    main()
