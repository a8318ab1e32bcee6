#!/usr/bin/env python3
"""ReportLab, alone and over our ready stock.

  reportlab_peer.py PARTS FOLDER WAY COUNT

PARTS is a folder with letters in files of JSON and what does not change in `stock.pdf` and `stock.json`; the first COUNT
files become PDFs in FOLDER. WAY is one of `WAYS`.
Prints {"letters", "seconds", "bytes", "peak"}, the peak in kilobytes and of all processes together.
"""
import functools, json, multiprocessing, os, pathlib, sys, time
from pdfrw import PdfReader
from pdfrw.toreportlab import makerl
from PIL import Image, ImageOps
from reportlab.graphics.barcode.code39 import Standard39
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from reportlab_alone import backgrounds

WIDTH, HEIGHT = 595.32, 841.92


def image(symbol):
    size = symbol["columns"], symbol["rows"]
    return ImageOps.invert(Image.frombytes("1", size, bytes.fromhex(symbol["bits"])).convert("L"))


def as_image(canvas, symbol):
    y = HEIGHT - symbol["y"] - symbol["height"]
    canvas.drawInlineImage(image(symbol), symbol["x"], y, symbol["width"], symbol["height"])


def as_rectangles(canvas, symbol):
    """One path, a rectangle for each dark run."""
    width, height = symbol["width"] / symbol["columns"], symbol["height"] / symbol["rows"]
    row_bytes = (symbol["columns"] + 7) // 8
    bits = bytes.fromhex(symbol["bits"])
    path = canvas.beginPath()
    for row in range(symbol["rows"]):
        digits = f"{int.from_bytes(bits[row * row_bytes:(row + 1) * row_bytes], 'big'):0{8 * row_bytes}b}0"
        y, end = HEIGHT - symbol["y"] - (row + 1) * height, 0
        while (start := digits.find("1", end)) >= 0:
            end = digits.find("0", start)
            path.rect(symbol["x"] + start * width, y, (end - start) * width, height)
    canvas.drawPath(path, stroke=0, fill=1)


def texts(canvas, runs):
    text = canvas.beginText()
    for run in runs:
        text.setFont(run["font"], run["size"])
        text.setTextOrigin(run["x"], HEIGHT - run["y"])
        text.textOut(run["text"])
    canvas.drawText(text)


def page(canvas, letter, images):
    texts(canvas, letter["runs"])
    bars, modules = letter["code39"], letter["datamatrix"]
    if images:
        as_image(canvas, bars)
        as_image(canvas, modules)
    else:
        # Two columns of the bars' image are a narrow element, and ten of these a quiet zone.
        narrow = 2 * bars["width"] / bars["columns"]
        symbol = Standard39(letter["card_number"], barWidth=narrow, ratio=2.5, barHeight=bars["height"], quiet=0, checksum=0)
        symbol.drawOn(canvas, bars["x"] + 10 * narrow, HEIGHT - bars["y"] - bars["height"])
        as_rectangles(canvas, modules)
    canvas.showPage()


@functools.cache
def register_fonts():
    for path in sorted(pathlib.Path("fonts").glob("*.ttf")):
        pdfmetrics.registerFont(TTFont(path.stem, path))


@functools.cache
def drawn(parts):
    """Draws what does not change, by variant; read once in each process."""
    return [background.draw for background in backgrounds(parts / "stock.json")]


@functools.cache
def forms_of_its_own(parts):
    def once(number, background, canvas):
        if not canvas.hasForm(f"S{number}"):
            canvas.beginForm(f"S{number}")
            background.draw(canvas)
            canvas.endForm()
        canvas.doForm(f"S{number}")

    return [functools.partial(once, *pair) for pair in enumerate(backgrounds(parts / "stock.json"))]


@functools.cache
def forms_of_the_stock(parts):
    pages = enumerate(PdfReader(parts / "stock.pdf").pages)
    forms = [page.inheritable.Resources.XObject[f"/S{number}"] for number, page in pages]
    return [lambda canvas, form=form: canvas.doForm(makerl(canvas, form)) for form in forms]


# What draws the background, whether symbols are images, whether each core has a process, and how many of PARTS become a PDF:
# forms are made once in each.
WAYS = {
    "alone": (drawn, False, False, 1),
    "alone-cores": (drawn, False, True, 1),
    "alone-forms": (forms_of_its_own, True, True, 10),
    "stock": (forms_of_the_stock, False, False, 1),
    "stock-cores": (forms_of_the_stock, True, True, 10),
}


def peak():
    """The most memory that this process has held, in kilobytes."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def document(files, folder, background, images):
    register_fonts()
    path, count = folder / f"{files[0].stem}.pdf", 0
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT), pageCompression=1)
    draw = background(files[0].parent)
    for file in files:
        for letter in json.loads(file.read_text()):
            draw[letter["variant"]](canvas)
            page(canvas, letter, images)
            count += 1
    canvas.save()
    return count, path.stat().st_size, os.getpid(), peak()


def main(parts, folder, way, count):
    parts, folder = pathlib.Path(parts), pathlib.Path(folder)
    background, images, cores, together = WAYS[way]
    began = time.perf_counter()
    work = functools.partial(document, folder=folder, background=background, images=images)
    files = sorted(parts.glob("part-*.json"))[:int(count)]
    documents = [files[first:first + together] for first in range(0, len(files), together)]
    if cores:
        with multiprocessing.Pool() as pool:
            done = pool.map(work, documents, chunksize=1)
    else:
        done = list(map(work, documents))
    seconds = time.perf_counter() - began
    peaks = {os.getpid(): peak()}
    for _, _, process, held in done:
        peaks[process] = max(held, peaks.get(process, 0))
    print(json.dumps({"letters": sum(d[0] for d in done), "seconds": seconds, "bytes": sum(d[1] for d in done),
                      "peak": sum(peaks.values())}))


if __name__ == "__main__":
    main(*sys.argv[1:])
