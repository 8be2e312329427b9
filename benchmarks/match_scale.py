"""Scale: a whole programme ranked with its reasons, and single offers added, changed, removed.

    python benchmarks/match_scale.py [--needs 19000] [--offers 100000] [--top 20] [--processes 1 2]

Illustrative data, drawn with a fixed seed: lines of made-up industrial goods in English, Persian
and Russian, with sizes, ratings, materials and part numbers. Seven of ten needs are those of an
offer, mostly said in another language and with fewer words; the others name goods that may be
offered in other sizes. Every run is a process of its own, and so is each peer.

The ranking is `onshore.match.find_candidates` from the two tables to the table of candidates with
classes and reasons: reading, indexing and ranking all count. Peak memory is the sum over all
processes of the run, looked at every 0.1 s (resident; pages that processes share count in each).

One offer added, changed, removed: the wall time until a search shows it, median and longest of
50, in an index of all offers. Beside it tantivy (a document added, committed, the searcher
reloaded and asked) and bm25s, which cannot add and indexes all offers again (tokens made before).

    uv pip install bm25s PyStemmer tantivy
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import polars as pl

# English, Persian, Russian; a thread or flange where sizes are nominal diameters.
GOODS = [
    tuple(row.split("|"))
    for row in """
gate valve|شیر کشویی|задвижка|dn
globe valve|شیر سوزنی بشقابی|клапан запорный|dn
butterfly valve wafer|شیر پروانه‌ای ویفری|затвор дисковый межфланцевый|dn
ball valve|شیر توپی|кран шаровой|dn
check valve swing|شیر یک طرفه|клапан обратный поворотный|dn
safety relief valve|شیر اطمینان|клапан предохранительный|dn
weld neck flange|فلنج گلودار|фланец воротниковый|dn
blind flange|فلنج کور|фланец глухой|dn
elbow 90 degree|زانو ۹۰ درجه|отвод 90 градусов|dn
expansion joint bellows|اتصال آکاردئونی|компенсатор сильфонный|dn
spiral wound gasket|واشر اسپیرال|прокладка спирально-навитая|dn
strainer Y type|صافی ایگرگ|фильтр сетчатый|dn
centrifugal pump|پمپ سانتریفیوژ|насос центробежный|kw
slurry pump|پمپ دوغاب|насос шламовый|kw
gear pump|پمپ دنده‌ای|насос шестеренный|kw
submersible pump|پمپ شناور|насос погружной|kw
electric motor three phase|الکتروموتور سه فاز|электродвигатель трехфазный|kw
gearbox helical|گیربکس هلیکال|редуктор цилиндрический|kw
screw compressor|کمپرسور اسکرو|компрессор винтовой|kw
axial fan|فن محوری|вентилятор осевой|kw
frequency converter|درایو فرکانس متغیر|преобразователь частоты|kw
soft starter|سافت استارتر|устройство плавного пуска|kw
deep groove ball bearing|بلبرینگ شیار عمیق|подшипник шариковый радиальный|bearing
spherical roller bearing|رولبرینگ بشکه‌ای|подшипник роликовый сферический|bearing
tapered roller bearing|رولبرینگ مخروطی|подшипник роликовый конический|bearing
power cable copper|کابل برق مسی|кабель силовой медный|cable
control cable screened|کابل کنترل شیلددار|кабель контрольный экранированный|cable
hex bolt|پیچ شش گوش|болт с шестигранной головкой|thread
hex nut|مهره شش گوش|гайка шестигранная|thread
stud bolt|پیچ دو سر رزوه|шпилька|thread
socket head cap screw|پیچ آلن|винт с внутренним шестигранником|thread
steel plate|ورق فولادی|лист стальной|plate
round bar|میلگرد|круг стальной|plate
seamless pipe|لوله بدون درز|труба бесшовная|dn
rectangular key|خار مستطیلی|шпонка призматическая|plate
V-belt|تسمه وی|ремень клиновой|belt
conveyor belt rubber|تسمه نقاله لاستیکی|лента конвейерная резиновая|plate
conveyor idler roller|رولیک نوار نقاله|ролик конвейерный|plate
chain coupling|کوپلینگ زنجیری|муфта цепная|mark
jaw coupling|کوپلینگ فکی|муфта кулачковая|mark
brake disc|دیسک ترمز|диск тормозной|mark
hydraulic cylinder|سیلندر هیدرولیک|гидроцилиндр|plate
pneumatic cylinder|سیلندر پنوماتیک|пневмоцилиндр|plate
solenoid valve|شیر برقی|клапан электромагнитный|volt
proximity sensor inductive|سنسور القایی|датчик индуктивный|volt
pressure transmitter|ترانسمیتر فشار|датчик давления|volt
thermocouple|ترموکوپل|термопара|mark
circuit breaker|کلید اتوماتیک|выключатель автоматический|volt
contactor|کنتاکتور|контактор|volt
terminal block|ترمینال|клемма|mark
distribution transformer|ترانسفورماتور توزیع|трансформатор распределительный|kw
welding electrode|الکترود جوشکاری|электрод сварочный|plate
grinding wheel|سنگ سنباده|круг шлифовальный|plate
refractory brick|آجر نسوز|кирпич огнеупорный|plate
graphite electrode|الکترود گرافیتی|электрод графитированный|plate
mould copper plate|صفحه مسی قالب|плита медная кристаллизатора|plate
work roll|غلتک کاری|валок рабочий|plate
crusher jaw plate|فک سنگ‌شکن|плита дробящая|plate
mechanical seal|مکانیکال سیل|уплотнение торцевое|plate
oil seal|کاسه نمد|манжета армированная|plate
O-ring|اورینگ|кольцо уплотнительное|plate
hydraulic hose|شلنگ هیدرولیک|рукав высокого давления|dn
filter element|المان فیلتر|элемент фильтрующий|mark
heat exchanger plate|صفحه مبدل حرارتی|пластина теплообменника|mark
cooling tower fill|پکینگ برج خنک‌کننده|ороситель градирни|mark
lighting fixture|چراغ صنعتی|светильник промышленный|volt
""".strip().splitlines()
]
QUALITIES = [
    tuple(row.split("|"))
    for row in """
