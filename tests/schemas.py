"""Holds files against the schemas of docs/schemas: tests/schemas.py SCHEMA=FILE…

Each document must be valid (in a file .jsonl each line is one). The same document must be refused with a key that nobody
knows, where the schema is closed, and with a value of another kind in place of each of its values, of a list in place of
its first. Exits with 77 where Python's jsonschema is not installed.
"""
import copy
import datetime
import fnmatch
import json
import pathlib
import sys
import tomllib

try:
    import jsonschema
except ImportError:
    sys.exit(77)

SCHEMAS = pathlib.Path(__file__).parent.parent / "docs" / "schemas"

# Where a schema lets any value be: the ledger's own rows, and what a sentence's kind of change adds.
FREE = {
    "ledger-export-line": ["r.*"],
    "person": ["records.0.record*", "records.0.pieces.0.pictures.0*"],
    "template-texts": ["sentences.0.change", "removed.0.change"],
}
KINDS = [1, "x", [], {}]


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
    """The documents of a file."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    if path.endswith(".toml"):
        return [plain(tomllib.loads(text))]
    if path.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    return [json.loads(text)]


def places(value, before=()):
    """The place of each value, the document's own first."""
    yield before
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*before, key))
    if isinstance(value, list) and value:
        yield from places(value[0], (*before, 0))


def with_value(document, place, value):
    """A copy of a document with another value at a place."""
    if not place:
        return value
    changed = copy.deepcopy(document)
    at = changed
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return changed


def value_at(document, place):
    for key in place:
        document = document[key]
    return document


def check(name, path, document):
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    judge = jsonschema.Draft202012Validator(schema)
    judge.check_schema(schema)
    for error in judge.iter_errors(document):
        sys.exit(f"{path}: {name}: {error.json_path}: {error.message}")
    if schema.get("additionalProperties") is False and judge.is_valid({**document, "no_such_key": 1}):
        sys.exit(f"{path}: {name}: a key that nobody knows is taken")
    for place in places(document):
        told = ".".join(map(str, place))
        if any(fnmatch.fnmatch(told, free) for free in FREE.get(name, [])):
            continue
        others = [kind for kind in KINDS if type(kind) is not type(value_at(document, place))]
        if all(judge.is_valid(with_value(document, place, other)) for other in others):
            sys.exit(f"{path}: {name}: `{told}` may be of any kind")


files = [argument.split("=", 1) for argument in sys.argv[1:]]
for name, path in files:
    documents = read(path)
    if not documents:
        sys.exit(f"{path}: no document")
    for document in documents:
        check(name, path, document)
print(f"{len(files)} valid")
