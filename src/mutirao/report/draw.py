"""From a figure to an inline drawing: Vega-Lite specification, light theme, scalable vector graphic."""

import re

import vl_convert

from mutirao.ground.speech import again, language, translated
from mutirao.model.figures import Figure
from mutirao.report import theme
from mutirao.report.bars import bars
from mutirao.report.circles import circles, size_column
from mutirao.report.scales import WIDE, LinedFigure, Spec, order_of, palette
from mutirao.report.translated import locale_of, translated_figure
from mutirao.report.words import chemical
from mutirao.report.years import over_years

DRAWN = ("bar", "stacked_bar", "line", "area", "grouped_bar", "circles")


def drawable(figure: Figure) -> bool:
    """True when the figure has a picture besides its table."""
    return figure.kind in DRAWN and len(figure.table) > 0


def specification(figure: Figure, width: int = WIDE) -> Spec:
    """The Vega-Lite specification of a figure as it was composed, ``width`` pixels wide, in the current language.

    Numbers keep their d3 formats: `translated.locale_of` has their marks. Raises ValueError for a kind without picture.
    """
    if not drawable(figure):
        raise ValueError(f"figure '{figure.name}' of kind '{figure.kind}' has no picture")
    build = {
        "line": over_years,
        "area": over_years,
        "bar": bars,
        "stacked_bar": bars,
        "grouped_bar": bars,
        "circles": circles,
    }[figure.kind]
    body = build(translated_figure(figure), width)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "autosize": {"type": "fit-x" if "step" in str(body.get("height")) else "fit", "contains": "padding"},
        "padding": {"left": 2, "top": 4, "right": 8, "bottom": 4},
        "config": theme.config(),
    } | body


def drawing(figure: Figure, width: int = WIDE, prefix: str = "") -> str:
    """An inline SVG. ``prefix`` keeps the ids of several drawings on one page apart."""
    marks = locale_of(language())
    svg = str(vl_convert.vegalite_to_svg(specification(figure, width), format_locale=marks))
    return _tidy(svg, prefix or figure.name, chemical(f"{again(figure.title)}, {again(figure.unit)}"))


def _tidy(svg: str, prefix: str, title: str) -> str:
    """Drop what only an interactive page needs, make ids unique and sizes fluid, give it a spoken name."""
    svg = re.sub(r' (aria-[a-z]+|role|pointer-events|class|aria-hidden|xmlns:xlink|version)="[^"]*"', "", svg)
    mark = re.sub(r"[^A-Za-z0-9_-]", "-", prefix)
    svg = re.sub(r'id="(\w+)"', rf'id="{mark}-\1"', svg)
    svg = re.sub(r'url\((&quot;|")?#(\w+)(&quot;|")?\)', rf"url(#{mark}-\2)", svg)
    # Only what stands inside a tag is a coordinate: "30.000" in a text may be thirty thousand.
    svg = re.sub(r"(\d+\.\d{2})\d+(?=[^<>]*>)", r"\1", svg)
    words = title.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    width = size.group(1) if size else str(WIDE)
    return re.sub(
        r"<svg [^>]*?(viewBox=\"[^\"]*\")[^>]*>",
        rf'<svg xmlns="http://www.w3.org/2000/svg" \1 role="img" aria-label="{words}" style="max-width:{width}px">',
        svg,
        count=1,
    )


def legend(figure: Figure) -> list[tuple[str, str, bool]]:
    """What colours mean: name, colour, and whether it is a broken line. The page sets it above the drawing."""
    if not drawable(figure):
        return []
    figure = translated_figure(figure)
    if figure.kind == "circles":
        values = figure.table[size_column(figure)]
        both = bool((values > 0).any() and (values < 0).any())
        return [(translated("more"), theme.MORE, False), (translated("less"), theme.LESS, False)] if both else []
    names = order_of(figure, figure.color) if figure.color else []
    out = [(chemical(n), colour, False) for n, colour in zip(names, palette(figure, names), strict=True)]
    if isinstance(figure, LinedFigure) and figure.line is not None:
        out.append((chemical(figure.line_name), theme.INK, True))
    return out if len(out) > 1 else []


def named_at_end(figure: Figure) -> bool:
    """True when the wide drawing writes the names at the right end and needs no legend."""
    return figure.kind in ("line", "area")
