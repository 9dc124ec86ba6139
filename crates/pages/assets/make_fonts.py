"""Makes staff/atkinson-{regular,bold}.woff2 from the two full TrueType files.

    pip install fonttools brotli
    python make_fonts.py AtkinsonHyperlegibleNext_400Regular.ttf regular
    python make_fonts.py AtkinsonHyperlegibleNext_700Bold.ttf bold

The TrueType files are in the npm package
@expo-google-fonts/atkinson-hyperlegible-next; the web packages leave out the
signs that a clinical page needs. The full font has no arrows and no tick
either, so this script draws them: else a device's own fonts decide how a
danger mark looks. The licence is in staff/LICENCES.md.
"""

import pathlib
import sys

from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

# Latin with its first extension, punctuation, and signs of measurement.
UNICODES = (
    "U+0020-007E,U+00A0-00AC,U+00AE-017F,U+0218-021B,U+02DA,U+02DC,U+1E9E,"
    "U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+202F,U+2032,U+2033,"
    "U+2039,U+203A,U+2044,U+20AC,U+2122,U+2190-2193,U+2212,U+221A,U+2248,"
    "U+2260,U+2264,U+2265,U+03BC,U+2713"
)
WIDTH = 620  # advance of a drawn glyph, close to a digit's
LEFT, RIGHT, LOW, HIGH, MIDDLE = 50, 570, 70, 590, 330


def polygon(points):
    """A glyph of one closed contour, turned clockwise as TrueType fills it."""
    area = sum(
        a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1])
    )
    pen = TTGlyphPen(None)
    ordered = points if area < 0 else points[::-1]
    pen.moveTo(ordered[0])
    for point in ordered[1:]:
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


def arrow(stem):
    """An arrow to the right with a stem and barbs of one thickness."""
    half, barb, slant = stem // 2, 205, int(stem * 1.42)
    return [
        (LEFT, MIDDLE + half), (RIGHT - slant // 2 - half, MIDDLE + half),
        (RIGHT - barb - slant, MIDDLE + barb + half), (RIGHT - barb, MIDDLE + barb + half),
        (RIGHT, MIDDLE),
        (RIGHT - barb, MIDDLE - barb - half), (RIGHT - barb - slant, MIDDLE - barb - half),
        (RIGHT - slant // 2 - half, MIDDLE - half), (LEFT, MIDDLE - half),
    ]


def drawn(stem):
    right = arrow(stem)
    centre = (LEFT + RIGHT) // 2
    up = [(centre + y - MIDDLE, MIDDLE + x - centre) for x, y in right]
    s = int(stem * 0.72)
    tick = [
        (LEFT, 290), (LEFT + s, 290 + s), (220, 120 + 2 * s),
        (RIGHT - s, 600), (RIGHT, 600 - s), (220, 120),
    ]
    return {
        "→": right,
        "←": [(LEFT + RIGHT - x, y) for x, y in right],
        "↑": up,
        "↓": [(x, 2 * MIDDLE - y) for x, y in up],
        "✓": tick,
    }


def main(source, weight):
    font = TTFont(source)
    cmaps = [t for t in font["cmap"].tables if t.isUnicode()]
    for sign, points in drawn(84 if weight == "regular" else 132).items():
        name = f"uni{ord(sign):04X}"
        glyph = polygon(points)
        font.setGlyphOrder(font.getGlyphOrder() + [name])
        font["glyf"].glyphs[name] = glyph
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = (WIDTH, glyph.xMin)
        for table in cmaps:
            table.cmap[ord(sign)] = name
    for table in cmaps:  # the micro sign is the letter mu
        table.cmap[0xB5] = table.cmap[0x3BC]
    options = subset.Options()
    options.layout_features = ["kern", "mark", "ccmp", "locl", "tnum"]
    options.hinting = False
    options.flavor = "woff2"
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(UNICODES + ",U+00B5"))
    subsetter.subset(font)
    folder = pathlib.Path(__file__).parent / "staff"
    subset.save_font(font, folder / f"atkinson-{weight}.woff2", options)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
