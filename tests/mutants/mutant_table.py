"""The table of mutants: every *.toml of this folder."""
import tomllib
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def tables():
    return sorted(FOLDER.glob("*.toml"))


def load():
    return [mutant for table in tables()
            for mutant in tomllib.loads(table.read_text(encoding="utf-8"))["mutant"]]
