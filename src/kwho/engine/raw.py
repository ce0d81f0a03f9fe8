"""The raw text of cited events, read again from where they stand."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kwho.formats.reader import Reader
from kwho.schema.finding import Citation, encodable
from kwho.schema.record import Record
from kwho.sources import Input, Part, Unreadable, open_part


def raw_events(inputs: Sequence[Input | Unreadable], citations: Sequence[Citation]) -> dict[Citation, str]:
    """The text of each cited event that can still be read; standard input and vanished files give none."""
    files = {encodable(found.path): found for found in inputs if isinstance(found, Input) and found.size is not None}
    texts: dict[Citation, str] = {}
    for citation in citations:
        if citation.file in files and citation not in texts:
            wanted = {(item.offset, item.index): item for item in citations if item.file == citation.file}
            texts.update(_read(files[citation.file], wanted))
    return texts


def _read(file: Input, wanted: dict[tuple[int, int], Citation]) -> Iterator[tuple[Citation, str]]:
    """A plain file is entered at each offset; an archive is read once, up to the last."""
    plain = file.compression is None and not file.whole
    starts = sorted({offset for offset, _ in wanted}) if plain else [0]
    for start in starts:
        last = start if plain else max(offset for offset, _ in wanted)
        with _records(file, start) as records:
            for record in records:
                if record.offset > last:
                    break
                citation = wanted.get((record.offset, record.index))
                if citation is not None:
                    yield citation, record.raw.decode("utf-8", "replace").strip()


@contextmanager
def _records(file: Input, start: int) -> Iterator[Iterator[Record]]:
    with open_part(file, Part(file.path, start, None)) as stream:
        reader = Reader(stream.readline, offset=stream.offset)
        yield (record for record in reader if isinstance(record, Record))
