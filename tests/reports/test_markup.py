from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.reports.markup import Html, element, escaped, join, table

HOSTILE = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)


@given(HOSTILE)
@settings(max_examples=80)
def test_text_never_becomes_markup(text: str) -> None:
    shown = escaped(text)
    assert not set("<>\"'") & set(shown)
    assert shown.isprintable()


def test_attributes_are_escaped_and_named_by_html() -> None:
    shown = element("rect", class_="a", aria_label='"><script>', x=1)
    assert shown == '<rect class="a" aria-label="&quot;&gt;&lt;script&gt;" x="1"/>'


def test_markup_made_here_is_not_escaped_again() -> None:
    assert element("p", element("b", "<"), "&") == "<p><b>&lt;</b>&amp;</p>"
    assert join([Html("<br>"), Html("<br>")]) == "<br><br>"
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_a_huge_text_is_cut_and_its_length_told() -> None:
    shown = escaped("x" * 1_000_000)
    assert len(shown) < 3_000
    assert shown.endswith("(1,000,000 characters)")


def test_a_table_has_a_caption_and_scoped_headers() -> None:
    shown = table("Files", ("file", "events"), [("a<b", "3")], numeric=(1,))
    assert "<caption>Files</caption>" in shown
    assert '<th scope="col">file</th>' in shown
    assert '<th scope="row">a&lt;b</th><td class="n">3</td>' in shown
