"""The layer rules: who may include, link and use what (src/LAYERS, STYLE.md)."""
import re

from checks.source_tree import Rules, Violation, folder_of, is_test, line_of, without_directives

RULES = Rules()
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
PURE_LAYER_MAX = 2
VALUE_TYPES = {"runtime/time.h"}  # of runtime, but nothing to act with
PURE_FILE = re.compile(r"src/.*_(machine|policy|planner)\.(h|cc)")
LAYERS = "base 0\nmodel 1\nwire 2\nruntime 3\nmetadata 5\nservice 8\nrpc 9\n"

# Headers of the standard library and of the system that bring in threads, clocks, files or chance.
IMPURE = re.compile(
    r"thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|"
    r"atomic|random|filesystem|fstream|iostream|ctime|csignal|time\.h|unistd\.h|fcntl\.h|signal\.h|"
    r"(sys|netinet|arpa|linux)/.*|pthread\.h|poll\.h")
# C++ standard headers have no dot and no slash; these are the system's.
SYSTEM = re.compile(r"[a-z_]+|c?[a-z0-9_]+\.h|(sys|netinet|arpa|linux|bits)/[a-z0-9_]+\.h")

# Third-party headers, and the folders or files of src that may include them. A library that stands
# nowhere here is refused: give it a home first.
HOMES = [
    (r"boost/.*", ["runtime", "net", "rpc/bridge.h", "rpc/bridge.cc"]),
    (r"(absl|grpc|grpcpp|google/protobuf|streamhouse/v1)/.*", ["rpc", "cli"]),
    (r"curl/.*", ["net/http/http_client.cc"]),
    (r"openssl/.*", ["net/aws"]),
    (r"pugixml\.hpp", ["net/aws/xml_text.cc"]),
    (r"(sqlite3|libpq-fe)\.h", ["metadata"]),
    (r"spdlog/.*", ["runtime/telemetry/log.cc"]),
    (r"prometheus/.*", ["runtime", "ops"]),
    (r"(isa-l|isa-l/.*|crc)\.h", ["base"]),
    (r"isa-l/.*", ["base"]),
    (r"(lz4|lz4frame|lz4hc|zstd|zstd_errors|snappy|snappy-.*|snappy-c|zlib)\.h", ["model"]),
    (r"nlohmann/.*", ["cli", "ops", "metadata", "net/aws", "runtime/telemetry"]),
    (r"toml\+\+/.*", ["agent"]),
    (r"CLI/.*", ["cli", "agent"]),
    (r"fmt/.*", ["*"]),
    (r"(gtest|gmock|benchmark|rapidcheck)/.*", []),
]
# The same for link targets in src/*/CMakeLists.txt.
TARGET_HOMES = {
    "gRPC::": ["rpc", "cli"], "protobuf::": ["rpc", "cli"], "sh_proto": ["rpc", "cli"],
    "SQLite::": ["metadata"], "PostgreSQL::": ["metadata"], "spdlog::": ["runtime"],
    "prometheus-cpp::": ["runtime", "ops"],
    "PkgConfig::ISAL": ["base"], "PkgConfig::LZ4": ["model"], "PkgConfig::ZSTD": ["model"],
    "Snappy::": ["model"], "ZLIB::": ["model"], "CLI11::": ["cli", "agent"],
    "tomlplusplus::": ["agent"], "nlohmann_json::": ["cli", "ops", "metadata", "net", "runtime"],
    "CURL::": ["net"], "OpenSSL::": ["net"], "pugixml::": ["net"],
}


def sample(path, text, **more):
    return {"src/LAYERS": LAYERS, path: text} | more


def includes(tree, path):
    """(line, quoted header or None, angled header or None) of each include."""
    text = tree.texts[path]
    for match in INCLUDE.finditer(text):
        yield line_of(text, match.start()), match.group(1), match.group(2)


def sources(tree):
    return [path for path in tree.paths(r"src/.*\.(h|cc)")]


def is_pure(tree, path):
    if is_test(path):
        return False
    layer = tree.layers().get(folder_of(path))
    return (layer is not None and layer <= PURE_LAYER_MAX) or bool(PURE_FILE.fullmatch(path))


