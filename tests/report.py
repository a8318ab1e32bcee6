"""Judges a report of returned mail: python3 tests/report.py FILE

Parses it as HTML with Python's own parser and holds it against its content security policy. Prints how many doubtful pages it has, how
many pictures and how many outlines. Ends with an assertion where something is wrong.
"""

import base64
import hashlib
import json
import re
import sys
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "img", "link", "image", "polygon"}
KNOWN = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "p", "h1", "h2", "h3", "h4", "div", "section", "table", "thead",
    "tbody", "tr", "th", "td", "span", "main", "noscript", "strong", "label", "input", "button", "kbd", "article", "figure",
    "figcaption", "svg", "image", "polygon", "text", "dl", "dt", "dd", "details", "summary", "template", "form", "script",
}


class Report(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.texts, self.policy, self.counts = [], {"script": [], "style": []}, None, {}
        self.ids, self.labels = set(), set()

    def handle_starttag(self, tag, attributes):
        assert tag in KNOWN, f"<{tag}>"
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>"
        values = dict(attributes)
        for name, value in attributes:
            assert not name.startswith("on") and name not in {"style", "src", "action"}, f"{name} of <{tag}>"
            if name == "href":
                assert value.startswith(("#", "data:image/jpeg;base64,")), value[:60]
        if tag == "meta" and values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        if "id" in values:
            assert values["id"] not in self.ids, f"id {values['id']} twice"
            self.ids.add(values["id"])
        if "aria-labelledby" in values:
            self.labels.add(values["aria-labelledby"])
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if tag not in VOID:
            self.open.append((tag, values))

    def handle_endtag(self, tag):
        if tag not in VOID:
            opened, _ = self.open.pop()
            assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_data(self, data):
        if self.open and self.open[-1][0] in self.texts:
            self.texts[self.open[-1][0]].append((self.open[-1][1], data))


def main(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    report = Report()
    report.feed(text)
    report.close()
    assert not report.open, report.open
    assert report.labels <= report.ids
    digest = lambda data: "'sha256-" + base64.b64encode(hashlib.sha256(data.encode()).digest()).decode() + "'"
    scripts = [data for values, data in report.texts["script"] if "type" not in values]
    data = [json.loads(data) for values, data in report.texts["script"] if values.get("type") == "application/json"]
    assert len(scripts) == 1 and len(data) == 1 and len(report.texts["style"]) == 1
    policy = dict(part.strip().split(" ", 1) for part in report.policy.split(";"))
    assert policy["default-src"] == "'none'" and policy["img-src"] == "data:"
    assert policy["script-src"] == digest(scripts[0])
    assert policy["style-src"] == digest(report.texts["style"][0][1])
    assert not re.search(r"url\(|@import|https?:", report.texts["style"][0][1] + scripts[0])
    count = lambda tag: report.counts.get(tag, 0)
    assert count("article") == len(data[0]["cases"])
    print(count("article"), count("image"), count("polygon"))


main(sys.argv[1])
