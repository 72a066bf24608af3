"""Compiles project_scope.cc, which says what it is."""
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".cc")
LLVM_HEADERS = "/usr/lib/llvm-19/include"


def plugin_in(folder):
    """Its path, compiled if it is not there or older than its source. Errors: CalledProcessError"""
    path = folder / "project_scope.so"
    if not path.exists() or path.stat().st_mtime < SOURCE.stat().st_mtime:
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["clang++-19", "-std=c++23", "-fno-rtti", "-shared", "-fPIC", "-isystem",
                        LLVM_HEADERS, SOURCE, "-o", path], check=True)
    return path
