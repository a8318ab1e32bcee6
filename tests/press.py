#!/usr/bin/env python3
"""Holds a print file against PDF/X-4, PDF/VT-1 and, where it claims so, PDF/A-2b, with other people's libraries.

  pip install pikepdf fonttools
  tests/press.py FILE.pdf

pikepdf (which is qpdf) reads the file, fontTools the fonts, the standard library the XML; nothing here shares code with
the program. Prints each clause that the file meets, by the names of docs/pdf.md. Then breaks a copy of the file for each
clause, on purpose, to see that its check notices (`-v` tells how). Exit code 0 where all is right, 77 where a library is missing.
"""
import io, re, sys
import xml.etree.ElementTree as ElementTree

try:
    import pikepdf
    from fontTools.ttLib import TTFont
    from pikepdf import Array, Dictionary, Name, Stream, String
except ImportError:
    sys.exit(77)

DC, XMP = "{http://purl.org/dc/elements/1.1/}", "{http://ns.adobe.com/xap/1.0/}"
MM, PDF = "{http://ns.adobe.com/xap/1.0/mm/}", "{http://ns.adobe.com/pdf/1.3/}"
PDFX, PDFVT = "{http://www.npes.org/pdfx/ns/id/}", "{http://www.npes.org/pdfvt/ns/id/}"
PDFA, PROPERTY = "{http://www.aiim.org/pdfa/ns/id/}", "{http://www.aiim.org/pdfa/ns/property#}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
UUID = re.compile(r"uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class File:
    """A print file: its bytes, its objects, its XMP packet, and what its pages draw with."""

    def __init__(self, data):
        self.data = data
        self.pdf = pikepdf.open(io.BytesIO(data))
        self.root = self.pdf.Root
        self.packet = self.root.Metadata.read_bytes() if "/Metadata" in self.root else b"<none/>"
        self.xmp = ElementTree.fromstring(self.packet)
        self.objects = list(self.pdf.objects)
        self.pages = [page.obj for page in self.pdf.pages]
        self.forms, self.images, self.fonts, self.states = {}, {}, {}, []
        for resources in {page.Resources.objgen: page.Resources for page in self.pages}.values():
            self.visit(resources)

    def visit(self, resources):
        for kind in ("/ColorSpace", "/Shading", "/Pattern"):
            assert kind not in resources, f"resources hold {kind}"
        self.states += list(resources.get("/ExtGState", {}).values())
        self.fonts.update((font.objgen, font) for font in resources.get("/Font", {}).values())
        for thing in resources.get("/XObject", {}).values():
            known = self.forms if thing.get("/Subtype") == "/Form" else self.images
            if thing.objgen not in known:
                known[thing.objgen] = thing
                self.visit(thing.get("/Resources", {}))

    def one(self, name):
        """The only text of an XMP property, through RDF's lists."""
        found = [("".join(e.itertext())).strip() for e in self.xmp.iter(name)]
        return found[0] if len(found) == 1 else None

    def info(self, key):
        return str(self.pdf.trailer.Info.get(key, ""))


def x4_file(f):
    assert re.match(rb"%PDF-1\.6\n%[\x80-\xff]{4}\n", f.data), "header"
    assert f.data.count(b"%%EOF") == 1 and re.search(rb"\nstartxref\n\d+\n%%EOF\n\Z", f.data), "end"
    start = int(re.search(rb"startxref\n(\d+)", f.data).group(1))
    assert re.match(rb"\d+ 0 obj\n<</Type/XRef", f.data[start:]), "cross-references"
    assert not f.pdf.check_pdf_syntax(), f.pdf.check_pdf_syntax()
    assert f.pages, "no page"


def x4_trailer(f):
    ids = f.pdf.trailer.get("/ID", [])
    assert len(ids) == 2 and all(len(bytes(i)) == 16 for i in ids), "ID"
    assert "/Encrypt" not in f.pdf.trailer and not f.pdf.is_encrypted, "encrypted"


def x4_metadata(f):
    m = f.root.Metadata
    assert m.get("/Type") == "/Metadata" and m.get("/Subtype") == "/XML" and "/Filter" not in m, "stream"
    assert f.packet in f.data, "not in clear"
    assert f.one(PDFX + "GTS_PDFXVersion") == "PDF/X-4", "GTS_PDFXVersion"
    for name in (DC + "title", XMP + "CreateDate", XMP + "ModifyDate", XMP + "MetadataDate", MM + "DocumentID",
                 MM + "VersionID", PDF + "Trapped"):
        assert f.one(name), name
    assert UUID.fullmatch(f.one(MM + "DocumentID")), "DocumentID"
    assert f.one(MM + "RenditionClass") == "default", "RenditionClass"


def x4_information(f):
    keys = set(f.pdf.trailer.Info.keys())
    assert keys == {"/Title", "/Creator", "/Producer", "/CreationDate", "/ModDate", "/Trapped"}, keys
    date = lambda name: "D:" + re.sub("[-:T]", "", f.one(name) or "")
    assert f.info("/Title") == f.one(DC + "title"), "Title"
    assert f.info("/CreationDate") == date(XMP + "CreateDate"), "CreationDate"
    assert f.info("/ModDate") == date(XMP + "ModifyDate"), "ModDate"
    assert f.info("/Producer") == f.one(PDF + "Producer") and f.info("/Creator") == f.one(XMP + "CreatorTool")
    assert f.info("/Trapped") in ("/True", "/False") and f.info("/Trapped")[1:] == f.one(PDF + "Trapped"), "Trapped"


def x4_output_intent(f):
    intents = [i for i in f.root.OutputIntents if i.S == "/GTS_PDFX"]
    assert len(intents) == 1, f"{len(intents)} output intents"
    assert str(intents[0].OutputConditionIdentifier) and str(intents[0].Info), "identifier"
    profile = intents[0].DestOutputProfile
    icc = profile.read_bytes()
    assert profile.N == 4 and int.from_bytes(icc[:4], "big") == len(icc), "profile"
    assert icc[12:16] == b"prtr" and icc[16:20] == b"CMYK" and icc[36:40] == b"acsp" and 2 <= icc[8] <= 4, "header"


def x4_boxes(f):
    for page in f.pages:
        media, bleed, trim = ([float(n) for n in page[k]] for k in ("/MediaBox", "/BleedBox", "/TrimBox"))
        assert "/ArtBox" not in page and trim[0] < trim[2] and trim[1] < trim[3], "TrimBox"
        for inner, outer in ((trim, bleed), (bleed, media)):
            assert inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def x4_fonts(f):
    assert f.fonts, "no font"
    for font in f.fonts.values():
        cid = font.DescendantFonts[0]
        descriptor = cid.FontDescriptor
        assert font.Subtype == "/Type0", "Type 0"
        assert font.Encoding == "/Identity-H" or font.Encoding.Type == "/CMap", "predefined or embedded encoding"
        assert re.fullmatch(r"/[A-Z]{6}\+.+", str(font.BaseFont)) and font.BaseFont == cid.BaseFont == descriptor.FontName
        program = descriptor.FontFile2
        assert program.Length1 == len(program.read_bytes()), "Length1"
        ttf = TTFont(io.BytesIO(program.read_bytes()))
        gids = cid.CIDToGIDMap
        table = None if gids == "/Identity" else gids.read_bytes()
        entries, at = cid.W, 0
        while at < len(entries):
            first = int(entries[at])
            if isinstance(entries[at + 1], Array):
                widths = [(first + i, float(w)) for i, w in enumerate(entries[at + 1])]
                at += 2
            else:
                widths = [(c, float(entries[at + 2])) for c in range(first, int(entries[at + 1]) + 1)]
                at += 3
            for code, width in widths:
                gid = code if table is None else int.from_bytes(table[2 * code:2 * code + 2], "big")
                meant = ttf["hmtx"][ttf.getGlyphName(gid)][0] * 1000 / ttf["head"].unitsPerEm
                assert abs(meant - width) <= 1, f"{font.BaseFont}: {code} is {width} wide and not {meant}"


def streams(f):
    """Each content stream once, with its resources, and whether it begins with a state of its own."""
    for page in f.pages:
        yield page, page.Resources, True
    for form in f.forms.values():
        yield form, form.get("/Resources", {}), "/GTS_XID" in form


def instructions(thing):
    return pikepdf.parse_content_stream(pikepdf.Page(thing) if thing.get("/Type") == "/Page" else thing)


def x4_colour(f):
    for thing, _, _ in streams(f):
        for instruction in instructions(thing):
            if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                assert instruction.iimage.obj.get("/ImageMask") or instruction.iimage.image_mask, "an inline image"
                continue
            operator = str(instruction.operator)
            assert operator not in {"rg", "RG", "cs", "CS", "sc", "SC", "scn", "SCN", "sh", "ri"}, operator
            if operator in {"k", "K"}:
                assert [float(n) for n in instruction.operands[:3]] == [0, 0, 0], "another ink than black"
    for image in f.images.values():
        assert image.get("/ImageMask") or image.ColorSpace == "/DeviceGray", "an image"


def x4_graphics_state(f):
    for state in f.states:
        assert not {"/TR", "/HTP", "/HT", "/BG", "/BG2", "/UCR", "/UCR2"} & set(state.keys()), "transfer"
        assert state.get("/TR2", Name.Default) == "/Default", "TR2"


def x4_streams(f):
    allowed = {None, "/FlateDecode", "/DCTDecode", "/CCITTFaxDecode"}
    for o in f.objects:
        if isinstance(o, Stream):
            assert not {"/F", "/FFilter", "/OPI", "/Ref", "/PS"} & set(o.keys()), "external, OPI or PostScript"
            filters = o.get("/Filter")
            assert (str(filters) if filters is not None else None) in allowed, filters
            assert o.get("/Subtype") != "/PS", "PostScript"
    for thing, _, _ in streams(f):
        instructions(thing)


def x4_interaction(f):
    assert not {"/OpenAction", "/AA", "/AcroForm", "/Names", "/Outlines", "/OCProperties"} & set(f.root.keys())
    for page in f.pages:
        assert not {"/Annots", "/AA", "/Trans", "/PresSteps"} & set(page.keys()), "page"
    for o in f.objects:
        if isinstance(o, (Dictionary, Stream)):
            assert not {"/JS", "/JavaScript", "/EmbeddedFile", "/Launch"} & set(o.keys()), "action"


def x4_images(f):
    for image in f.images.values():
        assert "/Alternates" not in image and not image.get("/Interpolate"), "image"
    for thing, _, _ in streams(f):
        for instruction in instructions(thing):
            if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                assert not instruction.iimage.obj.get("/Interpolate") and not instruction.iimage.obj.get("/I"), "inline"


PAINTS = {"f": "f", "F": "f", "f*": "f", "B": "fs", "B*": "fs", "b": "fs", "b*": "fs", "S": "s", "s": "s",
          "Tj": "f", "TJ": "f", "'": "f", '"': "f"}


def overprint(f):
    for thing, resources, alone in streams(f):
        states = resources.get("/ExtGState", {})
        state = {"f": None if alone else (1.0, True), "s": None if alone else (1.0, True)}
        over = {"f": None, "s": None} if alone else {"f": True, "s": True}
        stack = []
        for instruction in instructions(thing):
            inline = isinstance(instruction, pikepdf.ContentStreamInlineImage)
            operator = "f" if inline else str(instruction.operator)
            if operator == "q":
                stack.append((dict(state), dict(over)))
            elif operator == "Q":
                state, over = stack.pop()
            elif operator == "gs":
                named = states[str(instruction.operands[0])]
                on = named.get("/OPM") == 1
                over = {"f": bool(named.get("/op")) and on, "s": bool(named.get("/OP")) and on}
            elif operator in ("k", "g"):
                state["f"] = float(instruction.operands[-1]) if operator == "k" else 1 - float(instruction.operands[0])
            elif operator in ("K", "G"):
                state["s"] = float(instruction.operands[-1]) if operator == "K" else 1 - float(instruction.operands[0])
            for paint in PAINTS.get(operator, ""):
                black = state[paint]
                black = black[0] if isinstance(black, tuple) else black
                assert black is not None and over[paint] is not None, "paint before colour or graphics state"
                assert over[paint] == (black > 0), f"{operator} of {black} with overprint {over[paint]}"


def transparency(f):
    for state in f.states:
        assert state.get("/ca", 1) == 1 and state.get("/CA", 1) == 1, "alpha"
        assert state.get("/BM", Name.Normal) == "/Normal" and state.get("/SMask", Name("/None")) == "/None", "blending"
    for thing in [*f.forms.values(), *f.images.values(), *f.pages]:
        assert "/Group" not in thing and "/SMask" not in thing, "group or soft mask"


def vt1_identification(f):
    assert f.one(PDFVT + "GTS_PDFVTVersion") == "PDF/VT-1", "GTS_PDFVTVersion"
    assert f.one(PDFVT + "GTS_PDFVTModDate") == f.one(XMP + "ModifyDate") is not None, "GTS_PDFVTModDate"


def leaves(f):
    """The leaves, depth first, each with its level; parents are checked on the way."""
    def walk(node, parent, level):
        assert node.Type == "/DPart" and node.Parent.objgen == parent.objgen and node.is_indirect, "DPart"
        if "/DParts" not in node:
            yield node, level
        for group in node.get("/DParts", []):
            assert isinstance(group, Array) and len(group) <= 8191, "DParts"
            for part in group:
                yield from walk(part, node, level + 1)
    root = f.root.DPartRoot
    yield from walk(root.DPartRootNode, root, 0)


def vt1_tree(f):
    root = f.root.DPartRoot
    assert root.Type == "/DPartRoot" and len(root.NodeNameList) == root.RecordLevel + 1, "levels"
    assert all(level == root.RecordLevel for _, level in leaves(f)), "a leaf at another level"


def vt1_pages(f):
    at = 0
    numbers = [page.objgen for page in f.pages]
    for leaf, _ in leaves(f):
        assert numbers[at] == leaf.Start.objgen, "Start"
        end = numbers.index(leaf.get("/End", leaf.Start).objgen, at)
        assert all(f.pages[i].DPart.objgen == leaf.objgen for i in range(at, end + 1)), "DPart of a page"
        at = end + 1
    assert at == len(numbers), "pages without a part"


def vt1_metadata(f):
    seen, last = set(), None
    for leaf, _ in leaves(f):
        assert set(leaf.DPM.keys()) == {"/CIP4_Root"} and set(leaf.DPM.CIP4_Root.keys()) == {"/CIP4_Production"}
        told = leaf.DPM.CIP4_Root.CIP4_Production
        assert set(told.keys()) == {"/PLI_Piece", "/PLI_Lot", "/PLI_Sequence", "/PLI_Kind", "/PLI_Sheets",
                                    "/PLI_WeightClass"}, told.keys()
        piece, lot, sequence = str(told.PLI_Piece), str(told.PLI_Lot), int(told.PLI_Sequence)
        separator = {"letter": "", "mailer": "\\"}[str(told.PLI_Kind)]
        assert piece == f"{lot}{separator}{sequence:06}" and piece not in seen, piece
        assert last is None or sequence == last + 1, "sequence"
        pages = [p.objgen for p in f.pages if p.DPart.objgen == leaf.objgen]
        assert told.PLI_Sheets == (len(pages) + 1) // 2 and int(told.PLI_WeightClass) > 0, "sheets"
        seen.add(piece)
        last = sequence


def vt1_reuse(f):
    shown = {o.objgen for page in f.pages[:1] for o in page.Resources.XObject.values()}
    for form in f.forms.values():
        if form.objgen in shown:
            assert UUID.fullmatch(str(form.GTS_XID)), "GTS_XID"
            assert form.GTS_Encapsulated is True and form.GTS_Scope == "/File", "scope"
    names = [str(f.forms[o].GTS_XID) for o in shown]
    assert len(set(names)) == len(names), "two forms of one name"


def a2b_metadata(f):
    assert f.one(PDFA + "part") == "2" and f.one(PDFA + "conformance") == "B", "identification"
    described = {e.text for e in f.xmp.iter(PROPERTY + "name")}
    assert described == {"GTS_PDFXVersion", "GTS_PDFVTVersion", "GTS_PDFVTModDate", "Trapped"}, described
    for name in ("valueType", "category", "description"):
        assert len(list(f.xmp.iter(PROPERTY + name))) == len(described), name


def a2b_output_intent(f):
    of = lambda s: [i.DestOutputProfile.objgen for i in f.root.OutputIntents if i.S == s]
    assert len(of("/GTS_PDFA1")) == 1 and of("/GTS_PDFA1") == of("/GTS_PDFX"), "profiles"


def a2b_streams(f):
    found = 0
    for match in re.finditer(rb"\n\d+ 0 obj\n<<(.{0,900}?)>>\n?stream\r?\n", f.data, re.S):
        length = int(re.search(rb"/Length (\d+)", match.group(1)).group(1))
        assert f.data[match.end() + length:].startswith(b"\nendstream"), "length"
        found += 1
    assert found == sum(f.data.count(end) for end in (b"\nendstream\n", b"\nendstream \n")), "streams"


CHECKS = {
    "PDF/X-4 file": x4_file, "PDF/X-4 trailer": x4_trailer, "PDF/X-4 metadata": x4_metadata,
    "PDF/X-4 information": x4_information, "PDF/X-4 output intent": x4_output_intent, "PDF/X-4 boxes": x4_boxes,
    "PDF/X-4 fonts": x4_fonts, "PDF/X-4 colour": x4_colour, "PDF/X-4 graphics state": x4_graphics_state,
    "PDF/X-4 streams": x4_streams, "PDF/X-4 interaction": x4_interaction, "PDF/X-4 images": x4_images,
    "overprint": overprint, "transparency": transparency, "PDF/VT-1 identification": vt1_identification,
    "PDF/VT-1 tree": vt1_tree, "PDF/VT-1 pages": vt1_pages, "PDF/VT-1 metadata": vt1_metadata,
    "PDF/VT-1 reuse": vt1_reuse, "PDF/A-2b metadata": a2b_metadata, "PDF/A-2b output intent": a2b_output_intent,
    "PDF/A-2b streams": a2b_streams,
}


def saved(change):
    """Breaks the file through pikepdf and writes it anew; one that is only written anew must pass."""
    def broken(data):
        pdf = pikepdf.open(io.BytesIO(data))
        change(pdf)
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.preserve, compress_streams=False,
                 preserve_pdfa=False, static_id=True)
        return out.getvalue()
    return broken


