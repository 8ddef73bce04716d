"""Becomes PostgreSQL: drops root, asks the kernel to end it with its owner, and execs. Run as a script.

Arguments: owner's process id, user id or -1 to stay who we are, group id, then PostgreSQL's own command line.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Never returns."""
    owner, uid, gid = (int(value) for value in sys.argv[1:4])
    command = sys.argv[4:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After the change of user, which clears it. SIGINT is PostgreSQL's fast and clean stop.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() != owner:  # it died before the kernel was told
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - that is the point


if __name__ == "__main__":
    main()
