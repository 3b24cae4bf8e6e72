"""Send through plain Apprise to the schemes given as arguments; write a line of JSON for each.

Run as a process of its own, in which the seam was never installed.
"""

import sys

from tests.channels.sending import send_plainly
from tests.channels.sent import sent_by

if __name__ == "__main__":
    for sent in sent_by(send_plainly, sys.argv[1:]):
        sys.stdout.write(sent.write() + "\n")
