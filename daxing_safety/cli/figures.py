"""score."""

import argparse

from daxing_safety import past, settings
from daxing_safety.cli.installing import use_demo_day
from daxing_safety.cli.outcome import CLEAN, print_json
from daxing_safety.errors import BadInput


def score(options: argparse.Namespace) -> int:
    from daxing_safety.reports.scores import score_document  # pandas comes with it

    use_demo_day()
    day = options.as_of or settings.today()
    if day > settings.today():
        raise BadInput(f"{day} 还没有到，请给今天（{settings.today()}）或以前的日期。")
    with past.reading_on(day) as session:
        document = score_document(session, as_of=day)
    if options.json:
        print_json(document)
        return CLEAN
    print(f"截至 {document['as_of']}，评价细则 {document['criteria']} 版")
    for name, part in (("自评分", document["claimed"]), ("核定分", document["confirmed"])):
        print(f"{name} {part['score']}（{part['low']}—{part['high']}）")
    print(f"自评覆盖率 {document['coverage']}")
    for loss in document["losses"]:
        print(f"  {loss['rule']:>6}  {loss['unit']}  失 {loss['points']} 分")
    return CLEAN
