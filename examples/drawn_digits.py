"""Pictures of digits like MNIST's, drawn here so that nothing has to be downloaded.

A digit is a glyph of 5 x 7 dots, put on 28 x 28 pixels turned, slanted, stretched, shifted, blurred and under noise: a
network has to learn it, and does so to 0.95 and more. They are easier than handwriting.
"""

import numpy as np

SIDE = 28
_GLYPHS = """
.###. ..#.. .###. .###. ...#. ##### .###. ##### .###. .###.
#...# .##.. #...# #...# ..##. #.... #.... ....# #...# #...#
#...# ..#.. ....# ....# .#.#. ####. #.... ...#. #...# #...#
#...# ..#.. ...#. ..##. #..#. ....# ####. ..#.. .###. .####
#...# ..#.. ..#.. ....# ##### ....# #...# ..#.. #...# ....#
#...# ..#.. .#... #...# ...#. #...# #...# .#... #...# ....#
.###. .###. ##### .###. ...#. .###. .###. .#... .###. .###.
"""


def glyphs():
    """The ten digits as 5 x 7 dots with a margin of one; [10, 9, 7]."""
    rows = [line.split() for line in _GLYPHS.split("\n") if line]
    dots = np.array([[[dot == "#" for dot in rows[y][digit]] for y in range(7)] for digit in range(10)], np.float32)
    return np.pad(dots, ((0, 0), (1, 1), (1, 1)))


def drawn_digits(rng, count, noise=0.15):
    """Pictures [count, 28, 28] with values of about 0 to 1, and which digit each shows, [count]."""
    label = rng.integers(0, 10, count).astype(np.int32)
    angle, slant = rng.uniform(-0.3, 0.3, count), rng.uniform(-0.3, 0.3, count)
    size = rng.uniform(2.3, 3.4, (2, count))  # pixels per dot
    shift = rng.uniform(-3, 3, (2, count))
    y, x = (axis.ravel() - (SIDE - 1) / 2 for axis in np.mgrid[:SIDE, :SIDE].astype(np.float32))
    y, x = y - shift[0][:, None], x - shift[1][:, None]
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    up = (cos * y - sin * x) / size[0][:, None]
    across = (sin * y + cos * x) / size[1][:, None] - slant[:, None] * up
    pictures = _between_dots(glyphs(), label, up + 4, across + 3)
    pictures *= rng.uniform(0.6, 1, count)[:, None]
    pictures += rng.normal(0, noise, pictures.shape)
    return pictures.reshape(count, SIDE, SIDE).astype(np.float32), label


def _between_dots(dots, label, y, x):
    """Brightness at these places of each picture's glyph, linear between the dots; 0 outside."""
    y, x = np.clip(y, 0, dots.shape[1] - 1.001), np.clip(x, 0, dots.shape[2] - 1.001)
    row, column = y.astype(int), x.astype(int)
    down, right = y - row, x - column
    which = label[:, None]
    upper = dots[which, row, column] * (1 - right) + dots[which, row, column + 1] * right
    lower = dots[which, row + 1, column] * (1 - right) + dots[which, row + 1, column + 1] * right
    return upper * (1 - down) + lower * down
