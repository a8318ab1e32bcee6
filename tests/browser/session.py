"""A preview of a template that may be spoiled, and Chromium on its page: what tests/browser/preview.py works with."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NO_JUDGE = 77

try:
    from selenium import webdriver
    from selenium.webdriver.common.actions.action_builder import ActionBuilder
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select
except ImportError:
    sys.exit(NO_JUDGE)

DRIVER = shutil.which("chromedriver")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = importlib.util.find_spec("axe_playwright_python")
if not DRIVER or not BROWSER or not AXE:
    sys.exit(NO_JUDGE)

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1500,1000 --lang=en"
).split()

# Before the page's own scripts: what is drawn, what the policy refuses, what nobody caught.
WITNESS = """
window.drawn = []; window.refused = [];
addEventListener('drawn', (event) => drawn.push([event.detail.generation, performance.timeOrigin + performance.now()]));
addEventListener('securitypolicyviolation', (event) => refused.push(`${event.violatedDirective} ${event.blockedURI}`));
addEventListener('error', (event) => refused.push(String(event.message)));
addEventListener('unhandledrejection', (event) => refused.push(String(event.reason)));
"""


class Preview:
    """`pli preview` on a copy of the templates."""

    def __init__(self, pli, templates, name, folder):
        shutil.copytree(templates, folder / "templates")
        self.template = folder / "templates" / name
        self.opened = folder / "opened"
        editor = folder / "editor"
        editor.write_text(f'#!/bin/sh\necho "$1" >> {self.opened}\n', encoding="utf-8")
        editor.chmod(0o755)
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        self.pli = pli
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=str(runtime))
        self.errors = open(folder / "errors", "wb")
        self.process = subprocess.Popen(
            [pli, "preview", str(self.template), "--no-open", "--editor", f"{editor} {{file}}:{{line}}:{{column}}"],
            stdout=subprocess.PIPE, stderr=self.errors, env=self.environment, text=True,
        )
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("http://127.0.0.1:"), self.address

    def reveal(self, place):
        """Shows a place on the open page, as an editor does."""
        ran = subprocess.run([self.pli, "preview", "--reveal", place], env=self.environment, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr

    def end(self):
        """Ends by Ctrl-C and returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=30)
        finally:
            self.process.kill()
            self.errors.close()


class Page:
    """The page in Chromium."""

    def __init__(self, folder):
        options = webdriver.ChromeOptions()
        for flag in [*FLAGS, f"--user-data-dir={folder / 'profile'}"]:
            options.add_argument(flag)
        options.binary_location = BROWSER
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.downloads = folder / "downloads"
        self.downloads.mkdir()
        options.add_experimental_option("prefs", {"download.default_directory": str(self.downloads)})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
        self.driver.set_script_timeout(60)
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WITNESS})
        self.axe = Path(AXE.submodule_search_locations[0], "axe.min.js").read_text(encoding="utf-8")

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait(self, script, what, seconds=60):
        """Waits until an expression of the page is true, and returns its value."""
        ends = time.time() + seconds
        while True:
            value = self.run(f"return {script}")
            if value:
                return value
            assert time.time() < ends, f"{what}: not within {seconds} s; the page says {self.said()!r}"
            time.sleep(0.03)

    def element(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def click(self, selector):
        element = self.element(selector)
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def choose(self, selector, value):
        Select(self.element(selector)).select_by_value(value)

    def press(self, *keys):
        for key in keys:
            webdriver.ActionChains(self.driver).send_keys(key).perform()

    def said(self):
        return self.text("#said").strip()

    def drawn(self):
        """The newest generation that was drawn, and when, in milliseconds since 1970."""
        return self.run("return drawn.at(-1) ?? [-1, 0]")

    def next_drawn(self, generation):
        """Waits for a generation after this one to be drawn; returns when."""
        return self.driver.execute_async_script(
            """const [before, done] = arguments;
            const seen = () => { const last = drawn.at(-1); if (last && last[0] > before) done(last[1]); else addEventListener('drawn', seen, { once: true }); };
            seen();""",
            generation,
        )

    def picture(self):
        """The picture's pixels, as a digest."""
        return self.driver.execute_async_script(
            """const done = arguments[0], canvas = document.getElementById('picture');
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            crypto.subtle.digest('SHA-256', data).then((digest) => done(Array.from(new Uint8Array(digest)).join()));"""
        )

    def piece(self):
        """What the server says of the piece that is shown."""
        return self.driver.execute_async_script(
            """const done = arguments[0], hash = new URLSearchParams(location.hash.slice(1));
            fetch(`/api/piece?variant=${hash.get('variant')}&record=${hash.get('record')}`).then((answer) => answer.json()).then(done);"""
        )

    def on_screen(self, x, y):
        """Where a place of the first shown page is on the screen; millimetres to pixels."""
        return self.run(
            """const [x, y] = arguments, group = document.querySelector('#overlay > g');
            const [left, top, k] = group.getAttribute('transform').match(/[-\\d.]+/g).map(Number);
            const frame = document.getElementById('scroller').getBoundingClientRect();
            return [frame.left + left + x * k, frame.top + top + y * k];""",
            x, y,
        )

    def click_at(self, x, y):
        left, top = self.on_screen(x, y)
        actions = ActionBuilder(self.driver)
        actions.pointer_action.move_to_location(round(left), round(top)).click()
        actions.perform()

    def accessible(self, what):
        """Lets axe judge the page as it stands."""
        if not self.run("return 'axe' in window"):
            self.run(self.axe)
        violations = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, { resultTypes: ['violations'] }).then((result) => done(result.violations))"
        )
        words = [f"{fault['id']}: {[node['target'] for node in fault['nodes'][:3]]}" for fault in violations]
        assert not words, f"{what}: {words}"

    def screen(self, width=None, scheme="light", motion="no-preference"):
        """Sets the window's width, the colour scheme and whether motion is wished."""
        features = [{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": motion}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        if width:
            metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        else:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def complaints(self):
        """What the policy refused, what nobody caught, and what the console has as an error."""
        console = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        return self.run("return window.refused.splice(0)") + console


def until(true, what, seconds=60):
    """Waits until a function returns true."""
    ends = time.time() + seconds
    while not true():
        assert time.time() < ends, f"{what}: not within {seconds} s"
        time.sleep(0.02)


def folder():
    """A folder that goes away."""
    return tempfile.TemporaryDirectory(prefix="pli-browser-")