stainless steel|فولاد ضد زنگ|нержавеющая сталь
carbon steel|فولاد کربنی|углеродистая сталь
cast iron|چدن|чугун
bronze|برنز|бронза
galvanized|گالوانیزه|оцинкованный
heavy duty|سنگین|усиленный
explosion proof|ضد انفجار|взрывозащищенный
high temperature|دمای بالا|высокотемпературный
spare|یدکی|запасной
complete set|ست کامل|в сборе
""".strip().splitlines()
]
GRADES = ["AISI 304", "AISI 316L", "St52", "42CrMo4", "GG25", "CK45", "EPDM", "PTFE", "NBR"]
STANDARDS = ["DIN 933", "ISO 4014", "API 600", "EN 10204", "ASTM A105", "ГОСТ 9698"]
ROW = "{:<34}{:>10}{:>10}{:>12}{:>12}{:>10}"
ONE = "{:<34}{:>12}{:>12}"


def size_of(kind: str, draw: random.Random) -> str:
    pick = draw.choice
    return {
        "dn": lambda: f"DN{pick([15, 25, 40, 50, 80, 100, 150, 200, 250])} PN{pick([10, 16, 40])}",
        "kw": lambda: f"{pick([1.5, 4, 7.5, 15, 37, 75, 160])} kW {pick([380, 400, 690])} V",
        "bearing": lambda: f"{pick([60, 62, 63, 222, 302])}{draw.randrange(1, 30):02}",
        "cable": lambda: f"{pick([3, 4, 7])}x{pick([1.5, 2.5, 10, 35])} mm2 0.6/1 kV",
        "thread": lambda: f"M{pick([6, 8, 10, 12, 16, 20, 24])}x{pick([20, 40, 60, 80, 120])}",
        "plate": lambda: f"{draw.randrange(5, 900)}x{draw.randrange(5, 90)} mm",
        "belt": lambda: f"SPB {draw.randrange(100, 500) * 10}",
        "volt": lambda: f"{pick([24, 110, 230, 400])} V {pick(['IP54', 'IP65', 'IP67'])}",
        "mark": lambda: f"{pick('KTRVZ')}{draw.randrange(20, 400)}",
    }[kind]()


def number(draw: random.Random) -> str:
    letters = "".join(draw.choices("ABCDEFGHKLMNPRSTVXZ", k=draw.randint(2, 3)))
    return f"{letters}-{draw.randrange(1000, 99999)}"


def draw_tables(needs: int, offers: int) -> tuple[pl.DataFrame, pl.DataFrame, list[int]]:
    """Draw the tables, and which offer each need is for (-1: none)."""
    draw = random.Random(33)
    facts, lines = [], []
    for _ in range(offers):
        good = draw.choice(GOODS)
        qualities = draw.sample(QUALITIES, draw.randrange(3))
        size = size_of(good[3], draw)
        extra = draw.sample(GRADES, draw.randrange(2)) + draw.sample(STANDARDS, draw.randrange(2))
        code = number(draw) if draw.random() < 0.5 else ""
        facts.append((good, qualities, size, extra, code))
        language = draw.choices([0, 1, 2], [6, 3, 1])[0]
        lines.append(_line(good, qualities, size, extra, language))
    asked, of = [], []
    for _ in range(needs):
        at = draw.randrange(offers)
        good, qualities, size, extra, code = facts[at]
        language = draw.choice([0, 1, 2])
        known = draw.random() < 0.7
        text = _line(good, qualities[:1], size if known else size_of(good[3], draw), [], language)
        asked.append((text, code if known and code and draw.random() < 0.3 else ""))
        of.append(at if known else -1)
    return (
        pl.DataFrame(
            {
                "need_id": [f"N-{at:06}" for at in range(needs)],
                "description": [text for text, _ in asked],
                "part_number": [code.replace("-", " ") for _, code in asked],
            }
        ),
        pl.DataFrame(
            {
                "offer_id": [f"O-{at:06}" for at in range(offers)],
                "description": lines,
                "part_number": [code for *_, code in facts],
            }
        ),
        of,
    )


def _line(good: object, qualities: object, size: str, extra: list[str], language: int) -> str:
    return " ".join([good[language], *(quality[language] for quality in qualities), size, *extra])


def run_ranking(options: argparse.Namespace) -> None:
    from onshore.match import find_candidates
    from onshore.match.spread import rank_spread

    needs, offers, of = draw_tables(options.needs, options.offers)
    top, processes = options.top, options.run_processes
    start = time.perf_counter()
    if processes == 1:
        ranked = find_candidates(needs, offers, top=top)
    else:
        ranked = rank_spread(needs, offers, top=top, model=None, processes=processes)
    wall = time.perf_counter() - start
    wanted = pl.DataFrame({"need_id": needs["need_id"], "of": [f"O-{at:06}" for at in of]})
    wanted = wanted.filter(pl.Series(of) >= 0)
    found = wanted.join(
        ranked, left_on=["need_id", "of"], right_on=["need_id", "offer_id"], how="inner"
    )
    times = os.times()
    print(
        json.dumps(
            {
                "wall": wall,
                "cpu": times.user + times.system + times.children_user + times.children_system,
                "rows": ranked.height,
                "among": found.height / max(wanted.height, 1),
                "digest": str(ranked.hash_rows(seed=1).sum()),
            }
        )
    )


def run_one_onshore(options: argparse.Namespace) -> None:
    from onshore.match import Index
    from onshore.match.lines import read_line

    _, offers, _ = draw_tables(1, options.offers)
    with tempfile.TemporaryDirectory() as folder:
        Index.of(offers).save(folder)
        start = time.perf_counter()
        index = Index.open(folder)
        opened = time.perf_counter() - start

        def first(text: str) -> str | None:
            found = index.retrieve([read_line(text)], 1).positions[0, 0]
            return index.ids[int(found)] if found >= 0 else None

        start = time.perf_counter()
        first("gate valve")
        asked_first = time.perf_counter() - start

        def row(at: int, word: str) -> pl.DataFrame:
            return pl.DataFrame({"offer_id": [f"new {at}"], "description": [f"{word}{at} DN200"]})

        took: dict[str, list[float]] = {"added": [], "changed": [], "removed": []}
        for at in range(50):
            took["added"].append(
                _took(lambda at=at: index.add(row(at, "zanto")), first, "zanto", at)
            )
        for at in range(50):
            new = row(at, "qirmu")
            took["changed"].append(_took(lambda new=new: index.change(new), first, "qirmu", at))
        for at in range(50):
            start = time.perf_counter()
            index.remove([f"new {at}"])
            assert first(f"qirmu{at} DN200") != f"new {at}"
            took["removed"].append(time.perf_counter() - start)
    rows = [[f"onshore: one {what}", *_median(times)] for what, times in took.items()]
    rows += [
        ["onshore: index opened", opened, opened],
        ["  first search", asked_first, asked_first],
    ]
    print(json.dumps(rows))


def _took(
    change: Callable[[], None], first: Callable[[str], str | None], word: str, at: int
) -> float:
    start = time.perf_counter()
    change()
    found = first(f"{word}{at} DN200")
    took = time.perf_counter() - start
    assert found == f"new {at}", (found, at)
    return took


def run_one_tantivy(options: argparse.Namespace) -> None:
    import tantivy

    _, offers, _ = draw_tables(1, options.offers)
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("text", stored=False, tokenizer_name="en_stem")
    schema.add_unsigned_field("id", stored=True)
    index = tantivy.Index(schema.build())
    writer = index.writer(heap_size=200_000_000, num_threads=1)
    for at, line in enumerate(offers["description"]):
        writer.add_document(tantivy.Document(text=line, id=at))
    writer.commit()
    took = []
    for at in range(50):
        start = time.perf_counter()
        writer.add_document(tantivy.Document(text=f"zanto{at} DN200", id=options.offers + at))
        writer.commit()
        index.reload()
        found = index.searcher().search(index.parse_query(f"zanto{at}", ["text"]), 1).hits
        took.append(time.perf_counter() - start)
        assert len(found) == 1
    print(json.dumps([["tantivy: one added", *_median(took)]]))


def run_one_bm25s(options: argparse.Namespace) -> None:
    import bm25s

    _, offers, _ = draw_tables(1, options.offers)
    tokens = bm25s.tokenize(offers["description"].to_list(), stopwords=None, show_progress=False)
    took = []
    for _ in range(3):
        start = time.perf_counter()
        retriever = bm25s.BM25(backend="numba")
        retriever.index(tokens, show_progress=False)
        took.append(time.perf_counter() - start)
    print(json.dumps([["bm25s: all indexed again", *_median(took)]]))


def _median(times: list[float]) -> tuple[float, float]:
    return sorted(times)[len(times) // 2], max(times)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--needs", type=int, default=19_000)
    parser.add_argument("--offers", type=int, default=100_000)
    parser.add_argument("--top", type=int, default=20)
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--run", choices=RUNS, help=argparse.SUPPRESS)
    parser.add_argument("--run-processes", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        RUNS[options.run](options)
        return 0
    return _all(options)


def _all(options: argparse.Namespace) -> int:
    print(f"{options.needs:,} needs x {options.offers:,} offers, top {options.top}")
    print(ROW.format("whole ranking, with reasons", "wall s", "CPU s", "rows", "offer found", "MB"))
    digests = set()
    for processes in options.processes:
        out, peak = _run(options, "ranking", ["--run-processes", str(processes)])
        run = json.loads(out)
        digests.add(run["digest"])
        print(
            ROW.format(
                f"onshore, processes={processes}",
                f"{run['wall']:.0f}",
                f"{run['cpu']:.0f}",
                f"{run['rows']:,}",
                f"{run['among']:.1%}",
                f"{peak:,.0f}",
            )
        )
    if len(options.processes) > 1:
        print("the results are the same" if len(digests) == 1 else "THE RESULTS DIFFER")
    print()
    print(ONE.format(f"one offer, {options.offers:,} indexed", "median ms", "longest ms"))
    for name in ("onshore", "tantivy", "bm25s"):
        if find_spec(name) is None:
            print(f"Without {name}: install it as above.", file=sys.stderr)
            continue
        out, _ = _run(options, name, [])
        for what, median, longest in json.loads(out):
            print(ONE.format(what, f"{1000 * median:,.1f}", f"{1000 * longest:,.1f}"))
    return 0 if len(digests) < 2 else 1


def _run(options: argparse.Namespace, name: str, more: list[str]) -> tuple[str, float]:
    """Run a part in a process of its own; give what it printed and its peak memory in MB."""
    command = [sys.executable, __file__, "--run", name, *more]
    for option in ("needs", "offers", "top"):
        command += [f"--{option}", str(getattr(options, option))]
    peak = 0.0
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out)
        while process.poll() is None:
            peak = max(peak, sum(map(_resident, _family(process.pid))))
            time.sleep(0.1)
        if process.returncode:
            raise SystemExit(f"{name} ended with {process.returncode}.")
        out.seek(0)
        return out.read(), peak


def _family(pid: int) -> list[int]:
    family = [pid]
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = thread.read_text().split()
        except OSError:
            continue
        family += [one for child in children for one in _family(int(child))]
    return family


def _resident(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return sum(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmRSS")) / 1024


RUNS = {
    "ranking": run_ranking,
    "onshore": run_one_onshore,
    "tantivy": run_one_tantivy,
    "bm25s": run_one_bm25s,
}

if __name__ == "__main__":
    raise SystemExit(main())