def dependencies(tree, folder):
    """The folders that src/<folder>/CMakeLists.txt links."""
    text = tree.texts.get(f"src/{folder}/CMakeLists.txt", "")
    listed = re.search(r"\bDEPS\b([^)]*?)(?:\bPUBLIC\b|\bPRIVATE\b|\))", text)
    names = set(listed.group(1).split()) if listed else set()
    return names | set(re.findall(r"\bsh_(\w+)\b", text)) & set(tree.layers())


@RULES.rule("listed", refused=[sample("src/extra/x.h", "")],
            accepted=[sample("src/base/x.h", "")])
def every_folder_is_listed(tree):
    layers = tree.layers()
    for folder in sorted({folder_of(path) for path in sources(tree)} - set(layers) - {None}):
        yield Violation("src/LAYERS", 1, f"src/{folder} has no layer number")


@RULES.rule("upward-include",
            refused=[sample("src/base/x.h", '#include "model/y.h"\n'),
                     sample("src/model/x.h", '#include "no/y.h"\n'),
                     sample("src/model/x.h", '#include "y.h"\n')],
            accepted=[sample("src/model/x.h", '#include "base/y.h"\n#include "model/z.h"\n',
                             **{"src/base/y.h": "", "src/model/z.h": ""})])
def includes_go_down(tree):
    layers = tree.layers()
    for path in sources(tree):
        folder = folder_of(path)
        for line, quoted, _ in includes(tree, path):
            if quoted is None or quoted.startswith("streamhouse/v1/"):
                continue
            target = quoted.split("/")[0]
            if is_test(path) and f"{quoted}" in tree.texts:
                continue  # a unit test may use tests/...
            if f"src/{quoted}" not in tree.texts:
                yield Violation(path, line, f'"{quoted}" is no file of src: write "folder/file.h"')
            elif target != folder and layers[target] >= layers.get(folder, 0):
                yield Violation(path, line, f"{folder} may not include {target}: layer "
                                            f"{layers[target]} is not below {layers.get(folder)}")


@RULES.rule("unlinked-include",
            refused=[sample("src/wire/x.h", '#include "base/y.h"\n', **{
                "src/base/y.h": "", "src/wire/CMakeLists.txt": "sh_library(NAME wire)\n"})],
            accepted=[sample("src/wire/x.h", '#include "base/y.h"\n', **{
                "src/base/y.h": "",
                "src/model/CMakeLists.txt": "sh_library(NAME model DEPS base)\n",
                "src/wire/CMakeLists.txt": "sh_library(NAME wire DEPS model PRIVATE a::b)\n"})])
def includes_are_linked(tree):
    reach = {}
    for folder, _ in sorted(tree.layers().items(), key=lambda item: item[1]):
        direct = dependencies(tree, folder)
        reach[folder] = direct.union(*(reach.get(name, set()) for name in direct))
    for path in sources(tree):
        folder = folder_of(path)
        if f"src/{folder}/CMakeLists.txt" not in tree.texts or is_test(path):
            continue
        for line, quoted, _ in includes(tree, path):
            target = (quoted or "").split("/")[0]
            if target in reach and target not in reach[folder] | {folder}:
                yield Violation(path, line, f"includes {target}, which src/{folder}/CMakeLists.txt "
                                            "does not link: add it to DEPS")


@RULES.rule("upward-link",
            refused=[sample("src/base/CMakeLists.txt", "sh_library(NAME base DEPS model)\n")],
            accepted=[sample("src/model/CMakeLists.txt", "sh_library(NAME model DEPS base)\n")])
def links_go_down(tree):
    layers = tree.layers()
    for folder, layer in layers.items():
        for name in sorted(dependencies(tree, folder) - {folder}):
            if name not in layers or layers[name] >= layer:
                yield Violation(f"src/{folder}/CMakeLists.txt", 1,
                                f"{folder} (layer {layer}) may not link {name}")


