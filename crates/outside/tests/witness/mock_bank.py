"""A bank that is not ours, mock-bank, reads payment files and answers.

    mock_bank.py INBOX OUTBOX PAYER_IBAN CLOSED_IBAN RETURNED

It takes the files of INBOX on 10 December 2026, refuses orders to CLOSED_IBAN, settles the others, returns
the order RETURNED a day later, and writes its messages into OUTBOX.
"""

import json
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request


def main():
    inbox, outbox, payer, closed, returned = sys.argv[1:]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

    def call(method, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    bank = subprocess.Popen(
        [pathlib.Path(sys.executable).parent / "mock-bank", "--port", str(port), "--quiet",
         "--clock", "2026-12-10T09:00", "--pickup-dir", outbox],
    )
    try:
        for attempt in range(100):
            try:
                call("GET", "/_mock/health")
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        else:
            sys.exit("mock-bank does not answer")
        account = {"currency": "KZT", "balance": 10**12}
        call("POST", "/_mock/accounts", account | {
            "id": "PAYER", "name": "PAYER", "iban": payer, "behaviour": "return-later",
            "parameters": {"days": 1, "reason": "AC04", "end_to_end_id": returned},
        })
        call("POST", "/_mock/accounts", account | {
            "id": "CLOSED", "name": "CLOSED", "iban": closed, "behaviour": "closed-account",
        })
        for file in sorted(pathlib.Path(inbox).glob("*.xml")):
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/payments", data=file.read_bytes(),
                headers={"Content-Type": "application/xml"}, method="POST",
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                print(answer.status, answer.read().decode())
        print(call("POST", "/_mock/advance?days=3"))
    finally:
        bank.terminate()
        bank.wait(10)


main()
