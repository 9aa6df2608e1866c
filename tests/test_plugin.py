"""The plugin inside a real TensorBoard: HTTP, and what TensorBoard itself asks of it."""

import gzip
import json
import re
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from tensorboard import context
from tensorboards import LOADERS, Log, running_tensorboard

import tb_histinsight
from tb_histinsight import analysis, plugin
from tb_histinsight.plugin import HistInsightPlugin
from tb_histinsight.routes import ahead

PACKAGE = Path(tb_histinsight.__file__).parent
HOSTILE = ["<script>alert(1)</script>", "a'b\"c&d=e#f?g%41", "Gewichte ü 層 重み", "..x", " space "]

both_loaders = pytest.mark.parametrize("loader", LOADERS)


def write_run(folder, tags=("dense/kernel", "dense/bias"), steps=range(5), seed=0):
    rng = np.random.default_rng(seed)
    with Log(folder) as log:
        for step in steps:
            for tag in tags:
                log.histogram(tag, step, rng.normal(scale=1 + 0.1 * step, size=400))
            log.scalar("loss", step, 1.0 / (step + 1))


def loaded(runs, last_step):
    def condition(board):
        listed = board.listing()
        return len(listed) == runs and all(
            series.max_step == last_step for tags in listed.values() for series in tags.values()
        )

    return condition


@pytest.fixture
def start(tensorboard, monkeypatch):
    """A TensorBoard with the Insight tab, which looks anew at every request."""
    monkeypatch.setattr(plugin, "LISTING_SECONDS", 1e-9)
    return lambda *args, **options: tensorboard(*args, plugins=[HistInsightPlugin], **options)


@pytest.fixture
def board(tmp_path, start):
    """One with a run `a` of two tags and five steps."""
    write_run(tmp_path / "a")
    return start(tmp_path, "python loader").wait_until(loaded(1, 4))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """The same for tests that only ask."""
    folder = tmp_path_factory.mktemp("shared")
    write_run(folder / "a")
    with running_tensorboard(folder, "python loader", plugins=[HistInsightPlugin]) as board:
        yield board.wait_until(loaded(1, 4))


