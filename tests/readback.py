#!/usr/bin/env python3
"""Reads the letters of a night back with other people's tools, and compares with manifest, records and key.

  pip install zxing-cpp cryptography pillow
  tests/readback.py JOBFOLDER 2026-11-20                                     every letter
  tests/readback.py JOBFOLDER 2026-11-20 --sample 500 --seed 1 --grid 600    500 of them, and every dot of their symbols

poppler draws the pages at 300 dpi, zxing-cpp reads both symbols, OpenSSL (through `cryptography`) verifies each
signature. With `--grid`, both symbols of each letter are drawn again by cairo at the press's resolution, a pixel a dot,
with anti-aliasing and without: a bar or module that misses the grid by part of a dot has a grey edge, or is a dot wider
or narrower than its like. (poppler's own rasteriser, Splash, draws every image a pixel too wide, so it can't judge this.)
Nothing here shares code with the program. Exit code 0 where all is right.
"""
import argparse, base64, collections, csv, io, itertools, json, math, pathlib, random, subprocess, sys
from concurrent.futures import ProcessPoolExecutor

import zxingcpp
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from PIL import Image, ImageChops

DPI = 300
# Where templates/card-letter has its symbols, with some paper around: left, top, width, height in millimetres.
CODE39, TWODDOC = (15, 62, 58, 18), (160, 200, 42, 36)
# Pixels around a symbol that belong to it, where a decoder's corners are a little inside.
MARGIN = 10
GRID_BLUE = (120, 170, 230)
# Modules along the side of square ECC 200 symbols that a 2D-DOC may be.
SIDES = (32, 36, 40, 44, 48, 52, 64)


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
    pdf, rows, key_pem, grid = task
    key = load_pem_public_key(key_pem)
    first, last = int(rows[0]["first_page"]), int(rows[-1]["first_page"])
    bars = crops(pdf, first, last, CODE39)
    blocks = crops(pdf, first, last, TWODDOC)
    wrong, pixels, dots = [], 0, collections.Counter()
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
        if grid:
            count, widths, faults = off_grid(pdf, int(row["first_page"]), grid)
            pixels += count
            dots += widths
            wrong += [(row["piece_id"], *fault) for fault in faults]
    return len(rows), wrong, pixels, dots


