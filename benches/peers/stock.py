#!/usr/bin/env python3
"""What does not change in a letter, for programs that draw it themselves: reads paragraphs and drawings from stock pages.

  stock.py STOCK.pdf STOCK.json

Writes, for each page, {"paragraphs": [{"font", "size", "x", "y", "leading", "lines"}], "drawings": [{"points", "closed",
"width", "black", "dash"}]}. Lengths are points from the page's top left corner; `y` is the first baseline; `font` is the
name of a file of `fonts/`; a point is [x, y, whether it controls a curve]; a `width` of null fills; `black` is a share.
"""
import json, sys

from pdfminer.high_level import extract_pages
from pdfminer.layout import LTChar, LTCurve, LTFigure


def elements(container):
    for element in container:
        if isinstance(element, LTFigure):
            yield from elements(element)
        else:
            yield element


def lines(characters, height):
    """Characters on one baseline, in one style and without a gap, together."""
    found, end = [], None
    for character in characters:
        x, y = character.matrix[4], height - character.matrix[5]
        style = character.fontname.split("+")[-1], round(character.size, 3)
        line = found[-1] if found else None
        if line and line["style"] == style and abs(line["y"] - y) < 0.01 and abs(end - x) < 0.5 * character.size:
            line["text"] += character.get_text()
        else:
            found.append({"style": style, "x": x, "y": y, "text": character.get_text()})
        end = x + character.adv
    return found


def paragraphs(lines):
    """Lines in one style under each other and evenly apart, together."""
    found = []
    for line in lines:
        font, size = line["style"]
        last = found[-1] if found else None
        leading = line["y"] - last["y"] - (len(last["lines"]) - 1) * last["leading"] if last else 0
        follows = last and (last["font"], last["size"]) == (font, size) and abs(last["x"] - line["x"]) < 0.1
        if follows and 0 < leading < 1.5 * size and (len(last["lines"]) == 1 or abs(leading - last["leading"]) < 0.1):
            last["leading"] = leading
            last["lines"].append(line["text"].strip(" "))
        else:
            found.append({"font": font, "size": size, "x": line["x"], "y": line["y"], "leading": 1.2 * size,
                          "lines": [line["text"].strip(" ")]})
    return found


def drawing(curve, height):
    points, closed = [], False
    for operator, *places in curve.original_path:
        assert operator in "mlch", operator
        closed = closed or operator == "h"
        for number, (x, y) in enumerate(places, 1):
            points.append([round(x, 3), round(height - y, 3), number < len(places)])
    color = curve.stroking_color if curve.stroke else curve.non_stroking_color
    return {"points": points, "closed": closed, "width": curve.linewidth if curve.stroke else None,
            "black": color[3] if isinstance(color, tuple) else 1.0,
            "dash": curve.dashing_style[0] if curve.dashing_style else []}


def page(layout):
    found = list(elements(layout))
    written = lines((element for element in found if isinstance(element, LTChar)), layout.height)
    drawn = (element for element in found if isinstance(element, LTCurve))
    return {"paragraphs": [paragraph for paragraph in paragraphs(written) if any(paragraph["lines"])],
            "drawings": [drawing(curve, layout.height) for curve in drawn]}


def main(stock, out):
    pages = [page(layout) for layout in extract_pages(stock, laparams=None)]
    with open(out, "w") as file:
        json.dump(pages, file, ensure_ascii=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
