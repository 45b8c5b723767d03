"""Small drawings that a black-and-white printer keeps: bars with their range, in black, white and lines."""

from markupsafe import Markup

from mutirao.report.tablekit.spans import Span

WIDE, HIGH = 100.0, 14.0
INK = "#000"


def level_bar(span: Span, top: float, words: str, mark: float | None = None) -> Markup:
    """A bar from zero, a thin line for its range, and a black mark where something was promised."""
    scale = (WIDE - 4.0) / top if top > 0 else 0.0
    parts = [
        f'<rect x="1" y="2" width="{max(span.value, 0.0) * scale:.1f}" height="10" fill="#777" stroke="{INK}"/>',
        _range(1 + max(span.low, 0.0) * scale, 1 + max(span.high, 0.0) * scale),
    ]
    if mark is not None:
        x = 1 + mark * scale
        parts.append(f'<path d="M{x:.1f} 0V14M{x - 3:.1f} 1H{x + 3:.1f}" stroke="{INK}" stroke-width="2.4"/>')
    return _svg(parts, words)


def change_bar(span: Span, top: float, words: str) -> Markup:
    """A bar from the middle: to the right, black, for more; to the left, white, for less; its range as a line."""
    middle = WIDE / 2.0
    scale = (middle - 3.0) / top if top > 0 else 0.0
    size = abs(span.value) * scale
    x, fill = (middle, "#333") if span.value > 0 else (middle - size, "#fff")
    parts = [
        f'<rect x="{x:.1f}" y="2" width="{size:.1f}" height="10" fill="{fill}" stroke="{INK}"/>',
        _range(middle + span.low * scale, middle + span.high * scale),
        f'<path d="M{middle:.1f} 0V14" stroke="{INK}" stroke-width="1.2"/>',
    ]
    return _svg(parts, words)


def _range(low: float, high: float) -> str:
    """Thin line with ends; white under black, so that it shows on a dark bar too."""
    line = f"M{low:.1f} 7H{high:.1f}M{low:.1f} 4V10M{high:.1f} 4V10"
    return f'<path d="{line}" stroke="#fff" stroke-width="3.2"/><path d="{line}" stroke="{INK}" stroke-width="1.2"/>'


def _svg(parts: list[str], words: str) -> Markup:
    said = words.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE:g} {HIGH:g}" role="img" aria-label="{said}">'
        + "".join(parts)
        + "</svg>"
    )
