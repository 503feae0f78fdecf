"""`python -m tests.faults.zygote OPTIONS`: forks a server for every line on its stdin.

The server is that of `python -m assistant.server`, in a process of its own that can be killed. It loads its model and opens its
database itself; only the imports are done before, by loading the model once.
"""
import asyncio
import os
import signal
import sys

from assistant import server, start

PATIENCE_SECONDS = 3.0  # after so long, not after 15 s, a turn of the web channel that died is taken again


def main() -> None:
    args = server.parse_arguments(sys.argv[1:])
    start.prepare()
    start.load_rasa()
    asyncio.run(start.load_agent(start.model_file(args.model), start.read_endpoints(None, remote_actions=False)))
    import assistant.tracker_store  # noqa: F401
    from assistant.channels.web import turns
    turns.SECONDS = PATIENCE_SECONDS
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that are killed
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            server.serve(args)
            os._exit(0)
        print("pid", pid, flush=True)


main()
