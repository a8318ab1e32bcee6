#!/usr/bin/env python3
"""Checks an export of `pli audit JOB export --day D` without pli: audit-check.py EXPORT [--key VKEY] [--since CHECKPOINT] [--cosigner VKEY]…

Needs Python 3.9 and the package `cryptography`. Give --key what you know the log's key to be from elsewhere: without it the
export's own key is believed, and whoever rewrote the log may have written that too. For the same reason a cosignature counts only
where you name its key as --cosigner; the keys that the export names are printed. A checkpoint is a line's number and the
beginning of its SHA-256, as work orders show it: 345-0a1b2c3d4e5f6071. Exit 0: sound; 1: not; 2: it can't
be read; 77: `cryptography` is not installed.
"""

import argparse
import base64
import hashlib
import json
import sys
from datetime import date, timedelta

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    print("install the package `cryptography`", file=sys.stderr)
    sys.exit(77)

NOTHING = "0" * 64
FIELDS = ["day", "state", "lines", "total", "last", "previous"]


class Broken(Exception):
    """What is wrong, in words."""


def counted(number, thing):
    """A number with what it counts."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def verifier(vkey):
    """The name, identifier and key of a C2SP verifier key."""
    name, number, code = vkey.split("+", 2)
    raw = base64.b64decode(code, validate=True)
    identifier = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if raw[0] != 1 or identifier.hex() != number:
        raise Broken(f"{vkey} is no Ed25519 verifier key")
    return name, identifier, Ed25519PublicKey.from_public_bytes(raw[1:])


def is_signed(note, vkey):
    """The text of a signed note, and whether a key signed it."""
    name, identifier, key = verifier(vkey)
    text, lines = note.rsplit("\n\n", 1)
    text += "\n"
    for line in lines.splitlines():
        dash, signer, code = line.split(" ")
        signed = base64.b64decode(code, validate=True)
        if dash == "\u2014" and signer == name and signed[:4] == identifier:
            try:
                key.verify(signed[4:], text.encode())
                return text, True
            except InvalidSignature:
                return text, False
    return text, False


def head_of(text):
    """The fields of a head."""
    title, *lines = text.splitlines()
    if title != "pli audit head 1" or [line.split(" ")[0] for line in lines] != FIELDS:
        raise Broken(f"no head of an audit log: {title!r}")
    head = dict(line.split(" ", 1) for line in lines)
    head["lines"], head["total"] = int(head["lines"]), int(head["total"])
    return head


def check_heads(export, vkey):
    """The heads by day: each signed, each following that of the day before."""
    heads, before, last = {}, NOTHING, None
    for number, note in enumerate(export["heads"]):
        text, signed = is_signed(note, vkey)
        head = head_of(text)
        day = date.fromisoformat(head["day"])
        if not signed:
            raise Broken(f"{day}: the log's key did not sign this head")
        if head["previous"] != before:
            raise Broken(f"{day}: this head does not follow that of the day before")
        if last and day != last + timedelta(days=1):
            raise Broken(f"{last + timedelta(days=1)}: this day has no head")
        if head["state"] != "closed" and number + 1 < len(export["heads"]):
            raise Broken(f"{day}: this day is not closed, and another follows")
        heads[day], before, last = head, sha256(text.encode()), day
    totals = [0] + [head["total"] for head in heads.values()]
    for (day, head), total in zip(heads.items(), totals):
        if head["total"] != total + head["lines"]:
            raise Broken(f"{day}: its lines do not follow those of the day before")
    return heads


def check_lines(export, heads):
    """The lines of the day: canonical, numbered, chained, and those of its head. Returns their hashes by number."""
    day = date.fromisoformat(export["day"])
    head = heads[day]
    earlier = heads.get(day - timedelta(days=1))
    before = earlier["last"] if earlier else NOTHING
    first = head["total"] - head["lines"]
    hashes = {}
    for index, line in enumerate(export["lines"], start=1):
        read = json.loads(line)
        # Keys are ASCII and numbers whole, so this is RFC 8785.
        if json.dumps(read, sort_keys=True, separators=(",", ":"), ensure_ascii=False) != line:
            raise Broken(f"{day}, line {index}: not canonical")
        if read["number"] != first + index:
            raise Broken(f"{day}, line {index}: this is line {read['number']}, and {first + index} belongs here")
        if read["at"][:10] != export["day"]:
            raise Broken(f"{day}, line {index}: this line is of {read['at'][:10]}")
        if read["before"] != before:
            raise Broken(f"{day}, line {max(index - 1, 1)}: the next line follows another than this one")
        before = sha256(line.encode())
        hashes[read["number"]] = before
    if len(export["lines"]) != head["lines"]:
        raise Broken(f"{day}: {len(export['lines'])} lines, and its head has {head['lines']}")
    if before != head["last"]:
        raise Broken(f"{day}, line {len(export['lines'])}: the head follows another line")
    return hashes


def check_since(since, heads, hashes):
    """Holds a checkpoint against the lines and heads that are here."""
    number, _, digits = since.partition("-")
    known = dict(hashes)
    known.update({head["total"]: head["last"] for head in heads.values()})
    newest = max(known, default=0)
    if int(number) > newest:
        raise Broken(f"the log ends with line {newest}, and the checkpoint has line {number}")
    if int(number) not in known:
        raise Broken(f"line {number} is not in this export: export its day")
    if len(digits) < 16 or not known[int(number)].startswith(digits.lower()):
        raise Broken(f"line {number} is another than the checkpoint says")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("export")
    parser.add_argument("--key", help="the log's verifier key, from elsewhere")
    parser.add_argument("--since", help="a checkpoint that was kept elsewhere")
    parser.add_argument("--cosigner", action="append", default=[], help="the verifier key of a cosigner, from elsewhere")
    arguments = parser.parse_args()
    with open(arguments.export, encoding="utf-8") as file:
        export = json.load(file)
    if export["format"] != 1:
        raise Broken("a format that this script does not know")
    if arguments.key and arguments.key != export["key"]:
        raise Broken("the export names another key than --key")
    heads = check_heads(export, export["key"])
    hashes = check_lines(export, heads)
    if arguments.since:
        check_since(arguments.since, heads, hashes)
    cosigned = [
        head["day"]
        for note in export["heads"]
        for vkey in arguments.cosigner
        for head in [head_of(is_signed(note, vkey)[0])]
        if is_signed(note, vkey)[1] and vkey.split("+", 2)[2] != export["key"].split("+", 2)[2]
    ]
    anchored = "anchored" if arguments.since or cosigned else "consistent, not anchored"
    lines, days = counted(len(hashes), "line"), counted(len(heads), "day")
    print(f"{export['day']}: {lines}, {days}: {anchored}")
    for day in sorted(set(cosigned)):
        print(f"{day}: cosigned")
    for vkey in sorted(set(export["cosigners"]) - set(arguments.cosigner)):
        print(f"the export names the cosigner {vkey}: give it as --cosigner if you know it from elsewhere")


if __name__ == "__main__":
    try:
        main()
    except Broken as broken:
        print(f"broken: {broken}", file=sys.stderr)
        sys.exit(1)
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        print(f"can't be read: {error}", file=sys.stderr)
        sys.exit(2)
