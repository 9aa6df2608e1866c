"""The TensorBoard plugin: HTTP around `routes`, and nothing else.

TensorBoard imports this module whenever it starts, with or without histograms, and does not start at all when the
import fails. So nothing is imported here that TensorBoard has not imported already; the rest comes with the first
request.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from tensorboard.plugins import base_plugin

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from tb_histinsight.routes.answer import Answer
    from tb_histinsight.routes.kept import Kept
    from tb_histinsight.routes.sender import Sender
    from tb_histinsight.routes.store import AnalysisStore
    from tb_histinsight.routes.versioned import VersionedSource
    from tb_histinsight.sources.data_provider import DataProviderSource

LISTING_SECONDS = 1.0
"""For how long a list of runs and tags is taken to hold. TensorBoard itself looks for new data every 5 s by default;
asking it what there is takes it up to 50 ms."""


class HistInsightPlugin(base_plugin.TBPlugin):  # type: ignore[misc]  # TensorBoard is not annotated
    """The Insight tab."""

    plugin_name = "histinsight"

    def __init__(self, context: Any) -> None:
        """Keeps what the routes need of TensorBoard's context; reads nothing."""
        self._provider = context.data_provider
        self._sample_hint: int | None = (context.sampling_hints or {}).get("histograms")
        flags = getattr(context, "flags", None)
        self._logdir: str = getattr(flags, "logdir_spec", "") or getattr(context, "logdir", "") or ""
        self._lock = threading.Lock()
        self._everything: Kept | None = None
        self._looked_ahead = False

    def data_plugin_names(self) -> tuple[str, ...]:
        """TensorBoard shows the tab when there is data of these plugins."""
        return ("histograms",)

    def is_active(self) -> bool:
        """Whether there are histograms at this moment; reads none of them."""
        if self._provider is None:
            return False
        from tensorboard.context import RequestContext

        return "histograms" in (self._provider.list_plugins(RequestContext(), experiment_id="") or ())

    def _look_ahead(self) -> None:
        """Begins, once, with what the tab will ask for first."""
        with self._lock:
            if self._looked_ahead or self._provider is None:
                return
            self._looked_ahead = True
        threading.Thread(target=self._begin_ahead, name="insight-ahead", daemon=True).start()

    def _begin_ahead(self) -> None:
        from tensorboard.context import RequestContext

        try:
            from tb_histinsight.routes.ahead import look_ahead

            look_ahead(lambda: self._listed(RequestContext(), ""), self._kept())
        except Exception as error:  # nobody has asked for anything yet
            _say_for_debugging(error)

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """The tab's name, and the module that draws it; asked for when somebody opens TensorBoard in a browser."""
        self._look_ahead()
        return base_plugin.FrontendMetadata(tab_name="Insight", es_module_path="/static/index.js")

    def get_plugin_apps(self) -> dict[str, Callable[..., Iterable[bytes]]]:
        """The routes, as http_api.md describes them."""
        return {
            "/static/*": self._app(self._static),
            "/runs": self._app(self._runs),
            "/report": self._app(self._report),
            "/comparisons": self._app(self._comparisons),
            "/series": self._app(self._series),
            "/rms": self._app(self._rms),
            "/words": self._app(self._words),
            "/export": self._app(self._export),
            "/notes": self._app(self._notes, self._write_note),
            "/full": self._app(self._full, self._read_fully),
        }

    def _static(self, request: Request) -> Answer:
        from tb_histinsight.routes.frontend import frontend_impl

        name = request.path.rpartition(f"/{self.plugin_name}/static/")[2]
        if name == "index.js":
            threading.Thread(target=self._begin, args=(request,), name="insight-begin", daemon=True).start()
        return frontend_impl(name)

    def _begin(self, request: Request) -> None:
        """Begins with the runs that the tab will ask for first, while the browser still loads the tab's files."""
        try:
            from tb_histinsight.routes.ahead import analyse_first

            analyse_first(self._source(request), self._kept(), _experiment(request))
        except Exception as error:  # the request for the report will meet it too, and say so
            _say_for_debugging(error)

    def _runs(self, request: Request) -> Answer:
        from tb_histinsight.routes.runs import runs_impl

        kept = self._kept()

        def told(run: str) -> str:
            return kept.settings.of(run).version + kept.notes.of(run).version

        return runs_impl(self._shown(request), _experiment(request), kept.settings.problems(), told, kept.log)

    def _report(self, request: Request) -> Answer:
        from tb_histinsight.routes.report import report_impl

        runs = list(dict.fromkeys(request.args.getlist("run")))
        kept = self._kept()
        return report_impl(
            self._analyses(request),
            self._shown(request),
            runs,
            _language(request),
            _experiment(request),
            settings_of=kept.settings.of,
            notes_of=kept.notes.of,
        )

    def _comparisons(self, request: Request) -> Answer:
        from tb_histinsight.routes.comparisons import comparisons_impl

        kept = self._kept()
        return comparisons_impl(
            self._analyses(request),
            self._shown(request),
            _language(request),
            _experiment(request),
            settings_of=kept.settings.of,
        )

    def _series(self, request: Request) -> Answer:
        from tb_histinsight.routes.series import series_impl

        run, tag = _one(request, "run"), _one(request, "tag")
        kept = self._kept()
        names = kept.settings.of(run).names
        return series_impl(self._analyses(request), self._shown(request), run, tag, _experiment(request), names=names)

    def _rms(self, request: Request) -> Answer:
        from tb_histinsight.routes.rms import rms_impl

        run, kept = _one(request, "run"), self._kept()
        settings = kept.settings.of(run)
        return rms_impl(self._analyses(request), self._shown(request), run, _experiment(request), settings=settings)

    def _words(self, request: Request) -> Answer:
        from tb_histinsight.routes.words import words_impl

        return words_impl(request.args.getlist("lang") or ["en"])

    def _export(self, request: Request) -> Answer:
        from tb_histinsight.routes.export import export_impl

        runs = list(dict.fromkeys(request.args.getlist("run")))
        form = _one(request, "format") if "format" in request.args else "html"
        kept = self._kept()
        return export_impl(
            self._analyses(request),
            self._shown(request),
            runs,
            _language(request),
            form=form,
            roles=request.args.getlist("role"),
            text=_one(request, "contains") if "contains" in request.args else "",
            experiment=_experiment(request),
            settings_of=kept.settings.of,
            notes_of=kept.notes.of,
        )

    def _notes(self, request: Request) -> Answer:
        from tb_histinsight.routes.notes import notes_impl

        runs = list(dict.fromkeys(request.args.getlist("run")))
        return notes_impl(self._kept().notes, self._source(request).runs(), runs)

    def _write_note(self, request: Request) -> bytes:
        from tb_histinsight.routes.notes import write_note_impl

        return write_note_impl(self._kept().notes, self._source(request).runs(), *_sent(request))

    def _full(self, request: Request) -> Answer:
        from tb_histinsight.routes.full import full_impl

        kept = self._kept()
        return full_impl(kept.readings, self._source(request).runs(), kept.notes.token)

    def _read_fully(self, request: Request) -> bytes:
        from tb_histinsight.routes.full import read_fully_impl

        kept = self._kept()
        return read_fully_impl(kept.readings, self._source(request).runs(), kept.notes.token, *_sent(request))

    def _shown(self, request: Request) -> VersionedSource:
        """What is looked at: TensorBoard's sample, or all that has been read in full."""
        from tb_histinsight.routes.reading.source import FullSource

        source = self._source(request)
        return FullSource(source, self._kept().readings) if _in_full(request) else source

    def _analyses(self, request: Request) -> AnalysisStore:
        """Where the analyses of that come from."""
        from tb_histinsight.routes.reading.source import FullStore

        kept = self._kept()
        return FullStore(kept.analyses) if _in_full(request) else kept.analyses

    def _source(self, request: Request) -> DataProviderSource:
        """What TensorBoard holds now, or held a moment ago: the tab asks several things at once."""
        from tensorboard import plugin_util

        from tb_histinsight.routes.answer import RequestError

        if self._provider is None:
            raise RequestError(404, "This TensorBoard offers no data to plugins (it runs with --generic_data=false).")
        experiment = _experiment(request)

        def listed(_: DataProviderSource | None) -> DataProviderSource:
            return self._listed(plugin_util.context(request.environ), experiment)

        now = str(time.monotonic() // LISTING_SECONDS)
        return self._kept().sources.get(experiment, now, listed)

    def _listed(self, context: Any, experiment: str) -> DataProviderSource:
        """What TensorBoard holds now."""
        from tb_histinsight.sources.data_provider import DataProviderSource

        return DataProviderSource(
            self._provider, context=context, experiment_id=experiment, sample_hint=self._sample_hint
        ).load()

    def _kept(self) -> Kept:
        """What is kept between requests."""
        from tb_histinsight.routes.kept import Kept

        with self._lock:
            self._everything = self._everything or Kept(self._logdir, LISTING_SECONDS)
            return self._everything

    def _app(
        self, route: Callable[[Request], Answer], write: Callable[[Request], bytes] | None = None
    ) -> Callable[..., Iterable[bytes]]:
        def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            from werkzeug.wrappers import Request

            request = Request(environ)
            try:
                response = self._respond(request, route, write)
            except Exception as error:  # whatever it is, the browser gets a sentence
                response = _refusal(request, error)
            response.headers["X-Content-Type-Options"] = "nosniff"
            response.headers["Cache-Control"] = "no-cache"
            if response.status_code == 304:
                # TensorBoard warns of any response without a type, and werkzeug takes it off this one.
                start_response(response.status, response.headers.to_wsgi_list())
                return []
            return response(environ, start_response)

        return app

    def _respond(
        self, request: Request, route: Callable[[Request], Answer], write: Callable[[Request], bytes] | None
    ) -> Response:
        from werkzeug.wrappers import Response

        from tb_histinsight.routes.answer import Body, RequestError

        if request.method == "POST" and write is not None:
            return Response(write(request), content_type="application/json")
        if request.method not in ("GET", "HEAD"):
            raise RequestError(405, f"{request.method} is not possible here; all is GET, and POST to notes and full.")
        answer = route(request)
        if request.if_none_match.contains_weak(answer.etag):
            response = Response(status=304, content_type=answer.media_type)
        else:
            body = self._kept().bodies.get(answer.key, answer.etag, lambda old: Body(answer.make()))
            compressed = body.worth_compressing and request.accept_encodings.quality("gzip") > 0
            response = Response(body.gzipped if compressed else body.plain, content_type=answer.media_type)
            if compressed:
                response.headers["Content-Encoding"] = "gzip"
            # What is saved to the disk is not compressed, and a browser cannot tell its size from Content-Length.
            response.headers["X-Histinsight-Bytes"] = str(len(body.plain))
        response.headers["Vary"] = "Accept-Encoding"
        # Weak: the compressed and the plain body share it.
        response.set_etag(answer.etag, weak=True)
        return response


def _experiment(request: Request) -> str:
    from tensorboard import plugin_util

    experiment: str = plugin_util.experiment_id(request.environ)
    return experiment


def _one(request: Request, name: str) -> str:
    """The value of a parameter that must be given once."""
    from tb_histinsight.routes.answer import RequestError

    values = request.args.getlist(name)
    if len(values) != 1:
        raise RequestError(400, f"Give the parameter {name} once; it was given {len(values)} times.")
    return values[0]


def _in_full(request: Request) -> bool:
    """Whether runs that were read in full are to be shown so."""
    if "full" not in request.args:
        return False
    from tb_histinsight.routes.answer import RequestError

    if _one(request, "full") != "1":
        raise RequestError(400, "The parameter full is 1, or not there.")
    return True


def _sent(request: Request) -> tuple[Sender, bytes | None]:
    """Who asks for something to be done, and for what; None: that is too long, or nobody knows how long."""
    from tb_histinsight.routes.notes import LONGEST_BODY
    from tb_histinsight.routes.sender import TOKEN_HEADER, Sender

    length = request.content_length
    sender = Sender(
        origin=request.headers.get("Origin"),
        host=request.headers.get("Host", ""),
        media_type=request.mimetype,
        token=request.headers.get(TOKEN_HEADER, ""),
    )
    return sender, request.get_data() if length is not None and length <= LONGEST_BODY else None


def _language(request: Request) -> str:
    return _one(request, "lang") if "lang" in request.args else "en"


def _say_for_debugging(error: Exception) -> None:
    from tensorboard.util import tb_logging

    tb_logging.get_logger().debug("Insight: could not begin early", exc_info=error)


def _refusal(request: Request, error: Exception) -> Response:
    """An error as a status and a sentence."""
    import json

    from tensorboard.errors import PublicError
    from tensorboard.util import tb_logging
    from werkzeug.wrappers import Response

    from tb_histinsight.core.errors import InsightError

    if isinstance(error, InsightError):
        status, sentence = getattr(error, "status", 400), str(error)
    elif isinstance(error, PublicError):
        status, sentence = error.http_code, str(error)
    else:
        status = 500
        sentence = f"The Insight tab could not answer this ({type(error).__name__}); TensorBoard's log says more."
        tb_logging.get_logger().error("Insight: %s failed", request.path, exc_info=error)
    return Response(json.dumps({"error": sentence}), status=status, content_type="application/json")
