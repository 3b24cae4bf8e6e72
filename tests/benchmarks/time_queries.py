"""How long the topic language takes: python -m tests.benchmarks.time_queries.

Words are made up: drawn from a vocabulary with the few-are-frequent shape of real text (Zipf's law).
"""

import random
import time
from collections.abc import Callable
from functools import partial
from itertools import product

from subscriptions.queries import (
    ArticleText,
    Query,
    QueryError,
    QueryLimits,
    analyse,
    find_matching,
    match,
    parse_query,
)
from subscriptions.queries.index import Assembler, Index
from tests.corpus import CORPUS
from tests.hostile import ARTICLES, QUERIES, TEXTS, hostile_strings

RANDOM = random.Random(1_000_003)  # noqa: S311 - made-up text, no secret
LETTERS = "abcdefghijklmnprstuvw"  # no "o": "or" and "not" would join words
VOCABULARY = ["".join(RANDOM.choices(LETTERS, k=RANDOM.randint(2, 10))) for _ in range(40_000)]
WEIGHTS = [1 / rank for rank in range(1, len(VOCABULARY) + 1)]


def text(words: int) -> str:
    """Return made-up prose of as many words."""
    chosen = RANDOM.choices(VOCABULARY, WEIGHTS, k=words)
    return " ".join(word.title() if at % 9 == 0 else word for at, word in enumerate(chosen))


def query_text(terms: int) -> str:
    """Return a made-up query: alternatives of words, pairs, phrases, prefixes and exclusions."""
    words = RANDOM.choices(VOCABULARY[200:], WEIGHTS[200:], k=terms)
    return " OR ".join(
        RANDOM.choice(
            [word, f'"{word} of"', f"(title:{word} OR {word})", f"{word[:4]}abc*", f"({word} NOT the)"]
        )
        for word in words
    )


def topic(number: int) -> Query:
    """Return a made-up topic of two to four words."""
    words = RANDOM.choices(VOCABULARY[50:], WEIGHTS[50:], k=4)
    forms = [
        "{0} {1}",
        '"{0} {1}"',
        "({0} OR {1}) {2}",
        "{0} {1} -{2}",
        "title:{0} {1}",
        '"{0} {1}"~5 OR {2} {3}',
    ]
    return parse_query(forms[number % len(forms)].format(*words))


def assembled(queries: dict[int, Query]) -> Assembler:
    """Return all queries, ready to be laid out."""
    assembler = Assembler()
    for number, query in queries.items():
        assembler.add(number, query)
    return assembler


def seconds(work: Callable[[], object], times: int) -> float:
    """Return the seconds that one call of `work` takes, the best of three rounds of `times` calls."""
    rounds = []
    for _ in range(3):
        started = time.perf_counter()
        for _ in range(times):
            work()
        rounds.append((time.perf_counter() - started) / times)
    return min(rounds)


def say(what: str, taken: float, unit: str = "us") -> None:
    """Print one line of the table."""
    print(f"{what:<62} {taken * {'us': 1e6, 'ms': 1e3}[unit]:>10.1f} {unit}")


def parse_or_refuse(written: str) -> Query | None:
    """Return the query, or None where it is refused."""
    try:
        return parse_query(written)
    except QueryError:
        return None


def main() -> None:
    """Print the table."""
    ordinary()
    large()
    hostile_texts()
    hostile_queries()
    if CORPUS.is_dir():
        hostile_folder()


def ordinary() -> None:
    """Time what a newsroom does all day."""
    short = [
        ArticleText(text(10), text(90), language="en", url="https://a.example/b", source="A")
        for _ in range(200)
    ]
    say(
        "analyse an article of 100 words, language given",
        seconds(lambda: [analyse(a) for a in short], 3) / 200,
    )
    unknown = [ArticleText(a.title, a.summary) for a in short]
    say(
        "analyse an article of 100 words, language guessed",
        seconds(lambda: [analyse(a) for a in unknown], 3) / 200,
    )
    article = analyse(short[0])
    queries = {number: topic(number) for number in range(10_000)}
    say("parse a query", seconds(lambda: [parse_query(q.text) for q in queries.values()], 1) / 10_000)
    say("add a parsed query to the index", seconds(lambda: assembled(queries), 1) / 10_000)
    say("lay out an added query", seconds(assembled(queries).segment, 1) / 10_000)
    say("evaluate one query", seconds(lambda: [match(q, article) for q in queries.values()], 1) / 10_000)
    say("10,000 queries against one article", seconds(lambda: find_matching(queries, article), 5), "ms")


def large() -> None:
    """Time long articles and long queries."""
    long = ArticleText(text(12), text(40), text(3_000), language="en")
    say("analyse an article of 3,000 words", seconds(lambda: analyse(long), 5), "ms")
    written = query_text(1_000)
    ample = partial(parse_query, written, limits=QueryLimits(length=100_000, terms=10_000))
    say("parse a query of 1,000 alternatives", seconds(ample, 3), "ms")
    query, analysed = ample(), analyse(long)
    say("match the two, 3,000 words and 1,000 alternatives", seconds(lambda: match(query, analysed), 5), "ms")
    near = parse_query('"a a b"~100 OR "a b c d"~100 OR "a b a b a b"')
    same = analyse(ArticleText("a b " * 50_000))
    say("near words over 100,000 words, all of them hits", seconds(lambda: match(near, same), 1), "ms")


def hostile_texts() -> None:
    """Time texts made to take long."""
    worst(
        "parse 10,000 characters made to take long",
        {name: partial(parse_or_refuse, write(10_000)) for name, write in TEXTS.items()},
    )
    worst(
        "analyse 100,000 characters made to take long",
        {name: partial(analyse, ArticleText("", body=write(100_000))) for name, write in TEXTS.items()},
    )


def hostile_queries() -> None:
    """Time queries of 1,000 words with articles of 3,000, made to take long together."""
    queries = {name: parse_query(write(1_000)) for name, write in QUERIES.items()}
    texts = {name: ArticleText("", body=write(3_000)) for name, write in ARTICLES.items()}
    worst(
        "match 1,000 words with 3,000, analysis included",
        {
            f"{query} / {text}": partial(match_anew, queries[query], texts[text])
            for query, text in product(queries, texts)
        },
    )
    index = Index()
    for number, query in enumerate(queries.values()):
        index.add(number, query)
    worst(
        "find all of these queries in the index",
        {name: partial(index.find, text) for name, text in texts.items()},
    )


def match_anew(query: Query, article: ArticleText) -> object:
    """Analyse and match, with nothing looked up before."""
    return match(query, analyse(article))


def hostile_folder() -> None:
    """Time a collection of strings that have broken programs, each as a query and as an article."""
    strings = hostile_strings()
    articles = [analyse(ArticleText(text)) for text in strings]
    queries = {number: query for number, text in enumerate(strings) if (query := parse_or_refuse(text))}
    say(
        f"parse {len(strings)} hostile strings", seconds(lambda: list(map(parse_or_refuse, strings)), 1), "ms"
    )
    worst(
        f"match {len(queries)} hostile strings with one",
        {
            repr(text[:30]): partial(find_matching, queries, article)
            for text, article in zip(strings, articles, strict=True)
        },
    )


def worst(what: str, works: dict[str, Callable[[], object]]) -> None:
    """Print the slowest three of several."""
    taken = {name: seconds(work, 1) for name, work in works.items()}
    print(f"{what}, the slowest of {len(works)}:")
    for name in sorted(taken, key=taken.__getitem__, reverse=True)[:3]:
        say(f"    {name}", taken[name], "ms")


if __name__ == "__main__":
    main()
