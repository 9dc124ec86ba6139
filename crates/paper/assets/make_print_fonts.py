"""Makes atkinson-{regular,bold}.ttf from the two full TrueType files.

    pip install fonttools
    python make_print_fonts.py AtkinsonHyperlegibleNext_400Regular.ttf regular
    python make_print_fonts.py AtkinsonHyperlegibleNext_700Bold.ttf bold

The TrueType files are in version 0.4.1 of the npm package
@expo-google-fonts/atkinson-hyperlegible-next. A PDF holds only the glyphs it
uses, so every letter of the font stays, and names keep their accents. Added
are the arrows and the tick that the screens draw, and U+FFFD, a box with a
question mark, which stands where the font has no sign of its own.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "../../pages/assets"))

from fontTools import subset
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from make_fonts import WIDTH, drawn, polygon

# Signs that look like another one: micro, hyphen that does not break, narrow space.
SAME = {0xB5: 0x3BC, 0x2010: 0x2D, 0x2011: 0x2D, 0x202F: 0x20}


def replacement(font, stem):
    """A box around a question mark."""
    pen = TTGlyphPen(None)
    for (left, low, right, high), turn in (
        ((30, -60, 590, 728), 1),
        ((30 + stem, -60 + stem, 590 - stem, 728 - stem), -1),
    ):
        corners = [(left, low), (left, high), (right, high), (right, low)][::turn]
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    width = font["hmtx"]["question"][0]
    middle = (620 - width * 0.72) / 2
    font.getGlyphSet()["question"].draw(TransformPen(pen, (0.72, 0, 0, 0.72, middle, 95)))
    return pen.glyph()


def main(source, weight):
    font = TTFont(source, recalcTimestamp=False)
    bold = weight == "bold"
    added = {sign: polygon(points) for sign, points in drawn(132 if bold else 84).items()}
    added["\ufffd"] = replacement(font, 74 if bold else 48)
    cmaps = [table for table in font["cmap"].tables if table.isUnicode()]
    for sign, glyph in added.items():
        name = f"uni{ord(sign):04X}"
        font.setGlyphOrder(font.getGlyphOrder() + [name])
        font["glyf"].glyphs[name] = glyph
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = (WIDTH, glyph.xMin)
        for table in cmaps:
            table.cmap[ord(sign)] = name
    for table in cmaps:
        for sign, like in SAME.items():
            table.cmap.setdefault(sign, table.cmap[like])
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl"]
    options.hinting = False
    options.recalc_timestamp = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=set(font.getBestCmap()))
    subsetter.subset(font)
    subset.save_font(font, HERE / f"atkinson-{weight}.ttf", options)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
