"""The same expressions on DuckDB and on a Spark cluster: a master and two workers on loopback."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from onshore.trade import concentration, dependency, open_facts, write_concentration

pytestmark = [pytest.mark.spark, pytest.mark.slow]

KEYS = ["importer", "product", "period"]


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def wait_for(text: str, log: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if log.exists() and text in log.read_text(errors="replace"):
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    pytest.fail(f"no '{text}' in {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a standalone master and two workers from the jars that come with pyspark."""
    java = shutil.which("java")
    if java is None or find_spec("pyspark") is None:
        lacking = "needs Java and the extra 'spark'"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(lacking)
    import pyspark

    folder = tmp_path_factory.mktemp("spark")
    home = Path(pyspark.__file__).parent
    (scala,) = (home / "jars").glob("scala-library-*.jar")
    environment = {
        **os.environ,
        "SPARK_SCALA_VERSION": ".".join(scala.stem.split("-")[-1].split(".")[:2]),
        "SPARK_HOME": str(home),
        "SPARK_CONF_DIR": str(folder),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        # What runs for a minute is compiled quickly rather than well.
        "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
    # Few rows: two parts are enough of each shuffle, and compiling takes longer than it saves.
    settings = """\
spark.sql.shuffle.partitions 2
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.sql.adaptive.enabled false
spark.ui.enabled false
"""
    (folder / "spark-defaults.conf").write_text(settings)
    port = free_port()
    address = f"spark://127.0.0.1:{port}"
    launch = [java, "-Xmx512m", "-cp", f"{home}/jars/*"]
    launch += ["--add-opens=java.base/java.lang=ALL-UNNAMED"]
    launch += ["--add-opens=java.base/java.nio=ALL-UNNAMED"]
    launch += ["--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"]
    master = [*launch, "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1"]
    worker = [*launch, "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1"]
    with ExitStack() as running:

        def start(command: list[str], name: str) -> tuple[subprocess.Popen[bytes], Path]:
            log = folder / f"{name}.log"
            stream = running.enter_context(log.open("wb"))
            process = subprocess.Popen(
                command, stdout=stream, stderr=stream, env=environment, cwd=folder
            )
            running.callback(process.wait)
            running.callback(process.terminate)
            return process, log

        process, log = start(
            [*master, "--port", str(port), "--webui-port", str(free_port())], "master"
        )
        wait_for("I have been elected leader", log, process)
        for number in (1, 2):
            command = [*worker, "--cores", "1", "--memory", "1g", "--webui-port", str(free_port())]
            start([*command, "--work-dir", str(folder / f"work{number}"), address], f"w{number}")
        for _ in range(600):
            if log.read_text(errors="replace").count("Registering worker") == 2:
                break
            time.sleep(0.2)
        else:
            pytest.fail("the workers did not come")
        with pytest.MonkeyPatch.context() as patch:
            told = ("SPARK_CONF_DIR", "SPARK_LOCAL_IP", "PYSPARK_PYTHON", "JAVA_TOOL_OPTIONS")
            for name in told:
                patch.setenv(name, environment[name])
            yield address
            from pyspark.sql import SparkSession

            session = SparkSession.getActiveSession()
            if session is not None:
                session.stop()


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write flows in BACI's columns, with ties, a world partner, and missing values."""
    rng = np.random.default_rng(5)
    rows, places = 6_000, np.array([4, 156, 276, 364, 368, 392, 699, 0], dtype=np.int32)
    value = np.round(rng.lognormal(3, 2, rows), 3)
    value[::10] = 5.0
    frame = pl.DataFrame(
        {
            "t": rng.integers(2018, 2021, rows).astype(np.int32),
            "i": rng.choice(places, rows),
            "j": rng.choice(places, rows),
            "k": pl.Series([f"{code:06d}" for code in rng.integers(10_101, 10_180, rows)]),
            "v": pl.Series(value).scatter(range(0, rows, 97), None),
            "q": np.round(rng.lognormal(1, 1, rows), 3),
        }
    )
    folder = tmp_path_factory.mktemp("flows")
    for year, part in frame.partition_by("t", as_dict=True).items():
        part.write_parquet(folder / f"flows_{year[0]}.parquet")
    return folder


def test_every_importer_on_spark_as_on_duckdb(cluster: str, flows: Path, tmp_path: Path) -> None:
    with open_facts(flows) as facts:
        here = facts.run(concentration(facts)).sort(KEYS)
        write_concentration(facts, tmp_path / "here.parquet")
    with open_facts(flows, connection=cluster) as facts:
        assert facts.metadata["source"]["rows"] == 6_000
        there = facts.run(concentration(facts)).sort(KEYS)
        write_concentration(facts, tmp_path / "there.parquet")
    assert here.height > 1_000
    assert here["holds"].any()
    # Sums of floats may differ in their last bit by the order of the rows; all else is equal.
    assert_frame_equal(here, there, rel_tol=1e-12, abs_tol=0, check_dtypes=True)
    written = [
        pl.read_parquet(tmp_path / f"{name}.parquet").with_columns(
            pl.col("importer", "top_partner").cast(pl.String)
        )
        for name in ("here", "there")
    ]
    for frame in written:
        assert_frame_equal(
            frame.sort(KEYS),
            here.sort(KEYS),
            rel_tol=1e-12,
            check_dtypes=False,
            check_column_order=False,
        )


def test_one_country_on_spark_as_on_duckdb(cluster: str, flows: Path) -> None:
    found = []
    for connection in (None, cluster):
        with open_facts(flows, connection=connection) as facts:
            found.append(dependency(facts, "IRN", area=["Iraq"]))
    here, there = found
    assert here.warnings == there.warnings
    assert here.metadata == there.metadata
    for name, table in here.tables.items():
        assert_frame_equal(table, there.tables[name], rel_tol=1e-9, check_dtypes=True)


def test_csv_on_spark_as_on_duckdb(cluster: str, flows: Path, tmp_path: Path) -> None:
    pl.read_parquet(flows / "flows_2020.parquet").write_csv(tmp_path / "flows.csv")
    found = []
    for connection in (None, cluster):
        with open_facts(tmp_path / "flows.csv", connection=connection) as facts:
            rows = facts.run(facts.flows())
            found.append(rows.sort(rows.columns))
    assert_frame_equal(found[0], found[1])