def replaced(old, new):
    """Breaks bytes that stand in clear."""
    def broken(data):
        assert data.count(old) > 0, old
        return data.replace(old, new)
    return broken


def longer_stream(data):
    """Breaks the length of a page's content, which is the first object whose dictionary begins with its length."""
    match = re.search(rb"<</Length (\d+)/Filter/FlateDecode>>", data)
    length = str(int(match.group(1)) - 1).rjust(len(match.group(1)), "0").encode()
    return data[:match.start(1)] + length + data[match.end(1):]


def in_packet(old, new):
    def change(pdf):
        packet = pdf.Root.Metadata.read_bytes()
        assert old in packet, old
        pdf.Root.Metadata.write(packet.replace(old, new))
    return saved(change)


def first_leaf(pdf):
    return pdf.Root.DPartRoot.DPartRootNode.DParts[0][0].DParts[0][0]


def some_form(pdf):
    return next(iter(pdf.pages[0].obj.Resources.XObject.values()))


def prepend(marks):
    def change(pdf):
        contents = pdf.pages[0].obj.Contents[0]
        contents.write(marks + contents.read_bytes())
    return saved(change)


BREAKS = {
    "PDF/X-4 file": replaced(b"%PDF-1.6", b"%PDF-1.7"),
    "PDF/X-4 trailer": replaced(b"/ID[<", b"/IX[<"),
    "PDF/X-4 metadata": in_packet(b">PDF/X-4<", b">PDF/X-3<"),
    "PDF/X-4 information": saved(lambda p: p.trailer.Info.__setitem__("/Trapped", Name.Unknown)),
    "PDF/X-4 output intent": saved(lambda p: p.Root.OutputIntents.append(p.Root.OutputIntents[0])),
    "PDF/X-4 boxes": saved(lambda p: p.pages[0].obj.__setitem__("/TrimBox", Array([0, 0, 900, 900]))),
    "PDF/X-4 fonts": saved(lambda p: p.pages[0].obj.Resources.Font.F0.DescendantFonts[0].W[1].__setitem__(0, 5)),
    "PDF/X-4 colour": prepend(b"/G0 gs 1 0 0 rg 0 0 5 5 re f "),
    "PDF/X-4 graphics state": saved(lambda p: p.pages[0].obj.Resources.ExtGState.G0.__setitem__("/TR", Name.Identity)),
    "PDF/X-4 streams": saved(lambda p: some_form(p).__setitem__("/OPI", Dictionary())),
    "PDF/X-4 interaction": saved(lambda p: p.pages[0].obj.__setitem__("/Annots", Array())),
    "PDF/X-4 images": prepend(b"/G0 gs 0 0 0 1 k q BI /IM true /I true /BPC 1 /W 1 /H 1 ID \x00\nEI Q "),
    "overprint": prepend(b"/G0 gs 0 0 0 0 k 0 0 5 5 re f "),
    "transparency": saved(lambda p: p.pages[0].obj.Resources.ExtGState.G0.__setitem__("/ca", 0.5)),
    "PDF/VT-1 identification": in_packet(b">PDF/VT-1<", b">PDF/VT-2<"),
    "PDF/VT-1 tree": saved(lambda p: p.Root.DPartRoot.__setitem__("/RecordLevel", 1)),
    "PDF/VT-1 pages": saved(lambda p: first_leaf(p).__setitem__("/Start", p.pages[1].obj)),
    "PDF/VT-1 metadata": saved(lambda p: first_leaf(p).DPM.CIP4_Root.CIP4_Production.__setitem__("/Name", String("X"))),
    "PDF/VT-1 reuse": saved(lambda p: some_form(p).__delitem__("/GTS_XID")),
    "PDF/A-2b metadata": in_packet(b"<pdfaid:part>2<", b"<pdfaid:part>3<"),
    "PDF/A-2b output intent": saved(lambda p: p.Root.OutputIntents.__delitem__(1)),
    "PDF/A-2b streams": longer_stream,
}


def noticed(check, data):
    """Whether a check finds fault with a file, or can't even read it."""
    try:
        check(File(data))
    except Exception as error:
        if "-v" in sys.argv:
            print(f"  {check.__name__}: {type(error).__name__} {str(error)[:150]}", file=sys.stderr)
        return True
    return False


def main(path):
    data = open(path, "rb").read()
    file = File(data)
    archive = b"<pdfaid:part>" in file.packet
    wrong = 0
    for name, check in CHECKS.items():
        if name.startswith("PDF/A") and not archive:
            continue
        try:
            check(file)
        except Exception as error:
            wrong += 1
            print(f"{name}: {type(error).__name__} {error}", file=sys.stderr)
            continue
        again = saved(lambda pdf: None)(data) if BREAKS[name].__qualname__.startswith("saved") else data
        if noticed(check, BREAKS[name](data)) and not noticed(check, again):
            print(name)
        else:
            wrong += 1
            print(f"{name}: its check does not notice a file that breaks it", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
