"""Where one word stands in a text, as places and as masks of them."""

from collections.abc import Sequence
from functools import cached_property

from subscriptions.queries.article import Place
from subscriptions.queries.masks import EVERYWHERE, any_of, mask_of, positions_in


class Spots:
    """The places of a word; several may begin or end at one position."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = places

    @cached_property
    def starts(self) -> dict[int, int]:
        """Masks of where places begin, by their widths."""
        by_width: dict[int, list[int]] = {}
        for place in self.places:
            by_width.setdefault(place.after - place.position, []).append(place.position)
        return {width: mask_of(positions) for width, positions in by_width.items()}

    @property
    def widest(self) -> int:
        """How many positions a place spans at most."""
        return max(self.starts, default=0)

    @cached_property
    def ends(self) -> int:
        """The mask of positions behind the places."""
        return self.behind(EVERYWHERE)

    def behind(self, mask: int) -> int:
        """Return the mask of positions behind the places that begin where `mask` says."""
        return any_of((mask & starts) << width for width, starts in self.starts.items())

    def before(self, mask: int) -> int:
        """Return the mask of where the places begin that end where `mask` says."""
        return any_of((mask >> width) & starts for width, starts in self.starts.items())

    def ending(self, mask: int) -> list[Place]:
        """Return the places that end where `mask` says."""
        return [place for end in positions_in(self.ends & mask) for place in self._by_end[end]]

    @cached_property
    def _by_end(self) -> dict[int, list[Place]]:
        found: dict[int, list[Place]] = {}
        for place in self.places:
            found.setdefault(place.after, []).append(place)
        return found
