"""Sweeps a nation's buckets with DuckDB, a bucket in each thread, and tells how long it took as a line of JSON.

Python's own start and DuckDB's are not in the time.
"""

import json
import pathlib
import queue
import string
import sys
import threading
import time

import duckdb

here = pathlib.Path(__file__).parent
asked = json.loads(sys.stdin.read())
facts, answers = pathlib.Path(asked["facts"]), pathlib.Path(asked["answers"])
buckets = queue.SimpleQueue()
for bucket in sorted(facts.iterdir()):
    buckets.put(bucket)
answers.mkdir(parents=True, exist_ok=True)
statement = string.Template((here / "measures.sql").read_text())


def connect():
    connection = duckdb.connect(config={"threads": 1})
    connection.execute((here / "macros.sql").read_text())
    connection.execute("CREATE TABLE heard (entity TEXT, region TEXT, last_month INTEGER)")
    connection.executemany("INSERT INTO heard VALUES (?, ?, ?)", asked["heard"])
    return connection


def view(connection, name, path, fields, there):
    """A file as a table. What is told of every row has no column of its own in it."""
    added = [f"0 AS {field}_said" for field in fields if f"{field}_said" not in there]
    if "registry" not in there:
        added.append(f"{asked['owners'][name]} AS registry")
    select = ", ".join(["*", *added])
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name}_rows AS SELECT {select} FROM read_parquet('{path}')")


def sweep(connection, bucket):
    paths = {name: f"{bucket}/{name}.parquet" for name in asked["entities"]}
    columns = connection.execute(f"SELECT file_name, name FROM parquet_schema({list(paths.values())})").fetchall()
    for name, fields in asked["entities"].items():
        there = {column for path, column in columns if path == paths[name]}
        view(connection, name, paths[name], fields, there)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW subject_rows AS FROM read_parquet('{bucket}/_subjects.parquet');"
        "CREATE OR REPLACE TEMP VIEW code_rows AS SELECT file_row_number::INTEGER AS code, code AS text "
        f"FROM read_parquet('{bucket}/_codes.parquet', file_row_number = true)"
    )
    out = answers / f"{bucket.name}.parquet"
    connection.execute(statement.substitute(asked["constants"], out=out))


failures = []


def work(connection):
    try:
        while True:
            sweep(connection, buckets.get_nowait())
    except queue.Empty:
        pass
    except Exception as failure:
        failures.append(str(failure))


connections = [connect() for _ in range(asked["threads"])]
workers = [threading.Thread(target=work, args=(connection,)) for connection in connections]
start = time.perf_counter_ns()
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
wall = time.perf_counter_ns() - start
if failures:
    sys.exit(failures[0])
status = pathlib.Path("/proc/self/status").read_text()
peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
print(json.dumps({"version": duckdb.__version__, "wall_ns": wall, "peak_kib": peak}))
