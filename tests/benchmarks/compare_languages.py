"""Print how many rows of other languages' tests agree with ours, and why the rest differs.

TOCSIN_CORPUS=... python -m tests.benchmarks.compare_languages
"""

from tests.corpus import CORPUS
from tests.other_languages.collections import COLLECTIONS
from tests.other_languages.verdicts import table


def main() -> None:
    """Print a line for each collection and one for each reason."""
    if not CORPUS.is_dir():
        print("Set TOCSIN_CORPUS to the folder of test collections.")
        return
    for name, (read, _) in COLLECTIONS.items():
        agreed, wrong, reasons = table(read())
        print(f"{name:<44} {agreed:>4} agree {reasons.total():>4} listed {wrong:>4} wrong")
        for reason, count in reasons.most_common():
            print(f"    {count:>4} {reason}")


if __name__ == "__main__":
    main()
