"""Runs a command and prints the largest sum of PSS of all its processes.

usage: memory.py [--limit-mb 400] [--interval 0.2] -- COMMAND …

One JSON object: seconds, peak_mb, peak by program. Exit status: the command's, or 1 over the limit.
"""
import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import descendants, pss_kb, role


def sample(pid):
    """Kilobytes by program."""
    sizes = Counter()
    for process in descendants(pid):
        sizes[role(process)] += pss_kb(process)
    return sizes


def watch(child, interval):
    """(peak kB, its parts, highest of each program) until the command ends."""
    peak, parts, highest = 0, Counter(), Counter()
    while child.poll() is None:
        sizes = sample(child.pid)
        for name, size in sizes.items():
            highest[name] = max(highest[name], size)
        if sum(sizes.values()) > peak:
            peak, parts = sum(sizes.values()), sizes
        time.sleep(interval)
    return peak, parts, highest


def megabytes(sizes):
    return {name: round(size / 1024, 1) for name, size in sorted(sizes.items()) if size}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--limit-mb', type=float)
    parser.add_argument('--interval', type=float, default=0.2)
    parser.add_argument('command', nargs=argparse.REMAINDER)
    given = parser.parse_args()
    command = given.command[1:] if given.command[:1] == ['--'] else given.command
    if not command:
        parser.error('no command')
    start = time.monotonic()
    with subprocess.Popen(command, stdout=sys.stderr) as child:
        peak, parts, highest = watch(child, given.interval)
    print(json.dumps({'seconds': round(time.monotonic() - start, 1),
                      'peak_mb': round(peak / 1024, 1), 'at_peak': megabytes(parts),
                      'highest': megabytes(highest), 'status': child.returncode}))
    over = given.limit_mb is not None and peak / 1024 > given.limit_mb
    sys.exit(child.returncode or (1 if over else 0))


if __name__ == '__main__':
    main()
