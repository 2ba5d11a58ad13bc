"""Runs Kannel's drive_smpp, an SMSC that is not ours, until its client leaves.

    kannel_smsc.py MESSAGES

Prints `listening PORT`, then what drive_smpp says it sent and received. It delivers MESSAGES messages
to whoever binds as a receiver. It also wants a bearerbox of Kannel on port 13001; a socket that only
listens is enough.
"""

import socket
import subprocess
import sys
import time

PROGRAM = "/usr/lib/kannel/test/drive_smpp"


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def bearerbox():
    """A listening socket, unless somebody else already listens there."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", 13001))
        listener.listen()
    except OSError:
        pass
    return listener


def main():
    port, messages, box = free_port(), sys.argv[1], bearerbox()
    with subprocess.Popen(
        [PROGRAM, "-v", "1", "-p", str(port), "-m", messages],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as kannel:
        deadline = time.monotonic() + 30
        # Its own words tell when it listens only in part: give the socket a moment.
        time.sleep(0.5)
        print("listening", port, flush=True)
        try:
            out, _ = kannel.communicate(timeout=max(1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            kannel.kill()
            out, _ = kannel.communicate()
            print(out)
            sys.exit("drive_smpp did not end when its client left")
    box.close()
    for line in out.splitlines():
        print(line.split("] ", 2)[-1])


main()
