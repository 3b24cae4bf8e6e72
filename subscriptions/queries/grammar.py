"""The grammar of topic queries: NOT binds closest, then AND (or nothing between two words), then OR.

query   = [stem:language] any
any     = all { OR all }
all     = part { [AND] part }
part    = { NOT | "-" | "+" } operand
operand = word | word"*" | "*"word | "phrase" | "near"~5 | "near"~>5 | field:operand | "(" any ")"
"""

from subscriptions.errors import Saying, msgid
from subscriptions.queries.errors import QueryError
from subscriptions.queries.leaves import Leaves
from subscriptions.queries.limits import QueryLimits
from subscriptions.queries.media_topics import MediaTopics
from subscriptions.queries.nodes import And, Field, Leaf, Node, Not, Or
from subscriptions.queries.operators import decided
from subscriptions.queries.symbols import OPERAND, OPERAND_BEHIND, STEM, Symbol, symbols


def tree(text: str, limits: QueryLimits, media_topics: MediaTopics) -> tuple[Node, str]:
    """Return the tree of `text` as written, and the language that it says to stem in. Raises `QueryError`."""
    if len(text) > limits.length:
        raise QueryError(
            text,
            limits.length,
            len(text) - limits.length,
            "the query goes on",
            expected=Saying(msgid("%(most)s characters at most"), most=limits.length),
        )
    return _Parser(text, decided(symbols(text)), limits, media_topics).query()


_STARTS = frozenset({"word", "quoted", "field", "(", "NOT", "+"})


class _Parser:
    """Reads symbols from left to right; how deep it calls itself is bounded by `limits.depth`."""

    def __init__(
        self, text: str, all_symbols: list[Symbol], limits: QueryLimits, media_topics: MediaTopics
    ) -> None:
        self._text = text
        self._symbols = all_symbols
        self._at = 0
        self._here = all_symbols[0]
        self._depth = 0
        self._limits = limits
        self._leaves = Leaves(text, limits, media_topics)

    def query(self) -> tuple[Node, str]:
        self._read_stem()
        if self._here.kind == "end":
            raise QueryError(self._text, 0, len(self._text), "there is nothing to look for", expected=OPERAND)
        node = self._any("")
        if self._at < len(self._symbols) - 1:
            raise self._unexpected(msgid('AND, OR or the end of the query; no "(" was opened'))
        return node, self._leaves.stem

    def _read_stem(self) -> None:
        if self._here.kind == "field" and self._here.text == STEM:
            self._take()
            self._leaves.read_stem(self._take())

    def _take(self) -> Symbol:
        taken = self._here
        if taken.kind != "end":
            self._at += 1
            self._here = self._symbols[self._at]
        return taken

    def _any(self, field: str) -> Node:
        operands = [self._all(field)]
        while self._here.kind == "OR":
            self._take()
            operands.append(self._all(field))
        return operands[0] if len(operands) == 1 else Or(tuple(operands), _around(operands))

    def _all(self, field: str) -> Node:
        operands = [self._part(field)]
        while self._here.kind == "AND" or self._here.kind in _STARTS:
            if self._here.kind == "AND":
                self._take()
            operands.append(self._part(field))
        return operands[0] if len(operands) == 1 else And(tuple(operands), _around(operands))

    def _part(self, field: str) -> Node:
        first = self._here
        if first.kind == "word":
            return self._operand(field)
        negate = False
        while self._here.kind in {"NOT", "+"}:
            negate ^= self._take().kind == "NOT"
        node = self._operand(field)
        return Not(node, (first.start, node.span[1])) if negate else node

    def _operand(self, field: str) -> Node:
        kind = self._here.kind
        if kind == "field":
            return self._field(field)
        if kind == "(":
            return self._group(field)
        if kind not in {"word", "quoted"}:
            raise self._unexpected(OPERAND)
        read = self._leaves.word if kind == "word" else self._leaves.quoted
        leaf = read(self._take(), field)
        return Field(field, leaf, leaf.span) if field and isinstance(leaf, Leaf) else leaf

    def _group(self, field: str) -> Node:
        opening = self._take()
        self._depth += 1
        if self._depth > self._limits.depth:
            expected = Saying(msgid("%(most)s parentheses in one another at most"), most=self._limits.depth)
            raise QueryError(self._text, opening.start, 1, 'at "("', expected=expected)
        node = self._any(field)
        if self._here.kind != ")":
            raise QueryError(
                self._text,
                opening.start,
                1,
                'after "("',
                expected=Saying(msgid("a %(sign)s that closes it"), sign='")"'),
            )
        self._take()
        self._depth -= 1
        return node

    def _field(self, outer: str) -> Node:
        name = self._take()
        if name.text == STEM:
            expected = msgid("it at the very beginning: it holds for the whole query")
            raise QueryError(self._text, name.start, len(STEM) + 1, f'at "{STEM}:"', expected=expected)
        if outer:
            found = f'at "{name.text}:" inside "{outer}:"'
            raise QueryError(
                self._text,
                name.start,
                name.end - name.start,
                found,
                expected=msgid('a word, a "phrase" or "(" without a field'),
            )
        here = self._here
        if here.start != name.end or here.kind not in {"word", "quoted", "("}:
            is_apart = here.kind in {"word", "quoted"}
            raise QueryError(
                self._text,
                name.end,
                1,
                f'after "{name.text}:"',
                expected=OPERAND_BEHIND,
                suggestion=f"{name.text}:{self._text[here.start : here.end]}" if is_apart else "",
            )
        if name.text == "urgency":
            return self._leaves.urgency(self._take(), name.start)
        node = self._operand(name.text)
        return Field(node.name, node.leaf, (name.start, node.span[1])) if isinstance(node, Field) else node

    def _unexpected(self, expected: str) -> QueryError:
        here = self._here
        is_end = here.kind == "end"
        found = f'after "{self._symbols[self._at - 1].text}"' if is_end else f'at "{here.text}"'
        return QueryError(self._text, here.start, here.end - here.start, found, expected=expected)


def _around(operands: list[Node]) -> tuple[int, int]:
    return operands[0].span[0], operands[-1].span[1]