def test_importing_it_brings_nothing_but_itself():
    code = (
        "import sys, tensorboard.default, tensorboard.program; before = set(sys.modules);"
        "import tb_histinsight.plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    ).stdout
    assert set(out.split()) <= {"tb_histinsight", "tb_histinsight.plugin"}


def test_the_entry_point_is_this_plugin():
    project = (PACKAGE.parent / "pyproject.toml").read_text("utf-8")
    module, name = re.search(r'tensorboard_plugins\]\nhistinsight = "(.+):(.+)"', project).groups()
    assert (module, name) == (HistInsightPlugin.__module__, HistInsightPlugin.__name__)


def test_every_route_is_described_and_every_described_route_exists(shared):
    described = re.findall(r"^## `(\w+)", (PACKAGE / "http_api.md").read_text("utf-8"), re.MULTILINE)
    routes = HistInsightPlugin(Context(shared.provider)).get_plugin_apps()
    assert sorted(described) == sorted(route.strip("/*") for route in routes)


@pytest.mark.parametrize(
    ("query", "language"),
    [
        ("", "en"),
        ("?lang=ja", "ja"),
        ("?lang=fr&lang=zh-CN&lang=en", "zh"),
        ("?lang=EN-us&lang=ja", "en"),
        ("?lang=fr&lang=de&lang=en", "en"),
    ],
)
def test_the_words_are_those_of_the_first_language_that_there_is(shared, query, language):
    assert shared.insight(f"words{query}").json["language"] == language


@pytest.mark.parametrize("path", ["runs", "report", "series?run=a&tag=dense/kernel", "rms?run=a", "words", "full"])
def test_answers_have_the_fields_that_are_described(shared, path):
    text = (PACKAGE / "http_api.md").read_text("utf-8")
    section = text.split(f"\n## `{path.partition('?')[0]}")[1].split("\n## ")[0]
    (example,) = re.findall(r"(?:^    .*\n?)+", section, re.MULTILINE)
    assert outermost_fields(example) == set(shared.insight(path).json)


def outermost_fields(example):
    """Names before a colon at the first level of braces of an example that is not quite JSON."""
    found, depth = set(), 0
    for part in re.findall(r'[\[{]|[\]}]|"\w+":', example):
        if part in "[{":
            depth += 1
        elif part in "]}":
            depth -= 1
        elif depth == 1:
            found.add(part[1:-2])
    return found


class Context:
    def __init__(self, provider, hints=None):
        self.data_provider = provider
        self.sampling_hints = hints


@both_loaders
def test_the_tab_shows_when_there_are_histograms(tmp_path, start, loader):
    with Log(tmp_path / "a") as log:
        log.scalar("loss", 0, 1.0)
        log.flush()
        board = start(tmp_path, loader, flags=["--reload_interval=1"])
        board.wait_until(lambda board: board.get("plugins_listing").json["scalars"]["enabled"])
        listed = board.get("plugins_listing").json["histinsight"]
        assert not listed["enabled"]
        assert listed["tab_name"] == "Insight"
        assert listed["loading_mechanism"] == {
            "type": "IFRAME",
            "module_path": "/data/plugin/histinsight/static/index.js",
        }
        assert not HistInsightPlugin(Context(board.provider)).is_active()
        assert board.insight("runs").json["runs"] == []
        log.histogram("w", 1, [1.0, 2.0])
    board.wait_until(lambda board: board.get("plugins_listing").json["histinsight"]["enabled"])
    assert HistInsightPlugin(Context(board.provider)).is_active()


def test_asking_whether_it_is_active_reads_no_tensor():
    class ListsOnly:
        def list_plugins(self, ctx, *, experiment_id):
            assert isinstance(ctx, context.RequestContext)
            return ["scalars", "histograms"]

    assert HistInsightPlugin(Context(ListsOnly())).is_active()
    assert not HistInsightPlugin(Context(None)).is_active()


@both_loaders
def test_runs_are_listed_with_their_versions(tmp_path, start, loader):
    for run in ("run10", "run2", "deep/er"):
        write_run(tmp_path / run)
    board = start(tmp_path, loader).wait_until(loaded(3, 4))
    answer = board.insight("runs").json
    assert [run["run"] for run in answer["runs"]] == ["deep/er", "run2", "run10"]
    assert {(run["tags"], run["last_step"]) for run in answer["runs"]} == {(2, 4)}
    assert len({run["version"] for run in answer["runs"]}) >= 1
    assert answer["plugin_version"] == tb_histinsight.__version__
    assert answer["skipped"] == []


@both_loaders
def test_the_report_covers_the_runs_that_were_asked_for(tmp_path, start, loader):
    for run in ("run2", "run10"):
        write_run(tmp_path / run)
    board = start(tmp_path, loader).wait_until(loaded(2, 4))
    answer = board.insight("report").json
    assert answer["schema_version"] == 1
    assert [run["run"] for run in answer["runs"]] == ["run2", "run10"]
    assert [tag["tag"] for tag in answer["runs"][0]["tags"]] == ["dense/kernel", "dense/bias"]
    assert {"verdict", "findings", "outcomes"} <= set(answer["runs"][0])
    one = board.insight("report", query_string={"run": "run10"}).json
    for run in (*one["runs"], *answer["runs"]):
        # A run alone is compared with none.
        outcomes = [outcome for outcome in run["outcomes"] if outcome["rule"] == "run-difference"]
        assert [outcome["status"] for outcome in outcomes] == ["skipped" if run is one["runs"][0] else "passed"]
        run["outcomes"].remove(outcomes[0])
    assert one["runs"] == answer["runs"][1:]


@both_loaders
def test_runs_are_compared_without_their_reports(tmp_path, start, loader):
    for run, scale in (("usual", 1.0), ("large", 9.0)):
        with Log(tmp_path / run) as log:
            for step in range(5):
                log.histogram("dense/kernel", step, scale * np.random.default_rng(step).normal(size=2000))
    board = start(tmp_path, loader).wait_until(loaded(2, 4))
    answer = board.insight("comparisons").json
    assert answer["comparisons"] == board.insight("report").json["comparisons"]
    (one,) = answer["comparisons"]
    assert (one["run"], one["other"], one["layer"], one["step"]) == ("usual", "large", "dense", 4)
    assert {run: outcome["status"] for run, outcome in answer["outcomes"].items()} == {
        "usual": "fired",
        "large": "fired",
    }
    assert board.insight("report", query_string={"run": "usual"}).json["comparisons"] == []
    again = board.insight("comparisons", headers={"If-None-Match": board.insight("comparisons").headers["ETag"]})
    assert again.status_code == 304


@both_loaders
def test_a_series_has_its_buckets_labels_and_percentiles(tmp_path, start, loader):
    write_run(tmp_path / "a")
    board = start(tmp_path, loader).wait_until(loaded(1, 4))
    answer = board.insight("series", query_string={"run": "a", "tag": "dense/kernel"}).json
    assert answer["steps"] == [0, 1, 2, 3, 4]
    assert answer["offsets"] == [0, 30, 60, 90, 120, 150]
    assert answer["layout"] == "equal"
    assert answer["total_steps"] is None
    assert len(answer["left"]) == len(answer["right"]) == len(answer["count"]) == 150
    assert sum(answer["count"]) == 5 * 400
    assert answer["non_finite"] == [0] * 5
    assert len(answer["shapes"]) == 5
    report = board.insight("report", query_string={"run": "a"}).json
    (tag,) = (tag for tag in report["runs"][0]["tags"] if tag["tag"] == "dense/kernel")
    assert answer["shapes"][-1] == tag["shape"]["label"]
    # The same answer once the run has been analysed as a whole.
    again = board.insight("series", query_string={"run": "a", "tag": "dense/kernel"}).json
    assert again == answer
    for step, lines in enumerate(answer["percentiles"]):
        assert len(lines) == 9
        assert lines == sorted(lines)
        assert lines[0] == answer["left"][30 * step]
        assert lines[-1] == answer["right"][30 * step + 29]
        # 68.26 % of a normal lie within one standard deviation; a bucket is 0.2 of one.
        spread = (lines[6] - lines[2]) / 2
        assert spread == pytest.approx(answer["stats"]["std"][step], rel=0.2)


def test_the_rms_of_every_tag_is_that_of_its_series(shared):
    answer = shared.insight("rms?run=a").json
    assert [entry["tag"] for entry in answer["tags"]] == ["dense/kernel", "dense/bias"]
    for entry in answer["tags"]:
        series = shared.insight("series", query_string={"run": "a", "tag": entry["tag"]}).json
        assert answer["steps"][entry["steps"]] == series["steps"]
        assert entry["rms"] == pytest.approx(series["stats"]["rms"], rel=1e-4)


@both_loaders
def test_numbers_that_do_not_exist_are_null(tmp_path, start, loader):
    with Log(tmp_path / "a") as log:
        log.histogram("w", 0, [1.0, 2.0])
        log.rows("w", 1, [[np.nan, np.nan, 0.0]] * 30)
    board = start(tmp_path, loader).wait_until(loaded(1, 1))
    response = board.insight("series", query_string={"run": "a", "tag": "w"})
    answer = json.loads(response.get_data(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert answer["offsets"][1] == answer["offsets"][2]
    assert answer["non_finite"] == [0, None]
    assert answer["percentiles"][1] == [None] * 9
    assert answer["stats"]["mean"][1] is None
    json.loads(board.insight("report").get_data(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


@both_loaders
def test_hostile_names_come_through_unharmed(tmp_path, start, loader):
    for run in HOSTILE:
        write_run(tmp_path / run.replace("/", "∕"), tags=HOSTILE, steps=[0])
    board = start(tmp_path, loader).wait_until(loaded(len(HOSTILE), 0))
    runs = [run["run"] for run in board.insight("runs").json["runs"]]
    assert sorted(runs) == sorted(run.replace("/", "∕") for run in HOSTILE)
    for run, tag in zip(runs, HOSTILE, strict=True):
        report = board.insight(f"report?run={quote(run, safe='')}").json
        assert [entry["run"] for entry in report["runs"]] == [run]
        assert sorted(tag["tag"] for tag in report["runs"][0]["tags"]) == sorted(HOSTILE)
        series = board.insight(f"series?run={quote(run, safe='')}&tag={quote(tag, safe='')}").json
        assert (series["run"], series["tag"]) == (run, tag)


@pytest.mark.parametrize(
    ("path", "status", "named"),
    [
        ("report?lang=xx", 400, "'xx'"),
        ("report?lang=en&lang=ja", 400, "lang"),
        ("report?run=nope", 404, "'nope'"),
        ("report?run=a&run=../a", 404, "'../a'"),
        ("report?full=2", 400, "full"),
        ("runs?full=1&full=1", 400, "full"),
        ("series", 400, "run"),
        ("series?run=a", 400, "tag"),
        ("series?run=a&tag=x&tag=y", 400, "tag"),
        ("series?run=nope&tag=x", 404, "'nope'"),
        ("series?run=a&tag=%3Cscript%3E", 404, "'<script>'"),
        ("words?lang=", 400, "''"),
        ("static/nope.js", 404, "'nope.js'"),
        ("static/../plugin.py", 404, "plugin.py"),
        ("static/%2e%2e/plugin.py", 404, "plugin.py"),
        ("static/..%2f..%2fplugin.py", 404, "plugin.py"),
    ],
)
def test_what_cannot_be_answered_gets_a_status_and_a_sentence(shared, path, status, named):
    response = shared.insight(path)
    assert response.status_code == status
    assert response.mimetype == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert named in response.json["error"]
    assert response.json["error"].endswith(".")


def test_only_reading_is_possible(shared):
    response = shared._client.post("/data/plugin/histinsight/runs")
    assert response.status_code == 405
    head = shared._client.head("/data/plugin/histinsight/report")
    assert head.status_code == 200
    assert head.get_data() == b""


def test_a_mistake_in_the_code_is_a_sentence_and_a_line_in_the_log(board, monkeypatch, caplog):
    def broken(*args):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(analysis, "analyse_several", broken)
    response = board.insight("report")
    assert response.status_code == 500
    assert response.mimetype == "application/json"
    assert "ZeroDivisionError" in response.json["error"]
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert any("secret detail" in (record.exc_text or "") for record in caplog.records)
    monkeypatch.undo()
    assert board.insight("report").status_code == 200


def test_tensorboard_without_a_data_provider_says_so():
    from werkzeug.test import Client

    response = Client(HistInsightPlugin(Context(None)).get_plugin_apps()["/runs"]).get("/data/plugin/histinsight/runs")
    assert response.status_code == 404
    assert "--generic_data" in response.json["error"]


@pytest.mark.parametrize("path", ["runs", "report", "series?run=a&tag=dense/kernel", "words", "static/index.js"])
def test_an_unchanged_answer_is_not_sent_again(shared, path, caplog):
    first = shared.insight(path)
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.headers["Vary"] == "Accept-Encoding"
    etag = first.headers["ETag"]
    again = shared.insight(path, headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again.get_data() == b""
    assert again.headers["ETag"] == etag
    other = shared.insight(path, headers={"If-None-Match": 'W/"0123456789abcdef"'})
    assert other.status_code == 200
    assert other.get_data() == first.get_data()
    # TensorBoard's own watch over responses has nothing to complain about.
    assert not caplog.records


def test_requests_in_quick_succession_list_the_log_once(board, monkeypatch):
    asked = []
    listing = board.provider.list_tensors
    monkeypatch.setattr(board.provider, "list_tensors", lambda *args, **kw: asked.append(1) or listing(*args, **kw))
    monkeypatch.setattr(plugin, "LISTING_SECONDS", 1e9)
    for path in ("runs", "report", "series?run=a&tag=dense/kernel", "runs"):
        assert board.insight(path).status_code == 200
    assert len(asked) == 1


def test_a_304_costs_no_analysis(board, monkeypatch):
    etag = board.insight("report").headers["ETag"]
    monkeypatch.setattr(analysis, "analyse_several", lambda *args: pytest.fail("analysed again"))
    assert board.insight("report", headers={"If-None-Match": etag}).status_code == 304


def test_answers_differ_by_what_was_asked(shared):
    paths = ["report", "report?lang=en&run=a", "series?run=a&tag=dense/kernel", "series?run=a&tag=dense/bias", "runs"]
    etags = {path: shared.insight(path).headers["ETag"] for path in paths}
    # All runs are the one run that there is: the same answer.
    assert etags["report"] == etags["report?lang=en&run=a"]
    assert len(set(etags.values())) == 4


def test_answers_are_compressed_for_those_who_can_read_them(shared):
    plain = shared.insight("report")
    assert "Content-Encoding" not in plain.headers
    packed = shared.insight("report", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert len(packed.get_data()) < len(plain.get_data())
    refused = shared.insight("report", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in refused.headers


@both_loaders
def test_everything_works_under_a_path_prefix(tmp_path, start, loader):
    write_run(tmp_path / "a")
    board = start(tmp_path, loader, flags=["--path_prefix=/some/where"]).wait_until(loaded(1, 4))
    assert [run["run"] for run in board.insight("runs").json["runs"]] == ["a"]
    assert board.insight("static/index.js").mimetype == "text/javascript"
    listed = board.get("plugins_listing").json["histinsight"]
    assert listed["loading_mechanism"]["module_path"] == "/some/where/data/plugin/histinsight/static/index.js"


def test_work_begins_while_the_page_loads(board, monkeypatch):
    analysed = watch_analysis(monkeypatch)
    assert board.insight("static/style.css").status_code == 200
    assert analysed == []
    assert board.insight("static/index.js").status_code == 200
    board.wait_until(lambda board: sorted(analysed) == ["dense/bias", "dense/kernel"])
    assert board.insight("report").status_code == 200
    assert len(analysed) == 2


def test_work_begins_when_tensorboard_is_opened_and_has_loaded_the_log(tmp_path, start, monkeypatch):
    monkeypatch.setattr(ahead, "SETTLED_SECONDS", 0.1)
    analysed = watch_analysis(monkeypatch)
    write_run(tmp_path / "a")
    board = start(tmp_path, "python loader")
    board.wait_until(lambda board: board.get("plugins_listing").json["histinsight"]["enabled"])
    board.wait_until(lambda board: sorted(analysed) == ["dense/bias", "dense/kernel"])
    assert board.insight("report").status_code == 200
    assert len(analysed) == 2


def test_a_beginning_that_fails_is_not_heard_of(tmp_path, start, caplog):
    write_run(tmp_path / "a")
    board = start(tmp_path, "python loader")
    insight = HistInsightPlugin(Context(None))
    from werkzeug.test import Client

    assert Client(insight.get_plugin_apps()["/static/*"]).get("/histinsight/static/index.js").status_code == 200
    for thread in threading.enumerate():
        if thread.name == "insight-begin":
            thread.join(10)
    assert not caplog.records
    assert board.insight("runs").status_code == 200


def test_the_page_policy_is_tensorboards_own(board, tmp_path, tensorboard):
    page = board.get("plugin_entry.html?name=histinsight")
    assert page.status_code == 200
    assert 'import("./static/index.js")' in page.text
    policy = re.sub(r"'sha256-[^']*'", "", page.headers["Content-Security-Policy"])
    plain = tensorboard(tmp_path, "python loader").get("../index.html")
    ours = board.get("../index.html")
    assert ours.headers.get("Content-Security-Policy") == plain.headers.get("Content-Security-Policy")
    assert "default-src 'self'" in policy
    for path in ("runs", "static/index.js"):
        assert "Content-Security-Policy" not in board.insight(path).headers


def watch_analysis(monkeypatch):
    """A list that gets the name of every tag when it is analysed."""
    analysed = []
    analyse = analysis.analyse_several

    def watched(series, names):
        analysed.extend(one.tag for one in series)
        return analyse(series, names)

    monkeypatch.setattr(analysis, "analyse_several", watched)
    return analysed


def test_requests_at_the_same_time_share_one_analysis(board, monkeypatch):
    analysed = watch_analysis(monkeypatch)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(board.insight("report?run=a").text)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert sorted(analysed) == ["dense/bias", "dense/kernel"]


@both_loaders
def test_new_data_changes_the_report_and_only_what_changed_is_analysed(tmp_path, start, loader, monkeypatch):
    write_run(tmp_path / "done")
    with Log(tmp_path / "live") as log:
        for step in range(3):
            log.histogram("moving", step, np.linspace(0, step + 1, 50))
            log.histogram("finished", step, np.linspace(0, step + 1, 50))
        log.flush()
        board = start(tmp_path, loader, flags=["--reload_interval=1"])
        board.wait_until(
            lambda board: len(board.insight("runs").json["runs"]) == 2 and len(board.listing()["live"]) == 2
        )
        board.wait_until(lambda board: board.listing()["live"]["finished"].max_step == 2)
        board.wait_until(lambda board: board.listing()["done"]["dense/bias"].max_step == 4)
        first = board.insight("report")
        versions = {run["run"]: run["version"] for run in board.insight("runs").json["runs"]}
        analysed = watch_analysis(monkeypatch)
        log.histogram("moving", 3, np.linspace(0, 9, 50))
        log.flush()
        board.wait_until(lambda board: board.listing()["live"]["moving"].max_step == 3)
    second = board.insight("report", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert analysed == ["moving"]
    later = {run["run"]: run["version"] for run in board.insight("runs").json["runs"]}
    assert later["live"] != versions["live"]
    assert later["done"] == versions["done"]
    (live,) = (run for run in second.json["runs"] if run["run"] == "live")
    assert {tag["tag"]: tag["last_step"] for tag in live["tags"]} == {"moving": 3, "finished": 2}


def test_settings_beside_the_log_hold_in_the_tab_and_a_mistake_is_said(tmp_path, board, monkeypatch):
    analysed = watch_analysis(monkeypatch)
    before = board.insight("report").json["runs"][0]
    file = tmp_path / "tb-histinsight.toml"
    version = board.insight("runs").json["runs"][0]["version"]
    file.write_text('select = ["missing-bias"]\n')
    told = board.insight("report").json["runs"][0]
    assert [outcome["rule"] for outcome in told["outcomes"]] == ["missing-bias"]
    assert board.insight("runs").json["runs"][0]["version"] != version
    file.write_text("selekt = []\n")
    assert board.insight("report").json["runs"][0] == before
    (problem,) = board.insight("runs").json["problems"]
    assert problem == "tb-histinsight.toml, line 1: There is no key 'selekt'. Did you mean 'select'?"
    assert len(analysed) == 2  # each tag once: what was set does not change what was read


def test_names_beside_the_log_hold_in_the_tab(tmp_path, board):
    first = board.insight("series?run=a&tag=dense/bias").headers["ETag"]
    (tmp_path / "names.toml").write_text('[[tags]]\ntag = "dense/bias"\nrole = "activation"\n')
    (tmp_path / "tb-histinsight.toml").write_text('names = "names.toml"\n')
    told = {tag["tag"]: tag for tag in board.insight("report").json["runs"][0]["tags"]}["dense/bias"]
    assert (told["role"], told["told"], told["guess"]) == ("activation", ["role"], {"layer": "dense", "role": "bias"})
    assert board.insight("series?run=a&tag=dense/bias").headers["ETag"] != first
    (tmp_path / "names.toml").write_text('[[tags]]\ntag = "dense/bias"\nrole = "bais"\n')
    assert "names.toml, line 3" in board.insight("runs").json["problems"][0]


def post(board, said, **headers):
    token = board.insight("notes").json["token"]
    headers = {"Origin": "http://localhost", "X-Histinsight-Token": token, **headers}
    return board._client.post("/data/plugin/histinsight/notes", json=said, headers=headers)


def test_a_mark_that_the_tab_sends_is_kept_and_the_report_honours_it(tmp_path, start):
    with Log(tmp_path / "a") as log:
        for step in range(5):
            log.histogram("first/kernel", step, np.linspace(-1, 1, 900))
            log.histogram("second/kernel", step, np.linspace(-1, 1 + step, 900))
    board = start(tmp_path, "python loader").wait_until(loaded(1, 4))
    version = board.insight("runs").json["runs"][0]["version"]
    finding = board.insight("report").json["runs"][0]["findings"][0]
    about = {key: finding[key] for key in ("rule", "layer", "tags")}
    said = {"run": "a", "mark": "intended", "reason": "meant", **about}
    assert post(board, said, Origin="http://elsewhere").status_code == 403
    assert post(board, said, **{"X-Histinsight-Token": "no"}).status_code == 403
    response = post(board, said)
    assert response.status_code == 200
    assert [entry["kind"] for entry in response.json["entries"]] == ["intended"]
    assert (tmp_path / "tb-histinsight.notes.jsonl").is_file()
    told = {one["id"]: one["mark"] for one in board.insight("report").json["runs"][0]["findings"]}
    assert told[finding["id"]]["reason"] == "meant"
    assert board.insight("runs").json["runs"][0]["version"] != version


def test_too_long_a_note_is_not_even_read(tmp_path, board):
    response = post(board, {"run": "a", "text": "x" * 300_000})
    assert response.status_code == 413
    assert not (tmp_path / "tb-histinsight.notes.jsonl").exists()
