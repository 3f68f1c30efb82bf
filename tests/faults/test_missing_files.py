"""佐证材料 whose file is gone: said by name, and mended by whoever still has it."""

from keeping_count import is_sound
from kept_work import PDF, do_some_work

from daxing_safety import files, verification


def the_file_is_named(data_dir: object) -> str:
    (found,) = verification.verify().differences
    return found.text


def test_bringing_a_lost_file_again_mends_it(data_dir: object) -> None:
    do_some_work()
    path = files.path_of(files.keep(PDF))
    path.unlink()
    assert the_file_is_named(data_dir) == "文件丢失：佐证材料 规划.pdf"
    files.keep(PDF)
    assert files.load(path.name) == PDF
    assert is_sound()


def test_bringing_a_spoilt_file_again_mends_it(data_dir: object) -> None:
    do_some_work()
    path = files.path_of(files.keep(PDF))
    path.write_bytes(b"spoilt")
    assert "已损坏" in the_file_is_named(data_dir)
    files.keep(PDF)
    assert files.load(path.name) == PDF
    assert is_sound()
