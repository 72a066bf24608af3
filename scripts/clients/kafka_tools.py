"""Kafka's own command-line tools, which are its Java client at work, from Maven.

  PYTHONPATH=scripts python3 -m clients.kafka_tools      keeps them in the cache folder, once
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from servers.processes import cache_folder

VERSION = "4.1.1"
# kafka_2.13 has kafka-configs.sh's program alone.
ARTIFACTS = ("kafka-tools", "kafka_2.13")
PROJECT = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>streamhouse</groupId><artifactId>tools</artifactId><version>1</version>
  <packaging>pom</packaging>
  <dependencies>{}</dependencies>
</project>
"""


def jars():
    """The folder of all that they need."""
    return Path(os.environ.get("KAFKA_TOOLS") or cache_folder() / f"kafka-tools-{VERSION}")


def missing():
    """What is not installed."""
    return [what for what, is_there in (("java", shutil.which("java")),
                                        (str(jars()), jars().exists())) if not is_there]


def command(name):
    """How the tool of that class is run, in a Java that begins fast."""
    package = "" if name.startswith("kafka.") else "org.apache.kafka.tools."
    return ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
            "-cp", f"{jars()}/*", package + name]


def install():
    """Changes nothing if they are there already. Errors: RuntimeError without Maven."""
    if jars().exists():
        return
    if shutil.which("mvn") is None:
        raise RuntimeError(f"no Maven here to get them with; put their jars into {jars()}, or name "
                           "a folder with them in KAFKA_TOOLS")
    jars().parent.mkdir(parents=True, exist_ok=True)
    print(f"dependencies: getting {', '.join(ARTIFACTS)} {VERSION} by Maven (55 MB)", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"{jars().name}.", dir=jars().parent) as work:
        dependencies = "".join(f"<dependency><groupId>org.apache.kafka</groupId><artifactId>{name}"
                               f"</artifactId><version>{VERSION}</version></dependency>"
                               for name in ARTIFACTS)
        (Path(work) / "pom.xml").write_text(PROJECT.format(dependencies))
        subprocess.run(["mvn", "--quiet", "--batch-mode", f"-Dmaven.repo.local={work}/repository",
                        f"-DoutputDirectory={work}/jars", "dependency:copy-dependencies"],
                       check=True, cwd=work, stdout=subprocess.DEVNULL)
        try:  # whole or not at all, also if two do this at once
            os.rename(Path(work) / "jars", jars())
        except OSError:
            if not jars().exists():
                raise


if __name__ == "__main__":
    try:
        install()
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f"Kafka's tools: {error}")
