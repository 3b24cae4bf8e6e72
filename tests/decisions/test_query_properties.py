"""What must hold for every query and every article, tried on many that chance made."""

from collections.abc import Callable
from itertools import accumulate, combinations, product
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from subscriptions.queries import (
    ArticleText,
    Query,
    QueryError,
    QueryLimits,
    analyse,
    explain,
    find_matching,
    match,
    parse_query,
    symbols,
)
from subscriptions.queries.runs import runs, words_in
from subscriptions.queries.truth import holds

LETTERS = "abc"
WORDS = st.sampled_from(["a", "b", "c", "a b", "ab", "AB", "'", "-", "."]).map(str)
TREES = st.recursive(
    st.sampled_from(LETTERS),
    lambda inner: st.one_of(
        st.tuples(st.just("NOT"), inner),
        st.tuples(st.sampled_from(["AND", "OR"]), inner, inner),
    ),
    max_leaves=12,
)
Tree = str | tuple[object, ...]
# All scripts the product cares about, and the signs of the language.
ALPHABET = st.sampled_from(
    list("abzABIİıßéèñ'’-–.,&+#*~:()|!\"“”„«» \\/0123٣½²")
    + list(
        "אבגשלו״׳־ָקרטеёйИШاإبةلىًمحעاαάΣςเกำ่नकी़한국이日本東ガｶﾞー、。（）\u200b\u00ad\u0301\u0306\x00\ud800😀"
    )
    + [
        " AND ",
        " OR ",
        " NOT ",
        " and ",
        " or ",
        " not ",
        "title:",
        "tag:",
        "urgency:",
        "U.S.",
        "l'",
        "C++",
        '"~>2',
        "stem:en ",
        "medtop:15000000",
        "ing",
    ]
)
NOISE = st.lists(ALPHABET, max_size=25).map("".join)


def written(tree: Tree) -> str:
    """Write the tree with all its parentheses."""
    if isinstance(tree, str):
        return tree
    if tree[0] == "NOT":
        return f"NOT ({written(_tree(tree[1]))})"
    return f"({written(_tree(tree[1]))}) {tree[0]} ({written(_tree(tree[2]))})"


def truth(tree: Tree, present: Callable[[str], bool]) -> bool:
    """Evaluate the tree by the truth table."""
    if isinstance(tree, str):
        return present(tree)
    if tree[0] == "NOT":
        return not truth(_tree(tree[1]), present)
    sides = [truth(_tree(side), present) for side in tree[1:]]
    return all(sides) if tree[0] == "AND" else any(sides)


def _tree(value: object) -> Tree:
    assert isinstance(value, str | tuple)
    return value


def parsed(text: str) -> Query | None:
    try:
        return parse_query(text)
    except QueryError as error:
        wrong = error
    assert 0 <= wrong.position <= len(text)
    assert str(wrong).startswith("At character ")
    assert wrong.pointer().count("\n") == 1
    return None


@given(TREES, st.sets(st.sampled_from(LETTERS)))
@settings(max_examples=300, deadline=None)
def test_matching_agrees_with_the_truth_table(tree: Tree, words: set[str]) -> None:
    query = parsed(written(tree))
    if query is None:
        assert truth(tree, lambda _: False), "only what an empty article answers is refused"
        return
    assert (match(query, analyse(ArticleText(" ".join(words)))) is not None) is truth(
        tree, words.__contains__
    )


@given(TREES)
@settings(max_examples=200, deadline=None)
def test_a_query_and_its_opposite_never_both_match(tree: Tree) -> None:
    query, opposite = parsed(f"a ({written(tree)})"), parsed(f"a NOT ({written(tree)})")
    article = analyse(ArticleText("a c"))
    both = [match(each, article) for each in (query, opposite) if each]
    assert sum(1 for found in both if found) <= 1
    assert len(both) < 2 or any(both)


@given(NOISE)
@settings(max_examples=1_000, deadline=None)
@example("C++׳א")
def test_any_text_is_a_query_or_refused_with_a_place(text: str) -> None:
    query = parsed(text)
    if query:
        again = parse_query(query.canonical, limits=QueryLimits(length=100_000, depth=1_000))
        assert again.canonical == query.canonical
        assert again.ast == query.ast


PLAIN = st.lists(
    st.sampled_from(
        ["storm", "a", "A", "10", "04000000", "and", "or", "not", "AND", "OR", "NOT", "(", ")", ")", "(storm"]
    ),
    max_size=7,
)


@given(PLAIN)
@settings(max_examples=500, deadline=None)
def test_a_query_of_plain_words_means_what_it_means_beside_a_tab(symbols: list[str]) -> None:
    text = " ".join(symbols)
    assert meaning(text) == meaning(text.replace(" ", "\t", 1))  # these are read in the general way


def meaning(text: str) -> tuple[object, ...]:
    """What a query asks and where its parts stand, or what is wrong with it and where."""
    try:
        query = parse_query(text, limits=QueryLimits(terms=5))
    except QueryError as error:
        return str(error).replace("\t", " "), error.position, error.length
    spans = [each.span for each in getattr(query.ast, "operands", ())]
    return query.canonical, query.ast, query.ast.span, spans, query.stem


