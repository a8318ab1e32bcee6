"""What does not change in a letter, by ReportLab alone: Paragraphs that it breaks into lines, and paths, for each letter
anew or once as a form of its own."""
import html, json

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Paragraph

HEIGHT = 841.92


class Wording:
    """A paragraph's text, as wide as its lines by ReportLab's metrics."""

    def __init__(self, paragraph):
        font, size, lines = paragraph["font"], paragraph["size"], paragraph["lines"]
        # Of no-break spaces its paragraphs know one.
        lines = [line.replace("\u202f", "\u00a0").replace("  ", "\u00a0 ") for line in lines]
        self.width = max(stringWidth(line, font, size) for line in lines) + 0.1
        self.text = html.escape(lines[0], quote=False)
        for before, line in zip(lines, lines[1:]):
            fits = stringWidth(f"{before} {line.split(' ')[0]}", font, size) < self.width
            self.text += ("<br/>" if fits else " ") + html.escape(line, quote=False)
        self.style = ParagraphStyle("", fontName=font, fontSize=size, leading=paragraph["leading"])
        self.x, self.top = paragraph["x"], HEIGHT - paragraph["y"] + size

    def draw(self, canvas):
        paragraph = Paragraph(self.text, self.style)
        _, height = paragraph.wrapOn(canvas, self.width, HEIGHT)
        paragraph.drawOn(canvas, self.x, self.top - height)


def draw_path(canvas, drawing):
    path, places = canvas.beginPath(), iter(drawing["points"])
    path.moveTo(*upward(next(places)))
    for place in places:
        if place[2]:
            path.curveTo(*upward(place), *upward(next(places)), *upward(next(places)))
        else:
            path.lineTo(*upward(place))
    if drawing["closed"]:
        path.close()
    if drawing["width"] is None:
        canvas.setFillColorCMYK(0, 0, 0, drawing["black"])
        canvas.drawPath(path, stroke=0, fill=1)
    else:
        canvas.setStrokeColorCMYK(0, 0, 0, drawing["black"])
        canvas.setLineWidth(drawing["width"])
        canvas.setDash(drawing["dash"])
        canvas.drawPath(path, stroke=1, fill=0)


def upward(place):
    return place[0], HEIGHT - place[1]


class Background:
    """What does not change in the letters of a variant."""

    def __init__(self, page):
        self.wordings, self.drawings = [Wording(paragraph) for paragraph in page["paragraphs"]], page["drawings"]

    def draw(self, canvas):
        canvas.setLineCap(1)
        canvas.setLineJoin(1)
        for drawing in self.drawings:
            draw_path(canvas, drawing)
        canvas.setFillColorCMYK(0, 0, 0, 1)
        for wording in self.wordings:
            wording.draw(canvas)


def backgrounds(stock):
    """One for each variant; the fonts are registered."""
    return [Background(page) for page in json.loads(stock.read_text())]
