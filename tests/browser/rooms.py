"""What stands around the picture: difference, gallery, overlays, exports, the editor's own way, French, and the end."""

import time

from picture import SALUTATION, save, shot, written
from selenium.webdriver.common.keys import Keys
from session import until


def compares(page, preview):
    path, text = written(preview)
    save(page, path, text.replace(SALUTATION, "Chère consœur"))
    page.screen(motion="reduce")
    page.click("#page-number")
    page.press("d")
    page.wait("document.getElementById('against').value !== ''", "something to compare with")
    page.choose("#against", "saved")
    page.wait("!document.getElementById('flip').hidden", "before and after")
    after = page.picture()
    page.click("#flip")
    until(lambda: page.picture() != after, "before and after are not the same picture")
    assert page.text("#shown-side") == "before"
    page.choose("#comparison", "slider")
    page.wait("!document.getElementById('divider').hidden", "the slider")
    page.run("const s = document.getElementById('split'); s.value = 100; s.dispatchEvent(new Event('input'))")
    until(lambda: page.picture() != after, "what was before is left of the slider")
    page.choose("#comparison", "changed")
    page.wait("!document.getElementById('colours').hidden", "the colours")
    shot(page, "changed")
    page.accessible("difference")
    page.choose("#against", "")
    page.screen()
    page.click("#page-number")
    page.press("c")
    page.wait("document.querySelector('#overlay .o-flash')", "the place that changed")
    height = page.run("return document.querySelector('#overlay .o-flash').height.baseVal.value")
    assert height < 10, f"a line of text changed, and {height:.1f} mm are shown"
    page.click("[data-room=changes]")
    page.wait("document.querySelectorAll('#cells li').length > 1", "the variants that change", 60)
    page.wait("document.querySelector('#cells svg rect')", "what changes in them")
    shot(page, "changes")
    page.press(Keys.ESCAPE)
    path.write_text(text, encoding="utf-8")


def shows_many(page, preview):
    page.click("#page-number")
    page.press("g")
    page.wait("document.querySelectorAll('#cells canvas').length > 2", "the gallery's pictures", 60)
    assert page.run("return document.querySelectorAll('#cells li').length") == int(page.text("#variants-count"))
    shot(page, "gallery")
    page.accessible("gallery")
    page.choose("#gallery-kind", "records")
    page.wait("document.querySelectorAll('#cells canvas').length > 2", "all records", 60)
    page.run("document.querySelectorAll('#cells button')[1].click()")
    page.wait("!document.getElementById('stage').hidden", "the page again")
    assert page.run("return document.getElementById('record').selectedIndex") == 1


def lays_over(page, preview):
    page.run("document.querySelectorAll('#overlays input').forEach((box) => { if (!box.checked) box.click(); })")
    for style in ("o-window", "o-fold", "o-quiet", "o-frame", "o-mm", "o-baseline", "o-ink", "f-card"):
        page.wait(f"document.querySelector('#overlay .{style}')", style)
    page.wait("document.querySelectorAll('#windows li').length > 0", "what the windows show")
    most = page.run("return document.getElementById('dx').max")
    page.run("const dx = document.getElementById('dx'); dx.value = dx.max; dx.dispatchEvent(new Event('input'))")
    page.wait(f"document.getElementById('dx-value').textContent.includes(Number({most}).toFixed(1))", "the sheet at its limit")
    shot(page, "overlays")
    page.accessible("overlays")
    page.run("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    page.wait("document.querySelectorAll('#scanner .is-good').length > 2", "what a scanner reads", 60)
    page.choose("#light", "front")
    page.wait("document.getElementById('light-picture').naturalWidth > 100", "the piece held to the light", 60)
    shot(page, "light-through")
    page.choose("#light", "")


def exports(page, preview):
    page.click("#exports a[href^='/export/page.pdf']")
    until(lambda: list(page.downloads.glob("*.pdf")), "the PDF")
    assert next(page.downloads.glob("*.pdf")).read_bytes().startswith(b"%PDF-")
    answers = page.driver.execute_async_script(
        """const done = arguments[0], links = [...document.querySelectorAll('#exports a[href*="page."]')].map((link) => link.href);
        Promise.all(links.map((link) => fetch(link).then((answer) => [link, answer.status]))).then(done);"""
    )
    assert len(answers) >= 3 and all(status == 200 for _, status in answers), answers


def is_shown_from_the_editor(page, preview):
    path, text = written(preview)
    line = text[: text.index(SALUTATION)].count("\n") + 1
    column = text.splitlines()[line - 1].index(SALUTATION) + 1
    page.press(Keys.ESCAPE)
    page.run("document.getElementById('said').textContent = ''")
    preview.reveal(f"{path}:{line}:{column}")
    page.wait("document.querySelector('#overlay .o-flash') && document.getElementById('said').textContent.includes('editor')", "the place of the editor")


def speaks_french(page, preview):
    page.choose("#language", "fr")
    page.wait("document.documentElement.lang === 'fr'", "French")
    page.driver.get(f"{preview.address}&language=en")
    page.wait("document.documentElement.lang === 'en' && drawn.length > 0", "English, as the address says")
    page.driver.get(f"{preview.address}&language=fr")
    page.wait("document.documentElement.lang === 'fr' && drawn.length > 0", "French, as the address says")
    assert page.text("[data-room=gallery]") == "Galerie"
    page.accessible("French")
    shot(page, "french")


def ends(page, preview):
    began = time.time()
    assert preview.end() == 0
    assert time.time() - began < 10, "Ctrl-C took too long"
    page.wait("!document.getElementById('stale').hidden", "the page knows that the preview has ended")