@given(NOISE)
@settings(max_examples=500, deadline=None)
def test_a_query_is_cut_into_the_words_an_article_is_cut_into(text: str) -> None:
    assert words_in(text) == [tuple(part.written for part in run.parts) for run in runs(text)]


@given(NOISE, NOISE)
@settings(max_examples=500, deadline=None)
def test_any_query_against_any_article_gives_words_of_the_article_or_a_reason(text: str, title: str) -> None:
    query = parsed(text)
    if query is None:
        return
    article = analyse(ArticleText(title, title[::-1], tags=(title,), media_topics=("15000000",)))
    matched = match(query, article)
    assert explain(query, article)
    assert find_matching({1: query}, article) == ({1: matched} if matched else {})
    for word in matched.words if matched else ():
        assert word.text == article.fields[word.field].text[word.start : word.end]
        assert word.start < word.end


@given(NOISE, NOISE)
@settings(max_examples=1_000, deadline=None)
def test_an_index_may_look_at_a_querys_anchors_only(text: str, title: str) -> None:
    query = parsed(text)
    if query is None:
        return
    assert query.anchors
    article = analyse(ArticleText(title, title[::-1], tags=(title,), urgency=3, language="en"))
    if holds(query.ast, article):
        assert not query.anchors.isdisjoint(article.keys)


@given(NOISE)
@settings(max_examples=500, deadline=None)
def test_an_article_answers_its_own_title_as_a_phrase(title: str) -> None:
    plain = "".join(char for char in title if char not in '"“”„«»\\*~＂')
    query = parsed(f'"{plain}"')
    if query:
        assert match(query, analyse(ArticleText(plain)))


@given(st.lists(st.sampled_from("abx"), min_size=1, max_size=14), st.integers(0, 4))
@settings(max_examples=300, deadline=None)
def test_near_words_agree_with_counting_by_hand(words: list[str], distance: int) -> None:
    pairs = [
        abs(i - j) - 1
        for i, first in enumerate(words)
        for j, second in enumerate(words)
        if first + second == "ab"
    ]
    found = match(parse_query(f'"a b"~{distance}'), analyse(ArticleText(" ".join(words))))
    assert (found is not None) is any(between <= distance for between in pairs)


@given(st.integers(), st.integers(0, 12))
@settings(max_examples=100, deadline=None)
def test_near_words_of_a_long_text_agree_with_counting_by_hand(seed: int, distance: int) -> None:
    words = Random(seed).choices(["a", "b", "c-d", "x"], [1, 1, 1, 60], k=600)  # noqa: S311 - words of a test
    places = {word: [at for at, each in enumerate(words) if each == word] for word in words}
    widths = list(accumulate((2 if word == "c-d" else 1 for word in words), initial=0))
    between = [
        widths[max(group) + 1] - widths[min(group)] - 4
        for group in product(places.get("a", ()), places.get("b", ()), places.get("c-d", ()))
    ]
    in_order = [
        widths[last + 1] - widths[first] - 4
        for first, middle, last in product(*(places.get(word, ()) for word in ("a", "b", "c-d")))
        if first < middle < last
    ]
    article = analyse(ArticleText(" ".join(words)))
    for sign, spans in (("~", between), ("~>", in_order)):
        found = match(parse_query(f'"a b c-d"{sign}{distance}'), article)
        assert (found is not None) is any(others <= distance for others in spans)


@given(st.lists(st.sampled_from("abx"), min_size=1, max_size=12), st.integers(0, 4))
@settings(max_examples=300, deadline=None)
def test_ordered_near_words_agree_with_counting_by_hand(words: list[str], distance: int) -> None:
    between = [
        last - first - 2
        for first, middle, last in combinations(range(len(words)), 3)
        if words[first] + words[middle] + words[last] == "aba"
    ]
    found = match(parse_query(f'"a b a"~>{distance}'), analyse(ArticleText(" ".join(words))))
    assert (found is not None) is any(others <= distance for others in between)


@given(
    st.lists(st.text("abAé다라", min_size=1, max_size=5), max_size=6), st.text("ab", min_size=3, max_size=4)
)
@settings(max_examples=300, deadline=None)
def test_a_star_before_or_behind_agrees_with_looking_at_each_word(words: list[str], part: str) -> None:
    article = analyse(ArticleText(" ".join(words)))
    folded = [word.lower().replace("é", "e") for word in words]
    begins, ends = match(parse_query(f"{part}*"), article), match(parse_query(f"*{part}"), article)
    assert (begins is not None) is any(word.startswith(part) for word in folded)
    assert (ends is not None) is any(word.endswith(part) for word in folded)


PIECES = ["~5", "~123", "title:", "source:", "abc", "AND", "or", "not", "abc*", "x9", "http://x", "é", "a-b"]
SIGNS = st.sampled_from([*'"()-~:*+. ', *PIECES])


@given(st.lists(SIGNS, max_size=9).map("".join))
@settings(max_examples=1_000)
def test_what_is_read_in_one_go_is_read_as_it_would_be_symbol_by_symbol(text: str) -> None:
    usual = symbols._usual(text)
    if usual is not None:
        assert usual == symbols._any(text)
