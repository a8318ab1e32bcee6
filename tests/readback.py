#!/usr/bin/env python3
"""Reads every letter of a night back with other people's tools, and compares with manifest, records and key.

  pip install zxing-cpp cryptography pillow
  tests/readback.py JOBFOLDER 2026-11-20

poppler draws the pages, zxing-cpp reads both symbols, OpenSSL (through `cryptography`) verifies each signature.
Nothing here shares code with the program. Exit code 0 where all is right.
"""
import base64, collections, csv, io, json, pathlib, subprocess, sys
from concurrent.futures import ProcessPoolExecutor

import zxingcpp
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from PIL import Image

DPI = 300
# Where templates/card-letter has its symbols, with some paper around: left, top, width, height in millimetres.
CODE39, TWODDOC = (15, 62, 58, 18), (160, 200, 42, 36)


def crops(pdf, first, last, part):
    x, y, w, h = (round(v / 25.4 * DPI) for v in part)
    command = ["pdftoppm", "-gray", "-r", str(DPI), "-f", str(first), "-l", str(last),
               "-x", str(x), "-y", str(y), "-W", str(w), "-H", str(h), str(pdf)]
    stream = io.BytesIO(subprocess.run(command, check=True, capture_output=True).stdout)
    for _ in range(first, last + 1):
        assert stream.readline().strip() == b"P5"
        width, height = map(int, stream.readline().split())
        stream.readline()
        yield Image.frombytes("L", (width, height), stream.read(width * height))


def read(picture, wanted):
    found = [s for s in zxingcpp.read_barcodes(picture) if s.format == wanted]
    return found[0].bytes.decode("latin-1") if len(found) == 1 else None


def batch(task):
    pdf, rows, key_pem = task
    key = load_pem_public_key(key_pem)
    first, last = int(rows[0]["first_page"]), int(rows[-1]["first_page"])
    bars = crops(pdf, first, last, CODE39)
    blocks = crops(pdf, first, last, TWODDOC)
    wrong = []
    for row, bar, block in zip(rows, bars, blocks):
        number = read(bar, zxingcpp.BarcodeFormat.Code39)
        text = read(block, zxingcpp.BarcodeFormat.DataMatrix)
        if number != row["window_barcode"] or number != row["card_number"]:
            wrong.append((row["piece_id"], "Code 39", number))
        if text != row["twoddoc"] or f"82{number}" not in text:
            wrong.append((row["piece_id"], "2D-DOC", text))
            continue
        signed, signature = text.split("\x1f")
        try:
            key.verify(base64.b32decode(signature + "=" * (-len(signature) % 8)), signed.encode("ascii"))
        except Exception as error:
            wrong.append((row["piece_id"], "signature", repr(error)))
    return len(rows), wrong


def main(job, night):
    job = pathlib.Path(job)
    folder = job / "out" / night
    report = json.loads((folder / "run.json").read_text())
    key = (job / "keys" / "signing.pub").read_bytes()
    tasks, cards, letters = [], [], 0
    for manifest in sorted(folder.glob("letters/*.manifest.csv")):
        by_file = collections.defaultdict(list)
        for row in csv.DictReader(manifest.open(newline="")):
            by_file[row["file"]].append(row)
            cards.append(row["card_number"])
            letters += 1
        for name, rows in by_file.items():
            tasks += [(manifest.parent / name, rows[i:i + 100], key) for i in range(0, len(rows), 100)]
    read_back, wrong = 0, []
    with ProcessPoolExecutor() as pool:
        for count, faults in pool.map(batch, tasks):
            read_back += count
            wrong += faults
    ended = sum(report[k] for k in ("letters", "mailers", "deferred", "rejects", "nothing_to_send"))
    print(f"letters {letters}, read back {read_back}, wrong {len(wrong)}, cards twice {letters - len(set(cards))}")
    print(f"records {report['rows']} + carried over {report['carried_over']} = ended {ended}")
    for fault in wrong[:20]:
        print(*fault)
    sound = (not wrong and read_back == letters == report["letters"] and len(set(cards)) == letters
             and report["rows"] + report["carried_over"] == ended)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
