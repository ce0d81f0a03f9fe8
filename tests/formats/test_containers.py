"""Lines of container runtimes."""

from kwho.formats import Facts, Piece
from kwho.formats.containers import FORMAT
from kwho.formats.tree import parse


def test_a_cri_line_is_a_piece_of_its_stream() -> None:
    step = FORMAT.strip(b'2026-03-01T08:00:00.000000001+01:00 stderr P {"a": ')
    assert step == Piece("stderr", b'{"a": ', False, Facts("cri-log"))
    assert FORMAT.strip(b"2026-03-01T08:00:00Z stdout F:x y") == Piece("stdout", b"y", True, Facts("cri-log"))
    assert FORMAT.strip(b"2026-03-01 stdout F x") is None


def test_a_docker_record_ends_with_its_newline_or_with_its_json() -> None:
    for log, final in (('"{}\\n"', True), ('"{}"', True), ('"{"', False)):
        tree = parse(b'{"log":' + log.encode() + b',"stream":"stdout","time":"t"}')
        assert tree is not None
        (step,) = list(FORMAT.open(tree) or ())
        assert isinstance(step, Piece)
        assert (step.final, step.stream) == (final, "stdout")


def test_records_with_more_keys_belong_to_somebody_else() -> None:
    for text in (b'{"log":"x","stream":"stdout","kubernetes":{}}', b'{"log":1,"stream":"stdout"}', b'{"log":"x"}'):
        tree = parse(text)
        assert tree is not None
        assert FORMAT.open(tree) is None
