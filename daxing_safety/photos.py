"""Photos made small for the screen: drawn anew as JPEG, so that nothing else in the file survives.

What a phone writes beside the picture (place, device, time) is gone, and so is whatever else an
upload may hide. Takes hostile files: to be run in a worker process. The file itself stays as it
came and is only ever handed out as a download.
"""

import io

from PIL import Image, ImageOps

from daxing_safety.errors import BadInput

WIDEST = 1280  # pixels, of the longer side
QUALITY = 82
PAPER = "white"  # what shows through where a picture is transparent


def made_small(data: bytes) -> bytes:
    """The picture upright, as JPEG; raises BadInput for what cannot be drawn."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
            picture.draft("RGB", (WIDEST, WIDEST))  # a JPEG is read no larger than it is needed
            picture.thumbnail((WIDEST, WIDEST))
            small = _on_paper(ImageOps.exif_transpose(picture))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as broken:
        raise BadInput("这张照片打不开，可能没有传完整，请下载原件查看或重新上传。") from broken
    out = io.BytesIO()
    small.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _on_paper(picture: Image.Image) -> Image.Image:
    """Without transparency, and without what the file said beside the picture."""
    whole = picture.convert("RGBA")
    paper = Image.new("RGB", whole.size, PAPER)
    paper.paste(whole, mask=whole.getchannel("A"))
    return paper
