import os

import pytest

from tb_histinsight.routes.answer import RequestError
from tb_histinsight.routes.frontend import MEDIA_TYPES, frontend_files, frontend_folder, frontend_impl


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "frontend"
    (folder / "vendor").mkdir(parents=True)
    (folder / "index.js").write_text("export function render() {}")
    (folder / "vendor" / "lib.js").write_text("export {}")
    (folder / "style.css").write_text("body {}")
    (folder / "notes.py").write_text("")
    (tmp_path / "secret.js").write_text("secret")
    return folder


def test_files_have_the_type_that_a_browser_runs(folder):
    assert frontend_impl("index.js", folder).media_type == "text/javascript; charset=utf-8"
    assert frontend_impl("style.css", folder).media_type == "text/css; charset=utf-8"
    assert frontend_impl("vendor/lib.js", folder).make() == b"export {}"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../secret.js",
        "vendor/../../secret.js",
        "vendor/../index.js",
        "/etc/passwd",
        "vendor",
        "notes.py",
        "index.js\0",
        "INDEX.JS/",
        "..\\secret.js",
        "<script>",
    ],
)
def test_no_name_leads_to_another_file(folder, name):
    with pytest.raises(RequestError) as caught:
        frontend_impl(name, folder)
    assert caught.value.status == 404


def test_a_changed_file_has_another_etag(folder):
    first = frontend_impl("index.js", folder).etag
    assert frontend_impl("index.js", folder).etag == first
    stat = (folder / "index.js").stat()
    (folder / "index.js").write_text("export function render() {;")
    os.utime(folder / "index.js", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert frontend_impl("index.js", folder).etag != first


def test_files_that_come_and_go_in_a_checkout_are_noticed(folder):
    frontend_impl("index.js", folder)
    (folder / "new.js").write_text("export {}")
    assert frontend_impl("new.js", folder).make() == b"export {}"
    (folder / "new.js").unlink()
    with pytest.raises(RequestError):
        frontend_impl("new.js", folder)


def test_the_tab_has_its_entry_module():
    files = frontend_files(frontend_folder())
    assert "index.js" in files
    assert all(file.suffix in MEDIA_TYPES for file in files.values())
