"""What the tab's sources must keep to, so that a browser can run them as they are."""

import importlib.util
import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "frontend"
SOURCES = [file for file in (FRONTEND / "src").rglob("*.js") if "vendor" not in file.parts]
WORDS = json.loads((ROOT / "tb_histinsight" / "locales" / "en" / "interface.json").read_text("utf-8"))
KEY = re.compile(r"""\bt\(\s*(['"`])(.*?)\1""")
IMPORT = re.compile(r"^(?:import|export (?=[{*]))[^;]*?\bfrom\s+(.+?);$", re.M)
MARKUP_SINKS = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\(")


def texts():
    return {file.relative_to(FRONTEND).as_posix(): file.read_text("utf-8") for file in SOURCES}


def test_every_key_that_the_sources_ask_for_has_a_sentence():
    asked = {key for text in texts().values() for _, key in KEY.findall(text)}
    assert asked - set(WORDS) == set()


def test_every_sentence_of_the_interface_is_used():
    asked = {key for text in texts().values() for _, key in KEY.findall(text)}
    assert set(WORDS) - asked == set()


def test_every_sentence_is_asked_for_by_a_literal_key():
    computed = {name: re.findall(r"\bt\((?!\s*['\"]|\s*\)).{0,40}", text) for name, text in texts().items()}
    assert {name: found for name, found in computed.items() if found and name != "src/words.js"} == {}


def test_imports_are_relative_files_that_exist():
    for file in SOURCES:
        for specifier in IMPORT.findall(file.read_text("utf-8")):
            target = re.fullmatch(r"'(\.\.?/[\w./-]+\.js)'", specifier)
            assert target, f"{file.name}: {specifier} is not a relative path in single quotes"
            assert (file.parent / target[1]).is_file(), f"{file.name} imports {specifier}"


def test_nothing_writes_markup_that_could_carry_text_from_a_log():
    assert {name: MARKUP_SINKS.findall(text) for name, text in texts().items() if MARKUP_SINKS.search(text)} == {}


def test_nothing_is_loaded_from_another_host():
    # The name of a language is no address.
    texts_without_name = {name: text.replace("http://www.w3.org/2000/svg", "") for name, text in texts().items()}
    addresses = {name: re.findall(r"['\"(](?:https?:)?//[^'\"\s)]+", text) for name, text in texts_without_name.items()}
    style = (FRONTEND / "src" / "style.css").read_text("utf-8")
    assert {name: found for name, found in addresses.items() if found} == {}
    assert "url(" not in style
    assert "@import" not in style


def test_the_types_of_the_report_are_those_that_python_encodes():
    spec = importlib.util.spec_from_file_location("generate_types", FRONTEND / "generate_types.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (FRONTEND / "src" / "schema.d.ts").read_text("utf-8") == module.declarations()


def test_every_key_of_an_address_is_in_the_document_on_the_tab():
    read = {key for text in texts().values() for key in re.findall(r"address\['(\w+)'\]", text)}
    table = (FRONTEND.parent / "docs" / "tab.md").read_text("utf-8").partition("## Links")[2].partition("## Files")[0]
    told = {key for row in re.findall(r"^\| (`.*?) \|", table, re.M) for key in re.findall(r"`(\w+)`", row)}
    assert len(read) > 15
    assert read <= told
