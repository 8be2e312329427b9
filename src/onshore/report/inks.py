"""The colours and patterns of charts and maps: ink follows truth."""

from typing import Final

from onshore.figures import Basis

# Light-paper colours are written on the elements, so that a picture keeps them in a PDF; the
# style sheet of the HTML page overrides them by class from its own tokens (light and dark).
PAINTS: Final[dict[str, dict[str, str]]] = {
    "text": {"fill": "#1b2328"},
    "muted": {"fill": "#515c64"},
    "strong": {"fill": "#1b2328", "font-weight": "600"},
    "rule": {"stroke": "#cfd4d2", "stroke-width": "1"},
    "axis": {"stroke": "#515c64", "stroke-width": "1"},
    "mark": {"stroke": "#1b2328", "stroke-width": "2"},
    "graphite": {"fill": "#59646c"},
    "missing": {"fill": "#b8741a"},
    "solid": {"fill": "#0b5a62"},
    "light-6": {"fill": "#5d9ea3"},
    "light-5": {"fill": "#a4cdce"},
    "hatch-4": {"stroke": "#0b5a62", "stroke-width": "1"},
    "hatch-3": {"stroke": "#0b5a62", "stroke-width": "1"},
    "outline-2": {"fill": "none", "stroke": "#0b5a62", "stroke-width": "1.25"},
    "outline-1": {
        "fill": "none",
        "stroke": "#0b5a62",
        "stroke-width": "1.25",
        "stroke-dasharray": "3 2",
    },
    "hatch-ink": {"stroke": "#0b5a62"},
    # Observed statistics stand off the ladder: graphite; the home country in the working hue.
    "home": {"fill": "#0b5a62", "stroke": "#ffffff", "stroke-width": "0.8"},
    "home-text": {
        "fill": "#0b5a62",
        "font-weight": "600",
        "stroke": "#ffffff",
        "stroke-width": "3",
        "paint-order": "stroke",
        "stroke-linejoin": "round",
    },
    "home-line": {"fill": "none", "stroke": "#0b5a62", "stroke-width": "2.5"},
    "pale": {"fill": "#b9c0be"},
    "course": {"fill": "none", "stroke": "#59646c", "stroke-width": "1.5"},
    "interval": {"stroke": "#1b2328", "stroke-width": "1.25"},
    "cut": {"stroke": "#515c64", "stroke-width": "1", "stroke-dasharray": "2 3"},
    "many": {
        "fill": "none",
        "stroke": "#59646c",
        "stroke-width": "3.4",
        "stroke-linecap": "round",
        "stroke-opacity": "0.45",
    },
    "stream": {"fill": "#59646c", "fill-opacity": "0.24"},
    "stream-home": {"fill": "#0b5a62", "fill-opacity": "0.34"},
    "stream-missing": {"fill": "#b8741a", "fill-opacity": "0.42"},
    "fan": {"fill": "#59646c", "fill-opacity": "0.18"},
    "aim": {"stroke": "#0b5a62", "stroke-width": "1.5", "stroke-dasharray": "5 3"},
    "ring": {"fill": "#ffffff", "stroke": "#0b5a62", "stroke-width": "1.5"},
    "waiting": {"fill": "#b9c0be", "stroke": "#ffffff", "stroke-width": "0.8"},
    "grid": {"fill": "none", "stroke": "#d9dddb", "stroke-width": "1"},
    "heat-0": {"fill": "#f6f6f3"},
    "heat-1": {"fill": "#e6e8e6"},
    "heat-2": {"fill": "#d3d7d5"},
    "heat-3": {"fill": "#bcc3c2"},
    "heat-4": {"fill": "#a3adad"},
    "land": {"fill": "#f6f6f3", "stroke": "#b9c0be", "stroke-width": "0.7"},
    "land-1": {"fill": "#d3d7d5", "stroke": "#8d9694", "stroke-width": "0.7"},
    "land-2": {"fill": "#e6e8e6", "stroke": "#8d9694", "stroke-width": "0.7"},
    "dot": {"fill": "#3f4a51", "stroke": "#ffffff", "stroke-width": "0.8"},
    "halo": {
        "fill": "#1b2328",
        "stroke": "#ffffff",
        "stroke-width": "3",
        "paint-order": "stroke",
        "stroke-linejoin": "round",
    },
}

INK_OF: Final[dict[Basis, str]] = {
    Basis.VERIFIED: "solid",
    Basis.ACCEPTED: "light-6",
    Basis.DELIVERED: "light-5",
    Basis.CONTRACTED: "hatch-4",
    Basis.MOU: "hatch-3",
    Basis.ANNOUNCED: "outline-2",
    Basis.TARGET: "outline-1",
}

# Distance and width of the lines of a hatch: a contract is set closer than a memorandum.
HATCHES: Final[dict[str, tuple[float, float]]] = {"hatch-4": (4.0, 1.7), "hatch-3": (6.0, 1.1)}
