"""`python -m assistant.server`: serves the assistant as `rasa run` does, without TensorFlow and with the actions inside.

It takes the options of `rasa run`, listens on this machine only unless told otherwise, and does not start on anything
that would let it run without answering.
"""
import argparse
import asyncio
import gc
import logging
import os
import socket
import sys
import warnings
from pathlib import Path
from typing import Callable, Optional, Sequence

from assistant import operations, settings, start, tracing

# No message of a citizen or of a platform is longer; nobody's connection needs longer to send one.
LARGEST_REQUEST_BYTES = 64 * 1024
REQUEST_SECONDS = 10
DEFAULTS = {"interface": "127.0.0.1", "endpoints": "endpoints.yml", "credentials": "credentials.yml"}


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Serve until Ctrl-C; 0 after a clean stop, 1 with one message where the start is refused."""
    args = parse_arguments(argv)
    try:
        check_options(args)
        start.prepare()
        serve(args)
    except KeyboardInterrupt:
        return 0
    except Exception as error:
        if not start.is_explained(error):
            raise
        print(error, file=sys.stderr)
        return 1
    return 0


def parse_arguments(argv: Optional[Sequence[str]]) -> argparse.Namespace:
    """The options of `rasa run`, and one more."""
    from rasa.cli.arguments.default_arguments import add_logging_options
    from rasa.cli.arguments.run import set_run_arguments

    parser = argparse.ArgumentParser(
        prog="python -m assistant.server", description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add_logging_options(parser)
    set_run_arguments(parser)
    parser.add_argument(
        "--remote-actions", action="store_true", help="Call the action_endpoint of the endpoints file (`rasa run actions`)."
    )
    parser.set_defaults(**DEFAULTS)
    args = parser.parse_args(argv)
    args.model = getattr(args, "model-as-positional-argument") or args.model
    return args


def check_options(args: argparse.Namespace) -> None:
    """Refuse what cannot be served; a default file that is not there becomes None, as in `rasa run`."""
    for name in ("endpoints", "credentials"):
        path = getattr(args, name)
        if not os.path.isfile(path):
            if path != DEFAULTS[name]:
                raise start.StartRefused(f"There is no file {path} (--{name}).")
            setattr(args, name, None)
    if args.remote_storage:
        raise start.StartRefused("--remote-storage: this server serves a local model only; use `rasa run` for others.")
    if os.environ.get("SANIC_WORKERS", "1") != "1":
        raise start.StartRefused("SANIC_WORKERS: one process serves one port here; start one server per port instead.")


def serve(args: argparse.Namespace) -> None:
    """Load everything, then answer requests until the process is told to stop."""
    model = start.model_file(args.model)
    listener = _listen(args.interface, args.port)
    watched = _operations()
    print(f"Loading {model} …", flush=True)
    with start.stoppable():  # from the first request on, Sanic handles Ctrl-C
        start.load_rasa(args.loglevel, args.logging_config_file)
        _configure_sanic_logging(args)
        endpoints = start.read_endpoints(args.endpoints, args.remote_actions or settings.remote_actions())
        app = _create_app(args, endpoints)
        _trace(app)
        _run(app, args, _loading(app, model, endpoints, watched), listener)


def _listen(interface: str, port: int) -> socket.socket:
    """A bound socket, so that a port in use is reported before anything is loaded; it takes no connection yet."""
    try:
        family, _, _, _, address = socket.getaddrinfo(interface, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise start.StartRefused(
            f"Cannot listen on {interface}:{port}: {error.strerror}. Stop what uses the port, or choose another: --port."
        ) from None
    return listener


def _operations() -> Optional[operations.Operations]:
    address = settings.operations()
    try:
        return operations.Operations(*address) if address else None
    except OSError as error:
        raise start.StartRefused(f"Cannot listen on IDCARD_OPERATIONS={':'.join(map(str, address))}: {error.strerror}.") from None


def _configure_sanic_logging(args: argparse.Namespace) -> None:
    from rasa.utils.common import update_sanic_log_level

    update_sanic_log_level(args.log_file, args.use_syslog, args.syslog_address, args.syslog_port, args.syslog_protocol)
    # What stops the start is told once, by main(); Sanic would print a traceback first.
    logging.getLogger("sanic.error").addFilter(lambda record: not _is_told_by_main(record))
    warnings.filterwarnings("ignore", message="coroutine 'Loop.create_server' was never awaited")


def _is_told_by_main(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return isinstance(error, KeyboardInterrupt) or start.is_explained(error)


def _create_app(args: argparse.Namespace, endpoints):
    from rasa.core.run import configure_app, create_http_input_channels

    start.check_channels(args.credentials)
    connector = args.connector or (None if args.credentials else "rest")
    app = configure_app(
        create_http_input_channels(connector, args.credentials),
        args.cors,
        args.auth_token,
        args.enable_api,
        args.response_timeout,
        args.jwt_secret,
        args.jwt_private_key,
        args.jwt_method,
        port=args.port,
        endpoints=endpoints,
        log_file=args.log_file,
        use_syslog=args.use_syslog,
        syslog_address=args.syslog_address,
        syslog_port=args.syslog_port,
        syslog_protocol=args.syslog_protocol,
        request_timeout=args.request_timeout,
    )
    app.config.update(REQUEST_MAX_SIZE=LARGEST_REQUEST_BYTES, REQUEST_TIMEOUT=REQUEST_SECONDS)
    return app


def _loading(app, model: Path, endpoints, watched: Optional[operations.Operations]) -> Callable:
    """The listener that loads the assistant before the first request; what runs beside the requests ends before the last."""

    async def load(app, loop) -> None:
        app.ctx.agent = agent = await start.load_agent(model, endpoints)
        gc.collect()
        gc.freeze()  # a quarter of a second for everybody, whenever the collector looked at all that stays loaded
        if hasattr(agent.tracker_store, "keep_retention"):
            app.ctx.retention = loop.create_task(agent.tracker_store.keep_retention())
        if watched:
            watched.start(loop, lambda: start.is_ready(agent))

    async def stop(app, _loop) -> None:
        if watched:
            watched.is_stopping = True
        if hasattr(app.ctx, "retention"):  # Sanic forgets tasks that have no name
            app.ctx.retention.cancel()
            await asyncio.wait((app.ctx.retention,))

    app.register_listener(stop, "before_server_stop")
    return load


def _trace(app) -> None:
    """Every request under a trace id, which its answer tells."""

    async def begin(request) -> None:
        request.ctx.trace_id = tracing.begin(request.headers.get(tracing.HEADER, ""))

    async def tell(request, response) -> None:
        if not hasattr(request.ctx, "trace_id"):  # Rasa's own CORS has answered a preflight before anything of ours
            await begin(request)
        response.headers[tracing.HEADER] = request.ctx.trace_id

    app.request_middleware.appendleft(begin)  # before a channel can refuse the request
    app.register_middleware(tell, "response")


def _run(app, args: argparse.Namespace, load: Callable, listener: socket.socket) -> None:
    from rasa.core.run import close_resources
    from rasa.server import create_ssl_context

    from assistant.slow_clients import ImpatientProtocol

    ssl = create_ssl_context(args.ssl_certificate, args.ssl_keyfile, args.ssl_ca_file, args.ssl_password)
    address = f"{'https' if ssl else 'http'}://{args.interface}:{args.port}"

    async def say_ready(_app, _loop) -> None:
        print(f"The assistant answers at {address} (Ctrl-C stops it).", flush=True)

    app.register_listener(load, "before_server_start")
    app.register_listener(say_ready, "after_server_start")
    app.register_listener(close_resources, "after_server_stop")
    app.run(sock=listener, ssl=ssl, protocol=ImpatientProtocol, motd=False, access_log=False)


if __name__ == "__main__":
    sys.exit(main())
