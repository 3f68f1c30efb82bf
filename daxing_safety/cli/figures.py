"""score, verify."""

import argparse

from daxing_safety import database, ledger, settings
from daxing_safety.cli.installing import use_demo_day
from daxing_safety.cli.outcome import CLEAN, FAULTS, print_json


def score(options: argparse.Namespace) -> int:
    from daxing_safety.reports.scores import score_document  # pandas comes with it

    use_demo_day()
    with database.reading() as session:
        document = score_document(session, today=settings.today(), as_of=options.as_of)
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


def verify(options: argparse.Namespace) -> int:
    with database.transaction() as session:
        found = ledger.differences(session)
    if options.json:
        print_json({"differences": found})
    else:
        for line in found:
            print(f"汇总与台账不符，已按台账重算：{line}")
        print("核对完成。" if found else "核对完成，汇总与台账一致。")
    return FAULTS if found else CLEAN
