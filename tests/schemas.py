"""Holds files against the schemas of docs/schemas: tests/schemas.py SCHEMA=FILE…

Each file must be valid. The same file must be refused with a key that nobody knows, where the schema is closed, and with a
list in place of each of its own values. Exits with 77 where Python's jsonschema is not installed.
"""
import copy
import datetime
import json
import pathlib
import sys
import tomllib

try:
    import jsonschema
except ImportError:
    sys.exit(77)

SCHEMAS = pathlib.Path(__file__).parent.parent / "docs" / "schemas"


def plain(value):
    """A TOML value as JSON has it: days and times are texts."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, (datetime.date, datetime.time, datetime.datetime)):
        return value.isoformat()
    return value


def read(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    return plain(tomllib.loads(text)) if path.endswith(".toml") else json.loads(text)


def check(name, path):
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    judge = jsonschema.Draft202012Validator(schema)
    judge.check_schema(schema)
    document = read(path)
    for error in judge.iter_errors(document):
        sys.exit(f"{path}: {error.json_path}: {error.message}")
    if schema.get("additionalProperties") is False:
        wrong = {**document, "no_such_key": 1}
        if judge.is_valid(wrong):
            sys.exit(f"{path}: a key that nobody knows is taken")
    for key, value in document.items():
        wrong = copy.deepcopy(document)
        wrong[key] = 1 if isinstance(value, (dict, list, str)) else []
        if judge.is_valid(wrong):
            sys.exit(f"{path}: {key} may be {wrong[key]!r}")


files = [argument.split("=", 1) for argument in sys.argv[1:]]
for name, path in files:
    check(name, path)
print(f"{len(files)} valid")
