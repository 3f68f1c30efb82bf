"""The colours of all figures: told apart by colour-blind eyes, readable on light and dark ground.

What is confirmed is solid, what is claimed is its pale shade. The five lights belong to progress
alone, and always stand with their words.
"""

from decimal import Decimal

from daxing_safety.vocabulary import Light

INK_DARK, INK_LIGHT = "#14233a", "#ffffff"

CONFIRMED = "#2b6cb5"
CLAIMED = "#8ab6e6"
RANGE = "rgba(72, 143, 219, 0.13)"
TARGET = "#d08a1d"
LOST = "#b25744"
TRACK = "rgba(128, 144, 165, 0.16)"
GRID = "rgba(128, 144, 165, 0.22)"

LIGHTS = {
    Light.OVERDUE: "#bd3a30",
    Light.BEHIND: "#e3b324",
    Light.DUE_SOON: "#2a66ad",
    Light.ON_TRACK: "#2fa784",
    Light.NOT_DUE: "#aab3bf",
}
# The colour's own name, for those who see it as another.
LIGHT_NAMES = {
    Light.OVERDUE: "红",
    Light.BEHIND: "黄",
    Light.DUE_SOON: "蓝",
    Light.ON_TRACK: "绿",
    Light.NOT_DUE: "灰",
}

LIGHT_INKS = dict.fromkeys(Light, INK_DARK) | {
    Light.OVERDUE: INK_LIGHT,
    Light.DUE_SOON: INK_LIGHT,
}

# From good to bad in even steps of brightness; the same on every ground.
NOTHING = "rgba(128, 144, 165, 0.18)"
STEPS = ("#e3eef9", "#c3daf1", "#98bfe6", "#669fd6", "#3374b8", "#235d9c", "#153f70")


def step(share: Decimal) -> tuple[str, str]:
    """The colour for a badness between 0 and 1, and the ink that is readable on it."""
    place = min(int(share * len(STEPS)), len(STEPS) - 1)
    return STEPS[place], INK_DARK if place < 4 else INK_LIGHT
