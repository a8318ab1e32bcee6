"""The picture: how it opens, obeys the keyboard, leads to the line, follows saves, and stays while something is broken."""

import os
import time
from pathlib import Path

from selenium.webdriver.common.keys import Keys
from session import until

SALUTATION = "Madame, Monsieur"


def written(preview):
    """The template's file that has the salutation, and its text."""
    for path in sorted(preview.template.rglob("*.typ")):
        text = path.read_text(encoding="utf-8")
        if SALUTATION in text:
            return path, text
    raise AssertionError(f"no file of the template says {SALUTATION!r}")


def save(page, path, text):
    """Writes a file; returns the milliseconds until the next picture is drawn."""
    generation = page.drawn()[0]
    began = time.time() * 1000
    path.write_text(text, encoding="utf-8")
    return page.next_drawn(generation) - began


def shot(page, name):
    if os.environ.get("PLI_PICTURES"):
        page.driver.save_screenshot(str(Path(os.environ["PLI_PICTURES"], f"{name}.png")))


def opens(page, preview):
    page.driver.get(preview.address)
    page.wait("drawn.length > 0", "the first picture")
    page.driver.refresh()
    page.wait("drawn.length > 0", "the picture after a reload")
    assert "token" not in page.driver.current_url, "the token left the address"
    page.wait("document.querySelectorAll('#fields tr').length > 3", "the fields")
    page.wait("document.getElementById('state').className.includes('is-sound')", "a sound template", 60)
    assert page.run("return document.querySelectorAll('#facts select').length") >= 2
    assert page.run("return document.querySelectorAll('#record optgroup option').length") >= 3
    assert page.run("return document.cookie") == ""
    shot(page, "light")


def is_accessible(page, preview):
    page.accessible("light")
    page.screen(scheme="dark")
    shot(page, "dark")
    page.accessible("dark")
    page.screen(width=320)
    page.wait("innerWidth === 320", "a narrow window")
    assert page.run("return document.documentElement.scrollWidth") <= 320, "the page is wider than 320 px"
    shot(page, "narrow")
    page.accessible("320 px")
    page.screen()
    page.press("?")
    page.wait("document.getElementById('help').open", "the help")
    page.accessible("help")
    page.press(Keys.ESCAPE)
    page.wait("!document.getElementById('help').open", "the help is closed")


def obeys_the_keyboard(page, preview):
    zoom = page.text("#zoom")
    page.click("#page-number")
    page.press("+", "+")
    assert page.text("#zoom") != zoom
    before = page.run("return document.getElementById('scroller').scrollTop")
    page.press(Keys.ARROW_DOWN)
    assert page.run("return document.getElementById('scroller').scrollTop") > before
    page.press("0")
    assert page.text("#zoom") == zoom
    page.press("o")
    page.wait("!document.querySelector('#overlays input:checked')", "no overlay")
    page.press("o", "f")
    page.wait("document.documentElement.classList.contains('is-full')", "the full window")
    page.press(Keys.ESCAPE)
    page.wait("!document.documentElement.classList.contains('is-full')", "the tools again")
    # Form fields keep their keys.
    page.element("#record").send_keys("g")
    assert page.run("return document.getElementById('gallery-room').hidden")
    page.press(Keys.TAB)


def draws_single_dots(page, preview):
    """Beyond the press, a dot is a square of whole pixels."""
    page.screen(motion="reduce")
    marks = page.piece()["pages"][0]["marks"]
    symbol = next(mark["id"] for mark in marks if mark["kind"] == "two-d-doc")
    page.click(f"#fields [data-key='{symbol}']")
    page.wait("document.querySelector('#overlay .o-chosen')", "the 2D-DOC")
    page.press("o", *"+" * 25)
    page.wait("document.getElementById('zoom').textContent.includes('9600 dpi')", "16 pixels a dot")
    edges = """(() => {
      const canvas = document.getElementById('picture'), { width, height } = canvas, found = [];
      const { data } = canvas.getContext('2d').getImageData(0, 0, width, height), opaque = (at) => data[4 * at + 3] === 255;
      for (let at = 1; at < width * height; at += 1) {
        if (data[4 * at] !== data[4 * at - 4] && opaque(at) && opaque(at - 1) && at % width !== 0) found.push(at % width);
      }
      return found.length > 2 && found.every((x) => (x - found[0]) % 16 === 0);
    })()"""
    page.wait(edges, "edges of the symbol's modules, all on dots of 16 pixels")
    shot(page, "dots")
    page.press("o", "0")
    page.screen()


def leads_to_the_line(page, preview):
    path, text = written(preview)
    line = text[: text.index(SALUTATION)].count("\n") + 1
    items = page.piece()["pages"][0]["items"]
    item = next(item for item in items if SALUTATION[:6] in (item["text"] or ""))
    page.click_at(item["x"] + item["width"] / 3, item["y"] + item["height"] / 2)
    page.wait("document.getElementById('source')", "what was chosen")
    assert page.text("#source").startswith(f"{path.name}:{line}"), f"{page.text('#source')} is not {path.name}:{line}"
    page.element("#scroller").send_keys(Keys.ENTER)
    until(lambda: preview.opened.exists() and preview.opened.read_text(encoding="utf-8").endswith("\n"), "the editor")
    assert f"{path.name}:{line}:" in preview.opened.read_text(encoding="utf-8")
    # The table leads to the picture.
    page.click("#fields button")
    page.wait("document.querySelector('#overlay .o-chosen')", "the field's frame")
    shot(page, "chosen")


def shows_what_is_saved(page, preview):
    """The zoom stays; the picture is another; the time is measured. Returns the milliseconds."""
    path, text = written(preview)
    count = int(os.environ.get("PLI_SAVES", "20"))
    before = page.picture()
    times = [save(page, path, text.replace(SALUTATION, f"{SALUTATION} !"))]
    assert page.picture() != before, "the picture is still the old one"
    times += [save(page, path, text.replace(SALUTATION, f"{SALUTATION} {number % 7}")) for number in range(1, count)]
    page.click("#zoom-in")
    page.click("#zoom-in")
    page.run("document.getElementById('scroller').scrollTo(30, 120)")
    place = "const s = document.getElementById('scroller'); return [s.scrollLeft, s.scrollTop, document.getElementById('zoom').textContent]"
    page.wait("document.getElementById('scroller').scrollTop > 100", "the scroll")
    stood = page.run(place)
    save(page, path, text)
    assert page.run(place) == stood, "a save moved the view"
    page.click("#fit-page")
    page.wait("document.getElementById('saved').textContent !== ''", "what the save changed")
    return times


def stays_while_broken(page, preview):
    path, text = written(preview)
    before = page.picture()
    path.write_text(f"{text}\n#let x = (\n", encoding="utf-8")
    page.wait("!document.getElementById('stale').hidden", "the mark of a stale picture")
    page.wait("document.querySelector('#faults .is-error')", "the error")
    assert path.name in page.text("#faults")
    assert page.picture() == before or page.run("return document.documentElement.classList.contains('is-stale')")
    shot(page, "stale")
    page.accessible("stale")
    path.write_text(text, encoding="utf-8")
    page.wait("document.getElementById('stale').hidden", "the picture is sound again")
    page.wait("!document.querySelector('#faults .is-error')", "no error")
