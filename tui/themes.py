"""tfexam's own themes, and the only place with hex colours beside the style sheet of HTML pages.

Under deuteranopia the success and error colours of nearly all of Textual's themes look
alike. In ours the two differ in lightness as well as hue, and `tfexam-clear` uses blue and
orange, which people with any common colour blindness can tell apart. No verdict depends on
colour alone: each has a glyph and a word.
"""

from textual.theme import Theme

DARK = Theme(
    name="tfexam-dark",
    dark=True,
    primary="#7aa7e8",
    secondary="#8a97ad",
    accent="#c6a5ef",
    success="#7ddba3",
    warning="#f0c674",
    error="#e8705f",
    foreground="#d5dbe6",
    background="#12161d",
    surface="#171c25",
    panel="#202734",
    variables={
        "foreground-muted": "#8a95a8",
        "foreground-disabled": "#5a667a",
        "border-blurred": "#323c4d",
        "block-cursor-background": "#2b3a52",
        "block-cursor-foreground": "#eef2f8",
        "block-cursor-blurred-background": "#232c3b",
        "footer-background": "#1a202b",
        "footer-key-foreground": "#7aa7e8",
        "input-selection-background": "#7aa7e8 35%",
        "scrollbar": "#323c4d",
        "scrollbar-hover": "#45536a",
        "scrollbar-background": "#171c25",
    },
)

LIGHT = Theme(
    name="tfexam-light",
    dark=False,
    primary="#2559a8",
    secondary="#5d6b80",
    accent="#7a3fb5",
    success="#166a3e",
    warning="#8f5a00",
    error="#b3261e",
    foreground="#1f2733",
    background="#f4f5f7",
    surface="#fbfbfc",
    panel="#e6e9ee",
    variables={
        "foreground-muted": "#5a6577",
        "foreground-disabled": "#8b95a5",
        "border-blurred": "#c3cad4",
        "block-cursor-background": "#d5e2f5",
        "block-cursor-foreground": "#10213a",
        "block-cursor-blurred-background": "#e4ebf5",
        "footer-background": "#e6e9ee",
        "footer-key-foreground": "#2559a8",
        "scrollbar": "#c3cad4",
        "scrollbar-hover": "#a3aebd",
        "scrollbar-background": "#fbfbfc",
    },
)

CLEAR = Theme(
    name="tfexam-clear",
    dark=True,
    primary="#9db4d0",
    secondary="#8a97ad",
    accent="#d8d2c4",
    success="#4ea8ff",
    warning="#f3e36b",
    error="#ff9a3c",
    foreground="#e4e7ec",
    background="#0f1115",
    surface="#15181e",
    panel="#20252e",
    variables={
        "foreground-muted": "#9aa3b2",
        "foreground-disabled": "#68717f",
        "border-blurred": "#3a4250",
        "block-cursor-background": "#33415a",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#262f3e",
        "footer-background": "#1a1e26",
        "footer-key-foreground": "#9db4d0",
        "scrollbar": "#3a4250",
        "scrollbar-hover": "#4e596c",
        "scrollbar-background": "#15181e",
    },
)

OURS = (DARK, LIGHT, CLEAR)

PALETTES: dict[str, tuple[int, int]] = {
    # tfexam-dark
    "#7aa7e8": (111, 14),
    "#8a97ad": (103, 7),
    "#c6a5ef": (183, 13),
    "#7ddba3": (115, 10),
    "#f0c674": (222, 11),
    "#e8705f": (203, 9),
    "#d5dbe6": (253, 15),
    "#12161d": (233, 0),
    "#171c25": (234, 0),
    "#202734": (235, 0),
    "#8a95a8": (246, 7),
    "#5a667a": (242, 8),
    "#323c4d": (239, 8),
    "#2b3a52": (238, 4),
    "#eef2f8": (255, 15),
    "#232c3b": (236, 0),
    "#1a202b": (234, 0),
    "#45536a": (241, 7),
    # what Textual makes of them for text
    "#a9e7c2": (115, 10),
    "#efa095": (210, 9),
    "#f5d9a3": (222, 11),
    "#a7c4ef": (111, 14),
    "#d9c3f4": (183, 13),
    # tfexam-light
    "#2559a8": (25, 4),
    "#5d6b80": (241, 0),
    "#7a3fb5": (91, 5),
    "#166a3e": (22, 4),
    "#8f5a00": (94, 5),
    "#b3261e": (124, 1),
    "#1f2733": (235, 0),
    "#f4f5f7": (255, 15),
    "#fbfbfc": (231, 15),
    "#e6e9ee": (254, 15),
    "#5a6577": (240, 0),
    "#8b95a5": (246, 8),
    "#c3cad4": (251, 7),
    "#a3aebd": (248, 8),
    "#d5e2f5": (153, 6),
    "#10213a": (234, 0),
    "#e4ebf5": (254, 15),
    "#0e4528": (22, 4),
    "#761913": (88, 1),
    "#5e3b00": (94, 5),
    "#183a6e": (25, 4),
    "#502977": (54, 5),
    # tfexam-clear, where it differs from tfexam-dark
    "#9db4d0": (110, 7),
    "#d8d2c4": (188, 15),
    "#4ea8ff": (75, 14),
    "#f3e36b": (228, 11),
    "#ff9a3c": (215, 9),
    "#e4e7ec": (254, 15),
    "#0f1115": (233, 0),
    "#15181e": (234, 0),
    "#20252e": (235, 0),
    "#9aa3b2": (247, 7),
    "#68717f": (243, 8),
    "#3a4250": (239, 8),
    "#33415a": (238, 4),
    "#ffffff": (231, 15),
    "#262f3e": (236, 0),
    "#1a1e26": (234, 0),
    "#4e596c": (241, 7),
    "#8ac5ff": (117, 14),
    "#ffbc7e": (215, 9),
    "#f7ec9d": (229, 11),
    "#becddf": (252, 15),
    "#e5e1d8": (254, 15),
}
"""The place of each of our colours among 256 and among 16 colours, picked by hand.

The 16 are whatever the terminal makes of them; black, white and the bright ones are safest.
"""