@RULES.rule("pure",
            refused=[sample("src/base/x.cc", "#include <thread>\n"),
                     sample("src/model/x.h", "#include <unistd.h>\n"),
                     sample("src/wire/x.h", "#include <boost/asio/post.hpp>\n"),
                     sample("src/metadata/lease_policy.h", "#include <mutex>\n"),
                     sample("src/metadata/x_machine.h", '#include "runtime/task.h"\n'),
                     sample("src/service/x_planner.cc", "co_await f();\n")],
            accepted=[sample("src/base/x.cc", "#include <chrono>\n#include <map>\n"),
                      sample("src/base/x_test.cc", "#include <random>\n"),
                      sample("src/metadata/x_policy.h", '#include "runtime/time.h"\n'),
                      sample("src/metadata/x.cc", "#include <mutex>\n")])
def pure_files_stay_pure(tree):
    for path in sources(tree):
        if not is_pure(tree, path):
            continue
        for line, quoted, angled in includes(tree, path):
            if angled and (IMPURE.fullmatch(angled) or angled.startswith(("boost/", "grpc"))):
                yield Violation(path, line, f"<{angled}> in a pure file: time, chance, threads and "
                                            "files are passed in from above")
            if quoted and quoted.startswith("runtime/") and quoted not in VALUE_TYPES:
                yield Violation(path, line, f'"{quoted}" in a pure file: it decides, others act')
        code = without_directives(tree.code(path))
        for match in re.finditer(r"\bco_(await|return|yield)\b", code):
            yield Violation(path, line_of(code, match.start()), "a coroutine in a pure file")


def away_from_home(path, homes):
    local = path.removeprefix("src/")
    return not any(home in ("*", local) or local.startswith(home + "/") for home in homes)


@RULES.rule("home",
            refused=[sample("src/service/x.cc", "#include <sqlite3.h>\n"),
                     sample("src/metadata/x.h", "#include <grpcpp/grpcpp.h>\n"),
                     sample("src/runtime/x.cc", "#include <spdlog/spdlog.h>\n"),
                     sample("src/runtime/x.cc", "#include <strange/library.hpp>\n"),
                     sample("src/base/x.cc", "#include <gtest/gtest.h>\n"),
                     sample("src/service/x.h", '#include "streamhouse/v1/streamhouse.pb.h"\n')],
            accepted=[sample("src/metadata/x.cc", "#include <sqlite3.h>\n#include <vector>\n"),
                      sample("src/runtime/telemetry/log.cc", "#include <spdlog/spdlog.h>\n"),
                      sample("src/base/x_test.cc", "#include <gtest/gtest.h>\n"),
                      sample("src/rpc/x.h", '#include "streamhouse/v1/streamhouse.pb.h"\n')])
def third_party_headers_stay_home(tree):
    for path in sources(tree):
        if is_test(path):
            continue
        for line, quoted, angled in includes(tree, path):
            header = angled or (quoted if quoted.startswith("streamhouse/v1/") else None)
            if header is None:
                continue
            homes = next((homes for pattern, homes in HOMES if re.fullmatch(pattern, header)), None)
            if homes is None and not SYSTEM.fullmatch(header):
                yield Violation(path, line, f"<{header}>: this library has no home folder yet "
                                            "(HOMES in scripts/checks/layer_rules.py)")
            elif homes is not None and away_from_home(path, homes):
                yield Violation(path, line, f"<{header}> may be included only in: "
                                            f"{', '.join(homes) or 'tests'}")


@RULES.rule("link-home",
            refused=[sample("src/service/CMakeLists.txt",
                            "sh_library(NAME service PRIVATE SQLite::SQLite3)\n")],
            accepted=[sample("src/metadata/CMakeLists.txt",
                             "sh_library(NAME metadata PRIVATE SQLite::SQLite3)\n")])
def third_party_links_stay_home(tree):
    for folder in tree.layers():
        path = f"src/{folder}/CMakeLists.txt"
        for target, homes in TARGET_HOMES.items():
            if target in tree.texts.get(path, "") and folder not in homes:
                yield Violation(path, 1, f"{target} may be linked only in: {', '.join(homes)}")
