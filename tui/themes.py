"""tfexam's own themes, and the only place in the project with hex colours.

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
    success="#1b7f4b",
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