def symbol_alone(picture, code):
    """A symbol without its surroundings: an eye between corners that zxing-cpp found, and no label above."""
    corners = [code.position.top_left, code.position.top_right, code.position.bottom_right, code.position.bottom_left]
    middle = [sum(c.x for c in corners) // 4, sum(c.y for c in corners) // 4]
    reach = max(max(abs(c.x - middle[0]), abs(c.y - middle[1])) for c in corners) + MARGIN
    box = [max(0, middle[0] - reach), max(0, middle[1] - reach), middle[0] + reach, middle[1] + reach]
    alone = picture.crop((box[0], box[1], min(picture.width, box[2]), min(picture.height, box[3])))
    return alone.crop(ImageChops.invert(alone).getbbox())


def runs(picture):
    """How long the black and white runs of all rows are."""
    width, dots = picture.width, picture.tobytes()
    rows = {dots[i:i + width] for i in range(0, len(dots), width)}
    return {len(list(run)) for row in rows for _, run in itertools.groupby(row)}


def drawn_by_cairo(pdf, page, part, dpi, antialias):
    x, y, w, h = (round(v / 25.4 * dpi) for v in part)
    command = ["pdftocairo", "-gray", "-png", "-singlefile", "-antialias", antialias, "-r", str(dpi), "-f", str(page),
               "-x", str(x), "-y", str(y), "-W", str(w), "-H", str(h), str(pdf), "-"]
    return Image.open(io.BytesIO(subprocess.run(command, check=True, capture_output=True).stdout)).convert("L")


def off_grid(pdf, page, dpi):
    """The pixels of a page's symbols, the dots of their bars and modules, and what is wrong with them."""
    faults, pixels, dots = [], 0, []
    for name, part in (("Code 39", CODE39), ("2D-DOC", TWODDOC)):
        smooth, hard = (drawn_by_cairo(pdf, page, part, dpi, antialias) for antialias in ("best", "none"))
        found = zxingcpp.read_barcodes(smooth)
        if len(found) != 1:
            faults.append((name, f"{len(found)} symbols at {dpi} dpi"))
            continue
        smooth, hard = symbol_alone(smooth, found[0]), symbol_alone(hard, found[0])
        pixels += smooth.width * smooth.height
        if len(smooth.getcolors()) != 2:
            faults.append((name, f"{len(smooth.getcolors()) - 2} greys beside paper and ink"))
        if smooth.size != hard.size or ImageChops.difference(smooth, hard).getbbox():
            faults.append((name, "edges differ with and without anti-aliasing"))
        across, down = runs(hard), runs(hard.transpose(Image.Transpose.TRANSPOSE))
        if name == "Code 39":
            across = sorted(across)
            dots.append(f"{name}: bars and spaces of {' and '.join(map(str, across))} dots")
            if len(across) != 2 or across[1] / across[0] not in (2.5, 3):
                faults.append((name, f"bars and spaces of {across} dots"))
        else:
            module = math.gcd(*across, *down)
            dots.append(f"{name}: modules of {module} dots")
            if hard.width != hard.height or hard.width // module not in SIDES:
                faults.append((name, f"modules of {sorted(across | down)[:5]} dots"))
    return pixels, collections.Counter(dots), faults


def picture_of_dots(pdf, page, dpi):
    """The corners of a page's Code 39 and 2D-DOC, six pixels a dot, with the press's grid drawn over paper and ink."""
    corners = ((19.2, 65.3, 8, 6), (165.3, 206.3, 6, 6))
    parts = [drawn_by_cairo(pdf, page, corner, dpi, "best").convert("RGB") for corner in corners]
    parts = [part.resize((6 * part.width, 6 * part.height), Image.Resampling.NEAREST) for part in parts]
    both = Image.new("RGB", (parts[0].width + 24 + parts[1].width, parts[0].height), "white")
    for part, left in zip(parts, (0, parts[0].width + 24)):
        for x in range(0, part.width, 6):
            part.paste(GRID_BLUE, (x, 0, x + 1, part.height))
        for y in range(0, part.height, 6):
            part.paste(GRID_BLUE, (0, y, part.width, y + 1))
        both.paste(part, (left, 0))
    return both.quantize(8)


def tasks_of(folder, key, options):
    """The letters to read, a hundred neighbours at a time; where a sample is asked for, one at a time."""
    letters = [(manifest.parent / row["file"], row) for manifest in sorted(folder.glob("letters/*.manifest.csv"))
               for row in csv.DictReader(manifest.open(newline=""))]
    if options.sample:
        chosen = random.Random(options.seed).sample(letters, min(options.sample, len(letters)))
        return letters, [(path, [row], key, options.grid) for path, row in chosen]
    by_file = collections.defaultdict(list)
    for path, row in letters:
        by_file[path].append(row)
    return letters, [(path, rows[i:i + 100], key, options.grid) for path, rows in by_file.items()
                     for i in range(0, len(rows), 100)]


def main(options):
    folder = options.job / "out" / options.night
    report = json.loads((folder / "run.json").read_text())
    letters, tasks = tasks_of(folder, (options.job / "keys" / "signing.pub").read_bytes(), options)
    read_back, wrong, pixels, dots = 0, [], 0, collections.Counter()
    with ProcessPoolExecutor() as pool:
        for count, faults, drawn, widths in pool.map(batch, tasks):
            read_back += count
            wrong += faults
            pixels += drawn
            dots += widths
    cards = {row["card_number"] for _, row in letters}
    ended = sum(report[k] for k in ("letters", "mailers", "deferred", "rejects", "nothing_to_send"))
    print(f"letters {len(letters)}, read back {read_back}, wrong {len(wrong)}, cards twice {len(letters) - len(cards)}")
    print(f"records {report['rows']} + carried over {report['carried_over']} = ended {ended}")
    if options.picture:
        pdf, rows, *_ = tasks[0]
        picture_of_dots(pdf, int(rows[0]["first_page"]), options.grid or 600).save(options.picture, optimize=True)
    if options.grid:
        print(f"pixels of symbols at {options.grid} dpi: {pixels}, with and without anti-aliasing")
        for widths, count in sorted(dots.items()):
            print(f"{widths}, in {count} letters")
    for fault in wrong[:20]:
        print(*fault)
    wanted = min(options.sample or len(letters), len(letters))
    sound = (not wrong and read_back == wanted and len(letters) == report["letters"] == len(cards)
             and report["rows"] + report["carried_over"] == ended)
    return 0 if sound else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("job", type=pathlib.Path)
    parser.add_argument("night")
    parser.add_argument("--sample", type=int, metavar="N", help="so many letters, chosen by the seed, and not all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--grid", type=int, metavar="DPI", help="look at every dot of both symbols at the press's dpi")
    parser.add_argument("--picture", metavar="FILE.png", help="parts of a letter's symbols, dot by dot")
    sys.exit(main(parser.parse_args()))
