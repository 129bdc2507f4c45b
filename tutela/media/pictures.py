"""A picture made anew: upright, small enough for a weak line, and nothing in it but what one sees."""

from io import BytesIO

from PIL import Image, ImageOps

from tutela.media.kinds import LONGEST_SIDE, MOST_PIXELS, CannotTake

_FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = 82  # of 95: a signed page stays readable
Image.MAX_IMAGE_PIXELS = None  # the size is looked at below, before anything is unpacked


def made_anew(content: bytes) -> bytes:
    """A JPEG of the picture in `content`, without where and when it was taken and by what. Raises CannotTake."""
    with Image.open(BytesIO(content), formats=_FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise CannotTake("too_large")
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is not even unpacked at full size
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    fresh = Image.new("RGB", upright.size, "white")  # knows nothing of the picture that came
    fresh.paste(upright, mask=upright.getchannel("A"))
    made = BytesIO()
    fresh.save(made, "JPEG", quality=_QUALITY, optimize=True)
    return made.getvalue()
