"""The decoder in a process of its own, so that a crash, a hang or a flood of memory can be told and survived.

As a program: reads pictures from standard input, each after its length (4 bytes), and answers each with a line of
JSON: the kind of its error or '', its width, and by how many bytes the process's peak of memory lay above before.
"""

import json
import os
import resource
import select
import struct
import subprocess
import sys

PIXELS = 1_000_000
"""Limit on what is decoded, so that a header that claims much costs little time."""

MEMORY = 256 << 20
"""Most bytes that a picture within that limit may take: 4 float64 channels are 32 MB, and some are held at once."""

SECONDS = 120.0
"""Longest time for a picture; far more than any takes, since the machine may be at other work."""


class Decoder:
    """A child that decodes; it is started again after a death."""

    def __init__(self):
        self._child = None

    def read(self, data):
        """The answer for ``data``.

        Raises:
            AssertionError: the child died or did not answer; says how.
        """
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "tests.decoder"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={**os.environ, "OPENCV_IO_MAX_IMAGE_PIXELS": str(PIXELS)},
            )  # fmt: skip
        try:
            self._child.stdin.write(struct.pack(">I", len(data)) + data)
            self._child.stdin.flush()
        except BrokenPipeError:
            pass  # it died while reading; said below
        waited, _, _ = select.select([self._child.stdout], [], [], SECONDS)
        line = self._child.stdout.readline() if waited else b""
        if not line:
            code = self.close()
            raise AssertionError(f"the decoder died of {code}" if waited else f"no answer within {SECONDS:.0f} s")
        return json.loads(line)

    def close(self):
        """End the child; return its exit status, which is -SIGKILL where it was still alive."""
        if self._child is None:
            return None
        child, self._child = self._child, None
        try:
            child.wait(0.5)
        except subprocess.TimeoutExpired:
            child.kill()
        child.communicate()
        return child.returncode


def _peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))


def _main():
    from multirec.inputs.images import ImageError, line_picture

    # Beyond this an allocation fails: a bound on what one picture can do to the machine.
    (size,) = (int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmSize"))
    resource.setrlimit(resource.RLIMIT_AS, (size + 4 * MEMORY, size + 4 * MEMORY))
    read = sys.stdin.buffer.read
    while length := read(4):
        data = read(struct.unpack(">I", length)[0])
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # the peak starts anew
        before = _peak()
        try:
            answer = ["", line_picture(data, PIXELS).shape[1]]
        except ImageError as error:
            answer = [error.kind, 0]
        print(json.dumps([*answer, _peak() - before]), flush=True)


if __name__ == "__main__":
    _main()
