"""Judges whether codes can be read through mailers that are held to the light. Shares no code with the program.

  pip install numpy pillow pikepdf
  tests/light.py MAILERS.pdf [--mailers 200] [--blurs 0.15,0.3,0.5,0.8] [--views flat,front,behind] [--tesseract 8]

MAILERS.pdf is a print file of mailers in clear, two pages each, turned on the long edge, codes on page 2. Poppler draws both
pages at 300 dpi. They are laid over each other, flat and folded in three at 99 and 198 mm with page 2 inside: ink lets 8 %
of the light through, and paper blurs by so many millimetres a sheet. Two judges then read the codes:

- tesseract, which reads digits wherever it finds them on the panel of the codes, as it reads them upright;
- matched filters that know the font, size and place of every digit, how it is drawn, and the mean of all other mailers, which
  is the template's own pattern. One is linear, one takes logarithms. Each says the digit whose picture fits best.

Prints JSON: for every view, blur and filter the share of digits that were right (`mean`), the share at the position where
it was right most often (`worst`), and what chance allows there (`limit`: 10 % and three standard deviations); for every
view and blur how many codes tesseract read whole. Exit code 0; what is bad is for the caller to say.
"""
import argparse, functools, json, os, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

try:
    import numpy as np
    import pikepdf
    from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont
except ImportError:
    sys.exit(77)

DPI, INK, FINE = 300, 0.08, 4
PX = DPI / 25.4
FOLDS = [0, 99, 198, 297]
FONT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fonts", "IBMPlexMono-Medium.ttf")
ADVANCE = 0.6
# Paper around a digit that a filter looks at, in millimetres.
AROUND = 0.8
# The least size of a code that is not drawn as an outline, in points.
LARGE = 17.5
# The panel of the codes: left, top, width, height in millimetres.
PANEL = (10, 100, 190, 97)


def run(*command):
    return subprocess.run(command, capture_output=True, check=True).stdout


def pages(pdf, first, last):
    """The pages as shares of light that their paper reflects."""
    out, found, at = run("pdftoppm", "-r", str(DPI), "-gray", "-f", str(first), "-l", str(last), pdf), [], 0
    while at < len(out):
        end = at
        for _ in range(3):
            end = out.index(b"\n", end) + 1
        width, height = map(int, out[at:end].split()[1:3])
        found.append(np.frombuffer(out, np.uint8, width * height, end).reshape(height, width).astype(np.float32) / 255)
        at = end + width * height
    return found


def through(side):
    return INK + (1 - INK) * side


