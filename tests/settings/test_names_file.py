"""A file of names: what it can say, and what is said of what is wrong in it."""

import re

import pytest

from tb_histinsight.core.errors import UsageError
from tb_histinsight.core.labels import Role
from tb_histinsight.core.told import Telling
from tb_histinsight.settings import load
from tb_histinsight.settings.names_file import read_names

GOOD = r"""
[[tags]]
tag = "enc.w"
layer = "encoder"
role = "weight"
kernel = false

[[tags]]
regex = 'block(\d+)/.*_g'
layer = 'block \1'
role = "gradient"
of = "bias"
order = '\1'
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        (tmp_path / "names.toml").write_text(text, "utf-8")
        return tmp_path / "names.toml"

    return write


def test_everything_that_can_be_said(file):
    first, second = read_names(file(GOOD)).tellings
    assert first == Telling("tag", "enc.w", "encoder", Role.WEIGHT, kernel=False, line=3)
    assert second == Telling("regex", r"block(\d+)/.*_g", r"block \1", Role.GRADIENT, Role.BIAS, order=r"\1", line=9)


WRONG = [
    ("[[tag]]\n", 1, "There is no key 'tag'. Did you mean 'tags'?"),
    ("tags = 3", 1, "tags must be tables"),
    ("[[tags]]\ntag = 'a'\nrole = 'bias'\n[[tags]]\nlayr = 'x'", 5, "no key 'layr' in [tags]. Did you mean 'layer'?"),
    ("[[tags]]\nrole = 'bias'", 1, "Give one of tag, glob and regex here; there are 0"),
    ("[[tags]]\ntag = 'a'\nglob = 'b'\nrole = 'bias'", 1, "there are 2"),
    ("[[tags]]\ntag = 'a'", 1, "Nothing is said of 'a'. Give layer, role, of, kernel, order"),
    ("[[tags]]\ntag = 3\nrole = 'bias'", 2, "tag must be text; it is 3"),
    ("[[tags]]\ntag = 'a'\n\nrole = 'wieght'", 4, "'wieght' is no role for 'role'. Did you mean 'weight'?"),
    ("[[tags]]\ntag = 'a'\nrole = 'gradient'\nof = 'activation'", 4, "'activation' is no role for 'of'"),
    ("[[tags]]\ntag = 'a'\nkernel = 'yes'", 3, "kernel must be true or false"),
    ("[[tags]]\ntag = 'a'\norder = '1'", 3, "order must be a number; it is '1'"),
    ("[[tags]]\nregex = 'a'\norder = true", 3, "order must be a number, or with regex a group"),
    ("[[tags]]\nregex = '('\nrole = 'bias'", 2, "'(' is no regular expression"),
    ("[[tags]]\nregex = 'a'\nlayer = '\\1'", 3, "does not fit 'a'"),
    ("[[tags]]\nregex = 'a(b)'\norder = '\\2'", 3, "does not fit"),
    ("[[tags]\n", 1, "this is not TOML"),
]


@pytest.mark.parametrize(("text", "line", "sentence"), WRONG, ids=[text for text, _, _ in WRONG])
def test_what_is_wrong_is_said_with_line_key_and_the_nearest(file, text, line, sentence):
    with pytest.raises(UsageError, match=re.escape(sentence)) as error:
        read_names(file(text), "names.toml")
    assert str(error.value).startswith(f"names.toml, line {line}: "), error.value


def test_the_settings_name_the_file_beside_them_and_an_argument_wins(tmp_path, file):
    file(GOOD)
    (tmp_path / "other.toml").write_text('[[tags]]\ntag = "a"\nrole = "bias"\n')
    (tmp_path / "tb-histinsight.toml").write_text('names = "names.toml"\n')
    assert len(load(tmp_path, tmp_path).names.tellings) == 2
    assert len(load(tmp_path, tmp_path, names=tmp_path / "other.toml").names.tellings) == 1
    (tmp_path / "tb-histinsight.toml").write_text('names = "nmes.toml"\n')
    with pytest.raises(UsageError, match=r"tb-histinsight\.toml, line 1: There is no file 'nmes\.toml'"):
        load(tmp_path, tmp_path)
