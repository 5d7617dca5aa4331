"""Puts a whole exam into one animated picture: `python -m tests.tui.record_session`.

The frames are the screens that `draw_screens` draws, in the order in which a candidate meets
them. CSS alone animates the picture, so any page that shows images can show it. People who ask
for less motion see only the exam screen.
"""

import asyncio
import re
import sys

from tests.tui.draw_screens import FOLDER, draw

SIZE = (120, 40)
SCENES = ("home", "setup", "exam", "training", "submissions", "complete", "end", "result")
SECONDS = 3.0
STILL = SCENES.index("exam")
FILE = FOLDER / "session.svg"

_VIEW = re.compile(r'viewBox="([^"]+)"')
_STYLE = """
.frame {{ visibility: hidden; animation: turn {whole}s steps(1) infinite; }}
@keyframes turn {{ 0% {{ visibility: visible; }} {share:.3f}% {{ visibility: hidden; }} }}
{delays}
@media (prefers-reduced-motion: reduce) {{
  .frame {{ animation: none; }}
  .frame-{still} {{ visibility: visible; }}
}}
"""


def joined(frames: list[str]) -> str:
    """One picture that shows `frames` (whole SVG files of one size) in a loop."""
    found = _VIEW.search(frames[0])
    assert found is not None
    whole = SECONDS * len(frames)
    delays = "\n".join(
        f".frame-{number} {{ animation-delay: {number * SECONDS}s; }}"
        for number in range(len(frames))
    )
    style = _STYLE.format(whole=whole, share=100 / len(frames), delays=delays, still=STILL)
    parts = [
        f'<g class="frame frame-{number}">{_own_names(frame, number)}</g>'
        for number, frame in enumerate(frames)
    ]
    head = f'<svg viewBox="{found[1]}" xmlns="http://www.w3.org/2000/svg">'
    return "\n".join([head, f"<style>{style}</style>", *parts, "</svg>"]) + "\n"


def _own_names(frame: str, number: int) -> str:
    """The frame with unique classes and clip paths, since all frames share one document."""
    frame = re.sub(r"\bterminal-", f"t{number}-", frame)
    # A rule of one frame must not reach into the next.
    return frame.replace("rich-t", "rich-terminal-t")


async def main() -> None:
    """Draw every frame and write the picture."""
    FILE.write_text(joined([await draw(name, SIZE, "en") for name in SCENES]), encoding="utf-8")
    sys.stdout.write(f"{FILE.name}: {len(SCENES)} frames, {FILE.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    asyncio.run(main())
