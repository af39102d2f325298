"""Which shapes the desk draws: urgency marks and small line icons, as CSS masks coloured by the text around them."""

from __future__ import annotations

from urllib.parse import quote

# Each drawing lives on a 20 by 20 grid. A mask keeps what is opaque, so the sign inside a filled shape is cut out of it.
_LINES: dict[str, str] = {
    "inbox": "M3 11l2.1-6A1.5 1.5 0 016.5 4h7a1.5 1.5 0 011.4 1L17 11v3.5a1.5 1.500 0 01-1.5 1.5h-11A1.5 1.5 0 013 14.500z"
    "M3 11h4l1 2h4l1-2h4",
    "promise": "M10 3v2M8.500 3h3M10 17a6 6 0 100-12 6 6 0 000 12zM10 8v3l2 1.500",
    "check": "M4 10.500l4 4 8-9",
    "check_circle": "M17 10a7 7 0 11-14 0 7 7 0 0114 0zM7 10.200l2.200 2.200L13.200 8",
    "people": "M11 7a3 3 0 11-6 0 3 3 0 016 0zM2.500 16c.5-3 2.700-4.500 5.500-4.500s5 1.500 5.500 4.500M13.500 4.300a3 3 0 010 5.400"
    "M15 12c1.500.6 2.300 2 2.500 4",
    "warning": "M10 3l7.500 13.200h-15zM10 8v4M10 14.100v.1",
    "megaphone": "M3 8.500v3l9 3.500V5zM12 5l4-1.500v13L12 15M5.500 12.500l1 3.500h2l-.8-2.600",
    "plug": "M7 3v4M13 3v4M5 7h10v2.500a5 5 0 01-10 0zM10 14.500V17",
    "search": "M14 9A5 5 0 114 9a5 5 0 0110 0zM13 13l3.500 3.500",
    "down": "M6 8l4 4 4-4",
    "right": "M8 6l4 4-4 4",
    "up": "M6 12l4-4 4 4",
    "lock": "M6 9h8a1.500 1.500 0 011.500 1.500V15a1.500 1.500 0 01-1.500 1.500H6A1.500 1.500 0 014.500 15v-4.500A1.500 1.500 0 016 9z"
    "M7 9V6.500a3 3 0 016 0V9",
    "moon": "M15.500 12A6.500 6.500 0 018 4.500 6.500 6.500 0 1015.500 12z",
    "pencil": "M4 16l.8-3.200L13 4.600a1.600 1.600 0 012.300 2.300L7.100 15.200zM11.800 5.800l2.300 2.300",
    "globe": "M17 10a7 7 0 11-14 0 7 7 0 0114 0zM3 10h14M10 3c-4.500 4-4.500 10 0 14M10 3c4.500 4 4.500 10 0 14",
    "trash": "M4 6h12M8 6V4h4v2M5.500 6l.7 10.500h7.600L14.500 6",
    "eye": "M2.500 10C4.500 6.500 7.200 5 10 5s5.500 1.500 7.500 5c-2 3.500-4.700 5-7.500 5s-5.500-1.500-7.500-5z"
    "M12.200 10a2.200 2.200 0 11-4.400 0 2.200 2.200 0 014.400 0z",
    "cross": "M5.500 5.500l9 9M14.500 5.500l-9 9",
    "hand": "M6 11V6.200a1.200 1.200 0 012.400 0V9M8.400 9V4.700a1.200 1.200 0 012.400 0V9M10.800 9V5.500a1.200 1.200 0 012.400 0V11"
    "M13.200 8.500a1.200 1.200 0 012.300 0V13a4.200 4.200 0 01-4.200 4.200h-1A4.500 4.500 0 016.600 15.400L3.300 11.200a1.200 1.200 0 011.900-1.400L6 11",
    "pass": "M4 7h11.500l-3-3M16 13H4.500l3 3",
    "no_ask": "M17 10a7 7 0 11-14 0 7 7 0 0114 0zM5.200 5.200l9.600 9.600",
    "link": "M8.500 11.500l3-3M9 6l1.500-1.500a3.500 3.500 0 015 5L14 11M11 14l-1.500 1.500a3.500 3.500 0 01-5-5L6 9",
    "external": "M11.500 4H16v4.500M16 4l-7 7M13.500 11.500V15a1.500 1.500 0 01-1.500 1.500H5A1.500 1.500 0 013.500 15V8A1.500 1.500 0 015 6.500h3.500",
    "heart": "M10 16S3.500 12.300 3.500 7.900A3.400 3.400 0 0110 6.500a3.400 3.400 0 016.500 1.400C16.500 12.300 10 16 10 16z",
    "undo": "M7 4.500L3.500 8 7 11.500M3.500 8h8a4 4 0 010 8H8",
    "copy": "M8.500 7h6A1.500 1.500 0 0116 8.500V15a1.500 1.500 0 01-1.500 1.500h-6A1.500 1.500 0 017 15V8.500A1.500 1.500 0 018.500 7z"
    "M13 7V5a1.500 1.500 0 00-1.500-1.500h-6A1.500 1.500 0 004 5v7a1.500 1.500 0 001.500 1.500H7",
    "info": "M17 10a7 7 0 11-14 0 7 7 0 0114 0zM10 9.200v4.300M10 6.500v.1",
    "send": "M17 3.500L3 9l5 2.500M17 3.500L12 17l-4-5.500M17 3.500L8 11.500",
    "clock": "M17 10a7 7 0 11-14 0 7 7 0 0114 0zM10 6v4.300l2.800 1.700",
    "picture": "M4.500 4h11A1.500 1.500 0 0117 5.500v9a1.500 1.500 0 01-1.500 1.500h-11A1.500 1.500 0 013 14.500v-9A1.500 1.500 0 014.500 4z"
    "M3 13.500l4-4 3.500 3.500 2.500-2.500 4 3.500M13.200 7.500v.1",
    "person": "M13 7a3 3 0 11-6 0 3 3 0 016 0zM4.500 16.500c.5-3.200 2.700-5 5.500-5s5 1.800 5.500 5",
}
_SHAPES: dict[str, str] = {
    "u3": "<path fill='#000' fill-rule='evenodd' d='M6.800 2h6.400L18 6.800v6.400L13.200 18H6.800L2 13.200V6.800z"
    "M9 5.600v5.800h2V5.600zM9 13v2.100h2V13z'/>",
    "u2": "<path fill='#000' stroke='#000' stroke-width='1.200' stroke-linejoin='round' fill-rule='evenodd' "
    "d='M10 2.800l8.200 14.200H1.800zM9.700 8.600v3.600h.6V8.600zM9.700 14.500v.5h.6v-.5z'/>",
    "u1": "<circle cx='10' cy='10' r='7'/><path fill='#000' stroke='none' d='M10 3a7 7 0 010 14z'/>",
    "u0": "<circle cx='10' cy='10' r='7'/>",
    "uq": "<circle cx='10' cy='10' r='7' stroke-dasharray='2.600 2.400'/>"
    "<path d='M8.100 8.300a1.900 1.900 0 112.900 1.600c-.7.400-1 .8-1 1.500M10 13.600v.1'/>",
    "uw": "<circle cx='10' cy='10' r='7'/><path d='M6.500 9c1.200-1.500 2.300-1.500 3.500 0s2.300 1.500 3.500 0"
    "M6.500 12.200c1.200-1.500 2.300-1.500 3.500 0s2.300 1.500 3.500 0'/>",
}
ICON_NAMES = frozenset(_LINES) | frozenset(_SHAPES)


def icon_css() -> str:
    """One rule per icon: ``.i-NAME`` sets the mask that ``.i`` paints with the current text colour."""
    drawings = _SHAPES | {name: f"<path d='{path}'/>" for name, path in _LINES.items()}
    return "\n".join(f'.i-{name}{{--i:url("{_data_uri(body)}")}}' for name, body in sorted(drawings.items()))


def _data_uri(body: str) -> str:
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20' fill='none' stroke='#000' stroke-width='1.600' "
        f"stroke-linecap='round' stroke-linejoin='round'>{body}</svg>"
    )
    return "data:image/svg+xml," + quote(svg, safe=" ='/:.,-")
