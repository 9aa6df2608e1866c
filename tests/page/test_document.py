"""The exported file: complete, without network, and safe whatever the log's names hold."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser

import pytest

from tb_histinsight.locales import catalogue
from tb_histinsight.page.document import document
from tb_histinsight.page.files import frontend_files, frontend_folder
from tb_histinsight.report import Report, RunEntry

HOSTILE = "</script><script>alert(1)</script><!-- \u2028 ]]>"


class Reader(HTMLParser):
    """Elements with their attributes, and what stands in scripts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.scripts, self._within = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._within = tag

    def handle_data(self, data):
        if self._within == "script":
            self.scripts.append(data)


def written(name="run", series=()):
    report = Report(runs=[RunEntry(run=name, verdict=f"On {name}.", tags=[], findings=[], outcomes=[])])
    return "".join(document(report, series, catalogue("en")))


def data_of(text):
    packed = re.search(r'id="insight-data">([^<]*)<', text)[1]
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def test_it_carries_report_words_and_series():
    data = data_of(written(series=[{"run": "run", "tag": "t"}]))
    assert data["report"]["runs"][0]["verdict"] == "On run."
    assert data["runs"]["runs"] == [{"run": "run", "tags": 0, "last_step": None, "version": "exported"}]
    assert data["words"]["languages"] == {"en": "English"}
    assert data["series"] == [{"run": "run", "tag": "t"}]


def test_it_is_the_same_each_time():
    assert written() == written()


@pytest.mark.parametrize("name", [HOSTILE, '"><img src=x>'])
def test_names_stay_text(name):
    reader = Reader(written(name))
    assert [tag for tag, _ in reader.elements].count("script") == 3
    assert "img" not in [tag for tag, _ in reader.elements]


def test_every_module_is_there_under_the_name_by_which_it_is_imported():
    text = written()
    imports = json.loads(re.search(r'<script type="importmap">(.*?)</script>', text)[1])["imports"]
    assert set(imports) == {
        f"insight/{name}" for name, file in frontend_files(frontend_folder()).items() if file.suffix == ".js"
    } - {"insight/index.js"}
    for name, address in imports.items():
        source = base64.b64decode(address.partition(",")[2]).decode("utf-8")
        if "/vendor/" not in name:
            found = set(re.findall(r"^(?:import|export)[^;]*?from '([^']+)';", source, re.MULTILINE))
            assert found <= set(imports), name


def test_it_forbids_every_connection_and_names_none():
    text = written()
    (policy,) = (a["content"] for tag, a in Reader(text).elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    assert not [a for _, a in Reader(text).elements if {"src", "href"} & set(a)]
