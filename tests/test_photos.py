"""Photos made small: upright, without what the phone wrote, and nothing but a picture."""

import io

import pytest
from PIL import Image

from daxing_safety.errors import BadInput
from daxing_safety.photos import WIDEST, made_small

ORIENTATION, MAKER = 0x0112, 0x010F
ON_ITS_SIDE = 6  # the camera was turned


def written(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def read(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def test_a_large_photo_becomes_a_small_jpeg() -> None:
    photo = written(Image.new("RGB", (4000, 3000), "red"), "JPEG")
    small = read(made_small(photo))
    assert (small.format, small.size) == ("JPEG", (WIDEST, WIDEST * 3 // 4))


def test_a_small_photo_is_not_blown_up() -> None:
    photo = written(Image.new("RGB", (320, 240), "red"), "PNG")
    assert read(made_small(photo)).size == (320, 240)


def test_what_the_phone_wrote_is_gone_and_the_picture_stands_upright() -> None:
    picture = Image.new("RGB", (400, 300), "red")
    exif = picture.getexif()
    exif[ORIENTATION], exif[MAKER] = ON_ITS_SIDE, "某某手机"
    photo = written(picture, "JPEG", exif=exif)
    small = read(made_small(photo))
    assert small.size == (300, 400)
    assert not small.getexif()


def test_what_hangs_on_behind_the_picture_is_gone() -> None:
    photo = written(Image.new("RGB", (40, 30), "red"), "PNG") + b"<script>alert(1)</script>"
    assert b"<script>" not in made_small(photo)


def test_what_is_transparent_lies_on_white() -> None:
    photo = written(Image.new("RGBA", (40, 30), (255, 0, 0, 0)), "PNG")
    assert read(made_small(photo)).getpixel((5, 5)) == (255, 255, 255)


def test_a_picture_for_print_is_shown_too() -> None:
    photo = written(Image.new("CMYK", (40, 30), (0, 0, 0, 255)), "JPEG")
    assert read(made_small(photo)).mode == "RGB"


WHOLE = written(Image.effect_noise((400, 300), 50), "JPEG")
GIF = written(Image.new("RGB", (40, 30)), "GIF")


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", WHOLE[:5000], GIF]
)
def test_what_cannot_be_drawn_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(BadInput, match="这张照片打不开"):
        made_small(data)