def blurred(light, millimetres):
    """A Gaussian blur, along one axis and then the other."""
    deviation = millimetres * PX
    reach = int(np.ceil(3.5 * deviation))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    kernel = (kernel / kernel.sum()).astype(np.float32)
    for axis in (0, 1):
        length = light.shape[axis]
        wide = np.pad(light, [(reach, reach) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        parts = (wide[n:n + length] if axis == 0 else wide[:, n:n + length] for n in range(len(kernel)))
        light = sum(weight * part for weight, part in zip(kernel, parts))
    return light


def seen(front, back, view, box, blur):
    """The light at a box of page 2 (millimetres: left, top, width, height), as page 2 shows it upright."""
    sheet = through(front)[:, ::-1] * through(back)
    margin = 3.5 * blur * 3 ** 0.5 + 0.2
    left, top, width, height = box
    x0, x1 = round((left - margin) * PX), round((left + width + margin) * PX)

    def rows(start, end, flipped):
        part = sheet[max(0, round(start * PX)): round(end * PX), max(0, x0):x1]
        return part[::-1] if flipped else part

    top, bottom = top - margin, top + height + margin
    code = rows(top, bottom, False)
    if view == "flat":
        light = blurred(code, blur)
    else:
        # The last panel is folded up over the middle one, then the first one down over both.
        tucked = rows(2 * FOLDS[2] - bottom, 2 * FOLDS[2] - top, True)
        over = rows(2 * FOLDS[1] - bottom, 2 * FOLDS[1] - top, True)
        order = [code, tucked, over] if view == "behind" else [over, tucked, code]
        size = min(part.shape[0] for part in order)
        light = 1
        for depth, part in enumerate(order):
            light = light * blurred(part[:size], blur * (depth + 1) ** 0.5)
    cut = round(margin * PX)
    return light[cut:cut + round(height * PX), cut:cut + round(width * PX)]


@functools.lru_cache(None)
def drawn(size, line, digit):
    """What a digit adds to a page, in ink: solid, and as its outline is drawn. The box is the digit's, with paper around."""
    scale, em = FINE * PX, size / 72 * 25.4
    width, height = ADVANCE * em + 2 * AROUND, 0.72 * em + 2 * AROUND
    shape = (round(width * PX) * FINE, round(height * PX) * FINE)
    picture = Image.new("L", shape, 0)
    place = (AROUND * scale, (AROUND + 0.72 * em) * scale)
    ImageDraw.Draw(picture).text(place, digit, font=ImageFont.truetype(FONT, em * scale), fill=255, anchor="ls")

    def small(mask):
        return np.asarray(mask.resize((shape[0] // FINE, shape[1] // FINE), Image.BOX), np.float32) / 255

    def contour(by):
        odd = max(1, round(by / 2 * scale)) * 2 + 1
        return ImageChops.subtract(picture.filter(ImageFilter.MaxFilter(odd)), picture.filter(ImageFilter.MinFilter(odd)))

    if not line:
        return {"solid": small(picture)}
    black, white = small(contour(line / 2)), small(contour(1.65 * line))
    return {"solid": small(picture), "outline": black - black.sum() / white.sum() * white}


@functools.lru_cache(None)
def blurred_digit(size, line, digit, blur):
    return {name: blurred(ink, blur) for name, ink in drawn(size, line, digit).items()}


def codes_of(page):
    """The codes on a page: digits, their left edges and baseline in millimetres, size in points, line in millimetres."""
    dot, found, text, at, size, mode, line = 1.0, [], None, (0, 0), 0, 0, 0
    outlines, solids = {}, {}
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "cm" and float(operands[0]) < 1:
            dot = float(operands[0])
        elif name == "BT":
            at = (0.0, 0.0)
        elif name == "Tf":
            size = float(operands[1]) * dot
        elif name == "Tr":
            mode = int(operands[0])
        elif name == "w":
            line = float(operands[0]) * dot / 72 * 25.4
        elif name == "Td":
            at = (at[0] + float(operands[0]), at[1] + float(operands[1]))
        elif name in ("Tj", "TJ"):
            parts = operands[0] if name == "TJ" else [operands[0]]
            pen, digits, edges = at[0] * dot / 72 * 25.4, "", []
            em = size / 72 * 25.4
            for part in parts:
                if not isinstance(part, pikepdf.String):
                    pen -= float(part) / 1000 * em
                    continue
                for byte in bytes(part):
                    if 0x30 <= byte <= 0x39:
                        digits, edges = digits + chr(byte), edges + [pen]
                    pen += ADVANCE * em
            code = (digits, edges, 297 - at[1] * dot / 72 * 25.4, size, line if mode == 1 else 0)
            key = (round(at[0]), round(at[1]))
            if mode == 1:
                outlines[key] = code
            elif size >= LARGE and len(digits) > 2:
                solids[key] = code
    return list((outlines or solids).values())


def whole(light, digits):
    """Whether tesseract reads a code whole in a picture of it with paper around."""
    low, high = np.percentile(light, 1), np.percentile(light, 99)
    picture = Image.fromarray(((light - low) / max(high - low, 1e-6) * 255).clip(0, 255).astype("uint8"))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "code.png")
        picture.resize((picture.width // 2, picture.height // 2)).save(path)
        command = ["tesseract", path, "-", "--psm", "7", "-c", "tessedit_char_whitelist=0123456789"]
        environment = dict(os.environ, OMP_THREAD_LIMIT="1")
        read = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    return digits in "".join(read.split())


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("pdf")
    arguments.add_argument("--mailers", type=int, default=200)
    arguments.add_argument("--blurs", default="0.15,0.3,0.5,0.8")
    arguments.add_argument("--views", default="flat,front,behind")
    arguments.add_argument("--tesseract", type=int, default=8)
    arguments.add_argument("--picture", help="a folder for pictures of the first mailer")
    options = arguments.parse_args()
    blurs = [float(blur) for blur in options.blurs.split(",")]
    views = options.views.split(",")
    with pikepdf.open(options.pdf) as pdf:
        count = min(options.mailers, len(pdf.pages) // 2)
        codes = [codes_of(pdf.pages[2 * n + 1]) for n in range(count)]
    cases = [(view, blur) for view in views for blur in blurs]
    looks, read = {case: [] for case in cases}, {case: 0 for case in cases}

    def look(n):
        front, back = pages(options.pdf, 2 * n + 1, 2 * n + 2)
        found = {}
        for view, blur in cases:
            boxes = []
            for digits, edges, baseline, size, line in codes[n]:
                em = size / 72 * 25.4
                top, height = baseline - 0.72 * em - AROUND, 0.72 * em + 2 * AROUND
                box = (edges[0] - AROUND, top, edges[-1] - edges[0] + ADVANCE * em + 2 * AROUND, height)
                light = seen(front, back, view, box, blur)
                width = round((ADVANCE * em + 2 * AROUND) * PX)
                starts = [round((edge - edges[0]) * PX) for edge in edges]
                boxes += [(light[:, start:start + width], digit, size, line) for start, digit in zip(starts, digits)]
            count_read = 0
            for digits, edges, baseline, size, _ in codes[n] if n < options.tesseract else []:
                em, around = size / 72 * 25.4, 3
                box = (edges[0] - around, baseline - 0.72 * em - around,
                       edges[-1] - edges[0] + ADVANCE * em + 2 * around, 0.72 * em + 2 * around)
                count_read += whole(seen(front, back, view, box, blur), digits)
            if options.picture and n == 0:
                panel = seen(front, back, view, PANEL, blur)
                low, high = np.percentile(panel, 1), np.percentile(panel, 99)
                out = ((panel - low) / (high - low) * 255).clip(0, 255).astype("uint8")
                Image.fromarray(out).save(os.path.join(options.picture, f"{view}-{blur}.png"))
            found[view, blur] = (boxes, count_read)
        return found

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(look, range(count)):
            for case, (boxes, count_read) in found.items():
                looks[case].append(boxes)
                read[case] += count_read
    result = {"mailers": count, "limit": round(0.1 + 3 * (0.09 / count) ** 0.5, 4), "filters": [], "tesseract": []}
    # Codes of one length at one place are a position each; others (assistance codes of any length) are left out.
    lengths = [sum(len(digits) for digits, *_ in of) for of in codes]
    common = min(lengths)
    for (view, blur), boxes in looks.items():
        for scale, take in (("linear", lambda light: light), ("logarithmic", np.log)):
            right = {}
            for position in range(common):
                column = [of[position] for of in boxes]
                height = min(light.shape[0] for light, *_ in column)
                width = min(light.shape[1] for light, *_ in column)
                lights = np.stack([take(light[:height, :width]) for light, *_ in column])
                lights -= (lights.sum(0) - lights) / max(1, count - 1)
                _, _, size, line = column[0]
                filters = {}
                for digit in "0123456789":
                    for name, ink in drawn(size, line, digit).items():
                        filters.setdefault(name, []).append(blurred(ink, blur)[:height, :width])
                for name, of in filters.items():
                    of = np.stack(of)
                    of = of - of.mean(0)
                    of = of / np.sqrt((of ** 2).sum((1, 2), keepdims=True))
                    h, w = min(height, of.shape[1]), min(width, of.shape[2])
                    fit = np.tensordot(-lights[:, :h, :w], of[:, :h, :w], ((1, 2), (1, 2)))
                    said = fit.argmax(1)
                    hits = sum(int(digit) == guess for (_, digit, *_), guess in zip(column, said))
                    right.setdefault(name, []).append(hits / count)
            for name, shares in right.items():
                result["filters"].append({"view": view, "blur": blur, "filter": f"{scale} {name}",
                                          "mean": round(float(np.mean(shares)), 4), "worst": round(max(shares), 4)})
        tried = sum(len(of) for of in codes[:options.tesseract])
        result["tesseract"].append({"view": view, "blur": blur, "whole": read[view, blur], "of": tried})
    print(json.dumps(result))


if __name__ == "__main__":
    main()
