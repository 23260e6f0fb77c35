"""The program in processes of its own, often, without TensorFlow's import each time.

The server imports TensorFlow once and uses nothing of it, so that nothing is there yet that a fork would break: the
only threads are OpenBLAS's, which ends them before a fork.  For each client it forks a process that goes on as
``python -m multirec`` does: with the client's arguments, folder and environment, and with the client's own standard
input, output and error.  The client ends as that process ends.

    python -m tests.starter DESCRIPTOR            the server, on a socket that listens; it ends with its standard input
    python tests/starter.py ADDRESS ARGUMENT...   a client
"""

import json
import os
import select
import signal
import socket
import sys


def client(address, arguments):
    """Have the program started with ``arguments``; return its exit status."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        socket.send_fds(connection, [b"+"], [0, 1, 2, os.open(".", os.O_RDONLY)])
        asked = json.dumps([arguments, dict(os.environ)]).encode()
        connection.sendall(b"%d\n" % len(asked) + asked)
        status = int(connection.makefile().readline())
    return status if status >= 0 else 128 - status


def server(listener):
    """Fork a process for each client; return in each, as it is to be, and with the arguments; None at the end."""
    from multirec.inputs import images  # noqa: F401  imports OpenCV, with the usual limits
    from multirec.run.startup import lean

    with lean():
        import tensorflow  # noqa: F401
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    while listener in select.select([listener, 0], [], [])[0]:
        connection, _ = listener.accept()
        if os.fork():
            connection.close()
            _bury()
        elif (arguments := _attend(listener, connection)) is not None:
            return arguments
    return None


def _bury():
    """Take leave of the attendants that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _attend(listener, connection):
    """Fork the process that a client wants, tell the client how it ends, and end it where the client is gone."""
    listener.close()
    _, descriptors, _, _ = socket.recv_fds(connection, 1, 4)
    with connection.makefile("rb") as stream:
        arguments, environment = json.loads(stream.read(int(stream.readline())))
    process = os.fork()
    if process:
        for descriptor in (0, 1, 2, *descriptors):
            os.close(descriptor)
        if connection in select.select([os.pidfd_open(process), connection], [], [])[0]:
            os.kill(process, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        try:
            connection.sendall(b"%d\n" % status)
        finally:
            os._exit(0)
    connection.close()
    os.fchdir(descriptors[3])
    for number in (0, 1, 2):
        os.dup2(descriptors[number], number)
    for descriptor in descriptors:
        os.close(descriptor)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.update(environment)
    return arguments


if __name__ == "__main__":
    if __spec__ is None:
        sys.exit(client(sys.argv[1], sys.argv[2:]))
    arguments = server(socket.socket(fileno=int(sys.argv[1])))
    if arguments is not None:
        import runpy

        sys.argv = ["multirec", *arguments]
        runpy.run_module("multirec", run_name="__main__", alter_sys=True)
