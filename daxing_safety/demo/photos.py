"""Photos for the demo, drawn: the same invented place before and after it was mended."""

import io
from datetime import date
from functools import cache
from random import Random

from PIL import Image, ImageDraw

from daxing_safety.vocabulary import PhotoStage

SIZE = WIDTH, HEIGHT = 480, 360
HORIZON = 200
GRAININESS = 0.08  # as a phone takes it
STAMP = (255, 176, 32)  # the date in the corner, as cameras print it
Colour = tuple[int, int, int]


def photo(place: str, stage: PhotoStage, taken_on: date, *, has_hydrant: bool) -> bytes:
    """As JPEG: a hydrant or a railing; the same place looks the same on both."""
    random, is_mended = Random(place), stage is PhotoStage.AFTER
    picture = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(picture)
    _draw_street(draw, random)
    x = random.randint(170, 290)
    if has_hydrant:
        _draw_hydrant(draw, x, (196, 38, 32) if is_mended else (122, 70, 52))
    else:
        _draw_railing(draw, range(x - 50, x + 50) if not is_mended else range(0))
    if not is_mended:
        _draw_rubbish(draw, random, x)
    picture = Image.blend(picture, _grain(), GRAININESS)
    ImageDraw.Draw(picture).text((WIDTH - 96, HEIGHT - 26), f"{taken_on:%Y %m %d}", fill=STAMP)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def _draw_street(draw: ImageDraw.ImageDraw, random: Random) -> None:
    for y in range(HORIZON):
        draw.line((0, y, WIDTH, y), fill=(150 + y // 4, 178 + y // 5, 206 + y // 6))
    x = 0
    while x < WIDTH:
        width, top = random.randint(60, 130), random.randint(40, 150)
        shade = random.randint(130, 190)
        draw.rectangle((x, top, x + width, HORIZON), fill=(shade, shade - 8, shade - 20))
        _draw_windows(draw, x, top, width)
        x += width
    draw.rectangle((0, HORIZON, WIDTH, 262), fill=(168, 164, 156))  # pavement
    draw.rectangle((0, 262, WIDTH, 272), fill=(206, 204, 198))  # kerb
    draw.rectangle((0, 272, WIDTH, HEIGHT), fill=(92, 94, 98))
    for x in range(0, WIDTH, 90):
        draw.rectangle((x, 312, x + 48, 318), fill=(226, 224, 214))


def _draw_windows(draw: ImageDraw.ImageDraw, left: int, top: int, width: int) -> None:
    for y in range(top + 12, HORIZON - 16, 26):
        for x in range(left + 8, left + width - 14, 24):
            draw.rectangle((x, y, x + 12, y + 15), fill=(96, 112, 128))


def _draw_hydrant(draw: ImageDraw.ImageDraw, x: int, red: Colour) -> None:
    dark: Colour = (red[0] * 2 // 3, red[1] * 2 // 3, red[2] * 2 // 3)
    draw.ellipse((x - 34, 252, x + 34, 266), fill=(120, 117, 110))  # its shadow
    draw.rectangle((x - 16, 172, x + 16, 258), fill=red)
    draw.rectangle((x + 6, 172, x + 16, 258), fill=dark)
    draw.ellipse((x - 20, 156, x + 20, 186), fill=red)
    draw.rectangle((x - 26, 184, x + 26, 192), fill=dark)
    draw.ellipse((x - 32, 204, x - 10, 226), fill=dark)
    draw.ellipse((x + 10, 204, x + 32, 226), fill=dark)
    draw.rectangle((x - 24, 250, x + 24, 260), fill=dark)


def _draw_railing(draw: ImageDraw.ImageDraw, gap: range) -> None:
    for x in range(0, WIDTH, 20):
        if x in gap:
            continue
        draw.rectangle((x, 190, x + 20, 196), fill=(236, 236, 232))
        draw.rectangle((x, 238, x + 20, 243), fill=(236, 236, 232))
        draw.rectangle((x + 6, 184, x + 11, 262), fill=(52, 108, 176))
    if gap:
        draw.line((gap.start, 258, gap.stop - 24, 246), fill=(150, 152, 150), width=6)


def _draw_rubbish(draw: ImageDraw.ImageDraw, random: Random, x: int) -> None:
    for _ in range(9):
        left, top = x + random.randint(-110, 80), random.randint(232, 258)
        brown = random.randint(104, 150)
        box = (left, top, left + random.randint(14, 34), top + random.randint(8, 22))
        draw.rectangle(box, fill=(brown, brown - 22, brown - 48))
    for _ in range(40):
        foot = x + random.randint(-70, 70)
        draw.line((foot, 262, foot + random.randint(-6, 6), 246), fill=(84, 104, 52), width=2)


@cache
def _grain() -> Image.Image:
    return Image.effect_noise(SIZE, 22).convert("RGB")
