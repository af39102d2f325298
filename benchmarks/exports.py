"""What does an export of a million posts cost, and do programs that are not ours read the same from each file?

    python -m benchmarks.exports [--posts 1000000] [--formats csv,jsonl,parquet,xlsx] [--url postgresql+psycopg://…]

Each file is written in a process of its own: seconds on the clock and of the processor, and the peak of memory above
what the process held before. Then pandas, and DuckDB and LibreOffice where they are installed, count it again.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.million import fill, make_watch
from bootstrap import migrate, open_backend
from domain.export import ExportFormat, ExportOrder, Subject
from services import brands
from services.exporting import write_file
from settings import Settings

MB = 1024
BOUNDS = {"csv": (15, 64), "jsonl": (15, 64), "parquet": (10, 160), "xlsx": (None, 64)}
LAST_TEXT = "The parcel number 2 is late and nobody answers"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--formats", default="csv,jsonl,parquet,xlsx")
    parser.add_argument("--url", default="")
    parser.add_argument(
        "--folder", type=Path, help="keep desk and files here, and use a desk that stands there already"
    )
    parser.add_argument("--write", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        print(json.dumps(write(given.folder, given.url, given.write)))
        return
    with tempfile.TemporaryDirectory(prefix="sportello-bench-") as scratch:
        folder = given.folder or Path(scratch)
        plant(folder, given.url, given.posts)
        for form in given.formats.split(","):
            tell(form, told(folder, given.url, form))
            for reader, rows in read_again(folder / f"posts.{form}", form):
                print(f"    {reader}: {rows} rows{'' if rows == given.posts else ', NOT ALL'}", flush=True)


def settings_of(folder: Path, url: str) -> Settings:
    return Settings(data_dir=str(folder / "data"), database_url=url)


def plant(folder: Path, url: str, posts: int) -> None:
    """A desk with so many posts, unless one stands there."""
    settings = settings_of(folder, url)
    migrate(settings)
    ctx = open_backend(settings).ctx
    if not brands.list_brands(ctx):
        brand = brands.add_brand(ctx, "Bench")
        fill(ctx, posts=posts, brand_id=brand.id, watch_id=make_watch(ctx, brand.id).id)
    ctx.store.close()


def told(folder: Path, url: str, form: str) -> dict[str, float]:
    """Write one file in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.exports", "--folder", str(folder), "--url", url, "--write", form]
    return dict(json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout))


def write(folder: Path, url: str, form: str) -> dict[str, float]:
    ctx = open_backend(settings_of(folder, url)).ctx
    order = ExportOrder(brands.list_brands(ctx)[0].id, Subject.MENTIONS, ExportFormat(form))
    if form == "parquet":
        from pyarrow import parquet  # noqa: F401 - what the library itself takes is there before, as in a worker
    base_kb, began_s, began_cpu_s = peak_kb(), time.perf_counter(), time.process_time()
    written = write_file(ctx, order, folder / f"posts.{form}")
    return {
        "rows": written.rows,
        "clock_s": time.perf_counter() - began_s,
        "processor_s": time.process_time() - began_cpu_s,
        "peak_mb": (peak_kb() - base_kb) / MB,
        "file_mb": (written.bytes or 0) / 1_000_000,
    }


def peak_kb() -> int:
    """The most memory this program has held; what its parent held before it is in ``ru_maxrss`` too, but not here."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def tell(form: str, found: dict[str, float]) -> None:
    most_s, most_mb = BOUNDS[form]
    wanted = f"wanted {most_s or 'any'} s, {most_mb} MB"
    seconds_told = f"{found['clock_s']:.1f} s on the clock, {found['processor_s']:.1f} s of the processor"
    memory_told = f"{found['peak_mb']:.0f} MB above base, {found['file_mb']:.0f} MB on disk"
    print(f"{form:8} {found['rows']:.0f} rows: {seconds_told}, {memory_told} ({wanted})", flush=True)


def read_again(path: Path, form: str) -> list[tuple[str, int]]:
    """How many rows other programs find; each has to find one text as it was stored."""
    found = [("pandas", pandas_rows(path, form))]
    if form != "xlsx" and importlib.util.find_spec("duckdb"):
        import duckdb

        source = "read_json_auto" if form == "jsonl" else f"read_{form}"
        query = f"SELECT count(*), count(*) FILTER (text = ?) FROM {source}('{path}')"  # noqa: S608 - our own path
        rows, hits = duckdb.execute(query, [LAST_TEXT]).fetchone() or (0, 0)
        assert hits == 1
        found.append(("DuckDB", int(rows)))
    if form in ("csv", "xlsx") and (office := shutil.which("soffice") or shutil.which("libreoffice")):
        found.append(("LibreOffice", office_rows(office, path)))
    return found


def pandas_rows(path: Path, form: str) -> int:
    import pandas

    if form == "xlsx":
        sheets = list(
            pandas.read_excel(path, sheet_name=None, usecols=lambda name: name in ("text", "meaning")).values()
        )
        texts = pandas.concat([sheet["text"] for sheet in sheets if "text" in sheet])
    elif form == "parquet":
        texts = pandas.read_parquet(path, columns=["text"])["text"]
    elif form == "jsonl":
        parts = pandas.read_json(path, lines=True, chunksize=50_000)
        texts = pandas.concat([part["text"] for part in parts])
    else:
        texts = pandas.read_csv(path, usecols=["text"])["text"]
    assert (texts == LAST_TEXT).sum() == 1
    return len(texts)


def office_rows(office: str, path: Path) -> int:
    """Through LibreOffice into CSV, and counted there."""
    with tempfile.TemporaryDirectory(prefix="sportello-office-") as folder:
        words = [office, "--headless", "--convert-to", "csv", "--outdir", folder, str(path)]
        subprocess.run(words, check=True, capture_output=True, timeout=1800)
        with next(Path(folder).glob("*.csv")).open(encoding="utf-8") as lines:
            return sum(1 for _ in lines) - 1


if __name__ == "__main__":
    main()
