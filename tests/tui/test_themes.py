"""Good and bad must look different to people who cannot tell red from green."""

import math

import pytest
from textual.color import Color
from textual.theme import Theme

from tui import themes

# Machado, Oliveira and Fernandes (2009), severity 1.0, in linear RGB.
DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
TOKENS = ("primary", "secondary", "accent", "success", "warning", "error", "background")


def linear(channel: int) -> float:
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def seen(colour: str) -> tuple[float, float, float]:
    """The L*a*b* values of a colour as a deuteranope sees it."""
    rgb = [linear(channel) for channel in Color.parse(colour).rgb]
    r, g, b = (sum(w * c for w, c in zip(line, rgb, strict=True)) for line in DEUTERANOPIA)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    fx, fy, fz = (max(0.0, value) ** (1 / 3) for value in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def apart(theme: Theme) -> float:
    good, bad = seen(str(theme.success)), seen(str(theme.error))
    return math.dist(good, bad)


@pytest.mark.parametrize("theme", themes.OURS, ids=lambda each: each.name)
def test_good_and_bad_differ_without_red_and_green(theme: Theme) -> None:
    wanted = 60 if theme is themes.CLEAR else 20
    assert apart(theme) > wanted


@pytest.mark.parametrize("theme", themes.OURS, ids=lambda each: each.name)
def test_every_token_is_set(theme: Theme) -> None:
    assert all(getattr(theme, token) for token in TOKENS)
    assert set(theme.variables) >= set(themes.DARK.variables) - {"input-selection-background"}


@pytest.mark.parametrize("theme", themes.OURS, ids=lambda each: each.name)
def test_text_stands_out_from_the_ground(theme: Theme) -> None:
    ground = Color.parse(str(theme.background))
    for token in ("foreground", "success", "warning", "error", "primary"):
        assert abs(Color.parse(str(getattr(theme, token))).brightness - ground.brightness) > 0.25
