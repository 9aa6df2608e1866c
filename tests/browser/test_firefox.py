"""An exported file, opened from the disk in Firefox."""

import subprocess
import sys
from urllib.parse import quote

import pytest
from firefox import executable, running_firefox

pytestmark = [pytest.mark.browser, pytest.mark.firefox]

VIEWS = {
    "": "document.querySelector('ol.findings h3')",
    "#view=layers&run=only_last": "document.querySelectorAll('table.layers tbody tr').length === 4",
    "#view=depth&run=only_last": "document.querySelector('.depth canvas')",
    f"#view=tag&run=only_last&tag={quote('dense_4/kernel', safe='')}": "document.querySelector('.plots canvas')",
    "#view=guide": "document.querySelector('.guide')",
}
COLOURS = """
    const canvas = [...document.querySelectorAll('.plots canvas')]
        .find((one) => one.width * one.height > 0 && one.getContext('2d'));
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
"""


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    if executable() is None:
        pytest.skip("no Firefox: have firefox-esr or firefox on the PATH")
    with running_firefox(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def exported(logs, tmp_path_factory):
    file = tmp_path_factory.mktemp("for_firefox") / "report.html"
    subprocess.run([sys.executable, "-m", "tb_histinsight", "report", str(logs), "-o", str(file)], check=True)
    return file


def test_every_view_of_an_exported_file_opens_without_an_error(firefox, exported):
    for fragment, landmark in VIEWS.items():
        firefox.open("about:blank")
        firefox.open(exported.as_uri() + fragment)
        firefox.wait(f"return !!({landmark})")
        assert firefox.run("return performance.getEntriesByType('resource').filter((r) => /^http/.test(r.name))") == []
        if "view=tag" in fragment:
            firefox.wait(f"return (() => {{{COLOURS}}})() > 4")
            assert firefox.run("return document.querySelector('.numbers h3').innerText") == "Last step, 190"
    assert firefox.errors() == []
